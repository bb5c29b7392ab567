"""Pushes, pulls and syncs the runs of one home: preview, job, and what came of it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal, Slot

from core.errors import Error
from core.home import Home
from core.index.news import News
from core.jobs import Job, JobContext, JobState
from core.scratch import Scratch
from gui.job_bridge import Latest
from gui.jobs.job_list import JobEnd
from gui.main_window import MainWindow
from gui.remotes.copying import FOLLOWED, Copied, Copier, Task
from gui.remotes.following_runs import FollowingRuns
from gui.remotes.journal_entry import JOURNAL_LANE, JournalEntry, write_journal
from gui.remotes.looking import Looking
from gui.remotes.plan_rows import RELATIONS, Compared
from gui.remotes.question_opener import QuestionOpener
from gui.remotes.remote_set import RemoteSet
from gui.remotes.run_words import Words, words_of
from gui.remotes.transfer_row import Direction, TransferOptions, TransferWanted
from gui.remotes.transfer_text import (
    interrupted_sentence,
    job_title,
    touched,
    transfer_grade,
    transfer_sentence,
)
from gui.remotes.transfer_usual import TransferUsual
from gui.services import Services
from gui.table.index_feed import IndexFeed
from gui.table.run_list import RunList
from gui.views.undo_bar import BarText

if TYPE_CHECKING:
    from core.index.columns import RunColumns
    from remote.memory import Unfinished
    from remote.moves import TransferOutcome

TOPIC = "transfers"

log = logging.getLogger(__name__)


class Transferring(QObject):
    """Copies runs between one home and its remotes.

    Args:
        home: Where they are here.
        window: Its bar and its jobs.
        runs: What is known of the runs here.
        feed: The index that hears of those that came.
        remotes: Where the others are.
        opener: Opens what hosts ask.
        services: Shared services of the window.
        scratch: Gives the directory that runs from one remote to another pass through.
        usual: What the settings say of every transfer.
        parent: Owner.

    Attributes:
        listed: Gives what is listed of a remote; None before it was looked at.

    Signals:
        copied: Runs of a remote are others now (its name).
        going_on: Other runs are being copied now.
        compared: Runs were compared (the remote's name, run id to how both sides are).
        arrived: Runs of one remote were copied to another one (its name, their ids).
    """

    copied = Signal(str)
    going_on = Signal()
    compared = Signal(str, object)
    arrived = Signal(str, object)

    def __init__(
        self,
        home: Home,
        window: MainWindow,
        runs: RunList,
        feed: IndexFeed,
        remotes: RemoteSet,
        opener: QuestionOpener,
        services: Services,
        scratch: Scratch,
        usual: TransferUsual,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.listed: Callable[[str], RunColumns | None] = lambda _name: None
        self._home = home
        self._window = window
        self._runs = runs
        self._feed = feed
        self._remotes = remotes
        self._opener = opener
        self._services = services
        self._copier = Copier(remotes, services.directories.state, scratch, usual.bytes_a_second)
        self._looking: Looking | None = None
        self._jobs: dict[Job, tuple[Task, TransferWanted]] = {}
        self._entries: dict[Job, JournalEntry] = {}
        self._journal = Latest(services.bridge, JOURNAL_LANE, self)
        self._usual = usual
        self._options = TransferOptions()
        self._following = FollowingRuns(home, self._copier, window, feed, services.bridge, self)
        services.bridge.ended.connect(self._on_ended)

    def close(self) -> None:
        """The home is closed; jobs go on."""
        if self._looking is not None:
            self._looking.close()

    @property
    def options(self) -> TransferOptions:
        """How runs are copied at first: as the last time, and as the settings say."""
        return replace(self._options, verify=self._usual.is_verified)

    def copying(self) -> set[str]:
        """Ids of the runs that are being copied, or are about to be."""
        return {run_id for _task, wanted in self._jobs.values() for run_id in wanted.ids}

    # What the user asks for

    def push(self, remote: str, ids: Sequence[str]) -> None:
        """Show what a push of these runs would do."""
        self._look("push", remote, tuple(ids))

    def pull(self, remote: str, ids: Sequence[str] | None) -> None:
        """Show what a pull of these runs would do; None for all of the remote."""
        self._look("pull", remote, tuple(ids) if ids is not None else None)

    def copy(self, source: str, target: str, ids: Sequence[str], words: Words) -> None:
        """Show what a copy of these runs from one remote to another would do.

        Args:
            source: Where they are.
            target: Where they go.
            ids: Which.
            words: Operation and label of each.
        """
        task = Task(self._home, target, "push", tuple(ids), self.options, source)
        self._open(task, words)

    def sync(self, remote: str) -> None:
        """Show what is new or newer on either side."""
        self._look("sync", remote, None)

    def begin(self, task: Task, wanted: TransferWanted, compared: Compared | None = None) -> None:
        """Copy as the user decided.

        Args:
            task: What was asked for.
            wanted: What was decided.
            compared: What it was decided about; None to compare once more.
        """
        if self._services.bridge.is_closed:
            return
        # What takes long, or is always so, is not taken over from the last time.
        self._options = replace(wanted.options, compare=False, verify=False)
        entry = JournalEntry()
        job = self._start(task, wanted, partial(self._copier.copy, task, wanted, compared, entry))
        self._entries[job] = entry
        note = partial(self._copier.note, task, wanted, entry)
        write_journal(self._services.bridge, "Note a transfer", note)

    def _start(
        self, task: Task, wanted: TransferWanted, work: Callable[[JobContext], object]
    ) -> Job:
        title = job_title(task.direction, wanted.ids, task.remote, task.source)
        job = Job(title, f"remote-{task.remote}", work)
        self._jobs[job] = (task, wanted)
        self._window.jobs.follow(
            job,
            task.direction,
            sum_up=partial(_sum_up, task),
            retry=partial(self.begin, task, wanted),
            is_resumed=True,
        )
        self._services.bridge.submit(job)
        self.going_on.emit()
        self._window.undo_bar.dismiss()
        self._window.job_actions.open_panel()
        return job

    def offer_unfinished(self) -> None:
        """Ask the journal what an earlier program did not finish, and offer to go on with it."""
        self._journal.ask(
            "Look for transfers that are not done",
            lambda _context: self._copier.unfinished(self._home),
            self._on_unfinished,
        )

    # Inside

    def _go_on(self, lines: Sequence[Unfinished]) -> None:
        for line in lines:
            said, entry = line.options, JournalEntry(line.id)
            direction: Direction = "sync" if said.get("sync") else line.direction
            source = str(said.get("source", ""))
            options = TransferOptions(bool(said.get("verify")), follow=bool(said.get("follow")))
            task = Task(self._home, line.remote, direction, line.runs, self.options, source)
            if said.get(FOLLOWED):
                self._following.begin(line.remote, line.runs, options, entry)
                continue
            work = partial(self._copier.go_on, line, self._home, entry)
            job = self._start(task, TransferWanted(line.runs, {}, options), work)
            self._entries[job] = entry

    def _look(self, direction: Direction, remote: str, ids: tuple[str, ...] | None) -> None:
        words = words_of(self._runs.columns, self.listed(remote))
        self._open(Task(self._home, remote, direction, ids, self.options), words)

    def _open(self, task: Task, words: Words) -> None:
        if self._looking is not None:
            self._looking.close()
        asking = self._remotes.asking
        looking = Looking(task, self._copier, asking, self._opener, self._services)
        looking.decided.connect(self.begin)
        looking.ended.connect(self._on_looked)
        if not task.source:
            looking.compared.connect(self._on_compared)
        self._looking = looking
        looking.open(words, self._window)

    def _list(self, sentence: str, outcome: TransferOutcome) -> None:
        from gui.dialogs.refusals_dialog import RefusalsDialog  # most starts show none

        dialog = RefusalsDialog(sentence, list(outcome.refused), self._window)
        dialog.selection_wanted.connect(self._runs.select_ids)
        dialog.open()

    def _tell(self, job: Job, task: Task, wanted: TransferWanted, outcome: TransferOutcome) -> None:
        for remark in outcome.remarks:
            log.info("%s: %s", job.title, remark)
        sentence = transfer_sentence(task.direction, outcome, task.source)
        acts: list[tuple[str, Callable[[], object]]] = []
        ids = touched(outcome)
        same = (*outcome.new, *outcome.updated, *outcome.merged)
        if task.source:
            self.arrived.emit(task.remote, same)
        else:
            self.compared.emit(task.remote, dict.fromkeys(same, "same"))
        if ids and task.direction != "push":
            self._feed.tell(News(touched=tuple((False, run_id) for run_id in ids)))
            acts.append(("Select", partial(self._runs.select_ids, ids)))
        if outcome.refused:
            acts.append(("List", partial(self._list, sentence, outcome)))
        grade = transfer_grade(outcome)
        show = acts[-1][1] if acts else None
        retry = partial(self.begin, task, wanted) if outcome.cancelled else None
        self._window.jobs.end(job, JobEnd(grade, sentence, show, retry))
        self._window.undo_bar.say(BarText(sentence, acts, is_lasting=grade != "done"))

    # Slots

    def _on_unfinished(self, entries: Sequence[Unfinished]) -> None:
        if not entries:
            return
        go_on = partial(self._go_on, entries)
        sentence = interrupted_sentence(entries)
        self._window.centre.notices.say(TOPIC, sentence, "warning", "Go On", go_on)

    @Slot(object)
    def _on_compared(self, found: Compared) -> None:
        for plan in found.plans:
            relations = {
                item.run_id: relation
                for item in plan.items
                if (relation := RELATIONS.get(item.verdict)) is not None
            }
            self.compared.emit(plan.remote, relations)

    @Slot()
    def _on_looked(self) -> None:
        self._looking = None

    @Slot(object)
    def _on_ended(self, job: Job) -> None:
        found = self._jobs.pop(job, None)
        if found is None:
            return
        task, wanted = found
        entry = self._entries.pop(job, None)
        if entry is not None and job.state is JobState.CANCELLED:
            strike = partial(self._copier.forget_entry, entry)
            write_journal(self._services.bridge, "Strike out a transfer", strike)
        self.going_on.emit()
        if job.state is JobState.DONE:
            copied = cast("Copied", job.result)
            self._tell(job, task, wanted, copied.outcome)
            self.copied.emit(task.remote)
            if copied.going and entry is not None:
                self._following.begin(task.remote, copied.going, wanted.options, entry)
        elif isinstance(job.error, Error):
            self._opener.explain(job.error)
            if not job.error.retryable:  # else nobody answers there
                self.copied.emit(task.remote)


def _sum_up(task: Task, result: object) -> JobEnd:
    outcome = cast("Copied", result).outcome
    sentence = transfer_sentence(task.direction, outcome, task.source)
    return JobEnd(transfer_grade(outcome), sentence)
