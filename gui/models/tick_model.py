"""A table whose rows are ticked: what previews of an import and of a transfer have in common.

Rows are plain values in the order they came in; what is shown is a list of their numbers, so
that sorting and narrowing ten thousand of them touches no value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Generic, TypeVar

from PySide6.QtCore import (
    QAbstractTableModel,
    QObject,
    Qt,
    Signal,
)

from gui.models.any_index import NOWHERE, AnyIndex
from gui.models.label_preview_model import one_line
from gui.models.roles import ACCESSIBLE, ALIGNMENT, CHECK, DISPLAY, LEFT, RIGHT, TOOLTIP
from gui.tool_tip import plain_tip

T = TypeVar("T")

SignRole = 257  # icon and token of a cell, or None
QuietRole = 258  # whether nothing will happen to the row
ButtonRole = 259  # text of the button in a cell, or None

BOX_COLUMN = 0


class TickModel(QAbstractTableModel, Generic[T]):
    """Rows with a box in their first column.

    Args:
        headings: Texts above the columns.
        numbers: Columns whose texts stand at the right.
        parent: Owner.

    Signals:
        decided: Other rows are ticked, or something else is to happen to them.
    """

    decided = Signal()

    def __init__(
        self, headings: Sequence[str], numbers: Iterable[int], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.headings = tuple(headings)
        self._numbers = frozenset(numbers)
        self._items: list[T] = []
        self._order: list[int] = []

    def item(self, row: int) -> T:
        """The value of a row."""
        return self._items[self._order[row]]

    def items(self) -> Sequence[T]:
        """All values, also those that are not shown."""
        return self._items

    def take(self, rows: Iterable[int], *, on: bool) -> None:
        """Tick rows, or take their ticks off."""
        for row in rows:
            self.tick(self.item(row), on=on)
        self.tell()

    def tell(self) -> None:
        """Show once more what all rows say, and tell that something was decided."""
        if self._order:
            last = self.index(len(self._order) - 1, len(self.headings) - 1)
            self.dataChanged.emit(self.index(0, 0), last)
        self.decided.emit()

    # What a kind of rows says

    def tick(self, item: T, *, on: bool) -> None:
        """Tick one, or take its tick off."""
        raise NotImplementedError

    def check(self, item: T) -> Qt.CheckState | None:
        """The box of a row; None where there is none."""
        raise NotImplementedError

    def is_taken(self, item: T) -> bool:
        """Whether something will happen to it."""
        raise NotImplementedError

    def text(self, item: T, column: int) -> str:
        """What a cell says."""
        raise NotImplementedError

    def tip(self, item: T, column: int) -> str:
        """What is said of a cell when it is pointed at."""
        return self.text(item, column)

    def sign(self, _item: T, _column: int) -> tuple[str, str] | None:
        """Icon and token of a cell."""
        return None

    def button(self, _item: T, _column: int) -> str | None:
        """Text of the button in a cell."""
        return None

    def rank(self, item: T, column: int) -> Any:
        """What a column is sorted by."""
        raise NotImplementedError

    # Qt overrides

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.headings)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal:
            return None
        if role == ALIGNMENT:
            return RIGHT if section in self._numbers else LEFT
        return self.headings[section] if role == DISPLAY else None

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        if index.isValid() and index.column() == BOX_COLUMN:
            flags |= Qt.ItemFlag.ItemIsUserCheckable
        return flags

    def data(self, index: AnyIndex, role: int = DISPLAY) -> Any:
        if not index.isValid():
            return None
        item, column = self.item(index.row()), index.column()
        reads: dict[int, Callable[[], object]] = {
            CHECK: lambda: self.check(item) if column == BOX_COLUMN else None,
            QuietRole: lambda: not self.is_taken(item),
            ALIGNMENT: lambda: RIGHT if column in self._numbers else LEFT,
            DISPLAY: lambda: one_line(self.text(item, column)),
            SignRole: lambda: self.sign(item, column),
            ButtonRole: lambda: self.button(item, column),
            TOOLTIP: lambda: plain_tip(self.tip(item, column)) or None,
            ACCESSIBLE: lambda: f"{self.headings[column]}: {one_line(self.text(item, column))}",
        }
        return reads[role]() if role in reads else None

    def setData(self, index: AnyIndex, value: Any, role: int = DISPLAY) -> bool:
        if not index.isValid() or role != CHECK or index.data(CHECK) is None:
            return False
        self.take([index.row()], on=Qt.CheckState(value) == Qt.CheckState.Checked)
        return True

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        if not 0 <= column < len(self.headings):
            return
        self.beginResetModel()
        self._order.sort(
            key=lambda number: self.rank(self._items[number], column),
            reverse=order == Qt.SortOrder.DescendingOrder,
        )
        self.endResetModel()
