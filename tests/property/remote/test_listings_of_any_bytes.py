"""What a server prints of its runs is understood in any pieces, or refused in a sentence."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Error, RunDamaged
from core.index.reading import MOST_BYTES
from remote import list_by_perl, sftp_wire
from remote.errors import RemoteError, UnsafeAnswer
from remote.list_by_grep import _Sections
from remote.list_by_perl import _NAMES, _Reading
from remote.list_by_sftp import _Looked, _signature
from remote.listed_run import ListedRun, RemoteSmallFiles
from remote.sftp_channel import Limits
from remote.sftp_small import look_into, read_known
from remote.sftp_wire import Facts, Reply, attributes, text


class Stream:
    """Bytes that come in pieces of some size, and then no more."""

    def __init__(self, data: bytes, step: int) -> None:
        self.data, self.step = data, step

    def read(self, _most, _check):
        piece, self.data = self.data[: self.step], self.data[self.step :]
        return piece

    def errors(self) -> str:
        return "perl: killed"


def reading(data: bytes, step: int = 7) -> _Reading:
    return _Reading(Stream(data, step), "box", lambda: None)


# One command with Perl

contents = st.sampled_from(["-", "N", "D", "E", "L"]) | st.binary(max_size=40)


@st.composite
def printed_runs(draw):
    """A run as the command prints it, and what it says."""
    found = draw(st.lists(contents, min_size=len(_NAMES), max_size=len(_NAMES)))
    signs = draw(st.sampled_from(["", "P", "S", "p", "PSp"]))
    lock, ended = draw(st.integers(0, 2**31)), draw(st.integers(0, 2**31))
    words = [each if isinstance(each, str) else str(len(each)) for each in found]
    line = f"{signs}, {lock} {ended} {' '.join(words)}\n".encode()
    return line + b"".join(each for each in found if isinstance(each, bytes)), found, lock


@given(st.lists(printed_runs(), max_size=4), st.integers(1, 400))
def test_what_is_printed_is_understood_in_any_pieces(runs, step):
    stream = reading(b"".join(data for data, _, _ in runs), step)

    for _, found, lock in runs:
        listed = stream.run()
        assert listed.times.get(".guild/LOCK", 0) == lock
        for name, each in zip(_NAMES, found, strict=True):
            if each == "-":
                assert name not in listed.names
            elif isinstance(each, bytes):
                assert listed.read(name) == each
            else:
                with pytest.raises(RunDamaged):
                    listed.read(name)


@given(st.binary(max_size=400), st.integers(1, 100))
def test_any_bytes_are_a_run_or_refused(data, step):
    try:
        listed = reading(data, step).run()
    except UnsafeAnswer as e:
        assert str(e).startswith("box ")
    else:
        assert listed is None or all(isinstance(d, bytes) for d in listed.contents.values())


def line(*, fields=None, sizes=None) -> bytes:
    words = sizes or ["0"] * len(_NAMES)
    return (", " + " ".join(fields or ["0", "0", *words]) + "\n").encode()


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "box does not list its runs to the end (perl: killed)."),
        (line(sizes=["9"] * len(_NAMES)), "box does not list its runs to the end (perl: killed)."),
        (b"x" * 2000, "box lists its runs as nobody asked."),
        (b"a line that is none\n", "box lists its runs as nobody asked."),
        (line(fields=["0"]), "box lists its runs as nobody asked."),
        (line(sizes=["-1"] * len(_NAMES)), "box lists its runs as nobody asked."),
        (line(sizes=["9" * 12] * len(_NAMES)), "box lists its runs as nobody asked."),
        ("\u0661".join(["\n"] * 3).encode(), "box lists its runs as nobody asked."),
    ],
    ids=str,
)
def test_a_listing_that_is_none_costs_a_sentence(data, sentence):
    stream = reading(data, 50)

    with pytest.raises(UnsafeAnswer) as error:
        [stream.run() for _ in range(3)]

    assert str(error.value) == sentence


def test_a_listing_without_end_is_ended(monkeypatch):
    monkeypatch.setattr(list_by_perl, "MOST_LISTED", 10_000)
    data = line(sizes=["90000", *["-"] * (len(_NAMES) - 1)]) + b"x" * 90_000

    with pytest.raises(UnsafeAnswer, match=r"box lists runs without end\."):
        reading(data, 1000).run()


# find and grep


@given(st.binary(max_size=200), st.binary(max_size=60), st.integers(1, 50))
def test_sections_are_cut_where_they_end(lines, rest, step):
    lines = b"".join(each + b"\n" for each in lines.split(b"\n") if each != b"=")
    sections = _Sections(Stream(lines + b"=\n" + rest + b"=\0", step), "box", lambda: None)

    assert sections.until(b"=\n", after=b"\n") == lines


def test_a_section_that_does_not_end_is_told():
    sections = _Sections(Stream(b"no end", 2), "box", lambda: None)

    with pytest.raises(UnsafeAnswer, match=r"box does not list its runs to the end\."):
        sections.until(b"=\n", after=b"\n")


# SFTP alone


class Server:
    """What tasks ask of a channel."""

    name = "box"
    limits = Limits(read=64)


def answered(task, replies):
    """Let a task go on with these replies until it ends, or they do."""
    try:
        requests = next(task)
        while len(replies) >= len(requests):
            given_, replies = replies[: len(requests)], replies[len(requests) :]
            requests = task.send(given_)
    except StopIteration:
        return True
    return False


replies = st.lists(
    st.builds(
        Reply,
        st.sampled_from([101, 102, 103, 104, 105, 201]),
        st.binary(max_size=30)
        | st.binary(max_size=20).map(text)
        | st.just(struct.pack(">I", 1))
        | st.binary(max_size=9).map(
            lambda name: struct.pack(">I", 1) + text(name) + text(b"-") + attributes(0o100644, 5, 3)
        ),
    ),
    max_size=40,
)


@given(replies)
def test_answers_of_any_bytes_tell_of_wanted_names_only(some):
    found: dict[bytes, Facts] = {}
    try:
        answered(look_into(Server(), "runs/a/.guild", {b"opref"}, found), some)
    except RemoteError as e:
        assert str(e)

    assert found.keys() <= {b"opref"}


@given(replies, st.integers(0, 80))
def test_answers_of_any_bytes_give_one_content_or_none(some, size):
    taken = []
    task = read_known(
        Server(), "path", Facts("file", size, 0o644, 0), lambda data, problem: taken.append(data)
    )
    try:
        is_done = answered(task, some)
    except Error as e:
        assert str(e)
    else:
        assert len(taken) == is_done


def names(*some: bytes) -> Reply:
    listed = b"".join(text(name) + text(b"-") + attributes(0o100644, 5, 3) for name in some)
    return Reply(sftp_wire.NAME, struct.pack(">I", len(some)) + listed)


def handle() -> Reply:
    return Reply(sftp_wire.HANDLE, text(b"h"))


def status(code: int) -> Reply:
    return Reply(sftp_wire.STATUS, struct.pack(">I", code) + text(b"no") + text(b""))


def test_a_directory_with_many_names_is_asked_again_for_more_at_once():
    found: dict[bytes, Facts] = {}
    task = look_into(Server(), "d", {b"opref"}, found)
    others = [names(b"x") for _ in range(12)]
    first = [handle(), *others[:2], status(0)]
    ends = [status(1) for _ in range(5)]

    assert answered(task, [*first, handle(), *others[2:], names(b"opref"), *ends, status(0)])
    assert found == {b"opref": Facts("file", 3, 0o644, 5)}


def lie_for_ever(task):
    """Answer that there is another name, again and again."""
    requests = next(task)
    while True:
        is_list = (each.kind == sftp_wire.READDIR for each in requests)
        requests = task.send([names(b"x") if each else handle() for each in is_list])


def test_a_directory_without_end_is_not_believed():
    task = look_into(Server(), "d", {b"opref"}, {})

    with pytest.raises(UnsafeAnswer, match=r"box lists files without end\."):
        lie_for_ever(task)


@pytest.mark.parametrize(("code", "problem"), [(2, ""), (3, "permission denied"), (4, "no")])
def test_a_file_that_cannot_be_opened_says_why_unless_it_is_gone(code, problem):
    taken = []
    facts = Facts("file", 5, 0o644, 0)
    task = read_known(Server(), "path", facts, lambda *what: taken.append(what))

    assert answered(task, [status(code)])
    assert taken == [(None, problem)]


# What tells whether a run changed

facts = st.builds(Facts, st.just("file"), st.integers(0, 9), st.just(0o644), st.integers(100, 110))
directories = st.dictionaries(st.sampled_from([b"opref", b"label", b"flags", b"batch"]), facts)


@given(directories, directories, directories, directories)
def test_a_signature_is_another_one_where_a_file_is(guild, attrs, other_guild, other_attrs):
    one = _signature(_Looked("", guild, attrs), 200)
    other = _signature(_Looked("", other_guild, other_attrs), 200)

    assert one > 0
    assert (one == other) == ((guild, attrs) == (other_guild, other_attrs))


@given(directories, st.integers(100, 112))
def test_what_was_written_just_now_has_no_signature(guild, settled):
    is_fresh = any(each.mtime > settled for each in guild.values())

    assert (_signature(_Looked("", guild, {}), settled) == 0) == is_fresh


@pytest.mark.parametrize("name", [b"LOCK", b"LOCK.remote", b"proto"])
def test_what_depends_on_more_than_files_has_no_signature(name):
    looked = _Looked("", {name: Facts("file", 1, 0o644, 5)}, {})

    assert _signature(looked, 200) == 0


# Whether a run is running


@pytest.mark.parametrize(
    ("lock", "alive", "times", "is_running"),
    [
        (b"77", {"77"}, {}, True),
        (b"77", {"78"}, {}, False),
        (b"77\nmore", {"77"}, {}, True),
        (b"none", {"none"}, {}, False),
        (b"", {"77"}, {}, False),
        (b"77", None, {}, True),
        (b"77", None, {".guild/LOCK": 5.0, ".guild/attrs/exit_status": 4.0}, True),
        (b"77", None, {".guild/LOCK": 5.0, ".guild/attrs/exit_status": 6.0}, False),
    ],
    ids=str,
)
def test_a_lock_counts_where_its_process_may_live(lock, alive, times, is_running):
    listed = ListedRun(times=times)
    listed.put(".guild/LOCK", lock)
    listed.names.update(times)
    known = None if alive is None else frozenset(alive)

    markers = RemoteSmallFiles("run", listed, "box", lambda: known).markers()

    assert markers.remote == ("box" if is_running else None)


def test_a_file_that_is_too_large_is_told_and_one_that_is_gone_is_none():
    listed = ListedRun()
    listed.put(".guild/opref", b"")
    listed.lose(".guild/opref", "")
    listed.lose(".guild/attrs/label", f"it is larger than {MOST_BYTES}")

    assert ".guild/opref" not in listed.names
    with pytest.raises(RunDamaged, match="it is larger than"):
        listed.read(".guild/attrs/label")
