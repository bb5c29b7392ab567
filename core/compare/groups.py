"""Runs put together by what they have in common, e.g. all flags but the seed.

The spread is that of a sample (n - 1); a single value has none. Values that are missing or NaN
count nowhere, and `n` says how many did: a group of five runs of which one diverged has the mean
of four, and shows it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from core.compare.cells import is_nan
from core.compare.column_spec import ColumnSpec
from core.compare.table import CompareTable
from core.index.columns import RunColumns
from core.text import flag_text


@dataclass(frozen=True, slots=True)
class Summary:
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


@dataclass(frozen=True, slots=True)
class Group:
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


def flags_but(runs: RunColumns, slots: Sequence[int], names: Iterable[str]) -> list[ColumnSpec]:
    """All flags that any of the runs has, but some."""
    left_out = set(names)
    found = []
    for name in sorted(runs.names("flag") - left_out):
        values = runs.values(f"flag:{name}")
        if any(values[slot] is not None for slot in slots):
            found.append(ColumnSpec("flag", name))
    return found


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
        return "nan" if is_nan(value) else (value,)
    return type(value).__name__, flag_text(value)
