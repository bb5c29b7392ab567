"""A shelf as the window sees it: one job that opens it, reads its runs, and watches its file.

Why a lane of its own: opening an archive of ten thousand runs, or another machine, takes a second
or ten, and nothing else may wait for it.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator

from msgspec import Struct
from PySide6.QtCore import QObject, Signal, Slot

from core.archives.shelf import Shelf
from core.check import Check
from core.errors import Error
from core.index.changes import Changes, gathered
from core.jobs import Job, JobContext
from core.runs.guild_files import reason
from gui.job_bridge import JobBridge

TELL_SECONDS = 0.15
MANY = 100
REST_SECONDS = 0.05
"""After telling of many runs the reading rests: the window shows them three times as quickly while
nobody else wants Python's lock."""

LOOK_SECONDS = 2.0

Look = Callable[[], object]
"""A value that is another one when what is on the shelf changed; raises OSError when it is gone."""


class Told(Struct, frozen=True):
    """How the shelf is.

    Attributes:
        problem: Sentences on what is wrong with it; empty when all is well.
        is_read: Whether its runs are known; not where it could not be opened.
        is_again: Whether it was read another time because it changed.
        is_declined: Whether it was not opened because the user said no to a question.
        may_pass: Whether what is wrong may pass by itself.
    """

    problem: str = ""
    is_read: bool = False
    is_again: bool = False
    is_declined: bool = False
    may_pass: bool = False


class ShelfFeed(QObject):
    """Reads a shelf on its own lane and tells the window what became known.

    Args:
        bridge: Where the job is submitted.
        shelf: What is read; the feed closes it.
        look: Tells whether it changed; None where that cannot be seen.
        parent: Owner.

    Signals:
        changed: Slots were added, changed or removed (Changes).
        progressed: How many runs of how many are known, while they are read.
        told: It is read, or something is wrong with it (Told).
    """

    changed = Signal(object)
    progressed = Signal(int, int)
    told = Signal(object)

    def __init__(
        self, bridge: JobBridge, shelf: Shelf, look: Look | None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.shelf = shelf
        self.last = Told()
        self._bridge = bridge
        self._look = look
        self._job: Job | None = None
        self._wake = threading.Event()
        self._is_asked = False
        self._asked: deque[Callable[[Check], Iterator[Changes]]] = deque()
        bridge.published.connect(self._on_published)

    @property
    def is_settled(self) -> bool:
        """Whether it is read, or known that it cannot be."""
        return self.last.is_read or bool(self.last.problem)

    def start(self) -> None:
        """Begin to read; what is known comes through the signals."""
        lane = f"shelf {self.shelf.file or self.shelf.title} {id(self)}"
        self._job = Job(f"Look at {self.shelf.title}", lane, self._work)
        self._bridge.submit(self._job)

    def stop(self) -> None:
        """Read no more; the shelf is closed when the job has ended."""
        job, self._job = self._job, None
        if job is not None:
            job.cancel()

    def read_again(self) -> None:
        """Read everything once more."""
        self._is_asked = True
        self._wake.set()

    def do_soon(self, work: Callable[[Check], Iterator[Changes]]) -> None:
        """Let the shelf do something between two readings, and tell what it changed."""
        self._asked.append(work)
        self._wake.set()

    # On the worker's thread

    def _work(self, context: JobContext) -> None:
        context.interrupt_with(self._wake.set)
        try:
            self._follow(context)
        finally:
            self.shelf.close()

    def _follow(self, context: JobContext) -> None:
        seen = self._seen()
        is_read = self._read(context, Told())
        while True:
            self._wake.wait(LOOK_SECONDS)
            self._wake.clear()
            context.check()
            while self._asked:
                self._publish(context, self._asked.popleft()(context.check))
            now, is_asked = self._seen(), self._is_asked
            self._is_asked = False
            if isinstance(now, OSError) and not is_asked:
                if not isinstance(seen, OSError):
                    context.publish(Told(self._gone(now, is_read=is_read), is_read))
                seen = now
            elif is_asked or now != seen:
                is_again = is_read and now != seen
                seen = now
                is_read = self._read(context, Told(is_again=is_again)) or is_read

    def _seen(self) -> object:
        try:
            return self._look() if self._look is not None else None
        except OSError as e:
            return e

    def _gone(self, error: OSError, *, is_read: bool) -> str:
        what = f"{self.shelf.title} cannot be reached any more: {reason(error)}."
        return f"{what} What was read of it stays on screen." if is_read else what

    def _read(self, context: JobContext, told: Told) -> bool:
        """Read all; returns whether that was possible."""
        try:
            self._publish(context, self.shelf.read(context.check))
        except Error as e:
            told = Told(e.told, is_declined=e.is_declined, may_pass=e.retryable)
            context.publish(told)
            return False
        except OSError as e:
            context.publish(Told(f"Cannot open {self.shelf.title}: {reason(e)}."))
            return False
        problem = self.shelf.problem
        context.publish(Told(problem, is_read=True, is_again=told.is_again))
        self.shelf.columns.texts()  # the first word that is looked for needs them
        self._publish(context, self.shelf.sweep(context.check))
        if self.shelf.problem != problem:  # an index that lied is found out by reading the runs
            context.publish(Told(self.shelf.problem, is_read=True))
        return True

    def _publish(self, context: JobContext, parts: Iterator[Changes]) -> None:
        for changes in gathered(parts, TELL_SECONDS, context.check):
            context.publish(changes)
            if len(changes.added) >= MANY:
                context.sleep(REST_SECONDS)

    # On the window's thread

    @Slot(object, object)
    def _on_published(self, job: Job, item: object) -> None:
        if job is not self._job:
            return
        if isinstance(item, Changes):
            if item:
                self.changed.emit(item)
            self.progressed.emit(item.checked, item.total)
        elif isinstance(item, Told):
            self.last = item
            self.told.emit(item)
