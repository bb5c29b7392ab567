"""Puts the questions of jobs, and their waits before another try, on their rows."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Slot

from core.jobs import Job
from gui.job_bridge import JobBridge
from gui.jobs.job_list import JobList, JobQuestion
from gui.jobs.job_text import Recess
from gui.remotes.asking import Asking, Waiting
from gui.remotes.question_opener import QuestionOpener
from gui.remotes.question_text import brief, button


class JobQuestions(QObject):
    """Joins what jobs ask with the jobs of a window.

    Args:
        asking: What is asked.
        jobs: The jobs that the user asked for.
        opener: Opens the dialogs.
        bridge: Tells what jobs publish.
    """

    def __init__(
        self, asking: Asking, jobs: JobList, opener: QuestionOpener, bridge: JobBridge
    ) -> None:
        super().__init__(jobs)
        self._asking = asking
        self._jobs = jobs
        self._opener = opener
        asking.asked.connect(self._on_asked)
        asking.settled.connect(self._on_settled)
        bridge.published.connect(self._on_published)
        jobs.added.connect(self._on_added)

    @Slot(int)
    def _on_added(self, number: int) -> None:
        """A job that is listed late may have asked before."""
        waiting = self._asking.of(self._jobs.jobs[number].job.context)
        if waiting is not None:
            self._on_asked(waiting)

    @Slot(object)
    def _on_asked(self, waiting: Waiting) -> None:
        row = self._jobs.row_of(waiting.context) if waiting.context is not None else None
        if row is not None:
            question = waiting.question
            open_ = partial(self._opener.open, waiting)
            self._jobs.set_question(row, JobQuestion(brief(question), button(question), open_))

    @Slot(object)
    def _on_settled(self, waiting: Waiting) -> None:
        row = self._jobs.row_of(waiting.context) if waiting.context is not None else None
        if row is not None:
            self._jobs.set_question(row, None)

    @Slot(object, object)
    def _on_published(self, job: Job, item: object) -> None:
        row = self._jobs.row_of(job.context) if isinstance(item, Recess) else None
        if row is not None and isinstance(item, Recess):
            self._jobs.set_recess(row, item if item.until else None)
