"""Runs with very many files, listed on the disk: brought as all others, in little memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tracemalloc
import zipfile
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.archives.archive_files import iter_archived_files, list_archived_directory
from core.archives.archive_scalars import read_scalars
from core.archives.entries import ArchiveEntry, sort_out
from core.archives.export import ExportOptions, export_runs
from core.archives.importing import import_runs
from core.archives.large_run import LargeRun, file_bytes, sort_out_many
from core.archives.many_names import ManyNames
from core.archives.plan import plan_import
from core.archives.run_copies import RunCopies
from core.archives.source import open_source
from core.archives.zip_source import ZipSource
from core.errors import ArchiveError, Cancelled
from core.home import Home
from core.scratch import Scratch
from tests.support.archives import tar_bytes
from tests.support.plotted import write_events
from tests.support.runs import make_run
from tests.support.trees import tree

ID = "a" * 32
FORMS = ("x.zip", "x.tar.zst", "x.tar.gz", "x")

names = st.text("aAé/.\\:", min_size=1, max_size=6)
kinds = st.sampled_from(("file", "dir", "link", "other"))
entries = st.builds(ArchiveEntry, names, kinds, st.integers(0, 1 << 70), target=names)


@pytest.fixture
def large(monkeypatch):
    """Let every run be a large one."""
    monkeypatch.setattr("core.archives.zip_source._LARGE_LIST", 0)
    monkeypatch.setattr("core.archives.tar_source.MANY", 0)
    monkeypatch.setattr("core.archives.directory_source.MANY", 0)
    monkeypatch.setattr("core.archives.tree_items.MANY", 0)
    monkeypatch.setattr("core.archives.archive_target.MANY", 0)
    monkeypatch.setattr("core.archives.archive_target._LARGE", 10)
    monkeypatch.setattr("core.archives.quick_run._MOST_ITEMS", 3)


@pytest.fixture
def home(tmp_path) -> Home:
    return Home(tmp_path / "home")


def exported(home: Home, dest: Path, *, parents: bool = False) -> Path:
    dest.parent.mkdir(parents=parents, exist_ok=True)
    files = {f"d{n % 3}/f{n}": str(n) for n in range(30)} | {"odd\nname": "x", "Öl": "", "big": "b"}
    run = make_run(home.runs_dir, ID, attrs={"label": "many", "flags": "a: 1"}, files=files)
    (run / "d0" / "link").symlink_to("f0")
    (run / "run").symlink_to("../" + "b" * 32)
    (run / "empty").mkdir()
    export_runs(home, [ID], dest, ExportOptions())
    return dest


@given(st.lists(entries, max_size=7))
def test_what_is_sorted_out_on_the_disk_is_what_is_in_memory(listed):
    try:
        wanted = sort_out(listed)
    except ArchiveError:
        with pytest.raises(ArchiveError):
            sort_out_many(lambda _: ((e, n) for n, e in enumerate(listed)), lambda: None)
        return

    found = sort_out_many(lambda _: ((e, n) for n, e in enumerate(listed)), lambda: None)

    of_names = {entry.name.strip("/"): entry for entry in wanted.entries}
    assert len(found.entries) == len(of_names)
    assert {entry.kind for entry in found.entries} == {entry.kind for entry in wanted.entries}
    assert sorted(map(len, found.remarks)) == sorted(map(len, wanted.remarks))


@pytest.mark.parametrize(
    "gone", [ArchiveEntry("a", "link", target="/b"), ArchiveEntry("a", "other")]
)
@pytest.mark.parametrize("name", ["a", "a/x", "A/deep/x"])
def test_what_is_left_out_keeps_its_name_in_memory_and_on_the_disk(gone, name):
    for listed in ([gone, ArchiveEntry(name, "file")], [ArchiveEntry(name, "file"), gone]):
        with pytest.raises(ArchiveError, match=r"occurs twice|written through") as small:
            sort_out(listed)
        with pytest.raises(ArchiveError) as large:
            sort_out_many(lambda _, o=listed: ((e, n) for n, e in enumerate(o)), lambda: None)
        assert str(large.value) == str(small.value)

    found = sort_out_many(lambda _: [(gone, 0), (ArchiveEntry("b", "file"), 1)], lambda: None)
    assert [entry.name for entry in found.entries] == ["b"]
    assert len(found.entries) == 1


@pytest.mark.parametrize("form", FORMS)
def test_a_large_run_arrives_as_any_other(form, home, tmp_path, request):
    path = exported(home, tmp_path / form)
    usual, other = Home(tmp_path / "usual"), Home(tmp_path / "other")
    outcome = _imported(usual, path)

    request.getfixturevalue("large")
    again = _imported(other, path)

    assert (
        (again.imported, again.bytes) == (outcome.imported, outcome.bytes) == ((ID,), again.bytes)
    )
    has_times = form != "x.zip"  # links get the time of their making
    assert tree(other.runs_dir, times=has_times) == tree(usual.runs_dir, times=has_times)


@pytest.mark.parametrize("form", FORMS)
def test_a_large_run_is_compared_with_the_one_here(form, home, tmp_path, large):
    path = exported(home, tmp_path / form)
    assert _planned(home, path).verdict == "same"
    run = home.runs_dir / ID
    (run / ".guild" / "attrs" / "label").write_text("other")
    (run / "big").write_text("c")
    (run / "d1" / "f1").unlink()
    (run / "mine").write_text("only here")

    item = _planned(home, path)

    assert item.verdict == "conflict"
    assert item.differs == ("label", "big", "d1/f1", "mine")


def test_what_is_too_much_to_be_named_is_counted(home, tmp_path, large, monkeypatch):
    path = exported(home, tmp_path / "x.zip")
    monkeypatch.setattr("core.archives.plan.MOST_NAMED", 10)
    for file in (home.runs_dir / ID).glob("d*/f*"):
        file.write_text("something else")

    item = _planned(home, path)

    assert len(item.differs) == 10
    assert item.further == 20


@pytest.mark.parametrize("form", ["x.zip", "x"])
def test_a_file_of_a_large_run_that_is_not_what_was_exported_is_named(form, home, tmp_path, large):
    path = exported(home, tmp_path / form)
    _change(path, "d1/f4")

    outcome = _imported(Home(tmp_path / "other"), path)

    assert [refusal.reason for refusal in outcome.refused] == [
        "Run aaaaaaaa cannot be imported: d1/f4 is not what was exported (its checksum differs)."
    ]
    assert not (tmp_path / "other" / "runs" / ID).exists()


def test_hard_links_of_a_large_run_become_files(home, tmp_path, large):
    run = make_run(home.runs_dir, ID, files={"one": "content"})
    os.link(run / "one", run / "two")
    path = tmp_path / "x.tar"
    path.write_bytes(tar_bytes(home.runs_dir))

    outcome = _imported(Home(tmp_path / "other"), path)

    assert outcome.imported == (ID,)
    assert (tmp_path / "other" / "runs" / ID / "two").read_text() == "content"


@pytest.mark.parametrize("form", ["x.zip", "x.tar.zst", "x"])
def test_listing_a_large_run_can_be_cancelled(form, home, tmp_path, large):
    source = open_source(exported(home, tmp_path / form))

    def check() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        source.entries(ID, check)
    source.close()


PARTS = ("facts", "output", "events", "files")


def looked_at(path: Path, scratch: Path):
    """Copies of every part of the run, and its scalars, as the details ask for them."""
    kept = Scratch(scratch)
    with closing(open_source(path)) as source:
        parts = {}
        for part in PARTS:
            copied = RunCopies(kept).copy(source, ID, part, lambda: None)
            parts[part] = {
                str(file.relative_to(copied)): file.read_bytes()
                for file in copied.rglob("*")
                if file.is_file()
            }
        (scalars,) = read_scalars(source, [ID], lambda: None)
        return parts, scalars, file_bytes(source.entries(ID))


@pytest.mark.parametrize("form", FORMS)
def test_what_is_looked_at_of_a_large_run_is_what_it_is_of_any_other(form, home, tmp_path, request):
    exported(home, tmp_path / "first" / form, parents=True)
    run = home.runs_dir / ID
    (run / ".guild" / "output").write_text("said")
    (run / "d0" / "output").write_text("other")
    write_events(run, {"loss": [1.0, 0.5]})
    write_events(run / "train", {"acc": [0.25]})
    (run / "tfevents.profile-empty").write_text("no event file")
    path = tmp_path / form
    export_runs(home, [ID], path, ExportOptions())
    usual = looked_at(path, tmp_path / "usual")

    request.getfixturevalue("large")

    assert looked_at(path, tmp_path / "scratch") == usual
    assert usual[0]["output"] == {".guild/output": b"said"}
    assert set(usual[1].summaries) == {"loss", "train/.guild#acc"}
    assert len(usual[0]["files"]) > 30


def test_files_of_a_large_run_in_a_zip_that_nobody_asks_for_are_not_taken_out(
    home, tmp_path, large, monkeypatch
):
    path = exported(home, tmp_path / "x.zip")
    named = []
    opened = ZipSource.open
    monkeypatch.setattr(
        ZipSource, "open", lambda self, run, name: named.append(name) or opened(self, run, name)
    )
    monkeypatch.setattr(ZipSource, "files", None)

    with closing(open_source(path)) as source:
        RunCopies(Scratch(tmp_path / "scratch")).copy(source, ID, "facts", lambda: None)

    assert ".guild/attrs/label" in named
    assert all(name.startswith(".guild/") for name in named)


@pytest.mark.parametrize("form", FORMS[:3])
def test_a_file_and_attributes_of_a_large_run_can_be_looked_at(form, home, tmp_path, large):
    source = open_source(exported(home, tmp_path / form), for_import=True)

    assert source.run(ID).label == "many"
    assert source.open(ID, "big").read() == b"b"
    with pytest.raises(ArchiveError, match="no file"):
        source.open(ID, "nothing")
    source.close()


def test_a_full_disk_for_temporary_files_is_told():
    run = LargeRun()
    run._database.execute("PRAGMA max_page_count = 2")

    with pytest.raises(ArchiveError, match="a temporary file cannot be written"):
        run.fill(((ArchiveEntry(f"{n:0200}", "file"), n) for n in range(5000)), lambda: None)


def test_names_on_the_disk_are_a_set():
    some = ManyNames()
    for name in ("b", "a", "b", "\udc80"):
        some.add(name)
    some.discard("a")
    some.discard("nothing")

    assert len(some) == 2
    assert list(some) == ["b", "\udc80"]
    assert "a" not in some


def test_a_run_of_many_files_takes_little_memory(tmp_path):
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(f"{ID}/.guild/opref", "script:/p '' '' train.py")
        for number in range(120_000):
            archive.writestr(f"{ID}/d{number % 50}/file-{number}", b"")
    done = subprocess.run(
        [sys.executable, "-c", _PLANNING, path], capture_output=True, text=True, check=True
    )

    assert int(done.stdout) < 40 << 10  # 90 MB where all is in memory


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("is_moved", [False, True])
def test_a_large_run_leaves_as_any_other(form, is_moved, home, tmp_path, request):
    usual = exported(home, tmp_path / "usual" / form, parents=True)
    request.getfixturevalue("large")
    shutil.move(home.runs_dir / ID, tmp_path / "kept")
    shutil.copytree(tmp_path / "kept", home.runs_dir / ID, symlinks=True)

    (tmp_path / "other").mkdir()
    outcome = export_runs(home, [ID], tmp_path / "other" / form, ExportOptions(move=is_moved))

    assert outcome.exported == (ID,)
    assert outcome.removed == ((ID,) if is_moved else ())
    assert _contents(tmp_path / "other" / form) == _contents(usual)


def test_a_run_of_many_files_leaves_in_little_memory(home, tmp_path):
    run = make_run(home.runs_dir, ID)
    for number in range(60_000):
        os.link(run / ".guild" / "opref", run / f"file-{number}")
    done = subprocess.run(
        [sys.executable, "-c", _EXPORTING, home.path, tmp_path / "x.zip"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert int(done.stdout) < 45 << 10  # 85 MB where all is in memory


_EXPORTING = """
import sys
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
import zstandard
from core.archives.export import ExportOptions, export_runs
from core.home import Home
from core.scratch import Scratch
before = getrusage(RUSAGE_SELF).ru_maxrss
outcome = export_runs(Home(Path(sys.argv[1])), ["a" * 32], Path(sys.argv[2]), ExportOptions())
assert outcome.exported, outcome
print(getrusage(RUSAGE_SELF).ru_maxrss - before)
"""
_PLANNING = """
import sys
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
import zstandard
from core.archives.plan import plan_import
from core.archives.run_copies import RunCopies
from core.archives.source import open_source
from core.archives.zip_source import ZipSource
from core.home import Home
from core.scratch import Scratch
before = getrusage(RUSAGE_SELF).ru_maxrss
source = open_source(Path(sys.argv[1]))
plan = plan_import(Home(Path("nowhere")), [source])
assert plan.items[0].files == 120_001, plan.items[0]
print(getrusage(RUSAGE_SELF).ru_maxrss - before)
"""


def _contents(path: Path) -> dict[str, bytes | str]:
    """What is in an export, by path: without the environment, which a move takes along."""
    source = open_source(path)
    found = {entry.name: entry.target or entry.kind for entry in source.entries(ID)}
    found |= {e.name: f.read() for _, e, f in source.files([ID], lambda: None)}
    source.close()
    return found


def _planned(home: Home, path: Path):
    source = open_source(path)
    item = plan_import(home, [source]).items[0]
    source.close()
    return item


def _imported(home: Home, path: Path):
    home.path.mkdir(exist_ok=True)
    source = open_source(path)
    outcome = import_runs(home, plan_import(home, [source]))
    source.close()
    return outcome


def _change(path: Path, name: str) -> None:
    """Put something else of the same length into a file."""
    if path.is_dir():
        (path / ID / name).write_text("#")
        return
    changed = path.with_name("changed.zip")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(changed, "w") as new:
        for info in old.infolist():
            data = b"#" if info.filename == f"{ID}/{name}" else old.read(info)
            new.writestr(info, data)
    changed.replace(path)


@pytest.mark.parametrize("form", FORMS)
def test_a_directory_of_a_large_run_is_listed_as_any_other(form, home, tmp_path, request):
    path = exported(home, tmp_path / form)
    places = ("", "d0", "d2", ".guild", ".guild/attrs", "empty", "nowhere")
    with closing(open_source(path)) as source:
        usual = [list_archived_directory(source, ID, place) for place in places]
        walked = {entry.path: entry for entry in iter_archived_files(source, ID)}

    request.getfixturevalue("large")
    with closing(open_source(path)) as source:
        assert isinstance(source.entries(ID), LargeRun)
        found = [list_archived_directory(source, ID, place) for place in places]
        assert {entry.path: entry for entry in iter_archived_files(source, ID)} == walked

    assert found == usual
    assert [entry.name for entry in found[0].entries][:2] == [".guild", "d0"]
    assert len(found[1].entries) == 11


def test_directories_without_an_entry_are_listed_each_in_its_case(tmp_path, large):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in (".guild/opref", "A/x", "a/y", "a/b/c/z", "b", "a.txt"):
            archive.writestr(f"{ID}/{name}", "script:/p '' '' x.py")

    with closing(open_source(path)) as source:
        tops = list_archived_directory(source, ID).entries
        inside = list_archived_directory(source, ID, "a").entries

    assert sorted(e.name for e in tops) == [".guild", "A", "a", "a.txt", "b"]
    assert [e.shape for e in tops] == ["directory"] * 3 + ["file"] * 2
    assert [(e.path, e.shape) for e in inside] == [("a/b", "directory"), ("a/y", "file")]


def test_of_too_many_files_the_rest_is_counted(home, tmp_path, large):
    path = exported(home, tmp_path / "x.zip")

    with closing(open_source(path)) as source:
        listing = list_archived_directory(source, ID, "d1", most=4)

    assert [entry.name for entry in listing.entries] == ["f1", "f10", "f13", "f16"]
    assert listing.problem == "4 of 10 files in d1 are shown"


def test_very_many_files_are_not_listed_in_memory(tmp_path):
    path = tmp_path / "x.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{ID}/.guild/opref", "script:/p '' '' x.py")
        for number in range(60_000):
            archive.writestr(f"{ID}/images/{number % 20}/{number}.png", "")
    with closing(open_source(path)) as source:
        source.entries(ID)
        tracemalloc.start()
        tops = list_archived_directory(source, ID).entries
        inside = list_archived_directory(source, ID, "images/7", most=500)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()

    assert [entry.name for entry in tops] == [".guild", "images"]
    assert (len(inside.entries), inside.problem) == (
        500,
        "500 of 3,000 files in images/7 are shown",
    )
    assert peak < 2 << 20


@pytest.mark.parametrize(
    "sort", [lambda e: sort_out(e), lambda e: sort_out_many(lambda _: placed(e), none)]
)
def test_a_few_names_may_not_mean_ever_so_many_directories(sort, monkeypatch):
    monkeypatch.setattr("core.archives.entries.MOST_ABOVE", 20_000)
    monkeypatch.setattr("core.archives.large_run._MOST_ABOVE", 20_000)
    alike = [ArchiveEntry("a/" * 90 + str(number), "file") for number in range(500)]
    other = [ArchiveEntry(f"{number}/" + "a/" * 90 + "end", "file") for number in range(5)]

    assert len(sort(alike).entries) == 500
    with pytest.raises(
        ArchiveError, match="Too many of its directories lie deep inside each other"
    ):
        sort(other)


def placed(entries):
    """Entries with a place each."""
    return ((entry, number) for number, entry in enumerate(entries))


def none():
    """Nothing asks to stop."""
