"""What turns one sequence into another: blocks that are the same, changed, removed, added.

Why no library: `difflib` (and its copies in C) takes quadratic time, minutes for two logs of
100,000 lines; Google's diff-match-patch works on letters and knows no lines; libgit2's is as good
as any, but holds Python's lock for all of a large pair, and with it the window, and cannot be
cancelled. The patience diffs for Python are GPL.

How it is bounded: lines become numbers; what is on one side only is set apart at once, so that two
files without a common line cost one pass. What occurs once on each side ties the two together
(patience diff, which also reads best: functions stay whole), and only the gaps between such lines
go through Myers' search. That one is given up after some number of differences: what it matched
until then is kept, and it begins anew where it got furthest. So the time grows with the length
times that number at worst, memory with its square, and the answer is always right, though perhaps
not the shortest.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from typing import Literal

from msgspec import Struct

from core.check import Check, go_on

Kind = Literal["same", "changed", "removed", "added"]

SMALL = 4000
"""Of this many elements on both sides together, or less, the shortest answer is looked for."""
MOST_DIFFERENCES = 800
"""How far the search for it goes in a small gap."""
FEW_DIFFERENCES = 64
"""The same in a large one."""

DEEPEST = 40
"""Levels of gaps within gaps that lines tie together; more would take time and help nobody."""

Match = tuple[int, int, int]
"""Place on the left, place on the right, and how many elements are the same from there on."""

_Chain = tuple["_Chain", int, int, int] | None  # matches before, and a match
_Gap = tuple[list[int], list[int], int]  # places on both sides, and how deep


class Block(Struct, frozen=True):
    """Elements of both sides that belong beside each other.

    Attributes:
        kind: "same" on both sides; "changed" ones have as many on the left as on the right, where
            each belongs to the one beside it; "removed" are on the left only, "added" on the right.
        left: First element on the left.
        left_end: The one after the last on the left.
        right: First element on the right.
        right_end: The one after the last on the right.
    """

    kind: Kind
    left: int
    left_end: int
    right: int
    right_end: int

    @property
    def height(self) -> int:
        """Rows it takes side by side."""
        return max(self.left_end - self.left, self.right_end - self.right)


def diff_sequences(
    left: Sequence[Hashable], right: Sequence[Hashable], check: Check = go_on
) -> tuple[Block, ...]:
    """The blocks that both sequences are made of, in order and without a gap.

    Where both sides have something between two equal parts, what is removed comes before what is
    added: `core.compare.diff_pairs` finds out which of them belong together.

    Args:
        left: The one before.
        right: The one after.
        check: Called often; raises to stop (core.errors.Cancelled).
    """
    return tuple(blocks_of(match_sequences(left, right, check), len(left), len(right)))


def blocks_of(matches: Sequence[Match], left_end: int, right_end: int) -> Iterator[Block]:
    """The blocks around equal parts, which are in order and do not overlap."""
    left = right = 0
    for x, y, count in [*matches, (left_end, right_end, 0)]:
        if left < x:
            yield Block("removed", left, x, right, right)
        if right < y:
            yield Block("added", x, x, right, y)
        left, right = x + count, y + count
        if count:
            yield Block("same", x, left, y, right)


def match_sequences(
    left: Sequence[Hashable], right: Sequence[Hashable], check: Check = go_on
) -> list[Match]:
    """The equal parts of two sequences, in order; none overlaps or touches another."""
    numbers: dict[Hashable, int] = {}
    a = [numbers.setdefault(each, len(numbers)) for each in left]
    check()
    b = [numbers.setdefault(each, len(numbers)) for each in right]
    check()
    return _runs_of(_Search(a, b, check).partners())


class _Search:
    """Finds pairs of equal elements in two lists of numbers."""

    def __init__(self, a: list[int], b: list[int], check: Check) -> None:
        self._a, self._b = a, b
        self._check = check
        self._partner = [-1] * len(a)

    def partners(self) -> list[int]:
        """For each place on the left the one on the right with an equal element; -1 for none."""
        waiting = [(list(range(len(self._a))), list(range(len(self._b))), 0)]
        while waiting:
            self._check()
            waiting.extend(self._take(*waiting.pop()))
        return self._partner

    def _take(self, xs: list[int], ys: list[int], depth: int) -> list[_Gap]:
        """Match what is certain between these places; gives the gaps that are left."""
        xs, ys = self._trimmed(xs, ys)
        if not xs or not ys:
            return []
        on_left = Counter(self._a[x] for x in xs)
        on_right = Counter(self._b[y] for y in ys)
        common_xs = [x for x in xs if self._a[x] in on_right]
        common_ys = [y for y in ys if self._b[y] in on_left]
        if len(common_xs) < len(xs) or len(common_ys) < len(ys):
            return [(common_xs, common_ys, depth)] if common_xs else []
        ties = self._ties(xs, ys, on_left, on_right) if depth < DEEPEST else []
        if not ties:
            self._search(xs, ys)
            return []
        for i, j in ties:
            self._partner[xs[i]] = ys[j]
        return list(_gaps(xs, ys, ties, depth + 1))

    def _trimmed(self, xs: list[int], ys: list[int]) -> tuple[list[int], list[int]]:
        """What is left between a common beginning and a common end, which are matched."""
        a, b, partner = self._a, self._b, self._partner
        most = min(len(xs), len(ys))
        start = 0
        while start < most and a[xs[start]] == b[ys[start]]:
            partner[xs[start]] = ys[start]
            start += 1
        end = 0
        while end < most - start and a[xs[-1 - end]] == b[ys[-1 - end]]:
            end += 1
            partner[xs[-end]] = ys[-end]
        return xs[start : len(xs) - end], ys[start : len(ys) - end]

    def _ties(
        self, xs: list[int], ys: list[int], on_left: Counter[int], on_right: Counter[int]
    ) -> list[tuple[int, int]]:
        """Indexes of elements that occur once on each side, as many as keep their order."""
        a, b = self._a, self._b
        where = {b[y]: index for index, y in enumerate(ys) if on_right[b[y]] == 1}
        pairs = [
            (index, where[a[x]])
            for index, x in enumerate(xs)
            if on_left[a[x]] == 1 and a[x] in where
        ]
        return rising(pairs)

    def _search(self, xs: list[int], ys: list[int]) -> None:
        """Myers' search, piece by piece where the differences are too many."""
        a, b = [self._a[x] for x in xs], [self._b[y] for y in ys]
        most = MOST_DIFFERENCES if len(xs) + len(ys) <= SMALL else FEW_DIFFERENCES
        x = y = 0
        while x < len(a) and y < len(b):
            chain, x, y = self._furthest(a, b, (x, y), most)
            while chain is not None:
                chain, at_left, at_right, count = chain
                for i in range(count):
                    self._partner[xs[at_left + i]] = ys[at_right + i]

    def _furthest(
        self, a: list[int], b: list[int], start: tuple[int, int], most: int
    ) -> tuple[_Chain, int, int]:
        """The matches from `start` on to the end, or as far as `most` differences lead."""
        width, height = len(a), len(b)
        shift = start[0] - start[1]
        reach: dict[int, tuple[int, _Chain]] = {1: (start[0], None)}  # by diagonal
        best: tuple[_Chain, int, int] = (None, *start)
        for count in range(most + 1):
            if count % 16 == 0:
                self._check()
            for k in _diagonals(count, width - start[0], height - start[1]):
                x, chain = _stepped(reach, k, count)
                y = x - k - shift
                same = _count_same(a, b, x, y)
                if same:
                    chain, x, y = (chain, x, y, same), x + same, y + same
                reach[k] = (x, chain)
                if x <= width and y <= height and x + y > best[1] + best[2]:
                    best = (chain, x, y)
            if best[1] == width and best[2] == height:
                break
        return best


def _diagonals(count: int, left: int, up: int) -> range:
    """Those that `count` differences lead to, as far as they lie within both sequences."""
    return range(2 * max(0, count - up) - count, count - 2 * max(0, count - left) + 1, 2)


def _stepped(reach: dict[int, tuple[int, _Chain]], k: int, count: int) -> tuple[int, _Chain]:
    """Where one more difference leads to on a diagonal."""
    if k == -count or (k != count and reach[k - 1][0] < reach[k + 1][0]):
        return reach[k + 1]
    x, chain = reach[k - 1]
    return x + 1, chain


def _count_same(a: list[int], b: list[int], x: int, y: int) -> int:
    """How many elements are the same from these places on."""
    begin, width, height = x, len(a), len(b)
    while x < width and y < height and a[x] == b[y]:
        x, y = x + 1, y + 1
    return x - begin


def _gaps(xs: list[int], ys: list[int], ties: list[tuple[int, int]], depth: int) -> Iterator[_Gap]:
    """What lies between ties, where both sides have something."""
    x = y = 0
    for at_left, at_right in [*ties, (len(xs), len(ys))]:
        if x < at_left and y < at_right:
            yield xs[x:at_left], ys[y:at_right], depth
        x, y = at_left + 1, at_right + 1


def rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """As many of the pairs as possible so that the second numbers rise as the first ones do.

    Args:
        pairs: By their first numbers; no number is there twice on its side.
    """
    ends: list[int] = []  # smallest second number that a chain of each length ends with
    last: list[int] = []  # index of the pair that ends it
    before: list[int] = []
    for index, (_, second) in enumerate(pairs):
        length = bisect_left(ends, second)
        before.append(last[length - 1] if length else -1)
        ends[length : length + 1] = [second]
        last[length : length + 1] = [index]
    chain: list[tuple[int, int]] = []
    index = last[-1] if last else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]


def _runs_of(partners: Sequence[int]) -> list[Match]:
    """Matches that continue each other as one."""
    found: list[Match] = []
    start = count = 0
    for x, y in enumerate([*partners, -1]):
        if count and y == start + count:
            count += 1
            continue
        if count:
            found.append((x - count, start, count))
        start, count = y, int(y >= 0)
    return found
