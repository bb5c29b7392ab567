"""What SFTP does with one file, as tasks that go on side by side (see remote.sftp_channel).

A small file is a task among hundreds; a large one goes by itself, many of its pieces under way.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from msgspec.structs import replace

from core.archives.entries import ArchiveEntry
from core.check import Check
from remote import sftp_wire as wire
from remote.errors import UnsafeAnswer
from remote.files import MOST_SMALL, Fetch, Store
from remote.holes import is_hole
from remote.sftp_channel import Request, Requests, SftpChannel, Task
from remote.sftp_wire import Facts, Reply, attributes, text

STATVFS = b"statvfs@openssh.com"
LSETSTAT = b"lsetstat@openssh.com"
REASONS = {
    wire.NO_SUCH_FILE: "it is not there",
    wire.PERMISSION_DENIED: "permission denied",
    wire.UNSUPPORTED: "the server cannot do that",
}

_LARGE = 512 << 10
"""Bytes from which on a file goes by itself, many of its pieces under way."""

_SECOND = 1_000_000_000
_COPY_DATA = b"copy-data"
_COPY_PIECE = 256 << 20
"""Bytes of one such request: a server that copies more at once says nothing for too long."""


def fetch_all(sftp: SftpChannel, wanted: Iterable[Fetch], check: Check) -> None:
    """Bring files."""
    large: list[Fetch] = []
    sftp.run((_fetch_small(sftp, want) for want in _small(wanted, large)), check)
    for want in large:
        _fetch_large(sftp, want, check)


def store_all(sftp: SftpChannel, given: Iterable[Store], check: Check) -> list[Store]:
    """Send files; returns those that failed while they were written.

    Who calls cuts them off (`cut_off`): where one of many pieces failed and later ones did not,
    a file has a gap, and could look whole by its size and time.
    """
    large: list[Store] = []
    failed: list[Store] = []
    sftp.run((_store_small(sftp, give, failed) for give in _small_ones(given, large)), check)
    for give in large:
        _store_large(sftp, give, failed, check)
    return failed


def cut_off(give: Store) -> Request:
    """What leaves of a file as much as there was before."""
    return Request(wire.SETSTAT, text(give.path) + attributes(size=give.offset))


def _small(wanted: Iterable[Fetch], large: list[Fetch]) -> Iterator[Fetch]:
    """The small files; the large ones are put into `large`."""
    for want in wanted:
        if want.size - want.offset > _LARGE:
            large.append(want)
        else:
            yield want


def _small_ones(given: Iterable[Store], large: list[Store]) -> Iterator[Store]:
    for give in given:
        if give.entry.size - give.offset > _LARGE:
            large.append(give)
        else:
            yield give


def make_link(
    sftp: SftpChannel, path: str, link: ArchiveEntry, failures: list[tuple[int, str, str]]
) -> Task:
    """Task: a link, in place of what an earlier try left; its time is a matter of the server."""
    # OpenSSH takes the two names in the other order than the standard says.
    making = [
        Request(wire.REMOVE, text(path)),
        Request(wire.SYMLINK, text(link.target) + text(path)),
    ]
    if LSETSTAT in sftp.extensions and link.mtime_ns:
        when = attributes(mtime=link.mtime_ns // _SECOND)
        making.append(Request(wire.EXTENDED, text(LSETSTAT) + text(path) + when))
    replies = yield making
    code, message = replies[1].status()
    if code != wire.OK:
        failures.append((code, message, path))


def do_one(request: Request, path: str, failures: list[tuple[int, str, str]]) -> Task:
    """Task: one request; code, message and path are added to `failures` where it fails."""
    [reply] = yield [request]
    code, message = reply.status()
    if code != wire.OK:
        failures.append((code, message, path))


def try_one(request: Request, path: str, failed: list[str]) -> Task:
    """Task: one request; the path is added to `failed` where it fails."""
    [reply] = yield [request]
    if reply.status()[0] != wire.OK:
        failed.append(path)


def dropping(paths: Iterable[str], stay: list[str]) -> Iterator[Task]:
    """Tasks: remove those of the directories that are empty; the others are added to `stay`."""
    for path in paths:
        yield try_one(Request(wire.RMDIR, text(path)), path, stay)


def make_dir(path: str, made: set[str], refused: list[str]) -> Task:
    """Task: servers say "failure" where it exists: so it is looked at, in the same breath."""
    done, found = yield [
        Request(wire.MKDIR, text(path) + attributes(mode=0o755)),
        Request(wire.STAT, text(path)),
    ]
    if done.status()[0] == wire.OK:
        made.add(path)
    elif found.kind != wire.ATTRS or found.facts().kind != "dir":
        refused.append(path)


def ask_space(paths: Sequence[str], found: list[tuple[int, int] | None]) -> Task:
    """Task: free bytes and number of the file systems of directories; None where it is not said."""
    replies = yield [Request(wire.EXTENDED, text(STATVFS) + text(path)) for path in paths]
    for reply in replies:
        values = [reply.long() for _ in range(11)] if reply.kind == wire.EXTENDED_REPLY else []
        is_disk = values and values[2] > 0  # /proc and the like have no blocks at all
        found.append((values[1] * values[4], values[8]) if is_disk else None)


def facts_of(entry: ArchiveEntry, size: int | None = None) -> bytes:
    """Mode and time of an entry as they stand in a packet, and a size where one is given."""
    mtime = entry.mtime_ns // _SECOND if entry.mtime_ns else None
    return attributes(mode=entry.mode or None, mtime=mtime, size=size)


def read_small(sftp: SftpChannel, path: str, found: dict[str, tuple[bytes | None, float]]) -> Task:
    """Task: content and time of a small file; None where there is none, or no file."""
    found[path] = None, 0.0
    [reply] = yield [Request(wire.LSTAT, text(path))]
    if reply.kind != wire.ATTRS:
        return
    facts: Facts = reply.facts()
    if facts.kind != "file":
        return
    body = text(path) + attributes_for_reading()
    [reply] = yield [Request(wire.OPEN, body)]
    if reply.status()[0] != wire.OK:
        return
    handle = text(reply.text())
    pieces: list[bytes] = []
    offset = 0
    while offset < min(facts.size, MOST_SMALL):
        size = min(sftp.limits.read, facts.size - offset)
        [reply] = yield [_read(handle, offset, size)]
        data = reply.text() if reply.kind == wire.DATA else b""
        if not data:
            break
        pieces.append(data)
        offset += len(data)
    found[path] = b"".join(pieces), float(facts.mtime)
    yield [Request(wire.CLOSE, handle)]


def attributes_for_reading() -> bytes:
    """How a file is opened to be read."""
    return wire.FOR_READING.to_bytes(4, "big") + attributes()


def _read(handle: bytes, offset: int, size: int) -> Request:
    body = handle + offset.to_bytes(8, "big") + size.to_bytes(4, "big")
    return Request(wire.READ, body, size)


def _fetch_small(sftp: SftpChannel, want: Fetch) -> Task:
    """Task: one file that one or few answers hold, from its offset on."""
    [reply] = yield [Request(wire.OPEN, text(want.path) + attributes_for_reading())]
    code, message = reply.status()
    if code != wire.OK:
        want.sink.end("gone" if code == wire.NO_SUCH_FILE else reason_of(code, message))
        return
    handle = text(reply.text())
    taking = _Taking(sftp, want)
    while taking.goes_on:
        asked = taking.next_pieces()
        closing = [Request(wire.CLOSE, handle)] if taking.asks_all(asked) else []
        replies = yield [*(_read(handle, at, size) for at, size in asked), *closing]
        for piece, reply in zip(asked, replies, strict=False):
            taking.take(piece, reply)
        if closing and taking.goes_on:  # an answer was shorter than asked for
            yield from _fetch_small(sftp, taking.rest())
            return
        if closing:
            want.sink.end(taking.problem)
            return
    yield [Request(wire.CLOSE, handle)]
    want.sink.end(taking.problem)


def _fetch_large(sftp: SftpChannel, want: Fetch, check: Check) -> None:
    """One file of many answers, its next pieces always under way."""
    reply = sftp.ask(Request(wire.OPEN, text(want.path) + attributes_for_reading()), check)
    code, message = reply.status()
    if code != wire.OK:
        want.sink.end("gone" if code == wire.NO_SUCH_FILE else reason_of(code, message))
        return
    handle = text(reply.text())
    taking = _Taking(sftp, want)
    while taking.goes_on:
        asked = deque[tuple[int, int]]()

        def requests(asked: deque[tuple[int, int]] = asked) -> Iterator[Request]:
            for at, size in _pieces(taking.offset, want.size, sftp.limits.read):
                if taking.problem:
                    return
                asked.append((at, size))
                yield _read(handle, at, size)

        for reply in sftp.stream(requests(), check):
            taking.take(asked.popleft(), reply)
    sftp.ask(Request(wire.CLOSE, handle), check)
    want.sink.end(taking.problem)


class _Taking:
    """Takes the pieces of a file up to the size that was listed, whatever the server would give.

    Args:
        sftp: The server.
        want: The file.
    """

    def __init__(self, sftp: SftpChannel, want: Fetch) -> None:
        self.offset = want.offset
        self.problem = ""
        self._sftp = sftp
        self._want = want

    @property
    def goes_on(self) -> bool:
        """Whether more is to be asked for."""
        return not self.problem and self.offset < self._want.size

    def next_pieces(self) -> list[tuple[int, int]]:
        """What to ask for together."""
        return list(islice(_pieces(self.offset, self._want.size, self._sftp.limits.read), 4))

    def asks_all(self, pieces: Sequence[tuple[int, int]]) -> bool:
        """Whether nothing is left after these."""
        return sum(pieces[-1]) >= self._want.size

    def rest(self) -> Fetch:
        """The file from here on."""
        return replace(self._want, offset=self.offset)

    def take(self, piece: tuple[int, int], reply: Reply) -> None:
        """Take the answer to one of the requests; one that does not follow is asked for again."""
        at, size = piece
        if self.problem or at != self.offset:
            return
        if reply.kind != wire.DATA:
            code, message = reply.status()
            self.problem = "shorter" if code == wire.EOF else reason_of(code, message)
            return
        data = reply.text()
        if len(data) > size or not data:
            raise UnsafeAnswer(
                f"{self._sftp.name} sends another size than was asked for.", remote=self._sftp.name
            )
        self._want.sink.take(data)
        self.offset += len(data)


def _pieces(begin: int, end: int, size: int) -> Iterator[tuple[int, int]]:
    for at in range(begin, end, size):
        yield at, min(size, end - at)


def _store_open(give: Store) -> Request:
    flags = wire.FOR_WRITING | wire.CREATE | (0 if give.offset else wire.TRUNCATE)
    body = text(give.path) + flags.to_bytes(4, "big") + attributes(mode=0o600)
    return Request(wire.OPEN, body)


def _store_end(handle: bytes, give: Store, size: int | None = None) -> Requests:
    return [
        Request(wire.FSETSTAT, handle + facts_of(give.entry, size)),
        Request(wire.CLOSE, handle),
    ]


def _writes(handle: bytes, give: Store, size: int) -> Iterator[Request]:
    offset = give.offset
    while data := give.spring.give(size):
        body = handle + offset.to_bytes(8, "big") + text(data)
        yield Request(wire.WRITE, body, len(data))
        offset += len(data)


def _store_small(sftp: SftpChannel, give: Store, failed: list[Store]) -> Task:
    """Task: one file whose content a few requests hold."""
    [reply] = yield [_store_open(give)]
    code, message = reply.status()
    if code != wire.OK:
        give.spring.end(reason_of(code, message))
        return
    handle = text(reply.text())
    writes = list(_writes(handle, give, sftp.limits.write))
    replies = yield [*writes, *_store_end(handle, give)]
    problem = next(filter(None, map(_problem_of, replies)), "")
    if problem:
        failed.append(give)
    give.spring.end(problem)


def _store_large(sftp: SftpChannel, give: Store, failed: list[Store], check: Check) -> None:
    """One file of many requests, always as many under way as may be."""
    reply = sftp.ask(_store_open(give), check)
    problem = _problem_of(reply)
    if problem:
        give.spring.end(problem)
        return
    handle = text(reply.text())
    problems: list[str] = []
    writing = _Writing(give, sftp.limits.write)
    for reply in sftp.stream(writing.requests(handle, problems), check):
        problems += filter(None, [_problem_of(reply)])
    if writing.has_holes and not problems:
        # Not before all is written: a file that is given its size looks whole.
        replies = [sftp.ask(each, check) for each in _store_end(handle, give, writing.size)]
        problems += filter(None, map(_problem_of, replies))
    if problems:
        sftp.ask(Request(wire.CLOSE, handle), check)
        failed.append(give)
    give.spring.end(problems[0] if problems else "")


class _Writing:
    """Writes a large file, without what is nothing but zeros.

    Args:
        give: The file.
        most: Bytes of a request.

    Attributes:
        size: How far it is.
        has_holes: Whether something was left out; then the file is to be given its size.
    """

    def __init__(self, give: Store, most: int) -> None:
        self.size = give.offset
        self.has_holes = False
        self._give = give
        self._most = most

    def requests(self, handle: bytes, problems: Sequence[str]) -> Iterator[Request]:
        """What is to be asked, until there are problems."""
        while data := self._give.spring.give(self._most):
            if problems:
                return
            if is_hole(data):
                self.has_holes = True
            else:
                body = handle + self.size.to_bytes(8, "big") + text(data)
                yield Request(wire.WRITE, body, len(data))
            self.size += len(data)
        if not self.has_holes:
            yield from _store_end(handle, self._give)


def _problem_of(reply: Reply) -> str:
    code, message = reply.status()
    return "" if code == wire.OK else reason_of(code, message)


def reason_of(code: int, message: str) -> str:
    """Why, as a clause; never empty."""
    return REASONS.get(code) or message[:1].lower() + message[1:].rstrip(".") or f"code {code}"


def copy_data(old: str, new: str, size: int, done: list[bool]) -> Task:
    """Task: the server copies the first bytes of a file; `done` says that it did."""
    flags = wire.FOR_WRITING | wire.CREATE | wire.EXCLUSIVE
    replies = yield [
        Request(wire.OPEN, text(old) + attributes_for_reading()),
        Request(wire.OPEN, text(new) + flags.to_bytes(4, "big") + attributes(mode=0o600)),
    ]
    handles = [text(reply.text()) for reply in replies if reply.kind == wire.HANDLE]
    if len(handles) == 2:
        for start in range(0, size, _COPY_PIECE):
            at, some = start.to_bytes(8, "big"), min(_COPY_PIECE, size - start).to_bytes(8, "big")
            body = text(_COPY_DATA) + handles[0] + at + some + handles[1] + at
            [reply] = yield [Request(wire.EXTENDED, body)]
            if reply.status()[0] != wire.OK:
                break
        else:
            done.append(True)
    yield [Request(wire.CLOSE, handle) for handle in handles]
