"""The entries of an archive that runs are added to: they stay as they are, byte for byte.

The new archive begins with them and replaces the old one when it is complete.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO, BinaryIO, cast

import zstandard

from core.archives.index_place import size_in_zip
from core.archives.packer import OutFile
from core.archives.pieces import read_at
from core.archives.source import clause_of
from core.archives.tar_headers import BLOCK, HeaderReader, TarMember, is_end, padded
from core.archives.tar_packer import LONG_STREAM, TarPacker
from core.archives.zip_directory import find_directory, iter_names
from core.errors import ArchiveError

_PIECE = 1 << 20
_HINT = "Choose another name for the archive."


def copy_zip(
    old: BinaryIO, out: OutFile, path: Path, check: Callable[[], None]
) -> tuple[set[str], bytes, int]:
    """Copy the entries of a zip.

    Args:
        old: The zip.
        out: The new one, still empty.
        path: Name of the zip.
        check: Called for each megabyte; raises to stop.

    Returns:
        Ids of the runs, the list of entries, and their number.

    Raises:
        ArchiveError: It is no zip that can be added to.
    """
    descriptor = old.fileno()
    directory = find_directory(descriptor, path)
    if directory.shift:
        raise ArchiveError(f"Cannot add to {path}: it does not begin as a zip.", hint=_HINT)
    names = {
        os.fsdecode(name.partition(b"/")[0])
        for _, _, name in iter_names(descriptor, directory, path)
    }
    records = read_at(descriptor, directory.size, directory.start)
    old.seek(0)
    left = directory.start - size_in_zip(descriptor, directory.start)  # of fewer runs
    while left:
        check()
        piece = old.read(min(_PIECE, left))
        if not piece:
            raise ArchiveError(f"Cannot add to {path}: it became shorter meanwhile.", hint=_HINT)
        out.write(piece)
        left -= len(piece)
    return names, records, directory.count


def copy_tar(old: BinaryIO, packer: TarPacker, path: Path, check: Callable[[], None]) -> set[str]:
    """Copy the entries of a compressed tar.

    Args:
        old: The compressed tar.
        packer: Writes the new one.
        path: Name of the tar.
        check: Called for each entry and each megabyte; raises to stop.

    Returns:
        Ids of the runs.

    Raises:
        ArchiveError: It is no tar that can be added to.
    """
    old.seek(0)
    try:
        with _opened(old) as stream:
            return _copy_entries(stream, packer, check)
    except (EOFError, ValueError, OSError, zlib.error, zstandard.ZstdError) as e:
        raise ArchiveError(f"Cannot add to {path}: it is damaged ({e}).", hint=_HINT) from e


def _opened(old: BinaryIO) -> IO[bytes]:
    is_gzip = old.read(2) == b"\x1f\x8b"
    old.seek(0)
    if is_gzip:
        return cast("IO[bytes]", gzip.GzipFile(fileobj=old))
    reader = zstandard.ZstdDecompressor().stream_reader(old, read_across_frames=True, closefd=False)
    return cast("IO[bytes]", reader)


def _copy_entries(stream: IO[bytes], packer: TarPacker, check: Callable[[], None]) -> set[str]:
    """Copy up to the end of the tar, and collect what the names begin with."""
    ids: set[str] = set()
    reader = HeaderReader()
    while True:
        check()
        headers, member = _read_headers(stream, reader)
        if not headers:
            return ids
        packer.raw(headers)
        if member is not None:
            ids.add(_first_part(member.name))
            _pass_on(stream, packer, padded(member.size), check)


def _read_headers(stream: IO[bytes], reader: HeaderReader) -> tuple[bytes, TarMember | None]:
    """The next header with what it brings, and the member if it declares one.

    They are understood as whoever reads the archive does: what is taken for the end of the tar, and
    is none, would cost all that follows.

    Returns:
        Nothing at the end.

    Raises:
        EOFError: It is cut off.
        ValueError: It is no header. The message is a clause.
    """
    header = _exactly(stream, BLOCK)
    if is_end(header):
        return b"", None
    try:
        further = reader.further_size(header)
        brought = _exactly(stream, padded(further))
        if further:
            reader.take(header, brought[:further])
        return header + brought, reader.read(header, 0)
    except ArchiveError as e:
        raise ValueError(clause_of(e)) from e


def _pass_on(stream: IO[bytes], packer: TarPacker, size: int, check: Callable[[], None]) -> None:
    is_long = size >= LONG_STREAM
    if is_long:
        packer.begin_content(size)
    while size:
        check()
        piece = _exactly(stream, min(_PIECE, size))
        packer.raw(piece)
        size -= len(piece)
    if is_long:
        packer.end_content()


def _exactly(stream: IO[bytes], size: int) -> bytes:
    pieces = bytearray()
    while len(pieces) < size:
        piece = stream.read(size - len(pieces))
        if not piece:
            raise EOFError("its end is missing")
        pieces += piece
    return bytes(pieces)


def _first_part(name: bytes) -> str:
    parts = [part for part in name.split(b"/") if part not in (b"", b".")]
    return os.fsdecode(parts[0]) if parts else ""
