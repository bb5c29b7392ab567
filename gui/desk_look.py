"""Notes how a window with a home looks, soon after the user changed it, for a program that is killed.

Why not into Qt's settings at each change: those force their file to the disk on the window's
thread. The note is written by a job (core.look_notes), at most once every KEEP_MS, and goes when
the settings have the same, as the home leaves the window. What tells of no change is asked for
every ASK_MS: how large the window and its panes are, what is set up in details and on pages.

If the program is killed within these times after a change, that change is lost, and what was noted
before comes back; after the settings were written and before the note is gone, both say the same.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer, Slot

from gui.desk_state import look_of
from gui.job_bridge import JobBridge, Latest
from gui.main_window import MainWindow
from gui.window_state import HomeState

if TYPE_CHECKING:
    from gui.desk import Desk

LANE = "look"
KEEP_MS = 1_000
ASK_MS = 4_000


class DeskLook(QTimer):
    """Keeps the note of one home.

    Args:
        desk: The home; the owner.
        window: Where it is shown.
        state: Where its look is remembered.
        bridge: Runs the writing.
    """

    def __init__(self, desk: Desk, window: MainWindow, state: HomeState, bridge: JobBridge) -> None:
        super().__init__(desk, singleShot=True)
        self._desk = desk
        self._window = window
        self._state = state
        self._noted = self._look()
        self._writing = Latest(bridge, LANE, self)
        self._lock = threading.Lock()
        self._is_closed = False
        self.timeout.connect(self._note)
        desk.table.layout_changed.connect(self._on_changed)
        desk.runs.view_changed.connect(self._on_changed)
        desk.runs.current_changed.connect(self._on_changed)
        desk.comparing.chosen.pinned_changed.connect(self._on_changed)
        desk.archives.front_changed.connect(self._on_changed)
        window.centre.tabs.page_changed.connect(self._on_changed)
        window.details.tab_changed.connect(self._on_changed)
        self.start(ASK_MS)

    def close(self) -> None:
        """The settings have what is shown: write them, and note nothing more."""
        self.stop()
        self._writing.drop()
        with self._lock:  # a note that is being written is so within a moment
            self._is_closed = True
        self._state.sync()
        self._state.drop_look()

    @Slot()
    def _on_changed(self) -> None:
        is_due = self.isActive() and self.interval() == KEEP_MS
        if not is_due and not self._is_closed:
            self.start(KEEP_MS)

    def _look(self) -> dict[str, str]:
        return look_of(self._desk, self._window) | self._window.look()

    @Slot()
    def _note(self) -> None:
        look = self._look()
        if look != self._noted:
            self._noted = look
            self._writing.ask("Note how the window looks", lambda _: self._write(look), _nothing)
        self.start(ASK_MS)

    def _write(self, look: dict[str, str]) -> None:
        """On a worker's thread."""
        with self._lock:
            if not self._is_closed:
                self._state.note_look(look)


def _nothing(_: object) -> None:
    """Nobody waits for it."""
