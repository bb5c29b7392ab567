"""A list with boxes that a search narrows: what the choosers of columns, scalars and tags share.

Why own models: of 5,000 scalars, offered in twelve ways, 60,000 item objects take seconds, where a
list of the rows that match the search takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractListModel, QObject, Qt

from gui.models.any_index import NOWHERE, AnyIndex
from gui.models.roles import CHECK, DISPLAY

T = TypeVar("T")


class TickListModel(QAbstractListModel, Generic[T]):
    """Rows with a box each; a kind of list says what a row reads and what a tick does.

    Args:
        parent: Owner.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._rows: Sequence[T] = ()

    def _show_rows(self, rows: Sequence[T]) -> None:
        """Have exactly these rows."""
        self.beginResetModel()
        self._rows = rows
        self.endResetModel()

    def _show_all_anew(self) -> None:
        """The same rows say something else."""
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

    # What a kind of list says

    def state(self, row: T) -> Qt.CheckState | None:
        """How the box of a row is; None where it has none."""
        raise NotImplementedError

    def tick(self, row: T, *, on: bool) -> None:
        """The user ticked a row, or took its tick off."""
        raise NotImplementedError

    def says(self, row: T, role: int) -> Any:
        """What else Qt may ask of a row: its text, its tip, what a list draws beside it."""
        raise NotImplementedError

    # Qt overrides

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        flag = Qt.ItemFlag
        if not index.isValid():
            return flag.NoItemFlags
        if self.state(self._rows[index.row()]) is None:
            return flag.ItemIsEnabled
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsUserCheckable

    def data(self, index: AnyIndex, role: int = DISPLAY) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        return self.state(row) if role == CHECK else self.says(row, role)

    def setData(self, index: AnyIndex, value: Any, role: int = DISPLAY) -> bool:
        if not index.isValid() or role != CHECK or self.state(self._rows[index.row()]) is None:
            return False
        self.tick(self._rows[index.row()], on=Qt.CheckState(value) == Qt.CheckState.Checked)
        return True
