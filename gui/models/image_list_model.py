"""The pictures that runs have: their names, and how many of the runs have each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from core.compare.run_images import ImageSeries
from core.runs.files import shown
from core.text import plural
from gui.models.any_index import NOWHERE, AnyIndex
from gui.tool_tip import plain_tip


class ImageListModel(QAbstractTableModel):
    """Two columns: names, and counts of runs."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._all: tuple[ImageSeries, ...] = ()
        self._rows: list[ImageSeries] = []
        self._runs = 0
        self._words: list[str] = []

    def show_series(self, series: Sequence[ImageSeries], runs: int) -> None:
        """Have these pictures, of so many runs."""
        self.beginResetModel()
        self._all, self._runs = tuple(series), runs
        self._arrange()
        self.endResetModel()

    def search(self, text: str) -> None:
        """Have only those in whose names all words occur."""
        self.beginResetModel()
        self._words = text.casefold().split()
        self._arrange()
        self.endResetModel()

    def series(self, row: int) -> ImageSeries:
        """The pictures of a row."""
        return self._rows[row]

    def row_of(self, name: str) -> int:
        """Row of the pictures of that name; -1 where there are none."""
        return next((row for row, each in enumerate(self._rows) if each.name == name), -1)

    def _arrange(self) -> None:
        self._rows = [
            each for each in self._all if all(word in each.name.casefold() for word in self._words)
        ]

    # Qt overrides

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else 2

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        series, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return shown(series.name) if column == 0 else f"{series.runs:,}"
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return plain_tip(self._tip(series))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
            return side | Qt.AlignmentFlag.AlignVCenter
        return None

    def _tip(self, series: ImageSeries) -> str:
        steps = f", {plural(len(series.steps), 'number')}" if len(series.steps) > 1 else ""
        return f"{shown(series.name)} — in {series.runs:,} of {plural(self._runs, 'run')}{steps}"
