"""Which runs of the table are selected, kept by run while rows come, go and change places.

Why not Qt's selection alone: Qt keeps it as ranges of rows. After a sort, 50,000 selected runs may
be 50,000 ranges; making them takes 0.7 s and every frame then 0.6 s (measured). So a selection
that falls apart into more than MAX_RANGES is kept as a set of slots beside Qt's, which stays
empty then. Whoever asks gets the union; the next plain click ends it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence, Set
from typing import Any, cast

from msgspec import Struct
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QItemSelectionRange, QObject

from gui.models.run_table_model import RunTableModel

MAX_RANGES = 400

_Flag = QItemSelectionModel.SelectionFlag


class SelectedRows(Struct, frozen=True):
    """Which rows of an order are selected.

    Attributes:
        ranges: First and last row of each stretch, from the top; none when there are too many.
        scattered: The slots instead, when there are more than MAX_RANGES stretches.
    """

    ranges: tuple[tuple[int, int], ...] = ()
    scattered: frozenset[int] = frozenset()


def rows_of(chosen: Set[int], order: Sequence[int], rows: array[int]) -> SelectedRows:
    """The rows of those chosen slots that are shown; takes some 10 ms for 100,000.

    Args:
        chosen: Slots.
        order: Slots by row.
        rows: Rows by slot, -1 where not shown.
    """
    if len(chosen) * 4 > len(order):  # looking through the table is quicker than sorting
        shown = [row for row, slot in enumerate(order) if slot in chosen]
    else:
        shown = sorted(rows[slot] for slot in chosen if slot < len(rows) and rows[slot] >= 0)
    ranges = _as_ranges(shown)
    if len(ranges) > MAX_RANGES:
        return SelectedRows(scattered=frozenset(order[row] for row in shown))
    return SelectedRows(tuple(ranges))


class RunSelection(QItemSelectionModel):
    """Qt's selection model, with a set of slots for what is too scattered for ranges."""

    def __init__(self, table_model: RunTableModel, parent: QObject) -> None:
        super().__init__(table_model, parent)
        self._table_model = table_model
        self._scattered: set[int] = set()

    def count(self) -> int:
        """How many runs are selected."""
        return len(self._scattered) + sum(last - first + 1 for first, last in self.row_ranges())

    def row_ranges(self) -> list[tuple[int, int]]:
        """First and last row of each range that Qt knows, from the top, none twice."""
        found = sorted({(span.top(), span.bottom()) for span in _spans(self.selection())})
        merged: list[tuple[int, int]] = []
        for first, last in found:
            if merged and first <= merged[-1][1] + 1:
                merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
            else:
                merged.append((first, last))
        return merged

    def slots(self) -> list[int]:
        """The slots of the selected runs, in the table's order."""
        order = self._table_model.order
        if self._scattered:
            rows = {row for first, last in self.row_ranges() for row in range(first, last + 1)}
            return [s for r, s in enumerate(order) if s in self._scattered or r in rows]
        return [slot for first, last in self.row_ranges() for slot in order[first : last + 1]]

    def rows_between(self, first: int, last: int) -> set[int]:
        """The selected rows from `first` to `last`, for painting."""
        rows: set[int] = set()
        for top, bottom in self.row_ranges():
            rows.update(range(max(first, top), min(last, bottom) + 1))
        if self._scattered:
            shown = enumerate(self._table_model.order[first : last + 1], start=first)
            rows.update(row for row, slot in shown if slot in self._scattered)
        return rows

    def has_slot(self, slot: int) -> bool:
        """Whether the run of a slot is selected."""
        row = self._table_model.row_of(slot)
        if row is None:
            return False
        return slot in self._scattered or any(a <= row <= b for a, b in self.row_ranges())

    def chosen_of(self, slots: Iterable[int]) -> list[int]:
        """Those of some slots whose runs are selected: quicker than `slots` for a few of them."""
        ranges, found = self.row_ranges(), []
        for slot in slots:
            row = self._table_model.row_of(slot)
            if row is None:
                continue
            if slot in self._scattered or any(first <= row <= last for first, last in ranges):
                found.append(slot)
        return found

    @property
    def is_scattered(self) -> bool:
        """Whether a part of the selection is unknown to Qt."""
        return bool(self._scattered)

    def select_rows(self, rows: SelectedRows) -> None:
        """Select exactly these rows."""
        if rows.scattered:
            self.clearSelection()
            self._scattered = set(rows.scattered)
            self._tell()
            return
        self._scattered = set()
        self.select(self._selection_of(rows.ranges), _Flag.ClearAndSelect | _Flag.Rows)

    def add_slots(self, slots: Iterable[int]) -> None:
        """Select these runs too, as far as they are shown."""
        numbers = self._table_model.rows
        found = (numbers[slot] for slot in frozenset(slots) if slot < len(numbers))
        rows = sorted(row for row in found if row >= 0)
        if rows:
            self.select(self._selection_of(_as_ranges(rows)), _Flag.Select | _Flag.Rows)

    def _selection_of(self, ranges: Sequence[tuple[int, int]]) -> QItemSelection:
        model = self._table_model
        selection = QItemSelection()
        right = model.columnCount() - 1
        if right < 0:
            return selection
        for first, last in ranges:
            selection.append(QItemSelectionRange(model.index(first, 0), model.index(last, right)))
        return selection

    def _without_scattered(self, spans: QItemSelection, command: _Flag) -> QItemSelection:
        """What Qt is to select after the scattered runs among `spans` were dealt with."""
        order = self._table_model.order
        rows = {row for span in _spans(spans) for row in range(span.top(), span.bottom() + 1)}
        known = {row for row in rows if order[row] in self._scattered}
        self._scattered -= {order[row] for row in known}
        if _Flag.Toggle in command:
            return self._selection_of(_as_ranges(sorted(rows - known)))
        return spans

    def _tell(self) -> None:
        """What Qt does not know of changed: its own signal may have been left out."""
        self.selectionChanged.emit(QItemSelection(), QItemSelection())

    # Qt overrides

    def select(self, what: Any, command: _Flag) -> None:
        if not isinstance(what, QItemSelection) or not self._scattered:
            super().select(what, command)
            return
        before = len(self._scattered)
        if _Flag.Clear in command:
            self._scattered = set()
        elif command & (_Flag.Toggle | _Flag.Select | _Flag.Deselect):
            what = self._without_scattered(what, command)
        super().select(what, command)
        if len(self._scattered) != before:
            self._tell()

    def clear(self) -> None:
        self._scattered = set()
        super().clear()

    def reset(self) -> None:
        self._scattered = set()
        super().reset()


def _spans(selection: QItemSelection) -> list[QItemSelectionRange]:
    return list(cast("Iterable[QItemSelectionRange]", selection))


def _as_ranges(rows: list[int]) -> list[tuple[int, int]]:
    """Sorted rows as first and last row of each stretch."""
    if rows and rows[-1] - rows[0] + 1 == len(rows):
        return [(rows[0], rows[-1])]
    ranges: list[tuple[int, int]] = []
    first = last = -2
    for row in rows:
        if row == last + 1:
            last = row
            continue
        if last >= 0:
            ranges.append((first, last))
        first = last = row
    if last >= 0:
        ranges.append((first, last))
    return ranges
