"""A row of controls that goes on in a second row where there is no room for all of them.

Why not Qt's rows: they cut the words on buttons to "s…s" before anything gives way.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

SIDES, GAP, LINE_GAP = 12, 6, 4


class WrapBar(QWidget):
    """Lays its controls out from left to right, in as many rows as they need.

    Args:
        parent: Owner.
        gap: Pixels between two controls.
        top: Pixels above the first row.
    """

    def __init__(self, parent: QWidget | None = None, *, gap: int = GAP, top: int = 0) -> None:
        super().__init__(parent)
        self._left: list[QWidget] = []
        self._right: list[QWidget] = []
        self._gap, self._top = gap, top
        self._heights: dict[int, int] = {}  # by width: layouts ask again and again
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def add(self, *widgets: QWidget) -> None:
        """Have controls behind those that are there."""
        self._left += widgets
        self._take(widgets)

    def add_at_right(self, *widgets: QWidget) -> None:
        """Have controls at the right end, together in a row of their own where they must be."""
        self._right += widgets
        self._take(widgets)

    def rows(self, width: int) -> list[list[tuple[QWidget, QRect]]]:
        """Where each control that is shown stands in a bar of this width."""
        return [
            _placed(row, top, width, self._gap) for top, row in self._with_tops(self._broken(width))
        ]

    # Inside

    def _take(self, widgets: tuple[QWidget, ...]) -> None:
        for widget in widgets:
            widget.setParent(self)
        self.updateGeometry()

    def _broken(self, width: int) -> list[list[tuple[QWidget, QSize, bool]]]:
        """Rows of controls with their sizes, and whether they stand at the right."""
        wanted = [(w, _size(w), False) for w in self._left if not w.isHidden()]
        wanted += [(w, _size(w), True) for w in self._right if not w.isHidden()]
        rows: list[list[tuple[QWidget, QSize, bool]]] = []
        room = 0
        at_right = sum(size.width() + self._gap for _, size, is_right in wanted if is_right)
        for place, (widget, size, is_right) in enumerate(wanted):
            is_first_right = is_right and not (place and wanted[place - 1][2])
            needed = at_right - self._gap if is_first_right else size.width()
            if not rows or needed > room:
                rows.append([])
                room = width - 2 * SIDES
            rows[-1].append((widget, size, is_right))
            room -= size.width() + self._gap
        return rows

    def _with_tops(
        self, rows: list[list[tuple[QWidget, QSize, bool]]]
    ) -> list[tuple[int, list[tuple[QWidget, QSize, bool]]]]:
        found, top = [], self._top
        for row in rows:
            found.append((top, row))
            top += _height(row) + LINE_GAP
        return found

    def _arrange(self) -> None:
        self._heights.clear()
        for row in self.rows(self.width()):
            for widget, place in row:
                widget.setGeometry(place)

    # Qt overrides

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        known = self._heights.get(width)
        if known is None:
            tops = self._with_tops(self._broken(width))
            known = self._heights[width] = tops[-1][0] + _height(tops[-1][1]) if tops else 0
        return known

    def sizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(max(self.width(), 200)))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.heightForWidth(max(self.width(), 200)))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()
        if self.height() != self.heightForWidth(self.width()):
            self.updateGeometry()  # Qt gives no more than was wanted in the width of before

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest:  # a control has another size, or is hidden
            self._arrange()
            self.updateGeometry()
        return super().event(event)


def _size(widget: QWidget) -> QSize:
    size = widget.sizeHint().expandedTo(widget.minimumSizeHint())
    return size.expandedTo(widget.minimumSize()).boundedTo(widget.maximumSize())


def _height(row: list[tuple[QWidget, QSize, bool]]) -> int:
    return max(size.height() for _, size, _ in row)


def _placed(
    row: list[tuple[QWidget, QSize, bool]], top: int, width: int, gap: int
) -> list[tuple[QWidget, QRect]]:
    """The places of one row: the controls at the right end move there together."""
    height, x, found = _height(row), SIDES, []
    at_right = [size.width() + gap for _, size, is_right in row if is_right]
    start_of_right = max(SIDES, width - SIDES - sum(at_right) + gap)
    has_moved = False
    for widget, size, is_right in row:
        if is_right and not has_moved:
            x, has_moved = max(x, start_of_right), True
        room = min(size.width(), max(0, width - SIDES - x))
        found.append((widget, QRect(x, top + (height - size.height()) // 2, room, size.height())))
        x += size.width() + gap
    return found
