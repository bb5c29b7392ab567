"""Servers may answer anything: what is no answer is refused in a sentence, never believed."""

import contextlib

from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import ArchiveError
from remote.capabilities import parse_probe
from remote.errors import RemoteError
from remote.found import StoreReader, parse_found
from remote.hashes import parse_hashes
from remote.list_by_grep import parse_section
from remote.manifest import manifest_of
from remote.sftp_wire import Reply, attributes, text
from remote.tar_stream import _Receiving

A = "a" * 32


def found(*fields):
    """What `find` prints of one entry that is no link."""
    return b"".join(field.encode() + b"\0" for field in (*fields, ""))


@given(st.binary(), st.integers(0, 255))
def test_packets_of_any_bytes_are_read_or_refused(body, kind):
    for read in ("number", "long", "text", "facts", "names", "status"):
        with contextlib.suppress(RemoteError):
            getattr(Reply(kind, body), read)()


@given(st.integers(0, 0o7777), st.integers(0, 2**32 - 1))
def test_attributes_come_back_as_they_were_written(mode, when):
    facts = Reply(105, attributes(mode=mode | 0o100000, mtime=when)).facts()

    assert (facts.kind, facts.mode, facts.mtime) == ("file", mode, when)


@given(st.binary(max_size=300))
def test_strings_come_back_as_they_were_written(data):
    assert Reply(104, text(data)).text() == data


@given(st.binary())
@example(found("d", "4", "755", "0.0", f"./{A}") + found("f", "1", "644", "0.0", f"./{A}/../../x"))
@example(found("d", "4", "755", "0.0", "./other") + found("f", "1", "644", "0.0", "./other/x"))
@example(found("d", "4", "755", "0.0", f"./{A}") + found("f", "-1", "644", "1e5", f"./{A}/x"))
@example(found("d", "4", "755", "0.0", f"./{A}") + found("f", "1", "644", "1.5", "./other/x"))
@example(found("d", "4", "755", "0.0", f"./{A}") * 2)
def test_listings_of_any_bytes_lead_nowhere(output):
    with contextlib.suppress(RemoteError):
        reader = StoreReader()
        reader.take(output + b"done\n")
        trees = reader.trees("box", "")
        for run_id, tree in {**trees, **parse_found(output, [A])}.items():
            for name in manifest_of(run_id, tree.entries).entries:
                assert ".." not in name.split("/")
                assert not name.startswith("/")


@given(st.binary(), st.binary())
def test_rows_of_any_bytes_are_rows_or_nothing(names, lines):
    for listed in parse_section(names, lines).values():
        assert all(isinstance(data, bytes) for data in listed.contents.values())


@given(st.binary(), st.lists(st.text(), max_size=3))
def test_checksums_are_one_a_name_or_refused(output, names):
    with contextlib.suppress(RemoteError):
        found = parse_hashes(output, names)
        assert all(len(digest) == 64 for digest in found.values())


@given(st.binary())
def test_a_probe_of_any_bytes_finds_what_it_finds(output):
    assert parse_probe(output).words()


class Bytes:
    """A stream of bytes in pieces of some size."""

    def __init__(self, data, step):
        self.data, self.step = data, step

    def read(self, _most, _check):
        piece, self.data = self.data[: self.step], self.data[self.step :]
        return piece


class Kept:
    """A sink that keeps what it is given."""

    def __init__(self):
        self.data, self.ends = b"", []

    def take(self, data):
        self.data += data

    def end(self, problem):
        self.ends.append(problem)

    def close(self):
        pass


class Wanted:
    """A file of ten bytes that is wanted."""

    size = 10

    def __init__(self, kept):
        self._kept = kept

    def put(self, data):
        self._kept.take(data)
        self._kept.end("")

    def sink(self):
        return self._kept

    def miss(self, problem):
        self._kept.end(problem)


@given(st.binary(max_size=3000), st.integers(1, 700))
def test_a_tar_of_any_bytes_gives_no_file_more_than_was_asked_for(data, step):
    sink = Kept()
    wanted = {"run/file": Wanted(sink)}
    with contextlib.suppress(RemoteError, ArchiveError):
        _Receiving(Bytes(data, step), wanted, "box", lambda: None).run()

    assert len(sink.data) <= 10
    assert len(sink.ends) <= 1
