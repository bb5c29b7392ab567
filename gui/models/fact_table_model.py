"""A small table of facts about one run: searched and sorted where it is, for a few thousand rows.

Why no proxy model: rows are immutable and few, so sorting a list is simpler and faster than
Qt's comparison of variants, and missing values can stay last in both directions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct
from PySide6.QtCore import QAbstractTableModel, QObject, Qt
from PySide6.QtGui import QColor, QFont

from gui.models.any_index import NOWHERE, AnyIndex
from gui.tool_tip import plain_tip

MAX_SHOWN = 300
"""Characters of a cell; more is in the tooltip, and everything in copies."""


class FactColumn(Struct, frozen=True):
    """How one column shows the rows.

    Attributes:
        title: Header text.
        text: The text of a row's cell.
        sort_key: What the row is sorted by; None is missing and stays last.
        is_number: Whether it stands at the right, digits below digits.
        is_searched: Whether the search looks at its text.
        token: Role of the colour of a row's cell; an empty text means the usual one.
        font: Font of the cells; None means the view's.
        whole: The exact text, for the tooltip and copies; None where `text` is exact.
    """

    title: str
    text: Callable[[Any], str]
    sort_key: Callable[[Any], Any]
    is_number: bool = False
    is_searched: bool = False
    token: Callable[[Any], str] = lambda _: ""
    font: QFont | None = None
    whole: Callable[[Any], str] | None = None

    def whole_text(self, row: Any) -> str:
        """The exact text of a row's cell."""
        return (self.whole or self.text)(row)


class FactTableModel(QAbstractTableModel):
    """Shows the rows that match the search, in the order asked for.

    Args:
        columns: What to show of each row.
        colour: The colour of a role, from the theme.
        parent: Owner.
    """

    def __init__(
        self,
        columns: Sequence[FactColumn],
        colour: Callable[[str], QColor],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._columns = tuple(columns)
        self._colour = colour
        self._all: tuple[Any, ...] = ()
        self._rows: list[Any] = []
        self._words: list[str] = []
        self._sorted_by = 0
        self._is_descending = False

    @property
    def total(self) -> int:
        """Number of rows, whether they match or not."""
        return len(self._all)

    @property
    def columns(self) -> tuple[FactColumn, ...]:
        """The columns, in order."""
        return self._columns

    def row(self, number: int) -> Any:
        """The row shown at this place."""
        return self._rows[number]

    def rows(self) -> list[Any]:
        """The rows shown, in their order."""
        return list(self._rows)

    def show(self, rows: Sequence[Any]) -> None:
        """Show these rows; where their number and order stay, only their values change."""
        before = [self._columns[0].text(row) for row in self._rows]
        self._all = tuple(rows)
        arranged = self._arranged()
        if before == [self._columns[0].text(row) for row in arranged] and before:
            self._rows = arranged
            last = self.index(len(arranged) - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
            return
        self.beginResetModel()
        self._rows = arranged
        self.endResetModel()

    def search(self, text: str) -> None:
        """Show only rows that hold every word of `text`, regardless of case."""
        self._words = text.casefold().split()
        self.beginResetModel()
        self._rows = self._arranged()
        self.endResetModel()

    def repaint(self) -> None:
        """The colours are other ones now."""
        if self._rows:
            last = self.index(len(self._rows) - 1, len(self._columns) - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def tsv(self, numbers: Sequence[int]) -> str:
        """Rows with a header line, for the clipboard; tabs and line ends in texts become blanks."""
        lines = [[column.title for column in self._columns]]
        lines += [[column.whole_text(self._rows[n]) for column in self._columns] for n in numbers]
        return "".join("\t".join(map(_one_line, line)) + "\n" for line in lines)

    def _arranged(self) -> list[Any]:
        rows = [row for row in self._all if self._matches(row)]
        key = self._columns[self._sorted_by].sort_key
        keyed = [(key(row), row) for row in rows]
        present = [pair for pair in keyed if pair[0] is not None]
        present.sort(key=lambda pair: pair[0], reverse=self._is_descending)
        return [row for _, row in present] + [row for value, row in keyed if value is None]

    def _matches(self, row: Any) -> bool:
        if not self._words:
            return True
        texts = [column.text(row) for column in self._columns if column.is_searched]
        text = "\n".join(texts).casefold()
        return all(word in text for word in self._words)

    # Qt overrides

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._columns)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or section >= len(self._columns):
            return None
        column = self._columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        row, column = self._rows[index.row()], self._columns[index.column()]
        if role == Qt.ItemDataRole.DisplayRole:
            return _shown(column.text(row))
        if role == Qt.ItemDataRole.ToolTipRole:
            return plain_tip(column.whole_text(row))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(column)
        if role == Qt.ItemDataRole.FontRole:
            return column.font
        if role == Qt.ItemDataRole.ForegroundRole:
            token = column.token(row)
            return self._colour(token) if token else None
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if not 0 <= column < len(self._columns):
            return
        self._sorted_by = column
        self._is_descending = order == Qt.SortOrder.DescendingOrder
        self.beginResetModel()
        self._rows = self._arranged()
        self.endResetModel()


def _alignment(column: FactColumn) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column.is_number else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _shown(text: str) -> str:
    line = _one_line(text)
    return line if len(line) <= MAX_SHOWN else f"{line[:MAX_SHOWN]}…"


def _one_line(text: str) -> str:
    return " ".join(text.split()) if "\n" in text or "\t" in text or "\r" in text else text
