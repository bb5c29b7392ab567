"""A complete copy of a run on another file system: links as links, modes, times, names as bytes.

It is compared with the original before it counts: names, kinds, sizes and targets of links, and
whether the original changed meanwhile. Then it is flushed to the disk, since the original is
removed afterwards and a power cut must not find neither. (Windows has no way for that which Python
knows: there the last seconds before a power cut are the file system's affair.)
"""

from __future__ import annotations

import ctypes
import errno
import os
import shutil
import stat
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from core.errors import RunError
from core.runs.files import shown
from core.runs.guild_files import open_file

_PIECE = 1 << 20
_Entry = tuple[int, int, str]  # kind, size, target of a link


def copy_tree(source: str | Path, target: str | Path, check: Callable[[], None]) -> None:
    """Copy a run's directory into an empty directory and make sure that all of it arrived.

    Args:
        source: The run.
        target: An empty directory on the other file system.
        check: Called for each entry and each megabyte; raises to stop.

    Raises:
        RunError: It holds what cannot be copied, or it changed meanwhile.
        OSError: Reading or writing failed; the disk may be full.
    """
    copier = _Copier(os.fspath(source), os.fspath(target), check)
    copier.run()
    copier.verify()
    flush(os.fspath(target))


class _Copier:
    def __init__(self, source: str, target: str, check: Callable[[], None]) -> None:
        self._source = source
        self._target = target
        self._check = check
        self._seen: dict[str, tuple[_Entry, int]] = {}
        self._linked: dict[tuple[int, int], str] = {}

    def run(self) -> None:
        directories = [""]
        for path, found in _walk(self._source):
            self._check()
            self._seen[path] = self._entry(path, found), found.st_mtime_ns
            self._copy(path, found)
            if stat.S_ISDIR(found.st_mode):
                directories.append(path)
        for path in reversed(directories):  # filling a directory moves its time
            self._copy_attributes(path)

    def verify(self) -> None:
        """Compare what is here, what is there, and what was seen while copying."""
        there = {path: _entry_of(f"{self._target}/{path}", f) for path, f in _walk(self._target)}
        here = {
            path: (_entry_of(f"{self._source}/{path}", found), found.st_mtime_ns)
            for path, found in _walk(self._source)
        }
        if here != self._seen:
            raise RunError("it changed while it was copied", path=Path(self._source))
        if there != {path: entry for path, (entry, _) in self._seen.items()}:
            raise RunError("its copy is not complete", path=Path(self._source))

    def _entry(self, path: str, found: os.stat_result) -> _Entry:
        return _entry_of(f"{self._source}/{path}", found)

    def _copy(self, path: str, found: os.stat_result) -> None:
        source, target = f"{self._source}/{path}", f"{self._target}/{path}"
        if stat.S_ISDIR(found.st_mode):
            os.mkdir(target, 0o700)
        elif stat.S_ISLNK(found.st_mode):
            os.symlink(os.readlink(source), target)
            self._copy_attributes(path)
        elif stat.S_ISREG(found.st_mode):
            self._copy_file(path, found)
        else:
            what = f"{shown(path)} is no file, directory or link and cannot be copied"
            raise RunError(what, path=Path(self._source))

    def _copy_file(self, path: str, found: os.stat_result) -> None:
        source, target = f"{self._source}/{path}", f"{self._target}/{path}"
        inode = found.st_dev, found.st_ino
        if found.st_nlink > 1 and inode in self._linked:
            os.link(self._linked[inode], target)
            return
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        with (
            os.fdopen(open_file(source), "rb") as reading,
            os.fdopen(os.open(target, flags, 0o600), "wb") as writing,
        ):
            while piece := reading.read(_PIECE):
                self._check()
                writing.write(piece)
        self._copy_attributes(path)
        if found.st_nlink > 1:
            self._linked[inode] = target

    def _copy_attributes(self, path: str) -> None:
        source, target = f"{self._source}/{path}", f"{self._target}/{path}"
        if sys.platform != "win32" and os.geteuid() == 0:
            found = os.lstat(source)
            os.chown(target, found.st_uid, found.st_gid, follow_symlinks=False)
        shutil.copystat(source, target, follow_symlinks=False)


def _walk(top: str) -> Iterator[tuple[str, os.stat_result]]:
    """Every entry below a directory, by its path relative to that; directories before theirs."""
    waiting = [""]
    while waiting:
        directory = waiting.pop()
        with os.scandir(f"{top}/{directory}") as entries:
            for entry in entries:
                path = f"{directory}/{entry.name}" if directory else entry.name
                found = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(found.st_mode):
                    waiting.append(path)
                yield path, found


def _entry_of(path: str, found: os.stat_result) -> _Entry:
    kind = stat.S_IFMT(found.st_mode)
    size = found.st_size if stat.S_ISREG(found.st_mode) else 0
    return kind, size, os.readlink(path) if stat.S_ISLNK(found.st_mode) else ""


def flush(directory: str) -> None:
    """Wait until the file system of a directory has everything on its disk.

    Raises:
        OSError: It could not be written, e.g. since the disk is full or was taken out.
    """
    if sys.platform != "win32":  # there Python has nothing that does
        syncfs = getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None)
        if syncfs is None:
            os.sync()
            return
        descriptor = os.open(directory, os.O_RDONLY)
        try:
            if syncfs(descriptor) and ctypes.get_errno() != errno.ENOSYS:
                code = ctypes.get_errno()
                raise OSError(code, os.strerror(code), directory)
        finally:
            os.close(descriptor)
