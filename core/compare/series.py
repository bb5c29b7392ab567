"""Every step of the scalars of many runs: event files are read once, and kept while they fit.

A file is known by its inode, size and time of change. One that grew is read on from where the
last whole record ended; one that became shorter, or another file, is read anew. What was least
asked for goes first when more than `most_bytes` are kept. Of a file larger than `SMALL_FILE` only
the scalars that were asked for are kept; for another one it is read again.

Why points are thinned out by pairs and not by leaving out: of a curve of more than `most_points`
points each stretch keeps its least and greatest value in their order, so that no spike is lost
from sight; the command `scalars`, which prints every step, reads files by itself.

Why a range for steps: nearly all series count evenly, and a range takes no memory and no time.
Why times are left out where the writer left them out: Guild 0.9 writes none.
"""

from __future__ import annotations

import os
import threading
from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import compress, count, islice
from math import isnan
from operator import lt
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from core.runs.files import shown
from core.runs.guild_files import reason
from core.runs.run import OWN
from core.runs.scalars import EventDirectory, find_event_directories

if TYPE_CHECKING:
    from core.runs.tfevents import Points

MOST_BYTES = 128 * 1024 * 1024
MOST_POINTS = 200_000
SMALL_FILE = 16 * 1024 * 1024  # of these all scalars are kept, whatever was asked for
_POINT_BYTES = 24

_FIRST_TOLD_BYTES, _TOLD_BYTES = 1024 * 1024, 16 * 1024 * 1024
_VERSIONS = count()

Number = TypeVar("Number", int, float)
Nothing = Callable[[], None]
_Wanted = list[tuple[EventDirectory, frozenset[str]]]


class RunSeries(Struct, frozen=True):
    """The points of one scalar of one run, in the order they were written.

    Attributes:
        steps: Step of each point; a range where they count evenly.
        values: Float32 read as float64; may hold nan and infinities.
        wall_times: Seconds since 1970-01-01 UTC; zeros where not written, as by Guild 0.9.
        starts: Where each attempt begins: another event file, or a step lower than before.
        thinned: How many points were written for each that was kept; 1 means all are here.
        problem: One sentence on what could not be read; empty when all could.
        is_whole: Whether the files were read to their ends; False while that goes on.
    """

    steps: Sequence[int]
    values: array[float]
    wall_times: Sequence[float]
    starts: tuple[int, ...] = ()
    thinned: int = 1
    problem: str = ""
    is_whole: bool = True


class _Collected(Struct):
    """The points of one tag of one file so far, in bounded memory."""

    most: int
    steps: array[int] = field(default_factory=lambda: array("q"))
    values: array[float] = field(default_factory=lambda: array("d"))
    times: array[float] = field(default_factory=lambda: array("d"))
    block: int = 1  # points that were written for each kept pair; 1: all are kept
    waiting: int = 0  # points at the end that are not thinned out yet

    def extend(self, points: Points) -> None:
        if self.times or any(points.wall_times):
            self.times.extend(_zeros(len(self.values) - len(self.times)))
            self.times.extend(points.wall_times)
        self.steps.extend(points.steps)
        self.values.extend(points.values)
        self.waiting += len(points.values)
        if self.block > 1:
            self._thin_waiting()
        while len(self.values) > self.most:
            self.waiting = len(self.values)
            self.block = max(2, self.block) * 2
            self._thin_waiting(4)

    def _thin_waiting(self, block: int | None = None) -> None:
        """Keep the least and the greatest of each whole block of the points that wait."""
        block = block or self.block
        first = len(self.values) - self.waiting
        blocks = self.waiting // block
        if not blocks:
            return
        kept: list[int] = []
        values = self.values
        for start in range(first, first + blocks * block, block):
            a, b = _extremes(values[start : start + block])
            kept += (start + a, start + b)
        rest = first + blocks * block
        self.waiting -= blocks * block
        self.steps = _replaced(self.steps, first, kept, rest)
        self.values = _replaced(self.values, first, kept, rest)
        if self.times:
            self.times = _replaced(self.times, first, kept, rest)

    @property
    def size(self) -> int:
        return _POINT_BYTES * len(self.values)


class _File(Struct):
    """What was read of one event file."""

    inode: int
    offset: int = 0
    size: int = 0
    changed: int = 0
    problem: str = ""
    tags: frozenset[str] | None = None  # what is kept of it; None for all
    points: dict[str, _Collected] = field(default_factory=dict)
    version: int = field(default_factory=lambda: next(_VERSIONS))

    @property
    def bytes(self) -> int:
        return 200 + sum(points.size for points in self.points.values())


class SeriesCache:
    """Reads the series of runs and keeps them while they fit into its memory.

    May be used from several threads; one file is read by one of them at a time.

    Args:
        most_bytes: How much is kept.
        most_points: Points of one scalar and file before they are thinned out.
    """

    def __init__(self, most_bytes: int = MOST_BYTES, most_points: int = MOST_POINTS) -> None:
        self._most_bytes = most_bytes
        self._most_points = most_points
        self._files: OrderedDict[Path, _File] = OrderedDict()
        self._made: OrderedDict[tuple[str, str], tuple[object, RunSeries]] = OrderedDict()
        self._bytes = self._made_bytes = 0
        self._lock = threading.RLock()
        self.bytes_read = 0

    @property
    def bytes(self) -> int:
        """How much is kept, about."""
        return self._bytes

    def read(
        self,
        run_dir: str | Path,
        keys: Sequence[str],
        *,
        check: Nothing = lambda: None,
        on_part: Callable[[Mapping[str, RunSeries]], None] | None = None,
    ) -> dict[str, RunSeries]:
        """The series of some scalars of a run, as its files are now.

        Args:
            run_dir: The run.
            keys: Scalar keys, as in `core.runs.scalars.ScalarReading.summaries`.
            check: Called often; raises to stop (core.errors.Cancelled). What was read stays
                known, and a later call goes on from there.
            on_part: Hears of a long reading what there is so far, first after a megabyte.

        Returns:
            Series by key, the very same objects as before where no file changed; keys that no
            event file has are left out.
        """
        with self._lock:
            directories, problem = find_event_directories(
                run_dir, linked=any("#" in key for key in keys)
            )
            wanted = _wanted(directories, keys)
            for directory, tags in wanted:
                tell = None
                if on_part is not None:
                    tell = self._teller(on_part, run_dir, wanted, problem)
                for name in directory.names:
                    self._read_file(directory.path / name, tags, check, tell)
            found = self._series(run_dir, wanted, problem, is_whole=True)
            self._forget_what_is_too_much()
            return found

    def _teller(
        self,
        on_part: Callable[[Mapping[str, RunSeries]], None],
        run_dir: str | Path,
        wanted: _Wanted,
        problem: str,
    ) -> Nothing:
        def tell() -> None:
            on_part(self._series(run_dir, wanted, problem, is_whole=False))

        return tell

    def _read_file(
        self, path: Path, tags: frozenset[str], check: Nothing, tell: Nothing | None
    ) -> None:
        """Read what is not known of a file."""
        known = self._files.pop(path, None)
        self._bytes -= known.bytes if known is not None else 0
        try:
            found = path.stat()
            file = _going_on(known, found, tags)
            if file is not None and not _is_same(file, found):
                self._files[path] = file  # what a cancelled reading took stays known
                self._take(path, file, check, tell)
                if file.problem:  # a new file may have taken the name and inode of that one
                    file = None
            if file is None:
                keeps_all = found.st_size <= SMALL_FILE
                before = known.tags if known is not None and known.tags else frozenset()
                file = _File(found.st_ino, tags=None if keeps_all else tags | before)
                self._files[path] = file
                self._take(path, file, check, tell)
            file.size, file.changed = found.st_size, found.st_mtime_ns
            self._files[path] = file
        except OSError as e:
            self._files[path] = _File(0, problem=_cannot_read(path, e))
        finally:
            self._bytes += self._files[path].bytes

    def _take(self, path: Path, file: _File, check: Nothing, tell: Nothing | None) -> None:
        from core.runs.tfevents import EventReader

        reader = EventReader(str(path), file.offset, timed=True)
        next_told = file.offset + _FIRST_TOLD_BYTES
        for batch in reader.batches():
            for tag, points in batch.items():
                if points.values and (file.tags is None or tag in file.tags):
                    self._collected(file, tag).extend(points)
            self.bytes_read += reader.offset - file.offset
            file.offset, file.problem = reader.offset, reader.problem
            file.version = next(_VERSIONS)
            check()
            if tell is not None and reader.offset >= next_told:
                next_told = reader.offset + _TOLD_BYTES
                tell()
        file.problem = reader.problem

    def _collected(self, file: _File, tag: str) -> _Collected:
        points = file.points.get(tag)
        if points is None:
            points = file.points[tag] = _Collected(self._most_points)
        return points

    def _series(
        self, run_dir: str | Path, wanted: _Wanted, problem: str, *, is_whole: bool
    ) -> dict[str, RunSeries]:
        found: dict[str, RunSeries] = {}
        for directory, tags in wanted:
            paths = [directory.path / name for name in directory.names]
            files = [self._files[path] for path in paths if path in self._files]
            for tag in tags:
                key = directory.prefix + tag
                if key in found or not any(tag in file.points for file in files):
                    continue
                state = [file.version for file in files], problem, is_whole
                known = self._made.pop((str(run_dir), key), None)
                self._made_bytes -= size_of(known[1]) if known is not None else 0
                if known is None or known[0] != state:
                    known = state, _joined(files, tag, problem, is_whole=is_whole)
                self._made[str(run_dir), key] = known
                self._made_bytes += size_of(known[1])
                found[key] = known[1]
        return found

    def _forget_what_is_too_much(self) -> None:
        while self._bytes > self._most_bytes and len(self._files) > 1:
            _, file = self._files.popitem(last=False)
            self._bytes -= file.bytes
        while self._made_bytes > self._most_bytes and len(self._made) > 1:
            _, (_, series) = self._made.popitem(last=False)
            self._made_bytes -= size_of(series)


def size_of(series: RunSeries | None) -> int:
    """Bytes that it takes, about."""
    return 200 + (_POINT_BYTES * len(series.values) if series is not None else 0)


def _wanted(directories: Iterable[EventDirectory], keys: Sequence[str]) -> _Wanted:
    """The directories that may hold a key, with the tags that are looked for there."""
    found = []
    for directory in directories:
        size = len(directory.prefix)
        tags = frozenset(key[size:] for key in keys if key.startswith(directory.prefix))
        if tags:
            found.append((directory, tags))
        own = frozenset(key.removeprefix(OWN) for key in keys if key.startswith(OWN))
        if own and directory.path.name == ".guild" and not directory.prefix:
            found.append((replace(directory, prefix=OWN), own))
    return found


def _is_same(known: _File, found: os.stat_result) -> bool:
    """Whether nothing was written since a file was read to its end."""
    return found.st_size == known.size and found.st_mtime_ns == known.changed


def _going_on(known: _File | None, found: os.stat_result, tags: frozenset[str]) -> _File | None:
    """What is known, if reading can go on from there and it has what is asked for."""
    if known is None or known.inode != found.st_ino:
        return None
    if known.tags is not None and not tags <= known.tags:
        return None
    if _is_same(known, found):
        return known
    is_shorter = found.st_size < max(known.size, known.offset)
    was_rewritten = found.st_size == known.size
    return None if is_shorter or was_rewritten or known.problem else known


def _joined(files: Sequence[_File], tag: str, problem: str, *, is_whole: bool) -> RunSeries:
    """The points of a tag in all files of a directory."""
    parts = [file.points[tag] for file in files if tag in file.points]
    steps, values = array("q"), array("d")
    starts: set[int] = set()
    has_times = any(part.times for part in parts)
    times = array("d")
    for part in parts:
        starts.add(len(values))
        steps.extend(part.steps)
        values.extend(part.values)
        if has_times:
            times.extend(part.times or _zeros(len(part.values)))
    starts.update(_falls(steps))
    problem = next((file.problem for file in files if file.problem), problem)
    return RunSeries(
        steps=_even(steps),
        values=values,
        wall_times=times if has_times else _zeros(len(values)),
        starts=tuple(sorted(start for start in starts if start < len(values))),
        thinned=max((part.block for part in parts), default=1) // 2 or 1,
        problem=problem,
        is_whole=is_whole,
    )


def _zeros(number: int) -> array[float]:
    return array("d", bytes(8 * number))


def _extremes(values: Sequence[float]) -> tuple[int, int]:
    """Positions of the least and the greatest value, in their order; nan only where all are."""
    least, most = min(values), max(values)
    if isnan(sum(values)):
        numbers = [value for value in values if not isnan(value)]
        if not numbers:
            return 0, len(values) - 1
        least, most = min(numbers), max(numbers)
    a, b = list(values).index(least), list(values).index(most)
    return min(a, b), max(a, b)


def _even(steps: array[int]) -> Sequence[int]:
    """The steps as a range where they count evenly."""
    if len(steps) < 2:
        return steps
    stride = steps[1] - steps[0]
    if stride <= 0 or steps[-1] - steps[0] != stride * (len(steps) - 1):
        return steps
    even = range(steps[0], steps[-1] + 1, stride)
    return even if array("q", even) == steps else steps


def _falls(steps: Sequence[int]) -> Iterator[int]:
    """Where a step is lower than the one before, found at the speed of C."""
    falls = map(lt, islice(steps, 1, None), steps)
    return compress(range(1, len(steps)), falls)


def _replaced(numbers: array[Number], first: int, kept: Sequence[int], rest: int) -> array[Number]:
    """The numbers, of which those from `first` to `rest` are replaced by the kept ones."""
    chosen = array(numbers.typecode, map(numbers.__getitem__, kept))
    return numbers[:first] + chosen + numbers[rest:]


def _cannot_read(path: Path, error: OSError) -> str:
    return f"Cannot read {shown(path.name)}: {reason(error)}"
