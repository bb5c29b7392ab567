"""The last listing of a server, kept in the cache directory: what is shown until a fresh one came.

It is a cache: a file that is missing, of another version or damaged is as good as none. It holds
what rows show and nothing else; no host, no user, no path on the server.

Why a line for each few hundred runs, with their values field by field: a window that loads ten
thousand runs must not wait for one call that decodes all of them, and a list a field is what the
table wants (core.index.columns).
"""

from __future__ import annotations

import json
import os
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from core.archives.archive_index import ArchiveIndex
from core.archives.archive_scalars import ArchivedScalars, is_wanted
from core.archives.shelf import OpenSource, Shelf
from core.archives.source import RunSource
from core.check import Check, go_on
from core.errors import ArchiveError, Error, RunNotFound
from core.index.changes import Changes
from core.index.columns import RunColumns
from core.index.row import FIELDS, Row, encode_flags
from core.index.written_fields import written_fields
from core.runs.aside import random_suffix
from core.runs.change import FileEdit
from core.scratch import Scratch
from remote.local_shelf import key_of
from remote.remote_source import RemoteSource, Version

MOST_WATCHED = 1_000
"""Of so many running runs it is noticed within seconds that they have ended."""

_VERSION = 2
_CHUNK = 2000
_LINE_RUNS = 500
_MOST_BYTES = 1 << 30
_MOST_NUMBER = 1 << 63
_NUMBERS = frozenset(
    {"exit_status", "started", "stopped", "initialized", "marked", "pid", "is_batch", "signature"}
)
_ALWAYS = frozenset({"id", "status", "marked", "is_batch", "signature"})
"""Fields that no row is without."""


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
            unpacking = zlib.decompressobj()
            data = unpacking.decompress(self._path.read_bytes(), _MOST_BYTES)
            first, *lines = data.split(b"\n")
            if not unpacking.eof or json.loads(first) != [_VERSION, *FIELDS]:
                return []
            rows = [row for line in lines for row in _rows_of(json.loads(line))]
            return rows if len({row.id for row in rows}) == len(rows) else []
        except (OSError, ValueError, TypeError, zlib.error, RecursionError):
            return []

    def save(self, rows: Sequence[Row]) -> None:
        """Keep rows; where that cannot be done nothing is kept."""
        lines = [json.dumps([_VERSION, *FIELDS])]
        for start in range(0, len(rows), _LINE_RUNS):
            fields = list(map(list, zip(*rows[start : start + _LINE_RUNS], strict=True)))
            at = FIELDS.index("summaries")
            fields[at] = [
                None if value is None else value.decode("latin-1") for value in fields[at]
            ]
            lines.append(json.dumps(fields))
        temporary = self._path.with_name(f"{self._path.name}.{random_suffix()}")
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            try:
                temporary.write_bytes(zlib.compress("\n".join(lines).encode(), 1))
                os.replace(temporary, self._path)
            finally:
                temporary.unlink(missing_ok=True)


Swept = dict[str, tuple[Version, ArchivedScalars]]
"""What event files of runs said, and of which files, by the runs' ids."""


class CatalogIndex(ArchiveIndex):
    """The rows of a server in memory; those that did not change since are left as they are.

    Args:
        source: The runs.
        columns: Take them; None makes new ones.
        swept: What was read of event files, which is not fetched again while they stay the same.
    """

    def __init__(
        self, source: RunSource, columns: RunColumns | None = None, swept: Swept | None = None
    ) -> None:
        super().__init__(source, columns=columns)
        self._swept = {} if swept is None else swept

    def _add(self, run_id: str, *, believing: bool = True) -> int | None:
        source = self.source
        if not isinstance(source, RemoteSource):
            return super()._add(run_id, believing=believing)
        if source.is_known(run_id):
            return None
        slot = super()._add(run_id, believing=believing)
        if slot is not None:
            self.columns.patch(slot, {"signature": source.signature(run_id)})
        return slot

    def read_again(
        self, ids: Sequence[str], check: Check = go_on, came: Sequence[str] = ()
    ) -> Iterator[Changes]:
        """Read some runs once more, and then their scalars; some of them may have come since."""
        new = [run_id for run_id in came if self.columns.slot_of(run_id) is None]
        if new:
            slots = [self._add(run_id, believing=False) for run_id in new]
            yield Changes(added=tuple(slot for slot in slots if slot is not None))
        yield from super().read_again([*ids, *(i for i in came if i not in new)], check)
        yield from self.read_scalars(new, check)

    def read_scalars(self, ids: Sequence[str], check: Check = go_on) -> Iterator[Changes]:
        """Read the event files of runs, which are brought here together."""
        source = self.source
        if not isinstance(source, RemoteSource):
            yield from super().read_scalars(ids, check)
            return
        versions = source.events(ids, check)
        kept = [i for i in ids if i in self._swept and self._swept[i][0] == versions.get(i)]
        slots = [super(CatalogIndex, self)._take(self._swept[run_id][1]) for run_id in kept]
        yield Changes(changed=tuple(slot for slot in slots if slot is not None))
        known = set(kept)
        others = [run_id for run_id in ids if run_id not in known]
        if others:
            source.bring(others, check, is_wanted)
            yield from super().read_scalars(others, check)

    def _take(self, found: ArchivedScalars) -> int | None:
        if isinstance(self.source, RemoteSource):
            version = self.source.events([found.run_id], go_on).get(found.run_id)
            if version is not None and not found.problem:
                self._swept[found.run_id] = version, found
        return super()._take(found)


def read_listing(source: RemoteSource, catalog: Catalog, *, scalars: bool) -> ArchiveIndex:
    """All runs of a server in columns, and kept for the next time.

    Where each file of a run costs a question, those that did not change since they were kept are
    not read again.

    Args:
        source: The runs.
        catalog: Where the rows are kept.
        scalars: Whether event files are read too.
    """
    index = CatalogIndex(source)
    columns = index.columns
    if source.asks_for_files:
        for _ in filled(columns, catalog.load()):
            pass
        source.expect(columns)
    for _ in index.refresh(scalars=scalars):
        pass
    gone = {columns.stored("id")[slot]: slot for slot in columns.slots()}
    for run_id in gone.keys() - set(source.ids()):
        columns.remove(gone[run_id])
    catalog.save(rows_of(columns))
    return index


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
        self.keeps_copies = True
        self._catalog = catalog
        self._is_changed = False
        self._swept: Swept = {}

    @property
    def is_connected(self) -> bool:
        """Whether what is asked of its runs can be answered, as far as is known; asks nobody."""
        source = self._source
        return isinstance(source, RemoteSource) and source.is_connected

    def read(self, check: Check) -> Iterator[Changes]:
        """Show what is kept, then list the server; where that fails, what is kept stays."""
        if not len(self.columns):
            yield from filled(self.columns, self._catalog.load())
        yield from super().read(check)
        self._catalog.save(rows_of(self.columns))
        self._is_changed = False

    def close(self) -> None:
        """Close the source; what became otherwise since it was listed is kept for the next time."""
        super().close()
        if self._is_changed:
            self._catalog.save(rows_of(self.columns))

    def index_of(self, source: RunSource) -> ArchiveIndex:
        """The index of what was opened, which asks for nothing that is known."""
        if isinstance(source, RemoteSource):
            source.expect(self.columns)
        return CatalogIndex(source, self.columns, self._swept)

    def look_at_running(self, check: Check) -> Iterator[Changes]:
        """Read those runs anew that have ended, and those that came; as for `read`.

        While none has, that costs one question and one answer, whatever their number.
        """
        columns, index = self.columns, self._index
        ids, status = columns.stored("id"), columns.stored("status")
        running = [ids[slot] for slot in columns.slots() if status[slot] == "running"]
        with suppress(Error), self.using(check) as source:
            if not isinstance(index, CatalogIndex) or not isinstance(source, RemoteSource):
                return
            ended = source.ended(running[:MOST_WATCHED], check)
            came, went = source.came_and_went(check)
            ended = [run_id for run_id in ended if run_id not in came and run_id not in went]
            for run_id in ended:
                with suppress(RunNotFound):
                    source.renew(run_id, None, check)
            for run_id in (*ended, *came):
                self._copies.doubt(run_id)
            self._is_changed = self._is_changed or bool(ended or came)
            if went:
                yield from self.forget(went)
            if ended or came:
                yield from index.read_again(ended, check, came)

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
                self._is_changed = True
        yield Changes(changed=tuple(changed))

    def forget(self, ids: Sequence[str]) -> Iterator[Changes]:
        """Show runs no more that are not there any more."""
        slots = [self.columns.slot_of(run_id) for run_id in ids]
        gone = tuple(slot for slot in slots if slot is not None)
        for slot in gone:
            self.columns.remove(slot)
        self._is_changed = self._is_changed or bool(gone)
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
    if not len(columns) and rows:
        fields: dict[str, list[Any]] = dict(
            zip(FIELDS, map(list, zip(*rows, strict=True)), strict=True)
        )
        fields["deleted"] = [False] * len(rows)
        columns.load(lambda names: {name: fields[name] for name in names})
        columns.decode_flags()
        added: Sequence[int] = range(len(rows))
    else:
        added = [columns.put_row(row) for row in rows]
    for start in range(0, len(rows), _CHUNK):
        some = tuple(added[start : start + _CHUNK])
        yield Changes(added=some, checked=start + len(some), total=len(rows))


def rows_of(columns: RunColumns) -> list[Row]:
    """The rows that columns hold."""
    slots = columns.slots()
    flags: dict[int, dict[str, Any]] = {slot: {} for slot in slots}
    for name in sorted(columns.names("flag")):
        column, nulls = columns.values(f"flag:{name}"), columns.null_flags(name)
        for slot in slots:
            value = column[slot] if slot < len(column) else None
            if value is not None or slot in nulls:
                flags[slot][name] = value
    fields = [columns.stored(name) for name in FIELDS]
    at = FIELDS.index("flags")
    rows = []
    for slot in slots:
        values = [field[slot] for field in fields]
        values[at] = encode_flags(flags[slot]) if flags[slot] else None
        rows.append(Row(*values))
    return rows


def _rows_of(fields: list[list[Any]]) -> Iterator[Row]:
    """The rows of a line.

    Raises:
        ValueError: They are none. Likewise TypeError.
    """
    at = FIELDS.index("summaries")
    for name, values in zip(FIELDS, fields, strict=True):
        wanted = {int} if name in _NUMBERS else {str}
        if not set(map(type, values)) <= (wanted if name in _ALWAYS else {*wanted, type(None)}):
            raise TypeError(f"{name} holds other values")
        if name in _NUMBERS and any(value and abs(value) >= _MOST_NUMBER for value in values):
            raise ValueError(f"{name} holds numbers out of range")
    fields[at] = [None if value is None else value.encode("latin-1") for value in fields[at]]
    return map(Row._make, zip(*fields, strict=True))
