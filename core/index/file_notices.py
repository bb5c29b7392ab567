"""Which runs were written to, as the system tells by itself where it does (inotify of Linux).

Why beside the looks of `core.index.watch`: asking each run whether its label was rewritten is
nearly all that an idle window costs, and an edit is only found when its run's turn comes. Where the
system tells of edits, runs need to be asked seldom, and are read within a moment.

Why of a run only the directory of its attributes: whatever Guild does to a run that is in the list
already, it writes an attribute; and one watch a run is what most systems have to give. Why only on
file systems of this machine: of what another machine writes nothing is told. Why not all watches
that there are: editors and file managers share them. So those who use this go on looking.

Beside its runs a place itself is watched: listing 100,000 runs to find the one that came, and
asking each whether it is still the same directory, costs what a minute of all other looks does.
"""

from __future__ import annotations

import errno
import os
import struct
import sys
from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path

from core.c_library import c_function, last_error

SHARE = 2
"""One in so many of the watches that a user may have is taken at most."""

_LOCAL = frozenset(
    ("ext2", "ext3", "ext4", "xfs", "btrfs", "tmpfs", "f2fs", "zfs", "bcachefs", "jfs", "reiserfs")
)
_MOST_FILE = "/proc/sys/fs/inotify/max_user_watches"
_MOUNTS_FILE = "/proc/self/mountinfo"
_EVENT = struct.Struct("iIII")
_BUFFER = 64 * 1024
# What is asked for: written, its mode or times set, made, moved in and out, removed; and when the
# directory itself is moved.
_WRITTEN, _ATTRIBUTES, _CLOSED = 0x002, 0x004, 0x008
_MOVED_FROM, _MOVED_TO, _MADE, _REMOVED, _MOVED_SELF = 0x040, 0x080, 0x100, 0x200, 0x800
_OPENED = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_REWRITTEN = _WRITTEN | _ATTRIBUTES | _CLOSED
_ENTRIES = _MOVED_FROM | _MOVED_TO | _MADE | _REMOVED
_DIRECTORY = 0x01000000  # only if it is one
_OVERFLOW, _IGNORED = 0x4000, 0x8000
_OF_RUN = _REWRITTEN | _ENTRIES | _MOVED_SELF | _DIRECTORY
_OF_PLACE = _ENTRIES | _MOVED_SELF | _DIRECTORY

Touched = dict[int, set[str]]
"""Number of a run to the names of those of its attributes that were rewritten in place."""


class FileNotices:
    """Tells which runs of a directory had attributes written. One thread at a time.

    Where the system tells nothing, or has no watches left, no run is covered.

    Args:
        kind_of: The kind of the file system that holds a path, as Linux calls it.

    Attributes:
        entries: Those of places (their name, that of the entry) that came, went or were put in
            the place of another; whoever reads them takes them out.
        is_incomplete: More happened than the system could tell; whoever reads it sets it back.
    """

    def __init__(self, kind_of: Callable[[str], str] | None = None) -> None:
        self.entries: set[tuple[bool, str]] = set()
        self.is_incomplete = False
        self._kind_of = kind_of or file_system
        self._descriptor: int | None = None
        self._add: Callable[[int, bytes, int], int] | None = None
        self._is_refused = sys.platform != "linux"
        self._devices: dict[str, int | None] = {}
        self._pairs = _Pairs()
        self._places: dict[bool, tuple[int, int]] = {}  # watch of a place, and its inode
        self._most = 0

    def covers(self, number: int) -> bool:
        """Whether writes to this run are told."""
        return self._pairs.watch_of(number) is not None

    def uncovered(self, numbers: Iterable[int]) -> list[int]:
        """Those of the runs that are not covered."""
        return self._pairs.without_watch(numbers)

    def __len__(self) -> int:
        return len(self._pairs)

    @property
    def is_full(self) -> bool:
        """Whether no further run can be covered now."""
        return self._is_refused or (self._add is not None and len(self) >= self._most)

    def covers_place(self, place: bool, inode: int) -> bool:  # noqa: FBT001 - a name, not a switch
        """Whether it is told what comes to this directory and what goes from it."""
        return place in self._places and self._places[place][1] == inode

    def cover_place(self, place: bool, directory: str) -> None:  # noqa: FBT001 - likewise
        """Tell from now on what comes to a directory and what goes; whoever asks lists it then.

        Args:
            place: Names the directory to the caller.
            directory: Where it is.
        """
        self._places.pop(place, None)
        self._devices.pop(directory, None)
        with suppress(OSError):
            inode = os.stat(directory).st_ino
            watch = self._watch(directory, directory, _OF_PLACE)
            if watch is not None:
                self._places[place] = watch, inode

    def cover(self, number: int, runs_dir: str, run_id: str) -> bool:
        """Tell of this run from now on; whoever asks looks at it after that.

        Args:
            number: Names the run to the caller. Of two that are the same directory on disk only
                the last one is covered.
            runs_dir: Where it is.
            run_id: Its directory there.

        Returns:
            Whether writes to it are told.
        """
        if self.covers(number):
            return True
        if not self._has_begun() or self.is_full:
            return False
        watch = self._watch(runs_dir, f"{runs_dir}/{run_id}/.guild/attrs", _OF_RUN)
        if watch is None:
            return False
        self._pairs.forget(watch)
        self._pairs.add(watch, number)
        return True

    def uncover(self, number: int) -> None:
        """Another directory may be in the place of this run: what is told may not be of it."""
        watch = self._pairs.watch_of(number)
        if watch is not None:
            self._pairs.forget(watch)

    def take(self) -> Touched:
        """The runs that were written to since the last time."""
        touched: Touched = {}
        made: set[tuple[int, str]] = set()
        for watch, mask, name in self._events():
            if mask & _OVERFLOW:
                self.is_incomplete = True
                self._places.clear()  # that one of them went may be what was not told
            place = self._place_of(watch)
            if place is not None:
                self._note(place, name)
                continue
            number = self._pairs.number_of(watch)
            if number is not None:
                names = touched.setdefault(number, set())
                if not mask & _REWRITTEN:
                    made.add((number, name))
                elif (number, name) not in made:
                    names.add(name)
            if mask & (_IGNORED | _MOVED_SELF):
                self._pairs.forget(watch)
        return touched

    def close(self) -> None:
        """Tell nothing any more."""
        self._pairs = _Pairs()
        self._places.clear()
        self._is_refused = True
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    # Inside

    def _place_of(self, watch: int) -> bool | None:
        return next((place for place, (known, _) in self._places.items() if known == watch), None)

    def _note(self, place: bool, name: str) -> None:  # noqa: FBT001 - likewise
        """Something happened to an entry of a place, or to the place itself."""
        if name:
            self.entries.add((place, name))
        else:
            del self._places[place]
            self.is_incomplete = True

    def _watch(self, runs_dir: str, path: str, asked: int) -> int | None:
        """The number of a watch on a directory; None where there can be none."""
        if not self._has_begun() or not self._is_local(runs_dir, path):
            return None
        assert self._add is not None
        assert self._descriptor is not None
        watch = self._add(self._descriptor, os.fsencode(path), asked)
        if watch < 0:
            if last_error() in (errno.ENOSPC, errno.ENOMEM):
                self._most = len(self)  # until one of these goes
            return None
        return watch

    def _has_begun(self) -> bool:
        return not self._is_refused and (self._add is not None or self._begin())

    def _begin(self) -> bool:
        """Ask the system for a place where it tells; whether it has one."""
        begin, add = c_function("inotify_init1"), c_function("inotify_add_watch")
        descriptor = begin(_OPENED) if begin and add else -1
        if descriptor < 0:
            self._is_refused = True
            return False
        self._descriptor, self._add, self._most = descriptor, add, _most_watches()
        return True

    def _is_local(self, runs_dir: str, path: str) -> bool:
        """Whether everybody who writes there does so on this machine."""
        try:
            if runs_dir not in self._devices:
                is_local = self._kind_of(os.path.realpath(runs_dir)) in _LOCAL
                self._devices[runs_dir] = os.stat(runs_dir).st_dev if is_local else None
            return self._devices[runs_dir] == os.stat(path).st_dev
        except OSError:
            return False

    def _events(self) -> Iterator[tuple[int, int, str]]:
        """Watch, what happened, and the name of the file."""
        while data := self._read():
            place = 0
            while place < len(data):
                watch, mask, _, length = _EVENT.unpack_from(data, place)
                place += _EVENT.size
                yield watch, mask, os.fsdecode(data[place : place + length].rstrip(b"\0"))
                place += length

    def _read(self) -> bytes:
        if self._descriptor is None:
            return b""
        try:
            return os.read(self._descriptor, _BUFFER)
        except BlockingIOError:
            return b""


class _Pairs:
    """Watches and the numbers of their runs; in arrays, which take a tenth of what dicts do."""

    def __init__(self) -> None:
        self._numbers, self._watches = array("i"), array("i")  # each by the other
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def number_of(self, watch: int) -> int | None:
        return _entry(self._numbers, watch)

    def watch_of(self, number: int) -> int | None:
        return _entry(self._watches, number)

    def without_watch(self, numbers: Iterable[int]) -> list[int]:
        """Asking for each by itself takes 25 ms for 100,000."""
        watches, size = self._watches, len(self._watches)
        return [number for number in numbers if number >= size or watches[number] == _NONE]

    def add(self, watch: int, number: int) -> None:
        _put(self._numbers, watch, number)
        _put(self._watches, number, watch)
        self._count += 1

    def forget(self, watch: int) -> None:
        number = self.number_of(watch)
        if number is not None:
            self._numbers[watch] = self._watches[number] = _NONE
            self._count -= 1


_NONE = -1


def _entry(entries: array[int], place: int) -> int | None:
    found = entries[place] if 0 <= place < len(entries) else _NONE
    return None if found == _NONE else found


def _put(entries: array[int], place: int, entry: int) -> None:
    entries.extend([_NONE] * (place + 1 - len(entries)))
    entries[place] = entry


def _most_watches() -> int:
    try:
        return int(Path(_MOST_FILE).read_text(encoding="ascii")) // SHARE
    except (OSError, ValueError):
        return 0


def file_system(path: str) -> str:
    """The kind of the file system that holds a path; empty where that cannot be told."""
    best, kind = "", ""
    with suppress(OSError):
        for line in Path(_MOUNTS_FILE).read_text(encoding="utf-8", errors="replace").splitlines():
            before, _, after = line.partition(" - ")
            mount = before.split(" ")[4].replace("\\040", " ").rstrip("/")
            if len(mount) >= len(best) and f"{path}/".startswith(f"{mount}/"):
                best, kind = mount, after.split(" ")[0]  # of equal ones the last lies on top
    return kind
