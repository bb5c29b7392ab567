"""Keeps the selected and the current run the same ones while rows come, go and change places."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QItemSelectionModel, QObject, Signal

from gui.models.row_change import Insertion, RowChange
from gui.models.run_table_model import RunTableModel
from gui.table.run_selection import RunSelection, SelectedRows, rows_of

_NoUpdate = QItemSelectionModel.SelectionFlag.NoUpdate


class SelectionKeeper(QObject):
    """Remembers what the user selected, also where a filter hides it for a while.

    Args:
        model: The rows.
        selection: The selected rows.
        parent: Owner.

    Signals:
        selection_changed: Other runs are selected: by the user, or because some are gone.
        current_changed: The details are about another run now (its slot or None).
    """

    selection_changed = Signal()
    current_changed = Signal(object)

    def __init__(self, model: RunTableModel, selection: RunSelection, parent: QObject) -> None:
        super().__init__(parent)
        self._model = model
        self._selection = selection
        self._is_applying = False
        self._chosen: frozenset[int] = frozenset()
        self._user_chose = False
        self._current: int | None = None
        self._column = ""
        self._told_current: int | None = None
        selection.selectionChanged.connect(self._on_selection_changed)
        selection.currentChanged.connect(self._on_current_changed)

    def chosen(self) -> frozenset[int]:
        """What the user selected last, also the runs that a filter hides now."""
        if self._user_chose:
            self._chosen = frozenset(self._selection.slots())
            self._user_chose = False
        return self._chosen

    def current_slot(self) -> int | None:
        """The run that the details are about: the selected one that was touched last."""
        order, row = self._model.order, self._selection.currentIndex().row()
        if 0 <= row < len(order) and self._selection.has_slot(order[row]):
            return order[row]
        ranges = self._selection.row_ranges()
        return order[ranges[0][0]] if ranges and ranges[0][0] < len(order) else None

    def select(self, slots: Sequence[int]) -> int:
        """Select these runs and make the first current; returns how many of them are shown."""
        rows = [row for row in map(self._model.row_of, slots) if row is not None]
        if rows:
            self._go_to(rows[0])
        order = self._model.order
        self._selection.select_rows(rows_of(frozenset(slots), order, self._model.rows))
        return len(rows)

    def expect(self, slots: Iterable[int]) -> None:
        """Select these runs, too: those that are shown now, and the others when they are.

        Where the current run is not selected, as after a removal was taken back, the first of them
        becomes current: keys go on from there.
        """
        listed = list(slots)
        expected = frozenset(listed)
        self._chosen = self.chosen().union(expected)
        if listed and self._current not in self._chosen:
            self._current = listed[0]
        if not expected.isdisjoint(self._model.order):
            with self.applying():
                self._make_current()
                self._selection.add_slots(expected)
            self.tell_current()

    @contextmanager
    def applying(self) -> Iterator[None]:
        """While Qt loses or moves the selection, what it says of it is not the user's doing."""
        self.chosen()
        before = self._selection.count()
        self._is_applying = True
        try:
            yield
        finally:
            self._is_applying = False
        if self._selection.count() != before:
            self.selection_changed.emit()

    def restore(self, selected: SelectedRows, rows: array[int]) -> None:
        """After a reset: these rows are selected, and the same run is current."""
        slot = self._current
        if slot is not None and slot < len(rows) and rows[slot] >= 0 and self._model.layout:
            self._go_to(rows[slot])
        self._selection.select_rows(selected)

    def select_again(self, change: RowChange) -> None:
        """After row operations: runs that come back are selected if they were before."""
        back = {
            slot
            for operation in change
            if isinstance(operation, Insertion)
            for slot in self._chosen.intersection(operation.slots)
        }
        if back:
            self._selection.add_slots(back)
        if self._current in back:
            self._make_current()

    def _make_current(self) -> None:
        """Let Qt's current row be that of the current run, where it is shown."""
        row = None if self._current is None else self._model.row_of(self._current)
        if row is not None:
            self._go_to(row)

    def _go_to(self, row: int) -> None:
        """Make a row Qt's current one, in the column in which the keyboard was."""
        keys = self._model.keys
        column = keys.index(self._column) if self._column in keys else 0
        self._selection.setCurrentIndex(self._model.index(row, column), _NoUpdate)

    def tell_current(self) -> None:
        """Tell if the details are about another run now."""
        current = self.current_slot()
        if current != self._told_current:
            self._told_current = current
            self.current_changed.emit(current)

    # Slots

    def _on_selection_changed(self) -> None:
        if not self._is_applying:
            self._user_chose = True
            self.selection_changed.emit()
            self.tell_current()

    def _on_current_changed(self) -> None:
        if self._is_applying:
            return
        order, index = self._model.order, self._selection.currentIndex()
        row, keys = index.row(), self._model.keys
        self._current = order[row] if 0 <= row < len(order) else None
        self._column = keys[index.column()] if 0 <= index.column() < len(keys) else ""
        self.tell_current()
