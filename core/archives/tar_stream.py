"""The unpacked stream of a tar: read from its beginning, or from a mark on.

A tar has no list of its files, and a packed one cannot be entered at will. So while it is read
through once, marks are kept where unpacking can begin again: each gzip member and zstd frame (our
own archives begin one with every few runs), and within a long gzip member copies of the state of
zlib. Of a zstd of one frame there are none; it is unpacked anew up to the file.

What nobody asks for now need not be unpacked: a frame of zstd says how long its content is, and our
own archives have the content of each large file in a frame of its own. So looking at them costs
next to nothing, and an import unpacks once. A frame that says something else than it holds is
damaged for the library, which tells it when it is unpacked: of what was passed over nothing was
believed but where the next header stands.

Why not a temporary file with everything unpacked: looking at an archive would write as much as is
in it, and take as long as importing it.
"""

from __future__ import annotations

import os
import zlib
from bisect import bisect_right
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal, Protocol, cast

from msgspec import Struct

from core.archives.pieces import read_at
from core.errors import ArchiveError

if TYPE_CHECKING:
    import zstandard

Packing = Literal["plain", "gzip", "zstd"]

STEP = 128 * 1024  # bytes asked for at once
MOST_MARKS = 500
FIRST_SPACING = 8 << 20  # unpacked bytes between two copies of zlib's state
_LARGEST_WINDOW = 1 << 27
_GZIP = b"\x1f\x8b"
_ZSTD = b"\x28\xb5\x2f\xfd"
BOMB_BYTES = 16 << 30
BOMB_RATIO = 1000
MOST_NOTHING = 10_000
"""Frames or blocks that hold nothing, one after another: no honest archive has as many, and a
small one of millions of them would keep whoever reads it busy, unasked whether to stop."""


class Mark(Struct, frozen=True):
    """A place where unpacking can begin.

    Attributes:
        position: In the unpacked stream.
        packed: In the file.
        state: Of zlib; None at the beginning of a member, a frame or a plain tar.
    """

    position: int
    packed: int
    state: Any = None


class _Unpacker(Protocol):
    def read(self, size: int) -> bytes:
        """At most `size` unpacked bytes; none at the end. Raises ArchiveError."""

    def skip(self, size: int) -> int:
        """Pass over bytes that need no unpacking, at most `size`; how many. Raises ArchiveError."""

    def mark(self) -> Mark:
        """The last place at or before this one where unpacking can begin."""


class TarStream:
    """The unpacked bytes of an open tar.

    Args:
        descriptor: The open file.
        packing: How it is packed.
        path: Its path, for errors.
    """

    def __init__(self, descriptor: int, packing: Packing, path: Path) -> None:
        self._descriptor = descriptor
        self._packing = packing
        self._path = path
        self._size = os.fstat(descriptor).st_size
        self._marks = [Mark(0, 0)]
        self._spacing = FIRST_SPACING
        self.position = 0
        self._unpacker = self._begin(self._marks[0])

    def read(self, size: int = STEP) -> bytes:
        """At most `size` bytes; none at the end.

        Raises:
            ArchiveError: The stream is damaged, or expands as no honest archive does.
        """
        data = self._unpacker.read(size)
        self._advance(len(data))
        return data

    def skip(self, size: int) -> int:
        """Pass over bytes without unpacking them; how many of at most `size` that could be done of.

        What it leaves is to be read. None of the bytes were looked at: they are damaged, or not
        even there, where reading them says so.

        Raises:
            ArchiveError: As `read`.
        """
        passed = self._unpacker.skip(size)
        self._advance(passed)
        return passed

    def go_to(self, position: int) -> None:
        """Make `position` the place of the next byte that is read.

        Raises:
            ArchiveError: The stream is damaged, or ends before it.
        """
        mark = self._marks[bisect_right(self._marks, position, key=lambda each: each.position) - 1]
        if position < self.position or mark.position > self.position:
            self.position = mark.position
            self._unpacker = self._begin(mark)
        while self.position < position:
            if self.skip(position - self.position):
                continue
            if not self.read(min(STEP, position - self.position)):
                raise ArchiveError(f"{self._path.name} is cut off.", path=self._path)

    def _advance(self, count: int) -> None:
        self.position += count
        if self.position - self._marks[-1].position >= self._spacing:
            self._keep_mark(self._unpacker.mark())
        if self.position > max(BOMB_BYTES, self._size * BOMB_RATIO):
            raise ArchiveError(f"{self._path.name} unpacks to far more than is honest.")

    def know(self, marks: list[Mark]) -> None:
        """Take marks that are known from elsewhere, in order; the first is the beginning."""
        self._marks = marks

    def _keep_mark(self, mark: Mark) -> None:
        if mark.position - self._marks[-1].position < self._spacing:
            return
        self._marks.append(mark)
        if len(self._marks) > MOST_MARKS:
            self._marks = self._marks[::2]
            self._spacing *= 2

    def _begin(self, mark: Mark) -> _Unpacker:
        if self._packing == "plain":
            return _Plain(self._descriptor, mark, self._size)
        if self._packing == "gzip":
            return _Gzip(self._descriptor, mark, self._path)
        return _Zstd(self._descriptor, mark, self._path)


class _Plain:
    def __init__(self, descriptor: int, mark: Mark, size: int) -> None:
        self._descriptor = descriptor
        self._at = mark.packed
        self._size = size

    def read(self, size: int) -> bytes:
        data = read_at(self._descriptor, size, self._at)
        self._at += len(data)
        return data

    def skip(self, size: int) -> int:
        passed = max(0, min(size, self._size - self._at))
        self._at += passed
        return passed

    def mark(self) -> Mark:
        return Mark(self._at, self._at)


class _Gzip:
    """Members one after another."""

    def __init__(self, descriptor: int, mark: Mark, path: Path) -> None:
        self._descriptor = descriptor
        self._path = path
        self._position = mark.position
        self._at = mark.packed  # of the byte after `_rest`
        self._rest = b""
        self._ended = False
        self._unpacking = mark.state.copy() if mark.state else zlib.decompressobj(31)
        self._is_begun = mark.state is not None

    def read(self, size: int) -> bytes:
        while not self._ended:
            if not self._rest and not self._fill():
                break
            try:
                data = self._unpacking.decompress(self._rest, size)
            except zlib.error as e:
                raise ArchiveError(f"{self._path.name} is damaged.", path=self._path) from e
            self._is_begun = True
            self._rest = self._unpacking.unconsumed_tail
            if self._unpacking.eof:
                self._next_member()
            if data:
                self._position += len(data)
                return bytes(data)
        return b""

    def skip(self, size: int) -> int:
        del size  # a member says at its end only how long it is, and not even that for sure
        return 0

    def mark(self) -> Mark:
        state = self._unpacking.copy() if self._is_begun else None
        return Mark(self._position, self._at - len(self._rest), state)

    def _fill(self) -> bool:
        self._rest = read_at(self._descriptor, STEP, self._at)
        self._at += len(self._rest)
        if self._rest:
            return True
        if self._is_begun:
            raise ArchiveError(f"{self._path.name} is cut off.", path=self._path)
        self._ended = True
        return False

    def _next_member(self) -> None:
        self._rest = self._unpacking.unused_data
        self._unpacking = zlib.decompressobj(31)
        self._is_begun = False
        if not self._rest and not self._fill():
            return
        if not self._rest.startswith(_GZIP):
            self._ended = True  # gzip ignores what fills up a tape, and so do we


class _Zstd:
    """Frames one after another, each of them unpacked up to its own end and no further."""

    def __init__(self, descriptor: int, mark: Mark, path: Path) -> None:
        import zstandard

        self._descriptor = descriptor
        self._path = path
        self._position = mark.position
        self._at = mark.packed  # where the frame begins
        self._end = mark.packed
        self._mark = mark
        self._unpacker = zstandard.ZstdDecompressor(max_window_size=_LARGEST_WINDOW)
        self._reader: zstandard.ZstdDecompressionReader | None = None
        self._ahead = b""  # unpacked to see whether the frame goes on
        self._failure = zstandard.ZstdError
        self._content_size = zstandard.frame_content_size

    def read(self, size: int) -> bytes:
        data = self._ahead[:size]
        self._ahead = self._ahead[size:]
        nothing = 0
        while not data:
            if self._reader is None and not self._next_frame():
                return b""
            data = self._unpacked(size)
            nothing += 1
            if nothing > 2 * MOST_NOTHING:
                raise ArchiveError(f"{self._path.name} is damaged.", path=self._path)
        self._position += len(data)
        return data

    def skip(self, size: int) -> int:
        if self._reader is not None and not self._ahead:
            self._ahead = self._unpacked(STEP)
        if self._reader is not None:
            return 0
        frame = _Frame(self._descriptor, self._at, self._path)
        content = self._content_of(frame)
        if not 0 < content <= size:
            return 0
        self._mark = Mark(self._position, frame.begin)
        self._position += content
        self._at = self._end = frame.end
        return content

    def mark(self) -> Mark:
        return self._mark

    def _next_frame(self) -> bool:
        frame = _Frame(self._descriptor, self._at, self._path)
        if not frame.head:
            return False
        self._at, self._end = frame.begin, frame.end
        self._mark = Mark(self._position, self._at)
        self._reader = self._unpacker.stream_reader(cast("IO[bytes]", frame), read_size=STEP)
        return True

    def _content_of(self, frame: _Frame) -> int:
        """Bytes that a frame says it unpacks to; -1 where it does not say."""
        try:
            return self._content_size(frame.head) if frame.head else 0
        except self._failure as e:
            raise ArchiveError(f"{self._path.name} is damaged.", path=self._path) from e

    def _unpacked(self, size: int) -> bytes:
        """More of the frame; none, and it is left behind, at its end."""
        assert self._reader is not None
        try:
            data = self._reader.read(size)
        except self._failure as e:
            raise ArchiveError(f"{self._path.name} is damaged.", path=self._path) from e
        if not data:
            self._reader, self._at = None, self._end
        return data


class _Frame:
    """The packed bytes of one frame.

    Its end is found by its blocks' headers: the library gives no way to stop there and to limit
    what one call unpacks, and both are needed.
    """

    def __init__(self, descriptor: int, at: int, path: Path) -> None:
        self._descriptor = descriptor
        self._path = path
        self.head = self._skip_others(at)
        self.end = self.begin
        if self.head:
            self.end = self._end_of_blocks(self.head)
            # The library gives what there is of a frame without a word on the rest.
            if self.end > os.fstat(descriptor).st_size:
                raise ArchiveError(f"{path.name} is cut off.", path=path)
        self._next = self.begin

    def read(self, size: int = -1) -> bytes:
        data = read_at(self._descriptor, max(0, min(size, self.end - self._next)), self._next)
        self._next += len(data)
        return data

    def _skip_others(self, at: int) -> bytes:
        """The head of the next frame of data; nothing at the end of the file."""
        for _ in range(MOST_NOTHING):
            self.begin = at
            head = read_at(self._descriptor, 18, at)
            if not head:
                return b""
            magic = int.from_bytes(head[:4], "little")
            if magic & 0xFFFF_FFF0 != 0x184D_2A50 or len(head) < 8:
                break
            at += 8 + int.from_bytes(head[4:8], "little")
        else:
            head = b""
        if not head.startswith(_ZSTD) or len(head) < 9:
            raise ArchiveError(f"{self._path.name} is damaged.", path=self._path)
        return head

    def _end_of_blocks(self, head: bytes) -> int:
        descriptor = head[4]
        is_single = descriptor >> 5 & 1
        sizes = (is_single, 2, 4, 8)[descriptor >> 6]
        at = self.begin + 5 + (not is_single) + (0, 1, 2, 4)[descriptor & 3] + sizes
        nothing = 0
        while nothing < MOST_NOTHING:
            block = read_at(self._descriptor, 3, at)
            if len(block) < 3:
                raise ArchiveError(f"{self._path.name} is cut off.", path=self._path)
            value = int.from_bytes(block, "little")
            form, size = value >> 1 & 3, value >> 3
            at += 3 + (1 if form == 1 else size)
            if value & 1:
                return at + (4 if descriptor & 4 else 0)
            nothing = 0 if size else nothing + 1
        raise ArchiveError(f"{self._path.name} is damaged.", path=self._path)
