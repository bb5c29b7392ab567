"""Asks before a window closes while jobs of the user's go on in it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from core.text import plural
from gui.dialogs.runs_question import Question, RunsQuestion
from gui.job_list import JobList
from gui.theme import Theme


class CloseQuestion(QObject):
    """Knows whether a window may close.

    Args:
        jobs: Its jobs.
        theme: Draws the question.
        window: The window.
    """

    def __init__(self, jobs: JobList, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._jobs = jobs
        self._theme = theme
        self._window = window
        self._dialog: RunsQuestion | None = None
        self._is_agreed = False

    def agree(self) -> None:
        """Let the window close whatever goes on, without a question: the program ends."""
        self._is_agreed = True
        if self._dialog is not None:
            self._dialog.reject()

    def may_close(self) -> bool:
        """Whether the window may close now; else the user is asked, and closes it by agreeing."""
        going = [row.job.title for row in self._jobs.jobs if row.end is None]
        if self._is_agreed or not going or not self._window.isVisible():
            return True
        if self._dialog is None:
            self._ask(going)
        return False

    def _ask(self, titles: list[str]) -> None:
        question = Question(
            "closeQuestion",
            f"Stop {plural(len(titles), 'job')} and close?",
            "What they have finished stays. What they have not begun is not done.",
            titles,
            lambda count: f"Stop {plural(count, 'Job')} and Close",
            len(titles),
        )
        self._dialog = RunsQuestion(question, self._theme, self._window)
        self._dialog.agreed.connect(self._on_agreed)
        self._dialog.finished.connect(self._on_finished)
        self._dialog.open()

    @Slot()
    def _on_agreed(self) -> None:
        self._is_agreed = True
        self._window.close()

    @Slot()
    def _on_finished(self) -> None:
        self._dialog = None
