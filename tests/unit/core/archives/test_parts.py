"""Ordinary runs are packed in parts, and everything else as it always was."""

from __future__ import annotations

import io
import os
import random
import subprocess
import sys
import tarfile
import threading
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from core.archives import archive_target, parts, side_process
from core.archives.archive_target import ArchiveTarget
from core.archives.export import ExportOptions, export_runs
from core.archives.packer import OutFile
from core.archives.parts import iter_parts, pack_part
from core.archives.run_reader import RunReader
from core.archives.run_tree import look_at
from core.archives.source import open_source
from core.archives.tar_packer import TarPacker
from core.archives.zip_packer import ZipPacker
from core.errors import ArchiveError, Cancelled
from core.home import Home
from tests.support.processes import wait_until
from tests.support.runs import make_run

RUN = "a1" * 16
IDS = [f"{n:032x}" for n in range(1, 300)]


class Plain:
    """Keeps a tar as it is."""

    def __init__(self, out):
        self.write, self.end_stream, self.drop = out.write, (lambda: None), (lambda: None)


def run_with(tmp_path, files=(), run_id=RUN):
    run_dir = make_run(tmp_path / "runs", run_id, attrs={"env": "SECRET: 1", "label": "x"})
    for name, data in dict(files).items():
        (run_dir / name).parent.mkdir(parents=True, exist_ok=True)
        (run_dir / name).write_bytes(data)
    return run_dir


def general(run_dir, place, suffix):
    """What the general way writes for one run, without compression of a tar."""
    with place.open("w+b", buffering=0) as file, ThreadPoolExecutor(1) as pool:
        out = OutFile(file, place)
        packer = ZipPacker(out, pool) if suffix == ".zip" else TarPacker(out, Plain(out))
        target = ArchiveTarget(place, packer, set(), suffix)
        target.take(RUN, str(run_dir), look_at(run_dir), RunReader(lambda amount: None))
        packer.finish()
        packer.close()
    return place.read_bytes()


def quick(run_dir, place, suffix, monkeypatch):
    """The same by a part."""
    monkeypatch.setattr(parts, "_stream", lambda data, suffix: data)
    part = pack_part(str(run_dir.parent), [run_dir.name], suffix)
    with place.open("w+b", buffering=0) as file, ThreadPoolExecutor(1) as pool:
        out = OutFile(file, place)
        packer = ZipPacker(out, pool) if suffix == ".zip" else TarPacker(out, Plain(out))
        packer.add_part(part.packed, part.directory, part.places)
        packer.finish()
        packer.close()
    return place.read_bytes()


CONTENTS = {
    "plain": {"a.txt": b"text" * 100, "empty": b"", "sub/deep/b.bin": os.urandom(3000)},
    "long names": {"n" * 90: b"1", "d" * 60 + "/" + "e" * 60: b"2" * 600},
    "of a block": {"block": b"x" * 512, "two": b"y" * 1024},
}


@pytest.mark.parametrize("suffix", [".zip", ".tar.gz", ".tar.zst"])
@pytest.mark.parametrize("files", CONTENTS.values(), ids=CONTENTS)
def test_a_part_is_byte_for_byte_what_the_general_way_writes(tmp_path, files, suffix, monkeypatch):
    run_dir = run_with(tmp_path, files)
    for number, path in enumerate(sorted(run_dir.rglob("*"))):
        os.utime(path, ns=(0, 1_700_000_000_000_000_000 + number * 1_000_000_001))
    (run_dir / ".guild" / "attrs" / "label").chmod(0o640)

    expected = general(run_dir, tmp_path / "general", suffix)

    assert quick(run_dir, tmp_path / "quick", suffix, monkeypatch) == expected
    assert b"SECRET" not in expected


def test_links_are_in_a_tar_by_a_part_too(tmp_path, monkeypatch):
    run_dir = run_with(tmp_path, {"a": b"1"})
    (run_dir / "link").symlink_to("a")
    (run_dir / "away").symlink_to("../" + "f" * 32)

    expected = general(run_dir, tmp_path / "general", ".tar.zst")

    assert quick(run_dir, tmp_path / "quick", ".tar.zst", monkeypatch) == expected


def _grow(run_dir):
    (run_dir / "large").write_bytes(bytes(600 * 1024))


def _lock(run_dir):
    (run_dir / ".guild" / "LOCK").write_text(str(os.getpid()))


UNUSUAL = {
    "large": _grow,
    "running": _lock,
    "a pipe in it": lambda run_dir: os.mkfifo(run_dir / "pipe"),
    "a name with a newline": lambda run_dir: (run_dir / "a\nb").write_text("x"),
    "a name of other letters": lambda run_dir: (run_dir / "größe").write_text("x"),
    "a name that is no text": lambda run_dir: Path(os.fsdecode(b"%b/\xff" % os.fsencode(run_dir)))
    .write_text("x"),
    "without opref": lambda run_dir: (run_dir / ".guild" / "opref").unlink(),
    "gone": lambda run_dir: run_dir.rename(run_dir.parent.parent / "elsewhere"),
}  # fmt: skip


@pytest.mark.parametrize("suffix", [".zip", ".tar.zst"])
@pytest.mark.parametrize("change", UNUSUAL.values(), ids=UNUSUAL)
def test_what_is_not_ordinary_is_in_no_part(tmp_path, change, suffix):
    run_dir = run_with(tmp_path)
    change(run_dir)

    assert pack_part(str(tmp_path / "runs"), [RUN], suffix).runs == []


def test_links_and_odd_times_are_in_no_part_of_a_zip(tmp_path):
    linked = run_with(tmp_path / "1")
    (linked / "link").symlink_to("a")
    old = run_with(tmp_path / "2")
    os.utime(old / ".guild" / "opref", (0, 0))

    assert not pack_part(str(linked.parent), [RUN], ".zip").runs
    assert not pack_part(str(old.parent), [RUN], ".zip").runs


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "a\0b", "ä" * 32])
def test_a_name_that_leads_elsewhere_is_not_followed(tmp_path, name):
    run_with(tmp_path)

    assert not pack_part(str(tmp_path / "runs"), [name], ".zip").runs


@pytest.fixture
def many(tmp_path):
    for number, run_id in enumerate(IDS):
        make_run(tmp_path / "home" / "runs", run_id, attrs={"label": f"run {number}"})
    return Home(tmp_path / "home")


@pytest.fixture(params=["start", "fork"])
def beginning(request, monkeypatch):
    """Both ways to begin a helper; a process with threads never takes the second one."""
    if request.param == "start":
        monkeypatch.setattr(side_process, "may_fork", lambda: False)
        monkeypatch.setattr(parts, "may_fork", lambda: False)
    monkeypatch.setattr(parts, "WORTH_START", 1)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.mark.parametrize("suffix", [".zip", ".tar.gz", ".tar.zst"])
def test_helpers_bring_every_run_once(many, tmp_path, suffix, beginning):
    (many.runs_dir / IDS[7] / "pipe").mkdir()
    (many.runs_dir / IDS[8] / "größe").write_text("x")
    path = tmp_path / f"a{suffix}"

    outcome = export_runs(many, IDS, path, ExportOptions())

    assert outcome.exported == tuple(IDS)
    assert outcome.refused == ()
    if suffix == ".zip":
        assert zipfile.ZipFile(path).testzip() is None
    source = open_source(path)
    try:
        assert sorted(source.ids()) == IDS
        assert source.run(IDS[-1]).label == f"run {len(IDS) - 1}"
    finally:
        source.close()


def test_what_a_killed_helper_does_not_bring_is_packed_here(many, monkeypatch, beginning):
    asked = side_process.Helper.ask

    def ask_and_kill(self, ids):
        asked(self, ids)
        if self._process is not None:
            self._process.kill()
        elif self._pid:
            os.kill(self._pid, 9)

    monkeypatch.setattr(side_process.Helper, "ask", ask_and_kill)

    found = list(iter_parts(many.runs_dir, IDS, ".tar.zst"))

    assert sorted(run.id for _, part in found for run in part.runs) == IDS


def test_a_helper_ends_with_whoever_asked_it(many, beginning):
    others = children()
    reading = iter_parts(many.runs_dir, IDS, ".zip")
    next(reading)
    assert len(children() - others) == 1

    reading.close()

    assert children() <= others


def test_cancelling_leaves_no_archive_and_no_helper(many, tmp_path, beginning):
    done = 0
    others = children()

    def advance(amount):
        nonlocal done
        done += amount
        if done > 5000:
            raise Cancelled

    outcome = export_runs(many, IDS, tmp_path / "a.zip", ExportOptions(), advance=advance)

    assert outcome.cancelled
    assert [path.name for path in tmp_path.iterdir()] == ["home"]
    assert children() <= others


@pytest.mark.parametrize("suffix", [".zip", ".tar.gz", ".tar.zst"])
@pytest.mark.parametrize("with_index", [False, True], ids=["plain", "indexed"])
def test_a_full_disk_leaves_no_archive_and_no_helper(
    many, make_disk, tmp_path, beginning, suffix, with_index, monkeypatch
):
    monkeypatch.setattr(archive_target, "WORTH_IT", 2 if with_index else 10**6)
    for number, run_id in enumerate(IDS):
        (many.runs_dir / run_id / "w").write_bytes(random.Random(number).randbytes(6000))
    disk = make_disk(tmp_path / "disk", size="1m")
    (disk / "mine").write_text("stays")
    others = children()

    with pytest.raises(ArchiveError, match=r"Cannot write .*[Nn]o space left") as e:
        export_runs(many, IDS, disk / f"a{suffix}", ExportOptions())

    assert "what was there before is as it was" in e.value.hint
    assert [path.name for path in disk.iterdir()] == ["mine"]
    assert not (many.path / "incoming").exists()
    assert children() <= others


def test_a_helper_of_a_killed_program_ends_too(many, tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from core.archives import parts\n"
        "import os; os.cpu_count = lambda: 2; parts.WORTH_FORK = 1\n"
        f"reading = parts.iter_parts(Path({str(many.runs_dir)!r}), {IDS!r}, '.zip')\n"
        "next(reading); print(reading.gi_frame.f_locals['helpers'][0]._pid, flush=True)\n"
        "time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=_ROOT)
    with process:
        helper = int(process.stdout.readline())
        assert Path(f"/proc/{helper}").exists()
        process.kill()

    wait_until(lambda: not _lives(helper))


def test_runs_are_added_to_a_zip_behind_what_is_there(many, tmp_path):
    path = tmp_path / "a.zip"
    export_runs(many, IDS[:20], path, ExportOptions())

    export_runs(many, IDS[10:40], path, ExportOptions())

    with zipfile.ZipFile(path) as zip_file:
        assert zip_file.testzip() is None
        assert {name.partition("/")[0] for name in zip_file.namelist()} == set(IDS[:40])


def test_a_part_that_needs_zip64_is_refused_whole(tmp_path):
    run_dir = run_with(tmp_path)
    part = pack_part(str(run_dir.parent), [RUN], ".zip")
    with (tmp_path / "out").open("w+b", buffering=0) as file, ThreadPoolExecutor(1) as pool:
        file.truncate(1 << 32)
        file.seek(0, io.SEEK_END)
        packer = ZipPacker(OutFile(file, tmp_path / "out"), pool)

        assert not packer.add_part(part.packed, part.directory, part.places)
        assert file.tell() == 1 << 32
        packer.close()


def test_every_tool_reads_many_parts_as_one_tar(many, tmp_path):
    for name in ("a.tar.gz", "a.tar.zst"):
        export_runs(many, IDS[:50], tmp_path / name, ExportOptions())
        listed = subprocess.run(
            ["tar", "-tf", tmp_path / name], capture_output=True, text=True, check=True
        )
        assert {line.partition("/")[0] for line in listed.stdout.splitlines()} == set(IDS[:50])
        assert listed.stderr == ""
    with tarfile.open(tmp_path / "a.tar.gz") as tar:
        member = tar.getmember(f"{IDS[0]}/.guild/attrs/label")
        found = (many.runs_dir / IDS[0] / ".guild" / "attrs" / "label").stat()
        assert float(member.pax_headers["mtime"]) == pytest.approx(found.st_mtime, abs=1e-6)


_ROOT = Path(__file__).parents[4]


def children() -> set[str]:
    path = Path(f"/proc/self/task/{threading.get_native_id()}/children")
    return set(path.read_text().split())


def _lives(pid: int) -> bool:
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):  # it ended before, or while it was read
        return False
