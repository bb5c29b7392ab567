"""Which removed line became which added one, and what changed within a pair of lines.

Why pairs are found by their words: put beside each other in plain order, one line added above a
changed one makes every pair below it nonsense. Why only where few lines were replaced by few: the
number of comparisons is the product of both, and nobody reads a hundred changed lines word by word.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from core.check import go_on
from core.compare.diff_lines import Block, match_sequences

MOST_PAIRS = 1600
"""Lines on the left times lines on the right, of a part whose lines are paired by their words."""
MOST_PAIRS_OF_ALL = 200_000
"""The same for a whole text; parts beyond are paired in plain order."""
MOST_WORDS = 400
"""Of a line; more of them are compared by a common beginning and end."""
LEAST_LIKENESS = 0.4

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_MEANT = re.compile(r"\w+|[^\w\s]")
_SEEN = 500  # letters of a line that tell whether it is like another one

Span = tuple[int, int]
"""First letter and number of letters of a part of a line."""


def pair_lines(
    blocks: Sequence[Block],
    left: Sequence[str],
    right: Sequence[str],
    check: Callable[[], None] = go_on,
) -> tuple[Block, ...]:
    """The same blocks, with "changed" ones where lines were replaced.

    Args:
        blocks: As `diff_sequences` gives them.
        left: Lines on the left.
        right: Lines on the right.
        check: Called often; raises to stop (core.errors.Cancelled).
    """
    made: list[Block] = []
    spent = 0
    before: Block | None = None
    for block in blocks:
        if before is not None and before.kind == "removed" and block.kind == "added":
            check()
            cost = (before.left_end - before.left) * (block.right_end - block.right)
            pairs: list[tuple[int, int]] = []
            if 1 < cost <= MOST_PAIRS and spent + cost <= MOST_PAIRS_OF_ALL:
                spent += cost
                pairs = _alike(before, block, left, right)
            made[-1:] = _laid_out(before, block, pairs)
        else:
            made.append(block)
        before = block
    return tuple(made)


def mark_words(left: str, right: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """What differs between two lines; nothing on both sides where they have little in common."""
    if left == right:
        return (), ()
    words, others = _WORD.findall(left), _WORD.findall(right)
    if len(words) > MOST_WORDS or len(others) > MOST_WORDS:
        return _marked_middle(left, right)
    matches = match_sequences(words, others)
    same = sum(len(words[x + i]) for x, _, count in matches for i in range(count))
    if same < LEAST_LIKENESS * min(len(left), len(right)):
        return (), ()
    kept_left = [(x, x + count) for x, _, count in matches]
    kept_right = [(y, y + count) for _, y, count in matches]
    return tuple(_between(words, kept_left)), tuple(_between(others, kept_right))


def common_start(left: str, right: str) -> int:
    """How many letters two texts have in common at their beginning."""
    most = min(len(left), len(right))
    if left[:most] == right[:most]:
        return most
    low, high = 0, most
    while low < high - 1:
        middle = (low + high) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle
    return low


def _marked_middle(left: str, right: str) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    start = common_start(left, right)
    end = common_start(left[start:][::-1], right[start:][::-1])
    lengths = len(left) - start - end, len(right) - start - end
    marked = tuple(((start, length),) if length else () for length in lengths)
    return marked[0], marked[1]


def _between(words: Sequence[str], kept: Sequence[tuple[int, int]]) -> Iterator[Span]:
    at = position = 0
    for start, end in [*kept, (len(words), len(words))]:
        length = sum(map(len, words[at:start]))
        if length:
            yield position, length
        position += length + sum(map(len, words[start:end]))
        at = end


def _alike(
    removed: Block, added: Block, left: Sequence[str], right: Sequence[str]
) -> list[tuple[int, int]]:
    """Pairs of lines that are much like each other, in order: those that are so most together."""
    ours = [
        frozenset(_MEANT.findall(left[i][:_SEEN])) for i in range(removed.left, removed.left_end)
    ]
    theirs = [
        frozenset(_MEANT.findall(right[i][:_SEEN])) for i in range(added.right, added.right_end)
    ]
    height, width = len(ours), len(theirs)
    best = [[0.0] * (width + 1) for _ in range(height + 1)]
    for i in range(height - 1, -1, -1):
        for j in range(width - 1, -1, -1):
            paired = best[i + 1][j + 1] + _likeness(ours[i], theirs[j])
            best[i][j] = max(best[i + 1][j], best[i][j + 1], paired)
    pairs, i, j = [], 0, 0
    while i < height and j < width:
        if best[i][j] == best[i + 1][j]:
            i += 1
        elif best[i][j] == best[i][j + 1]:
            j += 1
        else:
            pairs.append((removed.left + i, added.right + j))
            i, j = i + 1, j + 1
    return pairs


def _likeness(one: frozenset[str], other: frozenset[str]) -> float:
    if not one or not other:
        return 0.0
    share = 2 * len(one & other) / (len(one) + len(other))
    return share if share >= LEAST_LIKENESS else 0.0


def _laid_out(removed: Block, added: Block, pairs: Sequence[tuple[int, int]]) -> list[Block]:
    """The lines of both blocks beside each other: pairs, and what is between them in order."""
    made: list[Block] = []
    x, y = removed.left, added.right
    for left, right in [*pairs, (removed.left_end, added.right_end)]:
        both = min(left - x, right - y)
        _append(made, Block("changed", x, x + both, y, y + both))
        _append(made, Block("removed", x + both, left, y + both, y + both))
        _append(made, Block("added", left, left, y + both, right))
        if left < removed.left_end and right < added.right_end:
            _append(made, Block("changed", left, left + 1, right, right + 1))
        x, y = left + 1, right + 1
    return made


def _append(made: list[Block], block: Block) -> None:
    """Add a block; one that goes on where a changed one ends becomes a part of that."""
    if not block.height:
        return
    if made and made[-1].kind == block.kind == "changed":
        before = made.pop()
        block = Block("changed", before.left, block.left_end, before.right, block.right_end)
    made.append(block)
