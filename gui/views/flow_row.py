"""Widgets side by side that go on in the next line where there is no room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget


class FlowRow(QWidget):
    """Lays out its children by their size hints; hidden ones take no room.

    Args:
        gap: Pixels between two of them, and half of that between lines.
        parent: Owner.
    """

    def __init__(self, gap: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gap = gap
        self._widgets: list[QWidget] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, widget: QWidget) -> None:
        """Put a widget after the others."""
        widget.setParent(self)
        self._widgets.append(widget)

    def arrange(self) -> None:
        """The widgets say something else, or others are shown."""
        self._place(self.width(), move=True)
        self.updateGeometry()

    def _place(self, width: int, *, move: bool) -> int:
        """The height that is needed in a width; moves the widgets there where that is wanted."""
        shown = [widget for widget in self._widgets if widget.isVisibleTo(self)]
        line = max((widget.sizeHint().height() for widget in shown), default=0)
        left = top = 0
        for widget in shown:
            size = widget.sizeHint()
            if left and left + size.width() > width:
                left, top = 0, top + line + self._gap // 2
            if move:
                box = QRect(QPoint(left, top), QSize(min(size.width(), width), size.height()))
                widget.setGeometry(box)
            left += size.width() + self._gap
        return top + line

    # Qt overrides

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return self._place(width, move=False)

    def sizeHint(self) -> QSize:
        shown = [each.sizeHint().width() for each in self._widgets if each.isVisibleTo(self)]
        wanted = sum(shown) + self._gap * max(0, len(shown) - 1)
        return QSize(wanted, self._place(max(1, self.width()), move=False))

    def minimumSizeHint(self) -> QSize:
        return QSize(1, self._place(max(1, self.width()), move=False))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place(self.width(), move=True)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:
            self.arrange()
        return super().event(event)
