"""Entries of ordinary small runs in a tar, byte for byte those of core.archives.tar_packer.

Why headers are put together from prepared pieces: two of three headers of an archive differ in the
id, the size and the time only. The sum in a header is that of its pieces.
"""

from __future__ import annotations

import os
import zlib
from functools import lru_cache
from stat import S_IFDIR, S_IFLNK, S_IFREG

from core.archives.entries import ArchiveEntry, EntryKind
from core.archives.quick_run import Item, QuickRun
from core.archives.tar_packer import BLOCK, MTIME_HEAD, MTIME_REST, USUAL_SECONDS, header_of

_LONGEST = 100
KINDS: dict[int, EntryKind] = {S_IFREG: "file", S_IFDIR: "dir", S_IFLNK: "link"}
PADDING = [bytes(-size % BLOCK) for size in range(BLOCK)]
"""What fills the last block of a content, by the bytes that are in it."""

_FIRST, _SIZES_AT, _SUM_AT, _AFTER = 100, 124, 148, 156


def tar_entries(run_id: str, run: QuickRun) -> list[bytes]:
    """The bytes of all entries of a run, in pieces.

    Args:
        run_id: The run's id, in ASCII.
        run: What is in it.
    """
    top = ArchiveEntry(run_id, "dir", 0, run.mode, run.mtime_ns)
    pieces = [header_of(top, 0)]
    heads = Heads(f"{run_id}/")
    for item in run.items:
        path, kind, mode, mtime_ns, data = item
        head = None
        if kind != S_IFLNK:
            head = heads.of(path, kind, mode, len(data), mtime_ns)
        pieces.append(_general(run_id, item) if head is None else head)
        if data and kind == S_IFREG:
            pieces.append(data)
            pieces.append(PADDING[len(data) % BLOCK])
    return pieces


class Heads:
    """Headers of what is below one directory.

    Args:
        first: How all names begin, with "/" at the end, in ASCII.
    """

    __slots__ = ("_first", "_room", "_sum")

    def __init__(self, first: str) -> None:
        self._first = first.encode("ascii")
        self._sum = sum(self._first)
        self._room = _LONGEST - len(self._first)

    def of(self, path: str, kind: int, mode: int, size: int, mtime_ns: int) -> bytes | None:
        """The headers of a file or directory; None of an unusual one.

        Args:
            path: In the directory, in ASCII.
            kind: S_IFREG or S_IFDIR.
            mode: Permission bits.
            size: Bytes of its content, less than 8 GiB.
            mtime_ns: When it was modified, in nanoseconds since 1970.
        """
        seconds, rest = divmod(mtime_ns, 1_000_000_000)
        if not rest or len(path) >= self._room or seconds not in USUAL_SECONDS:
            return None
        before, after, its_sum = _prepared(path, kind, mode, self._room)
        numbers = b"%011o\0%011o\0" % (size, seconds)
        total = its_sum + self._sum + (zlib.adler32(numbers) & 0xFFFF) - 1
        return b"%b30 mtime=%d.%09d\n%b%b%b%b%06o\0 %b" % (
            *(MTIME_HEAD, seconds, rest, MTIME_REST),
            *(self._first, before, numbers, total, after),
        )


def _general(run_id: str, item: Item) -> bytes:
    path, kind, mode, mtime_ns, data = item
    target = os.fsdecode(data) if kind == S_IFLNK else ""
    size = len(data) if kind == S_IFREG else 0
    return header_of(ArchiveEntry(f"{run_id}/{path}", KINDS[kind], size, mode, mtime_ns, target),
                     size)  # fmt: skip


@lru_cache(maxsize=1000)
def _prepared(path: str, kind: int, mode: int, room: int) -> tuple[bytes, bytes, int]:
    """Of a header what stands between the id and the size, and after the sum; their sum."""
    entry = ArchiveEntry(path, KINDS[kind], 0, mode, 0)
    block = header_of(entry, 0)
    before = block[:room] + block[_FIRST:_SIZES_AT]
    after = block[_AFTER:]
    return before, after, sum(before) + sum(after) + 8 * ord(" ")
