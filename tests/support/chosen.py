"""Chosen runs over a store on disk, without a window around them."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, Signal

from core.index.columns import RunColumns
from gui.services import RunRef
from gui.table.automatic_labels import AutomaticLabels


class Chosen(QObject):
    """The interface of `gui.compare.chosen_runs.ChosenRuns`, whose runs a test chooses itself."""

    changed = Signal()
    values_changed = Signal(object)
    pinned_changed = Signal()
    standing_out_changed = Signal()
    run_wanted = Signal(str)

    def __init__(self, columns: RunColumns, runs_dir: Path) -> None:
        super().__init__()
        self.columns = columns
        self.labels = AutomaticLabels(columns)
        self.runs_dir = runs_dir
        self.selected: list[str] = []
        self._slots = columns.slots()
        self._standing_out: list[int] = []

    def slots(self):
        return self._slots

    def ref(self, slot):
        run_id = self.columns.value("id", slot)
        return RunRef(run_id, self.runs_dir / run_id)

    def standing_out(self):
        return self._standing_out

    def select(self, run_ids):
        self.selected = list(run_ids)
        self._standing_out = [
            slot for slot in self._slots if self.columns.value("id", slot) in self.selected
        ]
        self.standing_out_changed.emit()

    def choose(self, slots):
        self._slots = list(slots)
        self._standing_out = []
        self.changed.emit()
