"""The line in the journal of one transfer, from the moment that it is asked for until it has ended.

Why not only while it goes on: a transfer may wait for others of its remote for hours, and a crash
must not lose it. Why it may be written late: the window does not wait for the disk, so a job that
comes first writes the line itself.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

Begin = Callable[[], int]
"""Writes the line; gives its number."""


class JournalEntry:
    """At most one line; its methods are called on workers' threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._number: int | None = None
        self._is_over = False

    def write(self, begin: Begin) -> int | None:
        """Write the line unless that was done; its number, None where it is struck out already."""
        with self._lock:
            if self._number is None and not self._is_over:
                self._number = begin()
            return self._number

    def strike(self, end: Callable[[int], None]) -> None:
        """Strike the line out, or let it never be written."""
        with self._lock:
            number, self._number, self._is_over = self._number, None, True
            if number is not None:
                end(number)
