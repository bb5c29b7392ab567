"""The order of values of mixed types: what a table column sorts by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from core.text import flag_text, natural_key


def rank(values: Sequence[Any]) -> list[Any]:
    """Numbers that sort like the values: numbers, then texts in natural order, then NaN.

    Returns:
        One a value, comparable with each other; None where the value is None.
    """
    if all(value is None or (type(value) is float and value == value) for value in values):
        return list(values)
    keys = [None if value is None else _hashable(value) for value in values]
    ordered = sorted(set(keys) - {None}, key=_sort_key)
    ranks = {key: place for place, key in enumerate(ordered)}
    return [None if key is None else ranks[key] for key in keys]


def _hashable(value: Any) -> tuple[int, Any]:
    if isinstance(value, bool):
        return 0, int(value)
    if isinstance(value, float) and math.isnan(value):
        return 3, 0
    if isinstance(value, int | float):
        return 1, value
    return 2, value if isinstance(value, str) else flag_text(value)


def _sort_key(key: Any) -> tuple[int, Any]:
    kind, value = key
    return kind, natural_key(value) if kind == 2 else value
