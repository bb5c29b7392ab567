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
_PADDING = [bytes(-size % BLOCK) for size in range(BLOCK)]
_FIRST, _SIZES_AT, _SUM_AT, _AFTER = 100, 124, 148, 156


def tar_entries(run_id: str, run: QuickRun) -> list[bytes]:
    """The bytes of all entries of a run, in pieces.

    Args:
        run_id: The run's id, in ASCII.
        run: What is in it.
    """
    top = ArchiveEntry(run_id, "dir", 0, run.mode, run.mtime_ns)
    pieces = [header_of(top, 0)]
    first = f"{run_id}/".encode("ascii")
    sum_of_first = sum(first)
    room = _LONGEST - len(first)
    for item in run.items:
        path, kind, mode, mtime_ns, data = item
        seconds, rest = divmod(mtime_ns, 1_000_000_000)
        if kind == S_IFLNK or not rest or len(path) >= room or seconds not in USUAL_SECONDS:
            pieces.append(_general(run_id, item))
        else:
            before, after, its_sum = _prepared(path, kind, mode, room)
            numbers = b"%011o\0%011o\0" % (len(data), seconds)
            total = its_sum + sum_of_first + (zlib.adler32(numbers) & 0xFFFF) - 1
            pieces.append(
                b"%b30 mtime=%d.%09d\n%b%b%b%b%06o\0 %b"
                % (MTIME_HEAD, seconds, rest, MTIME_REST, first, before, numbers, total, after)
            )
        if data and kind == S_IFREG:
            pieces.append(data)
            pieces.append(_PADDING[len(data) % BLOCK])
    return pieces


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
