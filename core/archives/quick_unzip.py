"""Ordinary small runs out of a zip: listed, unpacked and verified in one pass over their bytes.

The entries of a run follow each other in nearly every zip, so that one read of the list and one of
the file bring all of it. What is not ordinary gives None and goes the general way
(core.archives.zip_source), which knows links, every kind of name and header, large files, and the
sentences on all that can be wrong. Nothing is believed here that is not checked there.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from stat import S_IFDIR, S_IFREG
from typing import NamedTuple

from core.archives.entries import are_plain
from core.archives.pieces import read_at
from core.archives.quick_run import Item
from core.archives.zip_directory import record_at

MOST_BYTES, MOST_LISTED = 1 << 20, 512 << 10
"""A run of more, or of which the list says more, is not small."""

_CENTRAL = struct.Struct("<4s6H3L5H2L")
_CENTRAL_MAGIC = b"PK\x01\x02"
_LOCAL = struct.Struct("<4s22x2H")
_LOCAL_MAGIC = b"PK\x03\x04"
_EXTRA_SIZE, _UNIX_TIME_SIZE = 45, 9  # of Unix, then of NTFS, as this program writes them
_NTFS_HEAD = struct.pack("<2HL2H", 0x000A, 32, 0, 1, 24)
_TICKS = struct.Struct("<Q")
_EPOCH_OF_NTFS = 116_444_736_000_000_000
_KIND = 0o170000
_UNIX, _FULL32, _DEFLATED = 3, 0xFFFF_FFFF, 8
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_MOST_RATIO = 1032
_SLACK = 512  # what may stand between the last name and its content
_MOST_SPAN = 4 << 20


class Packed(NamedTuple):
    """An entry of an ordinary run, as the list of the zip declares it.

    Attributes:
        path: Relative to the run.
        raw_name: Whole name.
        kind: As in a mode: of a file or a directory.
        mode: Permission bits.
        mtime_ns: Modification time in nanoseconds since 1970.
        is_deflated: Whether the content is compressed.
        crc: CRC-32 of the content.
        packed: Bytes of the content as it stands in the zip.
        size: Bytes of the content.
        offset: Where the entry begins.
    """

    path: str
    raw_name: bytes
    kind: int
    mode: int
    mtime_ns: int
    is_deflated: bool
    crc: int
    packed: int
    size: int
    offset: int


def list_run(data: bytes, root: bytes, shift: int) -> list[Packed] | None:
    """The entries of a run, without its own directory; None where it is not ordinary.

    Args:
        data: What the list of the zip says of the run.
        root: The run's directory in the zip; not empty.
        shift: How many bytes stand before the zip.
    """
    if len(data) > MOST_LISTED:
        return None
    prefix = root + b"/"
    found: list[Packed] = []
    end = total = 0
    for entry in _records(data, len(prefix), shift):
        if entry is None or entry.offset < end or not entry.raw_name.startswith(prefix):
            return None
        end = entry.offset + _LOCAL.size + len(entry.raw_name) + entry.packed
        total += entry.size
        if entry.path:
            found.append(entry)
    return found if found and total <= MOST_BYTES and _are_plain(found) else None


def _records(data: bytes, skip: int, shift: int) -> Iterator[Packed | None]:
    """Each record; None, and no more, where one is not ordinary.

    Args:
        data: The records.
        skip: So much of each name is where the run is.
        shift: How many bytes stand before the zip.
    """
    at, last = 0, len(data) - _CENTRAL.size
    while at <= last:
        (
            magic, made_by, _, flags, method, _, _, crc, packed, size,
            length, extra, comment, _, _, outer, offset,
        ) = _CENTRAL.unpack_from(data, at)  # fmt: skip
        start = at + _CENTRAL.size
        name, mode = data[start : start + length], outer >> 16
        mtime_ns = _time_of(data, at, start + length, extra)
        is_known = magic == _CENTRAL_MAGIC and made_by >> 8 == _UNIX and not flags & _ENCRYPTED
        is_plain = name.isascii() and packed < _FULL32 and size < _FULL32 and offset < _FULL32
        if not (is_known and is_plain and mtime_ns and mode & 0o777 and _is_kind(mode, name)):
            break
        if not _is_possible(method, packed, size):
            break
        yield Packed(
            name[skip:].decode("ascii").removesuffix("/"), name, mode & _KIND, mode & 0o777,
            mtime_ns, method == _DEFLATED, crc, packed, size, offset + shift,
        )  # fmt: skip
        at = start + length + extra + comment
    if at != len(data):
        yield None


def unpack(descriptor: int, entries: Sequence[Packed]) -> list[Item] | None:
    """What is in a run, with its contents; None where anything is unusual or wrong.

    Args:
        descriptor: The open zip.
        entries: What `list_run` gave.
    """
    begin, last = entries[0].offset, entries[-1]
    end = last.offset + _LOCAL.size + len(last.raw_name) + last.packed + _SLACK
    if end - begin > _MOST_SPAN:
        return None
    data = read_at(descriptor, end - begin, begin)
    items: list[Item] = []
    for entry in entries:
        content = _content(data, entry.offset - begin, entry) if entry.kind == S_IFREG else b""
        if content is None:
            return None
        items.append((entry.path, entry.kind, entry.mode, entry.mtime_ns, content))
    return items


def _content(data: bytes, at: int, entry: Packed) -> bytes | None:
    """The verified content of a file that begins at a place; None where it is not right."""
    name, size = entry.raw_name, entry.size
    named = at + _LOCAL.size
    if at + _LOCAL.size > len(data):
        return None
    magic, length, extra = _LOCAL.unpack_from(data, at)
    if magic != _LOCAL_MAGIC or length != len(name) or data[named : named + length] != name:
        return None
    start = named + length + extra
    content = data[start : start + entry.packed]
    if entry.is_deflated:
        try:
            content = zlib.decompressobj(-15).decompress(content, size + 1)
        except zlib.error:
            return None
    return content if len(content) == size and zlib.crc32(content) == entry.crc else None


def _is_kind(mode: int, name: bytes) -> bool:
    """Whether it is a file, or a directory whose name says so too."""
    return mode & _KIND == (S_IFDIR if name.endswith(b"/") else S_IFREG)


def _are_plain(entries: Sequence[Packed]) -> bool:
    return are_plain(
        tuple([(each.path, "file" if each.kind == S_IFREG else "dir", "") for each in entries])
    )


def _is_possible(method: int, packed: int, size: int) -> bool:
    """Whether a content of so many bytes can be packed in so many."""
    if method == _DEFLATED:
        return size <= packed * _MOST_RATIO
    return method == 0 and size == packed


def _time_of(data: bytes, at: int, extra_at: int, extra: int) -> int:
    """When an entry was modified; 0 where that is not known."""
    ntfs_at = extra_at + _UNIX_TIME_SIZE
    if extra == _EXTRA_SIZE and data[ntfs_at : ntfs_at + len(_NTFS_HEAD)] == _NTFS_HEAD:
        found: int = _TICKS.unpack_from(data, ntfs_at + len(_NTFS_HEAD))[0]
        return (found - _EPOCH_OF_NTFS) * 100 if found else 0
    return record_at(data, at).mtime_ns
