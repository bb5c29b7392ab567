"""A directory that is held open, or only known by its path where the platform cannot hold one.

Linux and macOS open a directory and then files within it: no link can take the directory's place
between the look and the read, and a directory that is renamed meanwhile is still the one that is
worked in. Windows opens no directories. There a directory is its path, and before anything is
opened we look whether it is a link. Between the look and the opening lies a moment in which
somebody who may write into the run could put a link there; he would see nothing that he could not
see otherwise, but we would read what he chose. That is a smaller promise, told here and nowhere
hidden.

Why two classes and one choice (`START`): whatever is opened within a directory is of the same
class, so nothing else asks which platform it is on, and tests use the second class on the first
platform.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
import time
from collections.abc import Callable
from typing import Protocol, Self

A_LINK = "it is a link, and links in a run are not followed"
_BINARY = getattr(os, "O_BINARY", 0)
_NO_FOLLOW = getattr(os, "O_NOFOLLOW", 0)
_READ = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _BINARY
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _BINARY
_DIRECTORY = _READ | _NO_FOLLOW | getattr(os, "O_DIRECTORY", 0)
_IS_EFFECTIVE = os.access in os.supports_effective_ids
_SYMBOLIC_LINK, _JUNCTION = 0xA000000C, 0xA0000003  # what Windows calls them
_PATIENCE = 0.3
_PAUSE = 0.005

UNABLE = (errno.EBADF, errno.EINVAL, errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)
"""Errors of a file system that knows no locks, or no forcing to the disk."""

if sys.platform == "win32":

    def _lock(descriptor: int) -> bool:
        return False

else:
    import fcntl

    def _lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise
        except OSError as e:
            if e.errno in UNABLE:
                return False
            raise
        return True


class Directory(Protocol):
    """A directory in which files are opened and changed. Every method may raise OSError."""

    def directory(self, name: str) -> Self:
        """A directory in it, which the caller closes; refused when it is a link."""

    def open(self, name: str, *, follow: bool = False) -> int:
        """The descriptor of a file in it, for reading; refused when it is a link.

        Args:
            name: Its name, or a path of which only the last name may be no link.
            follow: Whether it may be a link: the caller has seen where it leads.
        """

    def create(self, name: str) -> int:
        """The descriptor of a new file in it, for writing."""

    def names(self) -> list[str]:
        """Names of all that is in it."""

    def stat(self, name: str) -> os.stat_result:
        """What is known of something in it; of a link, of the link itself."""

    def own_stat(self) -> os.stat_result:
        """What is known of the directory itself."""

    def make_directory(self, name: str) -> None:
        """Make a directory in it."""

    def replace(self, old: str, new: str) -> None:
        """Rename a file in it, over another one where there is one."""

    def unlink(self, name: str) -> None:
        """Remove a file or link in it."""

    def may_write(self, name: str) -> bool:
        """Whether this process may write a file in it."""

    def sync(self) -> None:
        """Bring its names to the disk, where that can be asked for."""

    def lock(self) -> bool:
        """Keep other processes of this program out until it is closed.

        Returns:
            False where the platform or the file system knows no locks.

        Raises:
            BlockingIOError: Another process holds it.
        """

    def close(self) -> None:
        """Let go of it, and of its lock."""


class _Held:
    """A directory with a descriptor; see Directory.

    Args:
        descriptor: Belongs to this object; None stands for the working directory.
    """

    __slots__ = ("_descriptor",)

    def __init__(self, descriptor: int | None) -> None:
        self._descriptor = descriptor

    def directory(self, name: str) -> _Held:
        try:
            return _Held(os.open(name, _DIRECTORY, dir_fd=self._descriptor))
        except (FileNotFoundError, PermissionError):
            raise
        except OSError as e:
            raise self._explained(e, name) from e

    def open(self, name: str, *, follow: bool = False) -> int:
        flags = _READ if follow else _READ | _NO_FOLLOW
        try:
            return os.open(name, flags, dir_fd=self._descriptor)
        except (FileNotFoundError, PermissionError):
            raise
        except OSError as e:
            raise self._explained(e, name) from e

    def create(self, name: str) -> int:
        return os.open(name, _CREATE, 0o666, dir_fd=self._descriptor)

    def names(self) -> list[str]:
        return os.listdir(self._descriptor)

    def stat(self, name: str) -> os.stat_result:
        return os.stat(name, dir_fd=self._descriptor, follow_symlinks=False)

    def own_stat(self) -> os.stat_result:
        return os.stat("." if self._descriptor is None else self._descriptor)

    def make_directory(self, name: str) -> None:
        os.mkdir(name, dir_fd=self._descriptor)

    def replace(self, old: str, new: str) -> None:
        os.replace(old, new, src_dir_fd=self._descriptor, dst_dir_fd=self._descriptor)

    def unlink(self, name: str) -> None:
        os.unlink(name, dir_fd=self._descriptor)

    def may_write(self, name: str) -> bool:
        # Asking the system knows of groups, access lists and read-only file systems.
        return os.access(name, os.W_OK, dir_fd=self._descriptor, effective_ids=_IS_EFFECTIVE)

    def sync(self) -> None:
        if self._descriptor is not None:
            os.fsync(self._descriptor)

    def lock(self) -> bool:
        return self._descriptor is not None and _lock(self._descriptor)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    def _explained(self, error: OSError, name: str) -> OSError:
        """The same error; the one of a link that was refused differs from system to system."""
        try:
            is_link = stat.S_ISLNK(self.stat(name).st_mode)
        except OSError:
            return error
        return OSError(errno.ELOOP, A_LINK) if is_link else error


class _Named:
    """A directory known by its path; see Directory, and above what this does not promise.

    Args:
        path: The directory; empty for the working directory.
    """

    __slots__ = ("_path",)

    def __init__(self, path: str) -> None:
        self._path = path

    def directory(self, name: str) -> _Named:
        path = self._at(name)
        _require_no_link(found := os.lstat(path))
        if not stat.S_ISDIR(found.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), path)
        return _Named(path)

    def open(self, name: str, *, follow: bool = False) -> int:
        path = self._at(name)
        found = os.stat(path) if follow else os.lstat(path)
        _require_no_link(found)
        if stat.S_ISDIR(found.st_mode):  # Windows would speak of permissions
            raise IsADirectoryError(errno.EISDIR, "it is a directory", path)
        return os.open(path, _READ)

    def create(self, name: str) -> int:
        return os.open(self._at(name), _CREATE, 0o666)

    def names(self) -> list[str]:
        return os.listdir(self._path or ".")

    def stat(self, name: str) -> os.stat_result:
        return os.lstat(self._at(name))

    def own_stat(self) -> os.stat_result:
        return os.stat(self._path or ".")

    def make_directory(self, name: str) -> None:
        os.mkdir(self._at(name))

    def replace(self, old: str, new: str) -> None:
        _patiently(lambda: os.replace(self._at(old), self._at(new)))

    def unlink(self, name: str) -> None:
        _patiently(lambda: os.unlink(self._at(name)))

    def may_write(self, name: str) -> bool:
        return os.access(self._at(name), os.W_OK, effective_ids=_IS_EFFECTIVE)

    def sync(self) -> None:
        """Do nothing: a directory that cannot be opened cannot be forced to the disk either."""

    def lock(self) -> bool:
        return False

    def close(self) -> None:
        """Do nothing: there is nothing to let go of."""

    def _at(self, name: str) -> str:
        return os.path.join(self._path, name)


def is_link(found: os.stat_result) -> bool:
    """Whether something leads elsewhere: a link, or on Windows a junction."""
    tag = getattr(found, "st_reparse_tag", 0)
    return stat.S_ISLNK(found.st_mode) or tag in (_SYMBOLIC_LINK, _JUNCTION)


def is_directory(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is a directory itself: what a junction leads to is not in here."""
    if not entry.is_dir(follow_symlinks=False):
        return False
    return sys.platform != "win32" or not is_link(entry.stat(follow_symlinks=False))


def _require_no_link(found: os.stat_result) -> None:
    if is_link(found):
        raise OSError(errno.ELOOP, A_LINK)


def _patiently(change: Callable[[], None]) -> None:
    """Change a name again and again: Windows refuses while somebody has the file open."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return change()
        except PermissionError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE)


_NEEDED = {os.open, os.stat, os.unlink, os.mkdir, os.access, os.rename}
BY_PATH: Directory = _Named("")
"""The way of platforms that open no directories."""

START = _Held(None) if os.supports_dir_fd >= _NEEDED and os.listdir in os.supports_fd else BY_PATH
"""Where a path begins that is not relative to another directory."""
