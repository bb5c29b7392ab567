"""The panes of the window side by side: places, runs, details.

Why an own splitter: Qt takes all that a smaller window lacks from the one pane that stretches, and
at 1000 pixels the table was narrower than the details about one of its rows. Here the details give
way first, then the places, and both get their width back as soon as there is room again.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QWidget

LEAST_MIDDLE = 33
"""Times the height of a line: status, operation, label and tags are seen."""
LEAST_DETAILS = 16
LEAST_PLACES = 12
"""Likewise: with less there is no use in them."""


class PaneSplitter(QSplitter):
    """Three panes; the outer ones give way to the one in the middle.

    Args:
        panes: Places, runs, details.

    Attributes:
        wanted: The widths that the user, or the first start, gave places and details.
    """

    def __init__(self, *panes: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        for pane in panes:
            self.addWidget(pane)
        self._outer = (panes[0], panes[-1])
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.setStretchFactor(1, 1)
        self.wanted = (0, 0)
        self.splitterMoved.connect(self._on_moved)

    def share(self) -> None:
        """Give the outer panes the widths that are wanted, or less where the middle needs it."""
        sizes, line = self.sizes(), self.fontMetrics().height()
        if not any(self.wanted):
            return
        places, details = (
            0 if pane.isHidden() else width
            for pane, width in zip(self._outer, self.wanted, strict=True)
        )
        short = LEAST_MIDDLE * line - (sum(sizes) - places - details)
        for_details = max(0, min(short, details - LEAST_DETAILS * line))
        for_places = max(0, min(short - for_details, places - LEAST_PLACES * line))
        shared = [places - for_places, 0, details - for_details]
        shared[1] = max(1, sum(sizes) - sum(shared))
        if shared != sizes:
            self.setSizes(shared)

    @Slot()
    def _on_moved(self) -> None:
        places, _, details = self.sizes()
        self.wanted = places or self.wanted[0], details or self.wanted[1]

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.share()
