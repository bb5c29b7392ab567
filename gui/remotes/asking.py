"""Brings the questions of hosts to the window, and the answers back to the job that waits.

Why the thread says which job asks: a connection is shared by many jobs, and the code that logs in
knows none of them; but it asks on the thread of the job that needs the answer. So whoever works
on a remote says on its thread for which job it does (`during`).

A question waits until somebody opens it: the row of the job, the place of the remote, or the
dialog in which the user waits. It goes when it is answered, or when its job ends.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Qt, Signal, Slot

from core.jobs import JobContext

if TYPE_CHECKING:
    from core.check import Check
    from gui.remotes.question_text import HostQuestion
    from remote.prompts import (
        CommandQuestion,
        HostKeyQuestion,
        PassphraseQuestion,
        PasswordQuestion,
        PromptsQuestion,
        Secret,
    )

GLANCE_SECONDS = 0.1


@dataclass(slots=True, eq=False)
class Waiting:
    """A question that waits for the user.

    Attributes:
        question: What is asked.
        context: Of the job that waits; None where nobody said.
    """

    question: HostQuestion
    context: JobContext | None
    _answer: Any = field(default=None, repr=False)
    _answered: threading.Event = field(default_factory=threading.Event)

    def answer(self, secrets: Sequence[Secret] | None) -> None:
        """Let the job go on with what was typed, or with nothing; only the first answer counts."""
        self._settle(tuple(secrets) if secrets is not None else None)

    def decide(self, *, yes: bool) -> None:
        """Let the job go on with the answer to a host key or a command."""
        self._settle(yes)

    def _settle(self, answer: object) -> None:
        if not self._answered.is_set():
            self._answer = answer
            self._answered.set()

    @property
    def is_answered(self) -> bool:
        """Whether the job goes on."""
        return self._answered.is_set()

    def wait(self, check: Check) -> Any:
        """The answer, as soon as there is one; on the job's thread.

        Raises:
            Cancelled: The job is to end.
        """
        while not self._answered.wait(GLANCE_SECONDS):
            check()
        answer, self._answer = self._answer, None  # a secret is held no longer than needed
        return answer


class Asking(QObject):
    """Asks the user of one window; its methods with a `check` are called on workers' threads.

    Signals:
        asked: A question waits (Waiting).
        settled: A question waits no longer (Waiting).
    """

    asked = Signal(object)
    settled = Signal(object)
    _came = Signal(object)
    _went = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._here = threading.local()
        self.waiting: list[Waiting] = []
        self._came.connect(self._on_came, Qt.ConnectionType.QueuedConnection)
        self._went.connect(self._on_went, Qt.ConnectionType.QueuedConnection)

    @contextmanager
    def during(self, context: JobContext | None) -> Iterator[None]:
        """What is asked on this thread meanwhile is asked for this job."""
        before = getattr(self._here, "context", None)
        self._here.context = context
        try:
            yield
        finally:
            self._here.context = before

    def of(self, context: JobContext) -> Waiting | None:
        """The question that a job waits for."""
        return next((each for each in self.waiting if each.context is context), None)

    # What connections ask; see remote.prompts.Ask

    def accept_host_key(self, question: HostKeyQuestion, check: Check) -> bool:
        """Whether the key is the host's."""
        return self._ask(question, check) is True

    def ask_password(self, question: PasswordQuestion, check: Check) -> Secret | None:
        """The password."""
        return self._only(question, check)

    def ask_passphrase(self, question: PassphraseQuestion, check: Check) -> Secret | None:
        """The passphrase."""
        return self._only(question, check)

    def answer_prompts(self, question: PromptsQuestion, check: Check) -> Sequence[Secret] | None:
        """One answer a prompt."""
        answers: Sequence[Secret] | None = self._ask(question, check)
        return answers

    def allow_command(self, question: CommandQuestion, check: Check) -> bool:
        """Whether the command may run."""
        return self._ask(question, check) is True

    # Inside

    def _only(self, question: PasswordQuestion | PassphraseQuestion, check: Check) -> Secret | None:
        answers: Sequence[Secret] | None = self._ask(question, check)
        return answers[0] if answers else None

    def _ask(self, question: HostQuestion, check: Check) -> Any:
        waiting = Waiting(question, getattr(self._here, "context", None))
        self._came.emit(waiting)
        try:
            return waiting.wait(check)
        finally:
            self._went.emit(waiting)

    @Slot(object)
    def _on_came(self, waiting: Waiting) -> None:
        self.waiting.append(waiting)
        self.asked.emit(waiting)

    @Slot(object)
    def _on_went(self, waiting: Waiting) -> None:
        if waiting in self.waiting:
            self.waiting.remove(waiting)
        self.settled.emit(waiting)
