"""The order of values of mixed types: what a table column sorts by."""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Sequence
from itertools import count
from typing import Any

from msgspec import Struct

from core.index.gentle_sort import gentle_sort
from core.text import flag_text, natural_key

_MANY = 20_000
"""So many slots are sorted by numpy; below, importing it would take longer than it saves."""

_EXACT = 2.0**53
"""Whole numbers below this are floats as well."""

_MOST_NEW = 50
"""One new text in fewer known ones than this, and all are ordered anew: that is quicker."""


class Ranks(Struct):
    """What a column is sorted by.

    Why numpy for many: 100,000 take 15 ms so, two thirds of them without Python's lock, 46 by
    Python (measured), and the window draws meanwhile.

    Attributes:
        by_slot: Numbers that are comparable with each other; None where a value is missing.
    """

    by_slot: Sequence[Any]
    _numbers: Any = None

    def sort(self, slots: Sequence[int], *, descending: bool = False) -> list[int]:
        """The slots by rank, those of missing values last in either direction; ties as given."""
        numbers = self._as_numbers() if len(slots) >= _MANY else None
        if numbers is None:
            ranks = self.by_slot
            missing = [slot for slot in slots if ranks[slot] is None]
            present = [slot for slot in slots if ranks[slot] is not None] if missing else slots
            return gentle_sort(present, ranks.__getitem__, descending=descending) + missing
        import numpy as np

        given = np.array(slots, dtype=np.int64)
        ranks = numbers[given]
        order = np.argsort(-ranks if descending else ranks, kind="stable")  # NaN last
        ordered: list[int] = given[order].tolist()
        return ordered

    def _as_numbers(self) -> Any:
        """As an array, NaN where a value is missing; None where floats would not do."""
        import numpy as np  # 100 ms that small homes do not need

        if self._numbers is None:
            try:
                numbers = np.array(self.by_slot, dtype=np.float64)
            except OverflowError:
                return None
            if np.any(np.abs(numbers) >= _EXACT):
                return None
            self._numbers = numbers
        return self._numbers


class KnownRanks:
    """The ranks of columns, kept until a column says something else.

    Texts are kept in their order: where few are new, as when some runs got another label, these are
    put between them. Ordering 75,000 different labels takes 0.8 s (measured).
    """

    def __init__(self) -> None:
        self._known: dict[str, tuple[list[Any], Ranks]] = {}
        self._orders: dict[str, list[str]] = {}

    def of(self, key: str, column: Sequence[Any], *, are_numbers: bool = False) -> Ranks:
        """The ranks of a column.

        Args:
            key: Names the column.
            column: What it says now; it may go on changing.
            are_numbers: Whether it has numbers only, none of which is NaN.
        """
        known = self._known.get(key)
        if known is not None and known[0] == column:
            return known[1]
        values = list(column)
        kinds = set(map(type, values)) - {type(None)}
        if kinds == {str}:
            ranks = self._ranks_of_texts(key, values)
        else:
            ranks = Ranks(values) if are_numbers else ranks_of(values)
        self._known[key] = (values, ranks)
        return ranks

    def clear(self) -> None:
        """Runs are gone."""
        self._known.clear()

    def _ranks_of_texts(self, key: str, values: Sequence[str | None]) -> Ranks:
        texts = {value for value in values if value is not None}
        ordered = [text for text in self._orders.get(key, ()) if text in texts]
        new = texts.difference(ordered)
        if len(new) * _MOST_NEW > len(texts):
            ordered = _ordered(texts)
        else:
            for text in new:
                insort(ordered, text, key=natural_key)
        self._orders[key] = ordered
        return _numbered(values, ordered)


def rank(values: Sequence[Any]) -> list[Any]:
    """Numbers that sort like the values: numbers, then texts in natural order, then NaN.

    Returns:
        One a value, comparable with each other; None where the value is None.
    """
    return list(ranks_of(values).by_slot)


def ranks_of(values: Sequence[Any]) -> Ranks:
    """As `rank`."""
    kinds = set(map(type, values)) - {type(None)}
    if kinds <= {float} and all(value == value for value in values):  # only NaN is unlike itself
        return Ranks(values)
    if kinds <= {str}:  # as labels are: each by itself, without what tells types apart
        return _numbered(values, _ordered({value for value in values if value is not None}))
    keys = [None if value is None else _hashable(value) for value in values]
    mixed = _ranks(set(keys) - {None})
    return Ranks([None if key is None else mixed[key] for key in keys])


def _numbered(values: Sequence[Any], ordered: Sequence[Any]) -> Ranks:
    """Ranks of values that are all among the ordered ones."""
    numbers = {value: number for number, value in enumerate(ordered)}
    return Ranks([None if value is None else numbers[value] for value in values])


def _ordered(texts: set[str]) -> list[str]:
    different = list(texts)
    keys = [natural_key(text) for text in different]
    # In pieces, by what is ready: comparing 100,000 texts in one go stops the window.
    return [different[place] for place in gentle_sort(range(len(different)), keys.__getitem__)]


def _ranks(keys: set[Any]) -> dict[Any, int]:
    ordered = _ordered({value for kind, value in keys if kind == 2})
    texts = {text: number for number, text in enumerate(ordered)}
    before = sorted(key for key in keys if key[0] < 2)
    ranks = dict(zip(before, count(), strict=False))
    ranks |= {(2, text): len(before) + place for text, place in texts.items()}
    return ranks | {(3, 0): len(before) + len(texts)}


def _hashable(value: Any) -> tuple[int, Any]:
    if isinstance(value, bool):
        return 0, int(value)
    if isinstance(value, float) and math.isnan(value):
        return 3, 0
    if isinstance(value, int | float):
        return 1, value
    return 2, value if isinstance(value, str) else flag_text(value)
