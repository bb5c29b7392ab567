"""The one pass over a tar in which its entries are noted and the small files of runs kept."""

from __future__ import annotations

from typing import Protocol

from core.archives.roots import root_of_opref
from core.archives.tar_headers import BLOCK, USUAL, HeaderReader, TarMember, is_end, padded
from core.archives.tar_log import Small, TarLog
from core.archives.tar_stream import STEP
from core.check import Check
from core.errors import ArchiveError

LARGEST_SMALL = 64 * 1024
_MARK = b"/.guild/"
_KEPT = frozenset([b"opref", b"batch", b"manifest", b"LOCK", b"LOCK.remote", b"PENDING", b"STAGED"])


class TarBytes(Protocol):
    """The unpacked bytes of a tar, or of some of it."""

    @property
    def position(self) -> int:
        """Of the next byte, in the whole tar."""

    def read(self, size: int = STEP) -> bytes:
        """At most `size` bytes; none at the end. Raises ArchiveError."""

    def skip(self, size: int) -> int:
        """Pass over at most `size` bytes without unpacking them; how many. Raises ArchiveError."""


def read_through(stream: TarBytes, log: TarLog, check: Check) -> list[bytes]:
    """Read a tar from its beginning to its end.

    Args:
        stream: The tar.
        log: Where its entries are noted.
        check: Called often; raises to stop.

    Returns:
        Directories that have an opref, in the order of the tar.

    Raises:
        ArchiveError: The tar is damaged or cut off.
    """
    reader = _Pass(stream, log, check)
    reader.run()
    return reader.roots


class _Pass:
    """A buffer over the stream, and what is being collected."""

    def __init__(self, stream: TarBytes, log: TarLog, check: Check) -> None:
        self.roots: list[bytes] = []
        self._stream = stream
        self._log = log
        self._keeps = log.keeps
        self._check = check
        self._headers = HeaderReader()
        self._buffer = b""
        self._at = 0
        self._root = b"\0"
        self._small: Small = {}

    def run(self) -> None:
        """Read all entries."""
        while True:
            usual = self._headers.read_usual(self._buffer, self._at, self._begin)
            if usual is not None:
                self._at += USUAL
                self._note(usual)
                continue
            block = self._take(BLOCK)
            if not block or is_end(block):
                self._log.has_end = bool(block)
                break
            further = self._headers.further_size(block)
            if further:
                self._headers.take(block, self._take(padded(further))[:further])
            member = self._headers.read(block, self._position)
            if member is not None:
                self._note(member)
        self._keep_small()
        while self._stream.read():  # what follows the end is nothing, but must be whole
            self._check()

    def _note(self, member: TarMember) -> None:
        self._log.add(member)
        name = member.name
        if name.endswith(b"opref"):
            root = root_of_opref(name)
            if root is not None:
                self.roots.append(root)
        data = None
        if self._keeps and (_MARK in name or name.startswith(_MARK[1:])):
            data = self._small_content(member)
        if data is None:
            self._skip(padded(member.size))

    def _small_content(self, member: TarMember) -> bytes | None:
        """Keep an entry in `.guild`; its content where that was taken from the stream."""
        root, _, inner = (
            (b"", b"", member.name[len(_MARK) - 1 :])
            if member.name.startswith(_MARK[1:])
            else member.name.partition(_MARK)
        )
        if root != self._root:
            self._keep_small()
            self._root = root
        content: bytes | None = None
        is_file = member.kind == "file" and not member.is_hard and not member.is_sparse
        if is_file and member.size <= LARGEST_SMALL and _is_kept(inner):
            content = self._take(padded(member.size))[: member.size]
        name = f".guild/{inner.decode('utf-8', 'surrogateescape')}"
        if member.kind == "dir":
            name += "/"
        self._small.setdefault(name, (content, member.mtime_ns))
        return content

    def _keep_small(self) -> None:
        if self._small:
            self._log.keep(self._root, self._small)
            self._small = {}

    @property
    def _position(self) -> int:
        """Where in the stream the next byte of the buffer stands."""
        return self._begin + self._at

    @property
    def _begin(self) -> int:
        """Where in the stream the buffer begins."""
        return self._stream.position - len(self._buffer)

    def _take(self, size: int) -> bytes:
        """The next bytes; none at the end of the stream.

        Raises:
            ArchiveError: It ends within them.
        """
        end = self._at + size
        if end > len(self._buffer):
            self._check()
            parts = [self._buffer[self._at :]]
            missing = size - len(parts[0])
            while missing > 0 and (more := self._stream.read()):
                parts.append(more)
                missing -= len(more)
            self._buffer, self._at, end = b"".join(parts), 0, size
            if 0 < len(self._buffer) < size:
                raise ArchiveError("It is cut off.")
        data = self._buffer[self._at : end]
        self._at = min(end, len(self._buffer))
        return data

    def _skip(self, size: int) -> None:
        """Pass over a content; a long one is never in memory as a whole."""
        here = min(size, len(self._buffer) - self._at)
        self._at += here
        size -= here
        while size > 0:
            self._check()
            passed = self._stream.skip(size)
            if passed:
                self._buffer, self._at = b"", 0
                size -= passed
                continue
            more = self._stream.read()
            if not more:
                raise ArchiveError("It is cut off.")
            self._buffer, self._at = more, min(size, len(more))
            size -= len(more)


def _is_kept(inner: bytes) -> bool:
    if inner in _KEPT or inner.startswith(b"attrs/"):
        return True
    return inner == b"proto/.guild/opref" or inner == b"proto/.guild/attrs/flags"
