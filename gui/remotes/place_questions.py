"""What hosts ask for no job: for the listing of a remote that somebody looks at."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Slot

from core.errors import Error
from gui.main_window import MainWindow
from gui.remotes.asking import Waiting
from gui.remotes.question_opener import QuestionOpener
from gui.remotes.question_text import brief, button
from gui.remotes.remote_set import RemoteSet


class PlaceQuestions(QObject):
    """Shows such a question over the table, and opens it at once where the remote is looked at.

    Args:
        remotes: Whose hosts ask.
        opener: Opens the dialogs.
        window: Where they are shown.
        front: Gives the remote that is looked at; empty for none.
        parent: Owner.
    """

    def __init__(
        self,
        remotes: RemoteSet,
        opener: QuestionOpener,
        window: MainWindow,
        front: Callable[[], str],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._notices = window.centre.notices
        self._opener = opener
        self._front = front
        remotes.asking.asked.connect(self._on_asked)
        remotes.asking.settled.connect(self._on_settled)
        remotes.refused.connect(self._on_refused)

    @Slot(object)
    def _on_asked(self, waiting: Waiting) -> None:
        if waiting.context is not None:
            return
        question, open_ = waiting.question, partial(self._opener.open, waiting)
        said = f"{question.remote} asks: {brief(question)}."
        topic = f"asks {question.remote}"
        self._notices.say(topic, said, "info", button(question), open_)
        if self._front() == question.remote:
            self._opener.open(waiting)

    @Slot(object)
    def _on_settled(self, waiting: Waiting) -> None:
        if waiting.context is None:
            self._notices.drop(f"asks {waiting.question.remote}")

    @Slot(str, object)
    def _on_refused(self, name: str, error: Error) -> None:
        if self._front() == name:
            self._opener.explain(error)
