"""Where two files differ, found without holding either: the same beginning and end are left out.

A diff of two files of a gigabyte that differ in the middle is a diff of that middle. Both files
are read once from their beginning to the first difference, and once from their end to the last
one; what lies between is held, up to a limit.

Sizes are those of the moment when the files are opened: a file that grows meanwhile is compared
as it was then, one that shrinks as far as it still goes.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO

from msgspec import Struct

from core.check import Check
from core.compare.diff_pairs import common_start

PIECE = 1 << 20
CONTEXT = 64 * 1024
"""Bytes of the same text that are kept around what differs."""


class Window(Struct, frozen=True):
    """The parts of two files that hold all, or the first, of what differs.

    Attributes:
        left: Bytes of the left file.
        right: Bytes of the right file.
        start: Where both begin in their files: at the beginning of a line, if there are lines.
        lines_before: Ends of lines before that place.
        first_difference: Offset of the first byte that differs; None where the files are the same.
        same_after: Bytes after the windows that are known to be the same on both sides.
        left_out: Bytes after the windows that were not compared, left and right.
    """

    left: bytes
    right: bytes
    start: int = 0
    lines_before: int = 0
    first_difference: int | None = None
    same_after: int = 0
    left_out: tuple[int, int] = (0, 0)


def size_of(file: BinaryIO) -> int:
    """Bytes of an open file."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    return size


def first_difference(left: BinaryIO, right: BinaryIO, check: Check) -> int | None:
    """Offset of the first byte that differs, the end of the shorter file included; else None.

    Raises:
        OSError: A file cannot be read.
    """
    left.seek(0)
    right.seek(0)
    offset = 0
    while True:
        check()
        one, other = left.read(PIECE), right.read(PIECE)
        if one != other:
            return offset + common_start_of_bytes(one, other)
        if not one:
            return None
        offset += len(one)


def find_window(left: BinaryIO, right: BinaryIO, most: int, check: Check) -> Window:
    """The window of two files.

    Args:
        left: One file.
        right: The other one.
        most: How many bytes of each to hold.
        check: Called often; raises to stop (core.errors.Cancelled).

    Raises:
        OSError: A file cannot be read.
    """
    sizes = size_of(left), size_of(right)
    place = first_difference(left, right, check)
    if max(sizes) <= most:
        return Window(_read(left, 0, sizes[0]), _read(right, 0, sizes[1]), 0, 0, place)
    if place is None:
        data = _read(left, 0, most)
        return Window(data, data, same_after=sizes[0] - len(data))
    start = _line_start(left, place)
    after = _same_end((left, right), sizes, min(sizes) - place, check)
    after -= _kept_after(left, sizes[0] - after)
    ends = sizes[0] - after, sizes[1] - after
    if max(ends) - start <= most:
        left_out = (0, 0)
    else:
        cut = min(ends[0], start + most), min(ends[1], start + most)
        cut = (
            _cut_at_line(left, start, cut[0], ends[0]),
            _cut_at_line(right, start, cut[1], ends[1]),
        )
        left_out = sizes[0] - cut[0], sizes[1] - cut[1]
        ends, after = cut, 0
    return Window(
        _read(left, start, ends[0] - start),
        _read(right, start, ends[1] - start),
        start,
        _count_lines(left, start, check),
        place,
        after,
        left_out,
    )


def common_start_of_bytes(one: bytes, other: bytes) -> int:
    """How many bytes are the same at the beginning."""
    return common_start(one.decode("latin-1"), other.decode("latin-1"))


def _same_end(
    files: tuple[BinaryIO, BinaryIO], sizes: tuple[int, int], limit: int, check: Check
) -> int:
    """Bytes that are the same at the end of both files, of so many at most."""
    done = 0
    while done < limit:
        check()
        count = min(PIECE, limit - done)
        one = _read(files[0], sizes[0] - done - count, count)
        other = _read(files[1], sizes[1] - done - count, count)
        if one != other:
            return done + common_start_of_bytes(one[::-1], other[::-1])
        done += count
    return done


def _line_start(file: BinaryIO, place: int) -> int:
    """The beginning of a line some way before a place."""
    begin = max(0, place - CONTEXT)
    if begin == 0:
        return 0
    found = _read(file, begin, place - begin).find(b"\n")
    return begin + found + 1 if found >= 0 else begin


def _kept_after(file: BinaryIO, place: int) -> int:
    """Bytes after a place that are kept for context, to the end of a line."""
    data = _read(file, place, CONTEXT)
    return len(data) if len(data) < CONTEXT else data.rfind(b"\n") + 1


def _cut_at_line(file: BinaryIO, start: int, end: int, whole: int) -> int:
    """The end of a line shortly before `end`; `end` where nothing is cut off or there is none."""
    if end == whole:
        return end
    begin = max(start, end - CONTEXT)
    found = _read(file, begin, end - begin).rfind(b"\n")
    return begin + found + 1 if found >= 0 else end


def _count_lines(file: BinaryIO, end: int, check: Check) -> int:
    return sum(piece.count(b"\n") for piece in _pieces(file, end, check))


def _pieces(file: BinaryIO, end: int, check: Check) -> Iterator[bytes]:
    file.seek(0)
    while end > 0:
        check()
        piece = file.read(min(PIECE, end))
        if not piece:
            return
        end -= len(piece)
        yield piece


def _read(file: BinaryIO, start: int, count: int) -> bytes:
    file.seek(start)
    return file.read(max(0, count))
