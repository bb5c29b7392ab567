"""Long operations: how they report, how they pause and stop, who runs them. No Qt.

Why threads and no QThread: the command line and the tests run the same jobs without an
application object. Why one lane a resource: two jobs on the index (or on one remote) would
only fight over it, while jobs on different resources must not wait for each other.
"""

from __future__ import annotations

import logging
import threading
from collections import deque
from collections.abc import Callable
from enum import Enum, auto

from msgspec import Struct

from core.errors import Cancelled, Error

IDLE_SECONDS = 5.0

log = logging.getLogger(__name__)

Unsubscribe = Callable[[], None]


class JobState(Enum):
    """Where a job is in its life; the last three never change again."""

    QUEUED = auto()
    RUNNING = auto()
    PAUSED = auto()
    DONE = auto()
    FAILED = auto()
    CANCELLED = auto()

    @property
    def is_final(self) -> bool:
        """Whether the job will never change state again."""
        return self in (JobState.DONE, JobState.FAILED, JobState.CANCELLED)


class Progress(Struct, frozen=True):
    """A consistent snapshot of how far a job is.

    Attributes:
        done: Amount finished, in `unit`.
        total: Amount expected; None while it is still being counted.
        unit: "bytes", "files" or "runs".
        item: What is being worked on now, ready to show.
    """

    done: int = 0
    total: int | None = None
    unit: str = "runs"
    item: str = ""


class JobContext:
    """What a running job may do: report, publish, and notice pause and cancel.

    All methods may be called from any thread.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._cancelled = threading.Event()
        self._may_run = threading.Event()
        self._may_run.set()
        self._progress = Progress()
        self._on_cancel: list[Callable[[], None]] = []
        self._sinks: list[Callable[[object], None]] = []
        self.on_pause: Callable[[bool], None] | None = None

    @property
    def progress(self) -> Progress:
        """The latest snapshot."""
        with self._lock:
            return self._progress

    def advance(
        self,
        amount: int = 0,
        *,
        total: int | None = None,
        unit: str | None = None,
        item: str | None = None,
    ) -> None:
        """Add `amount` to the progress and replace the fields that are given.

        Raises:
            Cancelled: The job was asked to stop.
        """
        self.check()
        with self._lock:
            now = self._progress
            self._progress = Progress(  # not `replace`: transfers do this for each file
                done=now.done + amount,
                total=now.total if total is None else total,
                unit=now.unit if unit is None else unit,
                item=now.item if item is None else item,
            )

    def check(self) -> None:
        """Wait while the job is paused; raise Cancelled if it was asked to stop."""
        if not self._may_run.is_set() and not self._cancelled.is_set():
            self._tell_pause(paused=True)
            self._may_run.wait()
            self._tell_pause(paused=False)
        if self._cancelled.is_set():
            raise Cancelled

    def sleep(self, seconds: float) -> None:
        """Wait, but no longer than until the job is cancelled.

        Raises:
            Cancelled: The job was asked to stop.
        """
        self._cancelled.wait(seconds)
        self.check()

    def publish(self, item: object) -> None:
        """Hand an intermediate result (an immutable value) to whoever follows the job."""
        with self._lock:
            sinks = tuple(self._sinks)
        for sink in sinks:
            sink(item)

    def follow(self, sink: Callable[[object], None]) -> None:
        """Call `sink` with each published item, on the worker's thread."""
        with self._lock:
            self._sinks.append(sink)

    def interrupt_with(self, unblock: Callable[[], None]) -> None:
        """Call `unblock` on cancel, to wake a thread stuck in a read.

        Called at once when the job is already cancelled.
        """
        with self._lock:
            if not self._cancelled.is_set():
                self._on_cancel.append(unblock)
                return
        unblock()

    @property
    def is_cancelled(self) -> bool:
        """Whether the job was asked to stop."""
        return self._cancelled.is_set()

    @property
    def is_held(self) -> bool:
        """Whether the job was asked to wait, and not to go on since."""
        return not self._may_run.is_set()

    def pause(self) -> None:
        """Ask the job to wait at its next check; returns at once."""
        self._may_run.clear()

    def resume(self) -> None:
        """Let a paused job go on."""
        self._may_run.set()

    def cancel(self) -> None:
        """Ask the job to stop, paused or not; returns at once."""
        with self._lock:
            self._cancelled.set()
            callbacks, self._on_cancel = self._on_cancel, []
        self._may_run.set()
        for unblock in callbacks:
            unblock()

    def _tell_pause(self, *, paused: bool) -> None:
        if self.on_pause is not None:
            self.on_pause(paused)


class Job:
    """One long operation, from queued to its final state.

    Args:
        title: What the user asked for, for example "Pull 3 runs from gpu1".
        lane: Jobs of one lane run one after another; lanes run side by side.
        work: Does the operation. It reports through the context and returns
            the result; it raises core.errors.Error for failures to explain.
    """

    def __init__(self, title: str, lane: str, work: Callable[[JobContext], object]) -> None:
        self.title = title
        self.lane = lane
        self.context = JobContext()
        self.context.on_pause = self._on_pause
        self.result: object = None
        self.error: BaseException | None = None
        self._work = work
        self._state = JobState.QUEUED
        self._is_begun = False
        self._lock = threading.Lock()
        self._finished = threading.Event()
        self._listeners: list[Callable[[Job], None]] = []

    @property
    def state(self) -> JobState:
        """The state at this moment."""
        return self._state

    def cancel(self) -> None:
        """Ask the job to stop, queued, paused or running; does nothing when final.

        One that has not begun is cancelled when this returns: its turn may be hours away.
        """
        self.context.cancel()
        if self._is_first():
            self._enter(JobState.CANCELLED)

    def pause(self) -> None:
        """Ask the job to wait at its next check; the state follows when it does."""
        self.context.pause()

    def resume(self) -> None:
        """Let a paused job go on."""
        self.context.resume()

    def wait(self, timeout: float | None = None) -> bool:
        """Block until the job is final; returns False after `timeout` seconds."""
        return self._finished.wait(timeout)

    def subscribe(self, listener: Callable[[Job], None]) -> Unsubscribe:
        """Call `listener` after each state change, on the worker's thread or the canceller's."""
        with self._lock:
            self._listeners.append(listener)
        return lambda: self._remove(listener)

    def run(self) -> None:
        """Do the work in this thread, unless it was cancelled before. Never raises."""
        if not self._is_first():
            return
        try:
            self.context.check()
            self._enter(JobState.RUNNING)
            self.result = self._work(self.context)
        except Cancelled:
            self._enter(JobState.CANCELLED)
        except Error as e:
            self.error = e
            self._enter(JobState.FAILED)
        except Exception as e:  # The job runner is where unexpected failures are kept.
            log.exception("Job %r broke", self.title)
            self.error = e
            self._enter(JobState.FAILED)
        else:
            self._enter(JobState.DONE)

    def _is_first(self) -> bool:
        """Whether nobody has begun or cancelled the job before; from then on somebody has."""
        with self._lock:
            is_first, self._is_begun = not self._is_begun, True
        return is_first

    def _on_pause(self, paused: bool) -> None:  # noqa: FBT001 - the shape of a callback
        self._enter(JobState.PAUSED if paused else JobState.RUNNING)

    def _remove(self, listener: Callable[[Job], None]) -> None:
        with self._lock:
            if listener in self._listeners:
                self._listeners.remove(listener)

    def _enter(self, state: JobState) -> None:
        with self._lock:
            self._state = state
            listeners = tuple(self._listeners)
        for listener in listeners:
            try:
                listener(self)
            except Exception:  # A listener's mistake must not end the lane's worker.
                log.exception("Listener of job %r broke", self.title)
        if state.is_final:
            self._finished.set()


class JobQueue:
    """Runs jobs on one worker thread per lane.

    A lane's worker is born with its first job and ends when the lane was
    empty for a while; both are decided under one lock, so a job is never left
    behind.

    Why for a while: whoever starts a thread waits until it runs, and beside
    two busy threads that takes 8 ms, up to 98 (measured); waking one takes
    nothing. The window's own thread submits a job at each key.

    Args:
        idle_seconds: How long a worker waits for another job of its lane.
    """

    def __init__(self, idle_seconds: float = IDLE_SECONDS) -> None:
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._idle_seconds = idle_seconds
        self._wakers: dict[str, threading.Condition] = {}
        self._lanes: dict[str, deque[Job]] = {}
        self._workers: dict[str, threading.Thread] = {}
        self._running: dict[str, Job] = {}
        self._closed = False

    def submit(self, job: Job) -> Job:
        """Queue `job` and return it.

        Raises:
            RuntimeError: The queue was closed.
        """
        with self._changed:
            if self._closed:
                raise RuntimeError("the job queue is closed")
            is_new = job.lane not in self._lanes
            self._lanes.setdefault(job.lane, deque()).append(job)
            self._waker_of(job.lane).notify()
            if not is_new:
                return job
            worker = threading.Thread(target=self._drain, args=(job.lane,), name=f"lane-{job.lane}")
            self._workers[job.lane] = worker
        worker.start()
        return job

    @property
    def is_closed(self) -> bool:
        """Whether no more jobs are taken."""
        return self._closed

    def waiting(self, lane: str) -> list[Job]:
        """Jobs of a lane that wait, in the order in which they will be done."""
        with self._changed:
            return [job for job in self._lanes.get(lane, ()) if not job.state.is_final]

    def put_before(self, job: Job, other: Job | None) -> bool:
        """Let a job that waits be done before another one of its lane, or last for None.

        Returns:
            Whether both were waiting, and are in that order now.
        """
        with self._changed:
            waiting = self._lanes.get(job.lane, deque())
            if job is other or job not in waiting or (other is not None and other not in waiting):
                return False
            waiting.remove(job)
            waiting.insert(len(waiting) if other is None else waiting.index(other), job)
            return True

    def active(self) -> list[Job]:
        """Jobs that are queued or running, running ones first."""
        with self._changed:
            queued = [job for lane in self._lanes.values() for job in lane]
            jobs = [*self._running.values(), *queued]  # one that has ended runs a moment longer
            return [job for job in jobs if not job.state.is_final]

    def close(self, timeout: float) -> bool:
        """Cancel everything and wait; returns False if a worker is still busy.

        Args:
            timeout: Seconds to wait for the workers.
        """
        with self._changed:
            self._closed = True
            for waker in self._wakers.values():
                waker.notify()
        for job in self.active():
            job.cancel()
        with self._changed:
            is_empty = self._changed.wait_for(lambda: not self._lanes, timeout)
        for worker in self._workers.values() if is_empty else ():
            worker.join()  # it has left its lane: there is nothing to wait for
        return is_empty

    def _drain(self, lane: str) -> None:
        while job := self._next(lane):
            job.run()
            del job  # what it found is not held while the worker waits

    def _next(self, lane: str) -> Job | None:
        """The lane's next job; None ends its worker."""
        with self._changed:
            self._running.pop(lane, None)
            jobs = self._lanes[lane]
            waker = self._waker_of(lane)
            waker.wait_for(lambda: jobs or self._closed, self._idle_seconds)
            if not jobs:
                del self._lanes[lane]
                self._changed.notify_all()
                return None
            job = self._running[lane] = jobs.popleft()
            return job

    def _waker_of(self, lane: str) -> threading.Condition:
        """Wakes the worker of a lane; all share one lock."""
        if lane not in self._wakers:
            self._wakers[lane] = threading.Condition(self._lock)
        return self._wakers[lane]
