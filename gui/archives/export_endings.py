"""Says what came of an export, and offers what one does next: open it, show it in its folder."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from core.errors import Error
from core.jobs import Job, JobState
from gui.archives.export_text import export_grade, export_sentence, left_out
from gui.file_manager import reveal_path
from gui.jobs.job_list import JobEnd
from gui.main_window import MainWindow
from gui.views.undo_bar import Act, BarText

if TYPE_CHECKING:
    from core.archives.export import ExportOutcome
    from gui.archives.archive_places import ArchivePlaces

log = logging.getLogger(__name__)


class ExportEndings:
    """What is said at the end of exports, those of the home and those of archives.

    Args:
        window: Its bar and its jobs.
        archives: What was written can be opened among them.
        select: Selects runs by their ids; None where what was left out cannot be selected.
    """

    def __init__(
        self,
        window: MainWindow,
        archives: ArchivePlaces,
        select: Callable[[Any], object] | None = None,
    ) -> None:
        self._window = window
        self._archives = archives
        self._select = select

    def tell(self, job: Job, *, is_move: bool, again: Callable[[], object]) -> None:
        """A job has ended.

        Args:
            job: Its result is an ExportOutcome.
            is_move: Whether the runs were to be removed here.
            again: Begins the same export once more.
        """
        bar = self._window.undo_bar
        if job.state is not JobState.DONE:
            if isinstance(job.error, Error):
                bar.say(BarText(job.error.told, is_lasting=True))
            return
        outcome = cast("ExportOutcome", job.result)
        for remark in outcome.remarks:
            log.info("%s: %s", job.title, remark)
        sentence, grade = export_sentence(outcome, is_move=is_move), export_grade(outcome)
        acts = self._acts(outcome, sentence)
        show = acts[-1][1] if acts else None
        retry = again if grade == "cancelled" else None
        self._window.jobs.end(job, JobEnd(grade, sentence, show, retry))
        bar.say(BarText(sentence, acts, is_lasting=grade != "done"))

    def _acts(self, outcome: ExportOutcome, sentence: str) -> list[tuple[str, Act]]:
        acts: list[tuple[str, Act]] = []
        if outcome.exported:
            acts.append(("Open", partial(self._archives.open, [outcome.path])))
            acts.append(("Show in Folder", partial(self._reveal, outcome)))
        if left_out(outcome):
            acts.append(("List", partial(self._list, sentence, outcome)))
        return acts

    def _reveal(self, outcome: ExportOutcome) -> None:
        if not reveal_path(outcome.path):
            sentence = f"No file manager could show {outcome.path}."
            self._window.centre.notices.say("desk", sentence)

    def _list(self, sentence: str, outcome: ExportOutcome) -> None:
        from gui.dialogs.refusals_dialog import RefusalsDialog  # most starts show none

        dialog = RefusalsDialog(sentence, left_out(outcome), self._window)
        if self._select is not None:
            dialog.selection_wanted.connect(self._select)
        dialog.open()


def sum_up(is_move: bool, result: Any) -> JobEnd:
    """The end of an export as the list of jobs shows it at first."""
    return JobEnd(export_grade(result), export_sentence(result, is_move=is_move))
