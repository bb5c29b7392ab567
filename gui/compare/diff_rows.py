"""Which lines stand beside each other on screen, row by row: all, or those around differences.

Where there is no room for two texts beside each other they are one below the other: what differs
there is first all that the left has, then all that the right has.

Why rows are computed and not stored: two files of 200,000 lines have as many rows, of which sixty
are seen. What is kept is one entry a block, found by bisection.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence

from msgspec import Struct

from core.compare.diff_lines import Block, Kind
from core.compare.diff_text import TextDiff

CONTEXT = 3  # equal rows kept around a difference when only differences are shown
LEAST_FOLD = 3  # fewer equal rows are shown: a row that stands for them is no shorter

MOST_COPIED = 200_000  # rows

LEFT, RIGHT = 0, 1


class DiffRow(Struct, frozen=True):
    """One row on screen.

    Attributes:
        kind: What the lines are to each other; "fold" stands for equal lines that are hidden.
        left: Index of the line on the left; None where there is none.
        right: The same on the right.
        hidden: Lines that a fold stands for.
        part: Number of the part of the diff that it belongs to.
        shown: The side whose line alone is in this row, LEFT or RIGHT, where one text is below the
            other; None where both are beside each other.
        piece: Of a line that is wrapped, which of its rows this is.
    """

    kind: Kind | str
    left: int | None
    right: int | None
    hidden: int = 0
    part: int = 0
    shown: int | None = None
    piece: int = 0


class _Part(Struct, frozen=True):
    block: Block
    row: int  # first row on screen
    rows: int
    is_fold: bool = False
    side: int | None = None  # whose lines alone are in it


_Piece = tuple[Block, bool, int | None]
"""Lines, whether one row stands for them, and the side whose lines alone are meant."""


class DiffRows:
    """The rows of one diff, a line each.

    Args:
        diff: What differs; None for nothing.
        only_differences: Whether equal lines far from any difference are hidden.
        is_stacked: Whether one text is below the other.
        opened: Lines on the left whose folds the user opened.

    Attributes:
        count: How many rows there are.
        changes: First row of each difference.
        ends: The row after the last of each difference.
        columns: Cells of a row of wrapped lines; None where none is wrapped.
    """

    columns: int | None = None

    def __init__(
        self,
        diff: TextDiff | None,
        *,
        only_differences: bool = False,
        is_stacked: bool = False,
        opened: set[int] | None = None,
    ) -> None:
        self.diff = diff
        self.is_stacked = is_stacked
        self.opened = set() if opened is None else opened
        self.only_differences = only_differences
        self._parts: list[_Part] = []
        self._starts: list[int] = []
        self.count = 0
        self.changes: list[int] = []
        self.ends: list[int] = []
        self.lay_out()

    def row(self, number: int) -> DiffRow:
        """What stands in a row."""
        index = bisect_right(self._starts, number) - 1
        part = self._parts[index]
        block, offset = part.block, number - part.row
        if part.is_fold:
            return DiffRow("fold", block.left, block.right, block.height, index)
        left, right = block.left + offset, block.right + offset
        shown = LEFT if self.is_stacked and part.side is None else part.side
        return DiffRow(
            block.kind,
            left if left < block.left_end else None,
            right if right < block.right_end else None,
            0,
            index,
            shown,
        )

    def line(self, number: int, side: int) -> str | None:
        """The line of one side (0 left, 1 right) in a row; None where there is none.

        Of texts one below the other it is the one line of the row, whichever side is asked for.
        """
        return self._line_in(self.row(number), side)

    def text_between(self, first: tuple[int, int], last: tuple[int, int], side: int) -> str:
        """The text of one side between two places (row and letter), without rows that have none."""
        lines = []
        for number in range(first[0], min(last[0] + 1, first[0] + MOST_COPIED)):
            text = self._line_in(DiffRows.row(self, number), side)  # whole, also where wrapped
            if text is not None:
                end = last[1] if number == last[0] else len(text)
                lines.append(text[first[1] if number == first[0] else 0 : end])
        return "\n".join(lines)

    def _line_in(self, row: DiffRow, side: int) -> str | None:
        side = side if row.shown is None else row.shown
        line = row.right if side else row.left
        if self.diff is None or line is None or row.kind == "fold":
            return None
        return (self.diff.right if side else self.diff.left).lines[line]

    def shown_texts(self) -> Iterator[tuple[int, Sequence[str]]]:
        """Lines that stand in rows one below the other, with the first of these rows."""
        if self.diff is None:
            return
        for part in self._parts:
            is_whole = part.side is None and not self.is_stacked
            for side in (LEFT, RIGHT) if is_whole else (part.side or LEFT,):
                begin, end = _lines(part.block, side)
                if begin < end and not part.is_fold:
                    text = self.diff.right if side else self.diff.left
                    yield part.row, text.lines[begin:end]

    def row_of(self, side: int, line: int) -> int:
        """The row in which a line of one side (0 left, 1 right) stands."""
        for part in self._parts:
            begin, end = _lines(part.block, side)
            if begin <= line < end and part.side in (None, side):
                return part.row if part.is_fold else part.row + line - begin
        return max(0, self.count - 1)

    def first_line(self, begin: int, end: int) -> tuple[int, int] | None:
        """Side and index of the first line in some rows; None where they have none."""
        for number in range(begin, min(self.count, end)):
            row = self.row(number)
            if row.right is not None:
                return RIGHT, row.right
            if row.left is not None:
                return LEFT, row.left
        return None

    def next_change(self, row: int) -> int | None:
        """First row of the first difference that begins after `row`; None where there is none."""
        index = bisect_right(self.changes, row)
        return self.changes[index] if index < len(self.changes) else None

    def change_before(self, row: int) -> int | None:
        """First row of the last difference that begins before `row`; None where there is none."""
        index = bisect_left(self.changes, row) - 1
        return self.changes[index] if index >= 0 else None

    def number_of(self, row: int) -> int:
        """Which difference begins at a row, from 1; 0 for none."""
        index = bisect_left(self.changes, row)
        return index + 1 if self.changes[index : index + 1] == [row] else 0

    def change_end(self, row: int) -> int:
        """The row after the difference that begins at `row`, or that this row is in."""
        return self.ends[max(0, bisect_right(self.changes, row) - 1)]

    def change(self, number: int) -> tuple[int, int] | None:
        """First row of a difference, and the row after its last; None for 0, they count from 1."""
        return (self.changes[number - 1], self.ends[number - 1]) if number else None

    def change_within(self, first: int, end: int) -> int | None:
        """The first row of a difference that has any of these rows; None where none has."""
        index = bisect_right(self.changes, first) - 1
        if index >= 0 and self.ends[index] > first:
            return self.changes[index]
        following = self.changes[index + 1 : index + 2]
        return following[0] if following and following[0] < end else None

    def open_fold(self, row: int) -> bool:
        """Show the lines that a row stands for; returns False where it stands for none."""
        index = bisect_right(self._starts, row) - 1
        if index < 0 or not self._parts[index].is_fold:
            return False
        self.opened.add(self._parts[index].block.left)
        self.lay_out()
        return True

    def lay_out(self) -> None:
        """Work out which rows there are."""
        self._parts, self.changes, self.ends = [], [], []
        row, was_same = 0, True
        pieces = _stacked(self._pieces()) if self.is_stacked else self._pieces()
        for block, is_fold, side in pieces:
            rows = 1 if is_fold else block.height
            if side is not None:
                first, end = _lines(block, side)
                rows = end - first
            self._parts.append(_Part(block, row, rows, is_fold, side))
            if block.kind != "same" and was_same:
                self.changes.append(row)
            elif block.kind == "same" and not was_same:
                self.ends.append(row)
            was_same = block.kind == "same"
            row += rows
        if not was_same:
            self.ends.append(row)
        self._starts = [part.row for part in self._parts]
        self.count = row

    def _pieces(self) -> list[_Piece]:
        blocks = self.diff.blocks if self.diff is not None else ()
        if not self.only_differences:
            return [(block, False, None) for block in blocks]
        pieces: list[_Piece] = []
        for index, block in enumerate(blocks):
            if block.kind != "same":
                pieces.append((block, False, None))
                continue
            before = CONTEXT if index else 0
            after = CONTEXT if index + 1 < len(blocks) else 0
            pieces += self._folded(block, before, after)
        return pieces

    def _folded(self, block: Block, before: int, after: int) -> list[_Piece]:
        fold = _part_of(block, before, block.height - after)
        if block.height - before - after < LEAST_FOLD or fold.left in self.opened:
            return [(block, False, None)]
        pieces: list[_Piece] = [
            (_part_of(block, 0, before), False, None),
            (fold, True, None),
            (_part_of(block, block.height - after, block.height), False, None),
        ]
        return [piece for piece in pieces if piece[0].height]


class DiffLayouts:
    """The rows of one diff in all ways, worked out by whoever makes this.

    Args:
        diff: What differs; None for nothing.
    """

    def __init__(self, diff: TextDiff | None) -> None:
        self._rows = {
            (few, stacked): DiffRows(diff, only_differences=few, is_stacked=stacked)
            for few in (False, True)
            for stacked in (False, True)
        }

    def rows(self, *, only_differences: bool, is_stacked: bool = False) -> DiffRows:
        """All rows, or those around differences; of texts beside or below each other."""
        return self._rows[only_differences, is_stacked]


def _stacked(pieces: list[_Piece]) -> list[_Piece]:
    """Of all that differs between two equal parts the left lines first, then the right ones."""
    found: list[_Piece] = []
    lefts: list[_Piece] = []
    rights: list[_Piece] = []
    for piece in pieces:
        block = piece[0]
        if block.kind == "same":
            found += [*lefts, *rights, piece]
            lefts, rights = [], []
            continue
        if block.left < block.left_end:
            lefts.append((block, False, LEFT))
        if block.right < block.right_end:
            rights.append((block, False, RIGHT))
    return [*found, *lefts, *rights]


def _part_of(block: Block, start: int, end: int) -> Block:
    return Block(
        "same", block.left + start, block.left + end, block.right + start, block.right + end
    )


def _lines(block: Block, side: int) -> tuple[int, int]:
    return (block.right, block.right_end) if side else (block.left, block.left_end)
