"""Axes over the values of many runs: numbers, logarithms, or words in order.

Why a place for every value and not only for numbers: one flag may be 3 in one run and "auto" in
another, a scalar may be nan, and a run may have neither. On an axis of words each different value
has a place of its own; on one of numbers, what is no finite number has none (nan here), and is
counted, so that a plot can say how many runs it leaves out.
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import inf, isfinite, log10, nan
from typing import Any, Literal

from msgspec import Struct

from core.index.ranks import rank
from core.text import flag_text

AxisKind = Literal["numbers", "words"]

MOST_WORDS = 200  # more of them are one last place: nobody could tell them apart
REST = "others"


class ValueAxis(Struct, frozen=True):
    """The values of one column, laid out along an axis.

    Attributes:
        key: The column's key.
        kind: Whether places are numbers or the positions of words.
        places: Where each run is, in the order that was asked for: the number (its decimal
            logarithm on a logarithmic axis) or the word's position; nan where it has no place.
        words: The words by position; empty on an axis of numbers.
        is_log: Whether it is logarithmic.
        low: Least place.
        high: Greatest place; equal to `low` where all runs are at one.
        missing: How many runs have no place.
        different: How many different values there are.
    """

    key: str
    kind: AxisKind
    places: array[float]
    words: tuple[str, ...]
    is_log: bool
    low: float
    high: float
    missing: int
    different: int

    @property
    def can_be_log(self) -> bool:
        """Whether a logarithmic axis would show something."""
        return self.is_log or (self.kind == "numbers" and self.high > 0)


def value_axis(
    key: str, values: Sequence[Any], *, log: bool = False, words: bool = False
) -> ValueAxis:
    """Lay out the values of a column.

    Args:
        key: The column's key.
        values: One a run; None where it has none.
        log: Logarithmic, where these are numbers; what is not above 0 then has no place.
        words: Give each different value a place, though all may be numbers.
    """
    if not words and are_numbers(values):
        return _number_axis(key, values, log=log)
    return _word_axis(key, values)


def suggests_log(values: Iterable[Any]) -> bool:
    """Whether numbers are better seen on a logarithmic axis: positive and a hundredfold apart."""
    numbers = [v for v in map(as_number, values) if isfinite(v)]
    return len(numbers) > 1 and min(numbers) > 0 and max(numbers) / min(numbers) >= 100


def within(
    axes: Mapping[str, ValueAxis], brushes: Mapping[str, Sequence[tuple[float, float]]], count: int
) -> list[int]:
    """Positions of the runs that every brushed axis has in one of its ranges.

    Args:
        axes: Axes by key.
        brushes: Ranges of places by key; an axis without any says nothing.
        count: How many runs there are.
    """
    kept: Iterable[int] = range(count)
    for key, ranges in brushes.items():
        if ranges and key in axes:
            places = axes[key].places
            for_axis = tuple(ranges)
            kept = [i for i in kept if any(a <= places[i] <= b for a, b in for_axis)]
    return list(kept)


def as_number(value: Any) -> float:
    """A value as a number; nan where it is none. Yes and no are words."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return nan
    try:
        return float(value)
    except OverflowError:  # a whole number beyond floats
        return inf if value > 0 else -inf


def value_text(value: Any) -> str:
    """A value as one line of a plot shows it."""
    text = value if isinstance(value, str) else flag_text(value)
    return text if text.isprintable() else " ".join(text.split())


def number_text(value: float) -> str:
    """A number of an axis with the digits worth reading."""
    return f"{value:.6g}" if isfinite(value) else str(value)


def are_numbers(values: Iterable[Any]) -> bool:
    """Whether every value that is there is a number, nan and infinities included."""
    kinds = Counter(map(type, values))
    kinds.pop(type(None), None)
    return bool(kinds) and all(kind in (int, float) for kind in kinds)


def _number_axis(key: str, values: Sequence[Any], *, log: bool) -> ValueAxis:
    take: Callable[[float], float] = _logarithm if log else _finite
    places = array("d", (take(as_number(value)) for value in values))
    known = set(filter(isfinite, places))
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    missing = len(places) - sum(map(isfinite, places))
    return ValueAxis(key, "numbers", places, (), log, low, high, missing, len(known))


def _word_axis(key: str, values: Sequence[Any]) -> ValueAxis:
    texts = {value_text(value): value for value in values if value is not None}
    ranks = rank(list(texts.values()))
    ordered = [text for _, text in sorted(zip(ranks, texts, strict=True))]
    words = ordered[:MOST_WORDS] + ([REST] if len(ordered) > MOST_WORDS else [])
    position = {text: float(min(n, MOST_WORDS)) for n, text in enumerate(ordered)}
    places = array("d", (nan if v is None else position[value_text(v)] for v in values))
    missing = sum(value is None for value in values)
    high = float(max(0, len(words) - 1))
    return ValueAxis(
        key=key,
        kind="words",
        places=places,
        words=tuple(words),
        is_log=False,
        low=0.0,
        high=high,
        missing=missing,
        different=len(ordered),
    )


def _finite(value: float) -> float:
    return value if isfinite(value) else nan


def _logarithm(value: float) -> float:
    return log10(value) if 0 < value < inf else nan
