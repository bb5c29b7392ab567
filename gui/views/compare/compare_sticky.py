"""The row that stays at the top while the comparison scrolls below it.

It is that of the baseline, or the heading of the group that the first run in view is in: of a
group of hundreds nothing else says which one it is.

Why a second drawing of the row over the table and not a second table: columns, widths, hovering and
selection are then the table's own and cannot differ from it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelectionModel, QPoint, QRect, Qt
from PySide6.QtGui import (
    QContextMenuEvent,
    QHelpEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QToolTip, QWidget

from gui.theme import Theme

if TYPE_CHECKING:
    from gui.views.compare.compare_canvas import CompareCanvas

_Flag = QItemSelectionModel.SelectionFlag


class StickyRow(QWidget):
    """Shows a line of a table above those that are scrolled.

    The keyboard needs nothing of it: the keys lead to the row itself.

    Args:
        table: Whose row.
        theme: Colours.

    Attributes:
        line: The line that is shown; -1 for none.
    """

    def __init__(self, table: CompareCanvas, theme: Theme) -> None:
        super().__init__(table)
        self._table = table
        self._theme = theme
        self.line = -1
        self.setObjectName("compareBaseline")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)  # or what is below is drawn too
        self.setMouseTracking(True)
        self.hide()

    def place(self) -> None:
        """Show it where rows are scrolled away, as wide as the table is now."""
        table = self._table
        self.line = self._wanted()
        is_needed = self.line >= 0
        if is_needed:
            head, viewport = table.rows_head, table.viewport()
            width = head.width() + viewport.width()
            area = QRect(head.x(), viewport.y(), width, table.rows_head.sectionSize(0))
            if area != self.geometry():
                self.setGeometry(area)
        if is_needed != self.isVisible():
            self.setVisible(is_needed)
            self.raise_()
        self.update()

    @property
    def covered(self) -> int:
        """Pixels at the top of the rows that it covers."""
        return self.height() if self.isVisible() else 0

    def _wanted(self) -> int:
        """The line that is wanted at the top and scrolled away; -1 for none."""
        table, model = self._table, self._table.compare_model
        if not model.lines or model.is_turned or not model.facts:
            return -1
        if model.is_baseline(0):
            return 0 if table.verticalScrollBar().value() > 0 else -1
        line = table.rowAt(0)
        while 0 <= line < len(model.lines) and model.lines[line].group is not None:
            if model.lines[line].row is None:
                return (
                    -1 if line == table.rowAt(0) and table.rowViewportPosition(line) == 0 else line
                )
            line -= 1
        return -1

    def _fact_at(self, place: QPoint) -> int:
        """The column at a place; the first one beside them."""
        return max(0, self._table.columnAt(place.x() - self._table.rows_head.width()))

    # Qt overrides

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        area, head = self.rect(), self._table.rows_head
        room = area.adjusted(head.width(), 0, 0, 0)
        painter.fillRect(area, self._theme.colour("window"))
        head.paintSection(painter, QRect(0, 0, head.width(), area.height()), self.line)
        painter.save()
        painter.setClipRect(room)
        painter.translate(room.topLeft())
        self._table.paint_line(painter, room, self.line)
        painter.restore()
        painter.setPen(self._theme.colour("muted"))
        painter.drawLine(area.bottomLeft(), area.bottomRight())
        painter.end()

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            index = self._table.compare_model.index_of(self.line, self._fact_at(event.pos()))
            tip = index.data(Qt.ItemDataRole.ToolTipRole)
            QToolTip.showText(event.globalPos(), tip or "", self)
            return True
        if event.type() in (QEvent.Type.Enter, QEvent.Type.Leave):
            self._table.hover(self.line if event.type() == QEvent.Type.Enter else -1)
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select it as a click on the row itself does; the rows below stay where they are."""
        table, place = self._table, event.position().toPoint()
        is_left = event.button() == Qt.MouseButton.LeftButton
        if is_left and table.rows_head.is_on_triangle(self.line, place.x()):
            table.rows_head.group_clicked.emit(self.line)
            return
        index = table.compare_model.index_of(self.line, self._fact_at(place))
        is_added = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        is_there = table.selectionModel().isRowSelected(self.line)
        if event.button() != Qt.MouseButton.LeftButton and is_there:
            return
        how = _Flag.Toggle if is_added else _Flag.ClearAndSelect
        before = table.verticalScrollBar().value()
        table.selectionModel().setCurrentIndex(index, how | _Flag.Rows)
        table.verticalScrollBar().setValue(before)
        self.place()
        table.setFocus(Qt.FocusReason.MouseFocusReason)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self._table.compare_model.index_of(
            self.line, self._fact_at(event.position().toPoint())
        )
        self._table.doubleClicked.emit(index)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        event.ignore()  # the press has selected it: the table's menu is the right one

    def wheelEvent(self, event: QWheelEvent) -> None:
        QApplication.sendEvent(self._table.viewport(), event)
