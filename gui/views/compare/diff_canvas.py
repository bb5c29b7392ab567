"""Two texts beside each other: drawn line by line, scrolled together, gone through by differences.

Why one widget draws both sides: they scroll as one, and a row on the left is a row on the right.
Why one text may be below the other: in a narrow pane two halves show some twenty letters of a line
each. See `gui.views.compare.diff_wrap`, also for long lines.
Why no text widget of Qt's: see `gui.views.output.output_canvas`; a diff of 200,000 lines is there
at once. Beside the scroll bar a strip shows where the differences are in the whole of both files.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QMenu, QWidget

from core.compare.diff_text import TextDiff
from gui.compare.diff_rows import LEFT, RIGHT, DiffLayouts, DiffRow
from gui.highlight import Spans
from gui.theme import Theme, mono_font
from gui.views.compare.diff_keys import press_key, turn_wheel
from gui.views.compare.diff_painter import (
    DiffLook,
    DiffPainter,
    Place,
    marked_cell,
)
from gui.views.compare.diff_wrap import Arrangement, DiffArranger
from gui.views.output.output_layout import word_at

STRIP = 10  # pixels of the strip that shows where differences are
_MARK = 2  # pixels of the strip that stand for a row at least
_ABOVE = 4  # rows shown above a difference that is gone to


class DiffCanvas(QAbstractScrollArea):
    """Shows a diff of texts.

    Args:
        theme: Colours and fonts.
        parent: Owner.

    Signals:
        difference_changed: Another difference was gone to, or there are others.
    """

    difference_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.setViewportMargins(0, 0, STRIP, 0)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self._theme = theme
        self.arranger = DiffArranger()
        self._anchor: Place | None = None
        self._wheel = 0
        self.rows = self.arranger.rows((False, None))
        self.look = DiffLook()
        self._strip = _Strip(self, theme)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        self.horizontalScrollBar().valueChanged.connect(self.viewport().update)
        theme.changed.connect(self._dress)
        self._dress()

    # What is shown

    def show_diff(
        self,
        diff: TextDiff | None,
        rows: DiffLayouts | None = None,
        *,
        stay: bool = False,
        numbered: bool = True,
    ) -> None:
        """Show another diff, from its first difference on, or where the one before was left.

        Args:
            diff: The texts.
            rows: Their rows, worked out before: of large texts that takes longer than a frame.
            stay: Whether the place that is looked at stays.
            numbered: Whether lines have numbers.
        """
        top = self.verticalScrollBar().value()
        self.arranger.take(diff, rows or DiffLayouts(diff), can_wrap=numbered)
        self.look = DiffLook(diff, numbered=numbered)
        self._take_rows()
        self._lay_out()
        if stay:
            self.verticalScrollBar().setValue(top)
        else:
            self.verticalScrollBar().setValue(0)
            self.horizontalScrollBar().setValue(0)
            if self.rows.changes:
                self._go_to(self.rows.changes[0])
        self.difference_changed.emit()

    def show_spans(self, side: int, spans: Spans) -> None:
        """Colour the lines of one side."""
        sides = list(self.look.spans)
        sides[side] = spans
        self.look.spans = (sides[0], sides[1])
        self.viewport().update()

    def show_only_differences(self, *, on: bool) -> None:
        """Hide equal lines far from any difference, or show them too."""
        if on == self.arranger.only_differences:
            return
        line = self._top_line()
        self.arranger.only_differences = on
        self._take_rows()
        self.look.selection = self.look.current = None
        self._lay_out()
        self._go_to_line(line)
        self.difference_changed.emit()

    def arrange(self, arrangement: Arrangement) -> None:
        """Have the texts beside each other, or one below the other ("stacked")."""
        self.arranger.arrangement = arrangement
        self._lay_out()

    def wrap(self, *, on: bool) -> None:
        """Wrap long lines, or scroll across."""
        self.arranger.wraps = on
        self._lay_out()

    @property
    def is_stacked(self) -> bool:
        """Whether one text is below the other."""
        return self.rows.is_stacked

    # Differences

    @property
    def difference(self) -> int:
        """Which difference was gone to, from 1; 0 for none."""
        return 0 if self.look.current is None else self.rows.number_of(self.look.current[0])

    def go_to_difference(self, by: int) -> bool:
        """Go to the next difference, or (-1) the one before; returns False where there is none."""
        at = self._place_of_difference()
        row = self.rows.next_change(at) if by > 0 else self.rows.change_before(at)
        if row is None:
            return False
        self._go_to(row)
        return True

    def go_to_last_difference(self) -> None:
        """Go to the last difference, if there is one."""
        if self.rows.changes:
            self._go_to(self.rows.changes[-1])

    def go_to_row(self, row: int) -> None:
        """Bring a row into the middle of the view."""
        self.verticalScrollBar().setValue(row - self._page() // 2)

    # Copying

    def has_selection(self) -> bool:
        """Whether text is selected."""
        return self.look.selection is not None

    def selected_text(self) -> str:
        """The selected text of one side."""
        if self.look.selection is None:
            return ""
        return self.rows.text_between(*self.look.selection, self.look.side)

    def copy(self) -> None:
        """Put the selected text on the clipboard."""
        if self.has_selection():
            QGuiApplication.clipboard().setText(self.selected_text())

    def select_side(self) -> None:
        """Select all lines of the side that was clicked last."""
        if self.rows.count:
            last = self.rows.count - 1
            end = len(self.rows.line(last, self.look.side) or "")
            self.look.selection = ((0, 0), (last, end))
            self.viewport().update()

    # Inside

    def _go_to(self, row: int) -> None:
        self._show_difference(row)
        self.difference_changed.emit()

    def _show_difference(self, row: int) -> None:
        """Have the difference that begins at a row as the current one, in view."""
        self.look.current = (row, self.rows.change_end(row))
        top = self.verticalScrollBar().value()
        if not top + 1 <= row < top + self._page() - 2:
            self.verticalScrollBar().setValue(row - min(_ABOVE, self._page() // 3))
        self._show_mark_of(row)
        self.viewport().update()

    def _show_mark_of(self, row: int) -> None:
        """Scroll to what differs in a long line."""
        cell = marked_cell(self.rows.row(row), self.look.diff)
        if cell is None:
            return
        if self.rows.columns:
            bar, place, room = self.verticalScrollBar(), row + cell // self.rows.columns, 1
        else:
            bar, place, room = self.horizontalScrollBar(), cell, 4
        if not bar.value() <= place < bar.value() + bar.pageStep() - room:
            is_far = place > bar.pageStep() - room or bar is self.verticalScrollBar()
            bar.setValue(place - bar.pageStep() // 2 if is_far else 0)

    def _place_of_difference(self) -> int:
        """The row that next and previous count from: the current difference while it is seen."""
        top = self.verticalScrollBar().value()
        current = self.look.current
        if current is not None and current[1] > top and current[0] < top + self._page():
            return current[0]
        return top - 1 if current is None and top == 0 else top

    def _top_line(self) -> tuple[int, int] | None:
        """Side and index of the first line in view; of the current difference if that is seen."""
        top = self.verticalScrollBar().value()
        if self.look.current is not None and self._is_current_seen():
            top = self.look.current[0]
        return self.rows.first_line(top, top + self._page())

    def _is_current_seen(self) -> bool:
        top, current = self.verticalScrollBar().value(), self.look.current
        return current is not None and top <= current[0] < top + self._page()

    def _page(self) -> int:
        return max(1, self.viewport().height() // self.painter.row_height)

    def _choice(self) -> tuple[bool, int | None]:
        return self.arranger.choose(self._cells(is_stacked=False), self._cells(is_stacked=True))

    def _take_rows(self) -> None:
        """Have the rows for the room that there is."""
        self.rows = self.arranger.rows(self._choice())
        self.look.is_stacked, self.look.columns = self.rows.is_stacked, self.rows.columns

    def _turn(self) -> None:
        """Have the rows for the room that there is by now; what is looked at stays in view."""
        if self._choice() == (self.rows.is_stacked, self.rows.columns):
            return
        line, difference, is_seen = self._top_line(), self.difference, self._is_current_seen()
        self._take_rows()
        self.look.selection, self.look.side = None, LEFT
        self._fit_bars()
        self.horizontalScrollBar().setValue(0)
        self.look.current = self.rows.change(difference)
        if difference and is_seen:
            self._show_difference(self.rows.changes[difference - 1])
        else:
            self._go_to_line(line)

    def _go_to_line(self, line: tuple[int, int] | None) -> None:
        """Scroll to where a line of a side is now."""
        if line is not None:
            self.verticalScrollBar().setValue(self.rows.row_of(*line))

    def _cells(self, *, is_stacked: bool) -> int:
        """Letters that a text has room for, beside its numbers."""
        width = self.viewport().width() / (1 if is_stacked else 2)
        room = width - self.painter.gutter(self.look, is_stacked=is_stacked)
        return max(1, int(room / self.painter.cell))

    def _lay_out(self) -> None:
        """Have what there is room for."""
        self._turn()
        self._fit_bars()

    def _fit_bars(self) -> None:
        """Fit the scroll bars to what there is."""
        page = self._page()
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, self.rows.count - page))
        bar.setPageStep(page)
        cells = self._cells(is_stacked=self.is_stacked)
        across = self.horizontalScrollBar()
        most = 0 if self.rows.columns else max(0, self.arranger.widest + 1 - cells)
        is_beyond = across.value() > most
        across.setRange(0, most)
        across.setPageStep(cells)
        across.setSingleStep(4)
        if is_beyond:  # what it was scrolled to may have room without that now
            across.setValue(0)
            if self.look.current is not None:
                self._show_mark_of(self.look.current[0])
        place = self.viewport().geometry()
        self._strip.setGeometry(place.right() + 1, place.top(), STRIP, place.height())
        self._on_scrolled()

    def _dress(self) -> None:
        self.painter = DiffPainter(mono_font(), self._theme)
        self._lay_out()

    def _on_scrolled(self) -> None:
        self.viewport().update()
        self._strip.update()

    def _place_at(self, point: QPoint, side: int) -> Place:
        row = self.verticalScrollBar().value() + point.y() // self.painter.row_height
        row = min(max(0, row), max(0, self.rows.count - 1))
        text = self.rows.line(row, side) if self.rows.count else None
        if text is None:
            return row, 0
        view = self.horizontalScrollBar().value(), float(self.viewport().width())
        piece = self.rows.row(row).piece
        return row, self.painter.letter_at(point.x(), (text, piece, side), self.look, view)

    def _select_to(self, place: Place) -> None:
        first, last = sorted((self._anchor or place, place))
        self.look.selection = (first, last) if first != last else None
        self.viewport().update()

    # Qt overrides

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self._theme.colour("code"))
        top = self.verticalScrollBar().value()
        end = min(self.rows.count, top + self._page() + 2)
        rows: list[tuple[int, DiffRow]] = [(n, self.rows.row(n)) for n in range(top, end)]
        view = (self.horizontalScrollBar().value(), float(self.viewport().width()))
        self.painter.draw(painter, rows, self.look, view)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._wheel = turn_wheel(self, event, self._wheel)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton or not self.rows.count:
            super().mousePressEvent(event)
            return
        point = event.position().toPoint()
        row = self.verticalScrollBar().value() + point.y() // self.painter.row_height
        if row < self.rows.count and self.rows.open_fold(row):
            self.look.current = None
            self._lay_out()
            return
        is_right = point.x() > self.viewport().width() / 2 and not self.is_stacked
        self.look.side = RIGHT if is_right else LEFT
        self._anchor = self._place_at(point, self.look.side)
        self._select_to(self._anchor)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._anchor is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        point = event.position().toPoint()
        bar = self.verticalScrollBar()
        if point.y() < 0 or point.y() > self.viewport().height():
            bar.setValue(bar.value() + (-1 if point.y() < 0 else 1))
        self._select_to(self._place_at(point, self.look.side))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._anchor = None
        super().mouseReleaseEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        point = event.position().toPoint()
        is_right = point.x() > self.viewport().width() / 2 and not self.is_stacked
        self.look.side = RIGHT if is_right else LEFT
        row, column = self._place_at(point, self.look.side)
        text = self.rows.line(row, self.look.side) if self.rows.count else None
        if text:
            start, end = word_at(text, column)
            self.look.selection = ((row, start), (row, end))
            self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not press_key(self, event):
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        _menu_of(self).popup(event.globalPos())

    def sizeHint(self) -> QSize:
        return QSize(int(self.painter.cell * 100), self.painter.row_height * 24)


class _Strip(QWidget):
    """Where the differences are, over the height of all rows; a click goes there."""

    def __init__(self, canvas: DiffCanvas, theme: Theme) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._theme = theme
        self.setToolTip("Differences in the whole of both files")

    # Qt overrides

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("code"))
        rows = self._canvas.rows
        if not rows.count:
            return
        height = self.height() / rows.count
        # Asked for each line of the strip and not for each difference, of which there may be many.
        for top in range(0, self.height(), _MARK):
            first = int(top / height)
            change = rows.change_within(first, max(first + 1, int((top + _MARK) / height)))
            if change is not None:
                row = rows.row(max(first, change))
                painter.fillRect(
                    QRectF(2, top, STRIP - 4, _MARK), self._theme.colour(_role_of(row))
                )
        bar = self._canvas.verticalScrollBar()
        if bar.maximum():
            painter.setPen(self._theme.colour("muted"))
            seen = QRect(0, int(bar.value() * height), STRIP - 1, int(bar.pageStep() * height))
            painter.drawRect(seen)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        share = event.position().y() / max(1, self.height())
        self._canvas.go_to_row(int(share * self._canvas.rows.count))


def _menu_of(canvas: DiffCanvas) -> QMenu:
    menu = QMenu(canvas)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    has_rows, has_changes = bool(canvas.rows.count), bool(canvas.rows.changes)
    all_title = "Select &All" if canvas.is_stacked else "Select &All of This Side"
    for title, key, do, is_on in (
        ("&Copy", "Ctrl+C", canvas.copy, canvas.has_selection()),
        (all_title, "Ctrl+A", canvas.select_side, has_rows),
        ("&Next Difference", "N", lambda: canvas.go_to_difference(1), has_changes),
        ("&Previous Difference", "P", lambda: canvas.go_to_difference(-1), has_changes),
    ):
        action = menu.addAction(f"{title}\t{key}")
        action.setEnabled(is_on)
        action.triggered.connect(lambda _=False, do=do: do())
    return menu


def _role_of(row: DiffRow) -> str:
    if row.kind == "changed":
        return "warning"
    return "added" if row.left is None else "error"
