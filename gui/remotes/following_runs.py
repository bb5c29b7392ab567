"""Follows runs that are running on a remote: what they write comes here until they have ended.

Following has a line in the journal as long as it goes on, so that the next start offers to go on
with it however this program ends. It has a lane of its own: other transfers need not wait for it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QObject, Slot

from core.home import Home
from core.index.news import News
from core.jobs import Job, JobContext, JobState
from gui.job_bridge import JobBridge
from gui.jobs.job_list import JobEnd
from gui.main_window import MainWindow
from gui.remotes.copying import Copier, Task
from gui.remotes.journal_entry import JournalEntry, write_journal
from gui.remotes.transfer_row import TransferOptions
from gui.remotes.transfer_text import following_sentence, runs_text, transfer_grade
from gui.table.index_feed import IndexFeed

if TYPE_CHECKING:
    from remote.moves import TransferOutcome


class FollowingRuns(QObject):
    """Follows runs of the remotes of one home.

    Args:
        home: Where they come to.
        copier: Copies what is new.
        window: Its jobs.
        feed: The index that hears of what came.
        bridge: Runs the jobs.
        parent: Owner.
    """

    def __init__(
        self,
        home: Home,
        copier: Copier,
        window: MainWindow,
        feed: IndexFeed,
        bridge: JobBridge,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._home = home
        self._copier = copier
        self._window = window
        self._feed = feed
        self._bridge = bridge
        self._entries: dict[Job, JournalEntry] = {}
        bridge.ended.connect(self._on_ended)

    def begin(
        self,
        remote: str,
        ids: tuple[str, ...],
        options: TransferOptions,
        entry: JournalEntry | None = None,
    ) -> None:
        """Follow runs until they have ended.

        Args:
            remote: Where they are running.
            ids: Which.
            options: How they are copied.
            entry: The line of the journal that is about it already; None to write one.
        """
        if self._bridge.is_closed:
            return
        task = Task(self._home, remote, "pull", ids, options)
        entry = entry or JournalEntry()

        def work(context: JobContext) -> TransferOutcome:
            return self._copier.follow(task, self._on_arrived, entry, context)

        job = Job(f"Follow {runs_text(ids)} on {remote}", f"follow {remote} {id(entry)}", work)
        self._entries[job] = entry
        self._window.jobs.follow(
            job,
            "pull",
            sum_up=partial(_sum_up, len(ids)),
            retry=partial(self.begin, remote, ids, options),
            is_resumed=True,
        )
        self._bridge.submit(job)

    def _on_arrived(self, ids: tuple[str, ...]) -> None:
        """On a worker's thread."""
        self._feed.tell(News(touched=tuple((False, run_id) for run_id in ids)))

    @Slot(object)
    def _on_ended(self, job: Job) -> None:
        entry = self._entries.pop(job, None)
        if entry is not None and job.state is JobState.CANCELLED:
            strike = partial(self._copier.forget_entry, entry)
            write_journal(self._bridge, "Strike out what was followed", strike)


def _sum_up(total: int, result: object) -> JobEnd:
    outcome = cast("TransferOutcome", result)
    return JobEnd(transfer_grade(outcome), following_sentence(outcome, total))
