"""Which of twelve colours each run has: one of its own, its group's, or its value's.

Why twelve: of more, no choice of colours can be told apart by everybody (the twelve differ also
for eyes that lack one kind of cone). So up to twelve runs have a colour each, which a run keeps
while it stays among them; of more, runs with the same value share one; and numbers of more than
twelve values are a scale of twelve steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from itertools import count
from math import isfinite
from typing import Any

from msgspec import Struct

from core.compare.axes import are_numbers, number_text, suggests_log, value_axis, value_text
from core.index.columns import RunColumns
from core.index.ranks import rank

MOST = 12
NOTHING = "none"
OTHERS = "other values"
_FEW = 200  # of the flags, those looked at for one that tells runs apart


class Colouring(Struct, frozen=True):
    """The number of each run's colour, 0 to 11.

    Attributes:
        key: What decides: "" for the run itself, else a column's key.
        numbers: Number by slot.
        names: What each number means, for a legend; of single runs empty.
        is_scale: Whether the numbers are steps from a least to a greatest value.
    """

    key: str
    numbers: Mapping[int, int]
    names: Mapping[int, str]
    is_scale: bool = False


def colour_runs(slots: Sequence[int], before: Mapping[int, int]) -> Colouring:
    """A colour for each run; those that had one keep it, new ones take the first free.

    Args:
        slots: At most MOST runs; more begin again with the first colour.
        before: Colours that runs had.
    """
    kept: dict[int, int] = {}
    for slot in slots:
        number = before.get(slot)
        if number is not None and number < MOST and number not in kept.values():
            kept[slot] = number
    taken = set(kept.values())
    free = (number for number in count() if number not in taken)
    numbers = {slot: kept[slot] if slot in kept else next(free) % MOST for slot in slots}
    return Colouring("", numbers, {})


def colour_values(key: str, slots: Sequence[int], values: Sequence[Any]) -> Colouring:
    """A colour for each value of a column; without a value it is the last.

    Args:
        key: The column.
        slots: The runs.
        values: The value of each.
    """
    names = [NOTHING if value is None else value_text(value) for value in values]
    counts = Counter(names)
    is_many = len(counts) > MOST
    if is_many and are_numbers(values):
        return _scale(key, slots, values)
    shown = list(counts)
    if is_many:
        shown = [name for name, _ in counts.most_common(MOST - 1)]
    order = _in_order(shown, names, values)
    number_of = {name: number for number, name in enumerate(order)}
    last = len(order)
    legend = {number: name for name, number in number_of.items()}
    if is_many:
        legend[last] = OTHERS
    numbered = {slot: number_of.get(name, last) for slot, name in zip(slots, names, strict=True)}
    return Colouring(key, numbered, legend)


def colour_keys(runs: RunColumns) -> list[str]:
    """Columns that may decide colours, best first: flags, the operation, the status."""
    common = sorted(runs.flag_names().items(), key=lambda item: (-item[1], item[0]))
    return [*(f"flag:{name}" for name, _ in common[:_FEW]), "operation", "status"]


def best_key(
    slots: Sequence[int], keys: Sequence[str], value: Callable[[str, int], Any]
) -> str | None:
    """The column that colours many runs best: the first with 2 to 12 different values.

    Args:
        slots: The runs.
        keys: Columns, best first.
        value: Gives a cell.
    """
    for key in keys:
        different: set[Hashable] = set()
        for slot in slots:
            cell = value(key, slot)
            different.add(None if cell is None else value_text(cell))
            if len(different) > MOST:
                break
        if 1 < len(different) <= MOST:
            return key
    return None


def _in_order(shown: Sequence[str], names: Sequence[str], values: Sequence[Any]) -> list[str]:
    """Names in the order of their values: numbers, then texts, and what is missing last."""
    value_of = dict(zip(names, values, strict=True))
    ranks = rank([value_of[name] for name in shown])
    order = sorted(zip(shown, ranks, strict=True), key=lambda pair: (pair[1] is None, pair[1] or 0))
    return [name for name, _ in order]


def _scale(key: str, slots: Sequence[int], values: Sequence[Any]) -> Colouring:
    axis = value_axis(key, values, log=suggests_log(values))
    width = (axis.high - axis.low) / MOST or 1.0
    numbers = {
        slot: min(MOST - 1, int((place - axis.low) / width)) if isfinite(place) else 0
        for slot, place in zip(slots, axis.places, strict=True)
    }
    ends = (10**axis.low, 10**axis.high) if axis.is_log else (axis.low, axis.high)
    names = {0: number_text(ends[0]), MOST - 1: number_text(ends[1])}
    return Colouring(key, numbers, names, is_scale=True)
