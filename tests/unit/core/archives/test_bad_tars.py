"""Tars that are damaged or made to harm, and the odd things that honest ones hold."""

from __future__ import annotations

import io
import os
import tarfile
import tracemalloc
from contextlib import closing

import pytest
import zstandard

from core.archives.importing import import_runs
from core.archives.plan import plan_import
from core.archives.source import open_source
from core.archives.tar_stream import TarStream
from core.errors import ArchiveError
from core.home import Home
from core.runs.erase import erase
from tests.support.archives import gzip_bytes, tar_bytes, zstd_bytes
from tests.support.runs import OPREF, make_run

RUN = "b2" * 16


def member(name, content=b"", **fields):
    """A member and its content."""
    info = tarfile.TarInfo(name)
    info.size = len(content)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, content


def packed(*members):
    """The bytes of a tar with a run and more members."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for info, content in (member(f"{RUN}/.guild/opref", OPREF.encode()), *members):
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def written(tmp_path, data):
    path = tmp_path / "bad.tar"
    path.write_bytes(data)
    return path


def opened(tmp_path, *members):
    return open_source(written(tmp_path, packed(*members)))


def refusal(source):
    with pytest.raises(ArchiveError) as e:
        source.entries(RUN)
    assert str(e.value).startswith(f"Run {RUN[:8]} of bad.tar is refused: ")
    return str(e.value)


@pytest.mark.parametrize("name", ["../../evil", "a/../../../evil", "C:\\evil"])
def test_a_run_with_a_name_that_is_not_safe_is_shown_and_refused(tmp_path, name):
    source = opened(tmp_path, member(f"{RUN}/{name}", b"x"))

    assert source.run(RUN).operation == "train.py"
    assert "the name “" in refusal(source)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil"])
def test_names_outside_of_all_runs_are_told(tmp_path, name):
    source = opened(tmp_path, member(name, b"x"))

    assert source.problems() == ["1 name in bad.tar leads out of it and is left out."]


def test_links_then_files_below_them_are_refused(tmp_path):
    link = member(f"{RUN}/out", type=tarfile.SYMTYPE, linkname="/etc")
    inner = member(f"{RUN}/in", type=tarfile.SYMTYPE, linkname="x")
    source = opened(tmp_path, link, inner, member(f"{RUN}/in/x", b"x"))

    assert "written through a link" in refusal(source)


def test_a_hard_link_to_a_file_of_the_run_is_that_file(tmp_path):
    source = opened(
        tmp_path,
        member(f"{RUN}/one", b"content"),
        member(f"{RUN}/two", type=tarfile.LNKTYPE, linkname=f"./{RUN}/one"),
    )

    assert [(e.name, e.size) for e in source.entries(RUN)][1:] == [("one", 7), ("two", 7)]
    assert source.open(RUN, "two").read() == b"content"


@pytest.mark.parametrize(
    "fields",
    [
        {"type": tarfile.LNKTYPE, "linkname": "/etc/passwd"},
        {"type": tarfile.LNKTYPE, "linkname": f"{RUN}/nothing"},
        {"type": tarfile.SYMTYPE, "linkname": "/etc/passwd"},
        {"type": tarfile.CHRTYPE, "devmajor": 1},
        {"type": tarfile.BLKTYPE},
        {"type": tarfile.FIFOTYPE},
    ],
)
def test_links_that_lead_out_and_devices_are_left_out(tmp_path, fields):
    source = opened(tmp_path, member(f"{RUN}/x", **fields), member(f"{RUN}/y", b"y"))

    assert [entry.name for entry in source.entries(RUN)] == [".guild/opref", "y"]
    assert len(source.remarks(RUN)) == 1


def test_a_file_with_holes_in_a_form_of_its_own_refuses_the_run(tmp_path):
    holes = member(f"{RUN}/x", b"x" * 600, pax_headers={"GNU.sparse.major": "1"})

    assert "has holes" in refusal(opened(tmp_path, holes))


def test_long_names_large_numbers_and_old_times_are_understood(tmp_path):
    name = f"{RUN}/{'deep/' * 60}{'ü' * 100}"
    for form in (tarfile.GNU_FORMAT, tarfile.PAX_FORMAT):
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w", format=form) as archive:
            archive.addfile(*_of(member(f"{RUN}/.guild/opref", OPREF.encode())))
            archive.addfile(*_of(member(name, b"x", mtime=-5)))
            archive.addfile(*_of(member(f"{RUN}/l", type=tarfile.SYMTYPE, linkname="d/" * 90)))
        source = open_source(written(tmp_path, buffer.getvalue()))

        entries = {entry.name: entry for entry in source.entries(RUN)}
        assert entries[name[33:]].mtime_ns == -5_000_000_000
        assert entries["l"].target == "d/" * 90


def _of(pair):
    return pair[0], io.BytesIO(pair[1])


def test_times_to_the_nanosecond_are_kept(tmp_path):
    exact = member(f"{RUN}/x", b"x", pax_headers={"mtime": "1700000000.123456789"})

    assert opened(tmp_path, exact).entries(RUN)[1].mtime_ns == 1_700_000_000_123_456_789


def test_a_damaged_header_is_told(tmp_path):
    data = bytearray(packed(member(f"{RUN}/x", b"x" * 100)))
    data[1024 + 20] ^= 1

    with pytest.raises(ArchiveError, match=r"Cannot read bad.tar: one of its headers has a wrong"):
        open_source(written(tmp_path, bytes(data)))


@pytest.fixture
def whole(tmp_path):
    make_run(tmp_path / "runs", RUN, attrs={"label": "fine"}, files={"f": "x" * 3000})
    return tar_bytes(tmp_path / "runs").rstrip(b"\0")


@pytest.mark.parametrize("pack", [bytes, gzip_bytes, zstd_bytes], ids=["plain", "gzip", "zstd"])
def test_a_tar_that_is_cut_anywhere_is_told(tmp_path, whole, pack):
    data = pack(whole)
    step = max(1, len(data) // 300)
    for size in range(0, len(data) - 1, step):
        path = written(tmp_path, data[:size])
        if pack is bytes and size and size % 512 == 0:
            continue  # between two members nothing is missing but the end
        with pytest.raises(ArchiveError):
            open_source(path)


@pytest.mark.parametrize("pack", [bytes, gzip_bytes, zstd_bytes], ids=["plain", "gzip", "zstd"])
def test_a_cut_tar_is_named_once(tmp_path, whole, pack):
    data = pack(whole)
    path = tmp_path / "Night of X.tar"
    path.write_bytes(data[: len(data) * 2 // 3])
    with pytest.raises(ArchiveError) as e:
        open_source(path)
    assert str(e.value) == "Cannot read Night of X.tar: it is cut off."


@pytest.mark.parametrize("pack", [gzip_bytes, zstd_bytes], ids=["gzip", "zstd"])
def test_a_changed_byte_of_the_packing_is_told(tmp_path, whole, pack):
    data = bytearray(pack(whole))
    data[len(data) // 2] ^= 0x55

    with pytest.raises(ArchiveError):
        open_source(written(tmp_path, bytes(data)))


def test_what_fills_up_a_tape_is_passed_over(tmp_path, whole):
    for data in (whole + bytes(20_000), gzip_bytes(whole + bytes(1024)) + bytes(600)):
        assert open_source(written(tmp_path, data)).run(RUN).label == "fine"


def test_endless_zeros_are_not_kept_in_memory(tmp_path):
    compressor = zstandard.ZstdCompressor()
    info = tarfile.TarInfo(f"{RUN}/zeros")
    info.size = 1 << 30
    head = packed()[:1024] + info.tobuf()
    packer = compressor.compressobj()
    parts = [packer.compress(head)]
    parts += [packer.compress(bytes(1 << 24)) for _ in range(64)]
    path = written(tmp_path, b"".join([*parts, packer.flush()]))
    assert path.stat().st_size < 1 << 20
    tracemalloc.start()

    source = open_source(path)
    source.entries(RUN)
    with source.open(RUN, "zeros") as file:
        total = sum(len(piece) for piece in iter(lambda: file.read(1 << 20), b""))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert total == 1 << 30
    assert peak < 16 << 20


def test_what_expands_as_no_honest_archive_does_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("core.archives.tar_stream.BOMB_BYTES", 1 << 20)
    monkeypatch.setattr("core.archives.tar_stream.BOMB_RATIO", 2)
    bomb = gzip_bytes(packed(member(f"{RUN}/zeros", bytes(4 << 20))))

    with pytest.raises(ArchiveError, match="unpacks to far more than is honest"):
        open_source(written(tmp_path, bomb))


def test_a_file_far_behind_is_found_again_by_marks(tmp_path, monkeypatch):
    monkeypatch.setattr("core.archives.tar_stream.FIRST_SPACING", 10_000)
    monkeypatch.setattr("core.archives.tar_stream.MOST_MARKS", 8)
    files = [member(f"{RUN}/{n}", bytes([n]) * 60_000) for n in range(60)]
    for data in (gzip_bytes(packed(*files)), gzip_bytes(packed(*files), pieces=9), packed(*files)):
        source = open_source(written(tmp_path, data))
        for n in (59, 3, 30, 31, 0):
            assert source.open(RUN, str(n)).read() == bytes([n]) * 60_000
        source.close()


def test_a_mark_saves_unpacking_what_stands_before(tmp_path):
    path = written(
        tmp_path, zstd_bytes(b"".join(bytes([n]) * (9 << 20) for n in range(9)), pieces=9)
    )
    with path.open("rb") as file:
        stream = TarStream(file.fileno(), "zstd", path)
        while stream.read():
            pass
        stream.go_to(75 << 20)
        begun_at = 75 << 20

        assert stream.read(1) == b"\x08"
        assert stream.position == begun_at + 1


def test_the_small_files_of_too_many_runs_are_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr("core.archives.tar_log.MOST_KEPT", 100)
    for n in range(5):
        make_run(tmp_path / "runs", f"{n}" * 32, attrs={"label": f"number {n}"})
    source = open_source(written(tmp_path, tar_bytes(tmp_path / "runs")))

    assert [source.run(run_id).label for run_id in source.ids()] == [
        f"number {n}" for n in range(5)
    ]


def test_more_entries_than_are_read_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("core.archives.tar_log.MOST_ENTRIES", 1000)
    monkeypatch.setattr("core.archives.tar_log.PIECE", 100)

    with pytest.raises(ArchiveError, match="more than 1,000 entries"):
        opened(tmp_path, *(member(f"{RUN}/{n}") for n in range(1100)))


def brought(tmp_path, path):
    """What an import of all of it says, and the home."""
    home = Home(tmp_path / "home")
    home.runs_dir.mkdir(parents=True)
    with closing(open_source(path)) as source:
        return import_runs(home, plan_import(home, [source])), home


@pytest.mark.parametrize("form", [tarfile.REGTYPE, tarfile.DIRTYPE])
def test_directories_deep_inside_each_other_arrive(tmp_path, form):
    deep = member(f"{RUN}/" + "a/" * 1500 + "end", type=form)

    outcome, home = brought(tmp_path, written(tmp_path, packed(deep)))

    assert outcome.imported == (RUN,)
    assert (home.runs_dir / RUN / ("a/" * 1500) / "end").exists()
    erase(home.path)  # whoever removes temporary directories would go down step by step


def test_what_is_too_deep_for_the_disk_is_refused_in_a_sentence(tmp_path):
    deep = member(f"{RUN}/" + "a/" * 2046 + "end", b"x")

    outcome, home = brought(tmp_path, written(tmp_path, packed(deep)))

    (refusal,) = outcome.refused
    assert refusal.reason.startswith(f"Run {RUN[:8]} cannot be imported: file name too long (/")
    assert refusal.reason.endswith("/a/a).")
    assert len(refusal.reason) < 300
    assert list(home.path.iterdir()) == [home.runs_dir]
    assert list(home.runs_dir.iterdir()) == []


def test_a_few_names_that_mean_more_directories_than_memory_holds_are_refused(tmp_path):
    deep = [member(f"{RUN}/{number}/" + "a/" * 2000 + "end") for number in range(100)]
    source = open_source(written(tmp_path, packed(*deep)))
    tracemalloc.start()
    try:
        assert "too many of its directories lie deep inside each other" in refusal(source)
        assert tracemalloc.get_traced_memory()[1] < 200 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("pack", [bytes, gzip_bytes, zstd_bytes])
def test_a_tar_without_its_end_says_that_something_may_be_missing(tmp_path, pack):
    data = packed(member(f"{RUN}/x", b"y"))
    path = written(tmp_path, pack(data[: 4 * 512]))

    assert open_source(path).ids() == [RUN]
    assert open_source(path).problems() == [
        "bad.tar has no end: files or runs that followed may be missing."
    ]
    assert open_source(written(tmp_path, pack(data))).problems() == []


def test_a_pipe_that_is_called_like_an_archive_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe.tar")

    with pytest.raises(ArchiveError, match="it is not a file"):
        open_source(tmp_path / "pipe.tar")
