"""The button of a toolbar that is too narrow for its actions, in the look of the window.

Why: Qt's own sign is black on every ground and does not follow the colours.
"""

from __future__ import annotations

from PySide6.QtWidgets import QToolBar, QToolButton

from gui.naming import named
from gui.theme import Theme
from gui.views.theme_follower import follow

_QT_NAME = "qt_toolbar_ext_button"


def dress_overflow(toolbar: QToolBar, theme: Theme) -> None:
    """Give the button a name, and the sign for more, now and after each change of colours."""
    button = toolbar.findChild(QToolButton, _QT_NAME)
    if button is None:
        return  # another version of Qt calls it otherwise
    named(button, _QT_NAME, "More commands")
    button.setToolTip("More commands")

    def dress() -> None:
        button.setIcon(theme.icon("more", "muted"))

    follow(theme, button, dress)
