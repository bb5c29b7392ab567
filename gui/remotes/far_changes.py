"""Changes runs where they are, on a remote: label, tags, mark, comment, trash, stop.

Why the same actions as at home: a run is a run. While a remote is in front they are this module's,
and nobody else's: what is selected in the home's table behind it must not be touched.

What was done last there can be taken back, by the bar and by Undo: a run comes back from the trash
of its host, and what was written is put back where it still is what was written. Why only the last:
others work there too, and each step back is a journey of its own.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QInputDialog

from core.errors import Error
from core.jobs import Job, JobContext, JobState
from core.runs.change import AddComment, Change, FileEdit, Outcome, SetMark, author
from core.runs.refusal import Refusal
from core.runs.run_attrs import RunAttrs
from core.text import plural
from gui.change_bar import name_step
from gui.change_text import lower_first
from gui.dialogs.refusals_dialog import RefusalsDialog
from gui.dialogs.runs_question import MOST_NAMES, Question, RunsQuestion
from gui.job_list import JobEnd
from gui.main_window import MainWindow
from gui.models.tag_choice_model import TagCounts
from gui.remotes.remote_set import RemoteSet
from gui.run_list import RunList
from gui.run_names import run_name
from gui.services import Services
from gui.views.undo_bar import BarText

if TYPE_CHECKING:
    from remote.remote_home import RemoteHome

    Work = Callable[[RemoteHome, JobContext], "Done"]

_NO_RUN = "Select a run first."
_IDLE = "None of the selected runs is running."
_NOTHING_DONE = "Nothing was done there that can be taken back."
_NOT_AGAIN = "What was taken back on a remote cannot be done again from here."


@dataclass(frozen=True, slots=True)
class Done:
    """What came of a change.

    Attributes:
        ids: Runs that were changed.
        refused: Runs that were not, and why.
        back: Names in the trash of those that went there.
        edits: What was written.
    """

    ids: tuple[str, ...]
    refused: tuple[Refusal, ...] = ()
    back: tuple[str, ...] = ()
    edits: tuple[FileEdit, ...] = ()


@dataclass(frozen=True, slots=True)
class PlainLabel(Change):
    """Give runs a label as it is typed.

    Attributes:
        text: The label; empty for none.
    """

    text: str

    def values(self, _attrs: RunAttrs) -> dict[str, object]:
        """The text as it is."""
        return {"label": self.text.strip() or None}


class FarChanges(QObject):
    """Connects the actions of a window with the selected runs of one remote.

    Args:
        name: The remote.
        runs: Its runs as they are shown.
        window: Its actions and its bar.
        remotes: Connects.
        services: Shared services of the window.
        parent: Owner.

    Signals:
        changed: Runs of the remote are others now.
    """

    changed = Signal()

    def __init__(
        self,
        name: str,
        runs: RunList,
        window: MainWindow,
        remotes: RemoteSet,
        services: Services,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._runs = runs
        self._window = window
        self._remotes = remotes
        self._services = services
        self._jobs: dict[Job, str] = {}
        self._is_bound = False
        self._back: tuple[str, Callable[[], object]] | None = None
        self._does: dict[str, Callable[[], object]] = {
            "run.mark": self.mark,
            "run.label": self.label,
            "run.edit-label": self.label,
            "run.tag": self.tag,
            "run.comment": self.comment,
            "run.stop": self.stop,
            "run.delete": self.delete,
            "run.purge": self.purge,
            "edit.undo": self.undo,
        }
        runs.selection_changed.connect(self.refresh)
        services.bridge.ended.connect(self._on_ended)

    def bind(self) -> None:
        """The runs are in front: the actions are about them."""
        if not self._is_bound:
            self._is_bound = True
            for id_, do in self._does.items():
                self._window.actions_by_id[id_].triggered.connect(do)
            self.refresh()

    def unbind(self) -> None:
        """They are not in front any more."""
        if self._is_bound:
            self._is_bound = False
            for id_, do in self._does.items():
                self._window.actions_by_id[id_].triggered.disconnect(do)
                self._window.actions_by_id.set_enabled(id_, _NO_RUN)

    @Slot()
    def refresh(self) -> None:
        """Enable what can be done with the selected runs."""
        if not self._is_bound:
            return
        enable, why_not = self._window.actions_by_id.set_enabled, ""
        if not self._runs.selection.count():
            why_not = _NO_RUN
        for id_ in self._does:
            enable(id_, why_not)
        enable("run.stop", why_not or ("" if self._running() else _IDLE))
        name_step(self._window.actions_by_id, "edit.undo", self._back[0] if self._back else "")
        enable("edit.undo", "" if self._back else _NOTHING_DONE)
        name_step(self._window.actions_by_id, "edit.redo", "")
        enable("edit.redo", _NOT_AGAIN)

    # What the actions do

    @Slot()
    def mark(self) -> None:
        """Mark the selected runs, or take the mark off where all of them have it."""
        slots = self._runs.selected_slots()
        is_on = not all(self._runs.columns.value("marked", slot) for slot in slots)
        self._apply(SetMark(is_on), "Marked" if is_on else "Unmarked")

    @Slot()
    def label(self) -> None:
        """Ask for a label of the selected runs."""
        columns, slots = self._runs.columns, self._runs.selected_slots()
        labels = {columns.value("label", slot) or "" for slot in slots}
        title = f"Label {plural(len(slots), 'run')} on {self._name}"
        dialog = self._input("farLabelDialog", title, "Label")
        dialog.setTextValue(labels.pop() if len(labels) == 1 else "")
        dialog.textValueSelected.connect(lambda text: self._apply(PlainLabel(text), "Labelled"))
        dialog.open()

    @Slot()
    def tag(self) -> None:
        """Ask which tags the selected runs are to have."""
        from gui.dialogs.tag_editor import TagEditor

        columns, slots = self._runs.columns, self._runs.selected_slots()
        counts = TagCounts.of([columns.value("tags", s) or () for s in slots], columns.tags())
        title = f"{plural(len(slots), 'run')} on {self._name}"
        editor = TagEditor(counts, title, self._services, self._window)
        editor.chosen.connect(lambda change: self._apply(change, "Changed the tags of"))
        editor.finished.connect(editor.deleteLater)
        editor.open()

    @Slot()
    def comment(self) -> None:
        """Ask for a comment on the selected runs."""
        title = f"Comment on {plural(self._runs.selection.count(), 'run')} on {self._name}"
        dialog = self._input("farCommentDialog", title, "Comment")
        dialog.setOption(QInputDialog.InputDialogOption.UsePlainTextEditForTextInput)
        user, host = author(os.environ)

        def write(text: str) -> None:
            if text.strip():
                self._apply(AddComment(text, user, host), "Commented on")

        dialog.textValueSelected.connect(write)
        dialog.open()

    @Slot()
    def delete(self) -> None:
        """Move the selected runs to the trash of their host."""
        ids = tuple(self._runs.selected_ids())

        def work(there: RemoteHome, context: JobContext) -> Done:
            from remote.remote_store import delete_there

            moved = delete_there(there, ids, advance=context.advance)
            done = tuple(move.run_id for move in moved.moves)
            return Done(done, moved.refused, tuple(move.name_there for move in moved.moves))

        self._start(f"Move {plural(len(ids), 'run')} of {self._name} to its trash", work, "Deleted")

    @Slot()
    def purge(self) -> None:
        """Ask, and erase the selected runs for ever."""
        ids = tuple(self._runs.selected_ids())

        def work(there: RemoteHome, context: JobContext) -> Done:
            from remote.remote_store import purge_there

            done = purge_there(there, ids, from_trash=False, advance=context.advance)
            return Done(done.removed, done.refused)

        self._ask(
            "purgeQuestion",
            f"Delete {plural(len(ids), 'run')} of {self._name} permanently?",
            "Their files are erased on the host. This cannot be undone.",
            lambda count: f"Delete {plural(count, 'Run')} Permanently",
            partial(self._start, f"Erase {plural(len(ids), 'run')}", work, "Erased"),
        )

    @Slot()
    def stop(self) -> None:
        """Ask, and end the processes of the selected runs that are running there."""
        ids = self._running()

        def work(there: RemoteHome, context: JobContext) -> Done:
            return _stop(there, ids, context)

        self._ask(
            "stopQuestion",
            f"Stop {plural(len(ids), 'run')} on {self._name}?",
            "The processes are asked to end. A stopped run cannot be continued.",
            lambda count: f"Stop {plural(count, 'Run')}",
            partial(self._start, f"Stop {plural(len(ids), 'run')}", work, "Asked to end:"),
            len(ids),
        )

    @Slot()
    def undo(self) -> None:
        """Take back what was done last there."""
        back, self._back = self._back, None
        if back is not None:
            back[1]()
            self.refresh()

    # Inside

    def _running(self) -> tuple[str, ...]:
        columns, slots = self._runs.columns, self._runs.selected_slots()
        ids, statuses = columns.stored("id"), columns.stored("status")
        return tuple(ids[slot] for slot in slots if statuses[slot] == "running")

    def _input(self, object_name: str, title: str, label: str) -> QInputDialog:
        dialog = QInputDialog(self._window)
        dialog.setObjectName(object_name)
        dialog.setWindowTitle(title)
        dialog.setLabelText(label)
        dialog.resize(52 * dialog.fontMetrics().averageCharWidth(), dialog.height())
        dialog.finished.connect(dialog.deleteLater)
        return dialog

    def _ask(
        self,
        object_name: str,
        title: str,
        sentence: str,
        verb: Callable[[int], str],
        go: Callable[[], object],
        count: int = 0,
    ) -> None:
        slots = self._runs.selected_slots()
        names = [run_name(self._runs.columns, slot) for slot in slots[:MOST_NAMES]]
        question = Question(object_name, title, sentence, names, verb, count or len(slots))
        dialog = RunsQuestion(question, self._services.theme, self._window)
        dialog.agreed.connect(lambda _also: go())
        dialog.open()

    def _apply(self, change: Change, done: str) -> None:
        ids = tuple(self._runs.selected_ids())

        def work(there: RemoteHome, context: JobContext) -> Done:
            from remote.remote_store import apply_there

            outcome = apply_there(there, ids, change, advance=context.advance)
            return _done_of(outcome, outcome.edits)

        self._start(f"Change {plural(len(ids), 'run')} on {self._name}", work, done)

    def _revert(self, edits: Sequence[FileEdit], count: int) -> None:
        def work(there: RemoteHome, context: JobContext) -> Done:
            from remote.remote_store import revert_there

            return _done_of(revert_there(there, edits, advance=context.advance), ())

        title = f"Take back the change of {plural(count, 'run')} on {self._name}"
        self._start(title, work, "Took back the change of")

    def _restore(self, names: Sequence[str]) -> None:
        def work(there: RemoteHome, context: JobContext) -> Done:
            from remote.remote_store import restore_there

            moved = restore_there(there, names, advance=context.advance)
            return Done(tuple(move.name_there for move in moved.moves), moved.refused)

        self._start(f"Restore {plural(len(names), 'run')} on {self._name}", work, "Restored")

    def _start(self, title: str, work: Work, done: str) -> None:
        name, remotes = self._name, self._remotes

        def whole(context: JobContext) -> Done:
            from remote.remote_home import open_remote_home

            connection = remotes.connector(name, context)(context.check)
            path = remotes.session(name).remote.guild_home
            context.advance(unit="runs", item="changing")
            with closing(open_remote_home(connection, path, check=context.check)) as there:
                return work(there, context)

        if self._services.bridge.is_closed:
            return
        job = Job(title, f"change {name}", whole)
        self._jobs[job] = done
        self._window.jobs.follow(job, "edit", sum_up=partial(_sum_up, done, name))
        self._services.bridge.submit(job)

    def _way_back(self, title: str, done: Done) -> tuple[str, Callable[[], object]] | None:
        """What takes back what was done; None where nothing can."""
        if done.back:
            return title, partial(self._restore, done.back)
        return (title, partial(self._revert, done.edits, len(done.ids))) if done.edits else None

    def _list(self, sentence: str, refused: Sequence[Refusal]) -> None:
        dialog = RefusalsDialog(sentence, refused, self._window)
        dialog.selection_wanted.connect(self._runs.select_ids)
        dialog.open()

    # Slots

    @Slot(object)
    def _on_ended(self, job: Job) -> None:
        verb = self._jobs.pop(job, None)
        if verb is None:
            return
        bar = self._window.undo_bar
        if job.state is JobState.DONE:
            done = cast("Done", job.result)
            sentence = done_sentence(verb, self._name, done)
            acts: list[tuple[str, Callable[[], object]]] = []
            self._back = self._way_back(job.title, done)
            if self._back is not None:
                acts.append(("Undo", self.undo))
            if len(done.refused) > 1:
                acts.append(("List", partial(self._list, sentence, done.refused)))
            bar.say(BarText(sentence, acts, is_lasting=bool(done.refused)))
            self.refresh()
            self.changed.emit()
        elif isinstance(job.error, Error):
            bar.say(BarText(f"{job.error}. {job.error.hint}".strip(), is_lasting=True))


def done_sentence(verb: str, remote: str, done: Done) -> str:
    """What was done, and what was not."""
    said = f"{verb} {plural(len(done.ids), 'run')} on {remote}" if done.ids else ""
    if len(done.refused) == 1:
        reason = done.refused[0].reason.removesuffix(".")
        said = f"{said}; {lower_first(reason)}" if said else reason
    elif done.refused:
        said = f"{said or 'Nothing was done'}; {len(done.refused):,} refused"
    return f"{said or 'No run needed a change'}."


def _done_of(outcome: Outcome, edits: tuple[FileEdit, ...]) -> Done:
    """What came of a change of attributes, which these edits take back."""
    return Done(outcome.changed, outcome.refused, edits=edits)


def _sum_up(verb: str, remote: str, result: object) -> JobEnd:
    done = cast("Done", result)
    return JobEnd("partly" if done.refused else "done", done_sentence(verb, remote, done))


def _stop(there: RemoteHome, ids: Sequence[str], context: JobContext) -> Done:
    from core.errors import StopRefused
    from remote.remote_store import stop_there

    stopped, refused = [], []
    for run_id in ids:
        try:
            stop_there(there, run_id, context.check)
        except StopRefused as e:
            refused.append(Refusal(run_id, f"{e} {e.hint}".strip()))
        else:
            stopped.append(run_id)
        context.advance(1)
    return Done(tuple(stopped), tuple(refused))
