"""Writing tars, compressed by gzip or zstd; links are links, times are exact to the nanosecond.

Why not the tarfile module: it takes 100 microseconds for the header of an entry, and a store has
thirty a run. The headers are those of POSIX (pax) where ustar's do not suffice.

Why names that are no UTF-8 stand in the plain header where they fit: so does GNU tar, and every
reader gives their bytes back. Longer ones say that they are bytes (`hdrcharset=BINARY`).

Why an archive is made of several streams (frames of zstd, members of gzip) around a large run: the
end of one is a place to go back to when the run cannot be read to its end. Every tool reads them
as one.

Why the content of a large file is a stream of its own: one of zstd says at its beginning how much
it holds, and who only wants to know what is in the archive passes it over
(core.archives.tar_stream). And what cannot be compressed is then not tried at length.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

import zstandard

from core.archives.entries import ArchiveEntry
from core.archives.packer import OutFile
from core.archives.squeeze import LEVEL, DeflateStream, Pool, worker_count

if TYPE_CHECKING:
    from core.archives.row_index import IndexWriter

BLOCK = 512
_TYPES = {"file": b"0", "dir": b"5", "link": b"2"}
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"
ZSTD_LEVEL = 3
_ZSTD_HOPELESS = -50
"""For what three samples say cannot be compressed: as large as by any other level, at the pace of a
copy, and with the checksum that others have."""
_ZSTD_JOB = 3 << 20  # zstd's own choice takes 250 MB of memory, and makes a half percent less
_GATHER = 256 * 1024
LONG_STREAM = 8 << 20
"""Where a run begins behind so many bytes, so does a stream, and so do and end longer contents."""
_MOST_SIZE = 8**11
_SECOND = 1_000_000_000
_HEADER = struct.Struct("100s57s100s8s247x")  # cuts what is too long, and fills up with zeros
_NOBODY = b"0000000\0" * 2

USUAL_SECONDS = range(10**9, 10**10)
"""Times of ten digits: from 2001 to 2286."""

MTIME_REST = bytes(BLOCK - 30)
"""What fills the block of a pax header that says nothing but such a time."""


class Squeezer(Protocol):
    """Compresses a stream of bytes into a file."""

    def hidden(self, index: bytes) -> bytes:
        """An index in a form that whoever unpacks the file does not see."""

    def begin_stream(self, size: int, *, is_packed: bool) -> None:
        """Begin a stream of so many bytes.

        Args:
            size: Exactly.
            is_packed: Whether compressing it is worth the time.
        """

    def write(self, data: bytes | bytearray) -> None:
        """Take more."""

    def end_stream(self) -> None:
        """End the stream, so that all is in the file; the next write begins another one."""

    def drop(self) -> None:
        """Forget what is not in the file yet; the next write begins another stream."""


class GzipSqueezer:
    """gzip, on several cores.

    Args:
        out: The file.
        pool: Compresses.
    """

    def __init__(self, out: OutFile, pool: Pool) -> None:
        self._out = out
        self._pool = pool
        self._stream: DeflateStream | None = None
        self._crc = self._size = 0

    def begin_stream(self, size: int, *, is_packed: bool) -> None:
        """Begin a member."""
        del size  # is told at its end
        self._out.write(GZIP_HEAD)
        level = LEVEL if is_packed else 0
        self._stream = DeflateStream(self._out.write, self._pool, level)
        self._crc = self._size = 0

    def write(self, data: bytes | bytearray) -> None:
        """Take more."""
        if self._stream is None:
            self.begin_stream(0, is_packed=True)
        assert self._stream is not None
        self._crc = zlib.crc32(data, self._crc)
        self._size += len(data)
        self._stream.write(data)

    def hidden(self, index: bytes) -> bytes:
        """An index in empty members."""
        from core.archives.index_place import as_members

        return as_members(index)

    def end_stream(self) -> None:
        """End the member."""
        if self._stream is not None:
            self._stream.finish()
            self._stream = None
            self._out.write(struct.pack("<2L", self._crc, self._size & 0xFFFF_FFFF))

    def drop(self) -> None:
        """Forget the member."""
        if self._stream is not None:
            self._stream.drop()
            self._stream = None


class ZstdSqueezer:
    """zstd, on several cores.

    Args:
        out: The file.
    """

    def __init__(self, out: OutFile) -> None:
        self._out = out
        parameters = zstandard.ZstdCompressionParameters.from_level(
            ZSTD_LEVEL, threads=worker_count(), job_size=_ZSTD_JOB, write_checksum=1
        )
        self._compressor = zstandard.ZstdCompressor(compression_params=parameters)
        self._stream: zstandard.ZstdCompressionObj | None = None

    def begin_stream(self, size: int, *, is_packed: bool) -> None:
        """Begin a frame that says how long it is."""
        compressor = self._compressor
        if not is_packed:  # by this thread: there is less to do than to hand it over
            compressor = zstandard.ZstdCompressor(level=_ZSTD_HOPELESS, write_checksum=True)
        self._stream = compressor.compressobj(size)

    def write(self, data: bytes | bytearray) -> None:
        """Take more."""
        if self._stream is None:
            self._stream = self._compressor.compressobj()
        self._out.write(self._stream.compress(data))

    def hidden(self, index: bytes) -> bytes:
        """An index in a frame that is skipped."""
        from core.archives.index_place import as_frame

        return as_frame(index)

    def end_stream(self) -> None:
        """End the frame."""
        if self._stream is not None:
            self._out.write(self._stream.flush())
            self._stream = None

    def drop(self) -> None:
        """Forget the frame."""
        self._stream = None


class TarPacker:
    """Writes a tar (see core.archives.packer.Packer).

    Args:
        out: The file.
        squeezer: Compresses into it.
    """

    def __init__(self, out: OutFile, squeezer: Squeezer) -> None:
        self._out = out
        self._squeezer = squeezer
        self._mark = 0, 0
        self._gathered = bytearray()
        self._streams: list[tuple[int, int]] = []  # where each begins: in the file, in the tar
        self._is_open = False
        self._size = 0  # of the tar so far

    def begin_run(self) -> int:
        """Begin a run; the number of the compressed stream that it will be in."""
        if self._is_open and self._size - self._streams[-1][1] >= LONG_STREAM:
            self._end_stream()
        return len(self._streams) - self._is_open

    def mark(self) -> None:
        """End a stream here, to go back to."""
        self._end_stream()
        self._mark = self._out.tell(), self._size

    def take_back(self) -> None:
        """Remove what was written since `mark`."""
        self._gathered.clear()
        self._squeezer.drop()
        position, self._size = self._mark
        self._out.cut(position)
        self._is_open = False
        while self._streams and self._streams[-1][0] >= position:
            self._streams.pop()

    def add(self, entry: ArchiveEntry, data: bytes = b"") -> None:
        """Write an entry with its whole content."""
        self._write(header_of(entry, len(data)))
        self._write(data)
        self._pad(len(data))

    def add_large(self, entry: ArchiveEntry, pieces: Iterator[bytes], *, is_packed: bool) -> None:
        """Write a large file; its content, where it is long, in a stream of its own."""
        self._write(header_of(entry, entry.size))
        padding = -entry.size % BLOCK
        if entry.size >= LONG_STREAM:
            self.begin_content(entry.size + padding, is_packed=is_packed)
        for piece in pieces:
            self._write(piece)
        self._write(bytes(padding))
        if entry.size >= LONG_STREAM:
            self.end_content()

    def begin_content(self, size: int, *, is_packed: bool = True) -> None:
        """Let the next `size` bytes be a stream of their own, within that of their run."""
        self._change_stream()
        self._squeezer.begin_stream(size, is_packed=is_packed)

    def end_content(self) -> None:
        """End that stream."""
        self._change_stream()

    def raw(self, data: bytes) -> None:
        """Write a piece of another tar, in which entries follow each other as there."""
        self._write(data)

    def add_part(
        self, packed: bytes, directory: bytes, places: Sequence[int], size: int = 0
    ) -> bool:
        """Write whole entries that were compressed already, as a stream of their own."""
        del directory, places  # a tar has none
        self._end_stream()
        self._streams.append((self._out.tell(), self._size))
        self._size += size
        self._out.write(packed)
        return True

    def finish(self, index: IndexWriter | None = None) -> None:
        """Write the end of the tar, and an index behind it."""
        self._write(bytes(2 * BLOCK))
        self._end_stream()
        if index is not None:
            from core.archives.index_place import checksum_of

            checksum = checksum_of(self._out.read, self._streams, self._out.tell())
            self._out.write(self._squeezer.hidden(index.finish(checksum, self._streams)))
        self._out.flush()

    def close(self) -> None:
        """Forget what is not in the file."""
        self._squeezer.drop()

    def _pad(self, size: int) -> None:
        self._write(bytes(-size % BLOCK))

    def _write(self, data: bytes) -> None:
        if data and not self._is_open:
            self._streams.append((self._out.tell(), self._size))
            self._is_open = True
        self._size += len(data)
        if len(data) >= _GATHER:
            self._hand_over()
            self._squeezer.write(data)
            return
        self._gathered += data
        if len(self._gathered) >= _GATHER:
            self._hand_over()

    def _end_stream(self) -> None:
        self._change_stream()
        self._is_open = False

    def _change_stream(self) -> None:
        """Begin another stream that whoever looks for runs need not know of."""
        self._hand_over()
        self._squeezer.end_stream()

    def _hand_over(self) -> None:
        if self._gathered:
            self._squeezer.write(self._gathered)
            self._gathered.clear()


def header_of(entry: ArchiveEntry, size: int) -> bytes:
    """The header of an entry, and before it the pax header that says what does not fit.

    Args:
        entry: The entry.
        size: Bytes of its content.
    """
    name = os.fsencode(f"{entry.name}/" if entry.kind == "dir" else entry.name)
    target = os.fsencode(entry.target)
    seconds, rest = divmod(entry.mtime_ns, _SECOND)
    is_usual = len(name) <= 100 and not target and name.isascii() and size < _MOST_SIZE
    if is_usual and rest and seconds in USUAL_SECONDS:  # nearly all, and no other words needed
        plain = _ustar(name, entry.mode, size, seconds, _TYPES[entry.kind], b"")
        body = b"30 mtime=%d.%09d\n" % (seconds, rest)
        return b"%b%b%b%b" % (MTIME_HEAD, body, MTIME_REST, plain)
    more: dict[bytes, bytes] = {}
    if len(name) > 100 or _is_utf8(name):
        more[b"path"] = name
    if len(target) > 100 or _is_utf8(target):
        more[b"linkpath"] = target
    if rest or not 0 <= seconds < _MOST_SIZE:
        more[b"mtime"] = _decimal(entry.mtime_ns)
    if size >= _MOST_SIZE:
        more[b"size"] = b"%d" % size
    plain = _ustar(name, entry.mode, size, seconds, _TYPES[entry.kind], target)
    return _pax(more, name) + plain if more else plain


def _is_utf8(text: bytes) -> bool:
    """Whether it holds letters beyond ASCII that pax must be told of."""
    if text.isascii():
        return False
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decimal(time_ns: int) -> bytes:
    sign = b"-" if time_ns < 0 else b""
    seconds, rest = divmod(abs(time_ns), _SECOND)
    return sign + b"%d.%09d" % (seconds, rest)


def _pax(values: dict[bytes, bytes], name: bytes) -> bytes:
    long_bytes = [key for key in (b"path", b"linkpath") if not _decodes(values.get(key, b""))]
    if long_bytes:
        values = {b"hdrcharset": b"BINARY", **values}
    body = b"".join(_pax_line(key, value) for key, value in values.items())
    return _pax_head(name, len(body)) + body + bytes(-len(body) % BLOCK)


def _pax_head(name: bytes, size: int) -> bytes:
    return _ustar(b"PaxHeaders/" + name[-80:], 0o644, size, 0, b"x", b"")


def _decodes(text: bytes) -> bool:
    return text.isascii() or _is_utf8(text)


def _pax_line(key: bytes, value: bytes) -> bytes:
    """A line that begins with its own length."""
    rest = len(key) + len(value) + 3
    length = rest + len(str(rest))
    length = rest + len(str(length))
    return b"%d %b=%b\n" % (length, key, value)


def _ustar(name: bytes, mode: int, size: int, seconds: int, kind: bytes, target: bytes) -> bytes:
    seconds = seconds if 0 <= seconds < _MOST_SIZE else 0
    size = size if size < _MOST_SIZE else 0
    numbers = b"%07o\0%b%011o\0%011o\0        %b" % (mode, _NOBODY, size, seconds, kind)
    block = _HEADER.pack(name, numbers, target, b"ustar\00000")
    return b"%b%06o\0 %b" % (block[:148], _sum_of(block), block[156:])


def _sum_of(block: bytes) -> int:
    """The sum of all bytes of a header.

    The lower half of Adler-32 is that sum and one, as long as it is small; the bytes of a header in
    ASCII are, and this takes a twentieth of the time of adding them up in Python.
    """
    return (zlib.adler32(block) & 0xFFFF) - 1 if block.isascii() else sum(block)


MTIME_HEAD = _pax_head(b"mtime", 30)
"""The pax header before every entry of an usual time. What it is called nobody reads."""
