"""The entries of a run with very many files: on the disk, where others are in memory.

As objects a million entries, and what must be known to see that no name occurs twice, take 600 MB.
Here they are in a private database of SQLite, which takes some megabytes and a few microseconds an
entry. It has no name on the disk: a program that is killed leaves nothing of it.

The rules are those of `core.archives.entries.sort_out`; the tests hold both to the same answers.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Iterable, Iterator, MutableMapping
from typing import Any

from core.archives.entries import (
    MOST_ABOVE,
    ArchiveEntry,
    EntryKind,
    Remarks,
    RunEntries,
    folded,
    problem_of,
    quoted,
    safe_name,
    too_deep,
)
from core.archives.private_database import private_database, told
from core.errors import ArchiveError

MANY = 40_000
"""A run of more entries is a large one."""

Placed = tuple[ArchiveEntry, int]
"""An entry, and where its source finds it again: entries are given in the order of that number."""

_KINDS: tuple[EntryKind, ...] = ("file", "dir", "link")
_FILE, _DIRECTORY, _LINK, _GONE, _GONE_LINK = range(5)  # gone: left out; removed when all is known
_MOST = (1 << 63) - 1
_CHECK_EACH = 0x3FF
_MOST_PARENTS = 10_000
_MOST_ABOVE = 16 * MOST_ABOVE  # nothing of it is in memory, but each is looked for

# Names that some disks take for one stand beside each other.
_TABLE = """
    CREATE TABLE entry (
        folded BLOB, name BLOB, kind INT, size INT, mode INT, mtime INT, target BLOB, place INT,
        is_twice INT DEFAULT 0, PRIMARY KEY (folded, name)
    ) WITHOUT ROWID
"""
_ADD = f"""
    INSERT INTO entry (folded, name, kind, size, mode, mtime, target, place)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET is_twice = is_twice OR kind <> {_DIRECTORY}
        OR excluded.kind <> {_DIRECTORY}
"""
_FIELDS = "name, kind, size, mode, mtime, target"
_BELOW = "FROM entry WHERE folded >= ? AND folded < ? AND substr(name, 1, ?) = ?"
_DIRECTORIES_IN = f"""
    SELECT DISTINCT substr(name, 1, ? + instr(substr(name, ?) || x'2f', x'2f') - 1)
    {_BELOW} AND (kind = {_DIRECTORY} OR instr(substr(name, ?), x'2f') > 0)
"""
_OTHERS_IN = f"""
    SELECT {_FIELDS} {_BELOW} AND kind <> {_DIRECTORY} AND instr(substr(name, ?), x'2f') = 0
"""


class LargeRun(Collection[ArchiveEntry]):
    """Entries that may be written, in the order of their source; for one thread at a time.

    Raises:
        ArchiveError: Temporary files cannot be written. The message is a clause.
    """

    def __init__(self) -> None:
        self._database = private_database(_TABLE)
        weakref.finalize(self, self._database.close)
        self._counts = [0, 0, 0]
        self._bytes = 0

    @property
    def file_bytes(self) -> int:
        """Bytes of all files as they are declared."""
        return self._bytes

    def count(self, kind: EntryKind) -> int:
        """How many entries are of a kind."""
        return self._counts[_KINDS.index(kind)]

    def find(self, name: str) -> Placed | None:
        """The entry of a name and its place; None where there is none."""
        key = _raw(folded(name)), _raw(name)
        which = f"folded = ? AND name = ? AND kind < {_GONE}"
        select = f"SELECT {_FIELDS}, place FROM entry WHERE {which}"
        found = next(self._rows(select, key), None)
        return None if found is None else (_entry(found), found[6])

    def placed(self, kind: EntryKind | None = None) -> Iterator[Placed]:
        """Entries with their places, in the order of these.

        Args:
            kind: Which; None for all.
        """
        which = "" if kind is None else f"WHERE kind = {_KINDS.index(kind)}"
        select = f"SELECT {_FIELDS}, place FROM entry {which} ORDER BY place"
        return ((_entry(row), row[6]) for row in self._rows(select))

    def below(self, directory: str, kind: EntryKind) -> Iterator[ArchiveEntry]:
        """Entries of a kind in a directory, sorted by name."""
        start = _raw(folded(directory))
        select = f"SELECT {_FIELDS} FROM entry WHERE folded > ? AND folded < ? AND kind = ?"
        found = map(_entry, self._rows(select, (start + b"/", start + b"0", _KINDS.index(kind))))
        return (entry for entry in found if entry.name.startswith(f"{directory}/"))

    def with_text(self, text: str) -> Iterator[ArchiveEntry]:
        """Files in whose names a text is, sorted; the others never come out of the database."""
        select = f"SELECT {_FIELDS} FROM entry WHERE kind = {_FILE} AND instr(name, ?)"
        return map(_entry, self._rows(select, (_raw(text),)))

    def in_directory(self, directory: str) -> Iterator[ArchiveEntry]:
        """What is directly in a directory, nothing of it in memory: directories first.

        Directories that have no entry of their own are among them.

        Args:
            directory: Relative to the run; empty for the run itself.
        """
        raw = _raw(f"{directory}/" if directory else "")
        start = _raw(folded(directory)) + b"/" if directory else b""
        place = start, start[:-1] + b"0" if directory else b"\xff", len(raw), raw, len(raw) + 1
        for (name,) in self._rows(_DIRECTORIES_IN, (len(raw), len(raw) + 1, *place)):
            found = self.find(_text(name))
            yield found[0] if found is not None else ArchiveEntry(_text(name), "dir")
        yield from map(_entry, self._rows(_OTHERS_IN, place))

    def fill(self, entries: Iterable[Placed], check: Callable[[], None]) -> tuple[str, ...]:
        """Take what may be written; returns sentences on what is left out, as `sort_out` does.

        Raises:
            ArchiveError: The entries cannot be written, in one sentence.
        """
        remarks = Remarks()
        with told():
            self._database.executemany(_ADD, self._sorted(entries, remarks, check))
        self._require_once()
        self._look_through(remarks, check)
        with told():
            self._database.execute(f"DELETE FROM entry WHERE kind >= {_GONE}")
        return remarks.sentences()

    def _sorted(
        self, entries: Iterable[Placed], remarks: Remarks, check: Callable[[], None]
    ) -> Iterator[tuple[Any, ...]]:
        for number, (entry, place) in enumerate(entries):
            if not number & _CHECK_EACH:
                check()
            name = "/".join(safe_name(entry.name))
            problem = problem_of(entry)
            if problem:
                remarks.leave_out(problem)
                kind = _GONE_LINK if entry.kind == "link" else _GONE
            else:
                kind = _KINDS.index(entry.kind)
                self._counts[kind] += 1
            size = min(entry.size, _MOST)
            self._bytes += size if kind == _FILE else 0
            mtime = entry.mtime_ns if -_MOST <= entry.mtime_ns <= _MOST else 0
            names = _raw(folded(name)), _raw(name)
            yield (
                *names,
                kind,
                size,
                entry.mode & 0o7777,
                mtime,
                _raw(entry.target),
                min(place, _MOST),
            )

    def _require_once(self) -> None:
        """No name occurs twice, but for directories."""
        twice = next(self._rows("SELECT name FROM entry WHERE is_twice LIMIT 1"), None)
        if twice is not None:
            raise ArchiveError(f"The name {quoted(_text(twice[0]))} occurs twice.")
        rows = self._rows(f"SELECT COUNT(*) FROM entry WHERE kind = {_DIRECTORY}")
        self._counts[_DIRECTORY] = next(rows)[0]

    def _look_through(self, remarks: Remarks, check: Callable[[], None]) -> None:
        """Find names that clash, and require that what is above an entry is a directory."""
        known: set[bytes] = set()
        last = b"", b""
        letters = 0
        kept = f"SELECT folded, name FROM entry WHERE kind < {_GONE}"
        for number, (key, name) in enumerate(self._rows(kept)):
            if not number & _CHECK_EACH:
                check()
            if key == last[0]:
                remarks.clash(_text(last[1]), _text(name))
                continue  # the first one has the same parents
            last = key, name
            parent = key.rpartition(b"/")[0]
            while parent and parent not in known:
                self._require_directory(parent, name)
                known.add(parent)
                letters += len(parent)
                parent = parent.rpartition(b"/")[0]
            if letters > _MOST_ABOVE:
                raise too_deep()
            if len(known) > _MOST_PARENTS:
                known.clear()

    def _require_directory(self, key: bytes, below: bytes) -> None:
        select = f"SELECT kind FROM entry WHERE folded = ? AND kind <> {_DIRECTORY} LIMIT 1"
        solid = next(self._rows(select, (key,)), None)
        if solid is not None:
            what = "a link" if solid[0] in (_LINK, _GONE_LINK) else "a file"
            raise ArchiveError(f"{quoted(_text(below))} would be written through {what}.")

    def _rows(self, select: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        with told():
            yield from self._database.execute(select, values)

    # Collection

    def __len__(self) -> int:
        return sum(self._counts)

    def __iter__(self) -> Iterator[ArchiveEntry]:
        return (entry for entry, _ in self.placed())

    def __contains__(self, entry: object) -> bool:
        found = self.find(entry.name) if isinstance(entry, ArchiveEntry) else None
        return found is not None and found[0] == entry


class EntriesOfKind(MutableMapping[str, ArchiveEntry]):
    """Entries of a large run by name. What is changed here is not changed in the run.

    Args:
        run: The run.
        kind: Which of its entries.
    """

    def __init__(self, run: LargeRun, kind: EntryKind) -> None:
        self._run = run
        self._kind = kind
        self._without: dict[str, ArchiveEntry] = {}
        self._more: dict[str, ArchiveEntry] = {}

    @property
    def bytes(self) -> int:
        """Sizes of all files among them together."""
        own = self._run.file_bytes if self._kind == "file" else 0
        less, more = self._without.values(), self._more.values()
        return own - sum(entry.size for entry in less) + sum(entry.size for entry in more)

    def has_below(self, directory: str) -> bool:
        """Whether there is any in a directory."""
        if any(name.startswith(f"{directory}/") for name in self._more):
            return True
        below = self._run.below(directory, self._kind)
        return any(entry.name not in self._without for entry in below)

    def __getitem__(self, name: str) -> ArchiveEntry:
        if name in self._more or name in self._without:
            return self._more[name]
        found = self._run.find(name)
        if found is None or found[0].kind != self._kind:
            raise KeyError(name)
        return found[0]

    def __setitem__(self, name: str, entry: ArchiveEntry) -> None:
        self.pop(name, None)
        self._more[name] = entry

    def __delitem__(self, name: str) -> None:
        entry = self[name]
        if self._more.pop(name, None) is None:
            self._without[name] = entry

    def __len__(self) -> int:
        return self._run.count(self._kind) - len(self._without) + len(self._more)

    def __iter__(self) -> Iterator[str]:
        for entry, _ in self._run.placed(self._kind):
            if entry.name not in self._without:
                yield entry.name
        yield from self._more


def file_bytes(entries: Collection[ArchiveEntry]) -> int:
    """Bytes of all files of a run as they are declared."""
    if isinstance(entries, LargeRun):
        return entries.file_bytes
    return sum(entry.size for entry in entries if entry.kind == "file")


def _entry(row: tuple[Any, ...]) -> ArchiveEntry:
    name, kind, size, mode, mtime_ns, target = row[:6]
    return ArchiveEntry(_text(name), _KINDS[kind], size, mode, mtime_ns, _text(target))


def _raw(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _text(raw: bytes) -> str:
    return raw.decode("utf-8", "surrogatepass")


def sort_out_many(
    entries_for: Callable[[LargeRun], Iterable[Placed]], check: Callable[[], None]
) -> RunEntries:
    """As `core.archives.entries.sort_out`, of very many entries.

    Args:
        entries_for: Gives the entries, with places that are another number for each; it may ask
            the run that it is given for those that came before.
        check: Called often; raises to stop.

    Raises:
        ArchiveError: They cannot be written, in one sentence.
    """
    run = LargeRun()
    return RunEntries(run, run.fill(entries_for(run), check))
