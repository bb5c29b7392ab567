"""Changes the runs of one remote, and takes that back: one history for its runs and its trash.

The same bar, jobs and steps as at home. What was written is shown at once; what was moved goes
from where it was at once, and appears where it came to with the next listing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Slot

from gui.changing.change_bar import ChangeBar
from gui.changing.change_jobs import ChangeJobs
from gui.changing.change_text import Offer, sentence_of
from gui.changing.changes import Changer, Report
from gui.changing.commands import PurgeRuns
from gui.dialogs.refusals_dialog import RefusalsDialog
from gui.main_window import MainWindow
from gui.remotes.far_place import FarPlace
from gui.remotes.far_stopping import FarStopping
from gui.remotes.remote_set import RemoteSet
from gui.services import Services

if TYPE_CHECKING:
    from core.runs.change import FileEdit

_OFFERS: tuple[Offer, ...] = ("undo", "redo", "again", "show", "stop")


class FarTable(Protocol):
    """The runs of a remote, or those in its trash, as they are shown."""

    def take_written(self, edits: Sequence[FileEdit]) -> None:
        """This was written into some of them."""

    def forget(self, ids: Sequence[str]) -> None:
        """These are not there any more."""

    def look_now(self) -> None:
        """List them anew."""

    def select_ids(self, ids: Sequence[str]) -> object:
        """Select these."""

    def show_stopping(self, ids: Collection[str]) -> None:
        """These are being stopped."""


class FarTidying(QObject):
    """Joins what is done to the runs of a remote with the window.

    Args:
        name: The remote.
        window: Its bar, its jobs and its actions.
        remotes: Connects.
        services: Shared services of the window.
        parent: Owner.

    Attributes:
        place: Where the runs are changed.
        changer: Changes them.
        stopping: Stops them.
        runs: Its runs as they are shown; None before they are.
        trash: Those in its trash; likewise.
    """

    runs: FarTable | None = None
    trash: FarTable | None = None

    def __init__(
        self,
        name: str,
        window: MainWindow,
        remotes: RemoteSet,
        services: Services,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self.place = FarPlace(name, remotes)
        self.changer = Changer(self.place, services.bridge, self)
        self.bar = ChangeBar(
            self.changer,
            window.undo_bar,
            window.actions_by_id,
            self,
            is_front=False,
            offers=_OFFERS,
        )
        self._jobs = ChangeJobs(self.changer, window.jobs, self.show_refusals, self)
        self.bar.list_wanted.connect(self.show_refusals)
        self.changer.ended.connect(self._on_ended)
        self.stopping = FarStopping(self.place, window, services, self.show_refusals, self)
        self.stopping.changed.connect(self._on_stopping_changed)
        self.stopping.ended.connect(self._on_ended)

    def close(self) -> Callable[[], str]:
        """Let go of the window; see `Changer.close` for what is returned."""
        self.bar.set_front(on=False)
        self.stopping.close()
        return self.changer.close()

    @Slot(object)
    def show_refusals(self, report: Report) -> None:
        """List the runs that were refused."""
        if report.result is None:
            return
        dialog = RefusalsDialog(sentence_of(report), report.result.refused, self._window)
        dialog.selection_wanted.connect(partial(self._select, report))
        dialog.open()

    # Inside

    def _from(self, report: Report) -> tuple[FarTable | None, FarTable | None]:
        """Where the runs of a command were, and where they went."""
        command = report.command
        is_in_trash = command.kind == "restore"
        if isinstance(command, PurgeRuns):
            is_in_trash = command.from_trash
        return (self.trash, self.runs) if is_in_trash else (self.runs, self.trash)

    def _select(self, report: Report, ids: Sequence[str]) -> None:
        table, _ = self._from(report)
        if table is not None:
            table.select_ids(ids)

    # Slots

    @Slot()
    def _on_stopping_changed(self) -> None:
        if self.runs is not None:
            self.runs.show_stopping(self.stopping.stopping)

    @Slot(object)
    def _on_ended(self, report: Report) -> None:
        result, kind = report.result, report.command.kind
        here, there = self._from(report)
        if result is None:
            return
        if there is not None and kind in ("delete", "restore"):
            there.look_now()
        if here is None:  # the trash, which nobody looked at
            return
        if kind in ("change", "revert"):
            here.take_written(result.news.written)
        elif kind in ("delete", "restore", "purge"):
            here.forget(result.done)
        if result.refused or kind == "stop":
            here.look_now()
