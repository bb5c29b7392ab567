"""Carries job events from worker threads to the GUI thread.

Why one bridge: it is the only class that lets a worker thread touch a QObject, and all it does
there is emit one private signal, whose connection is queued. Everything else in gui runs on the
GUI thread and needs no locks.

Why what arrives waits in a queue of ours: Qt delivers all that is posted in one turn of its event
loop. A bulk change tells of itself in many pieces, each short; keys, the pointer and painting get
their chance between them, since delivering ends for this turn after TURN_SECONDS.

Why Python is told to switch threads sooner: by default a busy worker keeps Python's lock for 5 ms
each time the GUI thread wants it back, and that lets go of it with many a call into Qt. With 1 ms a
first picture of parallel coordinates stopped the window for 51 ms, of which 6 were its own work;
with 0.2 ms for 11 to 34. Sorting 100,000 runs: 99 % of the gaps within 13 ms, not 45. The work is
not slower (all measured).
"""

from __future__ import annotations

import sys
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from core.errors import Error
from core.jobs import Job, JobContext, JobQueue, JobState

POLL_MS = 100
SWITCH_SECONDS = 0.0002
TURN_SECONDS = 0.004
"""Half of a frame at 120 Hz; the last piece delivered may make it longer."""
FIRST_PAINT_MS = 20
"""How long a page that comes into sight waits before it asks: a worker that begins at once takes
Python's lock from the window while that lays out and draws the page (measured: 50 ms, not 15)."""


class JobBridge(QObject):
    """Turns jobs into signals that are always delivered on the GUI thread.

    State changes and published items are pushed; progress is pulled by a timer, so a fast
    job cannot flood the event loop.

    Signals:
        state_changed: A job entered another state.
        ended: A job is final, and all it published has been told.
        published: A job handed out an intermediate result (job, item).
        progressed: A running job's progress, at most once per POLL_MS.
        broke: A job ended by an exception that is no core.errors.Error: a mistake of ours.
    """

    state_changed = Signal(object)
    ended = Signal(object)
    published = Signal(object, object)
    progressed = Signal(object)
    broke = Signal(object)
    _arrived = Signal()

    def __init__(self, queue: JobQueue, parent: QObject | None = None) -> None:
        super().__init__(parent)
        sys.setswitchinterval(SWITCH_SECONDS)
        self._queue = queue
        self._watched: set[Job] = set()
        self._arrivals: deque[Callable[[], None]] = deque()
        self._next_turn = QTimer(self, singleShot=True, interval=0)
        self._next_turn.timeout.connect(self._deliver)
        self._arrived.connect(self._on_arrived, Qt.ConnectionType.QueuedConnection)
        self._timer = QTimer(self, interval=POLL_MS)
        self._timer.timeout.connect(self._poll)

    @property
    def is_closed(self) -> bool:
        """Whether the window is ending and takes no more jobs."""
        return self._queue.is_closed

    def submit(self, job: Job) -> Job:
        """Queue a job and follow it until it is final."""
        self._watched.add(job)
        job.subscribe(lambda job: self._put(partial(self._tell_state, job, job.state)))
        job.context.follow(lambda item: self._put(partial(self.published.emit, job, item)))
        self._timer.start()
        return self._queue.submit(job)

    def waiting(self, lane: str) -> list[Job]:
        """Jobs of a lane that wait, in the order in which they will be done."""
        return self._queue.waiting(lane)

    def put_before(self, job: Job, other: Job | None) -> bool:
        """Let a job that waits be done before another one of its lane, or last for None."""
        return self._queue.put_before(job, other)

    def _put(self, telling: Callable[[], None]) -> None:
        """Tell it on the GUI thread, after what was put before; from any thread."""
        self._arrivals.append(telling)
        self._arrived.emit()

    @Slot()
    def _on_arrived(self) -> None:
        if not self._next_turn.isActive():
            self._deliver()

    @Slot()
    def _deliver(self) -> None:
        end = time.perf_counter() + TURN_SECONDS
        while self._arrivals:
            self._arrivals.popleft()()
            if time.perf_counter() > end:
                self._next_turn.start()
                return

    def _tell_state(self, job: Job, state: JobState) -> None:
        if job.state.is_final and not state.is_final:
            return  # whoever looks at the job now would take it for ended before its last items
        if state.is_final:
            self._watched.discard(job)
            if job.error is not None and not isinstance(job.error, Error):
                self.broke.emit(job)
        if not self._watched:
            self._timer.stop()
        self.state_changed.emit(job)
        if state.is_final:
            self.ended.emit(job)

    @Slot()
    def _poll(self) -> None:
        for job in self._watched:
            self.progressed.emit(job)


class Latest(QObject):
    """Asks one question after another and hears only the answer to the newest.

    A view that shows "the selected run" has one of these: asking again cancels the question
    before, and an answer that still arrives for it is dropped.

    Args:
        bridge: Where jobs are submitted.
        lane: Lane of the questions; views that read the same disk share one.
        parent: Owner.
    """

    def __init__(self, bridge: JobBridge, lane: str, parent: QObject) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._lane = lane
        self._job: Job | None = None
        self._on_result: Callable[[Any], None] = lambda _: None
        self._on_error: Callable[[Error], None] = lambda _: None
        self._on_item: Callable[[Any], None] | None = None
        # Not `state_changed`: a job that is told of as running may be done when its state is read.
        bridge.ended.connect(self._on_ended)
        bridge.published.connect(self._on_published)

    def ask(
        self,
        title: str,
        work: Callable[[JobContext], object],
        on_result: Callable[[Any], None],
        on_error: Callable[[Error], None] | None = None,
        on_item: Callable[[Any], None] | None = None,
    ) -> None:
        """Run `work` on the lane; `on_result` gets its value on the GUI thread.

        Args:
            title: What the job is called in the log and the jobs panel.
            work: Runs on a worker thread.
            on_result: Hears the returned value unless another question was asked meanwhile.
            on_error: Hears a core.errors.Error; other exceptions go to the report dialog.
            on_item: Hears each item that `work` publishes.
        """
        self.drop()
        if self._bridge.is_closed:
            return  # an answer that came while the window ended made its view ask once more
        self._on_result = on_result
        self._on_error = on_error or (lambda _: None)
        self._on_item = on_item
        job = Job(title, self._lane, work)
        self._job = job
        self._bridge.submit(job)

    def drop(self) -> None:
        """Cancel the open question, if any, and hear nothing more of it."""
        if self._job is not None:
            self._job.cancel()
            self._job = None

    @property
    def is_waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._job is not None

    @Slot(object)
    def _on_ended(self, job: Job) -> None:
        if job is not self._job:
            return
        self._job = None
        if job.state is JobState.DONE:
            self._on_result(job.result)
        elif isinstance(job.error, Error):
            self._on_error(job.error)

    @Slot(object, object)
    def _on_published(self, job: Job, item: object) -> None:
        if job is self._job and self._on_item is not None:
            self._on_item(item)
