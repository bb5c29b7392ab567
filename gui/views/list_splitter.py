"""A list beside a wide view: where the window is narrow, the list takes no more than its share."""

from __future__ import annotations

from PySide6.QtCore import Qt
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
        self.setSizes([_LIST_WIDTH, 800])

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        first, other = self.sizes()
        most = int((first + other) * _MOST_SHARE)
        if 0 < most < first:
            self.setSizes([most, first + other - most])
