"""The scalars of runs in archives, by the rules of `core.runs.scalars`.

Why a file without a name for each event file: they are read by offset, and of several in a
directory in the order of their names, in which an archive need not have them.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, TYPE_CHECKING, BinaryIO

from msgspec import Struct

from core.archives.archive_files import files_by_name
from core.archives.entries import ArchiveEntry
from core.archives.large_run import LargeRun
from core.archives.source import RunSource, clause_of
from core.check import Check
from core.errors import ArchiveError, RunNotFound
from core.runs.files import shown
from core.runs.run import ScalarSummary
from core.runs.scalars import EVENT_FILE, by_key, fold, has_events, is_event_file

if TYPE_CHECKING:  # with the C library for checksums a tenth of a command's start
    from core.runs.tfevents import EventReader

MOST_FILES = 200
"""Event files of one run that are read: each takes a descriptor."""


class ArchivedScalars(Struct, frozen=True):
    """The scalars of one run.

    Attributes:
        run_id: The run.
        summaries: Scalar key to summary.
        problem: A clause on what could not be read; empty when all could.
    """

    run_id: str
    summaries: Mapping[str, ScalarSummary]
    problem: str = ""


def read_scalars(source: RunSource, ids: Sequence[str], check: Check) -> Iterator[ArchivedScalars]:
    """Sum up the scalars of runs, without those of their trials and steps.

    Args:
        source: Where the runs are.
        ids: The runs, best in the order of the source.
        check: Called often; raises to stop.
    """
    for run_id in ids:
        events = _EventFiles()
        problem = ""
        try:
            for entry, content in _event_files(source, run_id, check):
                problem = events.take(entry, content) or problem
            summaries = events.sum_up()
        except (ArchiveError, RunNotFound, OSError) as e:
            summaries, problem = {}, clause_of(e)
        finally:
            events.close()
        yield ArchivedScalars(run_id, summaries, problem or events.problem)


def _event_files(
    source: RunSource, run_id: str, check: Check
) -> Iterator[tuple[ArchiveEntry, BinaryIO]]:
    """Of a run with very many files in a zip the others are not asked for."""
    entries = source.entries(run_id, check) if source.kind == "zip" else ()
    if not isinstance(entries, LargeRun):
        for _, entry, file in source.files([run_id], check, is_wanted):
            yield entry, file
        return
    named = {e.name: e for e in entries.with_text(EVENT_FILE) if is_wanted(run_id, e)}
    if named:
        yield from files_by_name(source, run_id, named, check)


class _EventFiles:
    """The event files of one run, each in a file without a name."""

    def __init__(self) -> None:
        self.problem = ""
        self._files: dict[tuple[str, str], IO[bytes]] = {}

    def take(self, entry: ArchiveEntry, content: IO[bytes]) -> str:
        """Copy an event file; returns why it was not, or an empty text."""
        if len(self._files) == MOST_FILES:
            return f"only {MOST_FILES} event files were read"
        directory, _, name = entry.name.rpartition("/")
        file = self._files[directory, name] = tempfile.TemporaryFile()  # noqa: SIM115 - see close
        shutil.copyfileobj(content, file, 1 << 20)
        file.flush()
        return ""

    def sum_up(self) -> dict[str, ScalarSummary]:
        """Summaries by key."""
        from core.runs.tfevents import EventReader

        by_directory: dict[str, list[str]] = {}
        for directory, name in sorted(self._files):
            by_directory.setdefault(directory, []).append(name)
        found: dict[str, dict[str, ScalarSummary]] = {}
        for directory, names in by_directory.items():
            if not has_events(names):
                continue
            folds = found[directory] = {}
            for name in names:
                self._fold(EventReader(shown(name)), self._files[directory, name].fileno(), folds)
        return by_key(found)

    def close(self) -> None:
        """Close the files, which are gone then."""
        for file in self._files.values():
            file.close()

    def _fold(self, reader: EventReader, descriptor: int, folds: dict[str, ScalarSummary]) -> None:
        for batch in reader.batches_of(descriptor):
            for tag, points in batch.items():
                if points.steps:
                    folds[tag] = fold(folds.get(tag), points)
        self.problem = self.problem or reader.problem


def is_wanted(_run_id: str, entry: ArchiveEntry) -> bool:
    """Whether an entry is an event file of the run itself, or of one of its trials or steps."""
    directory, _, name = entry.name.rpartition("/")
    return directory != ".guild/attrs" and is_event_file(name)
