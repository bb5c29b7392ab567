"""Return presses the button that has the keyboard, also outside of dialogs.

Why: Qt leaves that to the desktop, and most X11 ones have no opinion: there only Space would do,
while every text on a button lets one expect Return.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QDialog, QPushButton, QToolButton, QWidget

_KEYS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_PLAIN = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)


def press_by_return(event: QKeyEvent, widget: QWidget | None) -> bool:
    """Press a button for a key that nothing else wanted; False where it means nothing here.

    Args:
        event: The key.
        widget: What has the keyboard.
    """
    is_return = event.key() in _KEYS and event.modifiers() in _PLAIN
    if not is_return or event.isAutoRepeat() or not isinstance(widget, QAbstractButton):
        return False
    if isinstance(widget, QToolButton) and _is_menu(widget):
        widget.showMenu()
    else:
        widget.click()
    return True


def press_in_dialog(event: QKeyEvent, dialog: QDialog) -> bool:
    """Press the button of a dialog that has the keyboard, in place of the one for all of it.

    Boxes, segments and fields leave Return to the dialog.
    """
    widget = dialog.focusWidget()
    return isinstance(widget, QPushButton) and press_by_return(event, widget)


def _is_menu(button: QToolButton) -> bool:
    """Whether the button has nothing but a menu."""
    mode = QToolButton.ToolButtonPopupMode.InstantPopup
    return button.menu() is not None and button.popupMode() == mode
