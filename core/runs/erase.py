"""Erasing a tree for ever: no link is followed, no depth is too deep, nothing needs to be asked.

How: the directories below the top are emptied one by one, and those inside of them are first
moved up to the top. So a path never has more than two names below the top, however deep the tree,
and no link that somebody puts in the place of a directory is ever entered: what was moved is looked
at again before it is listed. The state on disk is the list of what is left to do, so that a
cancelled or killed erasure is taken up again by calling `erase` once more.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.runs.held_directory import is_directory, is_link
from core.runs.permissions import may_change

# Directories that `erase` opens up, and those too deep to be named by a path from here.
_ERASED_ANYWAY = (errno.EACCES, errno.EPERM, errno.ENOENT, errno.ENAMETOOLONG)
_CHECK_EVERY = 100
"""Entries between two calls of `check`: a few milliseconds, more on a slow disk."""


def erase(top: str | Path, check: Callable[[], None] = lambda: None) -> int:
    """Erase a directory, a file or a link; returns how many bytes that frees.

    Args:
        top: What is erased; nothing else may work in it.
        check: Called every few milliseconds; raises to stop.

    Raises:
        OSError: Something in it cannot be removed; everything else is.
    """
    eraser = _Eraser(os.fspath(top), check)
    eraser.run()
    return eraser.freed


def discard(top: str | Path) -> None:
    """Erase what nobody wants, as far as that can be done; what stays is cleaned up another time.

    Args:
        top: What is erased; it need not be there.
    """
    with suppress(OSError):
        erase(top)


def find_obstacle(run_dir: str | Path, check: Callable[[], None] = lambda: None) -> str:
    """Why a tree could not be erased whole, as a clause; empty when nothing is in the way.

    Asked before anything is removed, so that no run is left without some of its files: files
    in a directory of another user (a container's root) stay whoever owns the run.
    """
    try:
        top = os.lstat(run_dir)
    except OSError:
        return ""
    waiting = [os.fspath(run_dir)] if stat.S_ISDIR(top.st_mode) else []
    while waiting:
        check()
        path = waiting.pop()
        shown = os.path.relpath(path, run_dir)
        what = "its directory" if shown == "." else f"its directory {shown}"
        try:
            found = os.lstat(path)
            if found.st_dev != top.st_dev:
                return f"another file system is mounted at {what}"
            if not _is_ours(path, found):
                return f"{what} belongs to another user and may not be changed"
            waiting += _directories_in(path)
        except OSError as e:
            if e.errno not in _ERASED_ANYWAY:
                return f"{what} cannot be read ({e.strerror})"
    return ""


def _is_ours(path: str, found: os.stat_result) -> bool:
    """Whether entries may be removed from a directory, or its owner (us) may allow it."""
    owner = getattr(os, "geteuid", lambda: found.st_uid)()
    return found.st_uid == owner or may_change(path)


def _directories_in(path: str) -> list[str]:
    with os.scandir(path) as entries:
        return [entry.path for entry in entries if is_directory(entry)]


class _Eraser:
    """Removes what is below one directory, then the directory."""

    def __init__(self, top: str, check: Callable[[], None]) -> None:
        self.freed = 0
        self._top = top
        self._check = check
        self._lifted: list[str] = []
        self._number = 0
        self._count = 0
        self._problem: OSError | None = None

    def run(self) -> None:
        if _is_directory(self._top):
            self._remove_directory(self._top)
            while self._lifted:
                self._remove_directory(self._lifted.pop())
        else:
            self._remove_file(self._top)
        if self._problem is not None:
            raise self._problem

    def _remove_directory(self, path: str) -> None:
        """Empty a directory; all but the top go at once, the top when nothing is left in it."""
        try:
            _open_up(path)
            with os.scandir(path) as entries:
                found = list(entries)
            for entry in found:
                self._pause()
                if is_directory(entry):
                    self._lift(entry.path)
                else:
                    self._remove_file(entry.path)
            if path != self._top or not self._lifted:
                os.rmdir(path)
            else:
                self._lifted.insert(0, path)  # it comes last
        except FileNotFoundError:
            return
        except OSError as e:
            self._problem = self._problem or e

    def _lift(self, path: str) -> None:
        try:
            _open_up(path)  # its ".." changes, which its own permissions may forbid
            while os.path.lexists(target := f"{self._top}/{self._number}"):
                self._number += 1
            os.rename(path, target)  # a place where something is mounted refuses this
        except OSError as e:
            self._problem = self._problem or e
        else:
            self._lifted.append(target)

    def _remove_file(self, path: str) -> None:
        try:
            found = os.lstat(path)
            if sys.platform == "win32" and not found.st_mode & stat.S_IWRITE:
                os.chmod(path, stat.S_IWRITE)  # removes no file that is write-protected
            os.unlink(path)
        except FileNotFoundError:
            return
        except OSError as e:
            self._problem = self._problem or e
        else:
            if found.st_nlink == 1 and stat.S_ISREG(found.st_mode):
                self.freed += found.st_size

    def _pause(self) -> None:
        self._count += 1
        if self._count % _CHECK_EVERY == 0:
            self._check()


def _is_directory(path: str) -> bool:
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and not is_link(found)


def _open_up(path: str) -> None:
    """Let the owner change a directory that was made read-only."""
    mode = os.lstat(path).st_mode
    if stat.S_ISDIR(mode) and mode & stat.S_IRWXU != stat.S_IRWXU:
        os.chmod(path, stat.S_IMODE(mode) | stat.S_IRWXU)
