"""Finds out how large the runs are while a window is open, at a cost that is not felt.

Why two speeds: nobody waits for a size that is not on screen, so that all of them together may
take minutes; as soon as the sizes are looked at, they are measured as fast as the window allows.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal, Slot

from core.index.changes import Changes
from core.jobs import Job, JobContext
from gui.job_bridge import JobBridge
from gui.table.index_feed import IndexFeed
from gui.table.run_list import RunList

LANE = "measure"
CALM_SHARE = 0.005
"""Of one core, while no size is on screen."""

EAGER_SHARE = 0.5
LOOK_SECONDS = 2.0
"""Runs that changed are measured after this long, together with others that did."""

_SLEEP_SECONDS = 0.02


class SizeFeed(QObject):
    """Fills the column "size" of one home.

    Args:
        feed: Tells which runs changed.
        runs: What is shown; it hears of sizes when it shows them.
        bridge: Runs the job.
        parent: Owner.

    Signals:
        measured: Sizes that are news (Changes).
    """

    measured = Signal(object)

    def __init__(self, feed: IndexFeed, runs: RunList, bridge: JobBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._feed = feed
        self._runs = runs
        self._bridge = bridge
        self._job: Job | None = None
        self._wake = threading.Event()
        self._is_eager = False
        self._changed: set[int] = set()
        self._lock = threading.Lock()
        feed.settled.connect(self._on_settled)
        feed.changed.connect(self._on_changed)
        runs.columns_changed.connect(self._on_view_changed)
        runs.view_changed.connect(self._on_view_changed)
        bridge.published.connect(self._on_published)

    def stop(self) -> None:
        """Measure no more."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    # On the worker's thread

    def _work(self, context: JobContext) -> None:
        context.interrupt_with(self._wake.set)
        pace = _Pace(context, lambda: EAGER_SHARE if self._is_eager else CALM_SHARE, self._wake)
        if not self._is_eager:
            self._wake.wait(LOOK_SECONDS)  # enough begins when all runs are known
        for changes in self._feed.index.measure(pace.check):
            context.publish(changes)
        while True:
            context.sleep(LOOK_SECONDS)
            with self._lock:
                slots, self._changed = sorted(self._changed), set()
            for changes in self._feed.index.measure(pace.check, slots) if slots else ():
                context.publish(changes)

    # Slots

    @Slot()
    def _on_settled(self) -> None:
        if self._job is None and not self._bridge.is_closed:
            self._on_view_changed()
            self._job = Job("Measure the runs", LANE, self._work)
            self._bridge.submit(self._job)

    @Slot(object)
    def _on_changed(self, changes: Changes) -> None:
        if self._job is None:
            return  # all runs are measured then
        with self._lock:
            self._changed.update(changes.added)
            self._changed.update(changes.changed)

    @Slot()
    def _on_view_changed(self) -> None:
        view = self._runs.view
        is_sorted = any(level.key == "size" for level in view.sort)
        self._is_eager = is_sorted or "size" in self._runs.model.keys
        if self._is_eager:
            self._wake.set()

    @Slot(object, object)
    def _on_published(self, job: Job, item: object) -> None:
        if job is not self._job or not isinstance(item, Changes):
            return
        self.measured.emit(item)
        if self._is_eager:
            self._runs.on_changes(item)


class _Pace:
    """Keeps a worker from being busier than a share of one core."""

    def __init__(
        self, context: JobContext, share: Callable[[], float], wake: threading.Event
    ) -> None:
        self._context = context
        self._share = share
        self._wake = wake
        self._since = time.thread_time()

    def check(self) -> None:
        """Sleep as long as it takes; raises Cancelled when the job is to stop."""
        self._context.check()
        worked = time.thread_time() - self._since
        share = self._share()
        rest = worked * (1 - share) / share
        if rest < _SLEEP_SECONDS:
            return
        self._wake.wait(min(rest, 1.0))
        self._wake.clear()
        self._context.check()
        self._since = time.thread_time()
