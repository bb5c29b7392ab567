"""A list beside a wide view: where the window is narrow, the list takes no more than its share.

Where it is very narrow, the list is above the view, as neither could be read side by side. What it
was given before comes back with the room.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

_LIST_WIDTH = 260
_MOST_SHARE = 0.36
_STACKED_SHARE = 0.34
_NARROW = 52  # letters, below which list and view have no room side by side


class ListSplitter(QSplitter):
    """A list on the left, and what it is about on the right.

    Args:
        list_: The left part.
        view: The right part.
    """

    def __init__(self, list_: QWidget, view: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self.setHandleWidth(1)
        self.addWidget(list_)
        self.addWidget(view)
        self.setStretchFactor(1, 1)
        self.setChildrenCollapsible(False)
        self._wanted = _LIST_WIDTH
        self.splitterMoved.connect(self._on_moved)
        self.setSizes([_LIST_WIDTH, 800])

    def wanted_sizes(self) -> list[int]:
        """What the next start restores: the sizes that a wide window would show."""
        return [self._wanted, max(1, sum(self.sizes()) - self._wanted)]

    @Slot()
    def _on_moved(self) -> None:
        if not self.is_stacked:
            self._wanted = self.sizes()[0]

    @property
    def is_stacked(self) -> bool:
        """Whether the list is above the view."""
        return self.orientation() == Qt.Orientation.Vertical

    def _turn(self) -> None:
        """Have the list above the view where there is no room beside it."""
        is_narrow = self.width() < _NARROW * self.fontMetrics().averageCharWidth()
        if is_narrow == self.is_stacked:
            return
        ways = Qt.Orientation
        self.setOrientation(ways.Vertical if is_narrow else ways.Horizontal)
        if is_narrow:
            above = int(self.height() * _STACKED_SHARE)
            self._share(above, self.height() - above)

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn()
        if self.is_stacked:
            return
        first, other = self.sizes()
        width = min(self._wanted, int((first + other) * _MOST_SHARE))
        if 0 < width != first:
            self._share(width, first + other - width)

    def setSizes(self, sizes: Sequence[int]) -> None:
        self._wanted = sizes[0]
        self._share(*sizes)

    def _share(self, first: int, other: int) -> None:
        super().setSizes([first, other])
