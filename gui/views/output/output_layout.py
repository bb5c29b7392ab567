"""Where the characters of a line of output stand on a grid of cells, wrapped or not.

Why a grid and no text layout: output is written for terminals, where each character takes one
cell, two (East Asian ones), or none (accents that combine). Tables and progress bars fit together
only so, and a long line costs what is visible of it.
"""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import accumulate

TAB = 8


class LineLayout:
    """One line broken into rows.

    Args:
        text: The line.
        columns: Cells in a row; None breaks nowhere.
    """

    __slots__ = ("_edges", "starts", "text")

    def __init__(self, text: str, columns: int | None) -> None:
        self.text = text
        self._edges = _edges_of(text)
        self.starts = [0] if columns is None else self._wrapped(max(2, columns))

    @property
    def rows(self) -> int:
        """Rows it takes, at least one."""
        return len(self.starts)

    @property
    def cells(self) -> int:
        """Cells of the whole line side by side."""
        return self._edge(len(self.text))

    def row_of(self, column: int) -> int:
        """The row that character `column` stands in."""
        return bisect_right(self.starts, column) - 1

    def range_of(self, row: int) -> tuple[int, int]:
        """The first character of a row and the one after its last."""
        last = row + 1 >= len(self.starts)
        return self.starts[row], len(self.text) if last else self.starts[row + 1]

    def cell_of(self, column: int, row: int) -> int:
        """How many cells from the left of `row` character `column` begins."""
        return self._edge(column) - self._edge(self.starts[row])

    def column_at(self, cell: float, row: int) -> int:
        """The place between characters nearest to `cell` cells from the left of `row`."""
        start, end = self.range_of(row)
        wanted = cell + self._edge(start)
        if self._edges is None:
            return min(max(start, round(wanted)), end)
        after = min(bisect_left(self._edges, wanted, start, end + 1), end)
        if after > start and wanted - self._edges[after - 1] < self._edges[after] - wanted:
            after -= 1
        return max(start, after)

    def first_from(self, cell: int) -> int:
        """The character that covers `cell` of an unwrapped line, or its end."""
        if self._edges is None:
            return min(max(0, cell), len(self.text))
        return min(max(0, bisect_right(self._edges, cell) - 1), len(self.text))

    def _edge(self, column: int) -> int:
        return column if self._edges is None else self._edges[column]

    def _wrapped(self, columns: int) -> list[int]:
        starts, at, length = [0], 0, len(self.text)
        total = self._edge(length)
        while total - self._edge(at) > columns:
            limit = self._limit(at, columns)
            space = self.text.rfind(" ", at + 1, limit + 1)
            at = space + 1 if space > at else max(at + 1, limit)
            if at >= length:
                break
            starts.append(at)
        return starts

    def _limit(self, at: int, columns: int) -> int:
        """The first character after `at` that has no room in the same row."""
        if self._edges is None:
            return at + columns
        return bisect_right(self._edges, self._edges[at] + columns, at) - 1


def word_at(text: str, column: int) -> tuple[int, int]:
    """The word at a place: letters, digits and what numbers and names are joined with."""

    def is_part(index: int) -> bool:
        char = text[index]
        if char.isalnum() or char == "_":
            return True
        is_within = 0 < index < len(text) - 1
        return (
            char in ".-" and is_within and text[index - 1].isalnum() and text[index + 1].isalnum()
        )

    if not text:
        return 0, 0
    column = min(column, len(text) - 1)
    if not is_part(column):
        return column, column + 1
    start = end = column
    while start > 0 and is_part(start - 1):
        start -= 1
    while end < len(text) and is_part(end):
        end += 1
    return start, end


def _edges_of(text: str) -> list[int] | None:
    """The cell each character begins at, and the end; None when each takes one cell."""
    if text.isascii() and "\t" not in text:
        return None
    if "\t" not in text:
        return list(accumulate(map(_cells_of, text), initial=0))
    edges = [0]
    for char in text:
        at = edges[-1]
        edges.append(at + (TAB - at % TAB if char == "\t" else _cells_of(char)))
    return edges


@lru_cache(maxsize=4096)
def _cells_of(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1
