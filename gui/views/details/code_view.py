"""Read-only text with line numbers and colours that are put on lines as they come into view.

Why not a QSyntaxHighlighter: it formats the whole document at once on the GUI thread (100 ms and
more for 256 KB), while at most some sixty lines are ever seen at a time. Why long texts come in
slices: laying out a megabyte takes 60 ms, a slice less than 10 ms.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextLayout,
)
from PySide6.QtWidgets import QFrame, QPlainTextEdit, QWidget

from gui.highlight import Span, Spans
from gui.theme import Theme, mono_font

SLICE = 48 * 1024  # characters put into the document at a time


class CodeView(QPlainTextEdit):
    """Text in a fixed-width font.

    Signals:
        text_replaced: The text is another one.
        moved: Other lines are in view.
    """

    text_replaced = Signal()
    moved = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, numbered: bool = True
    ) -> None:
        super().__init__(parent)
        self._theme = theme
        self._spans: Spans = ()
        self._generation = 0  # of colours; a block's user state says which one it has
        self._rest = ""
        self._text = ""
        self._formats: dict[str, QTextCharFormat] = {}
        self._numbers = _LineNumbers(self)
        self._numbers.setVisible(numbered)
        self._slices = QTimer(self, interval=0)
        self._slices.timeout.connect(self._append_slice)
        self._set_up()
        theme.changed.connect(self._on_theme_changed)
        self.updateRequest.connect(self._on_update_request)
        self.blockCountChanged.connect(self._fit_margin)
        self._on_theme_changed()

    def _set_up(self) -> None:
        self.setReadOnly(True)
        self.setUndoRedoEnabled(False)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFont(mono_font())
        self.setTabStopDistance(self.fontMetrics().horizontalAdvance(" ") * 4)

    @property
    def text(self) -> str:
        """The text given last, whether all of it is in the document yet or not."""
        return self._text

    def show_text(self, text: str, *, numbered: bool = True) -> None:
        """Show another text, from its beginning and without colours."""
        self._slices.stop()
        self._spans = ()
        self._text = text
        self._numbers.setVisible(numbered)
        self.setPlainText(text[:SLICE])
        self._rest = text[SLICE:]
        if self._rest:
            self._slices.start()
        self._fit_margin()
        self.text_replaced.emit()

    def replace_text(self, text: str) -> None:
        """Show a newer state of the same text, keeping the place that is looked at."""
        if text == self._text:
            return
        across, down = self.horizontalScrollBar().value(), self.verticalScrollBar().value()
        spans = self._spans
        if text.startswith(self._text):
            self._rest += text[len(self._text) :]
            self._text = text
            self._slices.start()
            self.text_replaced.emit()
        else:
            self.show_text(text, numbered=self._numbers.isVisibleTo(self))
        self._spans = spans
        self.verticalScrollBar().setValue(down)
        self.horizontalScrollBar().setValue(across)

    def show_spans(self, spans: Spans) -> None:
        """Colour the lines of the text; lines without spans get none."""
        self._spans = spans
        self._forget_colours()

    def first_position(self) -> int:
        """Position of the first letter in view, in UTF-16 units."""
        return self.firstVisibleBlock().position()

    def show_place(self, start: int, end: int) -> None:
        """Bring letters `start` to `end` (UTF-16 units) into view and put the cursor there."""
        while self._rest and end >= self.document().characterCount():
            self._append_slice()
        cursor = self.textCursor()
        cursor.setPosition(min(start, self.document().characterCount() - 1))
        self.setTextCursor(cursor)
        self.ensureCursorVisible()

    # Colours

    def _append_slice(self) -> None:
        part, self._rest = self._rest[:SLICE], self._rest[SLICE:]
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.insertText(part)
        if not self._rest:
            self._slices.stop()

    def _forget_colours(self) -> None:
        self._generation += 1
        self._colour_visible()

    def _colour_visible(self) -> None:
        block = self.firstVisibleBlock()
        bottom = self.viewport().height()
        offset = self.contentOffset()
        while block.isValid():
            if self.blockBoundingGeometry(block).translated(offset).top() > bottom:
                return
            if block.userState() != self._generation:
                self._colour(block)
            block = block.next()

    def _colour(self, block: QTextBlock) -> None:
        number = block.blockNumber()
        spans = self._spans[number] if number < len(self._spans) else ()
        block.setUserState(self._generation)
        layout = block.layout()
        if not spans and not layout.formats():
            return
        layout.setFormats([self._range(span) for span in spans])
        self.document().markContentsDirty(block.position(), block.length())

    def _range(self, span: Span) -> QTextLayout.FormatRange:
        part = QTextLayout.FormatRange()
        part.start, part.length = span.start, span.length
        part.format = self._format(span.role)
        return part

    def _format(self, role: str) -> QTextCharFormat:
        if role not in self._formats:
            shape = self._formats[role] = QTextCharFormat()
            shape.setForeground(self._theme.colour(role))
            shape.setFontItalic(role == "muted")
        return self._formats[role]

    def _on_theme_changed(self) -> None:
        self._formats.clear()
        code = self._theme.colour("code").name()
        self.setStyleSheet(f"QPlainTextEdit {{ background: {code}; border: none; padding: 0; }}")
        self._forget_colours()
        self._numbers.update()

    # Line numbers

    def margin_width(self) -> int:
        """Pixels that the line numbers take."""
        if not self._numbers.isVisibleTo(self):
            return 8
        digits = max(2, len(str(self.blockCount())))
        return self.fontMetrics().horizontalAdvance("9") * digits + 22

    def paint_numbers(self, event: QPaintEvent) -> None:
        """Paint the numbers of the lines in view."""
        painter = QPainter(self._numbers)
        painter.fillRect(event.rect(), self._theme.colour("code"))
        painter.setFont(self.font())
        painter.setPen(self._theme.colour("muted"))
        block, offset = self.firstVisibleBlock(), self.contentOffset()
        height = self.fontMetrics().height()
        while block.isValid():
            top = int(self.blockBoundingGeometry(block).translated(offset).top())
            if top > event.rect().bottom():
                return
            place = QRect(0, top, self._numbers.width() - 12, height)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight, str(block.blockNumber() + 1))
            block = block.next()

    def _fit_margin(self) -> None:
        self.setViewportMargins(self.margin_width(), 0, 0, 0)
        inside = self.contentsRect()
        self._numbers.setGeometry(inside.left(), inside.top(), self.margin_width(), inside.height())

    def _on_update_request(self, rect: QRect, moved: int) -> None:
        if moved:
            self._numbers.scroll(0, moved)
            self.moved.emit()
        else:
            self._numbers.update(0, rect.y(), self._numbers.width(), rect.height())
        self._colour_visible()

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit_margin()
        self._colour_visible()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._fit_margin()
        self._colour_visible()


class _LineNumbers(QWidget):
    """The strip to the left of the text."""

    def __init__(self, view: CodeView) -> None:
        super().__init__(view)
        self._view = view

    # Qt overrides

    def sizeHint(self) -> QSize:
        return QSize(self._view.margin_width(), 0)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._view.paint_numbers(event)
