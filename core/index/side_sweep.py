"""Looks at every run in a second process, while this one prepares an answer from what is known.

Why: a command on 10,000 runs spends a third of its time on asking the disk whether any of them
changed, and nearly always none did. So the answer is prepared beside the look and thrown away in
the rare case. Why a fork and no thread: the look is half system calls and half Python, which would
only take turns with the work here. The child reads what the parent had in memory, asks the disk,
writes one list of numbers and ends; it never touches the cache file.
"""

from __future__ import annotations

import marshal
import os
import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from core.index.index import RunIndex

WORTH_A_PROCESS = 3000
"""So many runs take longer to look at than it takes to fork."""

MOST = 30_000
"""Of more runs an answer is not prepared twice: it may be hundreds of megabytes."""

Answer = TypeVar("Answer")


def answer_fresh(index: RunIndex, prepare: Callable[[], Answer]) -> Answer:
    """What `prepare` makes of the index when that is up to date with the disk.

    Args:
        index: A loaded index.
        prepare: Makes the answer from the index, without writing it anywhere; it may be called
            twice.
    """
    new, gone = index.list_changes()
    index.forget(gone)
    for _ in index.read_new(new):
        pass
    slots = [*index.columns.slots(), *index.columns.slots(deleted=True)]
    pending = _Look(index, slots) if _is_worthwhile(len(slots)) else None
    if pending is None:
        _sweep(index, slots)
        return prepare()
    try:
        answer = prepare()
    finally:
        changed = pending.finish()
    if changed is None:
        _sweep(index, slots)
    elif changed:
        index.reread(changed)
    return prepare() if changed or changed is None else answer


def _is_worthwhile(count: int) -> bool:
    can_fork = hasattr(os, "fork") and threading.active_count() == 1
    return can_fork and (os.cpu_count() or 1) > 1 and WORTH_A_PROCESS <= count <= MOST


def _sweep(index: RunIndex, slots: Sequence[int]) -> None:
    for _ in index.sweep(slots):
        pass


class _Look:
    """A child process that asks the disk which runs changed."""

    def __init__(self, index: RunIndex, slots: Sequence[int]) -> None:
        self._read, write = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            self._look(index, slots, write)
        os.close(write)

    def finish(self) -> list[int] | None:
        """Slots that changed; None when the child failed."""
        with os.fdopen(self._read, "rb") as pipe:
            data = pipe.read()
        _, status = os.waitpid(self._pid, 0)
        if status != 0:
            return None
        found: list[int] = marshal.loads(data)
        return found

    def _look(self, index: RunIndex, slots: Sequence[int], write: int) -> None:
        code = 1
        try:
            with os.fdopen(write, "wb") as pipe:
                marshal.dump(index.changed_among(slots), pipe)
            code = 0
        finally:
            os._exit(code)  # nothing of the parent's may run in the child: no flush, no close
