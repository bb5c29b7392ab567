"""Which runs were written to, as the system tells by itself where it does (inotify of Linux).

Why beside the looks of `core.index.watch`: asking each run whether its label was rewritten is
nearly all that an idle window costs, and an edit is only found when its run's turn comes. Where the
system tells of edits, runs need to be asked seldom, and are read within a moment.

Why only their directories of attributes: whatever Guild does to a run that is in the list already,
it writes an attribute; and one watch a run is what most systems have to give. Why only on file
systems of this machine: of what another machine writes nothing is told. Why not all watches that
there are: editors and file managers share them. So those who use this go on looking.
"""

from __future__ import annotations

import errno
import os
import struct
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from core.c_library import c_function, last_error

SHARE = 4
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
_ASKED = (
    *(_WRITTEN, _ATTRIBUTES, _CLOSED, _MOVED_FROM, _MOVED_TO, _MADE, _REMOVED, _MOVED_SELF),
    0x01000000,  # only if it is a directory
)
_OPENED = getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_REWRITTEN = _WRITTEN | _ATTRIBUTES | _CLOSED
_OVERFLOW, _IGNORED = 0x4000, 0x8000

Touched = dict[int, set[str]]
"""Number of a run to the names of those of its attributes that were rewritten in place."""


class FileNotices:
    """Tells which runs of a directory had attributes written. One thread at a time.

    Where the system tells nothing, or has no watches left, no run is covered.

    Args:
        kind_of: The kind of the file system that holds a path, as Linux calls it.

    Attributes:
        is_incomplete: More happened than the system could tell; whoever reads it sets it back.
    """

    def __init__(self, kind_of: Callable[[str], str] | None = None) -> None:
        self.is_incomplete = False
        self._kind_of = kind_of or file_system
        self._descriptor: int | None = None
        self._add: Callable[[int, bytes, int], int] | None = None
        self._is_refused = sys.platform != "linux"
        self._devices: dict[str, int | None] = {}
        self._numbers: dict[int, int] = {}  # watch to number of the run
        self._watches: dict[int, int] = {}  # the reverse
        self._most = 0

    def covers(self, number: int) -> bool:
        """Whether writes to this run are told."""
        return number in self._watches

    def __len__(self) -> int:
        return len(self._watches)

    @property
    def is_full(self) -> bool:
        """Whether no further run can be covered now."""
        return self._is_refused or (self._add is not None and len(self) >= self._most)

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
        if number in self._watches:
            return True
        if self.is_full or (self._add is None and not self._begin()) or self.is_full:
            return False
        path = f"{runs_dir}/{run_id}/.guild/attrs"
        if not self._is_local(runs_dir, path):
            return False
        assert self._add is not None
        assert self._descriptor is not None
        watch = self._add(self._descriptor, os.fsencode(path), sum(_ASKED))
        if watch < 0:
            self._is_refused = last_error() in (errno.ENOSPC, errno.ENOMEM)
            return False
        self._forget_watch(watch)
        self._numbers[watch], self._watches[number] = number, watch
        return True

    def take(self) -> Touched:
        """The runs that were written to since the last time."""
        touched: Touched = {}
        made: set[tuple[int, str]] = set()
        for watch, mask, name in self._events():
            self.is_incomplete |= bool(mask & _OVERFLOW)
            number = self._numbers.get(watch)
            if number is not None:
                names = touched.setdefault(number, set())
                if not mask & _REWRITTEN:
                    made.add((number, name))
                elif (number, name) not in made:
                    names.add(name)
            if mask & (_IGNORED | _MOVED_SELF):
                self._forget_watch(watch)
        return touched

    def close(self) -> None:
        """Tell nothing any more."""
        self._numbers.clear()
        self._watches.clear()
        self._is_refused = True
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    # Inside

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

    def _forget_watch(self, watch: int) -> None:
        number = self._numbers.pop(watch, None)
        if number is not None:
            self._watches.pop(number, None)

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
