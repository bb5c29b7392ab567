"""Where in an archive its index is (core.archives.row_index): where no other program looks.

* In a zip between the last entry and the list of entries, where Android keeps its signatures.
* In a tar.zst in a frame that every reader of zstd skips, behind all others.
* In a tar.gz in the comments of empty members behind all others.

Why not in an entry of its own: Guild takes every name at the top of a zip for a run, and whoever
extracts an archive would find a file that he did not put there.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator, Sequence

from core.archives.pieces import read_at
from core.archives.row_index import MAGIC, MOST_BYTES, TRAILER, RowIndex, Stream, parse_index

ReadAt = Callable[[int, int], bytes]
"""Bytes of the archive: (size, place)."""

_SKIPPED = struct.Struct("<2L")
_SKIPPED_MAGIC = 0x184D_2A5D
_MEMBER = b"\x1f\x8b\x08\x04" + bytes(5) + b"\xff"  # with a field of its own
_FIELD = struct.Struct("<H2sH")
_FIELD_NAME = b"RR"
_MEMBER_END = b"\x03\x00" + bytes(8)  # empty, and its checksum and size
_MEMBER_MOST = 60_000
_MEMBER_MORE = len(_MEMBER) + _FIELD.size + len(_MEMBER_END)
_TAIL = 8  # bytes at the end of a stream that tell it from others: checksum, and what is before it


def in_zip(descriptor: int, start: int, size: int) -> RowIndex | None:
    """The index of a zip.

    Args:
        descriptor: The zip.
        start: Where its list of entries begins.
        size: Bytes of the list.
    """
    told = size_in_zip(descriptor, start)
    if not told:
        return None
    checksum = 0
    for at in range(start, start + size, 1 << 20):
        checksum = zlib.crc32(read_at(descriptor, min(1 << 20, start + size - at), at), checksum)
    return parse_index(read_at(descriptor, told, start - told), checksum)


def size_in_zip(descriptor: int, start: int) -> int:
    """Bytes of the index before a zip's list of entries; 0 where there is none."""
    return _size_told(read_at(descriptor, TRAILER.size, max(0, start - TRAILER.size)), start)


def in_zstd(descriptor: int, size: int) -> RowIndex | None:
    """The index of a tar.zst of so many bytes."""
    told = _size_told(read_at(descriptor, TRAILER.size, max(0, size - TRAILER.size)), size)
    start = size - told - _SKIPPED.size
    if not told or start < 0:
        return None
    if read_at(descriptor, _SKIPPED.size, start) != _SKIPPED.pack(_SKIPPED_MAGIC, told):
        return None
    return _of_streams(descriptor, read_at(descriptor, told, start + _SKIPPED.size), start)


def in_gzip(descriptor: int, size: int) -> RowIndex | None:
    """The index of a tar.gz of so many bytes."""
    end = size - len(_MEMBER_END)
    told = _size_told(read_at(descriptor, TRAILER.size, max(0, end - TRAILER.size)), end)
    start = size - told - _MEMBER_MORE * -(-told // _MEMBER_MOST)
    if not told or start < 0:
        return None
    data = b"".join(_fields(read_at(descriptor, size - start, start)))
    return _of_streams(descriptor, data, start) if len(data) == told else None


def as_frame(data: bytes) -> bytes:
    """An index as it stands in a tar.zst."""
    return _SKIPPED.pack(_SKIPPED_MAGIC, len(data)) + data


def as_members(data: bytes) -> bytes:
    """An index as it stands in a tar.gz."""
    members = []
    first = len(data) % _MEMBER_MOST  # the last one is full, so the end is never cut in two
    for at in range(first - _MEMBER_MOST if first else 0, len(data), _MEMBER_MOST):
        piece = data[max(0, at) : at + _MEMBER_MOST]
        field = _FIELD.pack(len(piece) + 4, _FIELD_NAME, len(piece))
        members.append(_MEMBER + field + piece + _MEMBER_END)
    return b"".join(members)


def checksum_of(read: ReadAt, streams: Sequence[Stream], end: int) -> int:
    """What tells a tar from others: the checksums at the ends of its streams.

    Args:
        read: Reads the tar.
        streams: Its streams.
        end: Where the last one ends.
    """
    checksum = zlib.crc32(repr((list(streams), end)).encode("ascii"))
    for following in (*(packed for packed, _ in streams[1:]), end):
        checksum = zlib.crc32(read(_TAIL, max(0, following - _TAIL)), checksum)
    return checksum


def _size_told(trailer: bytes, most: int) -> int:
    """Bytes of an index by its end; 0 where it is none."""
    if len(trailer) < TRAILER.size:
        return 0
    size, _, magic = TRAILER.unpack(trailer)
    whole = int(size) + TRAILER.size
    return whole if magic == MAGIC and whole <= min(most, MOST_BYTES) else 0


def _of_streams(descriptor: int, data: bytes, end: int) -> RowIndex | None:
    """The index of a tar whose streams end where the index begins."""
    if len(data) < TRAILER.size:
        return None
    _, told, _ = TRAILER.unpack(data[-TRAILER.size :])
    index = parse_index(data, told)
    if index is None or not _are_streams(index, end):
        return None
    found = checksum_of(lambda size, at: read_at(descriptor, size, at), index.streams, end)
    return index if found == told else None


def _are_streams(index: RowIndex, end: int) -> bool:
    """Whether streams follow each other from the beginning of the file on, and runs are in them."""
    streams = index.streams
    if not streams or streams[0] != (0, 0):
        return False
    pairs = zip(streams, [*streams[1:], (end, streams[-1][1] + 1)], strict=True)
    are_ordered = all(a[0] < b[0] and a[1] < b[1] for a, b in pairs)
    return are_ordered and all(0 <= n < len(streams) for n in index.stream_of.values())


def _fields(data: bytes) -> Iterator[bytes]:
    """What stands in the fields of members; nothing more where one is another."""
    at = 0
    while at + _MEMBER_MORE <= len(data) and data.startswith(_MEMBER, at):
        at += len(_MEMBER)
        whole, name, size = _FIELD.unpack_from(data, at)
        at += _FIELD.size
        if name != _FIELD_NAME or whole != size + 4 or not data.startswith(_MEMBER_END, at + size):
            return
        yield data[at : at + size]
        at += size + len(_MEMBER_END)
