"""Ordinary runs arrive and are copied the quick way, and are what the general way makes of them."""

from __future__ import annotations

import os
import random
import signal
import stat
import subprocess
import sys
import threading
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from core.archives import directory_target, importing, quick_copy, quick_import, side_process
from core.archives.export import ExportOptions, export_runs
from core.archives.importing import import_runs
from core.archives.incoming import finish
from core.archives.plan import plan_import
from core.archives.quick_write import masked_bits
from core.archives.source import open_source
from core.errors import Cancelled
from core.home import Home
from tests.support.archives import FORMS, zip_runs
from tests.support.processes import wait_until
from tests.support.runs import make_run
from tests.support.trees import tree

ROOT = Path(__file__).parents[4]
IDS = [f"{n:032x}" for n in range(1, 80)]
RUN = IDS[0]
PACKED = ["zip", "tar.gz", "tar.zst"]


@pytest.fixture
def there(tmp_path) -> Home:
    """A run with odd modes, times and empty things, and others."""
    home = Home(tmp_path / "there")
    for number, run_id in enumerate(IDS[:4]):
        files = {"data.bin": random.Random(number).randbytes(3000), "sub/deep/b.txt": b"text" * 300}
        run_dir = make_run(home.runs_dir, run_id, attrs={"label": f"run {number}"}, files=files)
        (run_dir / "empty").touch()
        (run_dir / "none").mkdir()
        (run_dir / "tool.sh").write_text("#!/bin/sh")
        (run_dir / "tool.sh").chmod(0o750)
        (run_dir / "none").chmod(0o700)
        (run_dir / "sub").chmod(0o500)
        (run_dir / ".guild" / "attrs" / "label").chmod(0o444)
        for turn, path in enumerate(sorted(run_dir.rglob("*"), reverse=True)):
            os.utime(path, ns=(0, 1_600_000_000_123_456_700 + turn * 1_000_000_100))
    return home


@pytest.fixture
def many(tmp_path) -> Home:
    home = Home(tmp_path / "many")
    for number, run_id in enumerate(IDS):
        attrs, files = {"label": f"run {number}"}, {"w": b"x" * 900}
        for path in make_run(home.runs_dir, run_id, attrs=attrs, files=files).rglob("*"):
            os.utime(path, ns=(0, 1_600_000_000_123_456_700))  # a zip knows 100 ns
    return home


@pytest.fixture
def beside(monkeypatch):
    """As with two cores, whatever the machine has."""
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


def new_home(path: Path) -> Home:
    home = Home(path)
    home.runs_dir.mkdir(parents=True)
    return home


def brought(home: Home, path: Path, **options):
    with closing(open_source(path, for_import=True)) as source:
        return import_runs(home, plan_import(home, [source], with_runs=False), **options)


def whole_tree(top: Path):
    """As `tree`, with the times of directories."""
    times = {str(p.relative_to(top)): p.lstat().st_mtime_ns for p in top.rglob("*") if p.is_dir()}
    return tree(top), {path: when for path, when in times.items() if "/" in path}


def forbid(monkeypatch, module, name):
    def fail(*args, **more):
        raise AssertionError(name)

    monkeypatch.setattr(module, name, fail)


def children() -> set[str]:
    path = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    return set(path.read_text().split())


@pytest.mark.parametrize("form", sorted(FORMS))
def test_both_ways_bring_the_same_from_any_archive(there, tmp_path, monkeypatch, form):
    (there.runs_dir / IDS[1] / "link").symlink_to("data.bin")
    path = FORMS[form](there.runs_dir, tmp_path)
    quick = new_home(tmp_path / "quick")
    brought(quick, path)
    monkeypatch.setattr(quick_import, "IS_ABLE", False)
    general = new_home(tmp_path / "general")

    outcome = brought(general, path)

    assert sorted(outcome.imported) == IDS[:4]
    assert whole_tree(quick.runs_dir) == whole_tree(general.runs_dir)


@pytest.mark.parametrize("form", [*PACKED, "directory"])
def test_both_ways_bring_the_same_from_an_export(there, tmp_path, monkeypatch, form):
    path = tmp_path / f"x.{form}"
    export_runs(there, IDS[:4], path, ExportOptions(form))
    quick = new_home(tmp_path / "quick")
    with monkeypatch.context() as patch:
        forbid(patch, importing, "Unpacking")
        brought(quick, path)
    monkeypatch.setattr(quick_import, "IS_ABLE", False)
    general = new_home(tmp_path / "general")

    brought(general, path)

    assert whole_tree(quick.runs_dir) == whole_tree(general.runs_dir)
    assert tree(quick.runs_dir, times=False) == tree(there.runs_dir, times=False)


@pytest.mark.parametrize("form", PACKED)
def test_a_plan_of_ordinary_runs_says_what_the_general_one_says(there, tmp_path, monkeypatch, form):
    path = tmp_path / f"x.{form}"
    export_runs(there, IDS[:4], path, ExportOptions())
    home = new_home(tmp_path / "home")

    def facts():
        with closing(open_source(path)) as source:
            plan = plan_import(home, [source])
            return [(i.run.id, i.run.label, i.verdict, i.size, i.files) for i in plan.items]

    quick = facts()
    monkeypatch.setattr("core.archives.zip_source.ZipSource.ordinary", lambda *_: None)
    monkeypatch.setattr("core.archives.tar_source.TarSource.ordinary", lambda *_: None)

    assert quick == facts()
    assert len(quick) == 4


@pytest.mark.parametrize("form", PACKED)
@pytest.mark.parametrize("choice", ["merge", "theirs", "both"])
def test_a_conflict_is_settled_where_nothing_was_remembered(there, tmp_path, form, choice):
    path, home = tmp_path / f"x.{form}", new_home(tmp_path / "home")
    export_runs(there, IDS[:2], path, ExportOptions())
    make_run(home.runs_dir, RUN, attrs={"tags": "- mine"})

    outcome = brought(home, path, choices=choice)

    assert outcome.refused == ()
    assert IDS[1] in outcome.imported
    changed = outcome.renamed.get(RUN, RUN)
    label = home.runs_dir / changed / ".guild" / "attrs" / "label"
    assert label.read_text() == "run 0\n"
    assert (home.runs_dir / RUN / ".guild" / "attrs" / "tags").exists() == (choice != "theirs")


@pytest.mark.parametrize("umask", [0o077, 0o000])
def test_modes_do_not_depend_on_what_the_process_masks(there, tmp_path, umask):
    path = tmp_path / "x.zip"
    export_runs(there, IDS[:4], path, ExportOptions())
    home = new_home(tmp_path / "home")
    before = os.umask(umask)
    try:
        assert masked_bits() == umask
        brought(home, path)
        export_runs(home, IDS[:4], tmp_path / "copy", ExportOptions())
    finally:
        os.umask(before)

    assert tree(home.runs_dir, times=False) == tree(there.runs_dir, times=False)
    tool = (tmp_path / "copy" / RUN / "tool.sh").stat()
    assert stat.S_IMODE(tool.st_mode) == 0o750


@pytest.mark.parametrize("form", PACKED)
def test_a_file_that_is_not_what_was_exported_is_named(there, tmp_path, form):
    path, odd = tmp_path / f"x.{form}", tmp_path / "odd"
    export_runs(there, IDS[:2], tmp_path / "out", ExportOptions())
    (tmp_path / "out" / ".guild-nocopy").unlink()
    (tmp_path / "out" / RUN / "data.bin").write_bytes(b"other")
    made = "zip" if form == "zip" else "tar.gz" if form == "tar.gz" else "tar.zst"
    odd.mkdir()
    path = FORMS[made](tmp_path / "out", odd)
    home = new_home(tmp_path / "home")

    outcome = brought(home, path)

    assert outcome.imported == (IDS[1],)
    assert "data.bin is not what was exported" in outcome.refused[0].reason
    assert sorted(entry.name for entry in home.runs_dir.iterdir()) == [IDS[1]]


@pytest.mark.parametrize("place", [40, 200, 900, 2000, -900, -300])
def test_a_damaged_zip_brings_what_the_general_way_brings(there, tmp_path, monkeypatch, place):
    path = zip_runs(there.runs_dir, tmp_path / "x.zip")
    data = bytearray(path.read_bytes())
    data[place] ^= 0x55
    path.write_bytes(data)

    def result(name):
        home = new_home(tmp_path / name)
        try:
            outcome = brought(home, path)
        except Exception as e:  # noqa: BLE001 - whichever it is, it must be the same
            return str(e)
        return sorted(outcome.imported), sorted(r.reason for r in outcome.refused)

    quick = result("quick")
    monkeypatch.setattr(quick_import, "IS_ABLE", False)

    assert quick == result("general")


def test_a_zip_without_records_of_a_batch_gets_its_links_back(tmp_path):
    home = new_home(tmp_path / "there")
    batch = make_run(home.runs_dir, IDS[0])
    make_run(batch / ".guild", "proto")
    make_run(home.runs_dir, IDS[1])
    (batch / IDS[1]).mkdir()
    path = zip_runs(home.runs_dir, tmp_path / "x.zip")
    here = new_home(tmp_path / "here")

    brought(here, path)

    assert str((here.runs_dir / IDS[0] / IDS[1]).readlink()) == f"../{IDS[1]}"


@pytest.mark.parametrize("form", [*PACKED, "directory"])
def test_helpers_bring_every_run_once(many, tmp_path, beside, form):
    path, home = tmp_path / f"x.{form}", new_home(tmp_path / "home")
    export_runs(many, IDS, path, ExportOptions(form))
    others, seen = children(), []

    outcome = brought(home, path, advance=seen.append)

    assert sorted(outcome.imported) == IDS
    assert sum(seen) == outcome.bytes
    assert tree(home.runs_dir) == tree(many.runs_dir)
    assert children() <= others
    assert not (home.path / "incoming").exists()


def test_helpers_copy_every_run_once(many, tmp_path, beside):
    others, seen = children(), []
    (many.runs_dir / IDS[5] / "größe").write_text("the general way")

    outcome = export_runs(many, IDS, tmp_path / "out", ExportOptions(), advance=seen.append)

    assert outcome.exported == tuple(IDS)
    assert sum(seen) == outcome.bytes
    assert children() <= others
    assert not (tmp_path / "out" / ".rundesk").exists()
    subprocess.run(["sha256sum", "-c", "--quiet", ".guild/rundesk-checksums"],
                   cwd=tmp_path / "out" / IDS[9], check=True)  # fmt: skip


def test_both_ways_bring_the_same_from_a_home(there, tmp_path, monkeypatch):
    """Environment and links too, LOCK not, and a record that is there is no matter."""
    run_dir = there.runs_dir / RUN
    (run_dir / ".guild" / "attrs" / "env").write_text("A: 1")
    (run_dir / ".guild" / "LOCK").write_text("999999999")
    (run_dir / ".guild" / "rundesk-checksums").write_text(f"{'0' * 64}  data.bin\n")
    (run_dir / "link").symlink_to("sub/deep")
    (run_dir / "away").symlink_to("/etc")
    (there.runs_dir / IDS[1] / "link").symlink_to("data.bin")
    quick, general = new_home(tmp_path / "quick"), new_home(tmp_path / "general")
    one = brought(quick, there.path)
    monkeypatch.setattr(quick_import, "IS_ABLE", False)

    other = brought(general, there.path)

    assert one.remarks == other.remarks != ()
    assert whole_tree(quick.runs_dir) == whole_tree(general.runs_dir)
    assert (quick.runs_dir / IDS[1] / "link").is_symlink()
    assert not (quick.runs_dir / RUN / ".guild" / "LOCK").exists()


def test_no_link_that_took_a_directorys_place_is_followed(there, tmp_path):
    secret = tmp_path / "secret"
    (secret / "deep").mkdir(parents=True)
    (secret / "deep" / "b.txt").write_text("keys" * 300)
    home = new_home(tmp_path / "home")
    (there.runs_dir / RUN / "sub").chmod(0o755)
    with closing(open_source(there.path)) as source:
        plan = plan_import(home, [source])
        assert source.ordinary(RUN) is not None
        (there.runs_dir / RUN / "sub").rename(tmp_path / "was")
        (there.runs_dir / RUN / "sub").symlink_to(secret)

        assert source.ordinary(RUN).unpack() is None
        import_runs(home, plan, ids=[RUN])

    assert not list(home.runs_dir.rglob("b.txt"))


def test_a_file_that_grew_since_it_was_listed_goes_the_general_way(there, tmp_path):
    home = new_home(tmp_path / "home")
    with closing(open_source(there.path)) as source:
        plan = plan_import(home, [source])
        with (there.runs_dir / RUN / "data.bin").open("ab") as file:
            file.write(b"more")
        assert source.ordinary(RUN).unpack() is None

        outcome = import_runs(home, plan, ids=[RUN])

    assert outcome.imported == () or (home.runs_dir / RUN / "data.bin").stat().st_size == 3004


def test_both_ways_copy_the_same_into_a_directory(there, tmp_path, monkeypatch):
    (there.runs_dir / RUN / "link").symlink_to("data.bin")
    with monkeypatch.context() as patch:
        forbid(patch, directory_target, "_copy")
        quick = export_runs(there, IDS[:4], tmp_path / "quick", ExportOptions())
    monkeypatch.setattr(quick_copy, "IS_ABLE", False)

    general = export_runs(there, IDS[:4], tmp_path / "general", ExportOptions())

    assert (quick.exported, quick.bytes) == (general.exported, general.bytes)
    one, other = whole_tree(tmp_path / "quick"), whole_tree(tmp_path / "general")
    for found in (*one, *other):  # what did not come from the runs has times of its own
        found.pop(".guild-nocopy", None)
        for run_id in IDS[:4]:
            found.pop(f"{run_id}/.guild/rundesk-checksums", None)
    assert one == other


@pytest.mark.parametrize("form", [*PACKED, "directory"])
def test_what_a_killed_helper_does_not_do_is_done_here(many, tmp_path, beside, monkeypatch, form):
    path, home = tmp_path / f"x.{form}", new_home(tmp_path / "home")
    if form != "directory":
        export_runs(many, IDS, path, ExportOptions())
    asked = side_process.Helper.ask

    def ask_and_kill(self, ids):
        asked(self, ids)
        if self._pid:
            os.kill(self._pid, signal.SIGKILL)

    monkeypatch.setattr(side_process.Helper, "ask", ask_and_kill)

    if form == "directory":
        outcome = export_runs(many, IDS, tmp_path / "out", ExportOptions())
        assert outcome.exported == tuple(IDS)
        return
    outcome = brought(home, path)

    assert sorted(outcome.imported) == IDS
    assert tree(home.runs_dir) == tree(many.runs_dir)
    assert not (home.path / "incoming").exists()


@pytest.mark.parametrize("form", PACKED)
def test_cancelling_leaves_whole_runs_and_no_helper(many, tmp_path, beside, form):
    path, home = tmp_path / f"x.{form}", new_home(tmp_path / "home")
    export_runs(many, IDS, path, ExportOptions())
    others, done = children(), []

    def advance(amount):
        done.append(amount)
        if sum(done) > 20_000:
            raise Cancelled

    outcome = brought(home, path, advance=advance)

    assert outcome.cancelled
    assert 0 < len(outcome.imported) < len(IDS)
    assert sorted(e.name for e in home.runs_dir.iterdir()) == sorted(outcome.imported)
    for run_id in outcome.imported:
        assert tree(home.runs_dir / run_id) == tree(many.runs_dir / run_id)
    assert children() <= others
    assert not (home.path / "incoming").exists()


@pytest.mark.parametrize("form", ["zip", "tar.zst", "directory"])
def test_a_full_disk_leaves_whole_runs_only(many, make_disk, tmp_path, beside, form):
    for number, run_id in enumerate(IDS):
        (many.runs_dir / run_id / "w").write_bytes(random.Random(number).randbytes(40_000))
    disk = make_disk(tmp_path / "disk", size="2m")
    path, home = tmp_path / f"x.{form}", new_home(disk / "home")
    others = children()
    if form == "directory":
        outcome = export_runs(many, IDS, disk / "out", ExportOptions())
        there, arrived = disk / "out", outcome.exported
        left = {".guild-nocopy"}
    else:
        export_runs(many, IDS, path, ExportOptions())
        with closing(open_source(path)) as source:
            plan = plan_import(home, [source])
            filler = disk / "filler"

            def advance(amount):
                if amount and not filler.exists():
                    filler.write_bytes(bytes(600_000))

            outcome = import_runs(home, plan, ids=IDS[:40], advance=advance)
        there, arrived, left = home.runs_dir, outcome.imported, set()

    assert outcome.refused
    assert {refusal.kind for refusal in outcome.refused} == {"full"}
    assert {entry.name for entry in there.iterdir()} - left == set(arrived)
    for run_id in arrived:
        assert (there / run_id / "w").read_bytes() == (many.runs_dir / run_id / "w").read_bytes()
    assert children() <= others
    assert not (home.path / "incoming").exists()


@pytest.mark.parametrize("form", ["zip", "directory"])
def test_what_a_killed_program_and_its_helper_leave_is_cleaned_up(many, tmp_path, form):
    path, home = tmp_path / "x.zip", new_home(tmp_path / "home")
    export_runs(many, IDS, path, ExportOptions())
    whole = tree(many.runs_dir)
    work = (
        f"export_runs(Home(Path({str(many.path)!r})), {IDS!r}, Path({str(tmp_path / 'out')!r}), "
        "ExportOptions(), advance=advance)"
        if form == "directory"
        else f"source = open_source(Path({str(path)!r})); home = Home(Path({str(home.path)!r}))\n"
        "import_runs(home, plan_import(home, [source]), advance=advance)"
    )
    code = (
        "import os, signal; from pathlib import Path; from core.home import Home\n"
        "from core.archives.export import export_runs, ExportOptions\n"
        "from core.archives.importing import import_runs\n"
        "from core.archives.plan import plan_import; from core.archives.source import open_source\n"
        "os.cpu_count = lambda: 2\n"
        "done = []\n"
        "def advance(amount):\n"
        "    done.append(amount)\n"
        "    if sum(done) > 30_000: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"{work}"
    )

    killed = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)

    assert killed.returncode == -signal.SIGKILL
    there = tmp_path / "out" if form == "directory" else home.runs_dir
    owner = many if form == "directory" else home

    def is_finished():  # a helper may be at its last run
        finish(owner)
        return not (owner.path / "incoming").exists() and not (there / ".rundesk").exists()

    wait_until(is_finished)
    arrived = [entry for entry in there.iterdir() if entry.name != ".guild-nocopy"]
    assert arrived
    for run_dir in arrived:
        found = tree(run_dir)
        found.pop(".guild/rundesk-checksums", None)
        wanted = {name.removeprefix(f"{run_dir.name}/"): what for name, what in whole.items()
                  if name.startswith(f"{run_dir.name}/")}  # fmt: skip
        assert found == wanted


def test_a_run_that_somebody_else_brought_meanwhile_is_refused(many, tmp_path):
    path, home = tmp_path / "x.zip", new_home(tmp_path / "home")
    export_runs(many, IDS[:3], path, ExportOptions())
    with closing(open_source(path)) as source:
        plan = plan_import(home, [source])
        make_run(home.runs_dir, IDS[1], attrs={"label": "theirs"})

        outcome = import_runs(home, plan)

    assert sorted(outcome.imported) == [IDS[0], IDS[2]]
    assert [refusal.kind for refusal in outcome.refused] == ["exists"]
    label = home.runs_dir / IDS[1] / ".guild" / "attrs" / "label"
    assert label.read_text() == "theirs\n"


def test_an_encrypted_or_linked_zip_goes_the_general_way(there, tmp_path):
    path = zip_runs(there.runs_dir, tmp_path / "x.zip")
    with closing(open_source(path)) as source:
        assert source.ordinary(RUN).files == 6
        assert source.ordinary(RUN).unpack() is not None
    (there.runs_dir / RUN / "link").symlink_to("data.bin")
    linked = zip_runs(there.runs_dir, tmp_path / "y.zip")
    with closing(open_source(linked)) as source:
        assert source.ordinary(RUN) is None
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
        archive.writestr(f"{RUN}/.guild/opref", "x")
    with closing(open_source(tmp_path / "z.zip")) as source:
        assert source.ordinary(RUN) is None  # nothing says that its directories are there
