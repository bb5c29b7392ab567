"""Whether anybody looks at a view: another machine is not asked on behalf of one that nobody sees.

A window that is in front is attended to. One that is only visible may be on a second screen, beside
an editor: what it shows goes on, but more slowly. One that is minimised, or on a desktop that is
not shown, asks nothing until it is seen again.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtWidgets import QApplication, QWidget

BEHIND_SECONDS = 10.0
"""How often another machine is asked for a window that is visible, but not in front."""


class Attention:
    """Says when a view may ask another machine again.

    Args:
        view: The view.
        clock: Seconds that only go forward.
    """

    def __init__(self, view: QWidget, clock: Callable[[], float] = time.monotonic) -> None:
        self._view = view
        self._clock = clock
        self._asked = -BEHIND_SECONDS

    def may_ask(self) -> bool:
        """Whether it may ask now; then it is taken to do so."""
        now = self._clock()
        if not self.is_seen or not (self.is_in_front or now - self._asked >= BEHIND_SECONDS):
            return False
        self._asked = now
        return True

    @property
    def is_seen(self) -> bool:
        """Whether the view can be seen, as far as the desktop tells."""
        window = self._view.window()
        handle = window.windowHandle()
        is_exposed = handle is None or handle.isExposed()
        return self._view.isVisible() and not window.isMinimized() and is_exposed

    @property
    def is_in_front(self) -> bool:
        """Whether the keyboard is in its window, or in a dialog of that."""
        window, active = self._view.window(), QApplication.activeWindow()
        while active is not None and active is not window:
            parent = active.parentWidget()
            active = parent.window() if parent is not None else None
        return active is not None
