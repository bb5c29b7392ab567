"""Shift+F10 opens the menu of what has the keyboard, where the platform leaves that to us.

Why: Qt turns the Menu key into a request for a menu on every platform, Shift+F10 only on Windows;
many keyboards of today have no Menu key.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QContextMenuEvent, QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget


def is_menu_key(event: QKeyEvent) -> bool:
    """Whether a key that nothing else wanted asks for a menu."""
    return event.key() == Qt.Key.Key_F10 and event.modifiers() == Qt.KeyboardModifier.ShiftModifier


def ask_for_menu(widget: QWidget) -> None:
    """Ask a widget for its menu, at the place of its cursor or its current row."""
    place = widget.inputMethodQuery(Qt.InputMethodQuery.ImCursorRectangle).center()
    reason = QContextMenuEvent.Reason.Keyboard
    QApplication.sendEvent(widget, QContextMenuEvent(reason, place, widget.mapToGlobal(place)))
