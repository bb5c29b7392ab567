"""The output of a run as text that is read and selected, with mouse or keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from core.runs.output import TextPosition
from core.runs.output_times import STDERR
from gui.naming import named
from gui.theme import Theme
from gui.views.output.output_canvas import OutputCanvas
from gui.views.output.output_keys import START, OutputKeys
from gui.views.output.output_layout import word_at

AUTOSCROLL_MS = 30


class OutputView(OutputCanvas):
    """Output with a caret and a selection.

    Signals:
        copy_wanted: The user copies the selected text.
        menu_wanted: The user asks for a menu, at a global position.
    """

    copy_wanted = Signal()
    menu_wanted = Signal(QPoint)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        self.anchor = self.caret = START
        super().__init__(theme, parent)
        named(self, "outputView", "Output of the run")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.viewport().setCursor(Qt.CursorShape.IBeamCursor)
        self._autoscroll = QTimer(self, interval=AUTOSCROLL_MS)
        self._autoscroll.timeout.connect(self._on_autoscroll)
        self._click_timer = QTimer(self, singleShot=True)
        self._keys = OutputKeys(self)

    # Caret and selection

    def place_caret(self, place: TextPosition, *, extend: bool = False) -> None:
        """Put the caret somewhere, selecting what is between if `extend`."""
        self.caret = place
        if not extend:
            self.anchor = place
        self._tell_selection()

    def select(self, anchor: TextPosition, caret: TextPosition) -> None:
        """Select the text between two places."""
        self.anchor, self.caret = anchor, caret
        self._tell_selection()

    def select_all(self) -> None:
        """Select the whole output, also what is not loaded."""
        self.select(TextPosition(0, 0), TextPosition(self.rows.size, 0))

    @property
    def selection(self) -> tuple[TextPosition, TextPosition] | None:
        """First and last place of the selected text; None when nothing is selected."""
        if self.anchor == self.caret:
            return None
        return (self.anchor, self.caret) if self.anchor < self.caret else (self.caret, self.anchor)

    def show_caret(self) -> None:
        """Scroll until the caret is on screen."""
        index = self.rows.index_of(self.caret.offset)
        if index is None:
            self.go_to(self.caret.offset, rows_above=self.rows.height // 2)
            return
        layout = self.rows.layout(index)
        row = layout.row_of(min(self.caret.column, len(layout.text)))
        distance = self.rows.rows_to(index, row)
        if distance < 0:
            self.rows.go_to(index, row)
        elif distance >= self.rows.height:
            self.rows.go_to(index, row, self.rows.height - 1)
        if not self.is_wrapped:
            self._show_cell(layout.cell_of(min(self.caret.column, len(layout.text)), 0))
        self.set_following(self.is_following and self.rows.is_at_end)
        self._after_scrolling()

    def place_at(self, point: QPoint) -> TextPosition:
        """The place between characters nearest to a point of the viewport."""
        rows = self.rows.visible()
        if not rows:
            return TextPosition(0, 0)
        number = min(max(0, point.y() // self.painter.row_height), len(rows) - 1)
        row = rows[number]
        cell = (point.x() - self.painter.margin(self.look)) / self.painter.cell + self.left
        return TextPosition(row.line.offset, row.layout.column_at(cell, row.row))

    # Within

    def _begin_anew(self) -> None:
        super()._begin_anew()
        self.anchor = self.caret = START
        self.look.selection = None

    def _show_cell(self, cell: int) -> None:
        across = self.horizontalScrollBar()
        if cell < self.left:
            across.setValue(max(0, cell - 8))
        elif cell > self.left + across.pageStep():
            across.setValue(cell - across.pageStep() + 8)

    def _tell_selection(self) -> None:
        self.look.selection = self.selection
        self.look.caret = self.caret if self.hasFocus() else None
        self.setAccessibleDescription(self.current_line_text())
        self.viewport().update()

    def current_line_text(self) -> str:
        """The line of the caret as a screen reader says it."""
        index = self.rows.index_of(self.caret.offset)
        if index is None or not self.rows.window.lines:
            return ""
        line = self.rows.window.lines[index]
        number = "" if line.number is None else f"line {line.number + 1}, "
        return f"{number}{'stderr: ' if line.record.stream == STDERR else ''}{line.text}"

    def _select_word(self, place: TextPosition) -> None:
        index = self.rows.index_of(place.offset)
        if index is not None and self.rows.window.lines:
            start, end = word_at(self.rows.window.lines[index].text, place.column)
            self.select(TextPosition(place.offset, start), TextPosition(place.offset, end))

    def _select_line(self, place: TextPosition) -> None:
        index = self.rows.index_of(place.offset)
        if index is not None and self.rows.window.lines:
            line = self.rows.window.lines[index]
            self.select(TextPosition(line.offset, 0), TextPosition(line.offset, len(line.text)))

    def _drag_to(self, point: QPoint) -> None:
        self.place_caret(self.place_at(point), extend=True)
        if self.selection is not None:
            self.set_following(False)
        inside = 0 <= point.y() < self.viewport().height()
        if inside:
            self._autoscroll.stop()
        elif not self._autoscroll.isActive():
            self._autoscroll.start()

    def _on_autoscroll(self) -> None:
        point = self.viewport().mapFromGlobal(self.cursor().pos())
        beyond = point.y() if point.y() < 0 else point.y() - self.viewport().height()
        self.scroll_rows(int(beyond / self.painter.row_height) + (1 if beyond > 0 else -1))
        self.set_following(False)
        self.place_caret(self.place_at(point), extend=True)

    # Qt overrides

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            mine = (QKeySequence.StandardKey.Copy, QKeySequence.StandardKey.SelectAll)
            if any(event.matches(key) for key in mine):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        modifiers = event.modifiers()
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_wanted.emit()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.select_all()
        elif modifiers & Qt.KeyboardModifier.AltModifier or not self._keys.press(
            event.key(),
            extend=bool(modifiers & Qt.KeyboardModifier.ShiftModifier),
            control=bool(modifiers & Qt.KeyboardModifier.ControlModifier),
        ):
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        place = self.place_at(event.position().toPoint())
        if self._click_timer.isActive():  # the third click within the time of a double one
            self._click_timer.stop()
            self._select_line(place)
            return
        extend = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        self.place_caret(place, extend=extend)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._select_word(self.place_at(event.position().toPoint()))
            self._click_timer.start(QApplication.doubleClickInterval())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if event.buttons() & Qt.MouseButton.LeftButton and not self._click_timer.isActive():
            self._drag_to(event.position().toPoint())

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._autoscroll.stop()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_wanted.emit(event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._tell_selection()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._tell_selection()
