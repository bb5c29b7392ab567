"""When to look again at a run that is going on.

Why no fixed beat: reading the curve of a long run may take a second; looking again must stay a
small part of the time, so the wait grows with what the look before took.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from gui.views.attention import Attention

FOLLOW_MS = 2000
PATIENCE = 10
"""How many times longer than a look the wait after it is, at least."""


class FollowTimer(QTimer):
    """Calls `look` once, some time after `schedule`, if the view is still visible then.

    Args:
        view: Whose visibility counts; the owner.
        look: What to do.

    Attributes:
        is_far: Whether to look is to ask another machine: not for a view that nobody sees then.
    """

    def __init__(self, view: QWidget, look: Callable[[], None]) -> None:
        super().__init__(view)
        self._view = view
        self._look = look
        self._began = 0.0
        self.is_far = False
        self._attention = Attention(view)
        self.setSingleShot(True)
        self.timeout.connect(self._on_timeout)

    def begin(self) -> None:
        """A look begins now."""
        self.stop()
        self._began = time.monotonic()

    def schedule(self) -> None:
        """The look that began has ended: look again after a while."""
        took = (time.monotonic() - self._began) * 1000
        self.start(max(FOLLOW_MS, int(took * PATIENCE)))

    def _on_timeout(self) -> None:
        if not self._view.isVisible():
            return  # whoever shows it looks
        if self.is_far and not self._attention.may_ask():
            self.start(FOLLOW_MS)
        else:
            self._look()
