"""How large each run is: measured in the background, remembered from one start to the next.

Why apart from the rows of the index: measuring looks at every file of a run, which takes minutes
for a cold disk, while everything else is known after a few of them. So it goes on beside the index,
on a thread of its own, and has a file of its own: what is learnt is kept even where the pass does
not come to its end, and nothing waits for anything.

A size is kept with the signature of the run it was measured at, not with the place of the run:
deleting and restoring change neither. It is measured again when the signature is another one; files
that are added to a finished run by hand are noticed then, or when the cache is deleted.
"""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from core.index.schema import cache_file
from core.runs.disk_size import disk_size

if TYPE_CHECKING:
    from core.index.columns import RunColumns

VERSION = 1
TELL_SECONDS = 0.25
SLICE = 5000
"""Known sizes that are told of at once."""

RUNNING_SECONDS = 30.0
"""After so long the size of a running run is measured again."""

_BUSY_SECONDS = 5.0
_CREATE = "CREATE TABLE IF NOT EXISTS size (id PRIMARY KEY, signature, bytes) WITHOUT ROWID"
_Known = dict[str, tuple[int, int]]  # run id to signature and bytes


class Sizes:
    """Measures the runs of one home. One thread at a time, any thread.

    Args:
        dirs: Where the runs are, and (True) the deleted ones.
        cache_dir: Where sizes are remembered; None remembers nothing.
        home: The home's path.
        clock: Seconds that only ever rise; tests pass their own.
    """

    def __init__(
        self,
        dirs: dict[bool, Path],
        cache_dir: Path | None,
        home: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._dirs = dirs
        self._file = sizes_file(cache_dir, home) if cache_dir else None
        self._clock = clock
        self._known: _Known | None = None
        self._measured: dict[int, tuple[int, float]] = {}  # slot to signature and time

    def measure(
        self, columns: RunColumns, slots: Sequence[int], check: Callable[[], None]
    ) -> Iterator[tuple[int, ...]]:
        """Find out the sizes of runs that are not known; yields slots whose size is news.

        Args:
            columns: Where the sizes go.
            slots: The runs.
            check: Called every few milliseconds; raises to stop, and may sleep, since nobody
                waits for this.
        """
        with closing(_SizeFile(self._file)) as file:
            if self._known is None:
                self._known = file.load()
            unknown = yield from self._recall(columns, slots, check)
            yield from self._measure(columns, unknown, file, check)

    def _recall(
        self, columns: RunColumns, slots: Sequence[int], check: Callable[[], None]
    ) -> Generator[tuple[int, ...], None, list[int]]:
        """Take what is remembered; returns the slots of the others."""
        assert self._known is not None
        unknown: list[int] = []
        for start in range(0, len(slots), SLICE):
            check()
            ids, signatures = columns.stored("id"), columns.stored("signature")
            news: list[int] = []
            for slot in slots[start : start + SLICE]:
                if not self._is_due(columns, slot):
                    continue
                signature, size = self._known.get(ids[slot], (0, 0))
                if signature != signatures[slot] or slot in self._measured:
                    unknown.append(slot)
                else:
                    self._measured[slot] = signature, self._clock()
                    if columns.sizes.put(slot, size):
                        news.append(slot)
            if news:
                yield tuple(news)
        return unknown

    def _is_due(self, columns: RunColumns, slot: int) -> bool:
        if columns.stored("deleted")[slot] is None:
            return False
        signature, when = self._measured.get(slot, (None, 0.0))
        if columns.stored("status")[slot] == "running" and signature is not None:
            return self._clock() - when >= RUNNING_SECONDS
        return bool(signature != columns.stored("signature")[slot])

    def _measure(
        self,
        columns: RunColumns,
        slots: Iterable[int],
        file: _SizeFile,
        check: Callable[[], None],
    ) -> Iterator[tuple[int, ...]]:
        told = self._clock()
        news: list[int] = []
        learnt: _Known = {}
        try:
            for slot in slots:
                check()
                found = self._measure_one(columns, slot, check)
                if found is None:
                    continue
                run_id, signature, size = found
                learnt[run_id] = signature, size
                if columns.sizes.put(slot, size):
                    news.append(slot)
                if news and self._clock() - told >= TELL_SECONDS:
                    yield tuple(news)
                    news, told = [], self._clock()
        finally:
            self._remember(learnt, file)
        if news:
            yield tuple(news)

    def _measure_one(
        self, columns: RunColumns, slot: int, check: Callable[[], None]
    ) -> tuple[str, int, int] | None:
        deleted = columns.stored("deleted")[slot]
        if deleted is None:
            return None
        run_id, signature = columns.stored("id")[slot], columns.stored("signature")[slot]
        size = disk_size(f"{self._dirs[deleted]}/{run_id}", check).bytes
        self._measured[slot] = signature, self._clock()
        return run_id, signature, size

    def _remember(self, learnt: _Known, file: _SizeFile) -> None:
        assert self._known is not None
        self._known |= learnt
        file.store(learnt)


class _SizeFile:
    """Sizes on disk. Where the file cannot be used, nothing is kept: they are measured again."""

    def __init__(self, path: Path | None) -> None:
        self._connection = _opened(path) if path else None

    def load(self) -> _Known:
        if self._connection is None:
            return {}
        try:
            rows = self._connection.execute("SELECT id, signature, bytes FROM size").fetchall()
        except sqlite3.Error:
            return {}
        return {run_id: (sign, size) for run_id, sign, size in rows if _is_sound(sign, size)}

    def store(self, sizes: _Known) -> None:
        rows = [(run_id, *size) for run_id, size in sizes.items() if _is_text(run_id)]
        if self._connection is None or not rows:
            return
        try:
            with self._connection as connection:
                connection.executemany("INSERT OR REPLACE INTO size VALUES (?, ?, ?)", rows)
        except sqlite3.Error:
            self.close()

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def sizes_file(cache_dir: Path, home: Path) -> Path:
    """Where the sizes of a home are remembered."""
    beside = cache_file(cache_dir, home)
    return beside.with_name(f"sizes-{VERSION}-{beside.name.rpartition('-')[2]}")


def _opened(path: Path) -> sqlite3.Connection | None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _prepared(path)
    except sqlite3.OperationalError:
        return None  # locked for long, read-only, disk full
    except sqlite3.DatabaseError:
        pass  # damaged
    except OSError:
        return None
    try:
        for suffix in ("", "-wal", "-shm"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        return _prepared(path)
    except (sqlite3.Error, OSError):
        return None


def _prepared(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(os.fspath(path), timeout=_BUSY_SECONDS, check_same_thread=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(_CREATE)
        connection.execute("SELECT id, signature, bytes FROM size LIMIT 1").fetchone()
    except BaseException:
        connection.close()
        raise
    return connection


def _is_sound(signature: object, size: object) -> bool:
    return type(signature) is int and type(size) is int and size >= 0


def _is_text(run_id: str) -> bool:
    """Whether SQLite can hold it: names that are not UTF-8 are measured at each start."""
    return not any("\ud800" <= letter <= "\udfff" for letter in run_id)
