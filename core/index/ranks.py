"""The order of values of mixed types: what a table column sorts by."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import count
from typing import Any

from core.index.gentle_sort import gentle_sort
from core.text import flag_text, natural_key


def rank(values: Sequence[Any]) -> list[Any]:
    """Numbers that sort like the values: numbers, then texts in natural order, then NaN.

    Returns:
        One a value, comparable with each other; None where the value is None.
    """
    kinds = set(map(type, values)) - {type(None)}
    if kinds <= {float} and all(value == value for value in values):  # only NaN is unlike itself
        return list(values)
    if kinds <= {str}:  # as labels are: each by itself, without what tells types apart
        ranks = _text_ranks({value for value in values if value is not None})
        return [None if value is None else ranks[value] for value in values]
    keys = [None if value is None else _hashable(value) for value in values]
    mixed = _ranks(set(keys) - {None})
    return [None if key is None else mixed[key] for key in keys]


def _text_ranks(texts: set[str]) -> dict[str, int]:
    different = list(texts)
    keys = [natural_key(text) for text in different]
    # In pieces, by what is ready: comparing 100,000 texts in one go stops the window.
    ordered = gentle_sort(range(len(different)), keys.__getitem__)
    return {different[place]: number for number, place in enumerate(ordered)}


def _ranks(keys: set[Any]) -> dict[Any, int]:
    texts = _text_ranks({value for kind, value in keys if kind == 2})
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
