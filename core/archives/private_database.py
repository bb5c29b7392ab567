"""A database for what is too much for memory, as long as it is needed.

Why SQLite's own temporary database: it has no name on the disk from the moment it is made, so that
whatever happens to the program nothing stays, and as long as little is in it there is no file.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from core.errors import ArchiveError

_CACHE_KB = 8_000


def private_database(table: str) -> sqlite3.Connection:
    """A database that nobody else sees; any thread may use it, one at a time, and closes it.

    Args:
        table: The order that makes its table.

    Raises:
        ArchiveError: Temporary files cannot be written. The message is a clause.
    """
    with told():
        database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        for order in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KB}"):
            database.execute(f"PRAGMA {order}")
        database.execute(table)
        database.execute("BEGIN")
        return database


@contextmanager
def told() -> Iterator[None]:
    """Make a clause of what goes wrong with such a database.

    Raises:
        ArchiveError: Something did.
    """
    try:
        yield
    except sqlite3.Error as e:
        raise ArchiveError(f"a temporary file cannot be written ({e})") from e
