"""Going through a source once and writing its runs, each handed over when it is complete."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO

from core.archives.arrival import Arrival, arrival_of
from core.archives.checksums import NAME as RECORD
from core.archives.entries import ArchiveEntry
from core.archives.source import RunSource
from core.archives.staging import StagedRun
from core.errors import ArchiveError
from core.runs.erase import discard


class BrokenOff(Exception):
    """A source cannot be read, or a run not be written, any further.

    Args:
        run_id: The run that was being written; empty between runs.
        error: Why.
    """

    def __init__(self, run_id: str, error: Exception) -> None:
        super().__init__(str(error))
        self.run_id = run_id
        self.error = error


class Unpacking:
    """Writes runs of one source.

    Args:
        source: The source.
        directory: Where their directories are made.
        advance: Called with the bytes that were written; raises to stop.
    """

    def __init__(self, source: RunSource, directory: str, advance: Callable[[int], None]) -> None:
        self._source = source
        self._directory = directory
        self._advance = advance
        self._shapes: dict[str, Arrival] = {}
        self._begun: dict[str, StagedRun] = {}

    def runs(self, ids: Sequence[str]) -> Iterator[tuple[str, StagedRun]]:
        """Each run when all of its files are written; those with files missing never come.

        Raises:
            BrokenOff: It cannot go on. What was begun is removed.
        """
        run_id = ""
        try:
            for run_id, entry, file in self._source.files(ids, self._check, self._is_wanted):
                if self._write(run_id, entry, file):
                    del self._shapes[run_id]
                    yield run_id, self._begun.pop(run_id)
        except (ArchiveError, OSError) as e:
            raise BrokenOff(run_id if run_id in self._begun else "", e) from e
        finally:
            for run in self._begun.values():
                discard(run.path)

    def _check(self) -> None:
        self._advance(0)

    def _is_wanted(self, run_id: str, entry: ArchiveEntry) -> bool:
        shape = self._shapes.get(run_id)
        if shape is None:
            shape = self._shapes[run_id] = arrival_of(self._source, run_id, self._check)
        return entry.name in shape.files or (entry.name == RECORD and shape.has_record)

    def _write(self, run_id: str, entry: ArchiveEntry, file: BinaryIO) -> bool:
        """Write one file; returns whether the run is complete now."""
        shape = self._shapes[run_id]
        run = self._begun.get(run_id)
        if run is None:
            path = f"{self._directory}/{run_id}"
            run = self._begun[run_id] = StagedRun(path, shape, self._advance)
        if entry.name == RECORD:
            run.verification.take(file)
        else:
            run.write(entry, file)
        return run.is_complete and (run.verification.has_record or not shape.has_record)
