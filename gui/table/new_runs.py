"""Runs that came while the table was open and that nobody has looked at yet.

Why a run counts as seen only after it was on screen for a while in the window in front: the mark is
for those who come back to the desk and ask what is new.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, QTimer, Signal

from core.index.changes import Changes
from core.index.columns import RunColumns

SEEN_MS = 4_000
"""How long a run must be on screen before it is new no more."""


class NewRuns(QObject):
    """Remembers which runs are new.

    Args:
        on_screen: Gives the slots of the rows that somebody may be looking at now.
        parent: Owner.

    Signals:
        changed: Other runs are new.
    """

    changed = Signal()

    def __init__(self, on_screen: Callable[[], Iterable[int]], parent: QObject) -> None:
        super().__init__(parent)
        self._on_screen = on_screen
        self._slots: set[int] = set()
        self._watched: set[int] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(SEEN_MS)
        self._timer.timeout.connect(self._on_seen)

    def __contains__(self, slot: int) -> bool:
        return slot in self._slots

    def __bool__(self) -> bool:
        return bool(self._slots)

    def add(self, slots: Iterable[int]) -> None:
        """These runs have just come."""
        before = len(self._slots)
        self._slots.update(slots)
        if len(self._slots) != before:
            self.changed.emit()
            self.look()

    def look(self) -> None:
        """Other rows may be on screen now."""
        if self._slots and not self._timer.isActive():
            self._watched = self._slots.intersection(self._on_screen())
            if self._watched:
                self._timer.start()

    def stop(self) -> None:
        """Nobody looks any more."""
        self._timer.stop()

    def _on_seen(self) -> None:
        seen = self._watched.intersection(self._on_screen())
        if seen:
            self._slots -= seen
            self.changed.emit()
        self.look()


def came(changes: Changes, columns: RunColumns) -> list[int]:
    """Slots of runs that came; one that went to the trash or back did not come just now."""
    ids = columns.stored("id")
    gone = {ids[slot] for slot in changes.removed}
    return [slot for slot in changes.added if ids[slot] not in gone]
