"""What the actions do while the runs of a remote are in front, or those in its trash.

A run is a run: they are the same actions as at home. What is selected in the home's table behind
it must not be touched, so they are this module's then and nobody else's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Slot

from core.runs.change import SetMark
from gui.bound_actions import BoundActions
from gui.changing.changes import Report
from gui.changing.commands import MARKING, UNMARKING
from gui.changing.removal_questions import PlaceFacts, RemovalQuestions
from gui.changing.stop_question import again_for, along_words, refused_as, stop_question
from gui.main_window import MainWindow
from gui.remotes.far_surroundings import FarSurroundings, Sizes
from gui.remotes.far_tidying import FarTidying
from gui.remotes.stop_there import StopFirst
from gui.services import Services
from gui.table.run_list import RunList

_NO_RUN = "Select a run first."
_IDLE = "None of the selected runs is running."
_STOPPING = "They are being stopped."
_EMPTY = "The trash is empty."


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
        self._window = window
        self._around = FarSurroundings(
            self._place, runs.columns, sizes, services.bridge, window.undo_bar, self
        )
        self._questions = RemovalQuestions(
            runs,
            self._changer,
            self._place,
            self._around,
            services.theme,
            window,
            self,
            PlaceFacts(
                f" on {self._place.name}",
                "The files on the host",
                running_as=self._place.name,
                has_both=False,
            ),
        )
        self._does = self._actions()
        self._bound = BoundActions(window.actions_by_id, self._does)
        runs.selection_changed.connect(self.refresh)
        runs.arranged.connect(self.refresh)

    def _actions(self) -> dict[str, Callable[[], object]]:
        """What each action does."""
        raise NotImplementedError

    def bind(self) -> None:
        """The runs are in front: the actions are about them."""
        if not self._bound.is_bound:
            self._bound.bind()
            self._tidying.bar.set_front(on=True)
            self.refresh()

    def unbind(self) -> None:
        """They are not in front any more."""
        if self._bound.is_bound:
            self._around.drop()
            self._around.stop_counting()
            self._bound.unbind(_NO_RUN)
            self._tidying.bar.set_front(on=False)

    @Slot()
    def refresh(self) -> None:
        """Enable what can be done with the selected runs."""
        if self._bound.is_bound:
            for id_ in self._does:
                self._window.actions_by_id.set_enabled(id_, self._why_not(id_))

    # Inside

    def _why_not(self, _id: str) -> str:
        """Why an action cannot be used now; empty where it can."""
        return "" if self._runs.selection.count() else _NO_RUN


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
            is_any = self._tidying.stopping.stopping.intersection(self._runs.selected_ids())
            return _STOPPING if is_any else _IDLE
        return why_not

    def _running(self) -> tuple[str, ...]:
        columns, slots = self._runs.columns, self._runs.selected_slots()
        ids, statuses = columns.stored("id"), columns.stored("status")
        running = (ids[slot] for slot in slots if statuses[slot] == "running")
        stopping = self._tidying.stopping.stopping
        return tuple(run_id for run_id in running if run_id not in stopping)

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
        self._questions.delete(self._questions.selected())

    @Slot()
    def purge(self) -> None:
        """Ask, and erase the selected runs for ever."""
        self._questions.purge(self._questions.selected(), from_trash=False)

    @Slot()
    def stop(self) -> None:
        """Ask, and stop those of the selected runs that are running there."""
        ids = self._running()
        names = self._questions.names(ids)
        question = stop_question(ids, names, on=f" on {self._place.name}")
        self._questions.ask(question, lambda _also: self._tidying.stopping.stop(ids))

    @Slot(object)
    def stop_first(self, report: Report) -> None:
        """Ask, end the running ones of the refused runs, and then do what was asked."""
        ids = refused_as(report, "running")
        again, _ = again_for(report, ids)
        if isinstance(again, StopFirst):
            again = again.then
        question = stop_question(
            ids,
            self._questions.names(ids),
            verb="Stop and Delete",
            on=f" on {self._place.name}",
            more=along_words(report),
        )
        command = StopFirst(self._place, ids, again)
        self._questions.ask(question, lambda _also: self._changer.do(command))


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
        self._questions.restore(self._questions.selected())

    @Slot()
    def purge(self) -> None:
        """Ask, and erase the selected runs for ever."""
        self._questions.purge(self._questions.selected(), from_trash=True)

    @Slot()
    def empty(self) -> None:
        """Ask, and erase all of them for ever."""
        self._questions.empty_trash()
