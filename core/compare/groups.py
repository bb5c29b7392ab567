"""Runs put together by what they have in common, e.g. all flags but the seed.

The spread is that of a sample (n - 1); a single value has none. Values that are missing or NaN
count nowhere, and `n` says how many did: a group of five runs of which one diverged has the mean
of four, and shows it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from core.compare.cells import ColumnCells, is_nan, sort_rows
from core.compare.column_spec import ColumnSpec
from core.compare.table import Column, CompareTable, build_table, columns_of
from core.compare.table_text import Grid
from core.index.columns import RunColumns
from core.index.query_values import COMPUTED
from core.text import flag_text


class Summary(Struct, frozen=True):
    """The numbers of one column within a group.

    Attributes:
        mean: Their mean.
        deviation: Their standard deviation; None where there is one number only.
        least: The smallest.
        most: The largest.
        n: How many numbers there are; at least 1.
    """

    mean: float
    deviation: float | None
    least: float
    most: float
    n: int


class Group(Struct, frozen=True):
    """Runs that have something in common.

    Attributes:
        values: What they have in common, one value a column that is grouped by.
        rows: Their rows in the table, in its order.
    """

    values: tuple[Any, ...]
    rows: tuple[int, ...]


def group_rows(table: CompareTable, places: Sequence[int]) -> tuple[Group, ...]:
    """Groups of the rows that are equal in some columns, in the order of their first rows.

    Numbers are equal by value (1 is 1.0), a missing value is a value like others. Without columns
    all rows are one group.
    """
    columns = [table.values(place) for place in places]
    keys = [[_key(value) for value in column] for column in columns]
    found: dict[tuple[Any, ...], list[int]] = {}
    for row in range(len(table)):
        found.setdefault(tuple([column[row] for column in keys]), []).append(row)
    return tuple(
        Group(tuple(column[rows[0]] for column in columns), tuple(rows)) for rows in found.values()
    )


def summarise(values: Iterable[Any]) -> Summary | None:
    """The mean and so on of the numbers among some values; None where there is none."""
    numbers = [v for v in values if type(v) in (int, float) and not is_nan(v)]
    if not numbers:
        return None
    n = len(numbers)
    try:
        mean = math.fsum(numbers) / n
        deviation = (
            math.sqrt(math.fsum((v - mean) ** 2 for v in numbers) / (n - 1)) if n > 1 else None
        )
    except (OverflowError, ValueError):  # infinities, or sums beyond them: Python knows no answer
        mean, deviation = _unbounded_mean(numbers), math.nan if n > 1 else None
    return Summary(mean, deviation, min(numbers), max(numbers), n)


class GroupedTable(Struct, frozen=True, dict=True):
    """Groups of a table's runs, with the numbers of their scalars; it never changes.

    Attributes:
        keys: What the runs of a group have in common.
        table: The runs.
        groups: In the order shown.
        places: Columns of the table that are summed up.
    """

    keys: tuple[Column, ...]
    table: CompareTable
    groups: tuple[Group, ...]
    places: tuple[int, ...]

    def summary(self, group: Group, place: int) -> Summary | None:
        """The numbers of one column of the table within a group; None where it has none."""
        key = (place, group.rows[0])  # no run is in two groups
        if key not in self._summaries:
            if place not in self._values:
                self._values[place] = self.table.values(place)
            values = self._values[place]
            self._summaries[key] = summarise(values[row] for row in group.rows)
        return self._summaries[key]

    def ids(self, group: Group) -> list[str]:
        """Ids of the runs of a group."""
        return [self.table.ids[row] for row in group.rows]

    def sorted_by(self, place: int, *, descending: bool = False) -> GroupedTable:
        """The same by the mean of a column of the table; groups without numbers come last."""
        means = [found.mean if (found := self.summary(g, place)) else None for g in self.groups]
        order = sort_rows(ColumnCells(means, len(means)).ranks, descending=descending)
        return replace(self, groups=tuple(self.groups[n] for n in order))

    def first(self, count: int | None) -> GroupedTable:
        """The first groups only; all of them for None."""
        return replace(self, groups=self.groups[:count])

    @cached_property
    def _summaries(self) -> dict[tuple[int, int], Summary | None]:
        return {}

    @cached_property
    def _values(self) -> dict[int, list[Any]]:
        return {}


def group_table(
    runs: RunColumns, table: CompareTable, specs: Iterable[ColumnSpec], *, now: int
) -> GroupedTable:
    """Put the runs of a table into groups that are equal in some columns.

    Args:
        runs: All runs of the home.
        table: The runs, and the columns of which scalars are summed up.
        specs: What the runs of a group are to have in common; need not be in the table.
        now: Current time in microseconds since 1970-01-01 UTC.
    """
    keys = columns_of(specs)
    groups = group_rows(build_table(runs, table.slots, keys, now=now), range(len(keys)))
    headers = {key.header for key in keys}
    places = tuple(
        place
        for place, column in enumerate(table.columns)
        if column.spec.kind == "scalar" and column.header not in headers
    )
    return GroupedTable(keys, table, groups, places)


def flags_but(runs: RunColumns, slots: Sequence[int], names: Iterable[str]) -> list[ColumnSpec]:
    """All flags that any of the runs has, but some."""
    left_out = set(names)
    found = []
    for name in sorted(runs.names("flag") - left_out):
        values = runs.values(f"flag:{name}")
        if any(values[slot] is not None for slot in slots):
            found.append(ColumnSpec("flag", name))
    return found


def group_columns(runs: RunColumns, specs: Iterable[ColumnSpec]) -> list[ColumnSpec]:
    """What a user means to group by: a name alone is a flag or an attribute before a scalar."""
    flags, attributes = runs.names("flag"), runs.names("attr") | set(COMPUTED)
    found = []
    for spec in specs:
        is_bare = spec.kind == "scalar" and spec.aggregate is None and not spec.step
        if is_bare and spec.name in flags:
            spec = replace(spec, kind="flag")
        elif is_bare and spec.name in attributes:
            spec = replace(spec, kind="attr")
        found.append(spec)
    return found


def group_grid(grouped: GroupedTable, *, counts: bool = True) -> Grid:
    """The groups as a table: what they have in common, n, and the numbers of each scalar.

    Args:
        grouped: The groups.
        counts: Whether to say of each scalar how many runs have it.
    """
    names = ("mean", "std", "min", "max", "n") if counts else ("mean", "std", "min", "max")
    columns = grouped.table.columns
    headers = [key.header for key in grouped.keys] + ["n"]
    headers += [f"{columns[place].header} {name}" for place in grouped.places for name in names]
    return Grid(
        tuple(headers), [_group_row(grouped, group, len(names)) for group in grouped.groups]
    )


def _group_row(grouped: GroupedTable, group: Group, count: int) -> list[Any]:
    row = [*group.values, len(group.rows)]
    for place in grouped.places:
        found = grouped.summary(group, place)
        numbers: list[Any] = [None] * 4 + [0]
        if found is not None:
            numbers = [found.mean, found.deviation, found.least, found.most, found.n]
        row += numbers[:count]
    return row


def _unbounded_mean(numbers: Sequence[float]) -> float:
    try:
        return float(sum(numbers)) / len(numbers)
    except OverflowError:
        return math.nan


def _key(value: Any) -> Any:
    """Something that is equal where values are the same, and can be looked up."""
    if value is None or type(value) is str:
        return value
    if type(value) in (int, float):
        return ("nan",) if is_nan(value) else (value,)
    return type(value).__name__, flag_text(value)
