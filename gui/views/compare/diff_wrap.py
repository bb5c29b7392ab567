"""How two texts are arranged in the room there is: beside or below each other, wrapped or not.

A wrapped line takes several rows on screen. Why these rows are counted from the few lines that are
too long: of most texts nearly all lines have room, and a pane that is drawn wider and narrower has
its rows counted anew with each step. Why very many rows are not wrapped: counting them would be
felt then; they are scrolled across.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from typing import Literal

from msgspec.structs import replace

from core.compare.diff_text import TextDiff
from gui.compare.diff_rows import DiffLayouts, DiffRow, DiffRows
from gui.views.output.output_layout import LineLayout

NARROW = 50
"""Letters of a half, below which texts are not beside each other unless all lines have room."""
MOST_WRAPPED = 20_000
"""Rows; more are not wrapped."""

Arrangement = Literal["auto", "beside", "stacked"]


@lru_cache(maxsize=4096)
def layout_of(text: str, columns: int | None = None) -> LineLayout:
    """Where the letters of a line stand, in rows of so many cells; None for one row."""
    return LineLayout(text, columns)


class WrappedRows(DiffRows):
    """The rows of a diff whose long lines take several of them.

    Args:
        rows: The rows with a line each; folds that are opened here are open there too.
        columns: Cells of a row.
    """

    def __init__(self, rows: DiffRows, columns: int) -> None:
        self.columns = self._columns = columns
        self._long: list[int] = []  # rows with a line each that take several here
        self._tops: list[int] = []  # the first row here of each of them
        self._more = [0]  # rows that they take more than one, up to each
        super().__init__(
            rows.diff,
            only_differences=rows.only_differences,
            is_stacked=rows.is_stacked,
            opened=rows.opened,
        )

    def row(self, number: int) -> DiffRow:
        """What stands in a row."""
        line, piece = self._line_of(number)
        return replace(super().row(line), piece=piece)

    def text_between(self, first: tuple[int, int], last: tuple[int, int], side: int) -> str:
        """The text of one side between two places (row and letter), as it is without wrapping."""
        begin, end = (self._line_of(place[0])[0] for place in (first, last))
        return super().text_between((begin, first[1]), (end, last[1]), side)

    def row_of(self, side: int, line: int) -> int:
        """The first row in which a line of one side (0 left, 1 right) stands."""
        return self._first_of(super().row_of(side, line))

    def open_fold(self, row: int) -> bool:
        """Show the lines that a row stands for; returns False where it stands for none."""
        return super().open_fold(self._line_of(row)[0])

    def lay_out(self) -> None:
        """Count the rows."""
        super().lay_out()
        self._long, self._tops, self._more = [], [], [0]
        for number, pieces in sorted(self._counted().items()):
            self._long.append(number)
            self._tops.append(number + self._more[-1])
            self._more.append(self._more[-1] + pieces - 1)
        self.changes = [self._first_of(row) for row in self.changes]
        self.ends = [self._first_of(row) for row in self.ends]
        self.count += self._more[-1]

    # Inside

    def _counted(self) -> dict[int, int]:
        """How many rows the lines take that take more than one, by their row with a line each."""
        found: dict[int, int] = {}
        columns = self._columns
        for first, texts in self.shown_texts():
            for number, text in enumerate(texts, start=first):
                if len(text) <= columns and text.isascii() and "\t" not in text:
                    continue  # nearly all of them, which is to cost next to nothing
                pieces = LineLayout(text, columns).rows
                if pieces > found.get(number, 1):
                    found[number] = pieces
        return found

    def _first_of(self, line: int) -> int:
        """The first row here of a row with a line each."""
        return line + self._more[bisect_left(self._long, line)]

    def _line_of(self, number: int) -> tuple[int, int]:
        """The row with a line each that a row is of, and which of its pieces it is."""
        place = bisect_right(self._tops, number) - 1
        if place < 0:
            return number, 0
        offset = number - self._tops[place]
        pieces = self._more[place + 1] - self._more[place] + 1
        if offset < pieces:
            return self._long[place], offset
        return self._long[place] + 1 + offset - pieces, 0


class DiffArranger:
    """Chooses the rows for the room that there is.

    Attributes:
        arrangement: Beside or below each other, as the user chose.
        wraps: Whether long lines are wrapped.
        only_differences: Whether equal lines far from any difference are hidden.
        widest: Cells of the longest line, more or less: only one of each side is measured.
    """

    def __init__(self) -> None:
        self.arrangement: Arrangement = "auto"
        self.wraps = True
        self.only_differences = False
        self.widest = 0
        self._diff: TextDiff | None = None
        self._layouts = DiffLayouts(None)
        self._can_wrap = True

    def take(self, diff: TextDiff | None, layouts: DiffLayouts, *, can_wrap: bool) -> None:
        """Arrange other texts.

        Args:
            diff: The texts.
            layouts: Their rows.
            can_wrap: Whether their lines may be wrapped: columns of bytes stay columns.
        """
        self._diff, self._layouts, self._can_wrap = diff, layouts, can_wrap
        self.widest = max(layout_of(line).cells for line in diff.longest) if diff else 0

    def choose(self, half: int, whole: int) -> tuple[bool, int | None]:
        """Whether one text is below the other, and cells of a row where lines are wrapped.

        Args:
            half: Cells that a text has room for beside the other.
            whole: Cells that it has room for below the other.
        """
        is_stacked = self._should_stack(half)
        cells = whole if is_stacked else half
        count = self._rows(is_stacked=is_stacked).count
        wraps = self.wraps and self._can_wrap and self.widest > cells and count <= MOST_WRAPPED
        return is_stacked, cells if wraps else None

    def rows(self, choice: tuple[bool, int | None]) -> DiffRows:
        """The rows of what was chosen."""
        is_stacked, columns = choice
        rows = self._rows(is_stacked=is_stacked)
        return rows if columns is None else WrappedRows(rows, columns)

    # Inside

    def _rows(self, *, is_stacked: bool) -> DiffRows:
        return self._layouts.rows(only_differences=self.only_differences, is_stacked=is_stacked)

    def _should_stack(self, half: int) -> bool:
        if self.arrangement != "auto" or self._diff is None:
            return self.arrangement == "stacked"
        if not (self._diff.left.is_there and self._diff.right.is_there):
            return True
        return half < min(NARROW, self.widest)
