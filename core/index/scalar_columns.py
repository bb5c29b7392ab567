"""The scalars of all runs: packed as they are stored, unpacked into a list when one is shown."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from core.index.row import SUMMARY, SUMMARY_NAMES, unpack_summary
from core.runs.run import ScalarSummary

AGGREGATES = (*SUMMARY_NAMES, "avg")


class ScalarColumns:
    """Summaries by "AGGREGATE:KEY" and slot; None where a run has no such scalar.

    Args:
        fields: The stored fields, of which "scalar_keys" and "summaries" are read.
    """

    def __init__(self, fields: Mapping[str, list[Any]]) -> None:
        self._fields = fields
        self._columns: dict[str, list[Any]] = {}
        self._lock = threading.RLock()

    def value(self, name: str, slot: int) -> Any:
        """One number of one run, e.g. of "last:loss"."""
        column = self._columns.get(name)
        if column is not None and slot < len(column):
            return column[slot]
        return self._unpacked(name, slot)

    def column(self, name: str) -> list[Any]:
        """One number of all runs by slot. Shared: do not change it."""
        size = len(self._fields["scalar_keys"])
        column = self._columns.get(name)
        if column is None or len(column) < size:
            with self._lock:
                known = column or []
                more = [self._unpacked(name, slot) for slot in range(len(known), size)]
                column = self._columns[name] = known + more
        return column

    def refresh(self, slot: int) -> None:
        """The run's scalars are others now."""
        for name, column in list(self._columns.items()):
            if slot < len(column):
                column[slot] = self._unpacked(name, slot)

    def of(self, slot: int) -> dict[str, ScalarSummary]:
        """All scalars of a run."""
        keys, packed = self._fields["scalar_keys"][slot], self._fields["summaries"][slot]
        if not keys or not packed:
            return {}
        return {key: unpack_summary(packed, place) for place, key in enumerate(keys.split("\n"))}

    def _unpacked(self, name: str, slot: int) -> Any:
        aggregate, _, key = name.partition(":")
        keys, packed = self._fields["scalar_keys"][slot], self._fields["summaries"][slot]
        if not keys or not packed:
            return None
        try:
            place = keys.split("\n").index(key)
        except ValueError:
            return None
        return _aggregate(SUMMARY.unpack_from(packed, place * SUMMARY.size), aggregate)


def _aggregate(summary: tuple[Any, ...], aggregate: str) -> Any:
    if aggregate == "avg":
        return summary[8] / summary[9] if summary[9] else None
    return summary[SUMMARY_NAMES.index(aggregate)]
