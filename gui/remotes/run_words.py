"""How a preview speaks of runs, from what is listed here or on a remote: as their tables do."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from core.index.columns import RunColumns
from gui.table.automatic_labels import AutomaticLabels

LONGEST = 60
"""Letters of an automatic label; where it has more, what tells the runs apart least is left out."""


class RunWords(NamedTuple):
    """What a run is called.

    Attributes:
        operation: What it executes; empty where that is not known.
        label: Its label.
        short: The label as a cell shows it; empty where that is the label.
    """

    operation: str = ""
    label: str = ""
    short: str = ""


Words = Callable[[str], RunWords]


def words_of(*places: RunColumns | None) -> Words:
    """What runs are called by the first of some tables that knows them.

    The function that is returned may be called by one thread at a time.
    """
    known = [(columns, AutomaticLabels(columns)) for columns in places if columns is not None]

    def words(run_id: str) -> RunWords:
        for columns, labels in known:
            slot = columns.slot_of(run_id)
            if slot is None:
                continue
            label = columns.value("label", slot) or ""
            short = labels.text(slot, label, LONGEST)
            operation = columns.value("operation", slot) or ""
            return RunWords(operation, label, short if short != label else "")
        return RunWords()

    return words
