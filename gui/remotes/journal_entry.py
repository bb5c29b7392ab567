"""The line in the journal of one transfer, from the moment that it is asked for until it has ended.

Why not only while it goes on: a transfer may wait for others of its remote for hours, and a crash
must not lose it. Why it may be written late: the window does not wait for the disk, so a job that
comes first writes the line itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from core.errors import Error
from core.jobs import Job, JobContext
from gui.job_bridge import JobBridge

JOURNAL_LANE = "journal"

Begin = Callable[[], int]
"""Writes the line; gives its number."""


class JournalEntry:
    """At most one line; its methods are called on workers' threads.

    Args:
        number: The line, where an earlier program wrote it; None to write one.
    """

    def __init__(self, number: int | None = None) -> None:
        self._lock = threading.Lock()
        self._number = number
        self._is_over = False

    def write(self, begin: Begin) -> int | None:
        """Write the line unless that was done; its number, None where it is struck out already."""
        with self._lock:
            if self._number is None and not self._is_over:
                self._number = begin()
            return self._number

    def change(self, change: Callable[[int], None]) -> None:
        """Let the line say something else from now on, where there is one."""
        with self._lock:
            if self._number is not None:
                change(self._number)

    def strike(self, end: Callable[[int], None]) -> None:
        """Strike the line out, or let it never be written."""
        with self._lock:
            number, self._number, self._is_over = self._number, None, True
            if number is not None:
                end(number)


def write_journal(bridge: JobBridge, title: str, write: Callable[[], None]) -> None:
    """Write into the journal, unless the job whose line it is does so first.

    Args:
        bridge: Runs what writes; nothing is written when it is closed.
        title: What is written, for the log.
        write: Writes it, on a worker's thread.
    """

    def work(_context: JobContext) -> None:
        with suppress(Error):  # the job itself says what is wrong
            write()

    if not bridge.is_closed:
        bridge.submit(Job(title, JOURNAL_LANE, work))
