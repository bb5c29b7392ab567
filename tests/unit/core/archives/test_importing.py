"""Runs arrive from directories, homes, zips and tars: planned, verified, whole, or not at all."""

import os
import subprocess
import zipfile
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from core.archives.checksums import NAME as RECORD
from core.archives.export import ExportOptions, export_runs
from core.archives.importing import import_runs
from core.archives.incoming import finish
from core.archives.plan import plan_import
from core.archives.source import open_source
from core.errors import ArchiveError, Cancelled
from core.home import Home
from tests.support.runs import make_run
from tests.support.trees import tree

FORMS = ["directory", "zip", "tar.gz", "tar.zst"]
A, B, C = ("a" * 32, "b" * 32, "c" * 32)


@pytest.fixture
def there(tmp_path) -> Home:
    """A batch and its two trials, with odd names, modes and links."""
    home = Home(tmp_path / "there")
    comment = "- body: from there\n  host: h\n  time: 5\n  user: u"
    for run_id in (B, C):
        attrs = {"id": run_id, "exit_status": "0", "tags": "- far", "comments": comment}
        make_run(home.runs_dir, run_id, attrs=attrs, files={"data.bin": os.urandom(5000)})
    batch = make_run(home.runs_dir, A, attrs={"id": A, "label": "a batch"}, files={"empty": b""})
    make_run(batch / ".guild", "proto")
    (batch / os.fsdecode(b"caf\xe9 \xff")).write_bytes(b"bytes")
    (batch / "Überblick\n.txt").write_text("text")
    (batch / "none").mkdir()
    (batch / "tool.sh").write_text("#!/bin/sh\n")
    (batch / "tool.sh").chmod(0o750)
    for name, target in ((B, f"../{B}"), (C, f"../{C}"), ("again", "tool.sh"), ("dead", "gone")):
        (batch / name).symlink_to(target)
    return home


@pytest.fixture
def here(tmp_path) -> Home:
    home = Home(tmp_path / "here")
    home.runs_dir.mkdir(parents=True)
    return home


@contextmanager
def planned(home: Home, *paths: Path):
    """The plan of an import, its sources open."""
    with ExitStack() as closing:
        sources = [open_source(path) for path in paths]
        for source in sources:
            closing.callback(source.close)
        yield plan_import(home, sources)


def packed(there: Home, tmp_path: Path, form: str, ids=(A, B, C)) -> Path:
    path = tmp_path / ("out" if form == "directory" else f"out.{form}")
    outcome = export_runs(there, ids, path, ExportOptions())
    assert outcome.exported == tuple(ids)
    return path


def brought(home: Home, *paths: Path, choices="mine", **options):
    with planned(home, *paths) as plan:
        return import_runs(home, plan, choices, **options)


def verdicts(home: Home, path: Path) -> dict[str, str]:
    with planned(home, path) as plan:
        return {item.run.id: item.verdict for item in plan.items}


def names(home: Home) -> list[str]:
    return [path.name for path in home.runs_dir.iterdir()]


def assert_clean(home: Home) -> None:
    assert not (home.path / "incoming").exists()
    assert not (home.runs_dir / ".rundesk").exists()


@pytest.mark.parametrize("form", [*FORMS, "home"])
def test_runs_come_back_as_they_left(there, here, tmp_path, form):
    path = there.path if form == "home" else packed(there, tmp_path, form)

    outcome = brought(here, path)

    assert outcome.refused == ()
    assert sorted(outcome.imported) == [A, B, C]
    times = form != "zip"
    assert tree(here.runs_dir, times=times) == tree(there.runs_dir, times=times)
    assert_clean(here)


@pytest.mark.parametrize("form", [*FORMS, "home"])
def test_a_plan_says_new_same_and_conflict(there, here, tmp_path, form):
    path = there.path if form == "home" else packed(there, tmp_path, form)
    brought(here, path, ids=[B, C])
    (here.runs_dir / C / "data.bin").write_bytes(b"x" * 5000)
    (here.runs_dir / C / ".guild" / "attrs" / "label").write_text("mine\n")
    before = tree(here.path)

    with planned(here, path) as plan:
        found = {item.run.id: item for item in plan.items}

    assert {run_id: item.verdict for run_id, item in found.items()} == {
        A: "new",
        B: "same",
        C: "conflict",
    }
    assert found[C].differs == ("label", "data.bin")
    assert found[A].run.label == "a batch"
    assert found[B].size > 5000
    assert found[B].files == 6
    assert tree(here.path) == before


def test_the_environment_is_no_difference(there, here, tmp_path):
    (there.runs_dir / B / ".guild" / "attrs" / "env").write_text("A: b\n")
    path = packed(there, tmp_path, "zip", [B])
    brought(here, path)

    assert verdicts(there, path) == {B: "same"}
    assert verdicts(here, there.path)[B] == "same"


@pytest.mark.parametrize("form", FORMS)
def test_a_conflict_can_be_left_taken_merged_or_kept_beside(there, here, tmp_path, form):
    path = packed(there, tmp_path, form, [B])
    mine = make_run(
        here.runs_dir,
        B,
        attrs={"label": "mine", "tags": "- near", "comments": "- body: here\n  time: 3"},
    )
    before = tree(here.runs_dir)

    assert brought(here, path).skipped == (B,)
    assert tree(here.runs_dir) == before

    both = brought(here, path, choices={B: "both"})
    new = here.runs_dir / both.renamed[B]
    assert (new / "data.bin").read_bytes() == (there.runs_dir / B / "data.bin").read_bytes()
    assert (new / ".guild" / "attrs" / "id").read_text() == f"{new.name}\n"
    assert tree(mine) == {name[33:]: at for name, at in before.items() if name.startswith(f"{B}/")}

    assert brought(here, path, choices="merge").merged == (B,)
    attrs = mine / ".guild" / "attrs"
    assert (attrs / "label").read_text() == "mine\n"
    assert (attrs / "tags").read_text() == "- far\n- near\n"
    assert [line for line in (attrs / "comments").read_text().splitlines() if "body" in line] == [
        "- body: here",
        "- body: from there",
    ]
    again = brought(here, path, choices="merge")
    assert (again.complete, again.skipped) == ((B,), ())

    assert brought(here, path, choices="theirs").replaced == (B,)
    assert verdicts(here, path) == {B: "same"}
    assert (here.trash_dir / B / ".guild" / "attrs" / "label").read_text() == "mine\n"
    assert_clean(here)


@pytest.mark.parametrize("form", FORMS)
def test_a_file_that_is_not_what_was_exported_is_named(there, here, tmp_path, form):
    path = packed(there, tmp_path, form, [B, C])
    spoil(path, f"{B}/data.bin", tmp_path)

    outcome = brought(here, path)

    assert outcome.imported == (C,)
    assert [each.run_id for each in outcome.refused] == [B]
    assert "data.bin is not what was exported" in outcome.refused[0].reason
    assert names(here) == [C]
    assert_clean(here)


def spoil(path: Path, name: str, tmp_path: Path) -> None:
    """Change a file of an export as an editor would, the archive staying sound."""
    if path.is_dir():
        (path / name).write_bytes(b"y" * 5000)
        return
    work = tmp_path / "work"
    work.mkdir()
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(work / "new.zip", "w") as new:
            for info in old.infolist():
                new.writestr(info, b"y" * 5000 if info.filename == name else old.read(info))
        (work / "new.zip").replace(path)
        return
    subprocess.run(["tar", "-xaf", path, "-C", work], check=True)
    (work / name).write_bytes(b"y" * 5000)
    subprocess.run(["tar", "-caf", path, "-C", work, "."], check=True)


@pytest.mark.parametrize("form", ["zip", "tar.gz", "tar.zst"])
def test_an_archive_that_was_cut_gives_no_half_run(there, here, tmp_path, form):
    path = packed(there, tmp_path, form)
    with planned(here, path) as plan:
        os.truncate(path, path.stat().st_size // 2)

        outcome = import_runs(here, plan)

    assert outcome.refused
    assert sorted(names(here)) == sorted(outcome.imported)
    for run_id in outcome.imported:
        mine, theirs = here.runs_dir / run_id, there.runs_dir / run_id
        assert tree(mine, times=False) == tree(theirs, times=False)
    assert_clean(here)


@pytest.mark.parametrize("form", FORMS)
def test_a_cancelled_import_leaves_whole_runs_only(there, here, tmp_path, form):
    path = packed(there, tmp_path, form)

    def advance(amount):
        if amount:
            raise Cancelled

    outcome = brought(here, path, advance=advance)

    assert outcome.cancelled
    assert len(outcome.imported) < 3
    assert sorted(names(here)) == sorted(outcome.imported)
    assert_clean(here)


def test_progress_is_the_bytes_of_the_files(there, here, tmp_path):
    path, seen = packed(there, tmp_path, "zip", [B, C]), []

    outcome = brought(here, path, advance=seen.append)

    assert sum(seen) == outcome.bytes > 10_000


@pytest.mark.parametrize("form", ["directory", "home"])
def test_a_move_removes_the_runs_there(there, here, tmp_path, form):
    path = there.path if form == "home" else packed(there, tmp_path, form)

    outcome = brought(here, path, ids=[B, C], move=True)

    assert sorted(outcome.removed) == [B, C]
    assert verdicts(here, path) == {A: "new"}


def test_a_move_leaves_what_could_not_arrive_whole(there, here, tmp_path):
    (there.runs_dir / B / "set").symlink_to(tmp_path)

    outcome = brought(here, there.path, ids=[B, C], move=True)

    assert outcome.removed == (C,)
    assert "not all of it could be imported" in outcome.refused[0].reason
    assert any("set" in remark for remark in outcome.remarks)
    assert (there.runs_dir / B / "set").is_symlink()


def test_runs_cannot_be_moved_out_of_an_archive(there, here, tmp_path):
    path = packed(there, tmp_path, "zip", [B])

    with pytest.raises(ArchiveError, match="cannot be moved"):
        brought(here, path, move=True)

    assert names(here) == []


def test_a_run_of_two_sources_is_taken_from_the_first(there, here, tmp_path):
    first = packed(there, tmp_path, "zip", [B])

    with planned(here, first, there.path) as plan:
        outcome = import_runs(here, plan)

    assert sorted(outcome.imported) == [A, B, C]
    assert outcome.refused == ()
    assert [item.run.id for item in plan.items if item.is_twice] == [B]


def test_a_home_is_the_same_as_itself(there):
    before = tree(there.path)

    outcome = brought(there, there.path, move=True)

    assert sorted(outcome.skipped) == [A, B, C]
    assert tree(there.path) == before


def test_a_lock_does_not_arrive(there, here):
    (there.runs_dir / B / ".guild" / "LOCK").write_text("1")

    brought(here, there.path, ids=[B])

    assert not (here.runs_dir / B / ".guild" / "LOCK").exists()


def test_a_stale_record_that_guild_left_in_a_home_does_not_matter(there, here):
    (there.runs_dir / B / RECORD).write_text("0" * 64 + "  data.bin\n")

    outcome = brought(here, there.path, ids=[B])

    assert outcome.imported == (B,)
    assert not (here.runs_dir / B / RECORD).exists()


def test_a_running_run_is_not_replaced(there, here, tmp_path):
    path = packed(there, tmp_path, "zip", [B])
    mine = make_run(here.runs_dir, B, attrs={"label": "mine"})
    process = subprocess.Popen(["sleep", "60"], cwd=mine)
    try:
        (mine / ".guild" / "LOCK").write_text(str(process.pid))
        before = tree(here.path)

        outcome = brought(here, path, choices="theirs")
    finally:
        process.kill()
        process.wait()

    assert [each.kind for each in outcome.refused] == ["running"]
    assert tree(here.path) == before


def test_what_a_killed_import_left_is_removed_or_finished_and_said(here):
    area = here.path / "incoming" / "import-abcdefgh"
    make_run(area / "part", A, files={"big": b"x" * 2000})
    make_run(area / "swap", B)
    make_run(area / "swap", C)
    make_run(here.runs_dir, C, attrs={"label": "old"})

    said = finish(here)

    assert sorted(names(here)) == [B, C]
    assert (here.runs_dir / C / ".guild" / "attrs" / "label").read_text() == "old\n"
    assert said[0] == "An interrupted import was finished: 1 run (bbbbbbbb)."
    assert "were removed" in said[1]
    assert_clean(here)
    assert finish(here) == ()


def test_a_living_import_is_left_alone(there, here, tmp_path):
    path = packed(there, tmp_path, "zip")

    def advance(_amount):
        assert finish(here) == ()

    assert sorted(brought(here, path, advance=advance).imported) == [A, B, C]
