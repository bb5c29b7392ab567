"""The scalars of a run: found in its event files, summed up by Guild's rules, read as curves.

Event files may lie in any directory of a run. A scalar's key is `<directory>#<tag>`, or only the
tag where the directory is the run itself or `.guild`. Of a tag in both the run's own has the plain
key, as in Guild, and the other one is `.guild#<tag>`. A link to another run is followed, one level
deep: a batch shows its trials' scalars too. Links that lead out of the store are not followed, as
nowhere in a run (see `files`); Guild follows those to files and to runs of other stores.

Why the state is kept a directory and not a file: of equal steps the later file wins, and sums
of floats depend on their order, so files are folded one after another in name order, as Guild
does. When a file other than the newest changes, its directory is read again from the start.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from functools import reduce
from itertools import chain
from operator import add
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct, field

from core.runs.files import is_within, shown, sibling_run
from core.runs.guild_files import reason
from core.runs.held_directory import is_directory
from core.runs.run import OWN, ScalarSummary

if TYPE_CHECKING:  # with the C library for checksums a tenth of a command's start
    from core.runs.tfevents import EventReader, Points

MOST_ENTRIES = 200_000  # of a run's directories looked at for event files
MOST_POINTS = 1_000_000  # of a curve before it is thinned out
EVENT_FILE = "tfevents"
"""Is in the name of every event file."""

_NO_EVENTS = ".profile-empty"

Plain = list[list[object]]


class FilePosition(Struct, frozen=True):
    """How far an event file was read.

    Attributes:
        name: Name in its directory.
        inode: Tells a new file of the same name from a grown one.
        offset: End of the last whole record that was read.
        size: Size of the file at that time.
        problem: Why reading ended early; empty when it did not.
    """

    name: str
    inode: int
    offset: int
    size: int
    problem: str = ""


class DirectoryState(Struct, frozen=True):
    """What the event files of one directory said so far.

    Attributes:
        files: In name order.
        folds: Summary by tag.
    """

    files: tuple[FilePosition, ...] = ()
    folds: Mapping[str, ScalarSummary] = field(default_factory=dict)


class ScalarState(Struct, frozen=True):
    """What lets a later reading of the same run go on where this one ended.

    Attributes:
        directories: State by directory, relative to the run ("" is the run itself).
    """

    directories: Mapping[str, DirectoryState] = field(default_factory=dict)


class ScalarReading(Struct, frozen=True):
    """The scalars of a run at one moment.

    Attributes:
        summaries: Scalar key to summary.
        state: To be given to the next reading.
        problem: One sentence on what could not be read; empty when all could.
    """

    summaries: dict[str, ScalarSummary]
    state: ScalarState
    problem: str = ""

    @property
    def cut(self) -> str:
        """A clause on a file that ends within a value; empty where none does.

        While a run is going on such a value is being written; later it is one that was lost.
        """
        files = (file for each in self.state.directories.values() for file in each.files)
        for file in files:
            if file.offset < file.size and not file.problem:
                return f"{shown(file.name)} ends in the middle of a value at byte {file.offset}"
        return ""


class Series(Struct, frozen=True):
    """All points of one scalar, in the order they were written.

    Attributes:
        steps: Step of each point.
        values: Float32 read as float64; may hold nan and infinities.
        wall_times: Seconds since 1970-01-01 UTC; 0.0 where not written, as by Guild 0.9.
        starts: Where each segment begins: a new event file (the run was restarted) or a
            step lower than the one before.
        stride: Only every `stride`-th point was kept, to bound memory; 1 means all.
        problem: One sentence on what could not be read; empty when all could.
    """

    steps: array[int]
    values: array[float]
    wall_times: array[float]
    starts: tuple[int, ...] = ()
    stride: int = 1
    problem: str = ""


class EventsTooLarge(Exception):
    """The event files of a run are larger than whoever asked wants to wait for."""


def read_summaries(
    run_dir: str | Path,
    state: ScalarState | None = None,
    *,
    linked: bool = True,
    most: int | None = None,
    check: Callable[[], None] = lambda: None,
) -> ScalarReading:
    """Sum up every scalar of a run.

    Args:
        run_dir: The run.
        state: State of an earlier reading of the same run: only what was written since then
            is read, and nothing at all where no file changed.
        linked: Whether the scalars of linked runs (trials, steps) are wanted too. Guild shows
            them; a list of many runs does better without, since the trials are listed anyway.
        most: Bytes of event files beyond which none is read; None for any size.
        check: Called often; raises to stop (core.errors.Cancelled).

    Raises:
        EventsTooLarge: There are more than `most` bytes.

    Never raises for a damaged file: what was read before the damage counts, and `problem` says
    which file it was.
    """
    known = state.directories if state is not None else {}
    tree = _EventTree(os.fspath(run_dir), linked=linked)
    directories: dict[str, DirectoryState] = {}
    problem = ""
    found_in = sorted(tree.find())
    if most is not None and _size_of(tree.root, found_in) > most:
        raise EventsTooLarge
    for directory, names in found_in:
        read = _DirectoryReader(os.path.join(tree.root, directory), check)
        directories[directory] = read.fold(names, known.get(directory))
        problem = problem or read.problem
    summaries = by_key({directory: state.folds for directory, state in directories.items()})
    return ScalarReading(summaries, ScalarState(directories), problem or tree.problem)


def _size_of(root: str, directories: Iterable[tuple[str, list[str]]]) -> int:
    """Bytes of event files, as far as they can be asked."""
    size = 0
    for directory, names in directories:
        for name in names:
            with suppress(OSError):
                size += os.stat(os.path.join(root, directory, name)).st_size
    return size


class EventDirectory(Struct, frozen=True):
    """A directory of a run that holds event files.

    Attributes:
        prefix: What stands before the tag in the keys of its scalars.
        path: Where it is.
        names: Its event files, in the order they are read.
    """

    prefix: str
    path: Path
    names: tuple[str, ...]


def find_event_directories(
    run_dir: str | Path, *, linked: bool
) -> tuple[list[EventDirectory], str]:
    """Where a run's scalars are; of equal keys the first directory wins.

    Args:
        run_dir: The run.
        linked: Whether linked runs (trials, steps) are searched too.

    Returns:
        The directories, and one sentence on what could not be searched (empty when all could).
    """
    tree = _EventTree(os.fspath(run_dir), linked=linked)
    found = [
        EventDirectory(key_prefix(directory), Path(tree.root, directory), tuple(names))
        for directory, names in sorted(tree.find(), key=_precedence, reverse=True)
    ]
    return found, tree.problem


def read_series(
    run_dir: str | Path,
    key: str,
    *,
    check: Callable[[], None] = lambda: None,
    most: int = MOST_POINTS,
) -> Series:
    """Read all points of one scalar.

    Args:
        run_dir: The run.
        key: Scalar key, as in `ScalarReading.summaries`.
        check: Called often; raises to stop (core.errors.Cancelled).
        most: More points than this are thinned out evenly.

    Returns:
        The points; none when no event file has the key.
    """
    from core.runs.tfevents import EventReader

    tree = _EventTree(os.fspath(run_dir), linked="#" in key)
    curve = _Curve(most)
    problem = ""
    for directory, names in _directories_of(tree, key):
        tag = key.removeprefix(OWN if directory == ".guild" else key_prefix(directory))
        has_tag = False
        for name in names:
            reader = EventReader(os.path.join(tree.root, directory, name), timed=True)
            try:
                has_tag |= _read_curve(reader, tag, curve, check)
            except OSError as e:
                problem = problem or _cannot_read(name, e)
            problem = problem or reader.problem
        if has_tag:
            break
    return curve.series(problem or tree.problem)


def _directories_of(tree: _EventTree, key: str) -> list[tuple[str, list[str]]]:
    """Directories that may hold the key, the one that wins first."""
    found = [(d, names) for d, names in tree.find() if key.startswith(key_prefix(d))]
    if key.startswith(OWN):
        found = [(d, names) for d, names in found if d == ".guild"]
    return sorted(found, key=_precedence, reverse=True)


def _precedence(found: tuple[str, list[str]]) -> tuple[bool, str]:
    """The run itself comes last, and first where the order is turned round."""
    return not found[0], found[0]


def _read_curve(reader: EventReader, tag: str, curve: _Curve, check: Callable[[], None]) -> bool:
    curve.begin_file()
    has_tag = False
    for batch in reader.batches():
        check()
        points = batch.get(tag)
        if points is not None:
            has_tag = True
            curve.extend(points)
    return has_tag


class _Curve:
    """Collects the points of a series in bounded memory."""

    def __init__(self, most: int) -> None:
        self._most = max(2, most)
        self._stride = 1
        self._count = 0
        self._steps = array("q")
        self._values = array("d")
        self._wall_times = array("d")
        self._file_starts: list[int] = []  # in points before thinning

    def begin_file(self) -> None:
        self._file_starts.append(self._count)

    def extend(self, points: Points) -> None:
        first = -self._count % self._stride
        self._steps.extend(points.steps[first :: self._stride])
        self._values.extend(points.values[first :: self._stride])
        self._wall_times.extend(points.wall_times[first :: self._stride])
        self._count += len(points.steps)
        while len(self._steps) > self._most:
            self._steps = self._steps[::2]
            self._values = self._values[::2]
            self._wall_times = self._wall_times[::2]
            self._stride *= 2

    def series(self, problem: str) -> Series:
        return Series(
            self._steps, self._values, self._wall_times, self._starts(), self._stride, problem
        )

    def _starts(self) -> tuple[int, ...]:
        steps = self._steps
        starts = {-(-start // self._stride) for start in self._file_starts}
        starts.update(i for i in range(1, len(steps)) if steps[i] < steps[i - 1])
        return tuple(sorted(start for start in starts if start < len(steps)))


class _EventTree:
    """Finds the directories of a run that hold event files."""

    def __init__(self, root: str, *, linked: bool) -> None:
        self.root = root
        self.problem = ""
        self._linked = linked
        self._entries_left = MOST_ENTRIES
        self._waiting: list[tuple[str, bool]] = []

    def find(self) -> Iterator[tuple[str, list[str]]]:
        """Directory relative to the run and its event files in name order, outer ones first."""
        self._waiting = [("", self._linked)]
        for directory, linked in self._waiting:  # grows while it is walked
            try:
                with os.scandir(os.path.join(self.root, directory)) as entries:
                    names = self._event_files(directory, entries, linked=linked)
            except FileNotFoundError:
                continue
            except OSError as e:
                self.problem = self.problem or _cannot_read(directory or "the run", e)
                continue
            if has_events(names):
                yield directory, sorted(names)
            if self._entries_left < 0:
                self.problem = f"Only {MOST_ENTRIES:,} files were searched for scalars"
                return

    def _event_files(
        self, directory: str, entries: Iterator[os.DirEntry[str]], *, linked: bool
    ) -> list[str]:
        names = []
        base = directory + "/" if directory else ""
        for entry in entries:
            self._entries_left -= 1
            name = entry.name
            if self._entries_left < 0:
                break
            if is_directory(entry):
                self._push(base + name, linked=linked)
            elif EVENT_FILE in name:
                if is_event_file(name) and entry.is_file() and self._may_read(entry):
                    names.append(name)
            elif linked and entry.is_symlink() and _is_run(entry.path) and self._is_inside(entry):
                self._waiting.append((base + name, False))
        return names

    def _may_read(self, entry: os.DirEntry[str]) -> bool:
        """Whether an event file is in this run or one beside it; a link to elsewhere is told."""
        if not entry.is_symlink() or self._is_inside(entry):
            return True
        self.problem = self.problem or f"{shown(entry.name)} is a link that leads out of the run"
        return False

    def _is_inside(self, entry: os.DirEntry[str]) -> bool:
        real = os.path.realpath(entry.path)
        is_own = is_within(real, os.path.realpath(self.root))
        return is_own or bool(sibling_run(self.root, real))

    def _push(self, directory: str, *, linked: bool) -> None:
        if directory == ".guild":  # before anything that might use up what may be searched
            self._waiting.insert(1, (directory, linked))
        elif directory != ".guild/attrs":
            self._waiting.append((directory, linked))


class _DirectoryReader:
    """Folds the event files of one directory."""

    def __init__(self, path: str, check: Callable[[], None]) -> None:
        self.problem = ""
        self._path = path
        self._check = check

    def fold(self, names: list[str], known: DirectoryState | None) -> DirectoryState:
        """Read what `known` does not cover."""
        if known is None or not self._goes_on(names, known):
            return self._read(names, {}, {})
        done = {file.name: file for file in known.files}
        went_on = self._read(names, done, dict(known.folds))
        if self.problem and not any(file.problem for file in known.files):
            # A new file may have taken the name and inode of the one we knew: look again.
            self.problem = ""
            return self._read(names, {}, {})
        return went_on

    def _goes_on(self, names: list[str], known: DirectoryState) -> bool:
        """Whether only the newest known file grew, and new files come after it."""
        if [file.name for file in known.files] != names[: len(known.files)]:
            return False
        for file in known.files:
            try:
                found = os.stat(os.path.join(self._path, file.name))
            except OSError:
                return False
            if found.st_ino != file.inode or found.st_size < file.size:
                return False
            if found.st_size != file.size and file is not known.files[-1]:
                return False
        return True

    def _read(
        self, names: list[str], done: Mapping[str, FilePosition], folds: dict[str, ScalarSummary]
    ) -> DirectoryState:
        files = []
        for name in names:
            try:
                files.append(self._read_file(name, done.get(name), folds))
            except OSError as e:
                self.problem = self.problem or _cannot_read(name, e)
        return DirectoryState(tuple(files), folds)

    def _read_file(
        self, name: str, done: FilePosition | None, folds: dict[str, ScalarSummary]
    ) -> FilePosition:
        from core.runs.tfevents import EventReader

        path = os.path.join(self._path, name)
        if done is not None and os.stat(path).st_size == done.size:
            self.problem = self.problem or done.problem
            return done
        reader = EventReader(path, done.offset if done is not None else 0)
        for batch in reader.batches():
            self._check()
            for tag, points in batch.items():
                if points.steps:
                    folds[tag] = fold(folds.get(tag), points)
        self.problem = self.problem or reader.problem
        return FilePosition(name, reader.inode, reader.offset, reader.size, reader.problem)


def fold(before: ScalarSummary | None, points: Points) -> ScalarSummary:
    """Add points to a summary, as if all had been folded one by one.

    Guild compares with `<` and `>` only, so a first value that is nan stays the smallest and
    the largest; `min` and `max` do the same.

    Args:
        before: Summary of earlier points; None when there are none.
        points: Later points, at least one.
    """
    steps, values = points.steps, points.values
    low, high = min(steps), max(steps)
    least = min(values) if before is None else min(chain((before.min,), values))
    most = max(values) if before is None else max(chain((before.max,), values))
    first, last = steps.index(low), _last_index(steps, high)
    is_first = before is None or low < before.first_step
    is_last = before is None or high >= before.last_step
    is_least = before is None or least < before.min
    is_most = before is None or most > before.max
    return ScalarSummary(
        last=values[last] if before is None or is_last else before.last,
        last_step=high if before is None or is_last else before.last_step,
        first=values[first] if before is None or is_first else before.first,
        first_step=low if before is None or is_first else before.first_step,
        min=least,
        min_step=steps[values.index(least)] if before is None or is_least else before.min_step,
        max=most,
        max_step=steps[values.index(most)] if before is None or is_most else before.max_step,
        total=reduce(add, values, 0 if before is None else before.total),
        count=len(values) + (0 if before is None else before.count),
    )


def is_event_file(name: str) -> bool:
    """Whether a file of this name is read where there is an event file in its directory."""
    return EVENT_FILE in name and not name.endswith(_NO_EVENTS)


def has_events(names: Iterable[str]) -> bool:
    """Whether these event files of a directory are looked at: one has TensorBoard's usual name."""
    return any(f".{EVENT_FILE}." in name for name in names)


def _last_index(steps: list[int], step: int) -> int:
    if steps[-1] == step:
        return len(steps) - 1
    return len(steps) - 1 - steps[::-1].index(step)


def _is_run(path: str) -> bool:
    return os.path.exists(os.path.join(path, ".guild", "opref"))


def by_key(folds: Mapping[str, Mapping[str, ScalarSummary]]) -> dict[str, ScalarSummary]:
    """Summaries by key, from those by directory and tag."""
    found: dict[str, ScalarSummary] = {}
    for directory in sorted(folds):
        prefix = key_prefix(directory)
        for tag, summary in folds[directory].items():
            is_hidden = directory == ".guild" and tag in found
            found[f"{OWN}{tag}" if is_hidden else prefix + tag] = summary
    return found


def key_prefix(directory: str) -> str:
    """What stands before the tag in a key; bytes that are no UTF-8 are shown as such."""
    if directory in ("", ".guild"):
        return ""
    return os.fsencode(directory).decode("utf-8", "replace") + "#"


def _cannot_read(name: str, error: OSError) -> str:
    return f"Cannot read {shown(name)}: {reason(error)}"
