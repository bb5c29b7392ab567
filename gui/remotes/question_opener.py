"""Opens the dialog of a question that waits, and closes it when the job does not wait any more."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QDialog, QWidget

from core.errors import Error
from gui.dialogs.runs_question import Question, RunsQuestion
from gui.remotes.asking import Asking, Waiting
from gui.remotes.question_text import brief, form_of
from gui.theme import Theme


class QuestionOpener(QObject):
    """One dialog a question, over the window or the dialog in which the user waits.

    Args:
        asking: Its questions.
        theme: Colours and icons.
        window: What the dialogs are over.
        address: Gives the address of a remote by its name; empty where it is not known.
    """

    def __init__(
        self,
        asking: Asking,
        theme: Theme,
        window: QWidget,
        address: Callable[[str], str] = lambda _name: "",
    ) -> None:
        super().__init__(window)
        self._address = address
        self._theme = theme
        self._window = window
        self._dialogs: dict[Waiting, QDialog] = {}
        asking.settled.connect(self._on_settled)

    def open(self, waiting: Waiting, over: QWidget | None = None) -> None:
        """Show a question, or bring its dialog to the front.

        Args:
            waiting: The question.
            over: What the user looks at; None for the window.
        """
        if waiting.is_answered:
            return
        if waiting in self._dialogs:
            self._dialogs[waiting].raise_()
            self._dialogs[waiting].activateWindow()
            return
        dialog = self._make(waiting, over or self._window)
        self._dialogs[waiting] = dialog
        dialog.finished.connect(lambda _result: self._on_finished(waiting))
        dialog.open()

    def explain(self, error: Error, over: QWidget | None = None) -> None:
        """Show a host key that ended everything; nothing for other failures."""
        from gui.dialogs.host_key_dialog import HostKeyDialog, HostKeyFacts

        facts = HostKeyFacts.of_error(error)
        if facts is not None:
            dialog = HostKeyDialog(facts, self._theme, over or self._window)
            dialog.finished.connect(dialog.deleteLater)
            dialog.open()

    # Inside

    def _make(self, waiting: Waiting, over: QWidget) -> QDialog:
        from gui.dialogs.host_key_dialog import HostKeyDialog, HostKeyFacts
        from remote import prompts

        question = waiting.question
        if isinstance(question, prompts.HostKeyQuestion):
            dialog = HostKeyDialog(HostKeyFacts.of_question(question), self._theme, over)
            dialog.answered.connect(lambda yes: waiting.decide(yes=yes))
            return dialog
        if isinstance(question, prompts.CommandQuestion):
            return self._command_dialog(waiting, question, over)
        return self._form_dialog(waiting, question, over)

    def _form_dialog(self, waiting: Waiting, question: object, over: QWidget) -> QDialog:
        from gui.dialogs.password_dialog import PasswordDialog
        from remote import prompts

        assert isinstance(
            question,
            prompts.PasswordQuestion | prompts.PassphraseQuestion | prompts.PromptsQuestion,
        )
        can_keep = importlib.util.find_spec("keyring") is not None
        form = form_of(question, self._address(question.remote))
        dialog = PasswordDialog(form, self._theme, can_keep=can_keep, parent=over)

        def answer(texts: tuple[str, ...], keep: bool) -> None:
            waiting.answer(tuple(prompts.Secret(text, keep) for text in texts))

        dialog.answered.connect(answer)
        dialog.rejected.connect(lambda: waiting.answer(None))
        return dialog

    def _command_dialog(self, waiting: Waiting, question: object, over: QWidget) -> QDialog:
        from remote import prompts

        assert isinstance(question, prompts.CommandQuestion)
        why = "to decide whether a part of it counts"
        if question.purpose == "proxy":
            why = "to make the connection"
        asked = Question(
            "commandQuestion",
            f"Run a command for {question.remote}?",
            f"{question.path}, line {question.line}, wants to run this on this computer {why}:\n\n"
            f"{question.command}",
            [],
            lambda _count: "Run Command",
            0,
        )
        dialog = RunsQuestion(asked, self._theme, over)
        dialog.agreed.connect(lambda _also: waiting.decide(yes=True))
        dialog.rejected.connect(lambda: waiting.decide(yes=False))
        return dialog

    # Slots

    def _on_finished(self, waiting: Waiting) -> None:
        dialog = self._dialogs.pop(waiting, None)
        if dialog is not None:
            dialog.deleteLater()

    @Slot(object)
    def _on_settled(self, waiting: Waiting) -> None:
        """The job was cancelled, or another window answered: the question is void."""
        dialog = self._dialogs.get(waiting)
        if dialog is not None and not waiting.is_answered:
            dialog.reject()


def said(waiting: Waiting) -> str:
    """A question for the screen reader."""
    return f"{waiting.question.remote}: {brief(waiting.question)}"
