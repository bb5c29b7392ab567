"""Keeping an index up to date while a window is open, at a cost that is not felt.

Why polling: it works on every file system, network ones included, and sees edits in place, which
no directory watch reports. The cost is bounded instead: the two listings are only read when their
directory's time moved, runs on screen and running ones are looked at about once a second, and all
others in slices, slower the more there are, so that a core is never busier than some 2 percent.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence

from core.index.index import Changes, RunIndex

TICK_SECONDS = 0.25
URGENT_SECONDS = 0.6
LIST_SECONDS = 10.0
SWEEP_SECONDS = 4.5
SWEEP_SECONDS_PER_RUN = 0.00038
MAX_URGENT = 300
STRANGER_TICKS = 40
"""After its directory appeared, a run's opref is waited for this many ticks, then each listing."""


class Watch:
    """Looks at a home again and again, a little at each step.

    Args:
        index: What is kept up to date; it was refreshed once.
        clock: Seconds of a clock that never goes back.
    """

    def __init__(self, index: RunIndex, clock: Callable[[], float] = time.monotonic) -> None:
        self._index = index
        self._clock = clock
        self._stamps: tuple[int, ...] = ()
        self._listed = self._looked = self._swept = clock()
        self._list_again = True
        self._stranger_ticks = STRANGER_TICKS
        self._queue: list[int] = []
        self._share = 0.0  # runs of the background sweep that are due each second
        self._owed = 0.0

    def step(self, urgent: Sequence[int] = (), *, lists: bool = True) -> Iterator[Changes]:
        """One look: what became known, in parts that may be empty.

        Args:
            urgent: Slots of the runs on screen.
            lists: Whether the directories may be listed, too; not while many runs are moved.
        """
        now = self._clock()
        if lists:
            yield from self._list(now)
        due = self._index.due(now)
        if due:
            yield self._index.reread(due)
        if now - self._looked >= URGENT_SECONDS:
            self._looked = now
            slots = [*urgent[:MAX_URGENT], *self._running()]
            yield self._index.reread(self._index.changed_among(slots))
        yield from self._sweep_a_part(now)

    def _list(self, now: float) -> Iterator[Changes]:
        """List again when a directory's time moved, once more after that, and now and then."""
        home = self._index.home
        stamps = (*_stamp(home.path), *_stamp(home.runs_dir), *_stamp(home.trash_dir))
        moved = stamps != self._stamps
        if moved or self._list_again or now - self._listed >= LIST_SECONDS:
            self._stamps, self._list_again, self._listed = stamps, moved, now
            self._stranger_ticks = STRANGER_TICKS
            new, gone = self._index.list_changes()
            if gone:
                yield self._index.forget(gone)
            yield from self._index.read_new(new)
        elif self._stranger_ticks:
            self._stranger_ticks -= 1
            yield from self._index.read_new(self._index.look_at_strangers())

    def _running(self) -> list[int]:
        statuses = self._index.columns.stored("status")
        return [slot for slot, status in enumerate(statuses) if status == "running"][:MAX_URGENT]

    def _sweep_a_part(self, now: float) -> Iterator[Changes]:
        if not self._queue:
            self._queue = self._index.columns.slots() + self._index.columns.slots(deleted=True)
            period = max(SWEEP_SECONDS, len(self._queue) * SWEEP_SECONDS_PER_RUN)
            self._share = len(self._queue) / period
        self._owed = min(self._owed + (now - self._swept) * self._share, 2 * self._share)
        self._swept = now
        count = int(self._owed)
        if count:
            self._owed -= count
            part, self._queue = self._queue[:count], self._queue[count:]
            yield self._index.reread(self._index.changed_among(part))


def _stamp(path: os.PathLike[str]) -> tuple[int, int]:
    try:
        stat = os.stat(path)
    except OSError as e:
        return e.errno or 1, 0
    return stat.st_mtime_ns, stat.st_ino
