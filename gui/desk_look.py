"""Notes how an open home looks a moment after the user changed it, for a program that is killed.

Why not into Qt's settings at each change: those force their file to the disk on the window's
thread. The note is written by a job (core.look_notes), at most once every KEEP_MS, and goes when
the settings have the same, as the home leaves the window. What is set up on a page beside the runs
is asked for every PAGE_MS while one is looked at: pages tell of no change.

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
from gui.views.centre_tabs import RUNS
from gui.window_state import HomeState

if TYPE_CHECKING:
    from gui.desk import Desk

LANE = "look"
KEEP_MS = 1_000
PAGE_MS = 4_000


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
        self._noted = look_of(desk, window)
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
        self._follow_page()

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

    def _follow_page(self) -> None:
        if self._window.centre.tabs.page_name() != RUNS:
            self.start(PAGE_MS)

    @Slot()
    def _note(self) -> None:
        look = look_of(self._desk, self._window)
        if look != self._noted:
            self._noted = look
            self._writing.ask("Note how the window looks", lambda _: self._write(look), _nothing)
        self._follow_page()

    def _write(self, look: dict[str, str]) -> None:
        """On a worker's thread."""
        with self._lock:
            if not self._is_closed:
                self._state.note_look(look)


def _nothing(_: object) -> None:
    """Nobody waits for it."""
