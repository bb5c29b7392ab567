"""A set of names that may be too many for memory."""

from __future__ import annotations

import weakref
from collections.abc import Iterator, MutableSet

from core.archives.private_database import private_database, told

_TABLE = "CREATE TABLE name (name BLOB PRIMARY KEY) WITHOUT ROWID"


class ManyNames(MutableSet[str]):
    """Names on the disk, sorted by their bytes; to be used by one thread at a time.

    Raises:
        ArchiveError: Temporary files cannot be written. The message is a clause.
    """

    def __init__(self) -> None:
        self._database = private_database(_TABLE)
        weakref.finalize(self, self._database.close)
        self._count = 0

    def add(self, value: str) -> None:
        """Add a name."""
        self._count += self._change("INSERT OR IGNORE INTO name VALUES (?)", value)

    def discard(self, value: str) -> None:
        """Remove a name, if it is there."""
        self._count -= self._change("DELETE FROM name WHERE name = ?", value)

    def _change(self, order: str, name: str) -> int:
        with told():
            return self._database.execute(order, (_raw(name),)).rowcount

    def __contains__(self, name: object) -> bool:
        select = "SELECT 1 FROM name WHERE name = ?"
        with told():
            found = self._database.execute(select, (_raw(str(name)),)).fetchone()
        return found is not None

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[str]:
        with told():
            for (name,) in self._database.execute("SELECT name FROM name"):
                yield name.decode("utf-8", "surrogatepass")


def _raw(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")
