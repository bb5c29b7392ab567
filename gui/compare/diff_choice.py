"""Which two of the chosen runs are compared.

At first the run that was made before with the one made after it; with a pinned run that one with
each of the others. What the user chose stays as long as both runs are among the chosen ones.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from gui.compare.chosen_runs import ChosenRuns
from gui.models.run_choice_model import RunChoice
from gui.plots.run_colours import run_colours
from gui.services import RunRef, Services

MOST_CHOICES = 500
"""Runs in either choice; more are chosen in the table of runs."""


class DiffChoice(QObject):
    """Two of the chosen runs.

    Args:
        chosen: The runs.
        services: Shared services.
        parent: Owner.

    Signals:
        changed: Other two runs are compared, or none.
        choices_changed: Other runs can be chosen, or they are called otherwise.
        news: One of the two says something else now.
    """

    changed = Signal()
    choices_changed = Signal()
    news = Signal()

    def __init__(self, chosen: ChosenRuns, services: Services, parent: QObject) -> None:
        super().__init__(parent)
        self._chosen = chosen
        self._colours = run_colours(chosen, services)
        self._slots: tuple[int, int] | None = None
        self._ids = ("", "")
        self._pinned: str | None = None
        self._is_watching = False
        chosen.changed.connect(self.look)
        chosen.pinned_changed.connect(self.look)
        chosen.values_changed.connect(self._on_values_changed)
        self._colours.changed.connect(self._on_colours_changed)

    @property
    def ids(self) -> tuple[str, str]:
        """Ids of the two; empty where there are none."""
        return self._ids

    @property
    def refs(self) -> tuple[RunRef, RunRef] | None:
        """Which runs they are; None where there are not two."""
        if self._slots is None:
            return None
        return self._chosen.ref(self._slots[0]), self._chosen.ref(self._slots[1])

    def names(self) -> tuple[str, str]:
        """Short names of the two."""
        return self._ids[0][:8], self._ids[1][:8]

    def choices(self) -> tuple[list[str], Callable[[int], RunChoice]]:
        """The runs that can be chosen, in the table's order, the pinned one always.

        Returns:
            Their ids, and what gives the run at a place.
        """
        columns, slots = self._chosen.columns, self._candidates()
        name_of = self._colours.namer(len(slots))
        ids = columns.stored("id")

        def choice_at(place: int) -> RunChoice:
            slot = slots[place]
            return RunChoice(ids[slot], name_of(slot), self._colours.colour(slot))

        return [ids[slot] for slot in slots], choice_at

    def choose(self, left: str, right: str) -> None:
        """Compare these two."""
        self._set(left, right)

    def watch(self, *, on: bool) -> None:
        """Follow what is chosen, from now on or no more."""
        self._is_watching = on
        if on:
            self.look()

    @Slot()
    def look(self) -> None:
        """See which runs can be compared now, if anybody watches."""
        if not self._is_watching:
            return
        slots = self._candidates()
        ids = [self._chosen.columns.value("id", slot) for slot in slots]
        is_other_pin = self._chosen.pinned != self._pinned
        self._pinned = self._chosen.pinned
        if len(ids) < 2:
            self._ids, self._slots = ("", ""), None
            self.choices_changed.emit()
            self.changed.emit()
            return
        if is_other_pin or not set(self._ids) <= set(ids) or not all(self._ids):
            self._set(*self._first_pair(ids))
        else:
            self._set(*self._ids)
        self.choices_changed.emit()

    # Inside

    def _candidates(self) -> list[int]:
        slots = list(self._chosen.slots()[:MOST_CHOICES])
        pinned = self._chosen.pinned_slot()
        if pinned is not None and pinned not in slots:
            slots.insert(0, pinned)
        return slots

    def _first_pair(self, ids: list[str]) -> tuple[str, str]:
        pinned = self._pinned
        if pinned is not None:
            kept = self._ids[1] if self._ids[1] in ids and self._ids[1] != pinned else ""
            return pinned, kept or next(each for each in ids if each != pinned)
        columns = self._chosen.columns
        pair = self._candidates()[:2]
        first = sorted(pair, key=lambda slot: columns.value("started", slot) or 0)
        return columns.value("id", first[0]), columns.value("id", first[1])

    def _set(self, left: str, right: str) -> None:
        by_id = {self._chosen.columns.value("id", slot): slot for slot in self._candidates()}
        if left not in by_id or right not in by_id:
            return
        slots = by_id[left], by_id[right]
        if slots != self._slots or (left, right) != self._ids:
            self._ids, self._slots = (left, right), slots
            self.changed.emit()

    @Slot()
    def _on_colours_changed(self) -> None:
        if self._is_watching:
            self.choices_changed.emit()

    @Slot(object)
    def _on_values_changed(self, slots: frozenset[int]) -> None:
        if self._slots is not None and not slots.isdisjoint(self._slots):
            self.news.emit()
