"""Ordinary small runs out of a tar: what was noted of them is read again in one piece."""

from __future__ import annotations

from collections.abc import Sequence
from stat import S_IFDIR, S_IFLNK, S_IFREG

from core.archives.entries import are_plain
from core.archives.quick_run import Item
from core.archives.tar_headers import TarMember
from core.archives.tar_stream import STEP, TarStream
from core.errors import ArchiveError

MOST_BYTES, MOST_ENTRIES = 1 << 20, 2000
"""A run of more is not small."""

_MOST_SPAN = 4 << 20
_KINDS = {"file": S_IFREG, "dir": S_IFDIR, "link": S_IFLNK}


def is_ordinary(members: Sequence[TarMember], skip: int) -> bool:
    """Whether a run can be taken the quick way.

    Args:
        members: What is in it, in the order of the tar.
        skip: So much of each name is where the run is.
    """
    end, total, names = -1, 0, []
    for member in members:
        is_odd = member.is_hard or member.is_sparse or member.kind == "other"
        if is_odd or member.position < end or not member.mode & 0o777 or not member.mtime_ns:
            return False
        if not member.name.isascii() or not member.target.isascii():
            return False
        end = member.position + member.size
        total += member.size
        is_link = member.kind == "link"
        target = member.target.decode("ascii") if is_link else ""
        names.append((member.name[skip:].decode("ascii"), member.kind, target))
    if not names or total > MOST_BYTES or end - members[0].position > _MOST_SPAN:
        return False
    return are_plain(tuple(names))


def unpack(stream: TarStream, members: Sequence[TarMember], skip: int) -> list[Item] | None:
    """What is in a run, with its contents; None where the tar cannot be read.

    Args:
        stream: The tar.
        members: Of a run that is ordinary.
        skip: So much of each name is where the run is.
    """
    begin = members[0].position
    data = _between(stream, begin, members[-1].position + members[-1].size)
    if data is None:
        return None
    items: list[Item] = []
    for name, kind, size, mode, mtime_ns, target, _, _, position in members:
        content = target if kind == "link" else b""
        if size:
            at = position - begin
            content = data[at : at + size]
        items.append((name[skip:].decode("ascii"), _KINDS[kind], mode & 0o777, mtime_ns, content))
    return items


def _between(stream: TarStream, begin: int, end: int) -> bytes | None:
    pieces = []
    try:
        if stream.position != begin:
            stream.go_to(begin)
        while begin < end:
            piece = stream.read(min(STEP, end - begin))
            if not piece:
                return None
            pieces.append(piece)
            begin += len(piece)
    except ArchiveError:
        return None  # told by whoever reads it again
    return b"".join(pieces)
