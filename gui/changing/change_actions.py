"""When the actions that change runs can be used, and what the tip says when they cannot."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QObject, Slot

from gui.action_set import ActionSet
from gui.bound_actions import BoundActions
from gui.changing.run_changes import RunChanges
from gui.changing.running_words import elsewhere_sentence
from gui.changing.stopper import Stopper
from gui.table.run_list import RunList

MOST_LOOKED_AT = 20_000
"""In a larger selection the running runs of the home are looked for, not each run that is in it."""

_NO_RUN = "Select a run first."
_IN_TRASH = "Deleted runs cannot be changed: restore them first."


class ChangeActions(QObject):
    """Connects the actions of a window with what changes the runs of a home.

    Args:
        actions: Those of the window.
        runs: What is shown, and what of it is selected.
        changes: What they do.
        stopper: Knows which runs are being stopped.
        parent: Owner.
    """

    def __init__(
        self,
        actions: ActionSet,
        runs: RunList,
        changes: RunChanges,
        stopper: Stopper,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._actions = actions
        self._runs = runs
        self._stopper = stopper
        does: dict[str, Callable[[], object]] = {
            "run.mark": changes.mark,
            "run.stop": changes.stop,
            "run.delete": changes.delete,
            "run.restore": changes.restore,
            "run.purge": changes.purge,
            "run.empty-trash": changes.empty_trash,
        }
        self._ids = tuple(does)
        self._bound = BoundActions(actions, does)
        self._bound.bind()
        runs.selection_changed.connect(self.refresh)
        runs.view_changed.connect(self.refresh)
        runs.arranged.connect(self.refresh)
        stopper.changed.connect(self.refresh)
        self.refresh()

    def unbind(self) -> None:
        """Let go of the actions: the home is closed."""
        self.set_front(on=False)
        for id_ in self._ids:
            self._actions.set_enabled(id_, "No home is open.")

    def set_front(self, *, on: bool) -> None:
        """Whether the actions are about runs of this home: its table is what is shown."""
        if on == self._bound.is_bound:
            return
        if on:
            self._bound.bind()
            self.refresh()
        else:
            self._bound.unbind()

    @Slot()
    def refresh(self) -> None:
        """Enable what can be done with the selected runs in this place."""
        if not self._bound.is_bound:
            return
        deleted = self._runs.view.deleted
        nothing = "" if self._runs.selection.count() else _NO_RUN
        trashed = _IN_TRASH if deleted else nothing
        self._actions.set_enabled("run.mark", trashed)
        self._actions.set_enabled("run.stop", trashed or self._why_not_stop())
        gone = "These runs are in the trash already." if deleted else nothing
        self._actions.set_enabled("run.delete", gone)
        kept = nothing if deleted else "Only runs in the trash can be restored."
        self._actions.set_enabled("run.restore", kept)
        self._actions.set_enabled("run.purge", nothing)
        is_empty = not self._runs.columns.count(deleted=True)
        self._actions.set_enabled("run.empty-trash", "The trash is empty." if is_empty else "")

    def _why_not_stop(self) -> str:
        columns = self._runs.columns
        ids, statuses = columns.stored("id"), columns.stored("status")
        if self._runs.selection.count() > MOST_LOOKED_AT:
            slots = self._runs.selection.chosen_of(_places_of("running", statuses))
        else:
            slots = [s for s in self._runs.selected_slots() if statuses[s] == "running"]
        if not slots:
            return "None of the selected runs is running."
        hosts = {slot: host for slot in slots if (host := columns.value("remote", slot))}
        running = [ids[slot] for slot in slots if slot not in hosts]
        if not running:
            return elsewhere_sentence(len(hosts), set(hosts.values()), is_rest=False)
        is_left = any(run_id not in self._stopper.stopping for run_id in running)
        return "" if is_left else "They are being stopped already."


def _places_of(wanted: str, values: Sequence[str | None]) -> Iterator[int]:
    """Where a value stands in a list: a millisecond for 100,000 of them, where it is rare."""
    place = -1
    while True:
        try:
            place = values.index(wanted, place + 1)
        except ValueError:
            return
        yield place
