"""What differs between two documents (JSON, YAML), value by value.

Why lists are compared by what is in them and not by number: with one item put in at the front,
every value behind it would be said to be another one. Items that are equal belong together; of
those between, maps with the same name (an `id`, a `name`) belong together, and others in the order
they are in, where both sides have as many. A value keeps the path it has in its document; where
the number of an item is another one on the right, both are said: `layers[2 → 3].size`.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import zip_longest
from typing import Any

from core.check import Check
from core.compare.diff_facts import (
    MOST_KEYS,
    Fact,
    diff_maps,
    fact_of,
    flat_values,
    joined_path,
)
from core.compare.diff_lines import match_sequences
from core.text import flag_text, natural_key

NAMES = ("id", "name", "key", "title")
"""Keys by whose values maps in a list are known, the first one that both sides have."""

Pair = tuple[int | None, int | None]
"""Numbers of two items that belong together; None where one side has none."""

_MISSING = object()


def diff_documents(left: Any, right: Any, check: Check) -> tuple[tuple[Fact, ...], bool]:
    """Every value of both documents in the order they are in, and whether that is all.

    Keys of maps are in natural order. A document that is nested too deeply for that is compared by
    the numbers of items.

    Args:
        left: The one before.
        right: The one after.
        check: Called often; raises to stop (core.errors.Cancelled).
    """
    try:
        walk = _Walk(check)
        walk.compare("", left, right)
    except RecursionError:
        (ours, has_ours), (theirs, has_theirs) = flat_values(left), flat_values(right)
        return diff_maps(ours, theirs), has_ours and has_theirs
    return tuple(walk.facts), walk.is_all


class _Walk:
    """Goes through two documents at once."""

    def __init__(self, check: Check) -> None:
        self.facts: list[Fact] = []
        self.is_all = True
        self._check = check
        self._marks: dict[int, tuple[Any, Hashable]] = {}  # by the object, which is kept alive

    def compare(self, path: str, left: Any, right: Any) -> None:
        """Find the facts of two values of the same place."""
        if len(self.facts) >= MOST_KEYS:
            self.is_all = False
            return
        if isinstance(left, dict) and isinstance(right, dict) and (left or right):
            for key in sorted({**left, **right}, key=_key_order):
                values = left.get(key, _MISSING), right.get(key, _MISSING)
                self._compare_part(joined_path(path, key), *values)
        elif isinstance(left, list) and isinstance(right, list) and (left or right):
            self._compare_lists(path, left, right)
        elif _is_leaf(left) and _is_leaf(right):
            self._add(fact_of(path, {path: left}, {path: right}))
        else:
            self._compare_part(path, left, _MISSING)
            self._compare_part(path, _MISSING, right)

    def _compare_part(self, path: str, left: Any, right: Any) -> None:
        """Compare a part that perhaps only one of both has."""
        if left is not _MISSING and right is not _MISSING:
            self.compare(path, left, right)
            return
        present = left if right is _MISSING else right
        values, is_all = flat_values(present, path)
        self.is_all &= is_all
        for name, value in values.items():
            sides = ({name: value}, {}) if right is _MISSING else ({}, {name: value})
            self._add(fact_of(name, *sides))

    def _compare_lists(self, path: str, left: list[Any], right: list[Any]) -> None:
        self._check()
        for x, y in self._pairs(left, right):
            values = _item(left, x), _item(right, y)
            number = f"{x} → {y}" if None not in (x, y) and x != y else x if y is None else y
            self._compare_part(f"{path}[{number}]", *values)

    def _add(self, fact: Fact) -> None:
        if len(self.facts) < MOST_KEYS:
            self.facts.append(fact)
        else:
            self.is_all = False
        if len(self.facts) % 1000 == 0:
            self._check()

    # Which items belong together

    def _pairs(self, left: list[Any], right: list[Any]) -> Iterator[Pair]:
        marks = [self._mark(each) for each in left], [self._mark(each) for each in right]
        x = y = 0
        ends = (len(left), len(right), 0)
        for same_x, same_y, count in [*match_sequences(*marks, self._check), ends]:
            yield from _between(left, right, (x, same_x), (y, same_y))
            yield from ((same_x + i, same_y + i) for i in range(count))
            x, y = same_x + count, same_y + count

    def _mark(self, value: Any) -> Hashable:
        """Equal for what is the same in files: 1 is not 1.0, nan is nan."""
        if not isinstance(value, (dict, list)):
            return flag_text(value)
        known = self._marks.get(id(value))
        if known is not None:
            return known[1]
        if isinstance(value, dict):
            parts = {flag_text(key): self._mark(each) for key, each in value.items()}
            mark: Hashable = hash((dict, frozenset(parts.items())))
        else:
            mark = hash((list, *map(self._mark, value)))
        self._marks[id(value)] = value, mark
        return mark


def _between(
    left: Sequence[Any], right: Sequence[Any], xs: tuple[int, int], ys: tuple[int, int]
) -> Iterator[Pair]:
    """Items of which none is equal to one of the other side."""
    names = _names(left[slice(*xs)]), _names(right[slice(*ys)])
    if names[0] and names[1]:
        known = match_sequences(*names)
        x, y = xs[0], ys[0]
        for same_x, same_y, count in [*known, (len(names[0]), len(names[1]), 0)]:
            yield from ((number, None) for number in range(x, xs[0] + same_x))
            yield from ((None, number) for number in range(y, ys[0] + same_y))
            yield from ((xs[0] + same_x + i, ys[0] + same_y + i) for i in range(count))
            x, y = xs[0] + same_x + count, ys[0] + same_y + count
    elif xs[1] - xs[0] == ys[1] - ys[0]:
        yield from zip(range(*xs), range(*ys), strict=True)
    else:
        yield from _in_order(left, right, xs, ys)


def _in_order(
    left: Sequence[Any], right: Sequence[Any], xs: tuple[int, int], ys: tuple[int, int]
) -> Iterator[Pair]:
    """Maps and lists beside each other, as what changed within them can be told; values apart."""
    if all(isinstance(each, (dict, list)) for each in (*left[slice(*xs)], *right[slice(*ys)])):
        yield from zip_longest(range(*xs), range(*ys))
        return
    yield from ((x, None) for x in range(*xs))
    yield from ((None, y) for y in range(*ys))


def _names(items: Sequence[Any]) -> list[str]:
    """By what maps are known; nothing where one of them cannot be known by the same key."""
    for key in NAMES:
        if items and all(isinstance(each, dict) and _is_name(each.get(key)) for each in items):
            names = [flag_text(each[key]) for each in items]
            return names if len(set(names)) == len(names) else []
    return []


def _is_name(value: Any) -> bool:
    return isinstance(value, (str, int)) and value != ""


def _is_leaf(value: Any) -> bool:
    return not isinstance(value, (dict, list)) or not value


def _item(items: Sequence[Any], number: int | None) -> Any:
    return _MISSING if number is None else items[number]


def _key_order(key: Any) -> Any:
    return natural_key(key if isinstance(key, str) else flag_text(key))
