"""Has one picture of a plot after another made on a worker's thread, for as long as it is wanted.

Why the newest wish waits instead of cancelling the one before: while a slider or a brush moves,
every wish would be overtaken before it is drawn, and the plot would stand still until the hand
rests.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from core.jobs import JobContext
from gui.job_bridge import JobBridge, Latest

LANE = "plots"
SETTLE_MS = 20
"""For a window that takes shape, or news that come in a row: one picture is enough then."""

Work = Callable[[JobContext], object]


class PictureFeed(QObject):
    """Asks for pictures, one at a time.

    Args:
        title: What the job is called in the log.
        bridge: Runs it.
        work: Gives what makes the picture that is wanted now; None where none is.
        parent: Owner.

    Signals:
        made: A picture.
        settled: It is the one that was wanted last.
    """

    made = Signal(object)
    settled = Signal()

    def __init__(
        self, title: str, bridge: JobBridge, work: Callable[[], Work | None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._title = title
        self._work = work
        self._wants_more = False
        self._latest = Latest(bridge, LANE, self)
        self._timer = QTimer(self, singleShot=True)
        self._timer.timeout.connect(self._ask)

    def want(self, *_news: object) -> None:
        """Something is another: have a picture made when no more of that comes."""
        self._timer.start(SETTLE_MS)

    def want_now(self) -> None:
        """The hand moves something: have a picture made at once."""
        self._timer.start(0)

    def rest(self) -> None:
        """Nobody looks any more."""
        self._timer.stop()

    def _ask(self) -> None:
        if self._latest.is_waiting:
            self._wants_more = True
            return
        work = self._work()
        if work is not None:
            self._latest.ask(self._title, work, self._on_made)

    def _on_made(self, picture: object) -> None:
        self.made.emit(picture)
        if self._wants_more:
            self._wants_more = False
            self.want_now()
        elif not self._timer.isActive():
            self.settled.emit()
