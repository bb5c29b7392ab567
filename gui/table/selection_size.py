"""The size of the selected runs: what the index knows, and the rest counted while one looks on."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.index.changes import Changes
from core.jobs import JobContext
from core.runs.disk_size import disk_size
from gui.job_bridge import JobBridge, Latest
from gui.table.run_list import RunList
from gui.table.size_feed import SizeFeed

LANE = "sizes"
SETTLE_MS = 120
AGAIN_MS = 5_000
"""After so long the size of a selection with a running run is counted again."""

MOST_RUNS = 5_000
"""So many runs are counted at most whose size is not known: more would keep the disk busy."""

MOST_RUNNING = 20
"""So many running runs are counted at most, and not only looked up: they grow."""


class SelectionSize(QObject):
    """Answers how many bytes a selection has.

    Args:
        runs: What is selected.
        feed: Tells which sizes turned out to be others.
        bridge: Runs the counting.
        parent: Owner.

    Signals:
        counted: Bytes of the newest selection.
    """

    counted = Signal(object)  # object: an int of Qt would overflow at 2 GiB

    def __init__(self, runs: RunList, feed: SizeFeed, bridge: JobBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._runs = runs
        self._question = Latest(bridge, LANE, self)
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._ask)
        self._again = QTimer(self, singleShot=True, interval=AGAIN_MS)
        self._again.timeout.connect(self._ask)
        feed.measured.connect(self.take_news)

    def count(self) -> None:
        """Count what is selected, once it rests; the answer comes by the signal, if any."""
        self.stop()
        if self._runs.selection.count():
            self._settle.start()

    @Slot(object)
    def take_news(self, news: Changes) -> None:
        """Count again where the size of a selected run turned out to be another one."""
        # Asking for each of thousands of sizes whether its run is selected took 18 ms.
        if not frozenset(news.changed).isdisjoint(self._runs.selected_slots()):
            self.count()

    def stop(self) -> None:
        """Ask no more: the home is closed."""
        self._question.drop()
        self._settle.stop()
        self._again.stop()

    def _ask(self) -> None:
        runs, slots = self._runs, self._runs.selected_slots()
        if any(runs.columns.value("status", slot) == "running" for slot in slots[:MOST_RUNS]):
            self._again.start()
        self._question.ask(
            "Count the size of the selection", lambda c: _sum(runs, slots, c), self._tell
        )

    def _tell(self, size: int | None) -> None:
        if size is not None:
            self.counted.emit(size)


def _sum(runs: RunList, slots: Sequence[int], context: JobContext) -> int | None:
    """Bytes of these runs; None where too many of them would have to be counted."""
    sizes = [runs.columns.value("size", slot) for slot in slots]
    statuses = runs.columns.stored("status")
    running = [n for n, slot in enumerate(slots) if statuses[slot] == "running"]
    for number in running[:MOST_RUNNING]:
        sizes[number] = None
    unknown = [slot for slot, size in zip(slots, sizes, strict=True) if size is None]
    if len(unknown) > MOST_RUNS:
        return None
    total: int = sum(size for size in sizes if size is not None)
    return total + sum(disk_size(runs.ref(slot).path, context.check).bytes for slot in unknown)
