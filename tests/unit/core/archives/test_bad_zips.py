"""Zips that are damaged, lie or are made to harm: refused or shown, always with a sentence."""

from __future__ import annotations

import os
import struct
import tracemalloc
import zipfile

import pytest

from core.archives.source import open_source
from core.errors import ArchiveError
from tests.support.archives import raw_zip, zip_runs
from tests.support.runs import OPREF, make_run

RUN = "b2" * 16
OTHER = "c3" * 16
OPREFS = (f"{RUN}/.guild/opref", OPREF.encode(), {})


def opened(tmp_path, *entries):
    return open_source(raw_zip([OPREFS, *entries], tmp_path / "bad.zip"))


def refusal(source, run_id=RUN):
    """The sentence in which a run's entries are refused."""
    with pytest.raises(ArchiveError) as e:
        source.entries(run_id)
    assert str(e.value).startswith(f"Run {run_id[:8]} of bad.zip is refused: ")
    assert str(e.value).endswith(".")
    return str(e.value)


def reading(source, name="f"):
    """The sentence in which reading a file fails, after which nothing of it was given at once."""
    source.entries(RUN)
    with pytest.raises(ArchiveError) as e, source.open(RUN, name) as file:
        file.read()
    return str(e.value)


@pytest.mark.parametrize("name", ["../../evil", "a/../../../evil", "..\\evil", "C:\\evil", "a\0b"])
def test_a_run_with_a_name_that_is_not_safe_is_shown_and_refused(tmp_path, name):
    source = opened(tmp_path, (f"{RUN}/{name}", b"x", {}))

    assert source.run(RUN).operation == "train.py"
    assert "the name “" in refusal(source)


@pytest.mark.parametrize("name", ["../evil", "/etc/evil", "/"])
def test_names_outside_of_all_runs_are_told(tmp_path, name):
    source = opened(tmp_path, (name, b"x", {}))

    assert source.problems() == ["Names in bad.zip that lead out of it are left out."]
    assert [entry.name for entry in source.entries(RUN)] == [".guild/opref"]


@pytest.mark.parametrize("root", ["..", "/abs", "C:", ".hidden", "a\nb", "x" * 300])
def test_a_run_whose_directory_has_no_safe_name_is_left_out(tmp_path, root):
    source = opened(tmp_path, (f"{root}/.guild/opref", OPREF.encode(), {}))

    assert source.ids() == [RUN]
    assert source.problems()


def test_two_files_of_one_name_are_refused(tmp_path):
    source = opened(tmp_path, (f"{RUN}/f", b"1", {}), (f"{RUN}/f", b"2", {}))

    assert "occurs twice" in refusal(source)


def test_a_link_and_a_file_below_it_are_refused(tmp_path):
    link = (f"{RUN}/out", f"../{OTHER}".encode(), {"mode": 0o120777})
    source = opened(tmp_path, link, (f"{RUN}/out/f", b"x", {}))

    assert "written through a link" in refusal(source)


def test_links_that_lead_out_and_devices_are_left_out(tmp_path):
    source = opened(
        tmp_path,
        (f"{RUN}/passwd", b"/etc/passwd", {"mode": 0o120777}),
        (f"{RUN}/up", b"../../x", {"mode": 0o120777}),
        (f"{RUN}/null", b"", {"mode": 0o020666}),
        (f"{RUN}/pipe", b"", {"mode": 0o010666}),
        (f"{RUN}/fine", b"f", {"mode": 0o120777}),
    )

    assert [entry.name for entry in source.entries(RUN)] == [".guild/opref", "fine"]
    assert len(source.remarks(RUN)) == 4
    for name in ("null", "pipe", "passwd"):
        with pytest.raises(ArchiveError):
            source.open(RUN, name)


def test_a_link_among_guilds_files_is_not_followed(tmp_path):
    link = (f"{RUN}/.guild/attrs/label", b"../../../secret", {"mode": 0o120777})

    assert "link" in opened(tmp_path, link).run(RUN).problem


def test_a_long_link_is_refused(tmp_path):
    source = opened(tmp_path, (f"{RUN}/l", b"a/" * 3000, {"mode": 0o120777}))

    assert "larger than" in refusal(source)


def test_names_alike_are_told(tmp_path):
    source = opened(tmp_path, (f"{RUN}/A", b"1", {}), (f"{RUN}/a", b"2", {}))

    assert len(source.entries(RUN)) == 3
    assert source.remarks(RUN) == ("“A” and “a” are one name on some disks.",)


def test_a_newline_in_a_name_is_a_name(tmp_path):
    source = opened(tmp_path, (f"{RUN}/a\nb", b"x", {}))

    assert source.open(RUN, "a\nb").read() == b"x"


@pytest.mark.parametrize(
    ("lies", "why"),
    [
        ({"crc": 1}, "has a wrong checksum"),
        ({"size": 99}, "holds more than it declares"),
        ({"size": 101}, "holds less than it declares"),
        ({"size": 1 << 31}, "declares more than can be in it"),
        ({"packed": 3}, "holds less than it declares"),
        ({"flags": 0x801}, "is encrypted"),
        ({"flags": 0x841}, "is encrypted"),
        ({"method": 14}, "is packed by method 14"),
        ({"method": 0, "packed": 100, "size": 101}, "declares more than can be in it"),
        ({"method": 0, "crc": 5}, "has a wrong checksum"),
        ({"offset": 7}, "is not where it should be"),
        ({"offset": 1 << 30}, "is cut off"),
        ({"packed": 1 << 30}, "is cut off"),
        ({"local_name_bytes": 1}, "has two different names"),
    ],
)
def test_a_file_that_is_not_what_it_declares_is_told(tmp_path, lies, why):
    source = opened(tmp_path, (f"{RUN}/f", bytes(range(100)), lies))

    if "offset" in lies and lies["offset"] == 7:
        assert "share the same bytes" in refusal(source)
        return
    assert why in reading(source)


@pytest.mark.parametrize(
    "lies", [{"crc": 1}, {"size": 109}, {"size": 111}, {"flags": 0x801}, {"packed": 3}]
)
def test_an_attribute_that_is_not_what_it_declares_is_a_problem_of_its_run(tmp_path, lies):
    label = (f"{RUN}/.guild/attrs/label", b"a label of some length" * 5, lies)

    run = opened(tmp_path, label).run(RUN)

    assert run.label == ""
    assert run.problem.startswith("Run b2b2b2b2 cannot be read fully: attribute label cannot be")


def test_files_that_share_their_bytes_are_refused(tmp_path):
    zeros = bytes(1 << 20)
    source = opened(
        tmp_path,
        (f"{RUN}/0", zeros, {}),
        *((f"{RUN}/{n}", b"", {"offset": 90, "size": 1 << 20, "packed": 1000}) for n in (1, 2)),
    )

    assert "share the same bytes" in refusal(source)


def test_a_large_attribute_is_not_unpacked(tmp_path):
    bomb = (f"{RUN}/.guild/attrs/label", bytes(64 << 20), {})
    source = opened(tmp_path, bomb)
    tracemalloc.start()

    problem = source.run(RUN).problem
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert "larger than 16,384 KB" in problem
    assert peak < 8 << 20


def test_a_large_file_is_read_in_pieces(tmp_path):
    source = opened(tmp_path, (f"{RUN}/zeros", bytes(64 << 20), {}))
    source.entries(RUN)
    tracemalloc.start()

    total = 0
    with source.open(RUN, "zeros") as file:
        while piece := file.read(1 << 20):
            total += len(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert total == 64 << 20
    assert peak < 8 << 20


@pytest.fixture
def whole(tmp_path):
    """The bytes of a zip with a comment at its end."""
    make_run(tmp_path / "runs", RUN, attrs={"label": "fine"})
    path = zip_runs(tmp_path / "runs", tmp_path / "whole.zip")
    with zipfile.ZipFile(path, "a") as archive:
        archive.comment = b"a comment with PK\x05\x06 in it"
    return path.read_bytes()


def test_a_zip_that_is_cut_anywhere_is_told(tmp_path, whole):
    path = tmp_path / "cut.zip"
    for size in range(0, len(whole), 7):
        path.write_bytes(whole[:size])
        with pytest.raises(ArchiveError) as e:
            open_source(path)
        assert "cut.zip" in str(e.value)


def test_places_beyond_all_numbers_are_refused(tmp_path):
    path = raw_zip([(f"{RUN}/.guild/opref", OPREF.encode(), {}), (f"{RUN}/x", b"x", {})],
                   tmp_path / "far.zip")  # fmt: skip
    data = bytearray(path.read_bytes())
    start = data.rindex(b"PK\1\2")  # of x: its offset is said to be in a field of ZIP64
    name = data[start + 46 : data.rindex(b"PK\5\6")]
    extra = struct.pack("<2HQ", 1, 8, (1 << 64) - 1)
    data[start + 30 : start + 32] = struct.pack("<H", len(extra))
    data[start + 42 : start + 46] = b"\xff" * 4
    data[start + 46 + len(name) : start + 46 + len(name)] = extra
    end = data.rindex(b"PK\5\6")
    (size,) = struct.unpack_from("<L", data, end + 12)
    data[end + 12 : end + 16] = struct.pack("<L", size + len(extra))
    path.write_bytes(data)

    source = open_source(path)
    assert [entry.name for entry in source.entries(RUN)][-1] == "x"
    with source.open(RUN, "x") as file, pytest.raises(ArchiveError, match="is cut off"):
        file.read()
    source.close()


def test_a_zip_that_is_cut_after_it_was_opened_is_told(tmp_path, whole):
    path = tmp_path / "cut.zip"
    path.write_bytes(whole)
    source = open_source(path)
    os.truncate(path, len(whole) // 2)
    for question in (source.entries, source.run, lambda run_id: source.open(run_id, "x")):
        with pytest.raises(ArchiveError, match=r"cut\.zip became shorter since it was opened"):
            question(RUN)
    source.close()


def test_a_program_before_the_zip_is_passed_over(tmp_path, whole):
    path = tmp_path / "self.zip"
    path.write_bytes(b"#!/bin/sh\nexec unzip $0\n" * 100 + whole)

    assert open_source(path).run(RUN).label == "fine"


def test_another_count_than_declared_is_told(tmp_path, whole):
    at = whole.rfind(b"PK\5\6", 0, len(whole) - 20)
    path = tmp_path / "count.zip"
    path.write_bytes(whole[: at + 8] + struct.pack("<2H", 3, 3) + whole[at + 12 :])

    with pytest.raises(ArchiveError, match="declares 3 entries and has"):
        open_source(path)


def test_one_part_of_several_is_told(tmp_path, whole):
    at = whole.rfind(b"PK\5\6", 0, len(whole) - 20)
    path = tmp_path / "part.zip"
    path.write_bytes(whole[: at + 4] + struct.pack("<2H", 1, 0) + whole[at + 8 :])

    with pytest.raises(ArchiveError, match="one part of an archive of several"):
        open_source(path)


def test_more_than_65535_entries_and_large_ones_are_read(tmp_path):
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(*OPREFS[:2])
        for n in range(66_000):
            archive.writestr(f"{RUN}/{n}", b"")
        with archive.open(f"{RUN}/forced", "w", force_zip64=True) as file:
            file.write(b"large")
    source = open_source(path)

    assert len(source.entries(RUN)) == 66_002
    assert source.open(RUN, "forced").read() == b"large"
    source.close()


def test_more_entries_than_are_read_are_refused(tmp_path):
    large = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 10**9, 10**9, 0, 0)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, 0, 1)
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, 0)
    path = tmp_path / "endless.zip"
    path.write_bytes(large + locator + end)

    with pytest.raises(ArchiveError, match="1,000,000,000 entries; more than"):
        open_source(path)


def test_opening_can_be_stopped(tmp_path, whole):
    path = tmp_path / "a.zip"
    path.write_bytes(whole)

    def check():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        open_source(path, check=check)


def test_names_of_other_systems_are_read(tmp_path):
    path = tmp_path / "dos.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, system in ((f"{RUN}/.guild/opref", 0), (f"{RUN}/gr\u00fcn", 0)):
            info = zipfile.ZipInfo(name)
            info.create_system = system
            archive.writestr(info, OPREF)
    data = path.read_bytes().replace("gr\u00fcn".encode(), b"gr\x81\x81n")
    # Without the bit for UTF-8 such a name is in the letters of DOS.
    path.write_bytes(data.replace(struct.pack("<H", 0x800), b"\0\0"))

    assert "grüün" in {entry.name for entry in open_source(path).entries(RUN)}
