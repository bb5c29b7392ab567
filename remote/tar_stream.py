"""Many files as one tar over an exec channel: half the time of SFTP for small ones.

The tar only carries bytes. What a run consists of, and which modes and times its files get, is
known from its listing before; a tar that brings a name that was not asked for, or another size, is
not believed in that file, and a hostile one ends in an error with nothing written outside of the
files that were asked for. So links, devices and directories in it mean nothing.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple, Protocol

from core.archives.tar_headers import BLOCK, HeaderReader, TarMember, is_end, padded
from core.check import Check
from core.errors import ArchiveError
from remote.byte_channel import ByteChannel
from remote.connection import Connection
from remote.errors import RemoteFull, RemoteRefused, UnsafeAnswer
from remote.files import Sink
from remote.remote_home import RemoteHome
from remote.running import Completed, Running
from remote.sftp_wire import decode, encode

_READ = 1 << 20
_MOST_NAMES = 1 << 20
"""Bytes of names that are sent before anything is read: half of what OpenSSH takes without."""
_SMALL = 64 << 10
_MARK = "rundesk-afterwards"
_TAR = "tar -cf -"
_MOST_SAID = 256 << 20

Pace = Callable[[int], None]
"""Called with bytes that go over the line; may wait (a limit), or raise (a stop)."""


class Arrival(Protocol):
    """A file that is wanted."""

    @property
    def size(self) -> int:
        """Bytes that it had when it was listed; no more are taken."""

    def put(self, data: bytes) -> None:
        """All of it came at once."""

    def sink(self) -> Sink:
        """Takes it piece by piece."""

    def miss(self, problem: str) -> None:
        """It did not come, and why: as for the end of a sink."""


class Afterwards(NamedTuple):
    """What is run after a tar, by the same command: half a breath for what takes two.

    Attributes:
        command: Works where the names begin, and has no input.
        words: What it finds in its variable `words`: names that need no quotes.
    """

    command: str
    words: str


def fetch_by_tar(
    connection: Connection,
    directory: str,
    wanted: Mapping[str, Arrival],
    check: Check,
    after: Afterwards | None = None,
    *,
    is_all: bool = False,
) -> Completed | None:
    """Bring files of a server.

    Files that do not come, or come with another size, are told of it.

    Args:
        connection: The server; it has a tar that reads names from its input.
        directory: Where the names begin.
        wanted: Name below the directory to what is wanted, from its beginning.
        check: Called often; raises to stop.
        after: What is run when all was read there; None for nothing.
        is_all: Whether the words of `after` name directories of which all is wanted: then nobody
            needs to be told the names of their files.

    Returns:
        What `after` said; None without one, and where nothing was wanted.

    Raises:
        UnsafeAnswer: What comes is no tar.
        RemoteUnreachable: The connection was lost.
    """
    if is_all and after is not None and wanted:
        words = f"words={shlex.quote(after.words)}"
        command = f"{words}; {{ {_TAR} $words 2>/dev/null; echo {_MARK}; {after.command}; }}"
        return _fetch(connection, directory, command, b"", dict(wanted), check, is_marked=True)
    portions = list(_portions(wanted))
    said = None
    for number, names in enumerate(portions, 1):
        left = {name: wanted[name] for name in names}
        last = after if number == len(portions) else None
        said = _fetch_portion(connection, directory, left, check, last)
    return said


def _portions(names: Iterable[str]) -> Iterator[list[str]]:
    """Names in portions that a channel holds: tar does not read more while nobody reads its tar."""
    portion: list[str] = []
    size = 0
    for name in names:
        size += len(encode(name)) + 3
        if portion and size > _MOST_NAMES:
            yield portion
            portion, size = [], len(encode(name)) + 3
        portion.append(name)
    if portion:
        yield portion


def _fetch_portion(
    connection: Connection,
    directory: str,
    left: dict[str, Arrival],
    check: Check,
    after: Afterwards | None,
) -> Completed | None:
    tar = f"{_TAR} --null --no-recursion -T -"
    given = b"".join(encode(f"./{name}") + b"\0" for name in left)
    if after is None:
        command = f"exec {tar}"
    else:
        # A shell reads a line byte by byte, and leaves the rest to tar.
        command = f"IFS= read -r words && {{ {tar} 2>/dev/null; echo {_MARK}; {after.command}; }}"
        given = encode(after.words) + b"\n" + given
    return _fetch(connection, directory, command, given, left, check, is_marked=after is not None)


def _fetch(
    connection: Connection,
    directory: str,
    command: str,
    given: bytes,
    left: dict[str, Arrival],
    check: Check,
    *,
    is_marked: bool,
) -> Completed | None:
    """Take what a command sends; what follows the mark is returned."""
    stream = connection.start(f"cd -- {shlex.quote(directory)} && {command}")
    try:
        stream.write(given, check)
        stream.end_input()
        rest = _Receiving(stream, left, connection.name, check).run()
        for arrival in left.values():
            arrival.miss("gone")
        if not is_marked:
            return None
        _, mark, said = rest.partition(f"{_MARK}\n".encode())
        if not mark:
            raise UnsafeAnswer(f"{connection.name} sends no tar.", remote=connection.name)
        return Completed(said, stream.errors(), stream.exit_code(check))
    finally:
        stream.close()


class _Receiving:
    """Reads one tar."""

    def __init__(
        self, stream: ByteChannel, left: dict[str, Arrival], name: str, check: Check
    ) -> None:
        self._stream = stream
        self._left = left
        self._name = name
        self._check = check
        self._headers = HeaderReader()
        self._buffer = b""
        self._at = 0

    def run(self) -> bytes:
        """Take all members; returns what follows the tar."""
        try:
            while block := self._next_header():
                if is_end(block):
                    break
                plain = self._headers.plain_file(block)
                if plain is not None:
                    self._file(*plain)
                    continue
                further = self._headers.further_size(block)
                if further:
                    self._headers.take(block, self._take(padded(further))[:further])
                member = self._headers.read(block, 0)
                if member is not None:
                    self._member(member)
        except ArchiveError as e:
            raise UnsafeAnswer(f"{self._name} sends no tar: {e}", remote=self._name) from e
        return self._rest()

    def _next_header(self) -> bytes:
        """The next header, behind the small files that are there whole: nearly all that comes."""
        data, at, end = self._buffer, self._at, len(self._buffer)
        plain_file, left = self._headers.plain_file, self._left
        while end - at > BLOCK:
            plain = plain_file(data[at : at + BLOCK])
            if plain is None or plain[1] > _SMALL:
                break
            name, size = decode(plain[0]), plain[1]
            begin = at + BLOCK
            after = begin + padded(size)
            arrival = left.get(name)
            if after > end or arrival is None or arrival.size != size:
                break
            del left[name]
            self._at = at = after
            arrival.put(data[begin : begin + size])
        return self._take(BLOCK)

    def _rest(self) -> bytes:
        """What fills the last block, and whatever else comes."""
        pieces = [self._buffer[self._at :]]
        left = _MOST_SAID
        while more := self._stream.read(_READ, self._check):
            self._check()
            left -= len(more)
            if left < 0:
                raise UnsafeAnswer(f"{self._name} answers without end.", remote=self._name)
            pieces.append(more)
        return b"".join(pieces)

    def _member(self, member: TarMember) -> None:
        if member.kind != "file" or member.is_sparse:
            self._pass(padded(member.size), None)
        elif member.is_hard:
            arrival = self._left.pop(decode(member.name), None)
            if arrival is not None:
                arrival.miss("a second name of another file")
        else:
            self._file(member.name, member.size)

    def _file(self, name: bytes, size: int) -> None:
        arrival = self._left.pop(decode(name), None)
        if arrival is None:
            self._pass(padded(size), None)
        elif size == arrival.size and size <= _SMALL:
            arrival.put(self._take_all(padded(size))[:size])
        else:
            self._large(arrival, size)

    def _large(self, arrival: Arrival, size: int) -> None:
        # One that has grown is taken as it was listed: its new time tells whoever compares later.
        taken = min(size, arrival.size)
        sink = arrival.sink()
        try:
            self._pass(taken, sink)
            sink.end("shorter" if taken < arrival.size else "")
        finally:
            sink.close()
        self._pass(padded(size) - taken, None)

    def _pass(self, size: int, sink: Sink | None) -> None:
        """Give content to a sink, or let it go."""
        while size:
            if self._at >= len(self._buffer):
                self._buffer, self._at = self._more(), 0
            piece = self._buffer[self._at : self._at + size]
            self._at += len(piece)
            size -= len(piece)
            if sink is not None:
                sink.take(piece)

    def _take_all(self, size: int) -> bytes:
        """The next bytes, which must come."""
        data = self._take(size)
        if len(data) < size:
            raise ArchiveError("it is cut off")
        return data

    def _take(self, size: int) -> bytes:
        """The next bytes; none at the end."""
        while len(self._buffer) - self._at < size:
            self._check()
            more = self._stream.read(_READ, self._check)
            if not more:
                if self._at < len(self._buffer):
                    raise ArchiveError("it is cut off")
                return b""
            self._buffer, self._at = self._buffer[self._at :] + more, 0
        data = self._buffer[self._at : self._at + size]
        self._at += size
        return data

    def _more(self) -> bytes:
        self._check()
        more = self._stream.read(_READ, self._check)
        if not more:
            raise ArchiveError("it is cut off")
        return more


def begin_unpacking(there: RemoteHome, after: str = "true") -> ByteChannel:
    """Start a tar that waits to be told where to unpack: the first line of its input.

    So it is there, and may be sent to, when the place is made. The caller closes it, or lets
    `unpacking` do so.

    Args:
        there: The server's home; it has a tar.
        after: What is run in the directory when all is unpacked, without an input.
    """
    # What reads lists of names takes large pieces, too: fewer calls, and fewer times to wake up.
    tar = "tar -b 128 -xpof -" if there.capabilities.can_tar else "tar -xpof -"
    place = f'{shlex.quote(_above(there))}"$part"'
    return there.connection.start(f"IFS= read -r part && cd -- {place} && {tar} && {{ {after}; }}")


@contextmanager
def unpacking(
    stream: ByteChannel, there: RemoteHome, directory: str, pieces: Iterable[bytes], check: Check
) -> Iterator[Callable[[], Completed]]:
    """Send a tar that is unpacked in a directory of a server, and run a command there after it.

    All of it is sent when the block begins; the server still works on it then. The call waits for
    its end, and for that of the command.

    Args:
        stream: What `begin_unpacking` gave; it is closed at the end.
        there: The server's home.
        directory: Where the names begin: a directory in the home, without a line end in its name.
        pieces: The tar.
        check: Called often; raises to stop.

    Raises:
        RemoteFull: There is no room.
        RemoteRefused: The tar there gave up, with its reason.
        RemoteUnreachable: The connection was lost.
    """

    def done() -> Completed:
        completed = Running(stream, there.name).result(most=_MOST_SAID, check=check)
        if completed.code:
            _refuse(there.name, completed.errors)
        return completed

    try:
        stream.write(encode(directory.removeprefix(_above(there))) + b"\n", check)
        for piece in pieces:
            check()
            stream.write(piece, check)
            if not stream.is_open:
                break
        if stream.is_open:
            stream.end_input()
        yield done
    finally:
        stream.close()


def _above(there: RemoteHome) -> str:
    return f"{there.path.rstrip('/')}/"


_FULL = ("no space left", "quota exceeded", "wrote only", "short write")
"""What programs say where a disk is full; the last two of a piece that only half fits."""


def _refuse(name: str, errors: str) -> None:
    lines = [line for line in errors.splitlines() if "Exiting with failure" not in line]
    said = lines[0].removeprefix("tar: ") if lines else "it gave no reason"
    if any(words in errors.lower() for words in _FULL):
        raise RemoteFull(
            f"{name} cannot take the files: its disk is full.",
            hint="Make room there; runs that are complete stay.",
            remote=name,
        )
    raise RemoteRefused(f"{name} cannot take the files: {said}.", remote=name)
