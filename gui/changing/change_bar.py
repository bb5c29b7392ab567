"""Joins what is done to runs with the bar that tells of it and with Undo and Redo."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import partial

from PySide6.QtCore import QElapsedTimer, QObject, Signal, Slot

from core.jobs import Progress
from gui.action_set import ActionSet
from gui.bound_actions import BoundActions
from gui.changing.change_text import Offer, needs_attention, offers_of, sentence_of
from gui.changing.changes import Changer, Report
from gui.changing.commands import Command
from gui.views.undo_bar import BarText, UndoBar

_NOT_HERE = (
    "Nothing was done to the runs that are shown; go back to those of the home for its steps."
)
_STEPS = ("edit.undo", "edit.redo")
PATIENCE_MS = 300
"""What takes longer than this shows how far it is."""

_BUTTONS: dict[Offer, str] = {
    "undo": "Undo",
    "redo": "Redo",
    "again": "Try Again",
    "show": "Show",
    "stop": "Stop and Delete…",
    "insist": "Delete Anyway…",
}


class ChangeBar(QObject):
    """Shows each report, and lets Undo and Redo say what they would do.

    Args:
        changer: Changes the runs.
        bar: Where it is told.
        actions: Those of the window.
        parent: Owner.
        is_front: Whether Undo and Redo are about these runs from the start.
        offers: What can be offered beside a sentence.

    Signals:
        list_wanted: Show which runs were refused (Report).
        stop_wanted: Stop the running ones of these refused runs first (Report).
        insist_wanted: Do it also to those that may be running elsewhere (Report).
    """

    list_wanted = Signal(object)
    stop_wanted = Signal(object)
    insist_wanted = Signal(object)

    def __init__(
        self,
        changer: Changer,
        bar: UndoBar,
        actions: ActionSet,
        parent: QObject,
        *,
        is_front: bool = True,
        offers: Collection[Offer] = tuple(_BUTTONS),
    ) -> None:
        super().__init__(parent)
        self._offers = offers
        self._changer = changer
        self._bar = bar
        self._actions = actions
        self._command: Command | None = None
        self._count = 0
        self._since = QElapsedTimer()
        changer.began.connect(self._on_began)
        changer.progressed.connect(self._on_progressed)
        changer.ended.connect(self._on_ended)
        changer.history_changed.connect(self.refresh)
        undo, redo = _STEPS
        self._bound = BoundActions(actions, {undo: changer.undo, redo: changer.redo})
        self.set_front(on=is_front)
        if changer.current is not None:  # it was begun when the home was shown before
            self._on_began(changer.current[1].command)

    def set_front(self, *, on: bool) -> None:
        """Whether Undo and Redo are about the runs of this home: those are what is shown."""
        if on == self._bound.is_bound:
            return
        if on:
            self._bound.bind()
            self.refresh()
            return
        for id_ in _STEPS:
            name_step(self._actions, id_, "")
        self._bound.unbind(_NOT_HERE)

    def unbind(self) -> None:
        """Let go of the actions and the bar: the home is closed."""
        self.set_front(on=False)
        for id_ in _STEPS:
            self._actions.set_enabled(id_, "No home is open.")
        self._bar.dismiss()

    @Slot()
    def refresh(self) -> None:
        """Let Undo and Redo name what they would take back or do again."""
        if not self._bound.is_bound:
            return
        undo, redo = self._changer.history.undo_step, self._changer.history.redo_step
        name_step(self._actions, "edit.undo", undo.title if undo else "")
        name_step(self._actions, "edit.redo", redo.title if redo else "")
        is_busy = self._changer.is_busy
        self._actions.set_enabled("edit.undo", "" if undo or is_busy else "Nothing was done yet.")
        self._actions.set_enabled("edit.redo", "" if redo else "Nothing was taken back.")

    # Inside

    def _offer(self, offer: Offer, report: Report) -> Callable[[], object]:
        if offer == "undo":
            return self._changer.undo
        if offer == "redo":
            return self._changer.redo
        if offer == "again":
            return partial(self._changer.again, report)
        signals = {
            "show": self.list_wanted, "stop": self.stop_wanted, "insist": self.insist_wanted,
        }  # fmt: skip
        return partial(signals[offer].emit, report)

    # Slots

    @Slot(object)
    def _on_began(self, command: Command) -> None:
        self._command, self._count = command, len(command.ids)
        self._bar.dismiss()
        self._since.start()
        self.refresh()

    @Slot(object)
    def _on_progressed(self, progress: Progress) -> None:
        if self._command is None or self._since.elapsed() < PATIENCE_MS:
            return
        sentence = self._command.wording.progress(self._count)
        self._bar.show_progress(sentence, progress.done, self._count, self._changer.cancel)

    @Slot(object)
    def _on_ended(self, report: Report) -> None:
        self._command = None
        self.refresh()
        if report.is_told and self._since.elapsed() < PATIENCE_MS:
            return
        buttons = [
            (_BUTTONS[offer], self._offer(offer, report))
            for offer in offers_of(report)
            if offer in self._offers
        ]
        self._bar.say(BarText(sentence_of(report), buttons, is_lasting=needs_attention(report)))


def name_step(actions: ActionSet, id_: str, title: str) -> None:
    """Let Undo or Redo say which step it is about; none for an empty title."""
    verb = "&Undo" if id_ == "edit.undo" else "&Redo"
    quoted = title.replace("&", "&&")
    actions[id_].setText(f"{verb} “{quoted}”" if title else verb)
