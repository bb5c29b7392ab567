"""A place outside of the home whose runs are looked at for a while: an archive, another machine.

A source may be used by one thread at a time, while a window asks many things at once: the rows,
the scalars of all runs, the curve and the files of the one that is looked at. They take turns, and
whoever sweeps over all runs lets the others go first.

Why what the details need of a packed run is copied to a private directory: event files and output
are read by offset and again and again, and every reader of a run's directory does its work there as
it does in a home. Only what a question needs is copied, of the runs looked at last, and it goes
with the window. The archive itself is never extracted.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.archives.archive_index import ArchiveIndex
from core.archives.archived_run import ArchivedRun
from core.archives.archived_side import ArchivedSide
from core.archives.large_run import file_bytes
from core.archives.linked_key import linked_key
from core.archives.run_copies import RunCopies, copy_events
from core.archives.shelf_series import ShelfSeries
from core.archives.source import RunSource, open_source
from core.check import Check, go_on
from core.clock import now_us
from core.compare.diff_side import DiffSide, RunSide
from core.compare.series import RunSeries
from core.errors import ArchiveError, RunDamaged, RunNotFound
from core.index.changes import Changes
from core.index.columns import RunColumns
from core.index.row import decode_links
from core.runs.contents import DirectoryContents, RunContents
from core.scratch import Scratch

OpenSource = Callable[[Check], RunSource]

_RUNS_AT_ONCE = 10
"""Runs whose event files are read before others get their turn."""
_LOOK_SECONDS = 0.05
_REST_SECONDS = 0.002


class Shelf:
    """The runs of one source, for a window. Any thread may ask.

    Args:
        title: How it is called on screen.
        open_: Opens the source, which may take long; called again by each `read`.
        scratch: Keeps copies of what is looked at.
        file: The file or directory that it is; None where it is none on this disk.
        remote: The name of the remote that it is; empty for none.
        clock: Now, in microseconds since 1970-01-01 UTC.

    Attributes:
        title: As above.
        file: As above.
        remote: As above.
        can_change: Whether labels, tags and comments of its runs can be written where they are.
        keeps_copies: Whether what was copied of a run is compared with it, and not copied anew,
            when the source was opened again.
        most_swept: Of so many runs, the newest, scalars and sizes are read for the table; None
            for all.
        columns: What is known of the runs.
    """

    def __init__(
        self,
        title: str,
        open_: OpenSource,
        scratch: Scratch,
        *,
        file: Path | None = None,
        remote: str = "",
        clock: Callable[[], int] = now_us,
    ) -> None:
        self.title = title
        self.file = file
        self.remote = remote
        self.can_change = False
        self.keeps_copies = False
        self.most_swept: int | None = None
        self.columns = RunColumns(self._read_attr, clock)
        self._open = open_
        self._turns = _Turns()
        self._scratch = scratch
        self._copies = RunCopies(scratch)
        self._series = ShelfSeries(scratch)
        self._source: RunSource | None = None
        self._index: ArchiveIndex | None = None

    @property
    def is_on_disk(self) -> bool:
        """Whether its runs are directories here; not before it was read."""
        return self._source is not None and self._source.kind in ("directory", "home")

    @property
    def problem(self) -> str:
        """Sentences on what was not understood of the whole; empty when all was."""
        return self._index.problem if self._index is not None else ""

    def read(self, check: Check) -> Iterator[Changes]:
        """Open the source, or open it again, and read all runs; scalars come by `sweep`.

        Runs that were known and are not there any more are removed at the end.

        Raises:
            core.errors.Error: It cannot be opened. What is known of its runs stays.
        """
        source = self._open(check)
        with self._turns.take(check):
            self._close_source(keeps_copies=self.keeps_copies)
            self._source = source
            self._index = self.index_of(source)
        steps = self._index.refresh(check, scalars=False)
        while True:
            with self._turns.take(check):
                changes = next(steps, None)
            if changes is None:
                break
            yield changes
        yield from self._removals(source.ids())

    def index_of(self, source: RunSource) -> ArchiveIndex:
        """The index of what was opened."""
        return ArchiveIndex(source, columns=self.columns)

    def sweep(self, check: Check) -> Iterator[Changes]:
        """Read the scalars and sizes of the runs; whoever asks meanwhile goes first."""
        index, source = self._index, self._source
        if index is None or source is None:
            return
        ids = source.ids() if self.most_swept is None else self._newest(self.most_swept)
        for start in range(0, len(ids), _RUNS_AT_ONCE):
            self._turns.let_pass(check)
            some = ids[start : start + _RUNS_AT_ONCE]
            with self._turns.take(check):
                if self._source is not source:
                    return
                changed = {s for each in index.read_scalars(some, check) for s in each.changed}
                changed.update(self._note_sizes(source, some))
            yield Changes(changed=tuple(changed), checked=start + len(some), total=len(ids))

    def run_dir(self, run_id: str) -> Path:
        """What stands for a run's directory: a real one, or the archive's path and the run's place.

        Asks no disk. A run that is not there any more is named below the title.
        """
        source = self._source
        try:
            return source.run_dir(run_id) if source is not None else Path(self.title, run_id)
        except RunNotFound:
            return Path(self.title, run_id)

    def contents(self, run_id: str) -> RunContents:
        """Looks into one of the runs."""
        if self.is_on_disk:
            return DirectoryContents(self.run_dir(run_id))
        return ArchivedRun(run_id, self.using, self._copies)

    def series(self, run_id: str, keys: Sequence[str], check: Check) -> Mapping[str, RunSeries]:
        """Every step of some scalars of a run; whoever looks at something else goes first.

        A batch or pipeline has those of its trials and steps too, as far as these are there.

        Raises:
            core.errors.Error: The run cannot be read.
        """
        self._turns.let_pass(check)
        links = self._links_of(run_id)
        linked = {key: there for key in keys if (there := linked_key(key, links)) is not None}
        own = [key for key in keys if key not in linked]
        with self.using(check) as source:
            read = self._series.read
            series = dict(read(source, run_id, own, check)) if own else {}
            known = set(source.ids()) if linked else set()
            for key, (other, name) in linked.items():
                found = read(source, other, [name], check) if other in known else {}
                if name in found:
                    series[key] = found[name]
            return series

    def side(self, run_id: str, check: Check) -> DiffSide:
        """One of the runs as it is compared file by file.

        Args:
            run_id: The run.
            check: Called often while files are copied; raises to stop.
        """
        if self.is_on_disk:
            return RunSide(self.run_dir(run_id))
        return ArchivedSide(run_id, self.using, self._copies, self._scratch, check)

    def copy_events(self, targets: Mapping[str, Path], check: Check) -> None:
        """Copy the event files of runs, each run's into the directory given for its id.

        Raises:
            core.errors.Error: A run cannot be read, or all are too large.
        """
        with self.using(check) as source:
            copy_events(source, targets, check)

    @contextmanager
    def using(self, check: Check) -> Iterator[RunSource]:
        """The source, for this thread alone as long as the block goes on.

        Raises:
            ArchiveError: It is not open.
        """
        with self._turns.take(check):
            if self._source is None:
                raise ArchiveError(f"{self.title} is not open.")
            yield self._source

    def close(self) -> None:
        """Close the source and remove the copies, when whoever uses them is done."""
        with self._turns.take(go_on):
            self._close_source()

    def _links_of(self, run_id: str) -> tuple[tuple[str, str], ...]:
        slot = self.columns.slot_of(run_id)
        text = self.columns.stored("links")[slot] if slot is not None else None
        return decode_links(text) if text else ()

    def _newest(self, most: int) -> list[str]:
        ids = self.columns.stored("id")
        return [ids[slot] for slot in self.columns.newest_first()[:most]]

    def _close_source(self, *, keeps_copies: bool = False) -> None:
        if self._source is not None:
            self._source.close()
        self._source = self._index = None
        if keeps_copies:
            self._copies.doubt()
        else:
            self._copies.clear()

    def _note_sizes(self, source: RunSource, ids: Sequence[str]) -> Iterator[int]:
        """Note what the files of runs hold together; the slots of those where that is news."""
        for run_id in ids:
            slot = self.columns.slot_of(run_id)
            if slot is None:
                continue
            try:
                size = file_bytes(source.entries(run_id))
            except (ArchiveError, RunNotFound):
                continue  # its row says what is wrong with it
            if self.columns.sizes.put(slot, size):
                yield slot

    def _removals(self, ids: Sequence[str]) -> Iterator[Changes]:
        known, stored = set(ids), self.columns.stored("id")
        gone = tuple(slot for slot in self.columns.slots() if stored[slot] not in known)
        for slot in gone:
            self.columns.remove(slot)
        if gone:
            yield Changes(removed=gone, checked=len(ids), total=len(ids))

    def _read_attr(self, run_id: str, deleted: bool, name: str) -> Any:  # noqa: FBT001 - callback
        try:
            with self.using(go_on) as source:
                return source.attr(run_id, name)
        except (RunDamaged, RunNotFound, ArchiveError):
            return None


def archive_shelf(path: Path, scratch: Scratch) -> Shelf:
    """The shelf of an archive or of a directory with runs; nothing is opened yet."""
    title = path.name or str(path)
    return Shelf(
        title, lambda check: open_source(path, check=check, with_index=True), scratch, file=path
    )


class _Turns:
    """Lets one thread in at a time, and those that wait before one that has a lot to do."""

    def __init__(self) -> None:
        self._busy = threading.RLock()
        self._counting = threading.Lock()
        self._waiting = 0

    @contextmanager
    def take(self, check: Check) -> Iterator[None]:
        """Wait for the turn, asking `check` meanwhile."""
        self._count(1)
        try:
            while not self._busy.acquire(timeout=_LOOK_SECONDS):
                check()
        finally:
            self._count(-1)
        try:
            yield
        finally:
            self._busy.release()

    def let_pass(self, check: Check) -> None:
        """Wait until nobody else waits."""
        while self._waiting:
            check()
            time.sleep(_REST_SECONDS)

    def _count(self, by: int) -> None:
        with self._counting:
            self._waiting += by
