"""The values of one column of a table, and the order they sort in."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Sequence
from functools import cached_property
from typing import Any, Final

from core.index.gentle_sort import gentle_sort
from core.index.ranks import rank

Cells = Sequence[Any] | dict[int, Any]
"""A column by row: a list, or a map where most rows have nothing."""

UNORDERED: Final = object()
"""Stands for NaN among ranks: it is neither before nor behind a number."""


class ColumnCells:
    """One column; it never changes.

    Args:
        cells: Its values.
        rows: How many rows there are.
    """

    def __init__(self, cells: Cells, rows: int) -> None:
        self._cells = cells
        self._rows = rows

    def value(self, row: int) -> Any:
        """One value; None where there is none."""
        cells = self._cells
        return cells.get(row) if isinstance(cells, dict) else cells[row]

    def values(self, rows: Iterable[int]) -> list[Any]:
        """The values of some rows."""
        cells = self._cells
        if isinstance(cells, dict):
            return [cells.get(row) for row in rows]
        return [cells[row] for row in rows]

    def present(self, rows: Collection[int]) -> list[Any]:
        """The values of some rows that are there, in no particular order."""
        cells = self._cells
        if isinstance(cells, dict):
            return [v for row, v in cells.items() if v is not None and row in rows]
        return [value for row in rows if (value := cells[row]) is not None]

    @cached_property
    def ranks(self) -> list[Any]:
        """What the rows sort by, made when first asked for; None where missing, or UNORDERED."""
        values = self.values(range(self._rows))
        ranks = rank(values)
        if float not in set(map(type, values)):
            return ranks
        return [UNORDERED if is_nan(value) else ranks[row] for row, value in enumerate(values)]


def sort_rows(
    ranks: Sequence[Any], order: Sequence[int] | None = None, *, descending: bool = False
) -> list[int]:
    """Rows by their ranks; NaN comes behind them, and what is missing last of all.

    Args:
        ranks: As ColumnCells has them.
        order: The rows as they are; None where they are in order.
        descending: Whether the greatest comes first.
    """
    rows = list(range(len(ranks))) if order is None else list(order)
    missing = [row for row in rows if ranks[row] is None]
    unordered = [row for row in rows if ranks[row] is UNORDERED]
    if missing or unordered:
        rows = [row for row in rows if ranks[row] is not None and ranks[row] is not UNORDERED]
    return gentle_sort(rows, ranks.__getitem__, descending=descending) + unordered + missing


def is_nan(value: object) -> bool:
    """Whether a value is the number that is no number."""
    return isinstance(value, float) and math.isnan(value)


def is_same(one: Any, other: Any) -> bool:
    """Whether two values show the same: types matter (1 is not true), and NaN is NaN."""
    if one is other:
        return True
    if isinstance(one, bool) is not isinstance(other, bool):
        return False
    return bool(one == other) or (is_nan(one) and is_nan(other))
