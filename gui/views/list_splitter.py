"""A list beside a wide view: where the window is narrow, the list takes no more than its share.

What it was given before comes back with the room.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

_LIST_WIDTH = 260
_MOST_SHARE = 0.36


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
        self._wanted = self.sizes()[0]

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        first, other = self.sizes()
        width = min(self._wanted, int((first + other) * _MOST_SHARE))
        if 0 < width != first:
            self._share(width, first + other - width)

    def setSizes(self, sizes: Sequence[int]) -> None:
        self._wanted = sizes[0]
        self._share(*sizes)

    def _share(self, first: int, other: int) -> None:
        super().setSizes([first, other])
