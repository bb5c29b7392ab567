"""One remote that is looked at: its runs, its trash, and what is done to both."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Signal

from core.archives.source import RunSource
from core.check import Check
from core.scratch import Scratch
from gui.changing.after_change import AfterChange
from gui.changing.editing import Editing
from gui.main_window import MainWindow
from gui.remotes.far_actions import FarRunActions, FarTrashActions
from gui.remotes.far_labels import FarPreviews
from gui.remotes.far_tidying import FarTidying
from gui.remotes.remote_set import RemoteSet
from gui.remotes.remote_shelf_desk import RemoteShelfDesk, RemoteTrashDesk
from gui.services import Services
from remote.catalog import Catalog, CatalogShelf
from remote.errors import RemoteError
from remote.remote_home import open_remote_home, trash_of
from remote.remote_source import RemoteSource

MOST_SWEPT = 50
"""Of so many runs the scalars are fetched for the table: event files may be large, and the way
long. Those of any run are there when its details are looked at."""


class FarRemote(QObject):
    """Shows the runs of a remote, and its trash when somebody looks at that.

    Args:
        name: The remote.
        window: Where they are shown.
        remotes: Connects.
        scratch: Keeps copies of what is looked at.
        services: Shared services of the window.
        parent: Owner.

    Attributes:
        runs: Its runs.
        tidying: What is done to them, and to those in the trash.

    Signals:
        filter_changed: The text of a filter box is another one.
        selected: Other runs are selected.
        listed: Its runs are known, or others are (its name).
        trash_counted: So many runs are in its trash.
    """

    filter_changed = Signal()
    selected = Signal()
    listed = Signal(str)
    trash_counted = Signal()

    def __init__(
        self,
        name: str,
        window: MainWindow,
        remotes: RemoteSet,
        scratch: Scratch,
        services: Services,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._name = name
        self._window = window
        self._remotes = remotes
        self._scratch = scratch
        self._services = services
        self._trash: RemoteTrashDesk | None = None
        self.trash_count: int | None = None
        self.tidying = FarTidying(name, window, remotes, services, self)
        self._state: dict[str, Any] = {}
        self.runs = self._make_runs()

    def start(self, state: dict[str, Any]) -> None:
        """Begin to list its runs.

        Args:
            state: What `state` gave the last time.
        """
        self._state = state
        self.runs.start(_part(state, "runs"))

    def state(self) -> dict[str, Any]:
        """What the next start restores, as plain values."""
        trash = {"trash": self._trash.state()} if self._trash is not None else {}
        return self._state | {"runs": self.runs.state()} | trash

    @property
    def is_listed(self) -> bool:
        """Whether its host was reached, or its trash is looked at."""
        return self.runs.feed.last.is_read or self._trash is not None

    @property
    def trash(self) -> RemoteTrashDesk:
        """Its trash, which is listed from the first time that this is asked for."""
        if self._trash is None:
            self._trash = self._make_trash()
            self._trash.start(_part(self._state, "trash"))
        return self._trash

    def look_now(self) -> None:
        """List everything that is shown of it anew."""
        self.runs.look_now()
        if self._trash is not None:
            self._trash.look_now()

    def close(self) -> None:
        """Look at it no more."""
        self.tidying.close()
        self.runs.close()
        if self._trash is not None:
            self._trash.close()
        self.deleteLater()

    # Inside

    def _make_runs(self) -> RemoteShelfDesk:
        shelf = self._shelf(self._name, in_trash=False)
        shelf.remote, shelf.can_change = self._name, True
        desk = RemoteShelfDesk(shelf, None, self._window, self._services, self)
        tidying, window = self.tidying, self._window
        actions = FarRunActions(tidying, desk.runs, shelf.sizes, window, self._services, desk)
        desk.actions = actions
        desk.runs.model.texts.place = self._name
        tidying.bar.stop_wanted.connect(actions.stop_first)
        desk.editing = Editing(
            window,
            desk.table,
            tidying.changer,
            partial(FarPreviews, shelf.columns),
            self._services,
            desk,
            place=self._name,
        )
        desk.table.mark_clicked.connect(lambda slot: actions.mark_slots([slot]))
        desk.counted.connect(partial(self._remotes.set_count, self._name))
        desk.feed.changed.connect(lambda _changes: self.listed.emit(self._name))
        tidying.runs = desk
        AfterChange(desk.runs, tidying.changer, lambda: False, desk)
        self._join(desk)
        return desk

    def _make_trash(self) -> RemoteTrashDesk:
        shelf = self._shelf(f"Trash of {self._name}", in_trash=True)
        desk = RemoteTrashDesk(shelf, None, self._window, self._services, self)
        desk.actions = FarTrashActions(
            self.tidying, desk.runs, shelf.sizes, self._window, self._services, desk
        )
        desk.counted.connect(self._on_trash_counted)
        self.tidying.trash = desk
        AfterChange(desk.runs, self.tidying.changer, lambda: True, desk)
        self._join(desk)
        return desk

    def _join(self, desk: RemoteShelfDesk) -> None:
        desk.can = partial(self._remotes.can, self._name)
        desk.filter_changed.connect(self.filter_changed)
        desk.runs.selection_changed.connect(self.selected)

    def _shelf(self, title: str, *, in_trash: bool) -> CatalogShelf:
        state = self._remotes.find(self._name)
        path = str(state.remote.values.get("guild-home") or "") if state is not None else ""
        kept = Catalog(
            self._services.directories.cache, self._name, f"{path}\ntrash" if in_trash else path
        )
        open_ = partial(self._open, in_trash=in_trash)
        shelf = CatalogShelf(title, open_, self._scratch, kept)
        shelf.most_swept = MOST_SWEPT
        return shelf

    def _open(self, check: Check, *, in_trash: bool) -> RunSource:
        """Connect and list; on a worker's thread."""
        connection = self._remotes.connector(self._name, None)(check)
        path = self._remotes.session(self._name).remote.guild_home
        try:
            there = open_remote_home(connection, path, check=check)
        except RemoteError as e:
            self._remotes.show_useless(self._name, e)
            raise
        return RemoteSource(trash_of(there) if in_trash else there, check)

    def _on_trash_counted(self, count: int) -> None:
        if count != self.trash_count:
            self.trash_count = count
            self.trash_counted.emit()


def _part(state: dict[str, Any], name: str) -> dict[str, Any]:
    part = state.get(name)
    return part if isinstance(part, dict) else {}
