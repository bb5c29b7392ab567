"""A row of tabs that shows only whole ones: as many as fit, the current one always among them.

Why not the arrows that a tab bar has: they scroll by pixels, so that a tab is cut off at either
end, and at usual widths of the window that was the one which people looked for. What is not on the
row is in the menu at its end, and on the keys.

Why the others have no width and are not hidden: a bar whose last tab is hidden still takes it for
the end of its row, and stays scrolled where it need not be.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QTabBar, QTabWidget


class FittingTabBar(QTabBar):
    """The row of a tab widget; whoever has that calls `fit` when it or its font changes."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: set[int] | None = None  # all
        self.setUsesScrollButtons(False)
        self.currentChanged.connect(self.fit)

    def is_shown(self, place: int) -> bool:
        """Whether a tab is on the row."""
        return self._shown is None or place in self._shown

    def fit(self) -> None:
        """Show the tabs that have room beside each other."""
        tabs = self.parentWidget()
        if not isinstance(tabs, QTabWidget):
            return
        corner = tabs.cornerWidget()
        room = tabs.width() - (corner.sizeHint().width() if corner is not None else 0)
        widths = [super(FittingTabBar, self).tabSizeHint(n).width() for n in range(self.count())]
        shown = fitting(widths, self.currentIndex(), room)
        if shown != self._shown:
            self._shown = shown
            self.setIconSize(self.iconSize())  # lays the row out anew

    # Qt overrides

    def tabSizeHint(self, index: int) -> QSize:
        size = super().tabSizeHint(index)
        return size if self.is_shown(index) else QSize(0, size.height())

    def minimumTabSizeHint(self, index: int) -> QSize:
        return self.tabSizeHint(index)

    def minimumSizeHint(self) -> QSize:
        widest = max((self.tabSizeHint(n).width() for n in range(self.count())), default=0)
        return QSize(widest, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.fit()
        super().resizeEvent(event)


def fitting(widths: Sequence[int], current: int, room: int) -> set[int]:
    """Places of the tabs that fit: the first ones, and the current one, which always does."""
    shown = {current}
    left = room - (widths[current] if 0 <= current < len(widths) else 0)
    for place, width in enumerate(widths):
        if place in shown:
            continue
        left -= width
        if left < 0:
            break
        shown.add(place)
    return shown
