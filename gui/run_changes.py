"""What the actions do that change runs: mark, delete, restore, purge, stop.

Why nothing is asked before a run goes to the trash: it can be taken back. What cannot be taken
back is asked, and so is whether the trials of a batch go along, since nobody selected those.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from core.home import Home
from core.index.linked_runs import linked_runs
from core.runs.change import SetMark
from core.runs.refusal import RefusalKind
from core.runs.related import Related, related
from core.text import plural
from gui.change_text import sentence_of
from gui.changes import Changer, Report
from gui.commands import (
    MARKING,
    UNMARKING,
    Command,
    DeleteRuns,
    PurgeRuns,
    RestoreRuns,
)
from gui.dialogs.runs_question import MOST_NAMES, Question, RunsQuestion
from gui.home_runs import HomeRuns
from gui.job_bridge import Latest
from gui.run_list import RunList
from gui.run_names import run_name
from gui.services import Services
from gui.size_count import SizeCount
from gui.stopper import Stopper

Ids = tuple[str, ...]
Make = Callable[[Ids], Command]
GoOn = Callable[[Ids, Ids], object]


class RunChanges(QObject):
    """Asks where it must be asked, and then lets runs be changed.

    Args:
        home: The home.
        runs: What is shown, and what of it is selected.
        changer: Changes the runs.
        stopper: Stops them.
        services: Shared services of the window.
        window: Owner of the questions.
        parent: Owner.

    Signals:
        selection_wanted: Select these runs (their ids).
    """

    selection_wanted = Signal(list)

    def __init__(
        self,
        home: Home,
        runs: RunList,
        changer: Changer,
        stopper: Stopper,
        services: Services,
        window: QWidget,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._here = HomeRuns(home)
        self._runs = runs
        self._changer = changer
        self._stopper = stopper
        self._services = services
        self._window = window
        self._relatives = Latest(services.bridge, "query", self)
        self._sizes = SizeCount(runs, services.bridge, self)
        self._open: RunsQuestion | None = None

    def close(self) -> None:
        """Ask nothing more: the home is closed."""
        self._relatives.drop()
        self._sizes.stop()
        if self._open is not None:
            self._open.reject()

    # What the actions do

    @Slot()
    def mark(self) -> None:
        """Mark the selected runs, or take the mark off where all of them have it."""
        self.mark_ids(self._runs.selected_ids())

    def mark_ids(self, ids: Sequence[str]) -> None:
        """Mark these runs, or take the mark off where all of them have it."""
        columns = self._runs.columns
        slots = [columns.slot_of(run_id) for run_id in ids]
        is_on = not all(slot is not None and columns.value("marked", slot) for slot in slots)
        self._changer.apply(ids, SetMark(is_on), MARKING if is_on else UNMARKING)

    @Slot()
    def delete(self) -> None:
        """Move the selected runs to the trash."""
        ids = self._selected()
        self._with_related(ids, self._ask_delete, deleted=False)

    @Slot()
    def restore(self) -> None:
        """Move the selected runs back from the trash."""
        ids = self._selected()
        self._with_related(ids, self._ask_restore, deleted=True)

    @Slot()
    def purge(self) -> None:
        """Erase the selected runs for ever."""
        deleted = self._runs.view.deleted
        ids = self._selected()
        self._with_related(ids, partial(self._ask_purge, deleted=deleted), deleted=deleted)

    @Slot()
    def empty_trash(self) -> None:
        """Erase every run in the trash for ever."""
        ids = self._runs.columns.stored("id")
        slots = self._runs.columns.newest_first(deleted=True)
        self._ask_purge(tuple(ids[slot] for slot in slots), (), deleted=True)

    @Slot()
    def stop(self) -> None:
        """Stop those of the selected runs that are running."""
        columns = self._runs.columns
        slots = [s for s in self._runs.selected_slots() if columns.value("status", s) == "running"]
        self._ask_stop([columns.value("id", slot) for slot in slots], "Stop", self._stopper.stop)

    # What the bar offers

    @Slot(object)
    def show_refusals(self, report: Report) -> None:
        """List the runs that were refused."""
        if report.result is None:
            return
        from gui.dialogs.refusals_dialog import RefusalsDialog  # most starts show none

        dialog = RefusalsDialog(sentence_of(report), report.result.refused, self._window)
        dialog.selection_wanted.connect(self.selection_wanted)
        dialog.open()

    @Slot(object)
    def stop_first(self, report: Report) -> None:
        """Stop the running ones of the refused runs, and then do what was asked."""
        ids = _refused(report, "running")
        again = report.command.without(set(report.command.ids) - set(ids))

        def then(stopped: Sequence[str]) -> None:
            self._changer.do(again.without(set(ids) - set(stopped)))

        self._ask_stop(ids, "Stop and Delete", lambda ids: self._stopper.stop(ids, then))

    @Slot(object)
    def insist(self, report: Report) -> None:
        """Ask whether to take runs that may be running where we cannot look."""
        ids = _refused(report, "elsewhere")
        from_trash = isinstance(report.command, PurgeRuns) and report.command.from_trash
        if isinstance(report.command, PurgeRuns):
            command: Command = PurgeRuns(self._here, ids, from_trash, unproven=True)
        else:
            command = DeleteRuns(self._here, ids, unproven=True)
        question = Question(
            "insistQuestion",
            f"Delete {plural(len(ids), 'run')} that may be running?",
            "It cannot be told from here, for example because another machine started them.",
            self._names(ids, deleted=from_trash),
            lambda count: f"Delete {plural(count, 'Run')}",
            len(ids),
        )
        self._ask(question, lambda _also: self._changer.do(command))

    # Asking

    def _selected(self) -> Ids:
        """The selected runs but those that are going already: keys may come faster than disks."""
        going = self._changer.busy_ids
        return tuple(run_id for run_id in self._runs.selected_ids() if run_id not in going)

    def _with_related(
        self,
        ids: Ids,
        go_on: GoOn,
        *,
        deleted: bool,
    ) -> None:
        """Call `go_on` with the runs, and with trials and steps that belong to them alone."""
        columns = self._runs.columns
        links = columns.stored("links")
        slots = [columns.slot_of(run_id, deleted) for run_id in ids]
        if not any(slot is not None and links[slot] for slot in slots):
            go_on(ids, ())
            return
        self._relatives.ask(
            "Look for trials and steps",
            lambda _context: related(linked_runs(columns, deleted=deleted), ids),
            partial(_go_on, go_on, ids),
        )

    def _ask_delete(self, ids: Ids, own: Ids) -> None:
        self._ask_along(
            "deleteQuestion",
            ids,
            own,
            f"Move {plural(len(ids), 'run')} to the trash?",
            lambda count: f"Move {plural(count, 'Run')} to Trash",
            lambda chosen: DeleteRuns(self._here, chosen),
        )

    def _ask_restore(self, ids: Ids, own: Ids) -> None:
        self._ask_along(
            "restoreQuestion",
            ids,
            own,
            f"Restore {plural(len(ids), 'run')} from the trash?",
            lambda count: f"Restore {plural(count, 'Run')}",
            lambda chosen: RestoreRuns(self._here, chosen),
        )

    def _ask_along(
        self,
        object_name: str,
        ids: Ids,
        own: Ids,
        title: str,
        verb: Callable[[int], str],
        make: Make,
    ) -> None:
        """Do it; but ask first where trials or steps could go along."""
        if not own:
            self._changer.do(make(ids))
            return
        deleted = self._runs.view.deleted
        question = Question(
            object_name,
            title,
            f"{'It has' if len(ids) == 1 else 'They have'} {self._words(ids, own)} "
            "that nothing else uses.",
            self._names(ids, deleted=deleted),
            verb,
            len(ids),
            also=len(own),
            also_text=f"Take {self._words(ids, own)} along",
            is_also=True,
            is_safe=True,
        )
        self._ask(question, lambda also: self._changer.do(make((*ids, *own) if also else ids)))

    def _ask_purge(self, ids: Ids, own: Ids, *, deleted: bool) -> None:
        if not ids:
            return
        where = "" if deleted else ", not moved to the trash"
        question = Question(
            "purgeQuestion",
            f"Delete {plural(len(ids), 'run')} permanently?",
            f"The files are erased{where}. This cannot be undone.",
            self._names(ids, deleted=deleted),
            lambda count: f"Delete {plural(count, 'Run')} Permanently",
            len(ids),
            also=len(own),
            also_text=f"Take {self._words(ids, own)} along",
            has_size=True,
        )

        def go(also: bool) -> None:
            chosen = (*ids, *own) if also else ids
            self._changer.do(PurgeRuns(self._here, chosen, from_trash=deleted))

        dialog = self._ask(question, go)
        slots = [self._runs.columns.slot_of(run_id, deleted) for run_id in ids]
        self._sizes.count([slot for slot in slots if slot is not None], dialog.show_size)
        dialog.finished.connect(self._sizes.stop)

    def _ask_stop(
        self, ids: Sequence[str], verb: str, go: Callable[[Sequence[str]], object]
    ) -> None:
        if not ids:
            return
        question = Question(
            "stopQuestion",
            f"Stop {plural(len(ids), 'run')}?",
            "The processes are asked to end, and are killed when they have not after half a "
            "minute. A stopped run cannot be continued.",
            self._names(ids, deleted=False),
            lambda count: f"{verb} {plural(count, 'Run')}",
            len(ids),
        )
        self._ask(question, lambda _also: go(ids))

    def _ask(self, question: Question, go: Callable[[bool], object]) -> RunsQuestion:
        if self._open is not None:
            self._open.reject()
        dialog = RunsQuestion(question, self._services.theme, self._window)
        dialog.agreed.connect(go)
        dialog.finished.connect(self._on_answered)
        self._open = dialog
        dialog.open()
        return dialog

    @Slot()
    def _on_answered(self) -> None:
        self._open = None

    def _words(self, ids: Ids, own: Ids) -> str:
        """How many trials, or steps, or both."""
        columns = self._runs.columns
        deleted = self._runs.view.deleted
        slots = [columns.slot_of(run_id, deleted) for run_id in ids]
        kinds = {
            bool(columns.value("is_batch", s))
            for s in slots
            if s is not None and columns.value("links", s)
        }
        if len(kinds) == 2:
            return plural(len(own), "trial or step", "trials and steps")
        return plural(len(own), "trial" if True in kinds else "step")

    def _names(self, ids: Sequence[str], *, deleted: bool) -> list[str]:
        columns = self._runs.columns
        slots = [columns.slot_of(run_id, deleted) for run_id in ids[:MOST_NAMES]]
        return [run_name(columns, slot) for slot in slots if slot is not None]


def _go_on(go_on: GoOn, ids: Ids, found: Related) -> None:
    go_on(ids, found.own)


def _refused(report: Report, kind: RefusalKind) -> Ids:
    refused = report.result.refused if report.result else ()
    return tuple(refusal.run_id for refusal in refused if refusal.kind == kind)
