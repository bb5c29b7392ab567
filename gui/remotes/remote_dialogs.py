"""Opens the dialog that adds a remote, changes one, or tests one, and does what it wants."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from core.errors import Error
from core.jobs import JobContext
from gui.job_bridge import Latest
from gui.remotes.asking import Waiting
from gui.remotes.question_opener import QuestionOpener
from gui.remotes.question_text import brief
from gui.remotes.remote_draft import RemoteDraft
from gui.remotes.remote_set import RemoteSet, draft_of, remote_of
from gui.remotes.remote_state import RemoteState
from gui.services import Services

if TYPE_CHECKING:
    from gui.dialogs.remote_dialog import RemoteDialog

LANE = "remote-test"
_UNNAMED = "the new remote"


class RemoteDialogs(QObject):
    """At most one dialog at a time: it is about one remote, and so is its test.

    Args:
        remotes: The remotes.
        opener: Opens questions over the dialog.
        services: Shared services of the window.
        window: What the dialog is over.

    Signals:
        worked: A remote that is saved as it was tested can be reached (its name).
    """

    worked = Signal(str)

    def __init__(
        self, remotes: RemoteSet, opener: QuestionOpener, services: Services, window: QWidget
    ) -> None:
        super().__init__(window)
        self._remotes = remotes
        self._opener = opener
        self._services = services
        self._window = window
        self._dialog: RemoteDialog | None = None
        self._test = Latest(services.bridge, LANE, self)
        self._tested: JobContext | None = None
        remotes.asking.asked.connect(self._on_asked)
        remotes.asking.settled.connect(self._on_settled)

    def add(self) -> None:
        """Let the user add a remote."""
        dialog = self._open(RemoteDraft(""))

        def failed(error: Error) -> None:
            dialog.show_hosts([], error.told)

        self._remotes.ask_hosts(dialog.show_hosts, failed)

    def edit(self, state: RemoteState) -> None:
        """Let the user change a remote."""
        self._open(draft_of(state.remote))

    def test(self, state: RemoteState) -> None:
        """Show a remote and connect to it at once."""
        draft = draft_of(state.remote)
        self._open(draft)
        if state.remote.is_supported:
            self._on_test_wanted(draft)

    # Inside

    def _open(self, draft: RemoteDraft) -> RemoteDialog:
        if self._dialog is not None:
            self._dialog.reject()
        taken = {state.name for state in self._remotes.states()} - {draft.old_name}
        from gui.dialogs.remote_dialog import RemoteDialog  # most starts show none

        dialog = RemoteDialog(draft, taken, self._services.theme, self._window)
        dialog.saved.connect(self._on_saved)
        dialog.test_wanted.connect(self._on_test_wanted)
        dialog.stop_wanted.connect(self._on_stop_wanted)
        dialog.finished.connect(self._on_finished)
        dialog.finished.connect(dialog.deleteLater)
        self._dialog = dialog
        dialog.open()
        return dialog

    def _work(self, draft: RemoteDraft, context: JobContext) -> str:
        """Connect, and say what was found; on a worker's thread."""
        from remote.trial import try_remote

        self._tested = context
        asking, answers = self._remotes.asking, self._remotes.answers()
        with asking.during(context):
            found = try_remote(
                remote_of(draft), asking, context.check, context.publish, answers=answers
            )
        return found.words

    # Slots

    @Slot(object)
    def _on_saved(self, draft: RemoteDraft) -> None:
        dialog = self._dialog
        if dialog is not None:
            self._remotes.save(draft, dialog.close_saved, dialog.show_failure)

    @Slot(object)
    def _on_test_wanted(self, draft: RemoteDraft) -> None:
        dialog = self._dialog
        if dialog is None:
            return
        dialog.begin_test()

        def done(sentence: str) -> None:
            dialog.end_test(sentence, is_good=True)
            saved = self._remotes.find(draft.old_name)
            if saved is not None and draft_of(saved.remote) == draft:
                self.worked.emit(draft.name)

        self._test.ask(
            f"Test the connection to {draft.name or _UNNAMED}",
            partial(self._work, draft),
            done,
            self._on_failed,
            on_item=dialog.log.add,
        )

    def _on_failed(self, error: Error) -> None:
        if self._dialog is not None:
            self._dialog.end_test(error.told, is_good=False)
            self._opener.explain(error, self._dialog)

    @Slot()
    def _on_stop_wanted(self) -> None:
        is_going = self._test.is_waiting
        self._test.drop()
        if is_going and self._dialog is not None:
            self._dialog.end_test("The test was stopped.", is_good=False)

    @Slot()
    def _on_finished(self) -> None:
        self._dialog = None

    @Slot(object)
    def _on_asked(self, waiting: Waiting) -> None:
        """The user waits here: ask at once."""
        if self._dialog is not None and waiting.context is self._tested:
            self._dialog.log.wait_for(f"Waiting for your answer: {brief(waiting.question)}")
            self._opener.open(waiting, self._dialog)

    @Slot(object)
    def _on_settled(self, waiting: Waiting) -> None:
        if self._dialog is not None and waiting.context is self._tested and self._test.is_waiting:
            self._dialog.log.go_on()
