"""Keeps the numbers beside the places true, without getting in the way of anything else."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QTimer, Signal

from core.clock import now_us
from core.index.filters import Filters
from core.index.place_counts import PlaceCounts, count_places
from core.jobs import JobContext
from core.saved_lists import SavedList
from gui.job_bridge import JobBridge, Latest
from gui.table.run_list import RunList

LANE = "query"
REST_MS = 400
BEGIN_MS = 500
BUSY_MS = 100
"""The rows come first: what understands the filters of lists takes 20 ms to load, and counting
100,000 runs beside a table that is being made stops the window twice as long as that takes alone.
The first count waits BEGIN_MS, and again BUSY_MS while rows are being found."""

MINUTE_MS = 60_000


class PlaceCounter(QObject):
    """Counts again after changes, at most every REST_MS, and every minute for lists of time.

    Args:
        runs: What is shown.
        lists: Gives the smart lists at the moment.
        bridge: Runs the counting.
        parent: Owner.

    Signals:
        counted: The numbers (PlaceCounts).
    """

    counted = Signal(object)

    def __init__(
        self,
        runs: RunList,
        lists: Callable[[], Sequence[SavedList]],
        bridge: JobBridge,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._runs = runs
        self._is_first = True
        self._lists = lists
        self._question = Latest(bridge, LANE, self)
        self._is_stale = False
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.timeout.connect(self._on_rested)
        self._rest.start(BEGIN_MS)
        self._minute = QTimer(self)
        self._minute.setInterval(MINUTE_MS)
        self._minute.timeout.connect(self.refresh)

    def refresh(self) -> None:
        """Runs or lists changed: count again when there is time."""
        self._is_stale = True
        if not self._rest.isActive() and not self._question.is_waiting:
            self._ask()

    def set_running(self, *, on: bool) -> None:
        """Whether time-dependent lists follow the clock."""
        if on:
            self._minute.start()
        else:
            self._minute.stop()

    def stop(self) -> None:
        """Count no more: the home is closed."""
        self._question.drop()
        self._rest.stop()
        self._minute.stop()

    def _on_rested(self) -> None:
        if self._is_first and self._runs.is_arranging:
            self._rest.start(BUSY_MS)
        elif self._is_stale:
            self._ask()

    def _ask(self) -> None:
        self._is_stale = self._is_first = False
        columns, now = self._runs.columns, now_us()
        saved = [(each.name, each.filter) for each in self._lists()]

        def work(context: JobContext) -> PlaceCounts:
            lists = [(name, Filters.of_box(text)) for name, text in saved]
            return count_places(columns, lists, now=now, check=context.check)

        self._question.ask("Count the places", work, self._on_counted)

    def _on_counted(self, counts: PlaceCounts) -> None:
        self._rest.start(REST_MS)
        self.counted.emit(counts)
