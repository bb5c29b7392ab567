"""Sorting on a worker's thread without stopping the window.

Why not `list.sort` at once: it holds Python's lock from beginning to end, 16 to 30 ms for 100,000
slots, and the window cannot draw meanwhile. Sorting in pieces and joining them two by two, again in
pieces, gives the same order (Python's sort is stable and quick with sorted pieces), takes twice as
long, and never holds the lock for more than 3 ms. With pieces of 12,500 the window of 100,000 runs
stood still for 50 to 60 ms, with these for 30 (measured).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any

PIECE = 6_000


def gentle_sort(
    slots: Sequence[int], key: Callable[[int], Any], *, descending: bool = False
) -> list[int]:
    """The slots by key; equal ones stay in the order given, in either direction."""
    pieces = [list(slots[start : start + PIECE]) for start in range(0, len(slots), PIECE)]
    for piece in pieces:
        piece.sort(key=key, reverse=descending)
    while len(pieces) > 1:
        pieces = [_joined(pieces[n : n + 2], key, descending) for n in range(0, len(pieces), 2)]
    return pieces[0] if pieces else []


def _joined(
    pieces: Sequence[list[int]],
    key: Callable[[int], Any],
    descending: bool,  # noqa: FBT001 - private
) -> list[int]:
    """One sorted list of one or two."""
    if len(pieces) == 1:
        return pieces[0]
    first, second = pieces
    if not _is_before(second[0], first[-1], key, descending):  # nearly so from the beginning
        return first + second
    if _is_before(second[-1], first[0], key, descending):
        return second + first
    joined: list[int] = []
    begin = 0
    for start in range(0, len(first), PIECE):
        stop = start + PIECE
        end = len(second)
        if stop < len(first):
            end = _place(second, first[stop], key, descending, begin)
        part = first[start:stop] + second[begin:end]
        part.sort(key=key, reverse=descending)
        joined += part
        begin = end
    return joined


def _is_before(
    slot: int,
    other: int,
    key: Callable[[int], Any],
    descending: bool,  # noqa: FBT001 - private
) -> bool:
    """Whether a slot comes before another one that was given before it."""
    return bool(key(other) < key(slot) if descending else key(slot) < key(other))


def _place(
    ordered: list[int],
    slot: int,
    key: Callable[[int], Any],
    descending: bool,  # noqa: FBT001 - private
    begin: int,
) -> int:
    """How many of the ordered slots come before one that stood before all of them."""
    value = key(slot)
    if descending:  # what is not greater: bisect knows no descending order, but false and true
        return bisect_left(ordered, x=True, lo=begin, key=lambda other: not value < key(other))
    return bisect_left(ordered, value, begin, key=key)
