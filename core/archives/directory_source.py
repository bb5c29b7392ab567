"""Runs in a directory: an export, a home, a directory of runs, or one run's own directory.

Why every directory on the way to a file is opened without following links: an export directory may
be somebody else's, who may put a link in a directory's place while it is copied.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Collection, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any, BinaryIO

from core.archives.entries import ArchiveEntry, EntryKind, RunEntries, is_run_id, sort_out
from core.archives.large_run import MANY, sort_out_many
from core.archives.ordinary import KnownRuns, Ordinary, ordinary_run
from core.archives.quick_read import is_ordinary, read_run
from core.archives.run_tree import in_order
from core.archives.source import SourceKind, Wanted
from core.check import Check, go_on
from core.errors import ArchiveError
from core.home import find_home_in
from core.runs.attrs import read_attr
from core.runs.files import shown
from core.runs.guild_files import open_file, opened_directory, reason
from core.runs.run import Run
from core.runs.store import Store


class DirectorySource:
    """Runs below one directory (see core.archives.source.RunSource).

    Args:
        path: What the user named.
        kind: What it is.
        runs_dir: The directory that holds the runs.
        ids: The runs; None for all that are there.
    """

    index = None

    def __init__(
        self, path: Path, kind: SourceKind, runs_dir: Path, ids: Sequence[str] | None = None
    ) -> None:
        self.path = path
        self.kind = kind
        self._store = Store(runs_dir)
        self._problems: list[str] = []
        self._ids = sorted(self._list() if ids is None else ids)
        self._known: tuple[str, RunEntries] | None = None
        self._known_runs = KnownRuns()

    @property
    def title(self) -> str:
        """The directory's name."""
        return self.path.name or str(self.path)

    def ids(self) -> list[str]:
        """Ids of its runs, sorted."""
        return list(self._ids)

    def run_dir(self, run_id: str) -> Path:
        """The run's directory."""
        return self._store.run_dir(run_id)

    def run(self, run_id: str, *, brief: bool = False) -> Run:
        """What is known of a run without its event files."""
        return self._store.read(run_id, scalars=None)

    def attr(self, run_id: str, name: str) -> Any:
        """One attribute of a run; None where it has none."""
        return read_attr(self.run_dir(run_id), name)

    def entries(self, run_id: str, check: Check = go_on) -> Collection[ArchiveEntry]:
        """Everything of a run that may be written elsewhere, directories before what is in them."""
        return self._sorted_out(run_id, check).entries

    def remarks(self, run_id: str) -> tuple[str, ...]:
        """Sentences on what `entries` leaves out."""
        return self._sorted_out(run_id, go_on).remarks

    def require_readable(self, run_id: str, check: Check = go_on) -> None:
        """Whether files can be read is only seen when they are."""
        self._sorted_out(run_id, check)

    def ordinary(self, run_id: str, check: Check = go_on) -> Ordinary | None:
        """A run that can be taken the quick way; in a home nothing is compared with a record."""
        return self._known_runs.get(run_id, partial(self._ordinary, check=check))

    def open(self, run_id: str, name: str) -> BinaryIO:
        """Open a file of a run."""
        try:
            return _open_below(self.run_dir(run_id), name)
        except OSError as e:
            raise ArchiveError(
                f"Cannot open {shown(name)} of run {run_id[:8]}: {reason(e)}.", path=self.path
            ) from e

    def files(
        self, ids: Sequence[str], check: Check, wanted: Wanted = lambda run_id, entry: True
    ) -> Iterator[tuple[str, ArchiveEntry, BinaryIO]]:
        """Id, entry and content of each file of runs."""
        for run_id in ids:
            for entry in self.entries(run_id, check):
                check()
                if entry.kind == "file" and wanted(run_id, entry):
                    with self.open(run_id, entry.name) as file:
                        yield run_id, entry, file

    def problems(self) -> list[str]:
        """Sentences on directories that cannot be runs by their names."""
        return list(self._problems)

    def close(self) -> None:
        """Nothing is open."""

    def _list(self) -> list[str]:
        try:
            ids = self._store.ids()
        except OSError as e:
            raise ArchiveError(f"Cannot list {self.path}: {reason(e)}.", path=self.path) from e
        strange = [run_id for run_id in ids if not is_run_id(run_id)]
        self._problems = [f"{shown(name)} is no name of a run and is left out." for name in strange]
        return [run_id for run_id in ids if is_run_id(run_id)]

    def _ordinary(self, run_id: str, check: Check) -> Ordinary | None:
        found = self._sorted_out(run_id, check)
        if found.remarks or not is_ordinary(found.entries):
            return None
        files = {entry.name: entry.size for entry in found.entries if entry.kind == "file"}
        read = partial(read_run, os.fspath(self.run_dir(run_id)), found.entries)
        return ordinary_run(files, read, is_compared=self.kind != "home")

    def _sorted_out(self, run_id: str, check: Check) -> RunEntries:
        if self._known is None or self._known[0] != run_id:
            self._known = run_id, self._read_entries(run_id, check)
        return self._known[1]

    def _read_entries(self, run_id: str, check: Check) -> RunEntries:
        walk = _walk(os.fspath(self.run_dir(run_id)))
        try:
            first = list(islice(walk, MANY + 1))
            if len(first) <= MANY:
                return sort_out(first, check)
            numbered = enumerate(chain(first, walk))
            return sort_out_many(lambda _: ((entry, number) for number, entry in numbered), check)
        except OSError as e:
            what = f"{shown(e.filename)} of run {run_id[:8]}" if e.filename else f"run {run_id[:8]}"
            raise ArchiveError(f"Cannot read {what}: {reason(e)}.", path=self.path) from e


def open_directory_source(path: Path) -> DirectorySource:
    """Recognise what a directory is.

    Raises:
        ArchiveError: It holds no run.
    """
    if os.path.lexists(path / ".guild" / "opref"):
        return DirectorySource(path, "directory", path.parent, [path.name])
    home = find_home_in(path)
    if home is not None:
        return DirectorySource(path, "home", home.runs_dir)
    source = DirectorySource(path, "directory", path)
    if not source.ids() and not source.problems() and not (path / ".guild-nocopy").exists():
        raise ArchiveError(
            f"There is no run in {path}.",
            path=path,
            hint="Name a run's directory, a directory of runs, or a Guild home.",
        )
    return source


def _walk(root: str) -> Iterator[ArchiveEntry]:
    """Every entry of a run, each directory before what is in it; no link is followed.

    Raises:
        OSError: A directory cannot be read: a run without it would not be the run.
    """
    waiting = [""]
    while waiting:
        directory = waiting.pop()
        with os.scandir(os.path.join(root, directory)) as found:
            below = []
            for item in in_order(found):
                entry = _entry(item, directory)
                yield entry
                if entry.kind == "dir":
                    below.append(entry.name)
        waiting += reversed(below)


def _entry(item: os.DirEntry[str], directory: str) -> ArchiveEntry:
    found = item.stat(follow_symlinks=False)
    name = f"{directory}/{item.name}" if directory else item.name
    kind = kind_of_mode(found.st_mode)
    size = found.st_size if kind == "file" else 0
    target = os.readlink(item.path) if kind == "link" else ""
    return ArchiveEntry(name, kind, size, stat.S_IMODE(found.st_mode), found.st_mtime_ns, target)


def kind_of_mode(mode: int) -> EntryKind:
    """What a file with this mode is."""
    if stat.S_ISREG(mode):
        return "file"
    if stat.S_ISDIR(mode):
        return "dir"
    return "link" if stat.S_ISLNK(mode) else "other"


def _open_below(run_dir: Path, name: str) -> BinaryIO:
    """Open a file going down directory by directory, through no link."""
    *parents, last = name.split("/")
    with ExitStack() as opened:
        within = opened.enter_context(opened_directory(os.fspath(run_dir)))
        for parent in parents:
            within = opened.enter_context(opened_directory(parent, within))
        return os.fdopen(open_file(last, within), "rb")
