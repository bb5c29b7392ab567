"""Runs leave for directories, zips and tars: whole, as they are, and without their secrets."""

import json
import os
import subprocess
import tarfile
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from core.archives.checksums import NAME as RECORD
from core.archives.checksums import parse_record
from core.archives.export import ExportOptions, export_runs, format_of
from core.archives.source import open_source
from core.errors import ArchiveError, Cancelled
from core.home import Home
from tests.support.archives import gzip_bytes, tar_bytes
from tests.support.runs import make_run
from tests.support.trees import tree

FORMS = ["directory", "zip", "tar.gz", "tar.zst"]
A, B, C = ("a" * 32, "b" * 32, "c" * 32)
OLD_NS = 1_500_000_000_123_456_700


@pytest.fixture
def home(tmp_path) -> Home:
    """Three runs: a batch with two trials, of odd names, modes and times."""
    home = Home(tmp_path / "home")
    for run_id in (B, C):
        make_run(home.runs_dir, run_id, attrs={"exit_status": "0", "env": "SECRET: x"})
    batch = make_run(
        home.runs_dir,
        A,
        attrs={"label": "a batch", "env": "SECRET: x"},
        files={"out/model.bin": b"weights" * 1000, "tool.sh": "#!/bin/sh\n", "empty": b""},
    )
    make_run(batch / ".guild", "proto", attrs={"env": "SECRET: x"})
    (batch / os.fsdecode(b"caf\xe9 \xff")).write_bytes(b"bytes")
    (batch / "Überblick.txt").write_text("text")
    (batch / "new\nline").write_text("odd")
    (batch / ("long" * 30)).mkdir()
    (batch / ("long" * 30) / ("name" * 40)).write_text("far")
    (batch / "tool.sh").chmod(0o750)
    os.utime(batch / "tool.sh", ns=(OLD_NS, OLD_NS))
    (batch / B).symlink_to(f"../{B}")
    (batch / C).symlink_to(f"../{C}")
    (batch / "again").symlink_to("out/model.bin")
    return home


def unpacked(path: Path, place: Path) -> Path:
    """What other programs make of an export."""
    if path.is_dir():
        return path
    place.mkdir()
    if path.suffix == ".zip":
        subprocess.run(["unzip", "-tq", path], check=True)
        _unzip(path, place)
    else:
        packed = "--zstd" if path.suffix == ".zst" else "-z"
        subprocess.run(["tar", "-x", packed, "-f", path, "-C", place], check=True)
    return place


def _unzip(path: Path, place: Path) -> None:
    """As unzip does, which leaves out odd letters of names."""
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            raw = info.filename.encode("utf-8" if info.flag_bits & 0x800 else "cp437")
            target = place / os.fsdecode(raw)
            if info.is_dir():
                target.mkdir()
            else:
                target.write_bytes(archive.read(info))
                target.chmod(info.external_attr >> 16 & 0o7777)


def exported(home: Home, tmp_path: Path, form: str, ids=(A, B, C), **options):
    path = tmp_path / ("out" if form == "directory" else f"out.{form}")
    outcome = export_runs(home, ids, path, ExportOptions(**options))
    assert outcome.refused == ()
    return outcome, unpacked(path, tmp_path / f"unpacked-{len(list(tmp_path.iterdir()))}")


@pytest.mark.parametrize("form", FORMS)
def test_other_programs_find_every_file_as_it_was(home, tmp_path, form):
    before = tree(home.runs_dir)

    outcome, there = exported(home, tmp_path, form, with_env=True)

    assert outcome.exported == (A, B, C)
    assert tree(home.runs_dir) == before
    found = tree(there, times=form != "zip")
    found.pop(".guild-nocopy", None)
    for run_id in (A, B, C):
        assert found.pop(f"{run_id}/{RECORD}")
    wanted = tree(home.runs_dir, times=form != "zip")
    if form == "zip":
        for run_id in (B, C):
            assert found.pop(f"{A}/{run_id}")[0].startswith("d")
            wanted.pop(f"{A}/{run_id}")
        assert found.pop(f"{A}/again")[2] == b"weights" * 1000
        wanted.pop(f"{A}/again")
    assert found == wanted


@pytest.mark.parametrize("form", FORMS)
def test_anybody_can_verify_what_was_exported(home, tmp_path, form):
    _, there = exported(home, tmp_path, form)

    for run_id in (A, B, C):
        argv = ["sha256sum", "-c", "--strict", "--quiet", RECORD]
        assert subprocess.run(argv, cwd=there / run_id).returncode == 0
    record = parse_record((there / A / RECORD).read_bytes())
    assert record.links == {B: f"../{B}", C: f"../{C}", "again": "out/model.bin"}


@pytest.mark.parametrize("form", FORMS)
def test_the_environment_and_the_lock_stay_at_home(home, tmp_path, form):
    (home.runs_dir / B / ".guild" / "LOCK").write_text("999999999")
    (home.runs_dir / B / ".guild" / "ENV").write_text("export SECRET=x")

    _, there = exported(home, tmp_path, form)

    names = {path.name for path in there.rglob("*")}
    assert not {"env", "LOCK", "ENV"} & names
    assert {"opref", "label", "proto"} <= names


@pytest.mark.parametrize("form", FORMS)
def test_runs_are_added_to_what_is_there_and_never_replaced(home, tmp_path, form):
    exported(home, tmp_path, form, [B])
    label = home.runs_dir / B / ".guild" / "attrs" / "label"
    label.write_text("changed\n")

    outcome, there = exported(home, tmp_path, form, [A, B, C])

    assert outcome.exported == (A, C)
    assert outcome.skipped == (B,)
    assert {path.name for path in there.iterdir()} - {".guild-nocopy"} == {A, B, C}
    assert not (there / B / ".guild" / "attrs" / "label").exists()


def test_an_older_zip_of_another_program_keeps_its_entries(home, tmp_path):
    path = tmp_path / "out.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"mine"
        archive.writestr("d" * 32 + "/.guild/opref", "script:/p '' '' a.py")

    export_runs(home, [B], path, ExportOptions())

    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        assert archive.read("d" * 32 + "/.guild/opref") == b"script:/p '' '' a.py"
        assert f"{B}/.guild/opref" in archive.namelist()


def test_an_older_tar_of_another_program_keeps_its_entries(home, tmp_path):
    path, old = tmp_path / "out.tar.gz", tmp_path / "old"
    make_run(old, "d" * 32, files={"n" * 120: b"x" * 3000})
    with tarfile.open(path, "w:gz", format=tarfile.GNU_FORMAT) as archive:
        archive.add(old / ("d" * 32), "./" + "d" * 32)

    outcome = export_runs(home, [B], path, ExportOptions())

    assert outcome.exported == (B,)
    assert export_runs(home, ["d" * 32], path, ExportOptions()).exported == ()
    there = unpacked(path, tmp_path / "there")
    assert (there / ("d" * 32) / ("n" * 120)).read_bytes() == b"x" * 3000
    assert (there / B / ".guild" / "opref").exists()


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE]
)
def test_what_has_a_size_and_no_content_ends_no_older_tar(home, tmp_path, kind):
    """As some programs write links; a file of zeros behind it is no end of the tar."""
    old = tmp_path / "old"
    for run_id in ("d" * 32, "e" * 32):
        make_run(old, run_id, files={"zeros": bytes(4096)})
    odd = tarfile.TarInfo("d" * 32 + "/odd")
    odd.type, odd.size, odd.linkname = kind, 5, "zeros"
    whole = tar_bytes(old)
    at = whole.index(b"d" * 32 + b"/zeros")
    path = tmp_path / "out.tar.gz"
    path.write_bytes(gzip_bytes(whole[:at] + odd.tobuf() + whole[at:]))

    export_runs(home, [B], path, ExportOptions())

    with closing(open_source(path)) as source:
        assert source.ids() == ["d" * 32, "e" * 32, B]
        assert source.problems() == []
        with source.open("e" * 32, "zeros") as file:
            assert file.read() == bytes(4096)


def test_an_older_tar_with_damaged_headers_is_left_as_it_is(home, tmp_path):
    path, old = tmp_path / "out.tar.gz", tmp_path / "old"
    make_run(old, "d" * 32, files={"zeros": bytes(4096)})
    data = bytearray(tar_bytes(old))
    data[data.index(b"d" * 32 + b"/zeros") + 124] ^= 4  # its size
    path.write_bytes(before := gzip_bytes(bytes(data)))

    with pytest.raises(
        ArchiveError, match=r"is damaged \(one of its headers has a wrong checksum\)"
    ):
        export_runs(home, [B], path, ExportOptions())

    assert path.read_bytes() == before


def test_a_pipe_in_the_place_of_an_older_tar_is_not_waited_for(home, tmp_path):
    os.mkfifo(tmp_path / "out.tar.gz")

    with pytest.raises(ArchiveError, match="it is not a file"):
        export_runs(home, [B], tmp_path / "out.tar.gz", ExportOptions())

    assert (tmp_path / "out.tar.gz").is_fifo()


@pytest.mark.parametrize("form", FORMS)
def test_resources_are_copied_on_request_and_trials_stay_links(home, tmp_path, form):
    data = tmp_path / "data"
    data.mkdir()
    (data / "set.csv").write_text("1,2")
    (home.runs_dir / A / "set.csv").symlink_to(data / "set.csv")
    (home.runs_dir / A / "data").symlink_to(data)

    _, there = exported(home, tmp_path, form, copy_resources=True)

    for path in ("set.csv", "data/set.csv"):
        assert not (there / A / path).is_symlink()
        assert (there / A / path).read_text() == "1,2"
    assert parse_record((there / A / RECORD).read_bytes()).links.keys() == {B, C}


def test_a_zip_does_not_take_along_what_lies_outside_of_the_runs(home, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("key")
    (home.runs_dir / B / "config").symlink_to(secret)

    outcome, there = exported(home, tmp_path, "zip", [B])

    assert not (there / B / "config").exists()
    assert outcome.remarks == (
        "Run bbbbbbbb: 1 link to files outside of the runs cannot be in a zip.",
    )


@pytest.mark.parametrize("form", FORMS)
def test_a_move_removes_the_runs_here_and_keeps_their_environment(home, tmp_path, form):
    outcome, there = exported(home, tmp_path, form, [A, B], move=True)

    assert set(outcome.removed) == {A, B}
    assert [path.name for path in home.runs_dir.iterdir()] == [C]
    assert (there / B / ".guild" / "attrs" / "env").exists()


@pytest.mark.parametrize("form", FORMS)
def test_a_running_run_is_copied_as_it_is_and_cannot_be_moved(home, tmp_path, form):
    process = subprocess.Popen(["sleep", "60"], cwd=home.runs_dir / B)
    try:
        (home.runs_dir / B / ".guild" / "LOCK").write_text(str(process.pid))
        path = tmp_path / f"out.{form}"

        moved = export_runs(home, [B, C], path, ExportOptions(format=form, move=True))
        copied = export_runs(home, [B], path, ExportOptions(format=form))
    finally:
        process.kill()
        process.wait()

    assert [(each.run_id, each.kind) for each in moved.refused] == [(B, "running")]
    assert moved.removed == (C,)
    assert copied.exported == (B,)
    assert "is running" in copied.remarks[0]


@pytest.mark.parametrize("form", FORMS)
def test_a_run_that_is_not_there_is_refused_and_the_others_go(home, tmp_path, form):
    path = tmp_path / f"out.{form}"

    outcome = export_runs(home, ["f" * 32, B, "../x"], path, ExportOptions(format=form))

    assert outcome.exported == (B,)
    assert [each.kind for each in outcome.refused] == ["gone", "gone"]


@pytest.mark.parametrize("form", FORMS)
def test_a_cancelled_export_leaves_whole_runs_or_no_archive(home, tmp_path, form):
    path = tmp_path / f"out.{form}"
    calls = []

    def advance(amount):
        calls.append(amount)
        if len(calls) > 8:
            raise Cancelled

    outcome = export_runs(home, [B, C, A], path, ExportOptions(format=form), advance=advance)

    assert outcome.cancelled
    names = {entry.name for entry in tmp_path.iterdir()} - {"home"}
    assert names == ({path.name} if form == "directory" else set())
    assert not (home.path / "incoming").exists()
    if form == "directory":
        there = {entry.name for entry in path.iterdir()} - {".guild-nocopy"}
        assert there == set(outcome.exported)


@pytest.mark.parametrize("form", FORMS)
def test_progress_is_the_bytes_of_the_files(home, tmp_path, form):
    seen = []

    outcome = export_runs(
        home, [B, C], tmp_path / f"x.{form}", ExportOptions(format=form), advance=seen.append
    )

    assert sum(seen) == outcome.bytes > 0


@pytest.mark.parametrize("place", ["runs", "runs/x", "trash/runs", "", "incoming"])
def test_runs_are_not_exported_into_their_own_home(home, place):
    with pytest.raises(ArchiveError, match="the runs themselves are there"):
        export_runs(home, [B], home.path / place, ExportOptions())


def test_a_file_is_no_directory_to_export_to(home, tmp_path):
    (tmp_path / "file").write_text("mine")

    with pytest.raises(ArchiveError, match="no directory"):
        export_runs(home, [B], tmp_path / "file", ExportOptions())

    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("name", ["x.zip", "x.tar.gz", "x.tar.zst"])
def test_what_is_no_archive_is_left_as_it_is(home, tmp_path, name):
    (tmp_path / name).write_bytes(b"something else" * 100)

    with pytest.raises(ArchiveError):
        export_runs(home, [B], tmp_path / name, ExportOptions())

    assert (tmp_path / name).read_bytes() == b"something else" * 100
    assert {path.name for path in tmp_path.iterdir()} == {"home", name}


@pytest.mark.parametrize("form", FORMS)
def test_an_export_clears_what_a_killed_one_left(home, tmp_path, form):
    (tmp_path / ".rundesk-part-abcdefgh").write_text("half an archive")
    left = tmp_path / "out" / ".rundesk" / "copy-abcdefgh"
    left.mkdir(parents=True)

    exported(home, tmp_path, form)

    if form == "directory":
        assert not left.parent.exists()
    else:
        assert not (tmp_path / ".rundesk-part-abcdefgh").exists()


@pytest.mark.parametrize("form", ["zip", "tar.gz", "tar.zst"])
def test_large_files_come_back_and_packed_ones_are_not_packed_again(home, tmp_path, form):
    text = json.dumps(list(range(400_000))).encode() * 4
    noise = os.urandom(9 << 20)
    (home.runs_dir / B / "text").write_bytes(text)
    (home.runs_dir / B / "noise").write_bytes(noise)

    _, there = exported(home, tmp_path, form, [B])

    assert (there / B / "text").read_bytes() == text
    assert (there / B / "noise").read_bytes() == noise
    size = (tmp_path / f"out.{form}").stat().st_size
    assert size < len(noise) + len(text) // 2


@pytest.mark.parametrize("form", ["zip", "tar.gz", "tar.zst"])
def test_a_large_run_that_cannot_be_read_to_its_end_leaves_nothing(home, tmp_path, form):
    (home.runs_dir / B / "big").write_bytes(os.urandom(9 << 20))
    path, seen = tmp_path / f"x.{form}", []

    def advance(amount):
        seen.append(amount)
        if sum(seen) > 3 << 20:
            os.truncate(home.runs_dir / B / "big", 1 << 20)

    outcome = export_runs(home, [A, B, C], path, ExportOptions(format=form), advance=advance)

    assert outcome.exported == (A, C)
    assert "became shorter" in outcome.refused[0].reason
    there = unpacked(path, tmp_path / "there")
    assert {entry.name for entry in there.iterdir()} == {A, C}


def test_the_form_follows_from_the_name():
    names = ["x.ZIP", "a.runs.zip", "x.tar.gz", "x.tgz", "x.tar.zst", "x.tar", "x"]

    forms = [format_of(Path(name)) for name in names]

    assert forms == ["zip", "zip", "tar.gz", "tar.gz", "tar.zst", "directory", "directory"]
