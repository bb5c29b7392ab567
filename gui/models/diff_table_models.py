"""Values of two runs in a table: by name (flags, keys of a document), and cell by cell (CSV)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from core.compare.diff_facts import Change, Fact
from core.compare.diff_table import Row, TableDiff
from core.runs.files import shown
from gui.models.any_index import NOWHERE, AnyIndex
from gui.models.diff_list_model import CHANGE_SIGNS, CHANGE_WORDS
from gui.tool_tip import plain_tip

ChangeRole = Qt.ItemDataRole.UserRole
"""What became of the cell."""
SideRole = Qt.ItemDataRole.UserRole + 1
"""0 for a cell of the left side, 1 for one of the right, None for one of both."""
BothRole = Qt.ItemDataRole.UserRole + 2
"""The texts of the left and the right side that stand in one cell."""

_MISSING = "—"


class FactsModel(QAbstractTableModel):
    """Sign, name, value on the left, value on the right."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._facts: tuple[Fact, ...] = ()
        self._rows: list[Fact] = []
        self._titles = ("", "Name", "Left", "Right")
        self._only_differences = True

    def show_facts(self, facts: Sequence[Fact], titles: tuple[str, str, str]) -> None:
        """Show other values; the titles are those of names, left and right."""
        self.beginResetModel()
        self._facts = tuple(facts)
        self._titles = ("", *titles)
        self._arrange()
        self.endResetModel()

    def show_only_differences(self, *, on: bool) -> None:
        """Leave out values that are the same, or have them too."""
        self.beginResetModel()
        self._only_differences = on
        self._arrange()
        self.endResetModel()

    def differences(self) -> list[int]:
        """Rows that differ."""
        return [row for row, fact in enumerate(self._rows) if fact.change != "same"]

    def _arrange(self) -> None:
        self._rows = [
            fact for fact in self._facts if fact.change != "same" or not self._only_differences
        ]

    # Qt overrides

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else 4

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._titles[section]
        return _left() if role == Qt.ItemDataRole.TextAlignmentRole else None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        fact, column = self._rows[index.row()], index.column()
        if role == Qt.ItemDataRole.DisplayRole:
            return _fact_text(fact, column)
        if role == ChangeRole:
            return fact.change
        if role == SideRole:
            return column - 2 if column > 1 else None
        if role == Qt.ItemDataRole.ToolTipRole:
            text = CHANGE_WORDS[fact.change] if column == 0 else _fact_text(fact, column)
            return plain_tip(text)
        if role == Qt.ItemDataRole.AccessibleTextRole and column == 0:
            return CHANGE_WORDS[fact.change]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return Qt.AlignmentFlag.AlignCenter if column == 0 else _left()
        return None


class CellsModel(QAbstractTableModel):
    """Sign, number of the row, and a cell a column: both texts where they differ."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._table: TableDiff | None = None
        self._rows: list[Row] = []
        self._only_differences = True

    def show_table(self, table: TableDiff | None) -> None:
        """Show another table."""
        self.beginResetModel()
        self._table = table
        self._arrange()
        self.endResetModel()

    def show_only_differences(self, *, on: bool) -> None:
        """Leave out rows that are the same, or have them too."""
        self.beginResetModel()
        self._only_differences = on
        self._arrange()
        self.endResetModel()

    def differences(self) -> list[int]:
        """Rows that differ."""
        return [row for row, each in enumerate(self._rows) if each.change != "same"]

    def _arrange(self) -> None:
        rows = self._table.rows if self._table is not None else ()
        self._rows = [row for row in rows if row.change != "same" or not self._only_differences]

    def _cell(self, row: Row, column: int) -> tuple[str | None, str | None]:
        return row.cells[column]

    # Qt overrides

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() or self._table is None else len(self._table.columns) + 1

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation == Qt.Orientation.Vertical:
            return self._number(section) if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _left()
        if section == 0 or self._table is None:
            return "" if role == Qt.ItemDataRole.DisplayRole else None
        column = self._table.columns[section - 1]
        if role == Qt.ItemDataRole.DisplayRole:
            sign = CHANGE_SIGNS[column.change]
            return f"{sign} {column.name}" if sign else column.name
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(f"{column.name} — {CHANGE_WORDS[column.change]}")
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = self._rows[index.row()], index.column()
        if column == 0:
            return self._sign(row, role)
        left, right = self._cell(row, column - 1)
        change = row.change if row.change in ("added", "removed") else _cell_change(left, right)
        if role == Qt.ItemDataRole.DisplayRole:
            return _both_text(left, right)
        if role == ChangeRole:
            return change
        if role == BothRole:
            return (left, right) if change == "changed" else None
        if role == SideRole:
            return {"removed": 0, "added": 1}.get(change)
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(_both_text(left, right))
        return _left() if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _sign(self, row: Row, role: int) -> Any:
        if role == Qt.ItemDataRole.DisplayRole:
            return CHANGE_SIGNS[row.change]
        if role == ChangeRole:
            return row.change
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            return CHANGE_WORDS[row.change]
        return Qt.AlignmentFlag.AlignCenter if role == Qt.ItemDataRole.TextAlignmentRole else None

    def _number(self, section: int) -> str:
        row = self._rows[section]
        numbers = dict.fromkeys(str(n) for n in (row.left, row.right) if n is not None)
        return " → ".join(numbers)


def _fact_text(fact: Fact, column: int) -> str:
    if column == 0:
        return CHANGE_SIGNS[fact.change]
    if column == 1:
        return shown(fact.name)
    text = fact.left if column == 2 else fact.right
    return _MISSING if text is None else text


def _cell_change(left: str | None, right: str | None) -> Change:
    if left == right:
        return "same"
    if left is None or right is None:
        return "added" if left is None else "removed"
    return "changed"


def _both_text(left: str | None, right: str | None) -> str:
    if left == right or right is None:
        return left or ""
    return right if left is None else f"{left or _MISSING} → {right or _MISSING}"


def _left() -> Qt.AlignmentFlag:
    return Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
