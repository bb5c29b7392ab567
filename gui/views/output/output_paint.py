"""Draws rows of output: margin with stream, time and number, then the text in its styles."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from math import ceil
from typing import Literal

from msgspec import Struct, field
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from core.ansi import PLAIN, Span, Style
from core.runs.output import OutputLine, TextPosition
from core.runs.output_times import STDERR
from core.text import format_bytes
from gui.views.output.output_colours import OutputColours
from gui.views.output.output_layout import LineLayout
from gui.views.output.output_scroll import ScreenRow

TimeMode = Literal["none", "relative", "clock"]
Columns = tuple[int, int]

STREAM_MARK = "!"
_SIGN_CELLS = 2.2  # room for it and the bar before it


class Look(Struct):
    """What is shown beside the text, and what in it is marked.

    Attributes:
        numbers: Whether line numbers are shown.
        times: Which time is shown for each line.
        base_time: What relative times count from, in milliseconds since 1970.
        lines: Lines of the output, for the width of their numbers.
        selection: The selected text, from its first to its last place.
        caret: The caret's place; None when it is not shown.
        marks: Matches of the search on each line, by the line's offset.
        current: The match that was gone to.
    """

    numbers: bool = False
    times: TimeMode = "none"
    base_time: int | None = None
    lines: int = 0
    selection: tuple[TextPosition, TextPosition] | None = None
    caret: TextPosition | None = None
    marks: Mapping[int, Sequence[Columns]] = field(default_factory=dict)
    current: tuple[int, int, int] | None = None


class OutputPainter:
    """Draws rows with one font and one set of colours."""

    def __init__(self, font: QFont, colours: OutputColours) -> None:
        metrics = QFontMetricsF(font)
        self.colours = colours
        self.cell = metrics.horizontalAdvance("0" * 100) / 100
        self.row_height = max(1, ceil(metrics.height() * 1.12))
        self._baseline = (self.row_height - metrics.height()) / 2 + metrics.ascent()
        self._font = font
        self._metrics = metrics
        self._fonts: dict[tuple[bool, bool, bool, bool], QFont] = {}

    def margin(self, look: Look) -> float:
        """Width of what stands left of the text."""
        return self._number_edge(look) + self.cell

    def draw(
        self, painter: QPainter, rows: list[ScreenRow], look: Look, left: int, width: int
    ) -> None:
        """Draw rows from the top of the painter's device.

        Args:
            painter: Where.
            rows: What.
            look: What stands beside it and is marked in it.
            left: Cells of unwrapped text that are scrolled out to the left.
            width: Width of the device.
        """
        margin = self.margin(look)
        for number, row in enumerate(rows):
            self._draw_margin(painter, row, look, number * self.row_height)
        painter.setClipRect(
            QRectF(margin, 0, max(0.0, width - margin), len(rows) * self.row_height)
        )
        for number, row in enumerate(rows):
            origin = QPointF(margin - left * self.cell, number * self.row_height)
            self._draw_text(painter, row, look, origin, left, width)
        painter.setClipping(False)

    # Margin

    def _time_cells(self, look: Look) -> int:
        return {"none": 0, "relative": 10, "clock": 12}[look.times]

    def _number_cells(self, look: Look) -> int:
        return max(3, len(f"{look.lines:,}")) if look.numbers else 0

    def _number_edge(self, look: Look) -> float:
        cells = _SIGN_CELLS
        for part in (self._time_cells(look), self._number_cells(look)):
            cells += part + 1 if part else 0
        return cells * self.cell

    def _draw_margin(self, painter: QPainter, row: ScreenRow, look: Look, y: float) -> None:
        is_stderr = row.line.record.stream == STDERR
        if is_stderr:
            painter.fillRect(QRectF(0, y, 3, self.row_height), self.colours.stderr)
        if row.row:
            return
        painter.setFont(self._font)
        if is_stderr:
            painter.setPen(self.colours.stderr)
            painter.drawText(QPointF(self.cell * 0.7, y + self._baseline), STREAM_MARK)
        painter.setPen(self.colours.muted)
        x = _SIGN_CELLS * self.cell
        cells = self._time_cells(look)
        if cells:
            text = time_text(row.line, look)
            at = x + (cells - len(text)) * self.cell
            painter.drawText(QPointF(at, y + self._baseline), text)
            x += (cells + 1) * self.cell
        cells = self._number_cells(look)
        if cells and row.line.number is not None:
            text = f"{row.line.number + 1:,}"
            at = x + (cells - len(text)) * self.cell
            painter.drawText(QPointF(at, y + self._baseline), text)

    # Text

    def _draw_text(
        self, painter: QPainter, row: ScreenRow, look: Look, origin: QPointF, left: int, width: int
    ) -> None:
        line, layout = row.line, row.layout
        start, end = layout.range_of(row.row)
        if layout.rows == 1:
            first = layout.first_from(left)
            start, end = first, min(end, layout.first_from(left + ceil(width / self.cell)) + 1)
        self._draw_selection(painter, row, look, origin, width)
        marks = look.marks.get(line.offset, ())
        for begin, stop, style, is_marked in segments(line.spans, marks, start, end):
            self._draw_segment(painter, row, (begin, stop), style, is_marked, origin)
        self._draw_current(painter, row, look, origin)
        if end == len(line.text) and line.hidden:
            x = origin.x() + (layout.cell_of(end, row.row) + 1) * self.cell
            painter.setPen(self.colours.muted)
            painter.setFont(self._font)
            note = f"… {format_bytes(line.hidden)} more in this line"
            painter.drawText(QPointF(x, origin.y() + self._baseline), note)
        self._draw_caret(painter, row, look, origin)

    def _draw_segment(
        self,
        painter: QPainter,
        row: ScreenRow,
        columns: Columns,
        style: Style,
        is_marked: bool,
        origin: QPointF,
    ) -> None:
        is_stderr = row.line.record.stream == STDERR
        letters, ground = self.colours.of(style, is_stderr=is_stderr)
        if is_marked:
            letters, ground = self.colours.matched, self.colours.match
        if ground is not None:
            painter.fillRect(self._rect(row, columns, origin), ground)
        painter.setPen(letters)
        painter.setFont(self._styled(style))
        for begin, stop in pieces(row.layout, row.line.text, columns, self._fits):
            x = origin.x() + row.layout.cell_of(begin, row.row) * self.cell
            text = row.line.text[begin:stop]
            painter.drawText(QPointF(x, origin.y() + self._baseline), text)

    def _draw_selection(
        self, painter: QPainter, row: ScreenRow, look: Look, origin: QPointF, width: int
    ) -> None:
        columns = selected_columns(row, look.selection)
        if columns is None:
            return
        begin, stop = columns
        rect = self._rect(row, (begin, min(stop, len(row.line.text))), origin)
        if stop > len(row.line.text):  # the line feed is selected too
            rect.setRight(max(rect.right() + self.cell, float(width)))
        painter.fillRect(rect, self.colours.selection)

    def _draw_current(self, painter: QPainter, row: ScreenRow, look: Look, origin: QPointF) -> None:
        if look.current is None or look.current[0] != row.line.offset:
            return
        start, end = row.layout.range_of(row.row)
        begin, stop = max(start, look.current[1]), min(end, look.current[2])
        if begin < stop:
            painter.setPen(self.colours.accent)
            rect = self._rect(row, (begin, stop), origin)
            painter.drawRect(rect.adjusted(0, 0.5, 0, -1))

    def _draw_caret(self, painter: QPainter, row: ScreenRow, look: Look, origin: QPointF) -> None:
        caret = look.caret
        if caret is None or caret.offset != row.line.offset:
            return
        column = min(caret.column, len(row.line.text))
        if row.layout.row_of(column) == row.row:
            x = origin.x() + row.layout.cell_of(column, row.row) * self.cell
            painter.fillRect(
                QRectF(x, origin.y() + 1, 1.5, self.row_height - 2), self.colours.accent
            )

    def _rect(self, row: ScreenRow, columns: Columns, origin: QPointF) -> QRectF:
        begin = row.layout.cell_of(columns[0], row.row)
        cells = row.layout.cell_of(columns[1], row.row) - begin
        x = origin.x() + begin * self.cell
        return QRectF(x, origin.y(), cells * self.cell, self.row_height)

    def _styled(self, style: Style) -> QFont:
        if style is PLAIN:
            return self._font
        key = (style.bold, style.italic, style.underline, style.strike)
        font = self._fonts.get(key)
        if font is None:
            font = self._fonts[key] = QFont(self._font)
            font.setBold(style.bold)
            font.setItalic(style.italic)
            font.setUnderline(style.underline)
            font.setStrikeOut(style.strike)
        return font

    def _fits(self, text: str, cells: int) -> bool:
        """Whether the font gives the text the width that the grid has for it."""
        return abs(self._metrics.horizontalAdvance(text) - cells * self.cell) < 0.5


def selected_columns(
    row: ScreenRow, selection: tuple[TextPosition, TextPosition] | None
) -> Columns | None:
    """The selected characters of a row; one more than the line has when its end is selected too."""
    if selection is None:
        return None
    first, last = selection
    offset = row.line.offset
    if not first.offset <= offset <= last.offset:
        return None
    start, end = row.layout.range_of(row.row)
    begin = max(start, first.column) if offset == first.offset else start
    is_last_row = row.row + 1 == row.layout.rows
    stop = end + is_last_row if offset < last.offset else min(end, last.column)
    return (begin, stop) if begin < stop else None


def time_text(line: OutputLine, look: Look) -> str:
    """The time of a line as it stands beside it: "+1:02.340", "14:02:11.250"; or nothing."""
    time = line.record.time
    if time is None:
        return ""
    if look.times == "clock":
        then = datetime.fromtimestamp(time / 1000, tz=UTC).astimezone()
        return f"{then:%H:%M:%S}.{time % 1000:03}"
    seconds, rest = divmod(max(0, time - (look.base_time or 0)), 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"+{hours}:{minutes:02}:{seconds:02}"
    return f"+{minutes}:{seconds:02}.{rest:03}"


def segments(
    spans: Sequence[Span], marks: Sequence[Columns], start: int, end: int
) -> Iterator[tuple[int, int, Style, bool]]:
    """Stretches of the characters from `start` to `end` with one style, marked or not."""
    if not spans and not marks:
        if start < end:
            yield start, end, PLAIN, False
        return
    edges = {start, end}
    for begin, stop in (*((span.start, span.end) for span in spans), *marks):
        edges.update(edge for edge in (begin, stop) if start < edge < end)
    ordered = sorted(edges)
    span_at = mark_at = 0
    for begin, stop in pairwise(ordered):
        while span_at < len(spans) and spans[span_at].end <= begin:
            span_at += 1
        while mark_at < len(marks) and marks[mark_at][1] <= begin:
            mark_at += 1
        is_styled = span_at < len(spans) and spans[span_at].start <= begin
        is_marked = mark_at < len(marks) and marks[mark_at][0] <= begin
        yield begin, stop, spans[span_at].style if is_styled else PLAIN, is_marked


def pieces(
    layout: LineLayout, text: str, columns: Columns, fits: Callable[[str, int], bool]
) -> Iterator[Columns]:
    """Stretches that can be drawn at once and stand on the grid all the same.

    Args:
        layout: Of the line.
        text: The line.
        columns: The characters to draw, all on one row.
        fits: Whether the font gives a text the width of so many cells.
    """
    begin, stop = columns
    part = text[begin:stop]
    if "\t" not in part:
        row = layout.row_of(begin)
        cells = layout.cell_of(stop, row) - layout.cell_of(begin, row)
        if part.isascii() or fits(part, cells):
            yield columns
            return
    at = begin
    while at < stop:
        end = _piece_end(text, at, stop)
        if text[at] != "\t":
            yield at, end
        at = end


def _piece_end(text: str, at: int, stop: int) -> int:
    """The end of a stretch of ASCII letters, or of one other letter, with its accents."""
    if text[at] == "\t":
        return at + 1
    end = at + 1
    if text[at].isascii():
        while end < stop and text[end].isascii() and text[end] != "\t":
            end += 1
        if end < stop and end - at > 1 and unicodedata.combining(text[end]):
            return end - 1  # that letter is drawn together with its accent
    while end < stop and unicodedata.combining(text[end]):
        end += 1
    return end
