"""Keeping an index up to date while a window is open, at a cost that is not felt.

Why polling: it works on every file system, network ones included, and sees edits in place, which
no directory watch reports. The cost is bounded instead: the two listings are only read when their
directory's time moved (and seldom otherwise, for file systems whose times lag), runs on screen and
running ones are looked at about once a second, and all others in slices, slower the more there are,
so that a core is never busier than some 2 percent (3 where the machine is busy).
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from core.index.edits import Edits
from core.index.index import SLICE, Changes, RunIndex

TICK_SECONDS = 0.25
URGENT_SECONDS = 0.6
LIST_SECONDS = 10.0
LIST_SHARE = 0.002  # of a core, for the listings that no directory's time asks for
RUNNING_SECONDS = 5.0
SWEEP_SECONDS = 4.5
SWEEP_SECONDS_PER_RUN = 0.00037
MAX_URGENT = 300
STRANGER_TICKS = 40
"""After its directory appeared, a run's opref is waited for this many ticks, then each listing."""


class Watch:
    """Looks at a home again and again, a little at each step.

    Args:
        index: What is kept up to date.
        clock: Seconds of a clock that never goes back.
    """

    def __init__(self, index: RunIndex, clock: Callable[[], float] = time.monotonic) -> None:
        self._index = index
        self._clock = clock
        self._stamps: tuple[int, ...] = ()
        self._listed = self._looked = self._swept = clock()
        self._list_again = True
        self._stranger_ticks = STRANGER_TICKS
        self._list_pause = LIST_SECONDS
        self._running: list[int] = []
        self._running_at = -RUNNING_SECONDS
        self._queue: list[int] = []
        self._next = 0
        self._edits = Edits(index.home, index.columns)
        self._passes = 0
        self._share = 0.0  # runs of the background sweep that are due each second
        self._owed = 0.0

    def refresh(
        self, check: Callable[[], None] = lambda: None, urgent: Sequence[int] = ()
    ) -> Iterator[Changes]:
        """Bring all up to date, as `RunIndex.refresh` does, and learn what later looks look for.

        Args:
            check: Called between slices; raises to stop.
            urgent: Slots to look at first.
        """
        new, gone = self._index.list_changes()
        if gone:
            yield self._index.forget(gone)
        known = self._all_slots()
        first = set(urgent)
        known = [*urgent, *(slot for slot in known if slot not in first)]
        yield from self._index.read_new(new, check)
        for start in range(0, len(known), SLICE):
            check()
            suspects = self._edits.among(known[start : start + SLICE], whole=True)
            done = min(start + SLICE, len(known))
            found = self._index.changed_among(suspects)
            yield self._index.reread(found, checked=done, total=len(known))
        suspects = sorted(self._index.suspects)
        found = self._index.changed_among(suspects)
        yield self._index.reread(found, checked=len(known), total=len(known))

    def step(self, urgent: Sequence[int] = (), *, only_urgent: bool = False) -> Iterator[Changes]:
        """One look: what became known, in parts that may be empty.

        Args:
            urgent: Slots of the runs on screen.
            only_urgent: Look at nothing else: many runs are being changed, and what came of it
                will be told.
        """
        for changes in self._look(urgent, only_urgent=only_urgent):
            if changes:
                self._running_at = -RUNNING_SECONDS  # whoever changed may run now
            yield changes

    def _look(self, urgent: Sequence[int], *, only_urgent: bool) -> Iterator[Changes]:
        now = self._clock()
        self._index.write_late()
        if not only_urgent:
            yield from self._list(now)
            due = self._index.due(now)
            if due:
                yield self._index.reread(due)
        if now - self._looked >= URGENT_SECONDS:
            self._looked = now
            slots = [*urgent[:MAX_URGENT], *self._running_ones(now)]
            yield self._index.reread(self._index.changed_among(slots))
        if not only_urgent:
            yield from self._sweep_a_part(now)

    def _list(self, now: float) -> Iterator[Changes]:
        """List again when a directory's time moved, once more after that, and now and then."""
        home = self._index.home
        stamps = (*_stamp(home.path), *_stamp(home.runs_dir), *_stamp(home.trash_dir))
        moved = stamps != self._stamps
        if moved or self._list_again or now - self._listed >= self._list_pause:
            self._stamps, self._list_again, self._listed = stamps, moved, now
            self._stranger_ticks = STRANGER_TICKS
            new, gone = self._index.list_changes()
            self._list_pause = max(LIST_SECONDS, (self._clock() - now) / LIST_SHARE)
            if gone:
                yield self._index.forget(gone)
            yield from self._index.read_new(new)
        elif self._stranger_ticks:
            self._stranger_ticks -= 1
            yield from self._index.read_new(self._index.look_at_strangers())

    def _running_ones(self, now: float) -> list[int]:
        """Slots of running runs; going through 100,000 for them is not for every second."""
        if now - self._running_at >= RUNNING_SECONDS:
            statuses = self._index.columns.stored("status")
            found = (slot for slot, status in enumerate(statuses) if status == "running")
            self._running, self._running_at = [*islice(found, MAX_URGENT)], now
        return self._running

    def _sweep_a_part(self, now: float) -> Iterator[Changes]:
        if self._next >= len(self._queue):
            self._queue = self._all_slots()
            self._next, self._passes = 0, self._passes + 1
            period = max(SWEEP_SECONDS, len(self._queue) * SWEEP_SECONDS_PER_RUN)
            self._share = len(self._queue) / period
        most = max(1.0, 2 * self._share)  # after a sleep of the machine not all at once
        self._owed = min(self._owed + (now - self._swept) * self._share, most)
        self._swept = now
        count = int(self._owed)
        if count:
            self._owed -= count
            part = self._queue[self._next : self._next + count]
            self._next += count
            # Directories only tell of what comes and goes: half of the runs at a time will do.
            whole = [slot for slot in part if (slot + self._passes) % 2]
            others = [slot for slot in part if not (slot + self._passes) % 2]
            suspects = self._edits.among(whole, whole=True)
            suspects += self._edits.among(others, whole=False)
            yield self._index.reread(self._index.changed_among(suspects))

    def _all_slots(self) -> list[int]:
        columns = self._index.columns
        return columns.slots() + columns.slots(deleted=True)


def _stamp(path: os.PathLike[str]) -> tuple[int, int]:
    try:
        stat = os.stat(path)
    except OSError as e:
        return e.errno or 1, 0
    return stat.st_mtime_ns, stat.st_ino
