"""What is remembered of transfers, on disk: what was last seen equal, and what is not done.

Two tables of one SQLite file in the state directory. `known` lets a later plan tell which side has
changed since; without it, times decide, so losing it loses nothing. `transfers` is the journal:
what was asked for and has not ended, so that the next start can offer to go on. It holds names of
remotes and ids of runs, never a password or a key.

Why every call opens the file anew: a push takes seconds at least, and a connection that is open
for days in several threads and programs is what goes wrong with SQLite.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from msgspec import Struct

from core.clock import now_us
from core.errors import SettingsError
from remote.plan import Direction, Known

FILE = "transfers.db"
_BUSY_SECONDS = 10.0
_APART = '{"apart": null}'
"""Stands for the attributes of runs of which both sides are kept."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS known (
    home TEXT NOT NULL, remote TEXT NOT NULL, run TEXT NOT NULL,
    here TEXT NOT NULL, there TEXT NOT NULL, attrs TEXT NOT NULL,
    PRIMARY KEY (home, remote, run)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS transfers (
    id INTEGER PRIMARY KEY, home TEXT NOT NULL, remote TEXT NOT NULL, direction TEXT NOT NULL,
    runs TEXT NOT NULL, options TEXT NOT NULL, begun INTEGER NOT NULL);
"""


class Unfinished(Struct, frozen=True):
    """A transfer that was asked for and has not ended.

    Attributes:
        id: Its number in the journal.
        home: The home here.
        remote: The remote's name.
        direction: "push" or "pull".
        runs: Ids of the runs.
        options: What else was asked for.
        begun: When, in microseconds since 1970-01-01 UTC.
    """

    id: int
    home: str
    remote: str
    direction: Direction
    runs: tuple[str, ...]
    options: Mapping[str, object]
    begun: int


class TransferMemory:
    """What is remembered of transfers.

    Args:
        directory: The state directory; made when something is written.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / FILE

    def known(self, home: Path, remote: str, ids: Sequence[str]) -> dict[str, Known]:
        """What was last seen equal of runs.

        Args:
            home: The home here.
            remote: Key of the remote: its name and the home there.
            ids: Which runs.
        """
        if not self._path.exists():
            return {}
        wanted = set(ids)
        with self._opened() as database:
            rows = database.execute(
                "SELECT run, here, there, attrs FROM known WHERE home = ? AND remote = ?",
                (str(home), remote),
            )
            return {
                run: Known(here, there, _attrs_of(attrs), is_apart=attrs == _APART)
                for run, here, there, attrs in rows
                if run in wanted
            }

    def remember(self, home: Path, remote: str, known: Mapping[str, Known]) -> None:
        """Note what is equal now."""
        if not known:
            return
        rows = [
            (str(home), remote, run, each.here, each.there, _text_of(each))
            for run, each in known.items()
        ]
        with self._opened() as database:
            database.executemany("INSERT OR REPLACE INTO known VALUES (?, ?, ?, ?, ?, ?)", rows)

    def begin(
        self,
        home: Path,
        remote: str,
        direction: Direction,
        runs: Sequence[str],
        options: Mapping[str, object],
    ) -> int:
        """Write into the journal what is begun; returns its number."""
        with self._opened() as database:
            cursor = database.execute(
                "INSERT INTO transfers (home, remote, direction, runs, options, begun)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                (
                    *(str(home), remote, direction),
                    *(json.dumps(list(runs)), json.dumps(dict(options)), now_us()),
                ),
            )
            return cursor.lastrowid or 0

    def change(
        self, number: int, direction: Direction, runs: Sequence[str], options: Mapping[str, object]
    ) -> None:
        """Let a line of the journal say something else; one that was struck out stays so."""
        with self._opened() as database:
            database.execute(
                "UPDATE transfers SET direction = ?, runs = ?, options = ? WHERE id = ?",
                (direction, json.dumps(list(runs)), json.dumps(dict(options)), number),
            )

    def end(self, number: int) -> None:
        """Strike out what has ended, or is not to be gone on with."""
        with self._opened() as database:
            database.execute("DELETE FROM transfers WHERE id = ?", (number,))

    def unfinished(self, home: Path) -> list[Unfinished]:
        """What was begun for a home and has not ended, oldest first."""
        if not self._path.exists():
            return []
        with self._opened() as database:
            rows = database.execute(
                "SELECT id, home, remote, direction, runs, options, begun FROM transfers"
                " WHERE home = ? ORDER BY id",
                (str(home),),
            )
            return [
                Unfinished(
                    number, own, remote, direction, tuple(json.loads(runs)), json.loads(options), at
                )
                for number, own, remote, direction, runs, options, at in rows
            ]

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=_BUSY_SECONDS)) as database:
                database.executescript(_SCHEMA)
                with database:
                    yield database
        except (OSError, sqlite3.Error) as e:
            raise SettingsError(
                f"Cannot use the journal of transfers {self._path}: {e}.",
                hint="If it is damaged, remove it: nothing but what was last seen equal is lost.",
            ) from e


def _text_of(known: Known) -> str:
    if known.is_apart:
        return _APART
    return json.dumps(
        {
            name: None if data is None else data.decode("latin-1")
            for name, data in known.attrs.items()
        }
    )


def _attrs_of(text: str) -> dict[str, bytes | None]:
    found = json.loads(text)
    return {name: None if data is None else data.encode("latin-1") for name, data in found.items()}
