"""Lists changes of many runs, and those that take long, among the user's jobs.

Why not every change: marking a run takes a blink of an eye, and the bar above the table says it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec.structs import replace
from PySide6.QtCore import QElapsedTimer, QObject, Slot

from core.jobs import Job
from gui.changing.change_bar import PATIENCE_MS
from gui.changing.change_place import MANY
from gui.changing.change_text import needs_attention, sentence_of
from gui.changing.changes import Changer, Report
from gui.changing.commands import Command, CommandKind, Result
from gui.jobs.job_list import JobEnd, JobList

_ICONS: dict[CommandKind, str] = {
    "delete": "trash", "restore": "restore", "purge": "purge", "stop": "stop",
}  # fmt: skip


class ChangeJobs(QObject):
    """Tells the list of jobs of what a changer does.

    Args:
        changer: Changes the runs.
        jobs: Where they are listed.
        show: Lists the runs that were refused.
        parent: Owner.
    """

    def __init__(
        self,
        changer: Changer,
        jobs: JobList,
        show: Callable[[Report], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._changer = changer
        self._jobs = jobs
        self._show = show
        self._job: Job | None = None
        self._report: Report | None = None
        self._is_listed = False
        self._since = QElapsedTimer()
        if changer.current is not None:  # it was begun when the home was shown before
            self._job, self._report = changer.current
            self._is_listed = jobs.is_listed(self._job)
            self._since.start()
        changer.submitted.connect(self._on_submitted)
        changer.progressed.connect(self._on_progressed)
        changer.ended.connect(self._on_ended)

    # Inside

    def _list(self) -> None:
        job, report = self._job, self._report
        if job is None or report is None or self._is_listed:
            return
        self._is_listed = True

        def sum_up(result: object) -> JobEnd:
            known = result if isinstance(result, Result) else None
            return end_of(replace(report, result=known))

        self._jobs.follow(job, icon_of(report.command), sum_up=sum_up)

    def _retry(self, report: Report) -> Callable[[], object] | None:
        """What does the rest; undoing and redoing is what the history is for."""
        if report.kind != "do":
            return None
        done = report.result.done if report.result is not None else ()
        return partial(self._changer.do, report.command.without(done))

    # Slots

    @Slot(object, object)
    def _on_submitted(self, job: Job, report: Report) -> None:
        self._job, self._report, self._is_listed = job, report, False
        self._since.start()
        if len(report.command.ids) >= MANY:
            self._list()

    @Slot(object)
    def _on_progressed(self, _progress: object) -> None:
        if self._since.elapsed() >= PATIENCE_MS:
            self._list()

    @Slot(object)
    def _on_ended(self, report: Report) -> None:
        job, self._job = self._job, None
        if job is not None and self._is_listed:
            has_list = report.result is not None and bool(report.result.refused)
            show = partial(self._show, report) if has_list else None
            end = end_of(report)
            self._jobs.end(job, replace(end, show=show, retry=self._retry(report)))


def end_of(report: Report) -> JobEnd:
    """What came of a change, for the list of jobs."""
    sentence = sentence_of(report)
    if report.result is None:
        return JobEnd("failed" if report.error is not None else "cancelled", sentence)
    if report.result.cancelled:
        return JobEnd("cancelled", sentence)
    return JobEnd("partly" if needs_attention(report) else "done", sentence)


def icon_of(command: Command) -> str:
    """The sign of a kind of change."""
    return _ICONS.get(command.kind, "edit")
