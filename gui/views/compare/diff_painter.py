"""Draws rows of two texts, beside or below each other: numbers, signs, grounds, letters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import ceil, floor

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from core.compare.diff_pairs import Span as Mark
from core.compare.diff_pairs import mark_words
from core.compare.diff_text import TextDiff
from core.runs.files import shown
from core.text import plural
from gui.compare.diff_rows import LEFT, RIGHT, DiffRow
from gui.highlight import Span, Spans
from gui.theme import Theme
from gui.views.compare.diff_wrap import layout_of
from gui.views.output.output_layout import LineLayout
from gui.views.output.output_paint import pieces

SIGNS = {"changed": ("~", "~"), "removed": ("−", ""), "added": ("", "+")}
BOTH = 2  # the place of a row that is as wide as both sides

Place = tuple[int, int]
"""Row on screen, and character in it."""


class DiffLook(Struct):
    """What is shown, and what in it is marked.

    Attributes:
        diff: The texts.
        numbered: Whether lines have numbers.
        spans: Colours of the lines of either side.
        side: The side on which text is selected.
        selection: The first and the last place that are selected; None for none.
        current: First row of the difference that was gone to, and the row after its last.
        is_stacked: Whether one text is below the other.
        columns: Cells of a row of a wrapped line; None where lines are not wrapped.
    """

    diff: TextDiff | None = None
    numbered: bool = True
    spans: tuple[Spans, Spans] = ((), ())
    side: int = LEFT
    selection: tuple[Place, Place] | None = None
    current: tuple[int, int] | None = None
    is_stacked: bool = False
    columns: int | None = None


class _Cell(Struct, frozen=True):
    """One line in one row, as it is drawn.

    Attributes:
        number: The row on screen.
        kind: What the line is to the one beside it.
        side: LEFT or RIGHT.
        line: Index of the line.
        numbers: The numbers of lines before it.
        layout: Where its letters stand.
        rect: Where it is drawn.
        text_at: Where its first letter stands, which may be scrolled out.
        piece: Which row of a wrapped line it is.
    """

    number: int
    kind: str
    side: int
    line: int
    numbers: tuple[int | None, ...]
    layout: LineLayout
    rect: QRectF
    text_at: QPointF
    piece: int = 0

    @property
    def range(self) -> tuple[int, int]:
        """The first letter of the row, and the one after its last; none behind the line's end."""
        end = len(self.layout.text)
        return self.layout.range_of(self.piece) if self.piece < self.layout.rows else (end, end)


class DiffPainter:
    """Draws with one font, in the colours in force.

    Args:
        font: Of fixed width.
        theme: The colours.
    """

    def __init__(self, font: QFont, theme: Theme) -> None:
        metrics = QFontMetricsF(font)
        self.cell = metrics.horizontalAdvance("0" * 100) / 100
        self.row_height = max(1, ceil(metrics.height() * 1.15))
        self._baseline = (self.row_height - metrics.height()) / 2 + metrics.ascent()
        self._font, self._metrics, self._theme = font, metrics, theme
        self._colours: dict[str, QColor] = {}

    def gutter(self, look: DiffLook, *, is_stacked: bool | None = None) -> float:
        """Width of the numbers and signs before a text.

        Args:
            look: The texts.
            is_stacked: Whether both numbers are before it; as in `look` by default.
        """
        both = look.is_stacked if is_stacked is None else is_stacked
        return ((_digits(look) + 1) * (2 if both else 1) + 3) * self.cell

    def side_rect(self, side: int, width: float, y: float) -> QRectF:
        """Where a row of one side is drawn, or (BOTH) of one text below the other."""
        if side == BOTH:
            return QRectF(0, y, round(width), self.row_height)
        middle = round(width / 2)
        start, end = (0, middle) if side == LEFT else (middle + 1, round(width))
        return QRectF(start, y, end - start, self.row_height)

    def letter_at(
        self, x: float, what: tuple[str, int, int], look: DiffLook, view: tuple[int, float]
    ) -> int:
        """The place between letters of a line that is nearest to a point.

        Args:
            x: Of the point.
            what: The line, which of its rows the point is in, and the side.
            look: The texts.
            view: Cells that are scrolled out to the left, and the width of the device.
        """
        text, piece, side = what
        layout = layout_of(text, look.columns)
        if piece >= layout.rows:  # beside a line of more rows
            return len(text)
        rect = self.side_rect(BOTH if look.is_stacked else side, view[1], 0)
        cell = (x - rect.x() - self.gutter(look)) / self.cell + view[0]
        return layout.column_at(max(0.0, cell), piece)

    def draw(
        self,
        painter: QPainter,
        rows: Sequence[tuple[int, DiffRow]],
        look: DiffLook,
        view: tuple[int, float],
    ) -> None:
        """Draw rows from the top of the painter's device.

        Args:
            painter: Where.
            rows: Numbers on screen, and what stands there.
            look: The texts, and what is marked.
            view: Cells that are scrolled out to the left, and the width of the device.
        """
        left, width = view
        painter.setFont(self._font)
        for place, (number, row) in enumerate(rows):
            y = place * self.row_height
            if row.kind == "fold":
                self._draw_fold(painter, row, QRectF(0, y, width, self.row_height))
                continue
            marks = marks_of(row, look.diff)
            for side in (LEFT, RIGHT) if row.shown is None else (row.shown,):
                rect = self.side_rect(BOTH if look.is_stacked else side, width, y)
                cell = self._cell(look, (number, row, side), rect, left)
                if cell is None:
                    painter.fillRect(rect, self._colour("no-line"))
                else:
                    self._draw_cell(painter, cell, look, marks[side])
            self._draw_current(painter, number, look, y)
        if not look.is_stacked:
            middle = QRectF(round(width / 2), 0, 1, painter.device().height())
            painter.fillRect(middle, self._colour("line"))

    # Inside

    def _colour(self, role: str) -> QColor:
        if role not in self._colours:
            self._colours[role] = self._theme.colour(role)
        return self._colours[role]

    def _cell(
        self, look: DiffLook, what: tuple[int, DiffRow, int], rect: QRectF, left: int
    ) -> _Cell | None:
        """One side of a row; None where there is no line."""
        number, row, side = what
        line = row.right if side else row.left
        if line is None or look.diff is None:
            return None
        text = (look.diff.right if side else look.diff.left).lines[line]
        text_at = QPointF(rect.x() + self.gutter(look) - left * self.cell, rect.y())
        numbers: tuple[int | None, ...] = (line,)
        if look.is_stacked:
            is_same = row.kind == "same"
            numbers = tuple(
                each if is_same or side == of else None
                for of, each in ((LEFT, row.left), (RIGHT, row.right))
            )
        layout = layout_of(text, look.columns)
        return _Cell(number, row.kind, side, line, numbers, layout, rect, text_at, row.piece)

    def _draw_fold(self, painter: QPainter, row: DiffRow, rect: QRectF) -> None:
        painter.fillRect(rect, self._colour("header"))
        for y in (rect.top(), rect.bottom() - 1):
            painter.fillRect(QRectF(rect.x(), y, rect.width(), 1), self._colour("line"))
        painter.setPen(self._colour("muted"))
        text = f"⋯ {plural(row.hidden, 'equal line')}"
        painter.drawText(QPointF(self.cell * 2, rect.y() + self._baseline), text)

    def _draw_cell(
        self, painter: QPainter, cell: _Cell, look: DiffLook, marks: Sequence[Mark]
    ) -> None:
        side = "right" if cell.side else "left"
        if cell.kind != "same":
            painter.fillRect(cell.rect, self._colour(f"{side}-only"))
        if not cell.piece:
            self._draw_gutter(painter, cell, look)
        painter.setClipRect(cell.rect.adjusted(self.gutter(look), 0, 0, 0))
        for start, length in marks:
            self._fill(painter, cell, (start, start + length), f"{side}-word")
        chosen = look.side if look.is_stacked else cell.side
        selected = selected_columns(cell.number, chosen, len(cell.layout.text), look)
        if selected is not None:
            self._fill(painter, cell, selected, "selection")
        self._draw_text(painter, cell, look.spans[cell.side])
        painter.setClipping(False)

    def _draw_gutter(self, painter: QPainter, cell: _Cell, look: DiffLook) -> None:
        first = look.diff.first if look.diff else 1
        edge = cell.rect.x()
        baseline = cell.rect.y() + self._baseline
        painter.setPen(self._colour("muted"))
        for line in cell.numbers:
            edge += (_digits(look) + 1) * self.cell
            text = str(line + first) if look.numbered and line is not None else ""
            painter.drawText(QPointF(edge - len(text) * self.cell, baseline), text)
        kind = cell.kind
        if look.is_stacked and kind == "changed":
            kind = "added" if cell.side else "removed"  # no line beside it that it could resemble
        sign = SIGNS.get(kind, ("", ""))[cell.side]
        if sign:
            painter.setPen(self._colour("added" if cell.side else "error"))
            painter.drawText(QPointF(edge + self.cell, baseline), sign)

    def _draw_text(self, painter: QPainter, cell: _Cell, spans: Spans) -> None:
        text = cell.layout.text
        first, last = cell.range
        if cell.layout.rows == 1:  # of a long line what is in view
            out = (cell.rect.x() - cell.text_at.x()) / self.cell
            first = max(first, cell.layout.first_from(max(0, floor(out))))
            seen = ceil(out + cell.rect.width() / self.cell)
            last = min(last, cell.layout.first_from(max(0, seen)) + 1)
        line = spans[cell.line] if cell.line < len(spans) else ()
        for start, end, role in _coloured(text, line, first, min(last, len(text))):
            painter.setPen(self._colour(role))
            for begin, stop in pieces(cell.layout, text, (start, end), self._fits):
                x = cell.text_at.x() + cell.layout.cell_of(begin, cell.piece) * self.cell
                painter.drawText(
                    QPointF(x, cell.text_at.y() + self._baseline), shown(text[begin:stop])
                )

    def _fill(self, painter: QPainter, cell: _Cell, columns: tuple[int, int], role: str) -> None:
        first, last = cell.range
        is_behind = last == len(cell.layout.text) < columns[1]  # the end of the line too
        if cell.piece >= cell.layout.rows or columns[0] >= last + is_behind or columns[1] <= first:
            return
        begin = cell.layout.cell_of(max(first, columns[0]), cell.piece)
        end = cell.layout.cell_of(min(columns[1], last), cell.piece) + is_behind
        painter.fillRect(
            QRectF(
                cell.text_at.x() + begin * self.cell,
                cell.rect.y(),
                (end - begin) * self.cell,
                self.row_height,
            ),
            self._colour(role),
        )

    def _draw_current(self, painter: QPainter, number: int, look: DiffLook, y: float) -> None:
        if look.current is not None and look.current[0] <= number < look.current[1]:
            painter.fillRect(QRectF(0, y, 3, self.row_height), self._colour("accent"))

    def _fits(self, text: str, cells: int) -> bool:
        """Whether the font gives the text the width that the grid has for it."""
        return abs(self._metrics.horizontalAdvance(text) - cells * self.cell) < 0.5


def selected_columns(row: int, side: int, length: int, look: DiffLook) -> tuple[int, int] | None:
    """The selected letters of a row; one more than it has when its end is selected too."""
    if look.selection is None or side != look.side:
        return None
    (first_row, first), (last_row, last) = look.selection
    if not first_row <= row <= last_row:
        return None
    begin = first if row == first_row else 0
    end = last if row == last_row else length + 1
    return (begin, end) if begin < end else None


def marks_of(row: DiffRow, diff: TextDiff | None) -> tuple[tuple[Mark, ...], tuple[Mark, ...]]:
    """What differs within the two lines of a row."""
    if row.kind != "changed" or diff is None or row.left is None or row.right is None:
        return (), ()
    return _word_marks(diff.left.lines[row.left], diff.right.lines[row.right])


def marked_cell(row: DiffRow, diff: TextDiff | None) -> int | None:
    """How many cells from the left the first difference within a row's lines is; None for none."""
    cells = [
        layout_of((diff.right if side else diff.left).lines[line]).cell_of(spans[0][0], 0)
        for side, (spans, line) in enumerate(
            zip(marks_of(row, diff), (row.left, row.right), strict=True)
        )
        if diff is not None and spans and line is not None and row.shown in (None, side)
    ]
    return min(cells, default=None)


_word_marks = lru_cache(maxsize=1024)(mark_words)
"""Asked anew for each frame, and the same lines are seen for many frames."""


def _coloured(
    text: str, spans: Sequence[Span], first: int, last: int
) -> Iterator[tuple[int, int, str]]:
    """Stretches of letters of one colour, of those from `first` to `last`."""
    at = first
    # Spans count UTF-16 units, as Qt does; a line with letters beyond those goes without.
    for span in spans if text.isascii() or max(text) <= "\uffff" else ():
        start, end = max(at, span.start), min(last, span.start + span.length)
        if start >= last:
            break
        if start < end:
            if at < start:
                yield at, start, "text"
            yield start, end, span.role
            at = end
    if at < last:
        yield at, last, "text"


def _digits(look: DiffLook) -> int:
    diff = look.diff
    if diff is None or not look.numbered:
        return 0
    return max(3, len(str(max(len(diff.left.lines), len(diff.right.lines)) + diff.first)))
