"""The line in which a filter is typed: coloured words, and a wave under what is wrong.

Why input-method formats: a QLineEdit cannot colour its text, but it draws whatever formats an
input method gives to it. A one-line QTextEdit could, and would lose the selection, undo, drag and
accessibility that a line edit has by itself.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from msgspec import Struct
from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QInputMethodEvent,
    QKeyEvent,
    QTextCharFormat,
    QTextFormat,
)
from PySide6.QtWidgets import QLineEdit, QWidget

_Attribute = QInputMethodEvent.Attribute
_Format = QInputMethodEvent.AttributeType.TextFormat
_STEPS = {
    Qt.Key.Key_Up: "up",
    Qt.Key.Key_Down: "down",
    Qt.Key.Key_PageUp: "page-up",
    Qt.Key.Key_PageDown: "page-down",
    Qt.Key.Key_Tab: "tab",
    Qt.Key.Key_Return: "enter",
    Qt.Key.Key_Enter: "enter",
    Qt.Key.Key_Escape: "escape",
    Qt.Key.Key_F1: "help",
}


class Paint(Struct, frozen=True):
    """How a piece of the text looks.

    Attributes:
        start: Index of its first character.
        end: Index behind its last one.
        colour: Of the letters; None leaves it.
        wave: Colour of a wave under it; None for none.
    """

    start: int
    end: int
    colour: QColor | None = None
    wave: QColor | None = None


class FilterField(QLineEdit):
    """A line edit that asks its owner before it handles a key that is not text.

    Attributes:
        paints: How its words look.

    Signals:
        key_asked: A key of `_STEPS` was pressed (its name); the owner calls `take_key`.
        focused: The focus came.
        unfocused: The focus went.
    """

    key_asked = Signal(str)
    focused = Signal()
    unfocused = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._is_key_taken = False
        self.paints: tuple[Paint, ...] = ()

    def take_key(self) -> None:
        """The owner used the key that `key_asked` told of: the line edit leaves it alone."""
        self._is_key_taken = True

    def paint_words(self, paints: Sequence[Paint]) -> None:
        """Colour pieces of the text, in place of all earlier colours."""
        self.paints = tuple(paints)
        cursor = self.cursorPosition()
        formats = [
            _Attribute(_Format, paint.start - cursor, paint.end - paint.start, _format_of(paint))
            for paint in paints
            if paint.end > paint.start
        ]
        QCoreApplication.sendEvent(self, QInputMethodEvent("", formats))

    # Qt overrides

    def event(self, event: QEvent) -> bool:
        # Tab never reaches keyPressEvent: Qt moves the focus before.
        if not isinstance(event, QKeyEvent):
            return super().event(event)
        if event.type() == QEvent.Type.KeyPress and self._asks(event):
            return True
        if event.type() == QEvent.Type.KeyPress and _is_no_text(event):
            event.ignore()  # Alt+2 would type a 2 where there is nothing to compare
            return True
        is_ours = event.key() in (Qt.Key.Key_F1, Qt.Key.Key_Escape)
        if event.type() == QEvent.Type.ShortcutOverride and is_ours:
            event.accept()  # else the window's own F1 and Escape would be quicker
            return True
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.focused.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.unfocused.emit()

    def _asks(self, event: QKeyEvent) -> bool:
        name = _STEPS.get(Qt.Key(event.key()))
        held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        if event.key() == Qt.Key.Key_Space and held == Qt.KeyboardModifier.ControlModifier:
            name = "complete"
        elif held:
            return False
        if name is None:
            return False
        self._is_key_taken = False
        self.key_asked.emit(name)
        return self._is_key_taken


def _is_no_text(event: QKeyEvent) -> bool:
    """Whether a key is the shortcut of something that cannot be done now; Macs type with Alt."""
    held = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    return held == Qt.KeyboardModifier.AltModifier and sys.platform != "darwin"


def _format_of(paint: Paint) -> QTextFormat:
    text_format = QTextCharFormat()
    if paint.colour is not None:
        text_format.setForeground(paint.colour)
    if paint.wave is not None:
        text_format.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
        text_format.setUnderlineColor(paint.wave)
    return text_format
