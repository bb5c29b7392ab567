"""The remotes whose runs are looked at beside one home: which are listed, which one is in front.

Why a remote is listed only when it is looked at: a place costs nothing at a start, and no host is
logged in to unless somebody asks for it.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from gui.main_window import MainWindow
from gui.remotes.plan_rows import Words
from gui.remotes.remote_set import RemoteSet
from gui.services import Services

if TYPE_CHECKING:
    from core.archives.source import Check, RunSource
    from core.index.columns import RunColumns
    from core.index.index import Changes
    from core.scratch import Scratch
    from gui.remotes.remote_shelf_desk import RemoteShelfDesk

LOOK_MS = 60_000
"""How often the remote in front is listed again while it is connected."""

MOST_LOOKED_AT = 2_000
"""A remote with more runs is listed again only when somebody wants it, or after a transfer."""

MOST_SWEPT = 50
"""Of so many runs the scalars are fetched for the table: event files may be large, and the way
long. Those of any run are there when its details are looked at."""


class RemotePlaces(QObject):
    """Lists and shows remotes.

    Args:
        window: Where they are shown.
        services: Shared services of that window.
        remotes: The remotes.
        scratch: Keeps copies of what is looked at.
        parent: Owner.

    Signals:
        front_changed: Another remote is in front, or none.
        filter_changed: The text of the filter box in front is another one.
        selected: Other runs of the remote in front are selected.
        listed: The runs of a remote are known, or others are (its name).
    """

    front_changed = Signal()
    filter_changed = Signal()
    selected = Signal()
    listed = Signal(str)

    def __init__(
        self,
        window: MainWindow,
        services: Services,
        remotes: RemoteSet,
        scratch: Scratch,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._services = services
        self._remotes = remotes
        self._scratch = scratch
        self._desks: dict[str, RemoteShelfDesk] = {}
        self._front = ""
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._on_due)

    @property
    def front(self) -> RemoteShelfDesk | None:
        """The remote that is shown; None while something else is."""
        return self._desks.get(self._front) if self._front else None

    @property
    def front_name(self) -> str:
        """Its name; empty for none."""
        return self._front

    def show(self, name: str) -> None:
        """Bring a remote to the front."""
        if name == self._front:
            return
        if self.front is not None:
            self.front.leave()
        self._front = name
        desk = self._desks.get(name) or self._make(name)
        self.front_changed.emit()
        desk.show()
        self._timer.start()

    def leave(self) -> None:
        """Let something else come to the front."""
        front, self._front = self.front, ""
        self._timer.stop()
        if front is not None:
            front.leave()
            self.front_changed.emit()

    def columns(self, name: str) -> RunColumns | None:
        """What is known of the runs of a remote; None before it was looked at."""
        return self._desks[name].shelf.columns if name in self._desks else None

    def words(self, name: str) -> Words:
        """Operation and label of runs of a remote, as far as they were listed."""
        columns = self.columns(name)

        def words_of(run_id: str) -> tuple[str, str]:
            slot = columns.slot_of(run_id) if columns is not None else None
            if columns is None or slot is None:
                return "", ""
            return columns.value("operation", slot) or "", columns.value("label", slot) or ""

        return words_of

    def show_changes(self, columns: RunColumns, changes: Changes) -> None:
        """Runs of a remote read differently now."""
        for desk in self._desks.values():
            if desk.shelf.columns is columns:
                desk.runs.on_changes(changes)
                desk.table.suggest_column("where")

    def refresh(self, name: str) -> None:
        """List a remote anew, where it was looked at before."""
        if name in self._desks:
            self._desks[name].look_now()

    def drop(self, name: str) -> None:
        """Look at a remote no more: it was removed, or is reached otherwise now."""
        if name == self._front:
            self.leave()
        desk = self._desks.pop(name, None)
        if desk is not None:
            desk.close()

    def close(self) -> None:
        """Look at none any more: the home is closed."""
        for name in list(self._desks):
            self.drop(name)

    # Inside

    def _make(self, name: str) -> RemoteShelfDesk:
        from gui.remotes.far_changes import FarChanges
        from gui.remotes.remote_shelf_desk import RemoteShelfDesk
        from remote.catalog import Catalog, CatalogShelf

        path = str(self._remotes.session(name).remote.values.get("guild-home") or "")
        catalog = Catalog(self._services.directories.cache, name, path)
        shelf = CatalogShelf(name, partial(self._open, name), self._scratch, catalog)
        shelf.remote, shelf.most_swept = name, MOST_SWEPT
        desk = RemoteShelfDesk(shelf, None, self._window, self._services, self)
        desk.counted.connect(partial(self._remotes.set_count, name))
        desk.filter_changed.connect(self.filter_changed)
        desk.feed.changed.connect(lambda _changes: self.listed.emit(name))
        desk.runs.selection_changed.connect(self.selected)
        desk.changes = FarChanges(
            name, desk.runs, self._window, self._remotes, self._services, desk
        )
        desk.changes.changed.connect(desk.look_now)
        self._desks[name] = desk
        desk.start({})
        return desk

    def _open(self, name: str, check: Check) -> RunSource:
        """Connect and list; on a worker's thread."""
        from remote.remote_home import open_remote_home
        from remote.remote_source import RemoteSource

        connection = self._remotes.connector(name, None)(check)
        path = self._remotes.session(name).remote.guild_home
        there = open_remote_home(connection, path, check=check)
        return RemoteSource(there, check)

    @Slot()
    def _on_due(self) -> None:
        state = self._remotes.find(self._front)
        if state is None or state.state != "connected":
            return
        if (state.count or 0) <= MOST_LOOKED_AT:
            self.refresh(self._front)
