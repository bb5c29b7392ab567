"""The runs that either side of a diff can show, each with its name and a dot in its colour.

Why names are made when they are seen: the page offers hundreds of runs twice and shows two of them
until somebody opens a choice; making all names took half of the time until the page was there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct
from PySide6.QtCore import QAbstractListModel, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from gui.models.any_index import NOWHERE, AnyIndex


class RunChoice(Struct, frozen=True):
    """A run that may be compared.

    Attributes:
        id: Its id.
        name: For people.
        colour: That it has in the comparison and in plots.
    """

    id: str
    name: str
    colour: QColor


class RunChoiceModel(QAbstractListModel):
    """One row a run; its id is the user data."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._ids: Sequence[str] = ()
        self._choice_at: Callable[[int], RunChoice] | None = None
        self._made: dict[int, RunChoice] = {}

    def show_choices(self, ids: Sequence[str], choice_at: Callable[[int], RunChoice]) -> None:
        """Have these runs.

        Args:
            ids: Their ids.
            choice_at: Gives the run at a place.
        """
        self.beginResetModel()
        self._ids, self._choice_at, self._made = ids, choice_at, {}
        self.endResetModel()

    # Inside

    def _choice(self, row: int) -> RunChoice | None:
        if row not in self._made and self._choice_at is not None:
            self._made[row] = self._choice_at(row)
        return self._made.get(row)

    # Qt overrides

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._ids)

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        if role == Qt.ItemDataRole.UserRole:
            return self._ids[index.row()]
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.DecorationRole):
            return None
        choice = self._choice(index.row())
        if choice is None or role == Qt.ItemDataRole.DisplayRole:
            return choice and choice.name
        return _dot(choice.colour.name())


@lru_cache(maxsize=64)
def _dot(colour: str) -> QIcon:
    """A dot in a colour; the same for all runs that share it."""
    pixmap = QPixmap(20, 20)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(colour))
    painter.drawEllipse(2, 2, 16, 16)
    painter.end()
    return QIcon(pixmap)
