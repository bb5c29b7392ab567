"""The contents of a zip's entries, unpacked in pieces and verified."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

from core.archives.pieces import PIECE, read_at
from core.archives.zip_directory import ZipRecord
from core.errors import ArchiveError
from core.runs.files import shown

_LOCAL = struct.Struct("<4s22x2H")
_LOCAL_MAGIC = b"PK\x03\x04"
_STORED, _DEFLATED = 0, 8
_MOST_RATIO = 1032  # no deflated byte stands for more
_AHEAD = 64 * 1024
_PLAIN = struct.Struct("<4xH2xHH4xIIIH10xHI")
"""Of a record of the central directory: who made it, flags, method, checksum, sizes, length of the
name, mode, place."""
_RECORD_SIZE, _FULL32, _UNIX = 46, 0xFFFFFFFF, 3
_FILE_FORMS = (0, 8)
"""The kind of file in a mode: not told, or a regular one."""


class ZipContents:
    """Reads contents of an open zip.

    Args:
        descriptor: The open file.
        path: Its path, for errors.
    """

    def __init__(self, descriptor: int, path: Path) -> None:
        self._descriptor = descriptor
        self._path = path
        self._size = os.fstat(descriptor).st_size
        self._ahead = b""
        self._ahead_at = 0

    def small(self, record: ZipRecord) -> bytes:
        """The whole content of a small entry; entries that follow each other are read together.

        Raises:
            ArchiveError: It is damaged or not what it declares.
        """
        start = self._content_start(record)
        packed = self._bytes(start, record.packed)
        data = packed
        if record.method == _DEFLATED:
            try:
                data = zlib.decompressobj(-15).decompress(packed, record.size + 1)
            except zlib.error as e:
                raise self._damaged(record, "is damaged") from e
        if len(data) != record.size:
            raise self._damaged(record, "has another size than it declares")
        if zlib.crc32(data) != record.crc:
            raise self._damaged(record, "has a wrong checksum")
        return data

    def plain_small(self, directory: bytes, at: int, shift: int, most: int) -> bytes | None:
        """The content of an ordinary small file, at half the price of a record for it.

        Args:
            directory: A piece of the central directory.
            at: Where in it the file's record begins.
            shift: How many bytes stand before the zip.
            most: Bytes of a content that is not too large.

        Returns:
            The content; None where anything is unusual or wrong, which `small` understands or says.
        """
        found = _PLAIN.unpack_from(directory, at)
        made_by, flags, method, crc, packed, size, length, mode, offset = found
        if flags & 1 or (made_by >> 8 == _UNIX and mode >> 12 not in _FILE_FORMS):
            return None
        if packed >= _AHEAD or size > most or not size <= packed * _MOST_RATIO or offset == _FULL32:
            return None
        name = directory[at + _RECORD_SIZE : at + _RECORD_SIZE + length]
        head = _LOCAL.size + length
        header = self._bytes(offset + shift, head)
        if len(header) < head or name.endswith(b"/"):
            return None
        magic, again, extra = _LOCAL.unpack_from(header)
        if magic != _LOCAL_MAGIC or again != length or header[_LOCAL.size :] != name:
            return None
        data = self._bytes(offset + shift + head + extra, packed)
        if method == _DEFLATED:
            try:
                data = zlib.decompressobj(-15).decompress(data, size + 1)
            except zlib.error:
                return None
        elif method != _STORED:
            return None
        return data if len(data) == size and zlib.crc32(data) == crc else None

    def pieces(self, record: ZipRecord) -> Iterator[bytes]:
        """The content in pieces; the last one only when all of it was verified.

        Raises:
            ArchiveError: It is damaged or not what it declares.
        """
        crc, size, last = 0, 0, b""
        for piece in self._unpacked(record):
            if last:
                yield last
            crc, size, last = zlib.crc32(piece, crc), size + len(piece), piece
            if size > record.size:
                raise self._damaged(record, "holds more than it declares")
        if size < record.size:
            raise self._damaged(record, "holds less than it declares")
        if crc != record.crc:
            raise self._damaged(record, "has a wrong checksum")
        if last:
            yield last

    def _unpacked(self, record: ZipRecord) -> Iterator[bytes]:
        unpacking = zlib.decompressobj(-15)
        for packed in self._packed(record):
            if record.method == _STORED:
                yield packed
                continue
            rest = packed
            while rest:
                try:
                    piece = unpacking.decompress(rest, PIECE)
                except zlib.error as e:
                    raise self._damaged(record, "is damaged") from e
                rest = unpacking.unconsumed_tail
                if piece:
                    yield piece

    def _packed(self, record: ZipRecord) -> Iterator[bytes]:
        at = self._content_start(record)
        left = record.packed
        while left:
            piece = read_at(self._descriptor, min(PIECE, left), at)
            if not piece:
                raise self._damaged(record, "is cut off")
            yield piece
            at, left = at + len(piece), left - len(piece)

    def _content_start(self, record: ZipRecord) -> int:
        """Where the packed content begins.

        Raises:
            ArchiveError: The entry cannot be read, or its two headers tell different stories.
        """
        problem = self.problem(record)
        if problem:
            raise self._damaged(record, problem)
        at, end = record.offset, _LOCAL.size + len(record.raw_name)
        header = self._bytes(at, end)
        if len(header) < end:
            raise self._damaged(record, "is cut off")
        magic, length, extra = _LOCAL.unpack_from(header)
        if magic != _LOCAL_MAGIC:
            raise self._damaged(record, "is not where it should be")
        if length != end - _LOCAL.size or header[_LOCAL.size :] != record.raw_name:
            raise self._damaged(record, "has two different names")
        return at + end + int(extra)

    def problem(self, record: ZipRecord) -> str:
        """Why an entry cannot be read, as far as the list of the zip tells; empty for nothing."""
        if record.is_encrypted:
            return "is encrypted"
        if record.method not in (_STORED, _DEFLATED):
            return f"is packed by method {record.method}, which is not understood"
        if record.offset < 0 or record.offset + record.packed > self._size:
            return "is cut off"
        most = record.packed * (_MOST_RATIO if record.method == _DEFLATED else 1)
        return "declares more than can be in it" if record.size > most else ""

    def _bytes(self, at: int, size: int) -> bytes:
        """Bytes of the file; fewer at its end."""
        offset = at - self._ahead_at
        if offset < 0 or offset + size > len(self._ahead):
            self._ahead = read_at(self._descriptor, max(size, _AHEAD), at)
            self._ahead_at, offset = at, 0
        return self._ahead[offset : offset + size]

    def _damaged(self, record: ZipRecord, what: str) -> ArchiveError:
        return ArchiveError(f"The file “{shown(record.name)[:200]}” {what}.", path=self._path)
