"""Lets something be drawn anew with each change of colours, for as long as it is there.

Why: a function that a signal calls is not let go with the widget that it draws, and the theme
outlives every window.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from gui.theme import Theme


class _Follower(QObject):
    """Goes with its widget, and with it its connection."""

    def __init__(self, widget: QWidget, dress: Callable[[], object]) -> None:
        super().__init__(widget)
        self._dress = dress

    @Slot()
    def dress(self) -> None:
        """Draw it anew."""
        self._dress()


def follow(theme: Theme, widget: QWidget, dress: Callable[[], object]) -> None:
    """Call `dress` now and after each change of colours, until the widget goes."""
    theme.changed.connect(_Follower(widget, dress).dress)
    dress()
