"""The series of many packed or remote runs, every step of them.

Why each run's event files are copied, read and removed again: they are read by offset, while a
look at 2,000 runs must not fill the disk. What is kept is the series, known by the names, sizes and
times of the files that they were read from, so that only what changed is fetched again.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence

from core.archives.entries import ArchiveEntry
from core.archives.run_copies import RunCopies, is_event_entry
from core.archives.source import RunSource
from core.check import Check
from core.compare.series import MOST_BYTES, RunSeries, SeriesCache, size_of
from core.scratch import Scratch

_Version = tuple[tuple[str, int, int], ...]


class ShelfSeries:
    """Reads the series of the runs of a source. Any thread may ask.

    Args:
        scratch: Where event files are copied for as long as they are read.
        most_bytes: How much is kept, about.
    """

    def __init__(self, scratch: Scratch, most_bytes: int = MOST_BYTES) -> None:
        self._scratch = scratch
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._known: OrderedDict[tuple[str, str], tuple[_Version, RunSeries | None]] = OrderedDict()
        self._bytes = 0

    def read(
        self, source: RunSource, run_id: str, keys: Sequence[str], check: Check
    ) -> dict[str, RunSeries]:
        """The series of some scalars of a run, those of linked runs left out.

        Args:
            source: Where the run is; no other thread uses it meanwhile.
            run_id: The run.
            keys: Scalar keys.
            check: Called often; raises to stop, and then nothing stays on the disk.

        Raises:
            ArchiveError: The run is unsafe or damaged, too large, gone, or the disk is full.
        """
        version = _version(source.entries(run_id))
        known = self._of(run_id, keys, version)
        if known is not None:
            return known
        copies = RunCopies(self._scratch)
        try:
            path = copies.copy(source, run_id, "events", check)
            found = SeriesCache(self._most_bytes).read(path, keys, check=check)
        finally:
            copies.clear()
        self._keep(run_id, version, {key: found.get(key) for key in keys})
        return found

    def _of(
        self, run_id: str, keys: Sequence[str], version: _Version
    ) -> dict[str, RunSeries] | None:
        """What is known, if all is, and the files are still those that were read."""
        with self._lock:
            known = {key: self._known.get((run_id, key)) for key in keys}
        found: dict[str, RunSeries] = {}
        for key, each in known.items():
            if each is None or each[0] != version:
                return None
            if each[1] is not None:
                found[key] = each[1]
        return found

    def _keep(self, run_id: str, version: _Version, found: Mapping[str, RunSeries | None]) -> None:
        with self._lock:
            for key, series in found.items():
                before = self._known.pop((run_id, key), None)
                self._bytes += size_of(series) - (size_of(before[1]) if before else 0)
                self._known[run_id, key] = version, series
            while self._bytes > self._most_bytes and len(self._known) > 1:
                _, (_, oldest) = self._known.popitem(last=False)
                self._bytes -= size_of(oldest)


def _version(entries: Collection[ArchiveEntry]) -> _Version:
    return tuple((e.name, e.size, e.mtime_ns) for e in entries if is_event_entry(e))
