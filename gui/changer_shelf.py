"""Keeps what changes the runs of each home that was open in a window, and what it can take back.

Why it outlives the home's place in the window: whoever looks at another home while ten thousand
runs are labelled is told how that ended, may take it back from there, and finds Undo as it was
when they come back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QWidget

from core.home import Home
from gui.change_text import lower_first, needs_attention, offers_of, sentence_of
from gui.changes import MANY, Changer, Report
from gui.job_bridge import JobBridge
from gui.views.undo_bar import Act, BarText, UndoBar

MOST_KEPT = 8
"""Homes whose steps are kept; those that were left longest ago are forgotten first."""


class ChangerShelf(QObject):
    """Gives each home its changer, and tells what becomes of changes in a home that is not shown.

    Args:
        bridge: Runs the jobs.
        bar: Where it is told.
        window: Owner.

    Signals:
        going: A change of many runs goes on in a home (its path), by this title; an empty one when
            it has ended.
    """

    going = Signal(object, str)

    def __init__(self, bridge: JobBridge, bar: UndoBar, window: QWidget) -> None:
        super().__init__(window)
        self._bridge = bridge
        self._bar = bar
        self._window = window
        self._parked: list[Changer] = []
        self._shown: Changer | None = None

    def take(self, home: Home) -> Changer:
        """The changer of a home that is shown from now on, as it was left."""
        changer = next((each for each in self._parked if each.home == home), None)
        if changer is None:
            changer = self._make(home)
        else:
            self._parked.remove(changer)
            changer.ended.disconnect(self._on_ended)
        self._shown = changer
        return changer

    def park(self, changer: Changer) -> None:
        """Keep the changer of a home that is not shown any more."""
        changer.detach()
        changer.ended.connect(self._on_ended)
        self._parked.append(changer)
        self._shown = None
        self._forget_some()

    def close(self) -> Callable[[], list[tuple[Path, str]]]:
        """Let all that was asked for go on without the window.

        Returns:
            Gives what was left undone, once the queue of jobs is closed: for each home one
            sentence, which is empty for nothing.
        """
        changers = [*self._parked, *([self._shown] if self._shown is not None else [])]
        left = [(changer.home.path, changer.close()) for changer in changers]

        return lambda: [(path, sentence()) for path, sentence in left]

    # Inside

    def _make(self, home: Home) -> Changer:
        changer = Changer(home, self._bridge, self)

        def begin(_job: object, report: Report) -> None:
            if len(report.command.ids) >= MANY:
                self.going.emit(home.path, report.title)

        def end(report: Report) -> None:
            if len(report.command.ids) >= MANY:
                self.going.emit(home.path, "")

        changer.submitted.connect(begin)
        changer.ended.connect(end)
        return changer

    def _forget_some(self) -> None:
        """Drop the steps of homes that were left long ago, but nothing that still goes on."""
        idle = [changer for changer in self._parked if not changer.is_busy]
        for changer in idle[: max(0, len(self._parked) - MOST_KEPT)]:
            self._parked.remove(changer)
            changer.deleteLater()

    def _buttons(self, changer: Changer, report: Report) -> Sequence[tuple[str, Act]]:
        acts: dict[str, tuple[str, Act]] = {
            "undo": ("Undo", changer.undo),
            "redo": ("Redo", changer.redo),
            "again": ("Try Again", partial(changer.again, report)),
            "show": ("Show", partial(self._show_refusals, report)),
        }
        return [acts[offer] for offer in offers_of(report) if offer in acts]

    def _show_refusals(self, report: Report) -> None:
        if report.result is None:
            return
        from gui.dialogs.refusals_dialog import RefusalsDialog

        sentence, refused = sentence_of(report), report.result.refused
        RefusalsDialog(sentence, refused, self._window, can_select=False).open()

    @Slot(object)
    def _on_ended(self, report: Report) -> None:
        changer = self.sender()
        if not isinstance(changer, Changer):
            return
        sentence = f"In {changer.home.path}: {lower_first(sentence_of(report))}"
        buttons = self._buttons(changer, report)
        self._bar.say(BarText(sentence, buttons, is_lasting=needs_attention(report)))
