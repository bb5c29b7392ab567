"""Full disks, closed directories, sources that vanish: a sentence, and nothing is destroyed."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

import pytest

from core.archives.export import ExportOptions, export_runs
from core.archives.importing import import_runs
from core.archives.plan import plan_import
from core.archives.source import open_source
from core.errors import ArchiveError
from core.home import Home
from tests.support.runs import make_run
from tests.support.trees import tree

FORMS = ["directory", "zip", "tar.gz", "tar.zst"]
ARCHIVES = FORMS[1:]
A, B = "a" * 32, "b" * 32


@pytest.fixture
def home(tmp_path) -> Home:
    """A small run and one of 3 MB that nothing makes smaller."""
    home = Home(tmp_path / "home")
    make_run(home.runs_dir, A, files={"data": b"small"})
    make_run(home.runs_dir, B, files={"data": os.urandom(3 << 20)})
    return home


def export(home: Home, path: Path, form: str, ids=(A, B), **more):
    return export_runs(home, ids, path, ExportOptions(format=form), **more)


@pytest.mark.parametrize("form", ARCHIVES)
def test_a_full_disk_keeps_the_old_archive_and_nothing_of_the_new(home, make_disk, tmp_path, form):
    disk = make_disk(tmp_path / "disk", size="2m")
    path = disk / f"x.{form}"
    export(home, path, form, [A])
    before = tree(disk)

    with pytest.raises(ArchiveError, match=r"Cannot write .*[Nn]o space left"):
        export(home, path, form)

    assert tree(disk) == before
    assert not (home.path / "incoming").exists()


def test_a_full_disk_refuses_a_run_of_a_directory_and_keeps_the_others(home, make_disk, tmp_path):
    disk = make_disk(tmp_path / "disk", size="2m")

    outcome = export(home, disk / "out", "directory")

    assert outcome.exported == (A,)
    assert [(each.run_id, each.kind) for each in outcome.refused] == [(B, "full")]
    assert {path.name for path in (disk / "out").iterdir()} == {A, ".guild-nocopy"}


@pytest.mark.parametrize("form", FORMS)
def test_an_import_onto_a_full_disk_is_refused_before_anything_is_written(
    home, make_disk, tmp_path, form
):
    path = tmp_path / f"x.{form}"
    export(home, path, form)
    small = Home(make_disk(tmp_path / "disk", size="2m"))

    with closing(open_source(path)) as source:
        plan = plan_import(small, [source])
        with pytest.raises(ArchiveError, match=r"3.1 MB, and .* has .* left"):
            import_runs(small, plan)
        outcome = import_runs(small, plan, ids=[A])

    assert outcome.imported == (A,)
    assert [path.name for path in small.path.iterdir()] == ["runs"]


@pytest.mark.parametrize("form", FORMS)
def test_a_disk_that_fills_meanwhile_costs_one_run_and_leaves_nothing(
    home, make_disk, tmp_path, form
):
    path = tmp_path / f"x.{form}"
    export(home, path, form)
    small = Home(make_disk(tmp_path / "disk", size="5m"))

    def advance(amount):
        if not (small.path / "other").exists():
            (small.path / "other").write_bytes(b"x" * (3 << 20))

    with closing(open_source(path)) as source:
        outcome = import_runs(small, plan_import(small, [source]), advance=advance)

    assert [(each.run_id, each.kind) for each in outcome.refused] in ([(B, "full")], [])
    if outcome.refused:
        assert outcome.imported == (A,)
    assert {entry.name for entry in small.path.iterdir()} == {"runs", "other"}
    assert {entry.name for entry in small.runs_dir.iterdir()} == set(outcome.imported)


@pytest.mark.parametrize("form", FORMS)
def test_a_directory_that_may_not_be_written_is_refused(home, as_ordinary_user, open_dir, form):
    shutil.copytree(home.path, open_dir / "home")
    closed = open_dir / "closed"
    closed.mkdir(mode=0o555)

    with as_ordinary_user(), pytest.raises(ArchiveError, match=r"[Pp]ermission denied"):
        export(Home(open_dir / "home"), closed / f"x.{form}", form)

    assert list(closed.iterdir()) == []


def test_a_home_that_may_not_be_written_takes_no_runs_but_gives_them(
    home, as_ordinary_user, open_dir
):
    shutil.copytree(home.path, open_dir / "home")
    (open_dir / "home").chmod(0o555)
    (open_dir / "free").mkdir()
    (open_dir / "free").chmod(0o777)
    closed = Home(open_dir / "home")

    with as_ordinary_user():
        outcome = export(closed, open_dir / "free" / "x.zip", "zip", [A])
        with closing(open_source(open_dir / "free" / "x.zip")) as source:
            shown = plan_import(Home(open_dir / "home" / "other"), [source])

    assert outcome.exported == (A,)
    assert [item.verdict for item in shown.items] == ["new"]


def test_a_run_that_may_not_be_read_is_refused(home, as_ordinary_user, open_dir):
    shutil.copytree(home.path, open_dir / "home")
    (open_dir / "home" / "runs" / B / "data").chmod(0)
    (open_dir / "free").mkdir()
    (open_dir / "free").chmod(0o777)

    with as_ordinary_user():
        outcome = export(Home(open_dir / "home"), open_dir / "free" / "x.zip", "zip")

    assert outcome.exported == (A,)
    assert [(each.run_id, each.kind) for each in outcome.refused] == [(B, "denied")]


@pytest.mark.parametrize("form", FORMS)
def test_a_run_that_is_deleted_meanwhile_is_refused_and_the_others_go(home, tmp_path, form):
    path = tmp_path / f"x.{form}"

    def advance(amount):
        if (home.runs_dir / B).exists():
            shutil.rmtree(home.runs_dir / B)

    outcome = export(home, path, form, [B, A], advance=advance)

    assert outcome.exported == (A,)
    assert [(each.run_id, each.kind) for each in outcome.refused] == [(B, "gone")]
    with closing(open_source(path)) as source:
        assert source.ids() == [A]


@pytest.mark.parametrize("form", ARCHIVES)
def test_an_archive_that_another_program_replaces_meanwhile_is_not_overwritten(
    home, tmp_path, form
):
    path = tmp_path / f"x.{form}"
    export(home, path, form, [A])

    def advance(amount):
        path.unlink()
        path.write_bytes(b"somebody else's")

    with pytest.raises(ArchiveError, match="another program changed it"):
        export(home, path, form, [B], advance=advance)

    assert path.read_bytes() == b"somebody else's"


@pytest.mark.parametrize("form", ARCHIVES)
def test_an_archive_that_vanishes_meanwhile_is_still_read(home, tmp_path, form):
    path = tmp_path / f"x.{form}"
    export(home, path, form)
    other = Home(tmp_path / "other")
    other.path.mkdir()

    with closing(open_source(path)) as source:
        plan = plan_import(other, [source])
        path.unlink()
        outcome = import_runs(other, plan)

    assert sorted([*outcome.imported, *(each.run_id for each in outcome.refused)]) == [A, B]
    for run_id in outcome.imported:
        assert tree(other.runs_dir / run_id) == tree(home.runs_dir / run_id) or form == "zip"


@pytest.mark.parametrize("form", ARCHIVES)
def test_two_exports_to_one_archive_do_not_lose_runs(home, tmp_path, form):
    path = tmp_path / f"x.{form}"
    export(home, path, form, [A])
    refused = []

    def advance(amount):
        if not refused:
            with pytest.raises(ArchiveError, match="another process is just doing that") as caught:
                export(home, path, form, [B])
            refused.append(caught.value)

    outcome = export(home, path, form, [A, B], advance=advance)

    assert outcome.exported == (B,)
    assert refused
    with closing(open_source(path)) as source:
        assert sorted(source.ids()) == [A, B]
