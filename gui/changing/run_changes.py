"""What the actions do that change runs of a home: mark, delete, restore, purge, stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from core.home import Home
from core.index.linked_runs import linked_runs
from core.jobs import JobContext
from core.runs.change import SetMark
from core.runs.related import related
from gui.changing.change_text import sentence_of
from gui.changing.changes import Changer, Report
from gui.changing.commands import MARKING, UNMARKING, Command, DeleteRuns, PurgeRuns
from gui.changing.home_runs import HomeRuns
from gui.changing.removal_questions import (
    Along,
    Ids,
    RemovalQuestions,
    verb_for_good,
    verb_to_trash,
    words_along,
)
from gui.changing.running_words import doubt_words, elsewhere_sentence, running_at
from gui.changing.stop_question import again_for, along_words, refused_as, stop_question
from gui.changing.stopper import Stopper
from gui.dialogs.runs_question import Question
from gui.job_bridge import JobBridge, Latest
from gui.services import Services
from gui.table.run_list import RunList
from gui.table.size_count import SizeCount


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
        self._window = window
        self._around = _AroundHome(runs, services.bridge, self)
        self._questions = RemovalQuestions(
            runs, changer, self._here, self._around, services.theme, window, self
        )

    def close(self) -> None:
        """Ask nothing more: the home is closed."""
        self._around.close()
        self._questions.close()

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
        self._questions.delete(self._questions.selected())

    @Slot()
    def restore(self) -> None:
        """Move the selected runs back from the trash."""
        self._questions.restore(self._questions.selected())

    @Slot()
    def purge(self) -> None:
        """Erase the selected runs for ever."""
        is_trash = self._runs.view.deleted
        self._questions.purge(self._questions.selected(), from_trash=is_trash)

    @Slot()
    def empty_trash(self) -> None:
        """Erase every run in the trash for ever."""
        self._questions.empty_trash()

    @Slot()
    def stop(self) -> None:
        """Stop those of the selected runs that are running on this machine."""
        columns = self._runs.columns
        slots = [s for s in self._runs.selected_slots() if columns.value("status", s) == "running"]
        hosts = [host for slot in slots if (host := columns.value("remote", slot))]
        running = running_at(columns, [columns.value("id", slot) for slot in slots])
        ids = [run_id for run_id in running if run_id not in self._stopper.stopping]
        others = elsewhere_sentence(len(hosts), set(hosts), is_rest=True)
        self._ask_stop(ids, "Stop", self._stopper.stop, others)

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
        ids = refused_as(report, "running")
        again, is_whole = again_for(report, ids)

        def then(stopped: Sequence[str]) -> None:
            self._changer.do(again if is_whole else again.without(set(ids) - set(stopped)))

        self._ask_stop(
            ids,
            "Stop and Delete",
            lambda ids: self._stopper.stop(ids, then),
            along_words(report),
        )

    @Slot(object)
    def insist(self, report: Report) -> None:
        """Ask whether to take runs that may be running where we cannot look."""
        ids = refused_as(report, "elsewhere")
        again, _ = again_for(report, ids)
        assert isinstance(again, DeleteRuns | PurgeRuns)
        command: Command = replace(again, unproven=True)
        is_for_good = isinstance(again, PurgeRuns)
        from_trash = isinstance(again, PurgeRuns) and again.from_trash
        title, sentence = doubt_words(len(ids), is_for_good=is_for_good)
        question = Question(
            "insistQuestion",
            title,
            sentence,
            self._questions.names(ids, from_trash=from_trash),
            verb_for_good if is_for_good else verb_to_trash,
            len(ids),
            has_size=is_for_good,
        )
        dialog = self._questions.ask(question, lambda _also: self._changer.do(command))
        if is_for_good:
            self._around.count_size(ids, dialog.show_size, from_trash=from_trash)
            dialog.finished.connect(self._around.stop_counting)

    # Asking

    def _ask_stop(
        self,
        ids: Sequence[str],
        verb: str,
        go: Callable[[Sequence[str]], object],
        more: str = "",
    ) -> None:
        if not ids:
            return
        names = self._questions.names(ids)
        question = stop_question(ids, names, verb=verb, more=more)
        self._questions.ask(question, lambda _also: go(ids))


class _AroundHome:
    """What the index knows of the runs of a home (see gui.changing.removal_questions.Surroundings).

    Args:
        runs: The runs.
        bridge: Runs what takes long.
        parent: Owner.
    """

    def __init__(self, runs: RunList, bridge: JobBridge, parent: QObject) -> None:
        self._runs = runs
        self._relatives = Latest(bridge, "query", parent)
        self._sizes = SizeCount(runs, bridge, parent)

    def find_along(self, ids: Ids, then: Callable[[Along], None], *, from_trash: bool) -> None:
        columns = self._runs.columns
        links = columns.stored("links")
        slots = [columns.slot_of(run_id, from_trash) for run_id in ids]
        parents = [slot for slot in slots if slot is not None and links[slot]]
        if not parents:
            then(Along())
            return
        batches = {bool(columns.value("is_batch", slot)) for slot in parents}

        def find(_context: JobContext) -> Along:
            own = related(linked_runs(columns, deleted=from_trash), ids).own
            return Along(own, words_along(len(own), batches))

        self._relatives.ask("Look for trials and steps", find, then)

    def count_size(self, ids: Ids, tell: Callable[[str], None], *, from_trash: bool) -> None:
        slots = [self._runs.columns.slot_of(run_id, from_trash) for run_id in ids]
        self._sizes.count([slot for slot in slots if slot is not None], tell)

    def stop_counting(self) -> None:
        self._sizes.stop()

    def close(self) -> None:
        self._relatives.drop()
