"""Writing zips as Guild does: `ID/`, `ID/.guild/…`, every directory as an entry, no links.

Why not the zipfile module: it writes names that are not UTF-8 not at all and times of two seconds
without a time zone only, compresses on one core, and takes twice as long for an entry.

* Names that are no UTF-8 are written as their bytes, as Info-ZIP does; others as ASCII or UTF-8.
* Times: of DOS for everybody, of Unix for unzip, of NTFS (100 ns) for ourselves.
* ZIP64 where a file, the archive or the number of entries needs it.
* The entries of an older archive stay byte for byte; only the list at the end is written anew.
"""

from __future__ import annotations

import os
import stat
import struct
import time
import zlib
from collections import deque
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct

from core.archives.entries import ArchiveEntry
from core.archives.packer import OutFile
from core.archives.squeeze import DeflateStream, Pool, deflated

if TYPE_CHECKING:
    from concurrent.futures import Future

    from core.archives.row_index import IndexWriter

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR = struct.Struct("<4sLQL")
_END = struct.Struct("<4s4H2LH")
_UNIX_TIME = struct.Struct("<2HBi")
_NTFS_TIME = struct.Struct("<2HL2H3Q")
_LARGE = struct.Struct("<2H2Q")
_OFFSET = struct.Struct("<L")
_FULL32, _FULL16 = 0xFFFF_FFFF, 0xFFFF
_MANY_BYTES = 0xF000_0000  # a compressed file may be a little larger than the file
_UTF8 = 0x800
_STORED, _DEFLATED = 0, 8
_BY_UNIX = 3 << 8
_OLD, _ZIP64 = 20, 45  # versions of the format
_DIRECTORY_OF_DOS = 0x10
_IN_MEMORY = 8 << 20
_BATCH_BYTES, _BATCH_ENTRIES = 256 * 1024, 64
"""So much is compressed at once beside the reading of what follows."""
_MOST_WAITING = 4
_KINDS = {"file": stat.S_IFREG, "dir": stat.S_IFDIR, "link": stat.S_IFLNK}

EPOCH_OF_NTFS = 116_444_736_000_000_000
"""1970 in units of 100 ns since 1601."""


class _Stored(Struct):
    """How the content of an entry lies in the archive."""

    method: int = _STORED
    crc: int = 0
    packed: int = 0
    size: int = 0


_Entry = tuple[ArchiveEntry, bytes]
_Squeezed = tuple[int, bytes | None]


class ZipPacker:
    """Writes a zip (see core.archives.packer.Packer).

    Args:
        out: The file, behind the entries that it has already.
        pool: Compresses, beside the thread that reads and writes.
        records: The list of those entries.
        count: Their number.
    """

    def __init__(self, out: OutFile, pool: Pool, records: bytes = b"", count: int = 0) -> None:
        from tempfile import SpooledTemporaryFile  # 3 ms that a tar does without

        self._out = out
        self._pool = pool
        self._records = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 - `close` closes it
        self._records.write(records)
        self._count = count
        self._mark = (0, 0, 0)
        self._batch: list[_Entry] = []
        self._batched = 0
        self._waiting: deque[tuple[list[_Entry], Future[list[_Squeezed]]]] = deque()

    def begin_run(self) -> int:
        """Begin a run; a zip has no streams."""
        return 0

    def mark(self) -> None:
        """Remember this place."""
        self._settle()
        self._mark = (self._out.tell(), self._records.tell(), self._count)

    def take_back(self) -> None:
        """Remove what was written since `mark`."""
        self._settle()
        position, records, self._count = self._mark
        self._out.cut(position)
        self._records.seek(records)
        self._records.truncate()

    def add(self, entry: ArchiveEntry, data: bytes = b"") -> None:
        """Write an entry with its whole content, some time before anything else is asked."""
        self._batch.append((entry, data))
        self._batched += len(data)
        if self._batched >= _BATCH_BYTES or len(self._batch) >= _BATCH_ENTRIES:
            self._submit()

    def add_large(self, entry: ArchiveEntry, pieces: Iterator[bytes], *, is_packed: bool) -> None:
        """Write a large file; its sizes and checksum are put in when they are known."""
        self._settle()
        position = self._out.tell()
        name, flags = _name(entry)
        stored = _Stored(_DEFLATED if is_packed else _STORED, size=entry.size)
        header = _local(entry, name, flags, stored)
        self._out.write(header)
        self._write_pieces(pieces, stored)
        stored.packed = self._out.tell() - position - len(header)
        self._out.patch(position, _local(entry, name, flags, stored))
        self._note(entry, name, flags, stored, position)

    def add_part(
        self, packed: bytes, directory: bytes, places: Sequence[int], size: int = 0
    ) -> bool:
        """Write whole entries that were compressed already; False where they need ZIP64."""
        self._settle()
        begin = self._out.tell()
        if begin + len(packed) >= _FULL32:
            return False
        listed = bytearray(directory)
        for place in places:
            _OFFSET.pack_into(listed, place, _OFFSET.unpack_from(listed, place)[0] + begin)
        self._out.write(packed)
        self._records.write(listed)
        self._count += len(places)
        return True

    def finish(self, index: IndexWriter | None = None) -> None:
        """Write the list of all entries, and an index before it."""
        self._settle()
        if index is not None:
            self._out.write(index.finish(self._checksum()))
        start = self._out.tell()
        self._records.seek(0)
        while data := self._records.read(1 << 20):
            self._out.write(data)
        end = self._out.tell()
        size = end - start
        if start >= _FULL32 or size >= _FULL32 or self._count >= _FULL16:
            versions = (_BY_UNIX | _ZIP64, _ZIP64)
            counts = (self._count, self._count)
            self._out.write(
                _END64.pack(b"PK\x06\x06", 44, *versions, 0, 0, *counts, size, start)
                + _LOCATOR.pack(b"PK\x06\x07", 0, end, 1)
            )
        count = min(self._count, _FULL16)
        sizes = (min(size, _FULL32), min(start, _FULL32))
        self._out.write(_END.pack(b"PK\x05\x06", 0, 0, count, count, *sizes, 0))
        self._out.flush()

    def close(self) -> None:
        """Forget the list of entries, and what is not written."""
        for _, squeezed in self._waiting:
            squeezed.cancel()
        self._waiting.clear()
        self._records.close()

    def _checksum(self) -> int:
        """CRC-32 of the list of entries."""
        checksum = 0
        self._records.seek(0)
        while data := self._records.read(1 << 20):
            checksum = zlib.crc32(data, checksum)
        return checksum

    def _submit(self) -> None:
        """Let the pool compress what was gathered; write what it has finished."""
        if self._batch:
            batch = self._batch
            self._waiting.append((batch, self._pool.submit(_squeeze, batch)))
            self._batch, self._batched = [], 0
        while self._waiting and (len(self._waiting) > _MOST_WAITING or self._waiting[0][1].done()):
            self._write_first()

    def _settle(self) -> None:
        """Write everything that was added."""
        self._submit()
        while self._waiting:
            self._write_first()

    def _write_first(self) -> None:
        batch, squeezed = self._waiting.popleft()
        for (entry, data), (crc, packed) in zip(batch, squeezed.result(), strict=True):
            body = data if packed is None else packed
            method = _STORED if packed is None else _DEFLATED
            stored = _Stored(method, crc, len(body), len(data))
            position = self._out.tell()
            name, flags = _name(entry)
            self._out.write(_local(entry, name, flags, stored) + body)
            self._note(entry, name, flags, stored, position)

    def _write_pieces(self, pieces: Iterator[bytes], stored: _Stored) -> None:
        if stored.method == _STORED:
            for piece in pieces:
                stored.crc = zlib.crc32(piece, stored.crc)
                self._out.write(piece)
            return
        stream = DeflateStream(self._out.write, self._pool)
        try:
            for piece in pieces:
                stored.crc = zlib.crc32(piece, stored.crc)
                stream.write(piece)
            stream.finish()
        finally:
            stream.drop()

    def _note(
        self, entry: ArchiveEntry, name: bytes, flags: int, stored: _Stored, position: int
    ) -> None:
        """Put an entry into the list."""
        numbers = [stored.size, stored.packed, position]
        large = [number for number in numbers if number >= _FULL32]
        size, packed, offset = (min(number, _FULL32) for number in numbers)
        extra = struct.pack(f"<2H{len(large)}Q", 1, 8 * len(large), *large) if large else b""
        dos, unix, ntfs = _times(entry.mtime_ns)
        extra += unix + ntfs
        version = _ZIP64 if large else _OLD
        outer = (_KINDS[entry.kind] | entry.mode) << 16
        outer |= _DIRECTORY_OF_DOS if entry.kind == "dir" else 0
        self._records.write(
            _CENTRAL.pack(
                *(b"PK\x01\x02", _BY_UNIX | version, version, flags, stored.method),
                *(*dos, stored.crc, packed, size),
                *(len(name), len(extra), 0, 0, 0, outer, offset),
            )
            + name
            + extra
        )
        self._count += 1


def _squeeze(batch: Sequence[_Entry]) -> list[_Squeezed]:
    """Checksum and packed form of each content; most of it without Python's lock."""
    return [(zlib.crc32(data), deflated(data)) for _, data in batch]


def _local(entry: ArchiveEntry, name: bytes, flags: int, stored: _Stored) -> bytes:
    is_large = stored.size >= _MANY_BYTES
    extra = _LARGE.pack(1, 16, stored.size, stored.packed) if is_large else b""
    times, unix, _ = _times(entry.mtime_ns)
    extra += unix
    packed, size = (_FULL32, _FULL32) if is_large else (stored.packed, stored.size)
    version = _ZIP64 if is_large else _OLD
    lengths = (len(name), len(extra))
    first = (b"PK\x03\x04", version, flags, stored.method, *times)
    return _LOCAL.pack(*first, stored.crc, packed, size, *lengths) + name + extra


def _name(entry: ArchiveEntry) -> tuple[bytes, int]:
    """The name's bytes, and the flag that says that they are UTF-8."""
    name = f"{entry.name}/" if entry.kind == "dir" else entry.name
    if name.isascii():
        return name.encode("ascii"), 0
    try:
        return name.encode("utf-8"), _UTF8
    except UnicodeEncodeError:
        return os.fsencode(name), 0


@lru_cache(maxsize=64)  # each is written twice, one shortly after the other
def _times(mtime_ns: int) -> tuple[tuple[int, int], bytes, bytes]:
    """A time as DOS, Unix and NTFS have it."""
    return dos_clock(mtime_ns // 1_000_000_000), _unix_time(mtime_ns), _ntfs_time(mtime_ns)


@lru_cache(maxsize=1024)  # the files of a run were written within the same seconds
def dos_clock(seconds: int) -> tuple[int, int]:
    """Clock and day in the local time, as far as DOS had them."""
    try:
        year, month, day, hour, minute, second = time.localtime(seconds)[:6]
    except (OverflowError, ValueError, OSError):
        return 0, 1 << 5 | 1
    if not 1980 <= year <= 2107:
        return 0, (1 << 5 | 1) if year < 1980 else (127 << 9 | 12 << 5 | 31)
    return hour << 11 | minute << 5 | min(second, 59) // 2, (year - 1980) << 9 | month << 5 | day


def _unix_time(mtime_ns: int) -> bytes:
    seconds = mtime_ns // 1_000_000_000
    if not -(1 << 31) <= seconds < 1 << 31:
        return b""
    return _UNIX_TIME.pack(0x5455, 5, 1, seconds)


def _ntfs_time(mtime_ns: int) -> bytes:
    ticks = mtime_ns // 100 + EPOCH_OF_NTFS
    if not 0 < ticks < 1 << 63:
        return b""
    return _NTFS_TIME.pack(0x000A, 32, 0, 1, 24, ticks, ticks, ticks)
