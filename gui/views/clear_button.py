"""The small cross in a search box: the style's own is black, and so unseen on a dark ground."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QLineEdit

from gui.theme import Theme
from gui.views.theme_follower import follow

_NAME = "_q_qlineeditclearaction"  # as Qt has called it since it has one


def add_clear_button(edit: QLineEdit, theme: Theme) -> None:
    """Give a box a cross that empties it, in the colours of the theme.

    Args:
        edit: The box.
        theme: Colours and icons.
    """
    edit.setClearButtonEnabled(True)
    action = edit.findChild(QAction, _NAME)
    if action is None:  # a Qt that calls it otherwise has its own cross
        return

    def dress() -> None:
        action.setIcon(theme.icon("close", "muted"))

    follow(theme, edit, dress)
