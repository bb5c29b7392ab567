"""The last listing of a server, kept in the cache directory: what is shown until a fresh one came.

It is a cache: a file that is missing, of another version or damaged is as good as none. It holds
what rows show and nothing else; no host, no user, no path on the server.
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from core.archives.shelf import OpenSource, Shelf
from core.archives.source import Check
from core.errors import ArchiveError
from core.index.columns import RunColumns
from core.index.index import Changes
from core.index.row import FIELDS, Row
from core.index.written_fields import written_fields
from core.runs.aside import random_suffix
from core.runs.change import FileEdit
from core.scratch import Scratch
from remote.local_shelf import key_of
from remote.remote_source import RemoteSource

_VERSION = 1
_CHUNK = 2000
_MOST_BYTES = 1 << 30


class Catalog:
    """Keeps the rows of one remote.

    Args:
        cache: The cache directory.
        remote: The remote's name.
        path: The home there, as the configuration says it.
    """

    def __init__(self, cache: Path, remote: str, path: str) -> None:
        self._path = cache / "remotes" / f"{key_of(remote, path)}.json.z"

    def load(self) -> list[Row]:
        """The rows as they were last seen; none where nothing usable is kept."""
        try:
            packed = self._path.read_bytes()
            data = zlib.decompressobj().decompress(packed, _MOST_BYTES)
            document = json.loads(data)
            if document["version"] != [_VERSION, *FIELDS]:
                return []
            return [_row_of(values) for values in document["rows"]]
        except (OSError, ValueError, KeyError, TypeError, zlib.error, RecursionError):
            return []

    def save(self, rows: Sequence[Row]) -> None:
        """Keep rows; where that cannot be done nothing is kept."""
        document = {"version": [_VERSION, *FIELDS], "rows": [_values_of(row) for row in rows]}
        temporary = self._path.with_name(f"{self._path.name}.{random_suffix()}")
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.write_bytes(zlib.compress(json.dumps(document).encode(), 1))
                os.replace(temporary, self._path)
            finally:
                temporary.unlink(missing_ok=True)


class CatalogShelf(Shelf):
    """The runs of a server for a window: those last seen at once, then those that are there.

    Args:
        title: The remote's name.
        open_: Opens the source (remote.remote_source), which connects.
        scratch: Keeps copies of what is looked at.
        catalog: Where the rows are kept.
    """

    def __init__(self, title: str, open_: OpenSource, scratch: Scratch, catalog: Catalog) -> None:
        super().__init__(title, open_, scratch)
        self._catalog = catalog

    def read(self, check: Check) -> Iterator[Changes]:
        """Show what is kept, then list the server; where that fails, what is kept stays."""
        if not len(self.columns):
            yield from filled(self.columns, self._catalog.load())
        yield from super().read(check)
        self._catalog.save(rows_of(self.columns))

    def take_written(self, edits: Sequence[FileEdit], check: Check) -> Iterator[Changes]:
        """Show what was written into runs there, without asking for it; as for `read`."""
        with suppress(ArchiveError), self.using(check) as source:
            if isinstance(source, RemoteSource):
                source.take_written(edits)
        by_run: dict[str, dict[str, bytes | None]] = {}
        for edit in edits:
            by_run.setdefault(edit.run_id, {})[edit.attr] = edit.after
        changed = []
        for run_id, written in by_run.items():
            slot = self.columns.slot_of(run_id)
            fields = None if slot is None else written_fields(self.columns, slot, written)
            if slot is not None and fields is not None:
                self.columns.patch(slot, fields)
                changed.append(slot)
        yield Changes(changed=tuple(changed))

    def forget(self, ids: Sequence[str]) -> Iterator[Changes]:
        """Show runs no more that are not there any more."""
        slots = [self.columns.slot_of(run_id) for run_id in ids]
        gone = tuple(slot for slot in slots if slot is not None)
        for slot in gone:
            self.columns.remove(slot)
        yield Changes(removed=gone)

    def sizes(self, ids: Sequence[str], check: Check) -> dict[str, int]:
        """Bytes of the files of runs; those that cannot be looked at are left out.

        Raises:
            core.errors.Error: The server cannot be asked.
        """
        with self.using(check) as source:
            return source.sizes(ids, check) if isinstance(source, RemoteSource) else {}


def filled(columns: RunColumns, rows: Sequence[Row]) -> Iterator[Changes]:
    """Put rows into columns, in steps that a window can show."""
    for start in range(0, len(rows), _CHUNK):
        some = rows[start : start + _CHUNK]
        slots = tuple(columns.put_row(row) for row in some)
        yield Changes(added=slots, checked=start + len(some), total=len(rows))


def rows_of(columns: RunColumns) -> list[Row]:
    """The rows that columns hold."""
    return [Row.of(columns.run(slot)) for slot in columns.slots()]


def _values_of(row: Row) -> list[object]:
    return [value.decode("latin-1") if isinstance(value, bytes) else value for value in row]


def _row_of(values: Sequence[object]) -> Row:
    row = Row(*values)  # type: ignore[arg-type]  # what is kept was a row, and is checked here
    if not isinstance(row.id, str) or not row.id or not isinstance(row.status, str):
        raise TypeError("no row")
    packed = row.summaries
    return row._replace(summaries=packed.encode("latin-1")) if isinstance(packed, str) else row
