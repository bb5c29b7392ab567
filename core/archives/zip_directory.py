"""A zip's central directory: what entries there are, without reading their contents.

Why not the zipfile module: it makes an object of 18 fields and three dictionaries for every entry
before the first can be asked for, which takes seconds and hundreds of megabytes where an archive
of 10,000 runs has 260,000 entries. Here the directory stays on disk: it is read through once to
find the runs, of which only the places of their entries are kept, and again a run at a time.
"""

from __future__ import annotations

import os
import stat
import struct
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from msgspec import Struct

from core.archives.entries import EntryKind
from core.archives.pieces import read_at
from core.errors import ArchiveError

MOST_ENTRIES = 5_000_000
WINDOW = 1 << 20
PART = -1
LONGEST_RECORD = 46 + 3 * 0xFFFF

_END = struct.Struct("<4s4H2LH")
_END_MAGIC = b"PK\x05\x06"
_LOCATOR = struct.Struct("<4sLQL")
_LOCATOR_MAGIC = b"PK\x06\x07"
_END64 = struct.Struct("<4sQ2H2L4Q")
_END64_MAGIC = b"PK\x06\x06"
_RECORD_MAGIC = b"PK\x01\x02"
_RECORD = struct.Struct("<4s6H3L5H2L")
_LENGTHS = struct.Struct("<3H")
_LENGTHS_AT = 28
_FULL32, _FULL16 = 0xFFFF_FFFF, 0xFFFF
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800
_UNIX = 3
_FILETIME_EPOCH = 116_444_736_000_000_000  # 1970 in units of 100 ns since 1601


class ZipRecord(NamedTuple):
    """One entry as the central directory declares it.

    Attributes:
        raw_name: Whole name as bytes.
        flags: General purpose bits.
        method: 0 is stored, 8 deflated.
        crc: CRC-32 of the content.
        packed: Compressed bytes.
        size: Bytes of the content.
        offset: Where its local header is in the file.
        mode: Unix mode with the kind of file; 0 when not made by Unix.
        dos_time: Modification time as DOS writes it: date and time, 16 bits each.
        exact_ns: Modification time in nanoseconds since 1970-01-01 UTC; 0 where only DOS' is there.
    """

    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int
    size: int
    offset: int
    mode: int
    dos_time: int
    exact_ns: int

    @property
    def is_encrypted(self) -> bool:
        """Whether its content needs a password."""
        return bool(self.flags & _ENCRYPTED)

    @property
    def kind(self) -> EntryKind:
        """What it is; a name with "/" at its end is a directory."""
        form = stat.S_IFMT(self.mode)
        if self.raw_name.endswith(b"/") or form == stat.S_IFDIR:
            return "dir"
        if form == stat.S_IFLNK:
            return "link"
        return "file" if form in (0, stat.S_IFREG) else "other"

    @property
    def mtime_ns(self) -> int:
        """Modification time in nanoseconds since 1970-01-01 UTC."""
        return self.exact_ns or _dos_time(self.dos_time >> 16, self.dos_time & 0xFFFF)

    @property
    def name(self) -> str:
        """The whole name as text."""
        return decode_name(self.raw_name, self.flags, is_unix=self.mode != 0)


class CentralDirectory(Struct, frozen=True):
    """Where a zip's central directory is.

    Attributes:
        start: Its first byte in the file.
        size: Its bytes.
        count: How many entries it declares; PART for a part of a list.
        shift: How many bytes stand before the zip, e.g. a program that unpacks it.
    """

    start: int
    size: int
    count: int
    shift: int


def find_directory(descriptor: int, path: Path) -> CentralDirectory:
    """Find the central directory of an open zip.

    Raises:
        ArchiveError: There is none, or it is not where it says.
    """
    size = os.fstat(descriptor).st_size
    tail_size = min(size, _END.size + _FULL16 + _LOCATOR.size)
    tail = read_at(descriptor, tail_size, size - tail_size)
    at = tail.rfind(_END_MAGIC)
    while at >= 0:
        found = _directory_at(descriptor, tail, at, size - tail_size, path)
        if found is not None:
            return found
        at = tail.rfind(_END_MAGIC, 0, at)
    raise damaged(path, "its end is missing, as if it had not been copied whole")


def _directory_at(
    descriptor: int, tail: bytes, at: int, base: int, path: Path
) -> CentralDirectory | None:
    """The directory that the record at `at` speaks of; None where it is no such record."""
    if len(tail) - at < _END.size:
        return None
    _, disk, first_disk, _, count, size, start, comment = _END.unpack_from(tail, at)
    if at + _END.size + comment > len(tail):
        return None
    end = base + at
    is_large = _FULL16 in (count, disk) or _FULL32 in (size, start)
    if is_large and tail[max(0, at - _LOCATOR.size) :].startswith(_LOCATOR_MAGIC):
        end, disk, first_disk, count, size, start = _large(descriptor, tail, at, path)
    if disk != first_disk:
        raise damaged(path, "it is one part of an archive of several parts")
    shift = end - size - start
    if shift < 0:
        raise damaged(path, "its list of entries is not where it should be")
    if count > MOST_ENTRIES:
        raise ArchiveError(
            f"{path.name} has {count:,} entries; more than {MOST_ENTRIES:,} are not read.",
            path=path,
        )
    return CentralDirectory(end - size, size, count, shift)


def _large(descriptor: int, tail: bytes, at: int, path: Path) -> tuple[int, ...]:
    """The same of an archive of more than 4 GB or 65,535 entries (ZIP64)."""
    _, _, start, _ = _LOCATOR.unpack_from(tail, at - _LOCATOR.size)
    data = read_at(descriptor, _END64.size, min(start, 1 << 62))
    if len(data) < _END64.size or not data.startswith(_END64_MAGIC):
        raise damaged(path, "its end for large archives is missing")
    _, _, _, _, disk, first_disk, _, count, size, offset = _END64.unpack(data)
    return start, disk, first_disk, count, size, offset


def iter_names(
    descriptor: int, directory: CentralDirectory, path: Path
) -> Iterator[tuple[int, int, bytes]]:
    """Begin, end (in the file) and raw name of each record.

    Raises:
        ArchiveError: A record is damaged, or there are more or fewer than declared.
    """
    position, end = directory.start, directory.start + directory.size
    lengths, count = _LENGTHS.unpack_from, 0
    while position < end:
        data = read_at(descriptor, min(WINDOW, end - position), position)
        at, limit = 0, len(data) - 46
        while at <= limit:
            name, extra, comment = lengths(data, at + _LENGTHS_AT)
            following = at + 46 + name + extra + comment
            if following > len(data):
                break
            if data[at : at + 4] != _RECORD_MAGIC:
                raise damaged(path, "its list of entries is damaged")
            yield position + at, position + following, data[at + 46 : at + 46 + name]
            count += 1
            at = following
        if at == 0:
            raise damaged(path, "its list of entries is cut off")
        position += at
    # The small form counts to 65,535 only, and old programs let it run over.
    if directory.count != PART and (count - directory.count) & _FULL16:
        declared = f"{directory.count:,}"
        raise damaged(path, f"it declares {declared} entries and has {count:,}")


def records_in(data: bytes, path: Path, within: bytes = b"") -> Iterator[tuple[bytes, int]]:
    """Raw name and place of each record in a piece of the central directory of whole ones.

    Args:
        data: The piece.
        path: The archive, for errors.
        within: Only records whose names begin so; the names are what follows.

    Raises:
        ArchiveError: They are damaged.
    """
    lengths, at, last, skip = _LENGTHS.unpack_from, 0, len(data) - 46, len(within)
    while at <= last:
        if data[at : at + 4] != _RECORD_MAGIC:
            raise damaged(path, "its list of entries is damaged")
        name, extra, comment = lengths(data, at + _LENGTHS_AT)
        start = at + 46
        if data[start : start + skip] == within:
            yield data[start + skip : start + name], at
        at = start + name + extra + comment


def size_of_record(data: bytes, at: int) -> int:
    """Bytes of the record that begins at a place; 0 where none does."""
    if len(data) - at < _RECORD.size or not data.startswith(_RECORD_MAGIC, at):
        return 0
    name, extra, comment = _LENGTHS.unpack_from(data, at + _LENGTHS_AT)
    return _RECORD.size + int(name + extra + comment)


def record_at(data: bytes, at: int, shift: int = 0) -> ZipRecord:
    """The record that begins at a place of a piece of the central directory.

    Args:
        data: The piece.
        at: The place.
        shift: How many bytes stand before the zip.
    """
    found = _RECORD.unpack_from(data, at)
    _, made_by, _, flags, method, clock, day, crc, packed, size = found[:10]
    name, extra, _, _, _, outer, offset = found[10:]
    start = at + 46 + name
    fields = _extra_fields(data[start : start + extra]) if extra else {}
    if extra:
        size, packed, offset = _large_numbers(fields.get(1, b""), size, packed, offset)
    return ZipRecord(
        raw_name=data[at + 46 : start],
        flags=flags,
        method=method,
        crc=crc,
        packed=packed,
        size=size,
        offset=offset + shift,
        mode=outer >> 16 if made_by >> 8 == _UNIX else 0,
        dos_time=day << 16 | clock,
        exact_ns=_exact_time(fields),
    )


def decode_name(raw: bytes, flags: int, *, is_unix: bool) -> str:
    """A name as text: UTF-8 where it says so or is, else bytes (Unix) or the letters of DOS."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        if is_unix or flags & _UTF8:
            return raw.decode("utf-8", "surrogateescape")
        return raw.decode("cp437")


def damaged(path: Path, what: str) -> ArchiveError:
    """The error of an archive that cannot be read at all."""
    return ArchiveError(f"Cannot read {path.name}: {what}.", path=path)


def _extra_fields(data: bytes) -> dict[int, bytes]:
    fields: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(data):
        kind, size = struct.unpack_from("<HH", data, at)
        fields.setdefault(kind, data[at + 4 : at + 4 + size])
        at += 4 + size
    return fields


def _large_numbers(data: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Sizes and offset, those that do not fit into 32 bits taken from the ZIP64 field."""
    numbers = iter(struct.unpack(f"<{len(data) // 8}Q", data[: len(data) // 8 * 8]))
    return (
        next(numbers, size) if size == _FULL32 else size,
        next(numbers, packed) if packed == _FULL32 else packed,
        next(numbers, offset) if offset == _FULL32 else offset,
    )


def _exact_time(fields: dict[int, bytes]) -> int:
    """Modification time by the fields of NTFS (100 ns) or of Unix (1 s); 0 without them."""
    ntfs = fields.get(0x000A, b"")
    if len(ntfs) >= 16 and ntfs[4:6] == b"\x01\x00":
        found: int = struct.unpack_from("<Q", ntfs, 8)[0]
        return (found - _FILETIME_EPOCH) * 100 if found else 0
    unix = fields.get(0x5455, b"")
    if len(unix) >= 5 and unix[0] & 1:
        seconds: int = struct.unpack_from("<i", unix, 1)[0]
        return seconds * 1_000_000_000
    return 0


@lru_cache(maxsize=1000)  # files of a run are as old as each other, and this is slow
def _dos_time(day: int, clock: int) -> int:
    """A time of two seconds' resolution in the local time of whoever made the archive."""
    parts = (1980 + (day >> 9), day >> 5 & 15, day & 31)
    hours = (clock >> 11, clock >> 5 & 63, (clock & 31) * 2)
    try:
        return int(time.mktime((*parts, *hours, 0, 0, -1))) * 1_000_000_000
    except (OverflowError, ValueError):
        return 0
