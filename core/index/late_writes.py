"""What is to be written into the cache, kept while another program writes there.

Why nobody waits for that lock: rows are told of after they were stored, and a cache is never worth
a wait. What is kept is written in its order with what comes next, or at the next look. Where this
program ends before, the file says what it said, signatures included, so that the next start finds
those runs changed and reads them again.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from typing import Any

from msgspec import Struct, field

AGAIN_SECONDS = 1.0
"""So long after a refusal the lock is not asked for again: asking costs PATIENCE_MS."""

PATIENCE_MS = 50
MOST_ROWS = 20_000
"""So many rows are kept at most: what they hold is in memory twice."""

Key = tuple[int, str]
"""Whether a run is deleted, and its id."""


class Write(Struct, frozen=True):
    """Rows to be put and keys to be taken out, all or nothing.

    Attributes:
        statements: SQL, and the values of each time it is executed.
        texts: What the documents of these runs are afterwards; None where there is none any more,
            empty where it is not known here.
        rows: How many rows of runs it holds.
    """

    statements: tuple[tuple[str, Sequence[Sequence[Any]]], ...]
    texts: dict[Key, str | None]
    rows: int = 0


class LateWrites(Struct):
    """Writes that wait, first in first out. One thread at a time.

    Args:
        clock: Seconds that only ever rise; tests pass their own.
    """

    clock: Callable[[], float] = time.monotonic
    texts: dict[Key, str | None] = field(default_factory=dict)
    _writes: list[Write] = field(default_factory=list)
    _rows: int = 0
    _not_before: float = 0.0

    def __bool__(self) -> bool:
        return bool(self._writes)

    @property
    def are_too_many(self) -> bool:
        """Whether they take more memory than a cache is worth."""
        return self._rows > MOST_ROWS

    def add(self, write: Write) -> None:
        """Let a write wait behind the others."""
        self._writes.append(write)
        self._rows += write.rows
        self.texts |= write.texts

    def clear(self) -> None:
        """Forget them: they are written, or will never be."""
        self._writes.clear()
        self.texts.clear()
        self._rows = 0

    def carry_out(self, connection: sqlite3.Connection, patience_ms: int | None = None) -> bool:
        """Write all of them as one transaction; False while another program holds the lock.

        Args:
            connection: To the cache; no transaction is open.
            patience_ms: How long the lock is waited for, whenever it was asked for last; None
                waits a moment, and not at all shortly after a refusal.

        Raises:
            sqlite3.Error: They cannot be written at all.
        """
        if patience_ms is None and self.clock() < self._not_before:
            return False
        usual = connection.execute("PRAGMA busy_timeout").fetchone()[0]
        wait = PATIENCE_MS if patience_ms is None else patience_ms
        connection.execute(f"PRAGMA busy_timeout = {wait:d}")
        try:
            with connection:
                for write in self._writes:
                    for statement, values in write.statements:
                        connection.executemany(statement, values)
        except sqlite3.OperationalError as e:
            if not is_busy(e):
                raise
            self._not_before = self.clock() + AGAIN_SECONDS
            return False
        finally:
            connection.execute(f"PRAGMA busy_timeout = {usual:d}")
        self.clear()
        return True


def is_busy(error: sqlite3.Error) -> bool:
    """Whether it says that another program has the lock."""
    code = getattr(error, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
