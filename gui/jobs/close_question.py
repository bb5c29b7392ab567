"""Asks before a window closes while jobs of the user's go on in it.

Why they may go on without a window: a copy of many gigabytes takes longer than a working day, and
whoever leaves wants it finished and the desk cleared. What then needs the user (a question, a
failure) brings the window back.

Why a property says which windows are away: Qt ends the program with its last visible window, and
which of several hidden ones must still be waited for is to be seen from any of them.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QWidget

from core.text import plural
from gui.dialogs.runs_question import Question, RunsQuestion
from gui.jobs.job_list import JobList, UserJob
from gui.theme import Theme

_AWAY = "away"
_NEXT: dict[str, str] = {
    "all": "the next start offers to go on with the rest.",
    "some": "the rest is not done; the next start offers to go on with what was copied.",
    "none": "the rest is not done.",
}


def _sentence(rows: Sequence[UserJob]) -> str:
    """What becomes of jobs in the background, and what when they are stopped."""
    kept = sum(row.is_resumed for row in rows)
    rest = _NEXT["all" if kept == len(rows) else "some" if kept else "none"]
    if len(rows) == 1:
        away = "it goes on without a window, and Rundesk ends when it is done"
        stopped = "When it is stopped, what it has finished"
    else:
        away = "they go on without a window, and Rundesk ends when they are done"
        stopped = "When they are stopped, what they have finished"
    return f"In the background {away}. {stopped} stays, and {rest}"


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
        jobs.ended.connect(self._on_ended)
        jobs.asked.connect(self._on_asked)

    @property
    def is_in_background(self) -> bool:
        """Whether the window is away until its jobs have ended."""
        return self._window.property(_AWAY) is True

    def agree(self) -> None:
        """Let the window close whatever goes on, without a question: the program ends."""
        self._is_agreed = True
        if self._dialog is not None:
            self._dialog.reject()

    def may_close(self) -> bool:
        """Whether the window may close now; else the user is asked, and closes it by agreeing."""
        going = self._going()
        if self._is_agreed or not going or not self._window.isVisible():
            return True
        if self._dialog is None:
            self._ask(going)
        return False

    def come_back(self) -> None:
        """Show the window again that was away."""
        if self.is_in_background:
            self._set_away(on=False)
            self._window.show()
            self._window.raise_()
            self._window.activateWindow()

    def _set_away(self, *, on: bool) -> None:
        """Let the program go on while this window, or another one, is away."""
        self._window.setProperty(_AWAY, on)
        windows = QApplication.topLevelWidgets()
        is_any = any(window.property(_AWAY) is True for window in windows)
        QApplication.setQuitOnLastWindowClosed(not is_any)

    def _going(self) -> list[UserJob]:
        return [row for row in self._jobs.jobs if row.end is None]

    def _ask(self, rows: list[UserJob]) -> None:
        titles = [row.job.title for row in rows]
        is_one = len(titles) == 1
        question = Question(
            "closeQuestion",
            f"Close while {plural(len(titles), 'job')} {'is' if is_one else 'are'} going on?",
            _sentence(rows),
            titles,
            lambda count: f"Stop {plural(count, 'Job')} and Close",
            len(titles),
            third="Go On in Background",
            cancel="Keep Open",
        )
        self._dialog = RunsQuestion(question, self._theme, self._window)
        self._dialog.agreed.connect(self._on_agreed)
        self._dialog.third_chosen.connect(self._on_background)
        self._dialog.finished.connect(self._on_finished)
        self._dialog.open()

    # Slots

    @Slot()
    def _on_agreed(self) -> None:
        self._is_agreed = True
        self._window.close()

    @Slot()
    def _on_background(self) -> None:
        if not self._going():  # the last one ended while the question was read
            self._on_agreed()
            return
        self._set_away(on=True)
        self._window.hide()

    @Slot()
    def _on_finished(self) -> None:
        self._dialog = None

    @Slot(object)
    def _on_ended(self, row: UserJob) -> None:
        """All is done: end; but whoever failed in the background must be seen."""
        if not self.is_in_background:
            return
        if row.end is not None and row.end.grade in ("failed", "partly"):
            self.come_back()
        elif not self._going():
            self._set_away(on=False)
            self._on_agreed()
            windows = QApplication.topLevelWidgets()
            if QApplication.quitOnLastWindowClosed() and not any(w.isVisible() for w in windows):
                QApplication.quit()  # Qt does so by itself only when a visible window closes

    @Slot(object)
    def _on_asked(self, _row: UserJob) -> None:
        self.come_back()
