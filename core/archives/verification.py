"""Comparing what was written of a run with the record that came with it.

Checksums are noted as files are written, and the record comes before, between or after them. A run
with very many files is compared on the disk (core.archives.private_database).
"""

from __future__ import annotations

import os
import weakref
from collections.abc import Collection, Iterable
from typing import BinaryIO, Protocol

from core.archives.checksums import (
    MOST_BYTES,
    Record,
    differing,
    iter_record,
    lines_of,
    parse_record,
    why_differing,
)
from core.archives.entries import ArchiveEntry
from core.archives.large_run import LargeRun
from core.archives.private_database import private_database, told

_AT_ONCE = 500
_TABLE = "CREATE TABLE file (path BLOB PRIMARY KEY, found TEXT, wanted TEXT) WITHOUT ROWID"
_NOTE = "INSERT INTO file (path, {0}) VALUES (?, ?) ON CONFLICT DO UPDATE SET {0} = excluded.{0}"
_DIFFERENT = "FROM file WHERE wanted IS NOT NULL AND found IS NOT wanted"


class Verification(Protocol):
    """What is known of one run."""

    @property
    def has_record(self) -> bool:
        """Whether the record was taken."""

    def note(self, path: str, digest: str) -> None:
        """A file was written that has this SHA-256 in hex."""

    def take(self, record: BinaryIO) -> None:
        """Read the record.

        Raises:
            ArchiveError: It is none. The message is a clause.
        """

    def problem(self) -> str:
        """What is not as it was exported, as a clause; empty where all is, or nobody knows."""


class InMemory:
    """A run with not too many files (see `Verification`)."""

    def __init__(self) -> None:
        self._found: dict[str, str] = {}
        self._record: Record | None = None

    @property
    def has_record(self) -> bool:
        """Whether the record was taken."""
        return self._record is not None

    def note(self, path: str, digest: str) -> None:
        """A file was written."""
        self._found[path] = digest

    def take(self, record: BinaryIO) -> None:
        """Read the record."""
        self._record = parse_record(record.read(MOST_BYTES))

    def problem(self) -> str:
        """What is not as it was exported."""
        wrong = differing(self._record or Record(), self._found)
        return _clause(wrong[0], len(wrong)) if wrong else ""


class OnDisk:
    """A run with very many files (see `Verification`)."""

    def __init__(self) -> None:
        self.has_record = False
        self._database = private_database(_TABLE)
        weakref.finalize(self, self._database.close)
        self._noted: list[tuple[bytes, str]] = []

    def note(self, path: str, digest: str) -> None:
        """A file was written."""
        self._noted.append((os.fsencode(path), digest))
        if len(self._noted) >= _AT_ONCE:
            self._write(_NOTE.format("found"), self._noted)
            self._noted = []

    def take(self, record: BinaryIO) -> None:
        """Read the record."""
        lines = iter_record(lines_of(record))
        wanted = ((os.fsencode(path), digest) for path, digest, _ in lines if digest)
        self._write(_NOTE.format("wanted"), wanted)
        self.has_record = True

    def problem(self) -> str:
        """What is not as it was exported."""
        self._write(_NOTE.format("found"), self._noted)
        self._noted = []
        with told():
            first = self._database.execute(f"SELECT path, found {_DIFFERENT} LIMIT 1").fetchone()
            if first is None:
                return ""
            count = self._database.execute(f"SELECT COUNT(*) {_DIFFERENT}").fetchone()[0]
        return _clause(why_differing(os.fsdecode(first[0]), first[1]), count)

    def _write(self, order: str, values: Iterable[tuple[bytes, str]]) -> None:
        with told():
            self._database.executemany(order, values)


def verification_of(entries: Collection[ArchiveEntry]) -> Verification:
    """What is to be known of a run with these entries."""
    return OnDisk() if isinstance(entries, LargeRun) else InMemory()


def _clause(first: str, count: int) -> str:
    return f"{first}, and {count - 1:,} more files" if count > 1 else first
