"""Which columns of the chosen runs can be axes, and their values; on a worker's thread."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct

from core.compare.axes import ValueAxis, are_numbers, suggests_log, value_axis, value_text
from core.compare.ticks import TickKind
from core.index.columns import RunColumns
from gui.plots.plot_paint import AxisLook
from gui.table.columns import common_scalars, describe

MOST_SCALARS = 400
MOST_WORDS = 40
"""A flag of more different words than these is no axis to begin with."""

_AGGREGATES = ("last", "min", "max", "first")
_FIELDS = ("started", "duration", "size", "operation", "status", "label", "host", "exit_status")
_TIMES = frozenset({"started", "stopped", "initialized"})

Nothing = Callable[[], None]


class AxisKeys(Struct, frozen=True):
    """Columns that can be axes.

    Attributes:
        varying: Flags on which the runs differ, those of most runs first.
        flags: The other flags, and those of very many words.
        scalars: Aggregates of scalars, as keys of columns.
        attributes: Attributes.
        scalar: The last value of the scalar that says most; empty where there is none.
    """

    varying: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    scalars: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    scalar: str = ""

    @property
    def all(self) -> tuple[str, ...]:
        """All of them, and fields."""
        return (*self.varying, *self.flags, *self.scalars, *_FIELDS, *self.attributes)


def axis_keys(columns: RunColumns, slots: Sequence[int], check: Nothing) -> AxisKeys:
    """What these runs can be laid out by, what varies first."""
    varying: list[str] = []
    crowded: list[str] = []
    same: list[str] = []
    for name, _ in sorted(columns.flag_names().items(), key=lambda item: (-item[1], item[0])):
        check()
        values = columns.values(f"flag:{name}")
        different = {None if values[s] is None else value_text(values[s]) for s in slots}
        if different == {None}:
            continue
        is_crowded = len(different) > MOST_WORDS and not are_numbers([values[s] for s in slots])
        kind = same if len(different) == 1 else crowded if is_crowded else varying
        kind.append(f"flag:{name}")
    counts = _scalar_counts(columns, slots)
    best = common_scalars(dict(counts))
    ordered = [*best, *(key for key, _ in counts.most_common() if key not in best)]
    scalars = [f"scalar:{a}:{key}" for key in ordered[:MOST_SCALARS] for a in _AGGREGATES]
    return AxisKeys(
        varying=tuple(varying),
        flags=(*crowded, *same),
        scalars=tuple(scalars),
        attributes=tuple(f"attr:{name}" for name in sorted(columns.attr_names())),
        scalar=f"scalar:last:{best[0]}" if best else "",
    )


def read_axis(
    columns: RunColumns, slots: Sequence[int], key: str, *, log: bool | None = None
) -> ValueAxis:
    """The axis of a column.

    Args:
        columns: What runs say.
        slots: The runs.
        key: The column.
        log: Logarithmic; None where that suits flags.
    """
    values: list[Any] = _values(columns, slots, key)
    if log is None:
        log = key.startswith("flag:") and suggests_log(values)
    return value_axis(key, values, log=log)


def look_of(axis: ValueAxis) -> AxisLook:
    """What the numbers of an axis mean."""
    kind: TickKind = "log" if axis.is_log else "number"
    if axis.kind == "words":
        kind = "words"
    elif axis.key in _TIMES and not axis.is_log:
        kind = "clock"
    elif axis.key == "duration" and not axis.is_log:
        kind = "duration"
    return AxisLook(kind, key_title(axis.key), axis.words)


def key_title(key: str) -> str:
    """What a column is called: of scalars with the aggregate, of others by their name."""
    if key.startswith("but:"):
        return f"all flags but {key[4:]}"
    return describe(key).title


def cell_text(key: str, value: Any) -> str:
    """A value as a readout shows it, with the words of the table."""
    return "–" if value is None else describe(key, (value,)).text(value)


def _values(columns: RunColumns, slots: Sequence[int], key: str) -> list[Any]:
    found = columns.values(key)
    if key in _TIMES:  # microseconds
        return [None if found[s] is None else found[s] / 1_000_000 for s in slots]
    return [found[slot] for slot in slots]


def _scalar_counts(columns: RunColumns, slots: Sequence[int]) -> Counter[str]:
    stored = columns.stored("scalar_keys")
    counts: Counter[str] = Counter()
    for text, number in Counter(stored[slot] for slot in slots if stored[slot]).items():
        for key in text.split("\n"):
            if "/.guild#" not in key:
                counts[key] += number
    return counts
