"""The table of runs that could be imported: boxes to tick, signs, and choices where runs differ."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPoint, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.models.import_model import (
    HAPPENS,
    HERE,
    LABEL,
    OPERATION,
    RUN,
    SIZE,
    STATUS,
    ImportModel,
)
from gui.naming import named
from gui.theme import Theme
from gui.views.previews.tick_table import TickTable

_WIDTHS = {RUN: 12, OPERATION: 13, LABEL: 10, STATUS: 11, SIZE: 7, HERE: 11, HAPPENS: 12}
"""Usual widths of the columns, in digits."""
_ENOUGH = 90
"""In a narrower table, in digits, the operation gives its room to the label."""

_AIR = 18
_LOOKED_AT = 100  # rows: those with problems are among the first


class ImportTable(TickTable):
    """Rows of runs; Space ticks what is selected.

    Args:
        model: What it shows.
        theme: Colours and icons.
        parent: Owner.

    Signals:
        choice_wanted: The user clicked on what happens to a run that differs (row, position on
            the screen).
    """

    choice_wanted = Signal(int, QPoint)

    def __init__(self, model: ImportModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(model, theme, _WIDTHS, LABEL, parent)
        named(self, "importTable", "Runs to import")
        self._runs = model
        self.clicked.connect(self._on_clicked)

    def make_room(self) -> None:
        """Let the reason be read why a run cannot be imported, in half of the table at most."""
        rows = range(min(self._runs.rowCount(), _LOOKED_AT))
        width, model = self.fontMetrics().horizontalAdvance, self._runs
        widest = max((width(model.index(row, HAPPENS).data()) for row in rows), default=0)
        wanted = min(widest + _AIR, self.viewport().width() // 2)
        self.setColumnWidth(HAPPENS, max(wanted, self.columnWidth(HAPPENS)))

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        if index.column() == HAPPENS and self._runs.conflict_rows([index.row()]):
            below = self.visualRect(index).bottomLeft()
            self.choice_wanted.emit(index.row(), self.viewport().mapToGlobal(below))

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() // max(1, self.fontMetrics().horizontalAdvance("0"))
        self.setColumnHidden(OPERATION, room < _ENOUGH)
