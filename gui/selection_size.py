"""The size of the selected runs, counted while the user looks on and remembered."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from core.jobs import JobContext
from core.runs.disk_size import disk_size
from gui.job_bridge import JobBridge, Latest
from gui.services import RunRef

LANE = "sizes"
SETTLE_MS = 120
MOST_RUNS = 5_000
"""Larger selections get no size: listing their files would keep the disk busy for minutes."""


class SelectionSize(QObject):
    """Answers how many bytes a selection has.

    Signals:
        counted: Bytes of the newest selection.
    """

    counted = Signal(object)  # object: an int of Qt would overflow at 2 GiB

    def __init__(self, bridge: JobBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._question = Latest(bridge, LANE, self)
        self._refs: tuple[RunRef, ...] = ()
        self._settle = QTimer(self)
        self._settle.setSingleShot(True)
        self._settle.setInterval(SETTLE_MS)
        self._settle.timeout.connect(self._ask)

    def count(self, refs: Sequence[RunRef]) -> None:
        """Count these runs from now on; the answer comes by the signal, none for no runs."""
        self._question.drop()
        self._refs = tuple(refs) if len(refs) <= MOST_RUNS else ()
        if self._refs:
            self._settle.start()
        else:
            self._settle.stop()

    def stop(self) -> None:
        """Ask no more: the home is closed."""
        self.count(())

    def _ask(self) -> None:
        refs = self._refs
        self._question.ask("Count the size of the selection", lambda c: _sum(refs, c), self._tell)

    def _tell(self, size: int) -> None:
        self.counted.emit(size)


def _sum(refs: Sequence[RunRef], context: JobContext) -> int:
    return sum(disk_size(ref.path, context.check).bytes for ref in refs)
