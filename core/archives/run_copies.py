"""Copies of parts of packed runs, in private directories: of the runs that were looked at last.

Every name that is written was found safe by the source (core.archives.entries), every file is made
anew, and links are never made: whatever reads here stays here.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Literal

from core.archives.archive_files import find_entry
from core.archives.entries import ArchiveEntry
from core.archives.source import Check, RunSource
from core.errors import ArchiveError
from core.runs.files import shown
from core.runs.guild_files import reason
from core.runs.scalars import is_event_file
from core.scratch import Scratch
from core.text import format_bytes, plural

Part = Literal["facts", "output", "events", "files"]

MOST_RUNS = 12
MOST_BYTES = 1 << 30
"""Of one part of a run. More is not worth the wait for a look: import the run."""

_PIECE = 1 << 20
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_OUTPUT = frozenset({".guild/output", ".guild/output.index"})


class RunCopies:
    """Keeps the copies of one source. Any thread may ask, also for the same run.

    Args:
        scratch: Where the directories are made.
    """

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._lock = threading.RLock()
        self._copies: dict[str, tuple[Path, set[Part]]] = {}
        self._old: dict[str, Path] = {}

    def has(self, run_id: str, part: Part) -> Path | None:
        """The directory of a run where this part of it is a copy already."""
        found = self._copies.get(run_id)  # without the lock: somebody may copy for a while
        return found[0] if found is not None and part in found[1] else None

    def copy(self, source: RunSource, run_id: str, part: Part, check: Check) -> Path:
        """Copy a part of a run; returns the directory that stands for the run's.

        Args:
            source: Where the run is; no other thread uses it meanwhile.
            run_id: The run.
            part: What of it: all small files in `.guild`, its output, its event files, or all
                files, which is asked for alone.
            check: Called often; raises to stop, and then nothing of this part stays.

        Raises:
            ArchiveError: The run is unsafe or damaged, the part too large, or the disk full.
        """
        with self._lock:
            known = self.has(run_id, part)
            if known is not None:
                return known
            try:
                path = self._directory(run_id)
                self._write(source, run_id, part, path, check)
            except OSError as e:
                self._drop(run_id)
                what = f"Run {run_id[:8]} cannot be looked at: {reason(e)}."
                raise ArchiveError(what, path=source.path) from e
            except BaseException:
                self._drop(run_id)
                raise
            self._copies[run_id][1].add(part)
            return path

    def copy_file(
        self, source: RunSource, run_id: str, name: str, advance: Callable[[int], None]
    ) -> Path:
        """Copy one file for other programs; it stays until the program ends.

        Args:
            source: Where the run is; no other thread uses it meanwhile.
            run_id: The run.
            name: The file, relative to the run.
            advance: Called with the bytes that were copied; raises to stop, and nothing stays.

        Raises:
            ArchiveError: There is no such file, it is damaged or too large, or the disk is full.
        """
        entry = find_entry(source, run_id, name)
        if entry is None or entry.kind != "file":
            raise ArchiveError(f"There is no file {shown(name)}.", path=source.path)
        if entry.size > MOST_BYTES:
            what = f"It is {format_bytes(entry.size)}, too large for a look."
            raise ArchiveError(what, path=source.path, hint="Import the run to use it.")
        place = None
        try:
            place = self._scratch.make()
            flat = entry._replace(name=os.path.basename(name))
            with source.open(run_id, name) as file:
                _write_file(place, flat, file, advance)
            return place / flat.name
        except BaseException as e:
            if place is not None:
                shutil.rmtree(place, ignore_errors=True)
            if isinstance(e, OSError):
                raise ArchiveError(f"{reason(e).capitalize()}.", path=source.path) from e
            raise

    def renew(self, run_id: str) -> None:
        """Copy a run anew when it is asked for next; who still reads the copy may go on.

        The copy goes when that happens once more.
        """
        with self._lock:
            found, old = self._copies.pop(run_id, None), self._old.pop(run_id, None)
            if old is not None:
                shutil.rmtree(old, ignore_errors=True)
            if found is not None:
                self._old[run_id] = found[0].parent

    def clear(self) -> None:
        """Remove all copies: the source is another one."""
        with self._lock:
            for run_id in list(self._copies):
                self._drop(run_id)
            for run_id in list(self._old):
                shutil.rmtree(self._old.pop(run_id), ignore_errors=True)

    def _directory(self, run_id: str) -> Path:
        known = self._copies.pop(run_id, None)
        if known is None:
            while len(self._copies) >= MOST_RUNS:
                self._drop(next(iter(self._copies)))
            path = self._scratch.make() / run_id
            path.mkdir()
            known = path, set()
        self._copies[run_id] = known  # the newest comes last
        return known[0]

    def _drop(self, run_id: str) -> None:
        found = self._copies.pop(run_id, None)
        if found is not None:
            shutil.rmtree(found[0].parent, ignore_errors=True)

    def _write(self, source: RunSource, run_id: str, part: Part, path: Path, check: Check) -> None:
        is_wanted = _WANTED[part]
        size = sum(e.size for e in source.entries(run_id) if e.kind == "file" and is_wanted(e.name))
        if size > MOST_BYTES:
            raise ArchiveError(
                f"The {part} of run {run_id[:8]} are {format_bytes(size)}: too large for a look.",
                path=source.path,
                hint="Import the run to see them.",
            )
        wanted = source.files([run_id], check, lambda _id, entry: is_wanted(entry.name))
        for _, entry, file in wanted:
            try:
                _write_file(path, entry, file, lambda _amount: check())
            except ArchiveError as e:
                name = shown(entry.name)
                what = f"{name} of run {run_id[:8]} is damaged: {str(e).rstrip('.')}."
                raise ArchiveError(what, path=source.path) from e


def copy_events(source: RunSource, targets: Mapping[str, Path], check: Check) -> None:
    """Copy the event files of runs, each run's below its own new directory.

    Args:
        source: Where the runs are; no other thread uses it meanwhile.
        targets: The directory of each run, by the run's id.
        check: Called often; raises to stop, and then what was written stays.

    Raises:
        ArchiveError: A run is unsafe or damaged, all together are too large, or the disk is full.
    """
    entries = (entry for run_id in targets for entry in source.entries(run_id))
    size = sum(entry.size for entry in entries if is_event_entry(entry))
    if size > MOST_BYTES:
        raise ArchiveError(
            f"The event files of {plural(len(targets), 'run')} are {format_bytes(size)}: too large"
            " to be copied.",
            path=source.path,
            hint="Import or pull the runs first.",
        )
    wanted = source.files(list(targets), check, lambda _id, entry: is_event_entry(entry))
    try:
        for path in targets.values():
            path.mkdir(exist_ok=True)
        for run_id, entry, file in wanted:
            _write_file(targets[run_id], entry, file, lambda _amount: check())
    except OSError as e:
        what = f"The event files cannot be copied: {reason(e)}."
        raise ArchiveError(what, path=source.path) from e


def _write_file(
    path: Path, entry: ArchiveEntry, file: BinaryIO, advance: Callable[[int], None]
) -> None:
    target = path / entry.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(target, _CREATE, 0o600), "wb") as copy:
        while piece := file.read(_PIECE):
            advance(len(piece))
            copy.write(piece)
    with suppress(OverflowError, OSError):  # a time that this file system does not know
        os.utime(target, ns=(entry.mtime_ns, entry.mtime_ns))


def is_event_entry(entry: ArchiveEntry) -> bool:
    """Whether an entry of a run is an event file."""
    return entry.kind == "file" and _is_event(entry.name)


def _is_fact(name: str) -> bool:
    is_guild = name.startswith(".guild/") and name not in _OUTPUT
    return is_guild and not name.startswith(".guild/sourcecode/") and not _is_event(name)


def _is_event(name: str) -> bool:
    directory, _, last = name.rpartition("/")
    return directory != ".guild/attrs" and is_event_file(last)


_WANTED: dict[Part, Callable[[str], bool]] = {
    "facts": _is_fact,
    "output": _OUTPUT.__contains__,
    "events": _is_event,
    "files": lambda _name: True,
}
