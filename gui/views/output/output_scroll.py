"""Which rows of the output are on screen: scrolling through a window of lines. No widgets.

The place is the line at the top (by its offset in the file) and the row within it. Lines before
and after the window are not known: `wanted` says when more should be read.
"""

from __future__ import annotations

from bisect import bisect_right

from msgspec import Struct

from core.runs.output import OutputLine, OutputWindow
from gui.views.output.output_layout import LineLayout

EMPTY = OutputWindow(0, 0, ())


class ScreenRow(Struct, frozen=True):
    """One row on screen: a line, and which of its rows."""

    line: OutputLine
    layout: LineLayout
    row: int


class OutputScroll:
    """The part of the output that is on screen."""

    def __init__(self) -> None:
        self.window = EMPTY
        self.size = 0
        self.height = 1
        self.top_row = 0
        self._top = 0
        self._columns: int | None = None
        self._offsets: list[int] = []
        self._layouts: dict[int, LineLayout] = {}

    @property
    def top_offset(self) -> int:
        """Where the line at the top begins."""
        return self._offsets[self._top] if self._offsets else 0

    @property
    def has_end(self) -> bool:
        """Whether the window reaches to the end of the output, as far as is known."""
        return self.window.end >= self.size

    @property
    def is_at_end(self) -> bool:
        """Whether the last row of the output is on screen."""
        return self.has_end and (self._top, self.top_row) >= self._last_top()

    def resize(self, height: int, columns: int | None) -> None:
        """Have room for `height` rows of `columns` cells; None does not wrap."""
        self.height = max(1, height)
        if columns != self._columns:
            self._columns = columns
            self._layouts.clear()
            self.top_row = 0
        self._clamp()

    def show(self, window: OutputWindow) -> None:
        """Have other lines, and keep the place if it is among them.

        They may have been read before the output grew to what is known by now.
        """
        place = self.top_offset
        is_same_file = bool(window.lines) and window.generation == self.window.generation
        self.size = max(window.size, self.size) if is_same_file else window.size
        self.window = window
        self._offsets = [line.offset for line in window.lines]
        kept = {line.offset: self._layouts.get(line.offset) for line in window.lines}
        self._layouts = {
            line.offset: layout
            for line in window.lines
            if (layout := kept[line.offset]) is not None and layout.text == line.text
        }
        self._top = max(0, bisect_right(self._offsets, place) - 1)
        self._clamp()

    def index_of(self, offset: int) -> int | None:
        """The place in the window of the line that holds byte `offset`; None when not there."""
        window = self.window
        if not window.lines or not window.begin <= offset:
            return None
        if offset >= window.end and not self.has_end:
            return None
        return bisect_right(self._offsets, offset) - 1

    def layout(self, index: int) -> LineLayout:
        """How a line of the window is laid out."""
        line = self.window.lines[index]
        layout = self._layouts.get(line.offset)
        if layout is None:
            layout = self._layouts[line.offset] = LineLayout(line.text, self._columns)
        return layout

    def scroll_by(self, rows: int) -> None:
        """Move down by `rows` (up if negative), as far as the window goes."""
        self._top, self.top_row = self.step(self._top, self.top_row, rows)
        self._clamp()

    def step(self, index: int, row: int, rows: int) -> tuple[int, int]:
        """The line and the row that are `rows` further down, as far as the window goes."""
        if not self._offsets:
            return 0, 0
        row += rows
        while row < 0 and index > 0:
            index -= 1
            row += self.layout(index).rows
        while row >= self.layout(index).rows and index + 1 < len(self._offsets):
            row -= self.layout(index).rows
            index += 1
        return index, min(max(0, row), self.layout(index).rows - 1)

    def go_to(self, index: int, row: int = 0, rows_above: int = 0) -> None:
        """Put a row of the window `rows_above` below the top."""
        self._top, self.top_row = index, row
        if rows_above:
            self._top, self.top_row = self.step(index, row, -rows_above)
        self._clamp()

    def go_to_end(self) -> None:
        """Put the last row of the window at the bottom."""
        self._top, self.top_row = self._last_top()

    def rows_to(self, index: int, row: int) -> int:
        """How far below the top a row of the window is (negative above; bounded by a screen)."""
        if (index, row) < (self._top, self.top_row):
            return -1
        at, distance = self._top, row - self.top_row
        while at < index and distance <= self.height + row:
            distance += self.layout(at).rows
            at += 1
        return distance

    def visible(self) -> list[ScreenRow]:
        """The rows on screen, from the top; one more than fits, for the part of it that shows."""
        rows: list[ScreenRow] = []
        index, row = self._top, self.top_row
        while index < len(self._offsets) and len(rows) <= self.height:
            layout = self.layout(index)
            if row < layout.rows:
                rows.append(ScreenRow(self.window.lines[index], layout, row))
                row += 1
            else:
                index, row = index + 1, 0
        return rows

    def wanted(self) -> bool:
        """Whether the place is so near to an edge of the window that more should be read."""
        if not self._offsets:
            return False
        margin = self.height + 2
        if self._top < margin and self.window.begin > 0:
            return True
        return self._top + 2 * margin > len(self._offsets) and not self.has_end

    def bar(self) -> tuple[int, int, int]:
        """Value, maximum and page of a scroll bar, in bytes of the file."""
        if not self._offsets:
            return 0, 0, 1
        page = self._bytes_on_screen()
        if self.has_end:
            last, row = self._last_top()
            maximum = self._byte_of(last, row)
        else:
            maximum = max(0, self.size - page)
        value = maximum if self.is_at_end else self._byte_of(self._top, self.top_row)
        return min(value, maximum), maximum, page

    def _bytes_on_screen(self) -> int:
        rows = self.visible()
        return max(1, rows[-1].line.end - rows[0].line.offset) if rows else 1

    def _byte_of(self, index: int, row: int) -> int:
        line = self.window.lines[index]
        return line.offset + (line.end - line.offset) * row // self.layout(index).rows

    def _last_top(self) -> tuple[int, int]:
        """The top when the last row of the window is at the bottom."""
        last = len(self._offsets) - 1
        if last < 0:
            return 0, 0
        return self.step(last, self.layout(last).rows - 1, 1 - self.height)

    def _clamp(self) -> None:
        if not self._offsets:
            self._top = self.top_row = 0
            return
        self._top = min(self._top, len(self._offsets) - 1)
        self.top_row = min(self.top_row, self.layout(self._top).rows - 1)
        if self.has_end:
            last = self._last_top()
            if (self._top, self.top_row) > last:
                self._top, self.top_row = last
