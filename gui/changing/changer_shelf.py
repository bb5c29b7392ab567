"""Keeps what changes the runs of each home that was open in a window, and what it can take back.

Why it outlives the home's place in the window: whoever looks at another home while ten thousand
runs are labelled is told how that ended, may take it back from there, and finds Undo as it was
when they come back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from core.home import Home
from core.runs.change import AddComment, EditComment
from core.runs.change_typed import PRESS_AGAIN, TypeLabel
from core.text import lower_first
from gui.changing.change_place import MANY, HomePlace
from gui.changing.change_text import needs_attention, offers_of, sentence_of
from gui.changing.changes import Changer, Report
from gui.job_bridge import JobBridge
from gui.table.index_feed import IndexFeed
from gui.views.undo_bar import Act, BarText, UndoBar

MOST_KEPT = 8
"""Homes whose steps are kept; those that were left longest ago are forgotten first."""


class _Kept(Struct, frozen=True, eq=False):
    """What changes the runs of one home, and through which place."""

    place: HomePlace
    changer: Changer


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
        self._parked: list[_Kept] = []
        self._shown: _Kept | None = None

    def take(self, home: Home, feed: IndexFeed) -> Changer:
        """The changer of a home that is shown from now on, as it was left.

        Args:
            home: The home.
            feed: Its index.
        """
        kept = next((each for each in self._parked if each.place.home == home), None)
        if kept is None:
            kept = self._make(home)
        else:
            self._parked.remove(kept)
        self._shown = kept
        current = kept.changer.current
        kept.place.attach(feed, current[1].command if current is not None else None)
        return kept.changer

    def park(self) -> None:
        """Keep the changer of the home that is not shown any more."""
        kept, self._shown = self._shown, None
        if kept is not None:
            kept.changer.detach()
            kept.place.attach(None)
            self._parked.append(kept)
            self._forget_some()

    def close(self) -> Callable[[], dict[Path, str]]:
        """Let all that was asked for go on without the window.

        Returns:
            Gives what was left undone, once the queue of jobs is closed: for each home one
            sentence, which is empty for nothing.
        """
        kept = [*self._parked, *([self._shown] if self._shown is not None else [])]
        left = [(each.place.home.path, each.changer.close()) for each in kept]
        return lambda: {path: sentence() for path, sentence in left}

    # Inside

    def _make(self, home: Home) -> _Kept:
        place = HomePlace(home)
        kept = _Kept(place, Changer(place, self._bridge, self))
        kept.changer.submitted.connect(lambda _job, report: self._on_submitted(kept, report))
        kept.changer.ended.connect(lambda report: self._on_ended(kept, report))
        return kept

    def _forget_some(self) -> None:
        """Drop the steps of homes that were left long ago, but nothing that still goes on."""
        idle = [kept for kept in self._parked if not kept.changer.is_busy]
        for kept in idle[: max(0, len(self._parked) - MOST_KEPT)]:
            self._parked.remove(kept)
            kept.changer.deleteLater()

    def _buttons(self, changer: Changer, report: Report) -> Sequence[tuple[str, Act]]:
        acts: dict[str, tuple[str, Act]] = {
            "undo": ("Undo", changer.undo),
            "redo": ("Redo", changer.redo),
            "again": ("Try Again", partial(changer.again, report)),
            "show": ("Show", partial(self._show_refusals, report)),
        }
        text, clipboard = left_over_text(report), QGuiApplication.clipboard()
        copy: tuple[str, Act] = ("Copy What You Typed", partial(clipboard.setText, text))
        return [*([copy] if text else []), *(acts[o] for o in offers_of(report) if o in acts)]

    def _show_refusals(self, report: Report) -> None:
        if report.result is None:
            return
        from gui.dialogs.refusals_dialog import RefusalsDialog

        sentence, refused = sentence_of(report), report.result.refused
        RefusalsDialog(sentence, refused, self._window, can_select=False).open()

    def _on_submitted(self, kept: _Kept, report: Report) -> None:
        if len(report.command.ids) >= MANY:
            self.going.emit(kept.place.home.path, report.title)

    def _on_ended(self, kept: _Kept, report: Report) -> None:
        path = kept.place.home.path
        if len(report.command.ids) >= MANY:
            self.going.emit(path, "")
        if kept not in self._parked:
            return  # those who show the home tell of it
        sentence = f"In {path}: {lower_first(sentence_of(report))}".replace(PRESS_AGAIN, "")
        buttons = self._buttons(kept.changer, report)
        self._bar.say(BarText(sentence, buttons, is_lasting=needs_attention(report)))


def left_over_text(report: Report) -> str:
    """What the user typed for one run and was not written; where it was typed is gone by now."""
    change = getattr(report.command, "change", None)
    if report.result is not None and not report.result.refused and not report.result.cancelled:
        return ""
    if isinstance(change, TypeLabel):
        return change.text
    return change.body if isinstance(change, AddComment | EditComment) else ""
