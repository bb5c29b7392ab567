"""Copies of parts of packed runs, in private directories: of the runs that were looked at last.

Every name that is written was found safe by the source (core.archives.entries), every file is made
anew, and links are never made: whatever reads here stays here. How a copy follows a run that goes
on is in core.archives.growing_copy.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import BinaryIO

from core.archives.archive_files import files_by_name, find_entry
from core.archives.entries import ArchiveEntry
from core.archives.growing_copy import (
    MOST_BYTES,
    OUTPUT,
    Copied,
    Copy,
    OtherFile,
    Part,
    bring_up_to_date,
    copy_end,
    is_event,
    is_long,
    set_time,
    wanted_of,
)
from core.archives.source import LiveSource, RunSource
from core.check import Check
from core.errors import ArchiveError
from core.runs.erase import discard
from core.runs.files import shown
from core.runs.guild_files import reason
from core.scratch import Scratch
from core.text import format_bytes, plural

MOST_RUNS = 12
LOOK_SECONDS = 1.0
"""Who asks about a run that goes on within this time after another is told the same."""

_PIECE = 1 << 20
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class RunCopies:
    """Keeps the copies of one source. Any thread may ask, also for the same run.

    Args:
        scratch: Where the directories are made.
    """

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch
        self._lock = threading.RLock()
        self._copies: dict[str, Copy] = {}
        self._old: dict[str, Path] = {}
        self._due: dict[str, float] = {}

    def has(self, run_id: str, part: Part) -> Path | None:
        """The directory of a run where this part of it is a copy already, and up to date."""
        found = self._copies.get(run_id)  # without the lock: somebody may copy for a while
        is_fresh = found is not None and part in found.parts and part not in found.stale
        return found.path if found is not None and is_fresh else None

    def at_hand(self, run_id: str, part: Part) -> Path | None:
        """The same, also where it may not be up to date."""
        found = self._copies.get(run_id)
        return found.path if found is not None and part in found.parts else None

    def left_out(self, run_id: str) -> int:
        """Bytes at the beginning of a run's output that its copy does not have."""
        found = self._copies.get(run_id)
        return found.left_out if found is not None else 0

    def copy(self, source: RunSource, run_id: str, part: Part, check: Check) -> Path:
        """Copy a part of a run, or what is new of it; returns what stands for the run's directory.

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
                copy = self._renewed(source, run_id, part, check)
                if part not in copy.parts:
                    self._write_part(source, run_id, part, copy, check)
            except OSError as e:
                self._drop(run_id)
                what = f"Run {run_id[:8]} cannot be looked at: {reason(e)}."
                raise ArchiveError(what, path=source.path) from e
            copy.parts.add(part)
            copy.stale.discard(part)
            return copy.path

    def doubt(self, run_id: str | None = None, *parts: Part) -> None:
        """What was copied may be otherwise there by now: of one run or of all, and which parts."""
        with self._lock:
            for each, copy in self._copies.items():
                if run_id in (None, each):
                    copy.stale |= copy.parts & set(parts) if parts else copy.parts

    def is_due(self, run_id: str) -> bool:
        """Whether the last look at a run that goes on is some time ago; the next one begins now."""
        now = time.monotonic()
        if now < self._due.get(run_id, 0.0):
            return False
        self._due[run_id] = now + LOOK_SECONDS
        return True

    def want_whole(self, run_id: str) -> None:
        """Copy all of a run's output when it is asked for next, however long it is."""
        with self._lock:
            copy = self._copies.get(run_id)
            if copy is not None and copy.left_out:
                copy.is_whole = True
                copy.parts.discard("output")

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
                discard(place)
            if isinstance(e, OSError):
                raise ArchiveError(f"{reason(e).capitalize()}.", path=source.path) from e
            raise

    def clear(self) -> None:
        """Remove all copies: the source is another one."""
        with self._lock:
            self._due.clear()
            for run_id in list(self._copies):
                self._drop(run_id)
            for run_id in list(self._old):
                discard(self._old.pop(run_id))

    def _renewed(self, source: RunSource, run_id: str, part: Part, check: Check) -> Copy:
        """The copy of a run with what is new of a part, if that was copied before."""
        copy = self._copy_of(run_id)
        if part in copy.parts and isinstance(source, LiveSource):
            try:
                bring_up_to_date(source, run_id, copy, part, check)
            except (OtherFile, ArchiveError):  # from the beginning then, which says what is wrong
                self._retire(run_id)
                copy = self._copy_of(run_id)
        return copy

    def _copy_of(self, run_id: str) -> Copy:
        known = self._copies.pop(run_id, None)
        if known is None:
            while len(self._copies) >= MOST_RUNS:
                self._drop(next(iter(self._copies)))
            path = self._scratch.make() / run_id
            path.mkdir()
            known = Copy(path)
        self._copies[run_id] = known  # the newest comes last
        return known

    def _retire(self, run_id: str) -> None:
        """Copy a run anew; who still reads the copy may go on until that happens once more."""
        found, old = self._copies.pop(run_id, None), self._old.pop(run_id, None)
        if old is not None:
            discard(old)
        if found is not None:
            self._old[run_id] = found.path.parent

    def _drop(self, run_id: str) -> None:
        found = self._copies.pop(run_id, None)
        if found is not None:
            discard(found.path.parent)

    def _write_part(
        self, source: RunSource, run_id: str, part: Part, copy: Copy, check: Check
    ) -> None:
        try:
            self._write(source, run_id, part, copy, check)
        except OSError:
            raise
        except BaseException:
            self._drop(run_id)
            raise

    def _write(self, source: RunSource, run_id: str, part: Part, copy: Copy, check: Check) -> None:
        entries = wanted_of(source.entries(run_id), part)
        if part == "output" and isinstance(source, LiveSource) and is_long(copy, entries):
            copy_end(source, run_id, entries[OUTPUT], copy, check)
            return
        size = sum(entry.size for entry in entries.values())
        if size > MOST_BYTES:
            raise ArchiveError(
                f"The {part} of run {run_id[:8]} are {format_bytes(size)}: too large for a look.",
                path=source.path,
                hint="Import the run to see them.",
            )
        for entry, file in files_by_name(source, run_id, entries, check):
            try:
                _write_anew(copy.path, entry, file, check)
            except ArchiveError as e:
                name = shown(entry.name)
                what = f"{name} of run {run_id[:8]} is damaged: {str(e).rstrip('.')}."
                raise ArchiveError(what, path=source.path) from e
            copy.files[entry.name] = Copied(entry)


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


def _write_anew(top: Path, entry: ArchiveEntry, file: BinaryIO, check: Check) -> None:
    """Write a file, in place of one that may be read meanwhile."""
    target = top / entry.name
    if not target.exists():
        _write_file(top, entry, file, lambda _amount: check())
        return
    beside = top.parent / "anew"
    discard(beside)
    _write_file(beside, entry, file, lambda _amount: check())
    os.replace(beside / entry.name, target)


def _write_file(
    path: Path, entry: ArchiveEntry, file: BinaryIO, advance: Callable[[int], None]
) -> None:
    target = path / entry.name
    target.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(target, _CREATE, 0o600), "wb") as copy:
        while piece := file.read(_PIECE):
            advance(len(piece))
            copy.write(piece)
    set_time(target, entry)


def is_event_entry(entry: ArchiveEntry) -> bool:
    """Whether an entry of a run is an event file."""
    return entry.kind == "file" and is_event(entry.name)
