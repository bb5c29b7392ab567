"""How large a run is: what its own files hold, whatever they link to.

Why the lengths of the files and not the blocks they take: it is the number that the file list, a
file manager and a copy to another machine show for the same run, and it is equal everywhere. Blocks
depend on the file system (compression, small files kept in directories, delayed allocation), so
that the same run would be small here and large there. `du --apparent-size` counts alike, and the
directories themselves besides.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from core.runs.held_directory import is_directory

_CHECK_EVERY = 500
"""Entries between two calls of `check`: some two milliseconds."""


class DiskSize(Struct, frozen=True):
    """What the files of a run hold together.

    Attributes:
        bytes: The sum of their lengths; a file of several names counts once, a link not at all.
        files: How many files there are.
        unread: How many directories could not be looked into.
    """

    bytes: int = 0
    files: int = 0
    unread: int = 0


def disk_size(run_dir: str | Path, check: Callable[[], None] = lambda: None) -> DiskSize:
    """Measure a run; never raises but what `check` raises.

    Args:
        run_dir: The run's directory. A link in its place holds nothing itself.
        check: Called every few milliseconds; raises to stop.
    """
    measure = _Measure(check)
    if not os.path.islink(run_dir):
        measure.walk(os.fspath(run_dir))
    return DiskSize(measure.bytes, measure.files, measure.unread)


class _Measure:
    """Sums up one directory after another."""

    def __init__(self, check: Callable[[], None]) -> None:
        self.bytes = self.files = self.unread = 0
        self._check = check
        self._linked: set[tuple[int, int]] = set()
        self._left = 0  # entries until the next check

    def walk(self, top: str) -> None:
        waiting = [top]
        while waiting:
            self._count()
            try:
                with os.scandir(waiting.pop()) as entries:
                    for entry in entries:
                        self._count()
                        if is_directory(entry):
                            waiting.append(entry.path)
                        elif entry.is_file(follow_symlinks=False):
                            self._add(entry)
            except FileNotFoundError:
                continue  # deleted while we looked
            except OSError:
                self.unread += 1

    def _count(self) -> None:
        self._left -= 1
        if self._left < 0:
            self._left = _CHECK_EVERY
            self._check()

    def _add(self, entry: os.DirEntry[str]) -> None:
        try:
            stat = entry.stat(follow_symlinks=False)
        except FileNotFoundError:
            return
        self.files += 1
        if stat.st_nlink > 1:
            inode = (stat.st_dev, stat.st_ino)
            if inode in self._linked:
                return
            self._linked.add(inode)
        self.bytes += stat.st_size
