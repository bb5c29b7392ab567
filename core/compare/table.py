"""Runs beside each other: one column a specification, exact values, sorted in any order.

A table is a snapshot that never changes: it holds the values of the moment it was built, so a
window may show it on one thread while the index goes on on another. Runs that change or vanish
meanwhile are announced by the index; whoever shows the table then builds another. A run that was
gone already has an id and no values.

Build and sort on a worker's thread: 10,000 runs by 60 columns take a fifth of a second.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cached_property
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from core.compare.cells import Cells, ColumnCells, is_same, sort_rows
from core.compare.column_spec import ColumnSpec
from core.compare.scalar_cells import ScalarCells
from core.index.columns import RunColumns
from core.index.query_tree import Reference
from core.index.query_values import RunValues


class Source(Struct, frozen=True):
    """Where a column's values come from.

    Attributes:
        spec: What is shown.
        slots: The runs it is shown of; None for all.
    """

    spec: ColumnSpec
    slots: frozenset[int] | None = None


class Column(Struct, frozen=True):
    """One column: in each row the first value that is not missing.

    Attributes:
        header: What stands above it.
        sources: Where its values come from, those that are preferred first; at least one.
    """

    header: str
    sources: tuple[Source, ...]

    @property
    def spec(self) -> ColumnSpec:
        """What it shows first of all."""
        return self.sources[0].spec


def columns_of(specs: Iterable[ColumnSpec]) -> tuple[Column, ...]:
    """Columns of specifications; those of the same header become one, as in Guild."""
    found: dict[str, list[Source]] = {}
    for spec in specs:
        found.setdefault(spec.header, []).append(Source(spec))
    return tuple(Column(header, tuple(sources)) for header, sources in found.items())


class SortBy(Struct, frozen=True):
    """One level of sorting.

    Attributes:
        place: Place of a column in the table.
        descending: Whether the greatest comes first; NaN and what is missing come last either way.
    """

    place: int
    descending: bool = False


class CompareTable(Struct, frozen=True, dict=True):
    """Values of runs; rows are in the order shown.

    Attributes:
        columns: What is shown, from the left.
        ids: Id of each row's run.
        slots: Slot of each row's run in the index.
    """

    columns: tuple[Column, ...]
    ids: tuple[str, ...]
    slots: tuple[int, ...]
    _cells: tuple[ColumnCells, ...]
    _order: tuple[int, ...] | None = None  # row shown to row of the cells; None where the same

    def __len__(self) -> int:
        return len(self.ids)

    def value(self, row: int, place: int) -> Any:
        """One cell; None where the run has no such value."""
        return self._cells[place].value(row if self._order is None else self._order[row])

    def values(self, place: int) -> list[Any]:
        """One column in the order shown."""
        cells = self._cells[place]
        if self._order is None:
            return cells.values(range(len(self.ids)))
        return cells.values(self._order)

    def place_of(self, header: str) -> int | None:
        """The place of a column by its header; None where there is none."""
        return self._places.get(header)

    def row_of(self, run_id: str) -> int | None:
        """The row of a run; None where it is not in the table."""
        return self._rows_by_id.get(run_id)

    def sorted_by(self, levels: Sequence[SortBy]) -> CompareTable:
        """The same in another order; rows that are equal in all levels stay as they are."""
        before = self._order
        order = list(range(len(self)))
        for level in reversed(levels):
            ranks = self._cells[level.place].ranks
            shown = ranks if before is None else [ranks[row] for row in before]
            order = sort_rows(shown, order, descending=level.descending)
        return self.taken(order)

    def taken(self, rows: Sequence[int]) -> CompareTable:
        """Some of the rows, or all, in the order given."""
        before = self._order
        return replace(
            self,
            ids=tuple([self.ids[row] for row in rows]),
            slots=tuple([self.slots[row] for row in rows]),
            _order=tuple(rows) if before is None else tuple([before[row] for row in rows]),
        )

    def only(self, places: Iterable[int]) -> CompareTable:
        """Some of the columns, in the order given."""
        chosen = list(places)
        return replace(
            self,
            columns=tuple(self.columns[place] for place in chosen),
            _cells=tuple(self._cells[place] for place in chosen),
        )

    def differing(self) -> tuple[int, ...]:
        """Places of the columns that are not the same in all rows; none where there is one row."""
        return tuple(place for place in range(len(self.columns)) if self._differs(place))

    def _differs(self, place: int) -> bool:
        values = self._cells[place].present(self._shown)
        if len(values) < len(self):
            return bool(values)
        return any(not is_same(values[0], value) for value in values)

    @cached_property
    def _shown(self) -> Collection[int]:
        """Rows of the cells that are shown."""
        return range(len(self.ids)) if self._order is None else frozenset(self._order)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {column.header: place for place, column in enumerate(self.columns)}

    @cached_property
    def _rows_by_id(self) -> dict[str, int]:
        return {run_id: row for row, run_id in enumerate(self.ids)}


def build_table(
    runs: RunColumns,
    slots: Sequence[int],
    columns: Sequence[Column],
    *,
    now: int,
    check: Callable[[], None] = lambda: None,
) -> CompareTable:
    """The values of runs. Attributes that the index does not keep are read from disk.

    Args:
        runs: All runs of a home.
        slots: Those to be shown, in order.
        columns: What is to be shown of them.
        now: Current time in microseconds since 1970-01-01 UTC, for runs that still run.
        check: Called between columns; raises to stop.
    """
    reader = _Reader(runs, slots, now)
    cells = []
    for column in columns:
        check()
        cells.append(ColumnCells(reader.cells(column), len(slots)))
    ids = runs.stored("id")
    return CompareTable(tuple(columns), tuple([ids[s] for s in slots]), tuple(slots), tuple(cells))


class _Reader:
    """Reads columns of some runs; what several of them need is made once."""

    def __init__(self, runs: RunColumns, slots: Sequence[int], now: int) -> None:
        self._runs = runs
        self._slots = slots
        self._now = now

    def cells(self, column: Column) -> Cells:
        """The values of a column: of each row the first that is there."""
        found = [self._of(source) for source in column.sources]
        if len(found) == 1:
            return found[0]
        is_sparse = all(isinstance(cells, dict) for cells in found)
        merged: dict[int, Any] | list[Any] = {} if is_sparse else [None] * len(self._slots)
        for cells in reversed(found):
            for row, value in cells.items() if isinstance(cells, dict) else enumerate(cells):
                if value is not None:
                    merged[row] = value
        return merged

    def _of(self, source: Source) -> Cells:
        cells = self._read(source.spec)
        wanted = source.slots
        if wanted is None:
            return cells
        slots = self._slots
        if isinstance(cells, dict):
            return {row: value for row, value in cells.items() if slots[row] in wanted}
        return {row: cells[row] for row, slot in enumerate(slots) if slot in wanted}

    def _read(self, spec: ColumnSpec) -> Cells:
        if spec.kind == "scalar":
            return self._scalars.column(spec)
        if spec.kind == "flag":
            values = self._runs.values(f"flag:{spec.name}")
            return [values[slot] for slot in self._slots]
        found = self._attrs.of(Reference(spec.name, "attr"), self._slots)
        return [found[slot] for slot in self._slots]

    @cached_property
    def _scalars(self) -> ScalarCells:
        return ScalarCells(self._runs, self._slots)

    @cached_property
    def _attrs(self) -> RunValues:
        return RunValues(self._runs, self._now)
