"""The tar of a push: what is in it is what was listed, and what cannot be read is not."""

import io
import os
import tarfile

import pytest

from core.archives.entries import ArchiveEntry
from core.jobs import JobContext
from remote.moves import Tally
from remote.packing import GONE, SHORTER, Packing, Parcel

WHEN = 1_600_000_000_123_456_789
LARGE = 200_000


def listed(run_dir, *names):
    """Files of a directory as a push knows them."""
    found = []
    for name in names:
        path = run_dir / name
        os.utime(path, ns=(WHEN, WHEN))
        found.append(ArchiveEntry(name, "file", path.stat().st_size, 0o640, WHEN))
    return tuple(found)


def packed(run_dir, files, dirs=()):
    """The tar of one run that is called R, and how it was packed."""
    tally = Tally(JobContext())
    packing = Packing([Parcel(str(run_dir), "R", dirs, files)], tally)
    data = b"".join(packing.pieces())
    return tarfile.open(fileobj=io.BytesIO(data)), packing, tally


@pytest.fixture
def run_dir(open_dir):
    (open_dir / "in" / "ner").mkdir(parents=True)
    (open_dir / "one").write_bytes(b"1")
    (open_dir / "empty").touch()
    (open_dir / "in" / "two").write_bytes(b"22")
    (open_dir / "in" / "ner" / "large").write_bytes(os.urandom(LARGE))
    return open_dir


NAMES = ("one", "empty", "in/two", "in/ner/large")
ODD = ("größe", "-odd\n" + b"\xff".decode("utf-8", "surrogateescape"), "n" * 200)


def test_files_come_out_as_they_were_listed(run_dir):
    files = listed(run_dir, *NAMES)

    tar, packing, tally = packed(run_dir, files, (ArchiveEntry("./R/in", "dir", 0, 0o755, WHEN),))

    assert tar.getnames() == ["./R/in", *(f"./R/{name}" for name in NAMES)]
    for name in NAMES:
        member = tar.getmember(f"./R/{name}")
        assert tar.extractfile(member).read() == (run_dir / name).read_bytes()
        assert (member.mode, member.mtime) == (0o640, pytest.approx(WHEN / 1e9))
    assert packing.problems == []
    assert tally.sent == 3 + LARGE


def test_names_and_times_of_every_kind_arrive(run_dir):
    times = [WHEN, 1_600_000_000_000_000_000, 1, 5_000_000_000_000_000_001]
    for name in ODD:
        (run_dir / name).write_bytes(name.encode("utf-8", "surrogateescape"))
    for when in times:
        files = [entry._replace(mtime_ns=when) for entry in listed(run_dir, *NAMES, *ODD)]

        tar, packing, _ = packed(run_dir, files)

        assert packing.problems == []
        assert tar.getnames() == [f"./R/{name}" for name in (*NAMES, *ODD)]
        for member in tar.getmembers():
            said = member.pax_headers.get("mtime", str(int(member.mtime)))
            whole, _, part = said.partition(".")
            assert int(whole + f"{part:0<9}") == when


def test_files_that_are_gone_or_shorter_by_then_are_left_out(run_dir):
    files = listed(run_dir, *NAMES)
    (run_dir / "one").unlink()
    (run_dir / "in" / "two").write_bytes(b"2")

    tar, packing, _ = packed(run_dir, files)

    assert tar.getnames() == ["./R/empty", "./R/in/ner/large"]
    assert packing.problems == [("R", "one", GONE), ("R", "in/two", SHORTER)]
    assert packing.broken == []


def test_a_file_that_has_grown_is_as_long_as_it_was_listed(run_dir):
    files = listed(run_dir, *NAMES)
    for name in ("one", "in/ner/large"):
        with (run_dir / name).open("ab") as file:
            file.write(b"more")

    tar, packing, _ = packed(run_dir, files)

    assert tar.extractfile("./R/one").read() == b"1"
    assert tar.getmember("./R/in/ner/large").size == LARGE
    assert packing.problems == []


def test_a_large_file_that_becomes_shorter_is_known_to_be_broken(run_dir):
    files = listed(run_dir, *NAMES)
    os.truncate(run_dir / "in/ner/large", LARGE - 1)

    tar, packing, _ = packed(run_dir, files)

    assert tar.getmember("./R/in/ner/large").size == LARGE  # whatever follows stays readable
    assert packing.broken == [("R", "in/ner/large")]


def test_a_file_that_may_not_be_read_is_no_file_of_zeros(run_dir, as_ordinary_user):
    files = listed(run_dir, *NAMES)
    (run_dir / "one").chmod(0)
    (run_dir / "in/ner/large").chmod(0)

    with as_ordinary_user():
        tar, packing, _ = packed(run_dir, files)

    assert tar.getnames() == ["./R/empty", "./R/in/two"]
    assert [(name, why) for _, name, why in packing.problems] == [
        ("one", "permission denied"),
        ("in/ner/large", "permission denied"),
    ]


def test_a_link_that_took_the_place_of_a_file_is_not_followed(run_dir):
    files = listed(run_dir, *NAMES)
    (run_dir / "one").unlink()
    (run_dir / "one").symlink_to("/etc/passwd")

    tar, packing, _ = packed(run_dir, files)

    assert "./R/one" not in tar.getnames()
    assert [name for _, name, _ in packing.problems] == ["one"]
