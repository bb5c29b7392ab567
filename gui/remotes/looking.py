"""One preview of a transfer, from its opening to its end: compares, asks, and tells the wish."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal, Slot
from PySide6.QtWidgets import QWidget

from core.errors import Error
from core.jobs import JobContext
from gui.job_bridge import Latest
from gui.remotes.asking import Asking, Waiting
from gui.remotes.copying import Copier, Task
from gui.remotes.plan_rows import Compared, rows_of
from gui.remotes.question_opener import QuestionOpener
from gui.remotes.question_text import brief
from gui.remotes.run_words import Words, words_of
from gui.remotes.transfer_row import (
    TransferOptions,
    TransferRow,
    TransferTitle,
    TransferWanted,
)
from gui.services import Services

if TYPE_CHECKING:
    from gui.dialogs.transfer_preview import TransferPreview


class Looking(QObject):
    """Lets the user decide about one task.

    Args:
        task: What is asked for.
        copier: Compares.
        asking: What hosts ask meanwhile.
        opener: Opens that over the preview, since the user waits there.
        services: Shared services of the window.

    Signals:
        decided: The user wants this (Task, TransferWanted, Compared).
        ended: The preview is closed.
        compared: Both sides are known now (Compared).
    """

    decided = Signal(object, object, object)
    ended = Signal()
    compared = Signal(object)

    def __init__(
        self,
        task: Task,
        copier: Copier,
        asking: Asking,
        opener: QuestionOpener,
        services: Services,
    ) -> None:
        super().__init__()
        self._task = task
        self._copier = copier
        self._opener = opener
        self._theme = services.theme
        self._words: Words = words_of()
        self._question = Latest(services.bridge, f"look {task.remote}", self)
        self._context: JobContext | None = None
        self._compared: Compared | None = None
        self._dialog: TransferPreview | None = None
        asking.asked.connect(self._on_asked)
        asking.settled.connect(self._on_settled)

    def open(self, words: Words, window: QWidget) -> TransferPreview:
        """Show the preview and begin to compare.

        Args:
            words: Operation and label of runs.
            window: What it is over.
        """
        task = self._task
        can_send_env = task.direction != "pull"
        title = TransferTitle(
            task.direction, task.remote, can_send_env=can_send_env, source=task.source
        )
        from gui.dialogs.transfer_preview import TransferPreview  # most starts show none

        dialog = TransferPreview(title, task.options, self._theme, window)
        dialog.chosen.connect(self._on_chosen)
        dialog.look_wanted.connect(self._look)
        dialog.options_changed.connect(self._on_options_changed)
        dialog.finished.connect(self._on_finished)
        self._words = words
        self._dialog = dialog
        # Each in a turn of its own (0 would be this one): made, drawn and begun to be filled by a
        # thread that wants Python's lock, all at once, it would stop the window.
        QTimer.singleShot(1, self, self._show)
        return dialog

    def close(self) -> None:
        """Decide nothing."""
        if self._dialog is not None:
            self._dialog.reject()

    # Inside

    @Slot()
    def _show(self) -> None:
        if self._dialog is not None:
            self._dialog.open()
            QTimer.singleShot(1, self, self._look)

    @Slot()
    def _look(self) -> None:
        if self._dialog is None:
            return
        self._compared = None
        self._question.ask(
            f"Compare runs with {self._task.remote}", self._work, self._on_rows, self._on_failed
        )

    def _work(self, context: JobContext) -> tuple[Compared, list[TransferRow]]:
        """Compare, and make the rows: of ten thousand that takes long for the window's thread."""
        self._context = context
        compared = self._copier.compare(self._task, context)
        return compared, rows_of(compared, self._words)

    def _on_rows(self, found: tuple[Compared, list[TransferRow]]) -> None:
        compared, rows = found
        self._compared = compared
        self.compared.emit(compared)
        if self._dialog is not None:
            self._dialog.show_rows(rows, compared.seconds, compared.where)

    def _on_failed(self, error: Error) -> None:
        if self._dialog is not None:
            self._dialog.show_error(error)
            self._opener.explain(error, self._dialog)

    # Slots

    @Slot(object)
    def _on_options_changed(self, options: TransferOptions) -> None:
        """What is removed, or sent along, is another plan."""
        self._task = replace(self._task, options=options)
        self._look()

    @Slot(object)
    def _on_chosen(self, wanted: TransferWanted) -> None:
        if self._compared is not None:
            task = replace(self._task, options=wanted.options)
            self.decided.emit(task, wanted, self._compared)

    @Slot()
    def _on_finished(self) -> None:
        self._question.drop()
        if self._dialog is not None:
            self._dialog.deleteLater()
            self._dialog = None
        self.ended.emit()
        self.deleteLater()

    @Slot(object)
    def _on_asked(self, waiting: Waiting) -> None:
        if self._dialog is not None and waiting.context is self._context:
            self._dialog.show_progress(f"Waiting for your answer: {brief(waiting.question)}")
            self._opener.open(waiting, self._dialog)

    @Slot(object)
    def _on_settled(self, waiting: Waiting) -> None:
        is_mine = waiting.context is not None and waiting.context is self._context
        if self._dialog is not None and is_mine and self._question.is_waiting:
            self._dialog.show_progress("")
