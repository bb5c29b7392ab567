"""What the actions do while the runs of a remote are in front, or those in its trash.

A run is a run: they are the same actions as at home. What is selected in the home's table behind
it must not be touched, so they are this module's then and nobody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Slot

from core.jobs import JobContext
from core.runs.change import SetMark
from core.text import format_bytes, plural
from gui.commands import MARKING, UNMARKING, DeleteRuns, PurgeRuns, RestoreRuns
from gui.dialogs.runs_question import MOST_NAMES, Question, RunsQuestion
from gui.job_bridge import Latest
from gui.main_window import MainWindow
from gui.remotes.far_tidying import FarTidying
from gui.remotes.stop_there import StopThere
from gui.run_list import RunList
from gui.run_names import run_name
from gui.services import Services

Sizes = Callable[[Sequence[str], Callable[[], None]], dict[str, int]]
"""Asks the host how large runs are (their ids, called while waiting)."""

_NO_RUN = "Select a run first."
_IDLE = "None of the selected runs is running."
_EMPTY = "The trash is empty."
_SIZES_AT_ONCE = 200


class FarActions(QObject):
    """Connects some actions of a window with the selected runs of one remote.

    Args:
        tidying: Changes them.
        runs: As they are shown.
        sizes: Finds out how large they are.
        window: Its actions.
        services: Shared services of the window.
        parent: Owner.
    """

    def __init__(
        self,
        tidying: FarTidying,
        runs: RunList,
        sizes: Sizes,
        window: MainWindow,
        services: Services,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._place = tidying.place
        self._tidying = tidying
        self._changer = tidying.changer
        self._runs = runs
        self._sizes = sizes
        self._window = window
        self._theme = services.theme
        self._question = Latest(services.bridge, f"sizes {self._place.name}", self)
        self._does = self._actions()
        self._is_bound = False
        runs.selection_changed.connect(self.refresh)
        runs.arranged.connect(self.refresh)

    def _actions(self) -> dict[str, Callable[[], object]]:
        """What each action does."""
        raise NotImplementedError

    def bind(self) -> None:
        """The runs are in front: the actions are about them."""
        if not self._is_bound:
            self._is_bound = True
            for id_, do in self._does.items():
                self._window.actions_by_id[id_].triggered.connect(do)
            self._tidying.bar.set_front(on=True)
            self.refresh()

    def unbind(self) -> None:
        """They are not in front any more."""
        if self._is_bound:
            self._is_bound = False
            self._question.drop()
            for id_, do in self._does.items():
                self._window.actions_by_id[id_].triggered.disconnect(do)
                self._window.actions_by_id.set_enabled(id_, _NO_RUN)
            self._tidying.bar.set_front(on=False)

    @Slot()
    def refresh(self) -> None:
        """Enable what can be done with the selected runs."""
        if self._is_bound:
            for id_ in self._does:
                self._window.actions_by_id.set_enabled(id_, self._why_not(id_))

    # Inside

    def _why_not(self, _id: str) -> str:
        """Why an action cannot be used now; empty where it can."""
        return "" if self._runs.selection.count() else _NO_RUN

    def _selected(self) -> tuple[str, ...]:
        """The selected runs but those that are being changed already."""
        going = self._changer.busy_ids
        return tuple(run_id for run_id in self._runs.selected_ids() if run_id not in going)

    def _ask(self, question: Question, go: Callable[[], object]) -> RunsQuestion:
        dialog = RunsQuestion(question, self._theme, self._window)
        dialog.agreed.connect(lambda _also: go())
        dialog.open()
        return dialog

    def _names(self, ids: Sequence[str]) -> list[str]:
        columns = self._runs.columns
        slots = [columns.slot_of(run_id) for run_id in ids[:MOST_NAMES]]
        return [run_name(columns, slot) for slot in slots if slot is not None]

    def _ask_purge(self, ids: tuple[str, ...], *, from_trash: bool) -> None:
        if not ids:
            return
        where = "" if from_trash else ", not moved to the trash"
        question = Question(
            "purgeQuestion",
            f"Delete {plural(len(ids), 'run')} on {self._place.name} permanently?",
            f"The files on the host are erased{where}. This cannot be undone.",
            self._names(ids),
            lambda count: f"Delete {plural(count, 'Run')} Permanently",
            len(ids),
            has_size=True,
        )
        command = PurgeRuns(self._place, ids, from_trash)
        dialog = self._ask(question, lambda: self._changer.do(command))
        work = partial(_count_sizes, self._sizes, ids)
        self._question.ask(
            "Count the size of runs",
            work,
            dialog.show_size,
            lambda error: dialog.show_size(f"Their size is not known: {error}."),
            dialog.show_size,
        )
        dialog.finished.connect(self._question.drop)


class FarRunActions(FarActions):
    """Marks, stops, deletes and erases runs of a remote."""

    def _actions(self) -> dict[str, Callable[[], object]]:
        return {
            "run.mark": self.mark,
            "run.stop": self.stop,
            "run.delete": self.delete,
            "run.purge": self.purge,
        }

    def _why_not(self, id_: str) -> str:
        why_not = super()._why_not(id_)
        if id_ == "run.stop" and not why_not and not self._running():
            return _IDLE
        return why_not

    def _running(self) -> tuple[str, ...]:
        columns, slots = self._runs.columns, self._runs.selected_slots()
        ids, statuses = columns.stored("id"), columns.stored("status")
        return tuple(ids[slot] for slot in slots if statuses[slot] == "running")

    @Slot()
    def mark(self) -> None:
        """Mark the selected runs, or take the mark off where all of them have it."""
        self.mark_slots(self._runs.selected_slots())

    def mark_slots(self, slots: Sequence[int]) -> None:
        """Mark these runs, or take the mark off where all of them have it."""
        columns = self._runs.columns
        is_on = not all(columns.value("marked", slot) for slot in slots)
        ids = [columns.value("id", slot) for slot in slots]
        self._changer.apply(ids, SetMark(is_on), MARKING if is_on else UNMARKING)

    @Slot()
    def delete(self) -> None:
        """Move the selected runs to the trash of their host."""
        self._changer.do(DeleteRuns(self._place, self._selected()))

    @Slot()
    def purge(self) -> None:
        """Ask, and erase the selected runs for ever."""
        self._ask_purge(self._selected(), from_trash=False)

    @Slot()
    def stop(self) -> None:
        """Ask, and end the processes of the selected runs that are running there."""
        ids = self._running()
        question = Question(
            "stopQuestion",
            f"Stop {plural(len(ids), 'run')} on {self._place.name}?",
            "The processes are asked to end. A stopped run cannot be continued.",
            self._names(ids),
            lambda count: f"Stop {plural(count, 'Run')}",
            len(ids),
        )
        self._ask(question, lambda: self._changer.do(StopThere(self._place, ids)))


class FarTrashActions(FarActions):
    """Restores and erases runs in the trash of a remote."""

    def _actions(self) -> dict[str, Callable[[], object]]:
        return {
            "run.restore": self.restore,
            "run.purge": self.purge,
            "run.empty-trash": self.empty,
        }

    def _why_not(self, id_: str) -> str:
        if id_ == "run.empty-trash":
            return "" if self._runs.columns.count() else _EMPTY
        return super()._why_not(id_)

    @Slot()
    def restore(self) -> None:
        """Move the selected runs back."""
        self._changer.do(RestoreRuns(self._place, self._selected()))

    @Slot()
    def purge(self) -> None:
        """Ask, and erase the selected runs for ever."""
        self._ask_purge(self._selected(), from_trash=True)

    @Slot()
    def empty(self) -> None:
        """Ask, and erase all of them for ever."""
        ids = self._runs.columns.stored("id")
        slots = self._runs.columns.newest_first()
        self._ask_purge(tuple(ids[slot] for slot in slots), from_trash=True)


def _count_sizes(sizes: Sizes, ids: Sequence[str], context: JobContext) -> str:
    """How large runs are together, told while it is being found out."""
    total = known = 0
    for start in range(0, len(ids), _SIZES_AT_ONCE):
        some = sizes(ids[start : start + _SIZES_AT_ONCE], context.check)
        total, known = total + sum(some.values()), known + len(some)
        done = min(len(ids), start + _SIZES_AT_ONCE)
        context.publish(f"{format_bytes(total)} in {done:,} of {plural(len(ids), 'run')}…")
    if known < len(ids):
        return f"{format_bytes(total)} in {known:,} of {plural(len(ids), 'run')}"
    return f"{format_bytes(total)} on the host"
