"""The order of columns that the user dragged about, kept while other columns come and go."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def arranged(
    items: Sequence[Item], order: Sequence[str], header_of: Callable[[Item], str]
) -> list[Item]:
    """Columns in a wished order; one that is not named in it stays behind its neighbour.

    Args:
        items: Columns in their own order.
        order: Headers; those of columns that are not there are passed over.
        header_of: The header of a column.
    """
    wished = {header: number for number, header in enumerate(order)}
    keys: list[tuple[int, int]] = []
    last = -1
    for number, item in enumerate(items):
        last = wished.get(header_of(item), last)
        keys.append((last, number))
    return [items[number] for _, number in sorted(keys)]


def merged(whole: Sequence[str], shown: Sequence[str]) -> tuple[str, ...]:
    """All headers, with those that are shown in their new order and the hidden ones kept near.

    Args:
        whole: Headers of all columns in the present order.
        shown: Some of them in the wished order.
    """
    return tuple(arranged(whole, shown, lambda header: header))
