"""The remotes whose runs are looked at beside one home: which are listed, which one is in front.

Why a remote is listed only when it is looked at: a place costs nothing at a start, and no host is
logged in to unless somebody asks for it. Its trash is a place of its own below it from then on, and
is listed when somebody looks at that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from gui.main_window import MainWindow
from gui.models.places_model import PlaceKind
from gui.remotes.remote_set import RemoteSet
from gui.remotes.run_words import Words, words_of
from gui.services import Services
from gui.views.attention import Attention

if TYPE_CHECKING:
    from core.index.changes import Changes
    from core.index.columns import RunColumns
    from core.scratch import Scratch
    from gui.remotes.far_remote import FarRemote
    from gui.remotes.remote_shelf_desk import RemoteShelfDesk
    from remote.remote import Remote

LOOK_MS = 60_000
"""How often the remote in front is listed again while it is connected."""

RUNNING_MS = 5_000
"""How often it is asked which of its running runs have ended, and whether any came: one question
for all of them."""

AGAIN_SECONDS = 60.0
"""How often it is tried to reach the remote in front again whose connection was lost."""

MOST_LOOKED_AT = 2_000
"""A remote with more runs is listed again only when somebody wants it, or after a transfer."""


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
        trashes_changed: Other remotes are looked at, or their trash holds another number of runs.
    """

    front_changed = Signal()
    filter_changed = Signal()
    selected = Signal()
    listed = Signal(str)
    trashes_changed = Signal()

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
        self._known: dict[str, FarRemote] = {}
        self._described: dict[str, Remote] = {}
        self._states: dict[str, Any] = {}
        self._front: RemoteShelfDesk | None = None
        self._front_name = ""
        self._timer = QTimer(self, interval=LOOK_MS)
        self._timer.timeout.connect(self._on_due)
        self._running_timer = QTimer(self, interval=RUNNING_MS)
        self._running_timer.timeout.connect(self._on_running_due)
        self._attention = Attention(window)
        self._again = 0.0

    def restore(self, states: Mapping[str, Any]) -> None:
        """Take what `state` gave the last time; tables are set up so when they are shown."""
        self._states = dict(states)

    def state(self) -> dict[str, Any]:
        """What the next start restores, as plain values, by the names of the remotes."""
        return self._states | {name: known.state() for name, known in self._known.items()}

    @property
    def front(self) -> RemoteShelfDesk | None:
        """What is shown of a remote; None while something else is."""
        return self._front

    @property
    def front_name(self) -> str:
        """The name of the remote that is shown, or its trash; empty for none."""
        return self._front_name

    @property
    def trashes(self) -> Mapping[str, int | None]:
        """Remotes that were listed, and how many runs are in their trash, as far as known."""
        return {name: known.trash_count for name, known in self._known.items() if known.is_listed}

    def show(self, name: str, *, in_trash: bool = False) -> None:
        """Bring a remote, or its trash, to the front."""
        known = self._known.get(name) or self._make(name)
        desk = known.trash if in_trash else known.runs
        if desk is self._front:
            return
        if self._front is not None:
            self._front.leave()
        self._front, self._front_name = desk, name
        self._again = 0.0
        self.front_changed.emit()
        desk.show()
        self._timer.start()
        self._running_timer.start()

    def leave(self) -> None:
        """Let something else come to the front."""
        front, self._front, self._front_name = self._front, None, ""
        self._timer.stop()
        self._running_timer.stop()
        if front is not None:
            front.leave()
            self.front_changed.emit()

    def columns(self, name: str) -> RunColumns | None:
        """What is known of the runs of a remote; None before it was looked at."""
        return self._known[name].runs.shelf.columns if name in self._known else None

    def words(self, name: str) -> Words:
        """What runs of a remote are called, as far as they were listed."""
        return words_of(self.columns(name))

    def show_changes(self, columns: RunColumns, changes: Changes) -> None:
        """Runs of a remote read differently now."""
        for known in self._known.values():
            if known.runs.shelf.columns is columns:
                known.runs.runs.on_changes(changes)
                known.runs.table.suggest_column("where")

    def refresh(self, name: str) -> None:
        """List a remote anew, where it was looked at before."""
        if name in self._known:
            self._known[name].look_now()

    def drop_changed(self) -> bool:
        """Look no more at remotes that were removed, or are described otherwise now.

        Whoever looked at one would see the runs of another host, and change those of the new one.
        The one in front is listed as it is described now.

        Returns:
            Whether there is nothing any more of what was in front.
        """
        front, states = self._front_name, {name: self._remotes.find(name) for name in self._known}
        changed = [
            name
            for name, state in states.items()
            if state is None or state.remote != self._described.get(name)
        ]
        for name in changed:
            self.drop(name)
        state = states.get(front)
        if front not in changed or state is None or not state.remote.is_supported:
            return front in changed
        self._window.places.mark((PlaceKind.REMOTE, front))
        self.show(front)
        return False

    def drop(self, name: str) -> None:
        """Look at a remote no more."""
        if name == self._front_name:
            self.leave()
        self._described.pop(name, None)
        known = self._known.pop(name, None)
        if known is not None:
            self._states[name] = known.state()
            known.close()
            self.trashes_changed.emit()

    def close(self) -> Callable[[], str]:
        """Look at none any more: the home is closed.

        Returns:
            Gives sentences on changes that were left undone, once the window's jobs have ended.
        """
        left = [known.tidying.changer.close() for known in self._known.values()]
        for name in list(self._known):
            self.drop(name)
        return lambda: " ".join(filter(None, (each() for each in left)))

    # Inside

    def _make(self, name: str) -> FarRemote:
        from gui.remotes.far_remote import FarRemote

        known = FarRemote(name, self._window, self._remotes, self._scratch, self._services, self)
        state = self._states.get(name)
        known.start(state if isinstance(state, dict) else {})
        known.filter_changed.connect(self.filter_changed)
        known.selected.connect(self.selected)
        known.listed.connect(self.listed)
        known.trash_counted.connect(self.trashes_changed)
        known.runs.feed.told.connect(lambda _told: self.trashes_changed.emit())
        self._known[name] = known
        if (described := self._remotes.find(name)) is not None:
            self._described[name] = described.remote
        self.trashes_changed.emit()
        return known

    @property
    def _is_reached(self) -> bool:
        """Whether the remote in front is connected, and somebody sees it."""
        state = self._remotes.find(self._front_name)
        is_connected = state is not None and state.state == "connected"
        return is_connected and self._attention.is_seen

    @Slot()
    def _on_due(self) -> None:
        state = self._remotes.find(self._front_name)
        if self._is_reached and state is not None and (state.count or 0) <= MOST_LOOKED_AT:
            self.refresh(self._front_name)

    @Slot()
    def _on_running_due(self) -> None:
        front = self._front
        if front is None or not self._attention.is_seen:
            return
        if self._is_reached:
            if self._attention.may_ask():
                front.look_at_running()
        elif self._is_lost and time.monotonic() >= self._again:
            self._again = time.monotonic() + AGAIN_SECONDS
            front.look_now()

    @property
    def _is_lost(self) -> bool:
        """Whether the remote in front was reached, or may be reached again by itself."""
        state, front = self._remotes.find(self._front_name), self._front
        is_idle = state is not None and state.state in ("idle", "offline")
        return (
            is_idle and front is not None and (front.feed.last.is_read or front.feed.last.may_pass)
        )
