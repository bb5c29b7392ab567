"""The index of a home as the window sees it: one job that loads, refreshes and then watches."""

from __future__ import annotations

import gc
import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import closing

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.c_library import give_back_memory
from core.index.changes import Changes, gathered
from core.index.file_notices import FileNotices
from core.index.index import RunIndex
from core.index.news import News, take_news
from core.index.watch import TICK_SECONDS, Watch
from core.jobs import Job, JobContext
from gui.job_bridge import JobBridge

LANE = "index"
TELL_SECONDS = 0.1
RETRY_MS = 5000
PAUSE_SECONDS = 0.004
"""Between portions of news: painting takes Python's lock hundreds of times a frame, and waits for
it each time as long as this thread never pauses."""
FIRST_PAINT_SECONDS = 0.25
"""What was loaded is drawn before the disk is looked at: both would only share one core."""
MANY = 20_000
"""Of so many runs the flags take a while; by these the window chooses its columns, and measures
them in a turn of 25 ms, which took 110 beside a listing."""


class IndexFeed(QObject):
    """Runs an index on its lane and tells the window what became known.

    Args:
        bridge: Where the job is submitted.
        index: The index of one home; the feed closes it.
        parent: Owner.

    Signals:
        changed: Slots were added, changed or removed (Changes).
        progressed: How many runs of how many have been looked at, while the first pass lasts.
        problem: One sentence on the home; empty when all is well again.
        settled: The first pass is over: what is shown is what is on disk.
    """

    changed = Signal(object)
    progressed = Signal(int, int)
    problem = Signal(str)
    settled = Signal()

    def __init__(self, bridge: JobBridge, index: RunIndex, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.index = index
        self.is_settled = False
        self._bridge = bridge
        self._job: Job | None = None
        self._wake = threading.Event()
        self._urgent: tuple[int, ...] = ()
        self._news: deque[News] = deque()
        self._is_held = False
        self._problem = ""
        bridge.published.connect(self._on_published)
        bridge.state_changed.connect(self._on_state_changed)

    def start(self) -> None:
        """Begin to load and watch; what is known comes through the signals."""
        job = Job(f"Watch {self.index.home.name}", LANE, self._work)
        self._job = job
        self._bridge.submit(job)

    def stop(self) -> None:
        """Stop watching; the cache file is closed when the job has ended."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def look_now(self) -> None:
        """Look at the disk at once instead of at the next tick."""
        self._wake.set()

    def set_urgent(self, slots: Sequence[int]) -> None:
        """Slots of the runs on screen: they are looked at first and most often."""
        self._urgent = tuple(slots)

    def hold(self) -> None:
        """Many runs are being changed: only those on screen are looked at meanwhile.

        What is found would be half of it, and be read at the cost of those who write.
        """
        self._is_held = True

    def tell(self, news: News) -> None:
        """Take what this program did to runs at once, and end a hold; from any thread."""
        self._news.append(news)
        self._is_held = False
        self._wake.set()

    # On the worker's thread

    def _work(self, context: JobContext) -> None:
        context.interrupt_with(self._wake.set)
        try:
            self._follow(context)
        finally:
            if context.is_cancelled:
                self.index.close()

    def _follow(self, context: JobContext) -> None:
        if not len(self.index.columns):
            loaded = self.index.load()
            context.publish(loaded)
            if loaded:
                self._wake.wait(FIRST_PAINT_SECONDS)
            self.index.columns.decode_flags()
            if len(self.index.columns) > MANY:
                self._wake.wait(FIRST_PAINT_SECONDS)
        with closing(Watch(self.index, notices=FileNotices())) as watch:
            self._publish(context, watch.refresh(context.check, self._urgent))
            context.publish(None)
            self.index.columns.texts()  # the first word that is looked for needs them
            self.index.columns.ranks("label")  # and the first order by labels these: 0.8 s
            give_back_memory()
            self._watch(context, watch)

    def _watch(self, context: JobContext, watch: Watch) -> None:
        while True:
            self._wake.wait(TICK_SECONDS)
            self._wake.clear()
            context.check()
            self._publish(context, watch.step(self._urgent, only_urgent=self._is_held))

    def _publish(self, context: JobContext, parts: Iterator[Changes]) -> None:
        self._take_news(context)
        for changes in gathered(
            parts,
            TELL_SECONDS,
            context.check,
            told=time.monotonic(),
            hurries=lambda: bool(self._news),
        ):
            context.publish(changes)
            self._take_news(context)
        if self.index.problem != self._problem:
            self._problem = self.index.problem
            context.publish(self._problem)

    def _take_news(self, context: JobContext) -> None:
        """What was done here comes before what is found on disk, even within a long look.

        One piece of news after another: what was done last is what is so.
        """
        while self._news:
            news = self._news.popleft()

            def check() -> None:
                context.check()
                time.sleep(PAUSE_SECONDS)

            for changes in take_news(self.index, news, check, self._urgent):
                if changes:
                    context.publish(changes)

    # On the window's thread

    @Slot(object, object)
    def _on_published(self, job: Job, item: object) -> None:
        if job is not self._job:
            return
        if isinstance(item, Changes):
            if item:
                self.changed.emit(item)
            if not self.is_settled:
                self.progressed.emit(item.checked, item.total)
        elif isinstance(item, str):
            self.problem.emit(item)
        elif not self.is_settled:
            self.is_settled = True
            # What is known of the runs stays: looking through it for garbage would hold the
            # window for 65 ms with 100,000 runs (measured), each time.
            gc.freeze()
            self.settled.emit()

    @Slot(object)
    def _on_state_changed(self, job: Job) -> None:
        if job is self._job and job.state.is_final:
            # Only a mistake of ours ends the job by itself; it was reported, and watching goes on.
            QTimer.singleShot(RETRY_MS, self, self.start)
