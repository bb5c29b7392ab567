"""Which runs Compare, Plots, Diff and Images are about: those selected in the table, else all.

Why these runs are held while a page is looked at: a click on a row of the comparison, or on a
curve, selects that run so that the details are about it. Were the selection followed then, the
comparison would shrink under the pointer. So what is selected elsewhere than in the visible table
of runs only stands out; the runs stay the same ones until others are selected in that table.

Why a selection comes back with the table of runs: whoever picked twenty runs, or all, and clicked
at one of them in a page wanted to see that one, not to pick anew. So fewer than LEAST runs that
were selected in a page are a look: back in the table the runs of before are selected, and the one
that was looked at is the current one. Several (brushed, or clicked at with Ctrl) are a choice, and
so is a run that the user went to by a double click or Enter: they stay what is selected.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QObject, Signal, Slot

from core.index.columns import RunColumns
from gui.services import RunRef
from gui.table.automatic_labels import AutomaticLabels
from gui.table.run_list import RunList

LEAST = 2  # fewer selected runs than this are no choice: all that are shown are meant


class ChosenRuns(QObject):
    """The runs that the pages beside the table of runs are about.

    Args:
        runs: The table of runs: what it shows, and what of it is selected.
        parent: Owner.

    Signals:
        changed: These are other runs, or the same in another order.
        values_changed: Some of them say something else now (their slots, a frozenset).
        pinned_changed: The baseline is another run, or none.
        standing_out_changed: Others of them stand out.
        run_wanted: The user wants to see a run in the table of runs (its id).
    """

    changed = Signal()
    values_changed = Signal(object)
    pinned_changed = Signal()
    standing_out_changed = Signal()
    run_wanted = Signal(str)

    def __init__(self, runs: RunList, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._runs = runs
        # by id: a run that is deleted and comes back has another slot
        self._picked: frozenset[str] = frozenset()
        self._is_picked_in_trash = False
        self._slots: Sequence[int] = ()
        self._known: frozenset[int] | None = None
        self._is_selection = False
        self._is_held = False
        self._is_look = False
        self._is_applying = False
        self._pinned: str | None = None
        runs.about_to_apply.connect(self._on_about_to_apply)
        runs.applied.connect(self._on_applied)
        runs.arranged.connect(self._look)
        runs.selection_changed.connect(self._on_selection_changed)
        self._follow()

    # Which runs

    @property
    def columns(self) -> RunColumns:
        """What is known of all runs."""
        return self._runs.columns

    @property
    def labels(self) -> AutomaticLabels:
        """Short forms of automatic labels, as in the table of runs."""
        return self._runs.model.texts.labels

    @property
    def is_selection(self) -> bool:
        """Whether these are runs that the user selected, and not all that the filter shows."""
        return self._is_selection

    def slots(self) -> Sequence[int]:
        """Their slots in the table's order. Shared: do not change it."""
        return self._slots

    def ids(self) -> list[str]:
        """Their ids in the table's order."""
        ids = self.columns.stored("id")
        return [ids[slot] for slot in self._slots]

    def refs(self) -> list[RunRef]:
        """Which runs they are, and where they lie, in the table's order."""
        return [self._runs.ref(slot) for slot in self._slots]

    def ref(self, slot: int) -> RunRef:
        """Which run a slot is."""
        return self._runs.ref(slot)

    def take_selection(self) -> None:
        """Be about the runs that are selected now, also while a page is looked at.

        One selected run is no wish to be about all of them: the runs of before stay then.
        """
        if self._runs.selection.count() >= LEAST:
            self._follow()

    def hold(self, *, on: bool) -> None:
        """Whether selecting other runs leaves these as they are: the table of runs is hidden."""
        if self._is_held and not on and self._is_look:
            self._end_look()
        self._is_held = on

    def keep_selection(self) -> None:
        """What is selected now stays so in the table of runs: it is no mere look."""
        self._is_look = False

    # The baseline

    @property
    def pinned(self) -> str | None:
        """Id of the run that the others are measured against; None while there is none."""
        return self._pinned if self.pinned_slot() is not None else None

    @property
    def pin_kept(self) -> str | None:
        """The same, also while that run is not there: it may come back."""
        return self._pinned

    def pinned_slot(self) -> int | None:
        """The slot of the baseline, which may be none of the chosen runs."""
        if self._pinned is None:
            return None
        is_deleted = self._runs.view.deleted
        slot = self.columns.slot_of(self._pinned, is_deleted)
        return self.columns.slot_of(self._pinned, not is_deleted) if slot is None else slot

    def pin(self, run_id: str | None) -> None:
        """Measure the others against this run from now on; None against nothing."""
        if run_id != self._pinned:
            self._pinned = run_id
            self.pinned_changed.emit()

    # Selecting

    def select(self, run_ids: Iterable[str]) -> None:
        """Select runs in the table of runs: the details are about the first of them then."""
        wanted = list(run_ids)
        self._is_look = len(wanted) < LEAST
        self._runs.select_ids(wanted)

    def selected(self) -> list[int]:
        """Slots of those that are selected, in the table's order."""
        known = self._members()
        return [slot for slot in self._runs.selected_slots() if slot in known]

    def standing_out(self) -> list[int]:
        """Slots of those to be emphasised: the selected ones, none where all of them are."""
        slots = self.selected()
        return slots if len(slots) < len(self._slots) else []

    def current_slot(self) -> int | None:
        """The run that the details are about, if it is one of these."""
        slot = self._runs.current_slot()
        return slot if slot in self._members() else None

    # What others tell

    def tell_changes(self, slots: Iterable[int]) -> None:
        """The index heard news of these runs."""
        pinned = self.pinned_slot()
        known = self._members() if pinned is None else self._members() | {pinned}
        changed = known.intersection(slots)
        if changed:
            self.values_changed.emit(changed)

    # Inside

    def _follow(self) -> None:
        """Be about what is selected, or about all where that are too few."""
        count = self._runs.selection.count()
        self._picked = frozenset(self._runs.selected_ids() if count >= LEAST else ())
        self._is_picked_in_trash = self._is_trash()
        self._look()

    def _end_look(self) -> None:
        """Select what was selected before a page was looked at, still held: it is no news."""
        self._is_look = False
        if self._picked:
            current = self._runs.current_ref()
            self._runs.select_again(self._picked, current.id if current is not None else None)

    def _is_trash(self) -> bool:
        """Whether the rows of the table are deleted runs."""
        shown = self._runs.applied_view
        return shown is not None and shown.deleted

    def _members(self) -> frozenset[int]:
        if self._known is None:
            self._known = frozenset(self._slots)
        return self._known

    def _shown_of_picked(self) -> list[int]:
        """The picked runs that the table shows, in its order; a filter may hide some.

        One that was picked and then deleted is not selected in the trash.

        Looking through the table takes 0.07 ms a thousand rows; finding each of 10,000 picked
        runs in it took 10 ms.
        """
        if self._is_picked_in_trash != self._is_trash():
            return []
        ids, picked = self.columns.stored("id"), self._picked
        return [slot for slot in self._runs.model.order if ids[slot] in picked]

    # Slots

    @Slot()
    def _look(self) -> None:
        """See which runs are meant now, and tell if these are others."""
        shown = self._shown_of_picked() if self._picked else []
        is_selection = len(shown) >= LEAST
        slots = shown if is_selection else self._runs.model.order
        if is_selection == self._is_selection and slots == self._slots:
            return
        self._is_selection = is_selection
        self._slots = shown if is_selection else list(slots)
        self._known = None
        self.changed.emit()

    @Slot()
    def _on_about_to_apply(self) -> None:
        self._is_applying = True

    @Slot()
    def _on_applied(self) -> None:
        self._is_applying = False

    @Slot()
    def _on_selection_changed(self) -> None:
        """Rows that a filter hides were not deselected by anybody."""
        is_choice = self._picked or self._runs.selection.count() >= LEAST
        if is_choice and not self._is_held and not self._is_applying:
            self._follow()
        self.standing_out_changed.emit()
