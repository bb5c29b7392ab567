"""Keeping an index up to date while a window is open, at a cost that is not felt.

Why polling: it works on every file system, network ones included, and sees edits in place, which
no directory watch reports. The cost is bounded instead: the two listings are only read when their
directory's time moved (and seldom otherwise, for file systems whose times lag), runs on screen and
running ones are looked at about once a second, and all others in slices, slower the more there are
and the longer a look takes, so that a core is never busier than some 2 percent. Where the system
tells by itself of writes (`core.index.file_notices`), it is believed: those runs are read at once,
and are looked at seldom; and of the listings only those entries are asked for that came or went.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import islice

from core.index.changes import Changes
from core.index.edits import Edits
from core.index.file_notices import FileNotices, Touched
from core.index.index import SLICE, RunIndex

TICK_SECONDS = 0.25
URGENT_SECONDS = 0.6
LIST_SECONDS = 10.0
LIST_SHARE = 0.001  # of a core, for the listings that no directory's time asks for
RUNNING_SECONDS = 5.0
SWEEP_SECONDS = 4.5
SWEEP_SHARE = 0.010  # of a core, for the looks at all runs
LOOK_SECONDS = 9e-6  # for a run, until it is known how long it takes here
_MEMORY = 0.98  # of how long looks took before, at each part of a pass
TOLD_PASSES = 12
"""Of runs that the system tells of, one in so many is looked at in a pass: a directory may have
been put in the place of another, or a file be written through another name."""

MOST_TOLD = 300  # runs that are read in a tick because the system told of them
MOST_ENTRIES = 1000  # that came or went: of more a listing is quicker
MAX_URGENT = 300
STRANGER_TICKS = 40
"""After its directory appeared, a run's opref is waited for this many ticks, then each listing."""


class Watch:
    """Looks at a home again and again, a little at each step.

    Args:
        index: What is kept up to date.
        clock: Seconds of a clock that never goes back.
        notices: Tells of writes; the watch closes it. None only looks.
    """

    def __init__(
        self,
        index: RunIndex,
        clock: Callable[[], float] = time.monotonic,
        notices: FileNotices | None = None,
    ) -> None:
        self._index = index
        self._clock = clock
        self._notices = notices
        self._touched: Touched = {}
        self._entries: set[tuple[bool, str]] = set()
        self._stamps: tuple[int | str, ...] = ()
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
        self._pass_ends = clock()
        self._is_all_due = True  # all runs are looked at in the next pass
        self._owed = 0.0  # runs of the background sweep that are due
        self._look_seconds = LOOK_SECONDS

    def refresh(
        self, check: Callable[[], None] = lambda: None, urgent: Sequence[int] = ()
    ) -> Iterator[Changes]:
        """Bring all up to date, as `RunIndex.refresh` does, and learn what later looks look for.

        Args:
            check: Called between slices; raises to stop.
            urgent: Slots to look at first.
        """
        self._stamps = self._stamp_places()
        new, gone = self._index.arrivals.listed()
        if gone:
            yield self._index.forget(gone)
        known = self._newest_first()
        first = set(urgent)
        known = [*urgent, *(slot for slot in known if slot not in first)]
        yield from self._index.read_new(new, check)
        for start in range(0, len(known), SLICE):
            check()
            part = known[start : start + SLICE]
            self._cover(part)
            suspects = self._edits.among(part, whole=True)
            done = min(start + SLICE, len(known))
            found = self._index.changed_among(suspects)
            yield self._index.reread(found, checked=done, total=len(known))
        self._is_all_due = False
        suspects = sorted(self._index.suspects)
        found = self._index.changed_among(suspects)
        yield self._index.reread(found, checked=len(known), total=len(known))

    def close(self) -> None:
        """Look no more."""
        if self._notices is not None:
            self._notices.close()

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
        self._hear()
        if not only_urgent:
            yield from self._list(now)
            yield self._reread(self._told())
            due = self._index.due(now)
            if due:
                yield self._reread(due)
        if now - self._looked >= URGENT_SECONDS:
            self._looked = now
            slots = [*urgent[:MAX_URGENT], *self._running_ones(now)]
            yield self._reread(self._index.changed_among(slots))
        if not only_urgent:
            yield from self._sweep_a_part(now)

    def _list(self, now: float) -> Iterator[Changes]:
        """Look which runs came and went.

        All are listed when a directory's time moved, once more after that, and now and then;
        where the system tells of entries, these are looked at.
        """
        stamps = self._stamp_places()
        moved = stamps != self._stamps
        if moved or self._list_again or now - self._listed >= self._list_pause:
            self._is_all_due |= moved  # another directory may be in the place of a run
            self._stamps, self._list_again, self._listed = stamps, moved, now
            self._stranger_ticks = STRANGER_TICKS
            new, gone = self._index.arrivals.listed()
            self._list_pause = max(LIST_SECONDS, (self._clock() - now) / LIST_SHARE)
            yield from self._take(new, gone)
            return
        if self._entries:
            yield from self._look_at_entries()
        if self._stranger_ticks:
            self._stranger_ticks -= 1
            yield from self._index.read_new(self._index.arrivals.of_strangers())

    def _look_at_entries(self) -> Iterator[Changes]:
        entries, self._entries = self._entries, set()
        if len(entries) > MOST_ENTRIES:
            self._list_again = self._is_all_due = True
            return
        self._stranger_ticks = STRANGER_TICKS
        new, gone, there = self._index.arrivals.among(entries)
        yield from self._take(new, gone)
        self._cover_again(there)
        yield self._index.reread(self._index.changed_among(there))

    def _stamp_places(self) -> tuple[int | str, ...]:
        """Differs when the directories must be listed.

        That is when one became another one, its time moved and the system does not tell what
        comes to it and goes, or it can be looked at again.
        """
        home = self._index.home
        stamps: list[int | str] = [_stamp(home.path)[0]]
        for place, directory in ((False, home.runs_dir), (True, home.trash_dir)):
            inode, moved = _stamp(directory)
            is_told = self._cover_place(place, os.fspath(directory), inode)
            problem = self._index.problem_of(deleted=place)
            stamps += (inode, -1 if is_told else moved, problem)
        return tuple(stamps)

    def _cover_place(self, place: bool, directory: str, inode: int) -> bool:  # noqa: FBT001 - a name
        """Let the system tell what comes to a directory and goes; whether it does."""
        if self._notices is None:
            return False
        if not self._notices.covers_place(place, inode):
            self._notices.cover_place(place, directory)
        return self._notices.covers_place(place, inode)

    def _take(self, new: list[tuple[bool, str]], gone: list[int]) -> Iterator[Changes]:
        if gone:
            yield self._index.forget(gone)
            self._cover_again(gone)
        yield from self._index.read_new(new)

    def _reread(self, slots: Sequence[int]) -> Changes:
        """Read runs that changed; another directory may be in the place of one told of."""
        self._cover_again(slots)
        return self._index.reread(slots)

    def _running_ones(self, now: float) -> list[int]:
        """Slots of running runs; going through 100,000 for them is not for every second."""
        if now - self._running_at >= RUNNING_SECONDS:
            found = _places_of("running", self._index.columns.stored("status"))
            self._running, self._running_at = [*islice(found, MAX_URGENT)], now
        return self._running

    def _hear(self) -> None:
        """Take what the system tells, before it runs out of room for it."""
        if self._notices is None:
            return
        for slot, names in self._notices.take().items():
            self._touched.setdefault(slot, set()).update(names)
        self._is_all_due |= self._notices.is_incomplete
        self._list_again |= self._notices.is_incomplete
        self._notices.is_incomplete = False
        self._entries |= self._notices.entries
        self._notices.entries.clear()

    def _told(self) -> list[int]:
        """Slots of some of the runs that the system told of, where they are to be read again."""
        slots = [*islice(self._touched, MOST_TOLD)]
        return self._index.written_among({slot: self._touched.pop(slot) for slot in slots})

    def _sweep_a_part(self, now: float) -> Iterator[Changes]:
        if self._next >= len(self._queue) and now >= self._pass_ends:
            self._begin_pass(now)
        rate = min(len(self._queue) / SWEEP_SECONDS, SWEEP_SHARE / self._look_seconds)
        most = max(1.0, 2 * rate)  # after a sleep of the machine not all at once
        self._owed = min(self._owed + (now - self._swept) * rate, most)
        self._swept = now
        count = int(self._owed)
        part = self._queue[self._next : self._next + count]
        if part:
            self._owed -= count
            self._next += count
            yield self._reread(self._index.changed_among(self._suspects(part)))

    def _begin_pass(self, now: float) -> None:
        slots, notices, turn = self._newest_first(), self._notices, self._passes % TOLD_PASSES
        if notices is not None and not self._is_all_due:
            untold = set(notices.uncovered(slots))
            slots = [s for s in slots if s % TOLD_PASSES == turn or s in untold]
        self._queue, self._next, self._is_all_due = slots, 0, False
        self._passes += 1
        self._pass_ends = now + SWEEP_SECONDS

    def _suspects(self, part: Sequence[int]) -> list[int]:
        """Those that may have changed."""
        before = time.thread_time()
        self._cover(part)
        notices = self._notices
        told = {slot for slot in part if notices.covers(slot)} if notices is not None else ()
        # Directories only tell of what comes and goes: half of the runs at a time will do.
        others = [slot for slot in part if slot not in told and not (slot + self._passes) % 2]
        skipped = set(others)
        suspects = self._edits.among([slot for slot in part if slot not in skipped], whole=True)
        suspects += self._edits.among(others, whole=False)
        took = (time.thread_time() - before) / len(part)
        self._look_seconds += (1 - _MEMORY) * (took - self._look_seconds)
        return suspects

    def _cover_again(self, slots: Sequence[int]) -> None:
        """Let the system tell of what is in the places of these runs now; of nothing, maybe."""
        if self._notices is not None:
            for slot in slots:
                self._notices.uncover(slot)
            self._cover(slots)

    def _cover(self, slots: Sequence[int]) -> None:
        """Let the system tell of these runs, as far as it can; they are looked at after that."""
        if self._notices is None or self._notices.is_full:
            return
        home, columns = self._index.home, self._index.columns
        dirs = {False: os.fspath(home.runs_dir), True: os.fspath(home.trash_dir)}
        ids, deleted = columns.stored("id"), columns.stored("deleted")
        for slot in slots:
            if deleted[slot] is not None:
                self._notices.cover(slot, dirs[deleted[slot]], ids[slot])

    def _newest_first(self) -> list[int]:
        """All runs; if not all can be told of, those that are most likely to change are."""
        columns = self._index.columns
        return [*columns.newest_first(), *columns.newest_first(deleted=True)]


def _places_of(value: str, values: list[str]) -> Iterator[int]:
    """Where a value is in a list, without a step of Python's for each place where it is not."""
    place = -1
    with suppress(ValueError):
        while True:
            yield (place := values.index(value, place + 1))


def _stamp(path: os.PathLike[str]) -> tuple[int, int]:
    """Which directory it is, and when entries came or went last."""
    try:
        stat = os.stat(path)
    except OSError as e:
        return -(e.errno or 1), 0
    return stat.st_ino, stat.st_mtime_ns
