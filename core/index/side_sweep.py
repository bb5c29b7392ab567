"""Looks at every run in a second process, while this one prepares an answer from what is known.

Why: a command on 10,000 runs spends half of its time on asking the disk whether any of them
changed, and nearly always none did. So the answer is prepared beside the look and thrown away in
the rare case. Why a fork and no thread: the look is half system calls and half Python, which would
only take turns with the work here. The child reads what the parent had in memory, asks the disk,
writes a few lists of numbers and ends; it never touches the cache file. It begins as soon as the
signatures are in memory, before anything else is, and from the end of the runs the parent helps
it when the answer is ready first.
"""

from __future__ import annotations

import marshal
import mmap
import os
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from core.index.index import RunIndex, live_among
from core.index.schema import CacheLost

WORTH_A_PROCESS = 3000
"""So many runs take longer to look at than it takes to fork."""

PORTION = 250
"""Runs that one of the two processes takes at a time: some 3 ms."""

_fork: Callable[[], int] | None = getattr(os, "fork", None)  # Windows has none

Answer = TypeVar("Answer")
Seen = tuple[list[tuple[bool, str]], list[int], list[int]]
"""Which runs are new, gone and changed."""


def answer_fresh(index: RunIndex, prepare: Callable[[], Answer]) -> Answer:
    """What `prepare` makes of the index when that is up to date with the disk.

    Args:
        index: A loaded index.
        prepare: Makes the answer from the index, without writing it anywhere; it may be called
            twice.
    """
    try:
        return _answer(index, prepare)
    except CacheLost:
        index.start_again()
        return _answer(index, prepare)


def _answer(index: RunIndex, prepare: Callable[[], Answer]) -> Answer:
    slots = [*index.columns.slots(), *index.columns.slots(deleted=True)]
    live = live_among(index.columns, slots)
    look = _Look(index, _without(slots, live)) if _is_worthwhile(len(slots)) else None
    if look is None:
        _refresh(index)
        return _checked(index, prepare)
    try:
        index.reread(live)  # before the answer: they nearly always say something new
        answer = _checked(index, prepare)
        look.help()
    finally:
        seen = look.finish()
    if seen is None:
        _refresh(index)
    elif any(seen):
        _take(index, *seen)
    else:
        return answer
    return _checked(index, prepare)


def _take(
    index: RunIndex, new: list[tuple[bool, str]], gone: list[int], changed: list[int]
) -> None:
    if gone:
        index.forget(gone)
    for _ in index.read_new(new):
        pass
    index.reread(changed)


def _checked(index: RunIndex, prepare: Callable[[], Answer]) -> Answer:
    """The answer, made again where the cache turned out to say what cannot be right."""
    answer = prepare()
    if not index.suspects:
        return answer
    index.reread(sorted(index.suspects))
    return prepare()


def _refresh(index: RunIndex) -> None:
    for _ in index.refresh():
        pass


def _without(slots: Sequence[int], others: Sequence[int]) -> list[int]:
    left_out = set(others)
    return [slot for slot in slots if slot not in left_out] if left_out else list(slots)


def _is_worthwhile(count: int) -> bool:
    can_fork = _fork is not None and threading.active_count() == 1
    return can_fork and (os.cpu_count() or 1) > 1 and count >= WORTH_A_PROCESS


class _Look:
    """A child process that asks the disk which runs are new, gone or changed.

    The child takes portions of the runs from their beginning, this process from their end; each
    says in shared memory how far it is before it takes one. Where both take the last portion at
    the same time, it is looked at twice, which does no harm.
    """

    def __init__(self, index: RunIndex, slots: Sequence[int]) -> None:
        self._index = index
        self._slots = slots
        self._ends = memoryview(mmap.mmap(-1, 16)).cast("q")
        self._ends[1] = len(slots)
        self._changed: list[int] = []
        self._read, write = os.pipe()
        assert _fork is not None  # or it is not worthwhile
        self._pid = _fork()
        if self._pid == 0:
            self._look(write)
        os.close(write)

    def help(self) -> None:
        """Look at those of the runs that the child did not come to yet."""
        self._index.changed_among(())  # this process shall know what is in the way, too
        while (end := self._ends[1]) > self._ends[0]:
            begin = self._ends[1] = max(end - PORTION, 0)
            self._changed += self._index.changed_among(self._slots[begin:end])

    def finish(self) -> Seen | None:
        """What was found when all is looked at; None when the child failed."""
        with os.fdopen(self._read, "rb") as pipe:
            data = pipe.read()
        _, status = os.waitpid(self._pid, 0)
        if status != 0:
            return None
        new, gone, changed = marshal.loads(data)
        return new, gone, sorted({*changed, *self._changed})

    def _look(self, write: int) -> None:
        code = 1
        try:
            new, gone = self._index.arrivals.listed()
            changed = self._look_from_beginning()
            with os.fdopen(write, "wb") as pipe:
                marshal.dump((new, gone, changed), pipe)
            code = 0
        finally:
            os._exit(code)  # nothing of the parent's may run in the child: no flush, no close

    def _look_from_beginning(self) -> list[int]:
        changed: list[int] = []
        while (begin := self._ends[0]) < self._ends[1]:
            end = self._ends[0] = min(begin + PORTION, len(self._slots))
            changed += self._index.changed_among(self._slots[begin:end])
        return changed
