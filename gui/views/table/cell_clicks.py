"""Clicks in the run table that mean a cell and not a row: on a tag, and again on a label.

Why an event filter: the table selects, drags and activates as every table does, and all of that
goes on; this only looks on.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtWidgets import QTableView

from gui.table.run_list import RunList
from gui.views.table.run_painter import RunPainter

_Type = QEvent.Type
_LEFT = Qt.MouseButton.LeftButton
_PLAIN = Qt.KeyboardModifier.NoModifier


class CellClicks(QObject):
    """Finds out what a click means.

    Args:
        table: The table.
        run_list: What it shows.
        painter: Knows where it drew chips.

    Signals:
        tag_clicked: A tag's chip was clicked (its name).
        mark_clicked: The star of a run was clicked in the column of marks (the run's slot).
        label_clicked: The label of the one selected run was clicked once more, and no second
            click made a double click of it (the run's slot).
    """

    tag_clicked = Signal(str)
    mark_clicked = Signal(int)
    label_clicked = Signal(int)

    def __init__(self, table: QTableView, run_list: RunList, painter: RunPainter) -> None:
        super().__init__(table)
        self._table = table
        self._runs = run_list
        self._painter = painter
        self._pressed: QPoint | None = None
        self._tag: str | None = None
        self._label_slot: int | None = None
        self._mark_slot: int | None = None
        interval = QGuiApplication.styleHints().mouseDoubleClickInterval()
        self._second = QTimer(self, singleShot=True, interval=interval)
        self._second.timeout.connect(self._on_no_double_click)
        run_list.selection_changed.connect(self._second.stop)
        table.verticalScrollBar().valueChanged.connect(self._second.stop)
        table.installEventFilter(self)
        table.viewport().installEventFilter(self)

    @property
    def is_on_tag(self) -> bool:
        """Whether the last press was on the chip of a tag."""
        return self._tag is not None

    def tag_at(self, position: QPoint) -> str | None:
        """The tag whose chip is at a place of the viewport."""
        found = self._cell_at(position)
        if found is None:
            return None
        slot, section = found
        header = self._table.horizontalHeader()
        place = header.sectionViewportPosition(section), header.sectionSize(section)
        return self._painter.tag_at(slot, section, position.x(), place)

    # Inside

    def _cell_at(self, position: QPoint) -> tuple[int, int] | None:
        """Slot and section of a place of the viewport."""
        order = self._runs.model.order
        row, section = self._table.rowAt(position.y()), self._table.columnAt(position.x())
        return (order[row], section) if 0 <= row < len(order) and section >= 0 else None

    def _on_press(self, event: QMouseEvent) -> None:
        position = event.position().toPoint()
        self._second.stop()
        self._pressed, self._tag, self._label_slot, self._mark_slot = position, None, None, None
        if event.button() == _LEFT and event.modifiers() == _PLAIN:
            self._tag = self.tag_at(position)
            self._label_slot = self._slot_of_second_click(position)
            found = self._cell_at(position)
            if found is not None and self._runs.model.keys[found[1]] == "marked":
                self._mark_slot = found[0]

    def _slot_of_second_click(self, position: QPoint) -> int | None:
        """The run whose label is at a place, where it alone is selected and has the keyboard."""
        found = self._cell_at(position)
        if found is None or self._runs.model.keys[found[1]] != "label":
            return None
        is_alone = self._runs.selection.count() == 1 and self._runs.selection.has_slot(found[0])
        return found[0] if is_alone and self._table.hasFocus() else None

    def _on_release(self, event: QMouseEvent) -> None:
        if event.button() != _LEFT or self._pressed is None:
            return
        moved = (event.position().toPoint() - self._pressed).manhattanLength()
        self._pressed = None
        if moved >= QGuiApplication.styleHints().startDragDistance():
            return
        if self._tag is not None and self.tag_at(event.position().toPoint()) == self._tag:
            self.tag_clicked.emit(self._tag)
        elif self._mark_slot is not None:
            self.mark_clicked.emit(self._mark_slot)
        elif self._label_slot is not None:
            self._second.start()

    @Slot()
    def _on_no_double_click(self) -> None:
        slot = self._label_slot
        if slot is not None and self._table.hasFocus():
            self.label_clicked.emit(slot)

    def _show_pointer(self, event: QMouseEvent) -> None:
        is_on_tag = not event.buttons() and self.tag_at(event.position().toPoint()) is not None
        shape = Qt.CursorShape.PointingHandCursor if is_on_tag else Qt.CursorShape.ArrowCursor
        viewport = self._table.viewport()
        if viewport.cursor().shape() != shape:
            viewport.setCursor(shape)

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self._table:
            if kind in (_Type.KeyPress, _Type.FocusOut):
                self._second.stop()
        elif isinstance(event, QMouseEvent):
            if kind == _Type.MouseButtonPress:
                self._on_press(event)
            elif kind == _Type.MouseButtonRelease:
                self._on_release(event)
            elif kind == _Type.MouseButtonDblClick:
                self._second.stop()
                self._pressed = None
                self._tag = self.tag_at(event.position().toPoint())
            elif kind == _Type.MouseMove:
                self._show_pointer(event)
        return super().eventFilter(watched, event)
