"""A row of tabs that shows only whole ones: as many as fit, the current one always among them.

Why not the arrows that a tab bar has: they scroll by pixels, so that a tab is cut off at either
end, and at usual widths of the window that was the one which people looked for. What is not on the
row is in the menu at its end, and on the keys.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QTabBar, QTabWidget

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class FittingTabBar(QTabBar):
    """The row itself; arrow keys also go to tabs that are not on it."""

    def widths(self) -> list[int]:
        """How wide each tab is, on the row or not."""
        return [self.tabSizeHint(place).width() for place in range(self.count())]

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if step is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            super().keyPressEvent(event)
            return
        place = self.currentIndex() + (-step if self.isRightToLeft() else step)
        if 0 <= place < self.count():
            self.setCurrentIndex(place)


def fit(tabs: QTabWidget, room: int) -> None:
    """Show the tabs that have room beside each other.

    Args:
        tabs: With a `FittingTabBar`.
        room: Its width in pixels.
    """
    bar = tabs.tabBar()
    if isinstance(bar, FittingTabBar):
        shown = fitting(bar.widths(), tabs.currentIndex(), room)
        for place in range(tabs.count()):
            if tabs.isTabVisible(place) != (place in shown):
                tabs.setTabVisible(place, place in shown)


def fitting(widths: Sequence[int], current: int, room: int) -> set[int]:
    """Places of the tabs that fit: the first ones, and the current one, which always does."""
    shown = {current}
    left = room - (widths[current] if widths else 0)
    for place, width in enumerate(widths):
        if place in shown:
            continue
        left -= width
        if left < 0:
            break
        shown.add(place)
    return shown
