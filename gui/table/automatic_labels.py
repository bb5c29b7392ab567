"""What a cell shows of an automatic label: what tells the run from others, first.

A run that nobody labelled has all of its flags for a label, by name. In a column such labels begin
alike ("batch_size=64 dropout=0.1 epochs=50 …") and what differs is cut off. So a cell shows first
what differs among the trials of the run's batch, then what differs among the runs of its operation,
and "…" for what is as in nearly all of these; flags of many values come before those of few, and
long values last. The label itself is untouched: tips, copies, searches, orders, and whoever edits
it have all of it.

Why nearly all, and of a sample: one run with another batch size says so itself, and need not make
the labels of a hundred others longer; nor does a run outside of the sample get lost. Looking
through the flags of 100,000 runs takes a tenth of a second.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from core.index.columns import RunColumns

_SAMPLE = 200  # runs of a batch or an operation
_LOOKED_THROUGH = 4_000  # runs of a home, for some of an operation
_FEW = 20
_USUAL = 0.9  # of the runs of a sample have a value that is not worth telling
_LONG = 16  # letters of a value that nobody reads to tell runs apart, as those of a digest
_MANY = 500
"""Of changes of more runs than this some are looked at. Finding out all anew each time, while
100,000 runs came in, made the next picture take 30 ms more."""

_Key = tuple[str, str]


class _Group(Struct, eq=False):
    """Runs that are told from each other.

    Attributes:
        usual: Flags that have one value in nearly all runs, and which.
        ranks: Where each of the other flags stands: what tells most of the runs apart comes first.
        sample: Slots of the runs that this was found out of.
        others: How many runs that came or changed since have another value.
    """

    usual: Mapping[str, Any]
    ranks: Mapping[str, int]
    sample: frozenset[int]
    others: int = 0


class AutomaticLabels:
    """Short forms of automatic labels; waits for nothing.

    Args:
        columns: The runs' values.
    """

    def __init__(self, columns: RunColumns) -> None:
        self._columns = columns
        self._groups: dict[_Key, _Group] = {}
        self._is_ready = False

    @property
    def is_ready(self) -> bool:
        """Whether flags are known; a label is shown as it is until then."""
        self._is_ready = self._is_ready or self._columns.known_flags(0) is not None
        return self._is_ready

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was found out of any run yet."""
        return not self._groups

    def text(self, slot: int, label: str, most: int = 0) -> str:
        """What a cell shows of a run's label; all of it where somebody typed it.

        Args:
            slot: The run.
            label: Its label.
            most: Letters that an automatic one is to have at most; 0 for any number.
        """
        if "=" not in label or not self.is_ready:
            return label
        flags = self._flags(slot)
        parts = parts_of(label, flags)
        if len(parts) < 2:
            return label
        order: dict[str, None] = {}
        for key in self._keys_of(slot):
            group = self._group(key)
            found = [name for name in parts if _differs(group.usual, name, flags[name])]
            order |= dict.fromkeys(sorted(found, key=lambda n: group.ranks.get(n, 0)))
        names = list(order or parts)
        while most and len(names) > 1 and len(" ".join(parts[name] for name in names)) > most:
            names.pop()
        return " ".join(parts[name] for name in names) + (" …" if len(names) < len(parts) else "")

    def look_at(self, slots: Iterable[int]) -> bool:
        """Runs are new or others than before; returns whether labels of others read differently."""
        slots = list(slots)
        if not self._groups or not self.is_ready:
            return False
        if len(slots) > _MANY:
            slots = list(_spread(slots))
        return sum(map(self._look_at, slots)) > 0  # each counts

    # Inside

    def _flags(self, slot: int) -> dict[str, Any]:
        return self._columns.known_flags(slot) or {}

    def _look_at(self, slot: int) -> bool:
        """Find out anew what is usual, where this run may change it."""
        if self._columns.value("deleted", slot) is None:
            return False
        flags, is_anew = self._flags(slot), False
        for key in self._keys_of(slot):
            group = self._groups.get(key)
            if group is None:
                continue
            group.others += any(_differs(flags, n, value) for n, value in group.usual.items())
            is_one_of_few = len(group.sample) < _FEW and slot not in group.sample
            if is_one_of_few or group.others > (1 - _USUAL) * len(group.sample):
                del self._groups[key]
                is_anew = True
        return is_anew

    def _keys_of(self, slot: int) -> Sequence[_Key]:
        """Groups of runs that this one is to be told from: the trials of its batch come first."""
        batch = self._columns.value("batch", slot)
        operation = ("operation", str(self._columns.value("operation", slot) or ""))
        return [("batch", str(batch)), operation] if batch else [operation]

    def _group(self, key: _Key) -> _Group:
        group = self._groups.get(key)
        if group is None:
            kind, name = key
            slots = self._trials(name) if kind == "batch" else self._runs_of(name)
            usual, ranks = _study([self._flags(slot) for slot in slots])
            group = self._groups[key] = _Group(usual, ranks, frozenset(slots))
        return group

    def _trials(self, batch_id: str) -> Sequence[int]:
        slots = (self._columns.slot_of(batch_id, deleted) for deleted in (False, True))
        batch = next((slot for slot in slots if slot is not None), None)
        return () if batch is None else _spread(self._columns.children(batch))

    def _runs_of(self, operation: str) -> Sequence[int]:
        operations, places = (self._columns.stored(name) for name in ("operation", "deleted"))
        count = len(self._columns)
        for step in (max(1, count // _LOOKED_THROUGH), 1):
            found = [
                slot
                for slot in range(0, count, step)
                if operations[slot] == operation and places[slot] is not None
            ]
            if len(found) >= _FEW:
                break
        return _spread(found)


def parts_of(label: str, flags: Mapping[str, Any]) -> dict[str, str]:
    """An automatic label as "name=value" by name; empty where it is none of these flags.

    Args:
        label: Any label.
        flags: The run's flags that are not null.
    """
    starts: list[tuple[str, int]] = []
    at = 0
    if not flags:
        return {}
    for name in sorted(flags, key=str):
        token = f"{name}="
        at = label.find(f" {token}", at) + 1 if starts else 0
        if (starts and not at) or not label.startswith(token, at):
            return {}
        starts.append((name, at))
    ends = [start - 1 for _, start in starts[1:]] + [len(label)]
    return {name: label[start:end] for (name, start), end in zip(starts, ends, strict=True)}


def _study(all_flags: Sequence[Mapping[str, Any]]) -> tuple[dict[str, Any], dict[str, int]]:
    """The flags that have one value in nearly all runs, and the ranks of the others."""
    usual: dict[str, Any] = {}
    weights: dict[str, tuple[bool, int, str]] = {}
    if len(all_flags) < 2:
        return usual, {}
    for name in {name for flags in all_flags for name in flags}:
        values = [flags.get(name) for flags in all_flags]
        counts = Counter(map(_text_of, values))
        text, count = counts.most_common(1)[0]
        if count >= _USUAL * len(values):
            usual[name] = next(value for value in values if _text_of(value) == text)
        lengths = sorted(len(text) for _, text in counts)
        weights[name] = (lengths[len(lengths) // 2] > _LONG, -len(counts), name)
    ranked = sorted(weights, key=weights.__getitem__)
    return usual, {name: place for place, name in enumerate(ranked)}


def _text_of(value: Any) -> tuple[type, str]:
    return value.__class__, repr(value)


def _differs(known: Mapping[str, Any], name: str, value: Any) -> bool:
    """Whether a flag has another value than is known; of another type is another, too."""
    found = known.get(name)
    return found.__class__ is not value.__class__ or bool(found != value)


def _spread(slots: Sequence[int]) -> Sequence[int]:
    return slots[:: max(1, len(slots) // _SAMPLE)][:_SAMPLE]
