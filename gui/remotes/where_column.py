"""Joins the column "Where" with the home, and with the remotes that are looked at."""

from __future__ import annotations

from PySide6.QtCore import QObject, Slot

from core.index.changes import Changes
from core.index.columns import RunColumns
from gui.desk import Desk
from gui.remotes.remembered_runs import RememberedRuns
from gui.remotes.remote_places import RemotePlaces
from gui.remotes.remote_set import RemoteSet
from gui.remotes.transferring import Transferring
from gui.remotes.whereabouts import Whereabouts
from gui.services import Services


class WhereColumn(QObject):
    """Hears of all that says where runs are, and shows it.

    Args:
        desk: The home.
        places: The remotes that are looked at.
        transferring: Compares and copies.
        remotes: All remotes.
        services: Shared services of the window.
    """

    def __init__(
        self,
        desk: Desk,
        places: RemotePlaces,
        transferring: Transferring,
        remotes: RemoteSet,
        services: Services,
    ) -> None:
        super().__init__(desk)
        self._desk = desk
        self._places = places
        self._remotes = remotes
        where = self._where = Whereabouts(desk.runs.columns, services.bridge, self)
        self._remembered = RememberedRuns(services, self)
        desk.feed.changed.connect(lambda _changes: where.refresh())
        transferring.compared.connect(where.compared)
        transferring.arrived.connect(where.arrived)
        transferring.going_on.connect(lambda: where.set_copying(transferring.copying()))
        where.changed.connect(self._on_changed)
        places.listed.connect(self._on_listed)
        self._remembered.found.connect(self._on_remembered)
        self._remembered.read(remotes.supported())

    def refresh(self) -> None:
        """There are other remotes."""
        self._where.forget(state.name for state in self._remotes.states())
        self._remembered.read(self._remotes.supported())

    def stop(self) -> None:
        """Say nothing more: the home is closed."""
        self._where.stop()
        self._remembered.stop()

    # Slots

    @Slot(str)
    def _on_listed(self, name: str) -> None:
        columns = self._places.columns(name)
        if columns is not None:
            self._where.listed(name, columns)

    @Slot(str, object)
    def _on_remembered(self, name: str, columns: RunColumns) -> None:
        if self._places.columns(name) is None:
            self._where.listed(name, columns, is_remembered=True)

    @Slot(object, object)
    def _on_changed(self, columns: RunColumns, changes: Changes) -> None:
        if columns is self._desk.runs.columns:
            self._desk.runs.on_changes(changes)
            self._desk.table.suggest_column("where")
        else:
            self._places.show_changes(columns, changes)
