"""When relative times are written again: "5 min ago" is not true for long."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

TICK_MS = 20_000  # they change by the minute; nobody sees that they do so a moment late


class TimeTicker(QTimer):
    """Calls `write` from time to time while a view is visible, and when it becomes so.

    Args:
        view: Whose visibility counts; the owner.
        write: Writes the times as they are now.
    """

    def __init__(self, view: QWidget, write: Callable[[], object]) -> None:
        super().__init__(view)
        self._write = write
        self.setInterval(TICK_MS)
        self.timeout.connect(lambda: write())
        view.installEventFilter(self)

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show:
            self._write()
            self.start()
        elif event.type() == QEvent.Type.Hide:
            self.stop()
        return super().eventFilter(watched, event)
