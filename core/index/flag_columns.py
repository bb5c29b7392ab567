"""The flags of all runs, one list a flag, decoded when they are first asked for."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from itertools import islice
from typing import Any

from core.index.row import decode_flags, decode_many_flags

_PIECE = 500
"""Runs whose flags are decoded at once: each alone takes twice as long."""


class FlagColumns:
    """Flag values by name and slot; None where a run has no such flag.

    Attributes:
        damaged: Slots of runs whose stored flags could not be understood.
    """

    def __init__(self) -> None:
        self._columns: dict[str, list[Any]] = {}
        self._nulls: dict[str, set[int]] = {}
        self._pending: dict[int, str] = {}
        self._texts: Callable[[], Sequence[str | None]] | None = None
        self._words: dict[str, str] = {}
        self._lock = threading.RLock()
        self.damaged: set[int] = set()

    def defer(self, texts: Callable[[], Sequence[str | None]]) -> None:
        """Forget all; the stored flags of all runs by slot are asked for when they are needed."""
        with self._lock:
            self._columns.clear()
            self._nulls.clear()
            self._pending.clear()
            self._texts = texts

    def take(self) -> None:
        """Ask for the stored flags, to be decoded later."""
        with self._lock:
            texts, self._texts = self._texts, None
            if texts is not None:
                self._pending = {slot: text for slot, text in enumerate(texts()) if text}

    def put(self, slot: int, text: str | None) -> None:
        """Replace the flags of a run by stored ones; None has none."""
        with self._lock:
            self.forget(slot)
            if text:
                self._set([slot], [decode_flags(text)])

    def copy(self, slots: Sequence[int], first: int) -> None:
        """The slots from `first` on have the same flags as these."""
        with self._lock:
            self.decode()
            for column in self._columns.values():
                size = len(column)
                values = [column[slot] if slot < size else None for slot in slots]
                if values.count(None) < len(values):
                    column.extend([None] * (first - size))
                    column[first : first + len(values)] = values
            for nulls in self._nulls.values():
                nulls.update(first + n for n, slot in enumerate(slots) if slot in nulls)

    def forget(self, slot: int) -> None:
        """The run has no flags any more."""
        with self._lock:
            self._pending.pop(slot, None)
            for column in self._columns.values():
                if slot < len(column):
                    column[slot] = None
            for nulls in self._nulls.values():
                nulls.discard(slot)

    def decode(self) -> None:
        """Decode what was loaded and not looked at yet."""
        if self._texts is None and not self._pending:
            return
        with self._lock:
            self.take()
            while self._pending:
                slots = list(islice(reversed(self._pending), _PIECE))
                texts = [self._pending[slot] for slot in slots]
                self._set(slots, self._decoded(slots, texts))
                for slot in slots:
                    del self._pending[slot]

    def names(self) -> set[str]:
        """Names of all flags that any run has or had."""
        self.decode()
        return set(self._columns)

    def nulls(self, name: str) -> Set[int]:
        """Slots of the runs that have a flag, but null. Shared: do not change it."""
        self.decode()
        return self._nulls.get(name, frozenset())

    def column(self, name: str, size: int) -> list[Any]:
        """The values of a flag by slot, at least `size` long. Shared: do not change it."""
        self.decode()
        with self._lock:
            column = self._columns.setdefault(name, [])
            column.extend([None] * (size - len(column)))
        return column

    def value(self, name: str, slot: int) -> Any:
        """One value; None when it was not decoded yet."""
        column = self._columns.get(name, ())
        return column[slot] if slot < len(column) else None

    def of(self, slot: int) -> dict[str, Any]:
        """All flags of a run but those that are null."""
        found = {name: self.value(name, slot) for name in sorted(self.names())}
        return {name: value for name, value in found.items() if value is not None}

    def known(self, slot: int) -> dict[str, Any] | None:
        """The flags of a run that are not null, in no order; None until all are decoded.

        Unlike `of` it never waits.
        """
        if self._texts is not None or self._pending:
            return None
        columns = list(self._columns.items())  # the index may add a flag meanwhile, on its thread
        found = {name: column[slot] for name, column in columns if slot < len(column)}
        return {name: value for name, value in found.items() if value is not None}

    def counts(self, slots: Iterable[int], size: int) -> dict[str, int]:
        """Flag name to the number of the slots that have it, where any has."""
        live = list(slots)
        columns = ((name, self.column(name, size)) for name in self.names())
        counts = (
            (name, sum(column[slot] is not None for slot in live)) for name, column in columns
        )
        return {name: count for name, count in counts if count}

    def _decoded(self, slots: Sequence[int], texts: Sequence[str]) -> Sequence[Mapping[str, Any]]:
        """The flags of several runs; where one is damaged, each is looked at by itself."""
        try:
            found = decode_many_flags(texts)
        except (ValueError, RecursionError):
            found = []
        return found if len(found) == len(texts) else list(map(self._sound, slots, texts))

    def _sound(self, slot: int, text: str) -> Mapping[str, Any]:
        try:
            return decode_flags(text)
        except (ValueError, RecursionError):
            self.damaged.add(slot)
            return {}

    def _set(self, slots: Sequence[int], found: Sequence[Mapping[str, Any]]) -> None:
        columns, words = self._columns, self._words
        for slot, flags in zip(slots, found, strict=True):
            for name, value in flags.items():
                column = columns.get(name)
                if column is None or len(column) <= slot:
                    column = columns.setdefault(name, [])
                    column.extend([None] * (slot + 1 - len(column)))
                column[slot] = words.setdefault(value, value) if value.__class__ is str else value
                if value is None:
                    self._nulls.setdefault(name, set()).add(slot)
