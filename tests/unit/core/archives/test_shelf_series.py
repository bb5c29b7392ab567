from __future__ import annotations

import shutil

import pytest

from core.archives.shelf import archive_shelf
from core.archives.source import go_on
from core.compare.series import SeriesCache
from core.errors import Cancelled, RunNotFound
from core.runs.tfevents import EventWriter
from core.scratch import Scratch
from tests.support.archives import FORMS
from tests.support.runs import make_run

RUN, BARE = "a" * 32, "b" * 32
KEYS = ["loss", "train#acc", "gone"]


@pytest.fixture
def runs(tmp_path):
    runs = tmp_path / "runs"
    run = make_run(runs, RUN)
    write(run, 1, [("loss", 0.5), ("acc", 1)])
    write(run / "train", 1, [("acc", 0.25)])
    make_run(runs, BARE)
    return runs


@pytest.fixture
def place(tmp_path):
    return tmp_path / "scratch"


@pytest.fixture
def open_shelf(tmp_path, place):
    scratch = Scratch(place)
    opened = []

    def open_(path):
        shelf = archive_shelf(path, scratch)
        list(shelf.read(go_on))
        opened.append(shelf)
        return shelf

    yield open_
    for shelf in opened:
        shelf.close()
    scratch.close()


def write(directory, number, scalars):
    directory.mkdir(exist_ok=True)
    with EventWriter(str(directory / f"events.out.tfevents.{number}.box")) as writer:
        for step in range(4):
            writer.add(step, scalars)


def copies(place):
    return [path for path in place.rglob("*") if "tfevents" in path.name]


@pytest.mark.parametrize("form", FORMS)
def test_series_of_packed_runs_are_those_of_their_directories(runs, tmp_path, form, open_shelf):
    shelf = open_shelf(FORMS[form](runs, tmp_path))

    found = shelf.series(RUN, KEYS, go_on)

    assert found == SeriesCache().read(runs / RUN, KEYS)
    assert sorted(found) == ["loss", "train#acc"]


def test_a_run_without_event_files_has_no_series(runs, tmp_path, open_shelf):
    shelf = open_shelf(FORMS["zip"](runs, tmp_path))

    assert shelf.series(BARE, KEYS, go_on) == {}


def test_no_copy_stays_and_what_was_read_is_not_read_again(runs, tmp_path, place, open_shelf):
    shelf = open_shelf(FORMS["zip"](runs, tmp_path))

    first = shelf.series(RUN, KEYS, go_on)
    again = shelf.series(RUN, ["loss"], go_on)

    assert copies(place) == []
    assert again["loss"] is first["loss"]


def test_an_archive_that_is_written_anew_is_read_anew(runs, tmp_path, open_shelf):
    shelf = open_shelf(FORMS["zip"](runs, tmp_path))
    before = shelf.series(RUN, ["loss"], go_on)
    write(runs / RUN, 2, [("loss", 7.0)])
    (tmp_path / "anew").mkdir()
    shutil.move(FORMS["zip"](runs, tmp_path / "anew"), shelf.file)
    list(shelf.read(go_on))

    after = shelf.series(RUN, ["loss"], go_on)

    assert len(before["loss"].values) == 4
    assert list(after["loss"].values) == [0.5] * 4 + [7.0] * 4


def test_a_reading_that_is_stopped_leaves_no_copy_and_can_be_made_again(
    runs, tmp_path, place, open_shelf
):
    shelf = open_shelf(FORMS["zip"](runs, tmp_path))
    asked = iter(range(100))

    def stop():
        if next(asked) == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        shelf.series(RUN, ["loss"], stop)

    assert copies(place) == []
    assert len(shelf.series(RUN, ["loss"], go_on)["loss"].values) == 4


def test_a_run_that_is_not_there_any_more_is_told(runs, tmp_path, open_shelf):
    shelf = open_shelf(FORMS["zip"](runs, tmp_path))

    with pytest.raises(RunNotFound):
        shelf.series("c" * 32, ["loss"], go_on)
