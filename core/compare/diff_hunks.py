"""A diff of texts in the usual short form: what changed with a few lines around it."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from core.compare.diff_lines import Block
from core.compare.diff_text import TextDiff

CONTEXT_LINES = 3


class Hunk(Struct, frozen=True):
    """Lines that belong together.

    Attributes:
        left: Number of its first line on the left.
        left_count: How many lines of the left it has.
        right: Number of its first line on the right.
        right_count: How many lines of the right it has.
        lines: A sign (" ", "-" or "+") and the line.
    """

    left: int
    left_count: int
    right: int
    right_count: int
    lines: tuple[tuple[str, str], ...]

    @property
    def heading(self) -> str:
        """The line that begins with `@@`."""
        left = _range(self.left, self.left_count)
        return f"@@ -{left} +{_range(self.right, self.right_count)} @@"


def hunks_of(diff: TextDiff, context: int = CONTEXT_LINES) -> Iterator[Hunk]:
    """The changed parts of a diff, in order; parts that are near each other are one.

    Args:
        diff: Two texts.
        context: How many equal lines to keep before and after each.
    """
    together: list[Block] = []
    for block in diff.blocks:
        if block.kind != "same" or (together and block.height <= 2 * context):
            together.append(block)
            continue
        if together:
            yield _hunk(diff, [*together, _first(block, context)])
        together = [_last(block, context)] if context else []
    if any(block.kind != "same" for block in together):
        if together[-1].kind == "same":
            together[-1] = _first(together[-1], context)
        yield _hunk(diff, together)


def _first(block: Block, count: int) -> Block:
    count = min(count, block.height)
    return Block("same", block.left, block.left + count, block.right, block.right + count)


def _last(block: Block, count: int) -> Block:
    count = min(count, block.height)
    return Block(
        "same", block.left_end - count, block.left_end, block.right_end - count, block.right_end
    )


def _hunk(diff: TextDiff, together: list[Block]) -> Hunk:
    lines: list[tuple[str, str]] = []
    for block in together:
        left = diff.left.lines[block.left : block.left_end]
        if block.kind == "same":
            lines += [(" ", line) for line in left]
            continue
        lines += [("-", line) for line in left]
        lines += [("+", line) for line in diff.right.lines[block.right : block.right_end]]
    begin, end = together[0], together[-1]
    return Hunk(
        begin.left + diff.first,
        end.left_end - begin.left,
        begin.right + diff.first,
        end.right_end - begin.right,
        tuple(lines),
    )


def _range(start: int, count: int) -> str:
    """As in all such diffs: a part of no lines is after the line before it."""
    if count == 1:
        return str(start)
    return f"{start if count else start - 1},{count}"
