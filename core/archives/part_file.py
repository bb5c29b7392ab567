"""A file that becomes an archive by one rename, when it is complete; and what is left of others.

It is a hidden file beside the archive, and locked, so that it is known of every such file whether
somebody still writes it. Where it is, is noted in the home the runs come from: the next start
removes what a killed export left, wherever that was; so does the next export into the same
directory. A note is believed only as far as it names a file of this form.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from core.home import Home
from core.runs.aside import clear, random_suffix
from core.runs.guild_files import read_file

if sys.platform != "win32":
    import fcntl

INCOMING = "incoming"
PREFIX = ".rundesk-part-"
_NOTE = "export-"
_PART = re.compile(rf"{re.escape(PREFIX)}[a-z0-9_]{{8}}\Z")
_LONGEST_NOTE = 8192


@contextmanager
def part_file(directory: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file, unbuffered, and its path; if it is still there at the end it is removed.

    Raises:
        OSError: It cannot be made.
    """
    path = directory / f"{PREFIX}{random_suffix()}"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    with open(os.open(path, flags, 0o666), "r+b", buffering=0) as file:
        lock(file.fileno())
        try:
            yield file, path
        finally:
            with suppress(OSError):
                path.unlink(missing_ok=True)


@contextmanager
def noted(home: Home, target: Path) -> Iterator[None]:
    """Leave a note in the home, while the block goes on, of where something is being written.

    A home that cannot be written gets none: then only the next export to the same place cleans up.

    Args:
        home: Where the runs come from.
        target: The directory that archives or runs are written to.
    """
    note = home.path / INCOMING / f"{_NOTE}{random_suffix()}"
    try:
        note.parent.mkdir(exist_ok=True)
        file = note.open("xb")
    except OSError:
        yield
        return
    with file:
        lock(file.fileno())
        try:
            with suppress(OSError):  # a full disk: then there is no note
                file.write(os.fsencode(os.path.abspath(target)))
                file.flush()
            yield
        finally:
            with suppress(OSError):
                note.unlink()
                note.parent.rmdir()


def clear_parts(directory: str | Path, check: Callable[[], None] = lambda: None) -> int:
    """Remove what killed exports left in a directory; returns how many bytes that freed.

    Raises:
        OSError: Something cannot be removed.
    """
    freed = clear(directory, check)
    for name in _names(directory):
        if _PART.match(name):
            freed += _remove_part(f"{directory}/{name}")
    return freed


def clear_noted(home: Home, check: Callable[[], None] = lambda: None) -> int:
    """Remove what killed exports of runs of this home left; returns how many bytes that freed.

    Raises:
        OSError: Something cannot be removed.
    """
    incoming = f"{home.path}/{INCOMING}"
    freed = 0
    for name in _names(incoming):
        if name.startswith(_NOTE):
            freed += _follow(f"{incoming}/{name}", check)
    return freed


def lock(descriptor: int) -> bool:
    """Hold a file until it is closed; False where another process does.

    Where the file system knows no locks nobody can tell, and it counts as held.
    """
    if sys.platform != "win32":
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
    return True  # Windows lets nobody remove or replace what another process has open


def _follow(note: str, check: Callable[[], None]) -> int:
    try:
        descriptor = os.open(note, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return 0
    try:
        if not lock(descriptor):
            return 0
        target = os.fsdecode(read_file(note, most=_LONGEST_NOTE))
        freed = 0
        if target and "\0" not in target and os.path.isabs(target):
            freed = clear_parts(target, check)
        os.unlink(note)
        return freed
    finally:
        os.close(descriptor)


def _remove_part(path: str) -> int:
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
    except OSError:
        return 0
    try:
        if not lock(descriptor):
            return 0
        size = os.fstat(descriptor).st_size
        os.unlink(path)
        return size
    finally:
        os.close(descriptor)


def _names(directory: str | Path) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []
