"""The table of runs that could be pushed or pulled."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from gui.models.transfer_model import (
    HAPPENS,
    LABEL,
    OPERATION,
    RUN,
    SIZE,
    STATE,
    TransferModel,
)
from gui.naming import named
from gui.theme import Theme
from gui.views.previews.tick_table import TickTable

_WIDTHS = {RUN: 12, OPERATION: 12, LABEL: 28, STATE: 22, SIZE: 8, HAPPENS: 30}
"""Usual widths of the columns, in digits."""
_ENOUGH = 120
"""In a narrower table, in digits, the operation gives its room to the others."""
_LEAST_LABEL = 10


class TransferTable(TickTable):
    """Rows of runs; Space ticks what is selected, F4 opens what can be chosen.

    Args:
        model: What it shows.
        theme: Colours and icons.
        parent: Owner.
    """

    def __init__(self, model: TransferModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(model, theme, _WIDTHS, HAPPENS, parent)
        named(self, "transferTable", "Runs to copy")

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        digit = max(1, self.fontMetrics().horizontalAdvance("0"))
        room = self.width() // digit
        self.setColumnHidden(OPERATION, room < _ENOUGH)
        left = room - 82 - (0 if self.isColumnHidden(OPERATION) else _WIDTHS[OPERATION] + 2)
        label = max(_LEAST_LABEL, min(_WIDTHS[LABEL], left))
        self.setColumnWidth(LABEL, label * digit + 16)
