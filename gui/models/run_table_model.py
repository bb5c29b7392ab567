"""The rows and columns of the run table, for Qt.

Why so little is in here: filtering and sorting happen elsewhere (gui.table.run_list), values stay
in the in-memory columns, and this class only says what a cell shows. A cell's text is made when
it is first looked at and kept until its run changes; nothing here reads a file.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from typing import Any, ClassVar

from PySide6.QtCore import QAbstractTableModel, QObject, Qt

from core.clock import now_us
from core.index.columns import RunColumns
from core.runs.run import Run
from gui.models.any_index import NOWHERE, AnyIndex
from gui.models.cell_texts import CellTexts
from gui.models.roles import ACCESSIBLE, ALIGNMENT, DISPLAY, LEFT, RIGHT, TOOLTIP
from gui.models.row_change import Removal, RowChange
from gui.services import RunPlace
from gui.table.columns import Column, full_title, told_apart
from gui.tool_tip import plain_tip

RunRole = 256  # Qt.ItemDataRole.UserRole: the core.runs.run.Run
SlotRole = 257  # the run's slot in the in-memory columns
SparkRole = 258  # the curve of a sparkline cell: heights from 0 to 1, or None
ValueRole = 259  # the value as it is
NoteRole = 260  # small text beside the cell's own

_FLAGS = (
    Qt.ItemFlag.ItemIsEnabled
    | Qt.ItemFlag.ItemIsSelectable
    | Qt.ItemFlag.ItemIsDragEnabled
    | Qt.ItemFlag.ItemNeverHasChildren
)

Curve = tuple[float, ...]


class RunTableModel(QAbstractTableModel):
    """What each cell of the run table shows; rows are slots in the order given.

    Attributes:
        texts: What the cells say.

    Args:
        place: Where the runs are.
        columns: The runs' values.
        clock: The present in microseconds since 1970-01-01 UTC.
        parent: Owner.
    """

    def __init__(
        self,
        place: RunPlace,
        columns: RunColumns,
        clock: Callable[[], int] = now_us,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._place = place
        self._columns = columns
        self.texts = CellTexts(columns, clock)
        self._layout: tuple[Column, ...] = ()
        self._order: list[int] = []
        self._rows: array[int] | None = None
        self._curves: dict[tuple[str, int], Curve] = {}
        self._visible: tuple[int, int] | None = None

    # What is shown

    @property
    def columns(self) -> RunColumns:
        """Where the values come from."""
        return self._columns

    @property
    def order(self) -> Sequence[int]:
        """The slots shown, from the first row on; not to be changed."""
        return self._order

    @property
    def layout(self) -> tuple[Column, ...]:
        """The columns shown, from the first section on."""
        return self._layout

    @property
    def keys(self) -> list[str]:
        """The keys of the columns shown."""
        return [column.key for column in self._layout]

    def set_columns(self, layout: Sequence[Column]) -> None:
        """Show these columns from now on; whoever keeps a selection restores it after the reset."""
        self.beginResetModel()
        self._set_layout(layout)
        self.endResetModel()

    def set_layout(self, layout: Sequence[Column]) -> None:
        """Take better descriptions of the same columns; others are left for a later call."""
        if [column.key for column in layout] != self.keys or self.has_layout(layout):
            return
        pairs = enumerate(zip(self._layout, layout, strict=True))
        changed = [section for section, (was, now) in pairs if was.look != now.look]
        self._set_layout(layout)
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, changed[0], changed[-1])
        self._emit_changed(self._on_screen(), changed[0], changed[-1])

    def has_layout(self, layout: Sequence[Column]) -> bool:
        """Whether the columns shown look like these already."""
        return [column.look for column in layout] == [column.look for column in self._layout]

    def show_order(
        self, order: list[int], change: RowChange | None = None, rows: array[int] | None = None
    ) -> None:
        """Show these slots in this order.

        Args:
            order: Slots, each once; the model keeps the list.
            change: What makes `order` of the order shown now; None resets the model.
            rows: What `row_numbers` made of `order`, where another thread did: that takes 10 ms
                for 100,000.
        """
        if change is None:
            self.beginResetModel()
            self._set_order(order, rows)
            self.endResetModel()
            return
        for operation in change:
            self._rows = None
            if isinstance(operation, Removal):
                self.beginRemoveRows(NOWHERE, operation.first, operation.last)
                del self._order[operation.first : operation.last + 1]
                self.endRemoveRows()
            else:
                last = operation.first + len(operation.slots) - 1
                self.beginInsertRows(NOWHERE, operation.first, last)
                self._order[operation.first : operation.first] = operation.slots
                self.endInsertRows()
        self._set_order(order, rows)

    def row_of(self, slot: int) -> int | None:
        """The row of a slot; None when it is not shown."""
        rows = self.rows
        row = rows[slot] if 0 <= slot < len(rows) else -1
        return None if row < 0 else row

    @property
    def rows(self) -> array[int]:
        """What `row_numbers` makes of the order shown."""
        if self._rows is None:
            self._rows = row_numbers(self._order)
        return self._rows

    # What changes

    def set_visible(self, first: int, last: int) -> None:
        """Only rows `first` to `last` are on screen: changes elsewhere need no repaint."""
        self._visible = (first, last)

    def visible_slots(self) -> list[int]:
        """The slots of the rows on screen, from top to bottom."""
        first, last = self._on_screen()
        return self._order[first : last + 1]

    def changed(self, slots: Iterable[int]) -> None:
        """The values of these slots are others now."""
        if not self._order and self.texts.is_empty and not self._curves:
            return  # a home was loaded: of 100,000 runs nobody has seen one
        slots = frozenset(slots)
        section = self.texts.forget(slots)
        for key_and_slot in [pair for pair in self._curves if pair[1] in slots]:
            del self._curves[key_and_slot]
        self._repaint(slots)
        if section is not None:
            self._emit_changed(self._on_screen(), section, section)

    def show_stopping(self, slots: frozenset[int]) -> None:
        """Say of these runs that they are being stopped, and of no others."""
        self._repaint(self.texts.show_stopping(slots))

    def show_whole_labels(self, *, on: bool) -> None:
        """Show automatic labels as they are: the rows are in their order."""
        section = self.texts.show_whole_labels(on=on)
        if section is not None:
            self._emit_changed(self._on_screen(), section, section)

    def tick(self, *, with_times: bool = True) -> None:
        """Time has passed: durations of running runs and relative times read differently.

        Args:
            with_times: Relative times too; they change by the minute only.
        """
        value = self._columns.value
        is_running = any(value("status", slot) == "running" for slot in self.visible_slots())
        for section, column in enumerate(self._layout):
            is_time = with_times and column.kind == "time"
            if is_time:
                self.texts.forget_section(section)
            if is_time or (is_running and column.kind == "duration"):
                self._emit_changed(self._on_screen(), section, section)

    def set_curves(self, curves: dict[tuple[str, int], Curve]) -> None:
        """Take curves of sparkline cells, by column key and slot."""
        self._curves.update(curves)
        self._repaint(frozenset(slot for _, slot in curves))

    def missing_curves(self) -> list[tuple[str, int]]:
        """Column key and slot of sparkline cells on screen that have no curve yet."""
        sparks = [column for column in self._layout if column.kind == "spark"]
        return [
            (column.key, slot)
            for slot in self.visible_slots()
            for column in sparks
            if (column.key, slot) not in self._curves
            and self._columns.value(column.value_key, slot) is not None
        ]

    # Cells

    def curve(self, section: int, slot: int) -> Curve | None:
        """The curve of a sparkline cell, when it was read already."""
        return self._curves.get((self._layout[section].key, slot))

    # Qt overrides

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._order)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self._layout)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        return _FLAGS if index.isValid() else Qt.ItemFlag.NoItemFlags

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    def data(self, index: AnyIndex, role: int = DISPLAY) -> Any:
        if not index.isValid():
            return None
        section = index.column()
        if role == DISPLAY:
            return self.texts.text(section, self._order[index.row()])
        if role == ALIGNMENT:
            return RIGHT if self._layout[section].is_right else LEFT
        reader = self._READERS.get(role)
        return None if reader is None else reader(self, section, self._order[index.row()])

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = DISPLAY) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(self._layout):
            return None
        column = self._layout[section]
        if role == DISPLAY:
            return column.title
        if role == TOOLTIP:
            return plain_tip(full_title(column))
        if role == ALIGNMENT:
            return RIGHT if column.is_right else LEFT
        return None

    # Inside

    def _set_layout(self, layout: Sequence[Column]) -> None:
        self._layout = told_apart(layout)
        self.texts.set_layout(self._layout)

    def _set_order(self, order: list[int], rows: array[int] | None = None) -> None:
        self._order = order
        self._rows = rows

    def _run(self, _section: int, slot: int) -> Run:
        deleted = bool(self._columns.value("deleted", slot))
        ref = self._place.ref(self._columns.value("id", slot), deleted=deleted)
        return self._columns.run(slot, ref.path.parent)

    def _value(self, section: int, slot: int) -> Any:
        return self._columns.value(self._layout[section].value_key, slot)

    _READERS: ClassVar[dict[int, Callable[[RunTableModel, int, int], Any]]] = {
        TOOLTIP: lambda model, section, slot: model.texts.tooltip(section, slot),
        ACCESSIBLE: lambda model, section, slot: model.texts.accessible(section, slot),
        RunRole: _run,
        SlotRole: lambda _model, _section, slot: slot,
        SparkRole: curve,
        ValueRole: _value,
        NoteRole: lambda model, section, slot: model.texts.note(section, slot),
    }

    def _on_screen(self) -> tuple[int, int]:
        """First and last row on screen; all rows while no view has told."""
        first, last = self._visible or (0, len(self._order) - 1)
        return max(0, first), min(last, len(self._order) - 1)

    def _repaint(self, slots: frozenset[int]) -> None:
        """Tell of the rows on screen that show one of `slots`, stretch by stretch."""
        top = row = self._on_screen()[0]
        start: int | None = None
        for row, slot in enumerate(self.visible_slots(), start=top):
            if slot in slots:
                start = row if start is None else start
            elif start is not None:
                self._emit_changed((start, row - 1), 0, len(self._layout) - 1)
                start = None
        if start is not None:
            self._emit_changed((start, row), 0, len(self._layout) - 1)

    def _emit_changed(self, rows: tuple[int, int], left: int, right: int) -> None:
        first, last = rows
        if first <= last and left <= right:
            self.dataChanged.emit(self.index(first, left), self.index(last, right))


def row_numbers(order: Sequence[int]) -> array[int]:
    """The row of each slot, -1 for slots that are not in the order."""
    rows = array("i", [-1]) * (max(order, default=-1) + 1)
    for row, slot in enumerate(order):
        rows[slot] = row
    return rows
