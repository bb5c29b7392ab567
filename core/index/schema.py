"""The SQLite file behind an index: a cache that may be deleted at any time.

Why no migrations: whatever is in it can be read again from the runs. A damaged file is deleted and
built anew; the version is part of the name, so that two versions of the program do not take turns
deleting each other's. What older versions left goes when a file of this one is made: an older
program makes its own again, and does not know of this one. Why a file a home, named by a digest of
its real path: homes may be read-only, and looking must not write into them.
"""

from __future__ import annotations

import hashlib
import os
import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.index.late_writes import LateWrites, Write, is_busy
from core.index.row import FIELDS, INTERNED

VERSION = 3
BUSY_SECONDS = 1.0
"""So long a lock is waited for that keeps even readers out, as while a file is made or put away.

Nothing is shown meanwhile. A program of ours has such a lock for some milliseconds.
"""

CLOSING_MS = 200
"""So long the last writes wait for another program that writes."""

PAGE_BYTES = 16_384
_FILE = re.compile(r"index-(\d{1,9})-[0-9a-f]{24}\.sqlite(?:-wal|-shm)?\Z", re.ASCII)
_ID = FIELDS.index("id")
_COLUMNS = ("deleted", *FIELDS)
# Documents are most of the bytes and few commands want them: apart, so that loading skips them.
# Not WITHOUT ROWID: that keeps a quarter of a page of each row and the rest in a page of its own,
# which made the file twice as large and reading it half as fast (measured).
_CREATE = f"""
CREATE TABLE run ({", ".join(_COLUMNS)}, PRIMARY KEY (deleted, id));
CREATE TABLE document (deleted, id, text, PRIMARY KEY (deleted, id));
PRAGMA user_version = {VERSION};
"""
_DROP = "DROP TABLE IF EXISTS run; DROP TABLE IF EXISTS document;"
_INSERT = f"INSERT OR REPLACE INTO run VALUES ({', '.join('?' * len(_COLUMNS))})"
_INSERT_DOCUMENT = "INSERT OR REPLACE INTO document VALUES (?, ?, ?)"
_TABLES = ("run", "document")
_SUFFIXES = ("", "-wal", "-shm")
_DELETE = "DELETE FROM {} WHERE deleted = ? AND id = ?"
_MOVE = "UPDATE OR REPLACE {} SET deleted = ? WHERE deleted = ? AND id = ?"


def cache_file(cache_dir: Path, home: Path) -> Path:
    """Where the cache of a home is; equal for every path that leads to the same home.

    A home within the cache directory is a temporary one: what is known of it goes with it.
    """
    place = Path(os.path.realpath(home))
    digest = hashlib.sha256(os.fsencode(place)).hexdigest()[:24]
    is_temporary = place.is_relative_to(os.path.realpath(cache_dir))
    return (place.parent if is_temporary else cache_dir) / f"index-{VERSION}-{digest}.sqlite"


def _remove_older(cache_dir: Path) -> None:
    """Remove the files of older versions of the index, of every home."""
    with suppress(OSError):  # they are in nobody's way
        for path in cache_dir.iterdir():
            found = _FILE.match(path.name)
            if found and int(found[1]) < VERSION:
                path.unlink(missing_ok=True)


class CacheLost(Exception):
    """The file was damaged or went away while it was read; within core.index only."""


class Cache:
    """Rows of a home on disk. One thread at a time; the file is opened with the first question.

    Without a usable file (no permission, disk full, locked for long) everything works from memory:
    `problem` says so, nothing is stored, and the next start builds again. While another program
    writes, reading goes on and writes are kept (`core.index.late_writes`).

    Args:
        file: The SQLite file; made when missing. None keeps nothing.
    """

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.problem = ""
        self._late = LateWrites()
        self._opened: sqlite3.Connection | None = None
        self._is_to_be_opened = file is not None

    @property
    def _connection(self) -> sqlite3.Connection | None:
        if self._is_to_be_opened and self.file is not None:
            self._is_to_be_opened = False
            self._opened = self._open(self.file)
        return self._opened

    def fields(self, names: Sequence[str]) -> dict[str, list[Any]]:
        """Fields of all runs, every list in the same order until something is stored.

        Args:
            names: Fields of core.index.row, or "deleted" (0 or 1).

        Raises:
            CacheLost: The file cannot be used (any more); nothing is known then.
        """
        found: list[list[Any]] = [[] for _ in names]
        words: dict[Any, Any] = {}
        connection = self._connection
        if connection is None:
            return dict(zip(names, found, strict=True))
        try:
            if not connection.in_transaction:
                connection.execute("BEGIN")  # what is asked for later is of the same time
            cursor = connection.execute(f"SELECT {', '.join(names)} FROM run ORDER BY rowid")
            while rows := cursor.fetchmany(2000):  # a pause for other threads after each part
                for name, column, values in zip(names, found, zip(*rows, strict=True), strict=True):
                    # Each word once, from the beginning: what is thrown away later leaves holes.
                    column.extend(
                        map(words.setdefault, values, values) if name in INTERNED else values
                    )
        except sqlite3.Error as e:
            self._fail(e)
            raise CacheLost from e
        return dict(zip(names, found, strict=True))

    def end_reading(self) -> None:
        """Let go of what `fields` held on to."""
        if self._opened is not None and self._opened.in_transaction:
            self._opened.commit()

    def start_again(self) -> None:
        """Replace the file by an empty one."""
        self._drop()
        if self.file is not None:
            self._opened = self._rebuilt(self.file)

    def documents(self, *, deleted: bool) -> dict[str, str]:
        """Run id to the text that `core.index.documents` made of the run."""
        connection = self._connection
        if connection is None:
            return {}
        try:
            found = dict(
                connection.execute(
                    # The sign keeps SQLite from looking up each text by the index: in order is
                    # faster.
                    "SELECT id, text FROM document WHERE +deleted = ? ORDER BY rowid",
                    (int(deleted),),
                )
            )
        except sqlite3.Error as e:
            self._fail(e)
            return {}
        for (place, run_id), text in self._late.texts.items():
            if place == deleted and text is None:
                found.pop(run_id, None)
            elif place == deleted:
                found[run_id] = text
        return found

    def store(
        self, rows: Iterable[tuple[bool, Sequence[Any], str]], gone: Iterable[tuple[bool, str]]
    ) -> None:
        """Write rows (deleted, fields, document) and forget those that are gone, all or nothing."""
        storable = [item for item in rows if _is_storable(item[1][_ID])]
        keys = [(int(deleted), run_id) for deleted, run_id in gone if _is_storable(run_id)]
        if not storable and not keys:
            return
        values = [_storable((int(deleted), *row)) for deleted, row, _ in storable]
        documents = [(int(deleted), row[_ID], text) for deleted, row, text in storable]
        texts: dict[tuple[int, str], str | None] = dict.fromkeys(keys)
        texts |= {(place, run_id): text for place, run_id, text in documents}
        gone_from = tuple((_DELETE.format(table), keys) for table in _TABLES)
        statements = (*gone_from, (_INSERT, values), (_INSERT_DOCUMENT, documents))
        self._write(Write(statements, texts, len(values)))

    def move(self, ids: Iterable[str], *, to_trash: bool) -> None:
        """Runs went to the trash, or came back from it, and say what they said before."""
        to, since = int(to_trash), int(not to_trash)
        keys = [(to, since, run_id) for run_id in ids if _is_storable(run_id)]
        texts = dict.fromkeys((since, run_id) for _, _, run_id in keys)
        texts |= {(to, run_id): "" for _, _, run_id in keys}
        self._write(Write(tuple((_MOVE.format(table), keys) for table in _TABLES), texts))

    def write_late(self, patience_ms: int | None = None) -> None:
        """Write what waits for another program, unless that still writes; mostly nothing does."""
        if not self._late or self._opened is None:
            return
        self.end_reading()
        try:
            if not self._late.carry_out(self._opened, patience_ms) and self._late.are_too_many:
                self._give_up(TimeoutError("another program keeps it locked"))
        except sqlite3.Error as e:
            self._fail(e)

    def close(self) -> None:
        """Close the file; the cache keeps nothing afterwards."""
        self.write_late(CLOSING_MS)
        self._drop()

    def _drop(self) -> None:
        self._late.clear()
        self._is_to_be_opened = False
        if self._opened is not None:
            self._opened.close()
            self._opened = None

    def _write(self, write: Write) -> None:
        if self._connection is not None:
            self._late.add(write)
            self.write_late()

    def _open(self, file: Path) -> sqlite3.Connection | None:
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            if not file.exists():
                _remove_older(file.parent)
            return self._prepared(file) if _is_ours(file) else self._rebuilt(file)
        except (sqlite3.OperationalError, OSError) as e:
            self._give_up(e)
            return None
        except sqlite3.DatabaseError:
            return self._rebuilt(file)

    def _rebuilt(self, file: Path) -> sqlite3.Connection | None:
        """A fresh file in place of one that is damaged or of another version."""
        try:
            for suffix in _SUFFIXES:
                Path(f"{file}{suffix}").unlink(missing_ok=True)
            return self._prepared(file)
        except (sqlite3.Error, OSError) as e:
            self._give_up(e)
            return None

    def _prepared(self, file: Path) -> sqlite3.Connection:
        connection = sqlite3.connect(file, timeout=BUSY_SECONDS, check_same_thread=False)
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")  # of a file that is made now
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            if version != VERSION:
                connection.executescript(f"BEGIN IMMEDIATE; {_DROP} {_CREATE} COMMIT;")
            connection.execute("SELECT id FROM run LIMIT 1").fetchone()
        except BaseException:
            connection.close()
            raise
        return connection

    def _fail(self, error: sqlite3.Error) -> None:
        """Build anew what is damaged, so that it heals; what cannot be used now may be later."""
        is_damaged = not isinstance(error, sqlite3.OperationalError) or "decode" in str(error)
        if is_damaged and isinstance(error, sqlite3.DatabaseError):
            self.start_again()
        else:
            self._give_up(error)

    def _give_up(self, error: Exception) -> None:
        reason = error.strerror if isinstance(error, OSError) else ""
        if isinstance(error, sqlite3.Error) and is_busy(error):
            reason = "another program keeps it locked"
        self.problem = (
            f"The index {self.file} cannot be kept on disk ({reason or error}); "
            "it works from memory."
        )
        self._drop()


def _is_ours(file: Path) -> bool:
    """Whether the user may read and write the file, as far as it is there.

    One that was made with other rights, as by `sudo`, would be in the way at each start.
    """
    parts = filter(os.path.exists, (f"{file}{suffix}" for suffix in _SUFFIXES))
    as_acting = os.access in os.supports_effective_ids
    return all(os.access(part, os.R_OK | os.W_OK, effective_ids=as_acting) for part in parts)


def _is_storable(text: str) -> bool:
    """Whether SQLite can hold the text: names that are not UTF-8 are read at each start instead."""
    return text.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in text)


def _storable(values: tuple[Any, ...]) -> tuple[Any, ...]:
    if all(not isinstance(value, str) or value.isascii() for value in values):
        return values
    return tuple(
        value.encode("utf-8", "replace").decode() if isinstance(value, str) else value
        for value in values
    )
