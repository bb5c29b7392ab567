from __future__ import annotations

from contextlib import closing

import pytest

from core.archives.shelf_series import ShelfSeries
from core.archives.source import open_source
from core.check import go_on
from core.compare.series import SeriesCache
from core.errors import ArchiveError, Cancelled
from core.runs.tfevents import EventWriter
from core.scratch import Scratch
from tests.support.archives import FORMS
from tests.support.runs import make_run

A = "a" * 32


def write(run_dir, *values):
    """Write the values of a scalar, one a step, in place of those before."""
    path = run_dir / ".guild" / "events.out.tfevents.1"
    path.unlink(missing_ok=True)
    with EventWriter(str(path)) as writer:
        for step, value in enumerate(values):
            writer.add(step, [("loss", value)], wall_time=0.0)


@pytest.fixture
def exported(tmp_path):
    """A run in a directory of runs."""
    run_dir = make_run(tmp_path / "runs", A)
    write(run_dir, 3.0, 2.0, 1.0)
    return run_dir


@pytest.fixture
def scratch(tmp_path):
    scratch = Scratch(tmp_path / "scratch")
    yield scratch
    scratch.close()


@pytest.fixture
def series(scratch):
    return ShelfSeries(scratch)


def test_every_step_is_what_a_reader_of_the_directory_finds(exported, series, tmp_path):
    with closing(open_source(tmp_path / "runs")) as source:
        found = series.read(source, A, ["loss", "no such"], go_on)

    assert found == SeriesCache().read(exported, ["loss"], check=go_on)
    assert list(found["loss"].values) == [3.0, 2.0, 1.0]


def test_what_was_copied_is_gone_afterwards_also_when_it_is_stopped(
    exported, series, scratch, tmp_path
):
    def stop():
        raise Cancelled

    with closing(open_source(tmp_path / "runs")) as source:
        series.read(source, A, ["loss"], go_on)
        with pytest.raises(Cancelled):
            ShelfSeries(scratch).read(source, A, ["loss"], stop)

    assert list((tmp_path / "scratch").rglob("*tfevents*")) == []


def test_what_is_known_is_not_read_again_until_its_files_change(exported, series, tmp_path):
    with closing(open_source(tmp_path / "runs")) as source:
        first = series.read(source, A, ["loss"], go_on)["loss"]
        assert series.read(source, A, ["loss"], go_on)["loss"] is first

    write(exported, 3.0, 2.0, 1.0, 0.5)
    with closing(open_source(tmp_path / "runs")) as source:
        again = series.read(source, A, ["loss"], go_on)["loss"]

    assert list(again.values) == [3.0, 2.0, 1.0, 0.5]


@pytest.mark.parametrize("form", FORMS)
def test_of_packed_runs_too_whatever_the_archive(exported, series, tmp_path, form):
    with closing(open_source(FORMS[form](tmp_path / "runs", tmp_path))) as source:
        found = series.read(source, A, ["loss"], go_on)

    assert list(found["loss"].values) == [3.0, 2.0, 1.0]


def test_a_run_without_event_files_has_none_and_one_that_is_gone_is_told(
    exported, series, tmp_path
):
    make_run(tmp_path / "runs", "b" * 32)
    with closing(open_source(tmp_path / "runs")) as source:
        assert series.read(source, "b" * 32, ["loss"], go_on) == {}
        with pytest.raises(ArchiveError, match="no such file"):
            series.read(source, "c" * 32, ["loss"], go_on)
