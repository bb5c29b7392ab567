"""The runs of a server as a source (core.archives.source): rows, details and files on demand.

So a server is a place like an archive: the same table, filter and details show it. Rows come from
one listing that streams (remote.listing); what a run consists of is asked when somebody looks at
it, and files come when they are opened. Nothing is written there, and Guild need not be there.
"""

from __future__ import annotations

import io
import tempfile
import time
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, cast

from msgspec.structs import replace

from core.archives.entries import ArchiveEntry
from core.archives.growing_copy import grows, is_event
from core.archives.source import SourceKind, Wanted
from core.check import Check, go_on
from core.errors import ArchiveError, RunNotFound
from core.index.columns import RunColumns
from core.runs.attrs import decode_attr, decode_text
from core.runs.change import FileEdit
from core.runs.files import shown
from core.runs.guild_files import MOST_BYTES
from core.runs.run import Run
from core.runs.run_reading import read_run
from remote.comings import Comings
from remote.files import Fetch
from remote.listed_run import Alive, ListedRun, RemoteSmallFiles
from remote.listing import Listing
from remote.looking import Look, look_at_all
from remote.manifest import ATTRS, LOCK, Manifest, manifests_there
from remote.remote_home import RemoteHome

_IN_MEMORY = 1 << 22
_MOST_BROUGHT = 32 << 20
_MOST_KNOWN = 64
_WHOLE = ("cmd", "deps", "id")
_MANY_FILES = 2_000
_MANY_SECONDS = 60.0
"""A run that goes on and has more files is listed as a whole so seldom."""


Version = tuple[tuple[str, int, int], ...]
"""Names, sizes and times of the event files of a run: others when these are others."""


class RemoteSource:
    """The runs of one server (see core.archives.source.RunSource).

    Args:
        home: The server's home; it belongs to this object.
        check: Called while waiting; raises to stop.
    """

    kind: SourceKind = "remote"
    index = None

    def __init__(self, home: RemoteHome, check: Check = go_on) -> None:
        self._home = home
        self._check = check
        self._listing = Listing(home, check)
        self._comings = Comings(home, self._listing.ids)
        self._listed: dict[str, ListedRun] = {}
        self._coming: Iterator[tuple[str, ListedRun | None]] | None = None
        self._come: set[str] = set()
        self._known: dict[str, int] = {}
        self._manifests: dict[str, Manifest] = {}
        self._brought: dict[tuple[str, str], _FileSink] = {}
        self._alive: dict[str, Alive] = {}
        self._due: dict[str, float] = {}

    @property
    def path(self) -> Path:
        """What stands for the home: the remote's name and the path there."""
        return Path(f"{self._home.name}:{self._home.path}")

    @property
    def title(self) -> str:
        """The remote's name."""
        return self._home.name

    def ids(self) -> list[str]:
        """Ids of its runs, sorted; before they are listed, of what may be runs."""
        none = self._come - self._listed.keys()
        return [run_id for run_id in self._listing.ids if run_id not in none]

    @property
    def asks_for_files(self) -> bool:
        """Whether each file of a run is asked for by itself, so that what is known saves much."""
        return self._listing.asks_for_files

    @property
    def is_connected(self) -> bool:
        """Whether the connection over which it was opened is still there, as far as is known."""
        return self._home.connection.is_alive

    def expect(self, columns: RunColumns) -> None:
        """Learn what is known of runs; before any of them is asked for.

        Args:
            columns: Rows with the signatures that `signature` gave for them.
        """
        ids, signatures = columns.stored("id"), columns.stored("signature")
        self._known = {ids[slot]: signatures[slot] for slot in columns.slots() if signatures[slot]}

    def is_known(self, run_id: str) -> bool:
        """Whether nothing of a run changed since a row was made of it."""
        with suppress(RunNotFound):
            self._need(run_id)
            return self._listed[run_id].is_known
        return False

    def signature(self, run_id: str) -> int:
        """A number that is another one when a run's small files change; 0 where it is not told."""
        self._need(run_id)
        return self._listed[run_id].signature

    def run_dir(self, run_id: str) -> Path:
        """What stands for a run's directory."""
        return Path(f"{self._home.name}:{self._home.run_dir(run_id)}")

    def run(self, run_id: str, *, brief: bool = False) -> Run:
        """What is known of a run without its event files."""
        self._need(run_id)
        if self._listed[run_id].is_known:
            self._listed[run_id] = self._listing.one(run_id)
        listed = self._listed[run_id]
        if not brief:
            _read_more(self._home, run_id, listed, self._check)
        run_dir = f"{self._home.name}:{self._home.run_dir(run_id)}"
        alive = partial(self._alive_of, run_id)
        files = RemoteSmallFiles(run_dir, listed, self._home.name, alive)
        return read_run(run_id, files, None, brief=brief)

    def goes_on(self, run_id: str) -> bool:
        """Whether a run was going on when it was looked at last; see LiveSource."""
        listed = self._listed.get(run_id)
        return listed is not None and not listed.is_known and LOCK in listed.names

    def renew(self, run_id: str, names: Collection[str] | None, check: Check) -> None:
        """Look anew at a run; see core.archives.source.LiveSource.

        At some of its files alone that costs one question and one answer.
        """
        self._need(run_id)
        known = self._manifests.get(run_id)
        if names is not None and known is not None and self._look_at_files(run_id, names, check):
            return
        self._listed[run_id] = self._listing.one(run_id)
        self._note_alive(run_id, check)
        if known is not None and len(known.entries) > _MANY_FILES:
            if time.monotonic() < self._due.get(run_id, 0.0):
                self._look_at_files(run_id, list(filter(grows, known.entries)), check)
                return
            self._due[run_id] = time.monotonic() + _MANY_SECONDS
        self._manifests.pop(run_id, None)

    def ended(self, ids: Sequence[str], check: Check) -> list[str]:
        """Those of runs that were going on which have ended: one question and one answer.

        Args:
            ids: The runs.
            check: Called often; raises to stop.
        """
        locks = {run_id: self._path(run_id, LOCK) for run_id in ids}
        processes = {run_id: path for run_id in ids if (path := self._process(run_id))}
        paths = [self._home.runs_dir, *locks.values(), *processes.values()]
        looks = look_at_all(self._home, paths, check)
        self._comings.note(looks[paths[0]])
        gone = {path for path, look in looks.items() if look == Look()}
        return [i for i in ids if locks[i] in gone or processes.get(i) in gone]

    def came_and_went(self, check: Check) -> tuple[list[str], list[str]]:
        """Runs that came since they were listed, and names that went, as `ended` saw it last.

        Nobody is asked where none did. Those that came are read; a run that came the last time is
        one that comes, once more: it may not have been whole.

        Args:
            check: Called often; raises to stop.
        """
        came, went = self._comings.read(check)
        for run_id in (*came, *went):
            self._listed.pop(run_id, None)
            self._come.add(run_id)
        self._listing.ids = sorted((set(self._listing.ids) | set(came)) - set(went))
        return [run_id for run_id in came if self._read_anew(run_id, check)], went

    def attr(self, run_id: str, name: str) -> Any:
        """One attribute of a run; None where it has none."""
        self._need(run_id)
        listed = self._listed[run_id]
        key = ATTRS + name
        if key not in listed.names or not listed.contents.get(key):
            path = f"{self._home.run_dir(run_id)}/{key}"
            data = self._home.files.read([path], self._check)[path]
            if data is None:
                return None
            listed.contents[key] = data
        content = decode_text(listed.contents[key], f"attribute {name}", MOST_BYTES)
        return decode_attr(name, content, empty_is_damage=True)

    def entries(self, run_id: str, check: Check | None = None) -> tuple[ArchiveEntry, ...]:
        """Everything of a run that may be written elsewhere, directories first."""
        del check  # one is known already
        return tuple(self._manifest(run_id).entries.values())

    def remarks(self, run_id: str) -> tuple[str, ...]:
        """Sentences on what `entries` leaves out."""
        return self._manifest(run_id).remarks

    def require_readable(self, run_id: str, check: Check | None = None) -> None:
        """Whether files can be read is only seen when they are."""

    def ordinary(self, run_id: str, check: Check | None = None) -> None:
        """No run is taken the quick way."""

    def open(self, run_id: str, name: str) -> BinaryIO:
        """Open a file of a run; it is brought here first."""
        entry = self._manifest(run_id).entries.get(name)
        if entry is None or entry.kind != "file":
            raise ArchiveError(f"Run {run_id[:8]} has no file {shown(name)}.", path=self.path)
        return self._fetched(run_id, [entry])[0]

    def files(
        self, ids: Sequence[str], check: Check, wanted: Wanted = lambda run_id, entry: True
    ) -> Iterator[tuple[str, ArchiveEntry, BinaryIO]]:
        """Id, entry and content of each file of runs."""
        self._look_at(ids, check)
        for run_id in ids:
            found = [e for e in self.entries(run_id) if e.kind == "file" and wanted(run_id, e)]
            for entry, file in zip(found, self._fetched(run_id, found), strict=True):
                check()
                with file:
                    yield run_id, entry, file

    def bring(self, ids: Sequence[str], check: Check, wanted: Wanted) -> None:
        """Bring small files of several runs together, for whoever asks for one after another.

        A run that cannot be looked at is passed over: who asks for it is told why.

        Args:
            ids: The runs.
            check: Called often; raises to stop.
            wanted: Which files.
        """
        readable = self._readable(ids, check)
        self._brought.clear()
        left = _MOST_BROUGHT
        fetches = []
        for run_id, manifest in readable.items():
            for entry in manifest.entries.values():
                if entry.kind == "file" and wanted(run_id, entry) and entry.size <= left:
                    left -= entry.size
                    sink = self._brought[run_id, entry.name] = _FileSink(entry.size)
                    path = f"{self._home.run_dir(run_id)}/{entry.name}"
                    fetches.append(Fetch(path, entry.size, sink))
        self._home.files.fetch(fetches, check)

    def events(self, ids: Sequence[str], check: Check) -> dict[str, Version]:
        """What event files runs have; those that cannot be looked at are left out."""
        return {
            run_id: tuple(
                (e.name, e.size, e.mtime_ns) for e in manifest.entries.values() if is_event(e.name)
            )
            for run_id, manifest in self._readable(ids, check).items()
        }

    def problems(self) -> list[str]:
        """Nothing: what cannot be a run by its name is not listed."""
        return []

    def take_written(self, edits: Iterable[FileEdit]) -> None:
        """Know what was written into runs there, without asking for it."""
        for edit in edits:
            listed = self._listed.get(edit.run_id)
            self._manifests.pop(edit.run_id, None)
            if listed is None:
                continue
            key = ATTRS + edit.attr
            listed.names.discard(key)
            listed.contents.pop(key, None)
            if edit.after is not None:
                listed.names.add(key)
                listed.contents[key] = edit.after

    def sizes(self, ids: Sequence[str], check: Check) -> dict[str, int]:
        """Bytes of the files of runs; those that cannot be looked at are left out."""
        return {
            run_id: sum(e.size for e in manifest.entries.values() if e.kind == "file")
            for run_id, manifest in self._readable(ids, check).items()
        }

    def rest(self, run_id: str, starts: Mapping[str, int], check: Check) -> dict[str, BinaryIO]:
        """Files of a run, each from a place in it on; see core.archives.source.LiveSource."""
        entries = self._manifest(run_id).entries
        wanted = [entries[name] for name in starts]
        files = self._fetched(run_id, wanted, starts, check)
        return dict(zip(starts, files, strict=True))

    def close(self) -> None:
        """Close the file channel; the connection stays."""
        self._listing.close()
        self._home.close()

    def _need(self, run_id: str) -> None:
        """Wait until the files of a run have come.

        Raises:
            RunNotFound: It is no run, or gone.
        """
        if self._coming is None:
            self._coming = self._listing.runs(self._known)
        while run_id not in self._come:
            come = next(self._coming, None)
            if come is None:
                break
            self._come.add(come[0])
            if come[1] is not None:
                self._listed[come[0]] = come[1]
        if run_id not in self._listed:
            raise RunNotFound(f"There is no run {run_id[:8]} on {self._home.name}.")

    def _read_anew(self, run_id: str, check: Check) -> bool:
        """Read the small files of a run; whether it is one."""
        with suppress(RunNotFound):
            self._listed[run_id] = self._listing.one(run_id)
            self._note_alive(run_id, check)
        return run_id in self._listed

    def _manifest(self, run_id: str) -> Manifest:
        if run_id not in self._manifests:
            self._look_at([run_id], self._check)
        found = self._manifests.get(run_id)
        if found is None:
            raise ArchiveError(f"Run {run_id[:8]} is not there any more.", path=self.path)
        if found.problem:
            raise ArchiveError(found.problem, path=self.path)
        return found

    def _look_at_files(self, run_id: str, names: Iterable[str], check: Check) -> bool:
        """Look at some files of a run of which all are known; not where it has ended."""
        paths = {name: self._path(run_id, name) for name in names}
        lock = self._path(run_id, LOCK)
        looks = look_at_all(self._home, [lock, *paths.values()], check)
        if looks[lock] == Look():
            return False
        seen = {name: looks[path] for name, path in paths.items()}
        self._manifests[run_id] = _with_looks(self._manifests[run_id], seen)
        return True

    def _path(self, run_id: str, name: str) -> str:
        return f"{self._home.run_dir(run_id)}/{name}"

    def _process(self, run_id: str) -> str:
        """Where the server shows the process in a run's LOCK; empty where it does not."""
        listed = self._listed.get(run_id)
        pid = (listed.contents.get(LOCK) or b"").strip()[:10] if listed is not None else b""
        return f"/proc/{int(pid)}" if pid.isdigit() and self._listing.alive() is not None else ""

    def _note_alive(self, run_id: str, check: Check) -> None:
        """Find out whether the process of a run is still there; the list of all is an old one."""
        path = self._process(run_id)
        if path:
            is_gone = look_at_all(self._home, [path], check)[path] == Look()
            self._alive[run_id] = frozenset() if is_gone else frozenset((path.rpartition("/")[2],))

    def _alive_of(self, run_id: str) -> Alive:
        known = self._alive.get(run_id)
        return self._listing.alive() if known is None else known

    def _look_at(self, ids: Sequence[str], check: Check) -> None:
        missing = [run_id for run_id in ids if run_id not in self._manifests]
        if len(self._manifests) > _MOST_KNOWN:
            self._manifests.clear()
            missing = list(ids)
        self._manifests.update(manifests_there(self._home, missing, check))

    def _readable(self, ids: Sequence[str], check: Check) -> dict[str, Manifest]:
        """What those runs consist of that can be looked at."""
        self._look_at(ids, check)
        found = {run_id: self._manifests.get(run_id) for run_id in ids}
        return {run_id: m for run_id, m in found.items() if m is not None and not m.problem}

    def _fetched(
        self,
        run_id: str,
        entries: Sequence[ArchiveEntry],
        starts: Mapping[str, int] = MappingProxyType({}),
        check: Check | None = None,
    ) -> list[BinaryIO]:
        brought = [self._brought.pop((run_id, entry.name), None) for entry in entries]
        sinks = [
            sink or _FileSink(entry.size) for sink, entry in zip(brought, entries, strict=True)
        ]
        wanted = [
            Fetch(self._path(run_id, e.name), e.size, sink, starts.get(e.name, 0))
            for e, sink, known in zip(entries, sinks, brought, strict=True)
            if known is None
        ]
        self._home.files.fetch(wanted, check or self._check)
        for entry, sink in zip(entries, sinks, strict=True):
            sink.require_whole(f"{shown(entry.name)} of run {run_id[:8]}", self.path)
        return [sink.opened() for sink in sinks]


def _read_more(home: RemoteHome, run_id: str, listed: ListedRun, check: Check) -> None:
    """Read what rows do not show."""
    wanted = [ATTRS + name for name in _WHOLE]
    paths = {f"{home.run_dir(run_id)}/{name}": name for name in wanted}
    for path, data in home.files.read(paths, check).items():
        if data is not None:
            listed.put(paths[path], data)


def _with_looks(known: Manifest, seen: Mapping[str, Look]) -> Manifest:
    """What a run consists of, some of its files as they were seen now."""
    entries = dict(known.entries)
    for name, look in seen.items():
        entries.pop(name, None)
        if look.entry is not None and look.entry.kind == "file":
            entries[name] = look.entry._replace(name=name)
    return replace(known, entries=entries)


class _FileSink:
    """Keeps one file: in memory, or where it is large in a file without a name."""

    def __init__(self, size: int) -> None:
        self.problem = ""
        self._file: BinaryIO = (
            io.BytesIO() if size <= _IN_MEMORY else cast("BinaryIO", tempfile.TemporaryFile())  # noqa: SIM115 - kept
        )

    def take(self, data: bytes) -> None:
        """The next bytes."""
        self._file.write(data)

    def end(self, problem: str) -> None:
        """All came, or why not."""
        self.problem = problem

    def close(self) -> None:
        """Forget it."""
        self._file.close()

    def require_whole(self, what: str, path: Path) -> None:
        """Raise ArchiveError where not all of it came."""
        if self.problem:
            raise ArchiveError(f"Cannot read {what}: {self.problem}.", path=path)

    def opened(self) -> BinaryIO:
        """The file, at its beginning."""
        self._file.seek(0)
        return self._file
