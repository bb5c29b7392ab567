"""Long contents in streams of their own: who looks at an archive passes them over."""

from __future__ import annotations

import os
import random
import subprocess
import tarfile
from contextlib import closing
from pathlib import Path

import pytest
import zstandard

from core.archives import early_sync
from core.archives.export import ExportOptions, export_runs
from core.archives.importing import import_runs
from core.archives.plan import plan_import
from core.archives.source import open_source
from core.archives.tar_stream import TarStream
from core.errors import ArchiveError
from core.home import Home
from tests.support.archives import tar_bytes
from tests.support.runs import make_run
from tests.support.trees import tree

RUN, OTHER, LATER = "a" * 32, "b" * 32, "c" * 32
LONG = 9 << 20
NOISE = random.Random(1).randbytes(LONG)
TEXT = b"".join(b"step: %d loss: %d\n" % (n, n * n % 977) for n in range(LONG // 18))
FORMS = ("x.tar.zst", "x.tar.gz")


@pytest.fixture
def there(tmp_path) -> Home:
    """Runs with long contents, between small ones."""
    home = Home(tmp_path / "there")
    make_run(home.runs_dir, RUN, files={"a": "1", "noise": NOISE, "text": TEXT, "z": "2"})
    make_run(home.runs_dir, OTHER, files={"small": "3"})
    make_run(home.runs_dir, LATER, files={"bytes": NOISE[: LONG - 1], "y": "4"})
    return home


@pytest.fixture
def unpacked(monkeypatch) -> list[int]:
    """Gets the number of bytes of each reading of a stream."""
    read: list[int] = []
    whole = TarStream.read

    def counted(stream: TarStream, size: int = 128 * 1024) -> bytes:
        data = whole(stream, size)
        read.append(len(data))
        return data

    monkeypatch.setattr(TarStream, "read", counted)
    return read


def exported(home: Home, dest: Path, ids=(RUN, OTHER, LATER)) -> Path:
    outcome = export_runs(home, ids, dest, ExportOptions())
    assert set(outcome.exported) == set(ids)
    return dest


def brought(home: Home, path: Path):
    home.runs_dir.mkdir(parents=True)
    with closing(open_source(path)) as source:
        return import_runs(home, plan_import(home, [source]))


def test_a_plan_unpacks_no_long_content(there, tmp_path, unpacked):
    path = exported(there, tmp_path / "x.tar.zst")

    with closing(open_source(path)) as source:
        plan = plan_import(Home(tmp_path / "here"), [source])

    assert [item.verdict for item in plan.items] == ["new", "new", "new"]
    assert sum(item.size for item in plan.items) > 3 * (LONG - 10_000)
    assert sum(unpacked) < 1 << 20


def test_an_import_unpacks_each_content_once(there, tmp_path, unpacked):
    path = exported(there, tmp_path / "x.tar.zst")

    outcome = brought(Home(tmp_path / "here"), path)

    assert set(outcome.imported) == {RUN, OTHER, LATER}
    assert sum(unpacked) < outcome.bytes + (2 << 20)


def test_what_is_in_a_plain_tar_is_not_read_either(there, tmp_path, unpacked):
    path = tmp_path / "x.tar"
    path.write_bytes(tar_bytes(there.runs_dir))

    with closing(open_source(path)) as source:
        assert {e.name: e.size for e in source.entries(RUN)}["noise"] == LONG
        assert sum(unpacked) < 2 << 20
        with source.open(RUN, "noise") as file:
            assert file.read() == NOISE


@pytest.mark.parametrize("form", FORMS)
def test_all_arrives_as_it_was(there, tmp_path, form):
    path = exported(there, tmp_path / form)
    here = Home(tmp_path / "here")

    outcome = brought(here, path)

    assert not outcome.refused
    assert tree(here.runs_dir, times=True) == tree(there.runs_dir, times=True)


@pytest.mark.parametrize("form", FORMS)
def test_other_programs_read_it_as_one_stream(there, tmp_path, form):
    path = exported(there, tmp_path / form)
    (tmp_path / "out").mkdir()

    subprocess.run(["tar", "-xf", path, "-C", tmp_path / "out"], check=True)

    for run_id, name in ((RUN, "noise"), (RUN, "text"), (LATER, "bytes"), (RUN, "z")):
        written = (tmp_path / "out" / run_id / name).read_bytes()
        assert written == (there.runs_dir / run_id / name).read_bytes()


def test_what_cannot_be_compressed_takes_the_room_that_it_has(there, tmp_path):
    sizes = {form: exported(there, tmp_path / form).stat().st_size for form in FORMS}

    plain = 2 * LONG
    assert all(plain < size < plain + LONG // 3 for size in sizes.values())


@pytest.mark.parametrize("form", FORMS)
def test_adding_keeps_long_contents_apart(there, tmp_path, form, unpacked):
    path = exported(there, tmp_path / form, [RUN])
    exported(there, path, [OTHER, LATER])
    with closing(open_source(path)) as source:
        plan_import(Home(tmp_path / "here"), [source])
    looked_at = sum(unpacked)

    outcome = brought(Home(tmp_path / "there2"), path)

    assert set(outcome.imported) == {RUN, OTHER, LATER}
    assert form == "x.tar.gz" or looked_at < 1 << 20


def test_an_archive_with_an_index_finds_runs_of_several_streams(there, tmp_path, monkeypatch):
    monkeypatch.setattr("core.archives.archive_target.WORTH_IT", 1)
    path = exported(there, tmp_path / "x.tar.zst")

    with closing(open_source(path, with_index=True)) as source:
        assert source.index is not None
        for run_id in (LATER, RUN, OTHER):
            names = {entry.name for entry in source.entries(run_id)}
            assert names == {entry.name for entry in open_source(path).entries(run_id)}
        with source.open(RUN, "text") as file:
            assert file.read() == TEXT
        assert source.index is not None
        assert not source.problems()


def forged(path: Path, change) -> None:
    """Change the header of the frame of the first long content."""
    data = bytearray(path.read_bytes())
    for at in range(len(data)):
        if data[at : at + 4] == b"\x28\xb5\x2f\xfd":
            try:
                said = zstandard.frame_content_size(bytes(data[at : at + 18]))
            except zstandard.ZstdError:
                continue
            if said >= LONG:
                change(data, at)
                path.write_bytes(data)
                return
    raise AssertionError("no such frame")


def test_a_frame_that_says_less_than_it_holds_brings_nothing(there, tmp_path):
    path = exported(there, tmp_path / "x.tar.zst")

    def change(data: bytearray, at: int) -> None:
        size = int.from_bytes(data[at + 5 + (not data[at + 4] >> 5 & 1) :][:4], "little")
        place = at + 5 + (not data[at + 4] >> 5 & 1)
        data[place : place + 4] = (size - 512).to_bytes(4, "little")

    forged(path, change)

    with pytest.raises(ArchiveError):  # what follows is no header
        open_source(path)


def test_a_frame_and_a_name_that_lie_alike_are_found_out_by_the_import(there, tmp_path):
    """The plan believes a size that only the frame and the header tell; unpacking does not."""
    path = exported(there, tmp_path / "x.tar.zst", [OTHER, RUN])
    member = tarfile.TarInfo(f"{LATER}/.guild/opref")
    member.size = 20
    big = tarfile.TarInfo(f"{LATER}/big")
    big.size = 1 << 30
    frame = bytearray(zstandard.ZstdCompressor().compress(bytes(1 << 20)))
    assert frame[4] >> 6 == 2
    place = 5 + (not frame[4] >> 5 & 1)
    frame[place : place + 4] = (1 << 30).to_bytes(4, "little")
    head = member.tobuf() + b"script:/p '' '' x.py".ljust(512, b"\0") + big.tobuf()
    begin = zstandard.ZstdCompressor().compress(head)
    path.write_bytes(begin + bytes(frame) + path.read_bytes())

    here = Home(tmp_path / "here")
    outcome = brought(here, path)

    assert set(outcome.imported) == {OTHER, RUN}
    assert [refusal.run_id for refusal in outcome.refused] == [LATER]
    assert "is damaged" in outcome.refused[0].reason
    assert sorted(p.name for p in here.path.iterdir()) == ["runs"]
    assert sorted(p.name for p in here.runs_dir.iterdir()) == [RUN, OTHER]


def test_a_byte_that_was_changed_costs_its_run_only(there, tmp_path):
    path = exported(there, tmp_path / "x.tar.zst")
    forged(path, lambda data, at: data.__setitem__(at + 100_000, data[at + 100_000] ^ 1))

    outcome = brought(Home(tmp_path / "here"), path)

    assert set(outcome.imported) == {OTHER, LATER}
    assert [refusal.run_id for refusal in outcome.refused] == [RUN]


def test_a_content_that_is_cut_is_told_at_once(there, tmp_path):
    path = exported(there, tmp_path / "x.tar.zst", [RUN])
    os.truncate(path, 5 << 20)

    with pytest.raises(ArchiveError, match=r"Cannot read x.tar.zst: it is cut off."):
        open_source(path)


def test_a_size_beyond_every_honest_one_is_refused(there, tmp_path):
    path = exported(there, tmp_path / "x.tar.zst", [OTHER])
    big = tarfile.TarInfo(f"{OTHER}/big")
    big.size = 1 << 60
    frame = zstandard.ZstdCompressor().compressobj(1 << 20)
    packed = bytearray(frame.compress(bytes(1 << 20)) + frame.flush())
    descriptor = packed[4]
    rest = packed[5 + (not descriptor >> 5 & 1) + 4 :]
    head = b"\x28\xb5\x2f\xfd" + bytes([descriptor & 0x1F | 0xC0, 0x48])
    huge = head + (1 << 60).to_bytes(8, "little") + bytes(rest)
    name = zstandard.ZstdCompressor().compress(big.tobuf(tarfile.GNU_FORMAT))
    path.write_bytes(name + huge + path.read_bytes())

    with pytest.raises(ArchiveError, match="unpacks to far more than is honest"):
        open_source(path)


def test_what_the_disk_says_early_is_not_lost(there, tmp_path, monkeypatch):
    monkeypatch.setattr(early_sync, "_EACH", 1 << 20)
    monkeypatch.setattr(early_sync.os, "fdatasync", _full)

    with pytest.raises(ArchiveError, match=r"Cannot write .*x\.tar\.zst: no space left on device"):
        exported(there, tmp_path / "x.tar.zst")

    assert sorted(p.name for p in tmp_path.iterdir()) == ["there"]


def _full(_descriptor: int) -> None:
    raise OSError(28, "No space left on device")


def test_a_size_that_only_further_words_tell_is_kept_when_runs_are_added(tmp_path, monkeypatch):
    monkeypatch.setattr("core.archives.tar_packer._MOST_SIZE", 1000)
    home = Home(tmp_path / "there")
    make_run(home.runs_dir, RUN, files={"zeros": bytes(5000), "z": "2"})
    make_run(home.runs_dir, OTHER)
    path = exported(home, tmp_path / "x.tar.zst", [RUN])

    exported(home, path, [OTHER])

    here = Home(tmp_path / "here")
    assert set(brought(here, path).imported) == {RUN, OTHER}
    assert tree(here.runs_dir) == tree(home.runs_dir)
