"""Copies of files of this computer, made by the file system where it can."""

from __future__ import annotations

import os
from contextlib import suppress

from core.runs.guild_files import open_file

_COPY = 1 << 20
_MODES = 0o777
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


def copy_beginning(source: str, target: str, size: int) -> None:
    """Copy the first bytes of a file into a new one, by the file system where it can.

    Raises:
        OSError: It cannot be read or written, or is shorter.
    """
    with suppress(FileNotFoundError):
        os.unlink(target)
    reading = open_file(source)
    try:
        writing = os.open(target, _CREATE, 0o600)
        try:
            _copy_bytes(reading, writing, size)
        finally:
            os.close(writing)
    finally:
        os.close(reading)


def _copy_bytes(reading: int, writing: int, size: int) -> None:
    left = size
    if hasattr(os, "copy_file_range"):
        with suppress(OSError):
            while left and (done := os.copy_file_range(reading, writing, left)):
                left -= done
    while left:
        data = os.read(reading, min(left, _COPY))
        if not data:
            raise OSError(5, "the file became shorter")
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(writing, rest) :]
        left -= len(data)


def linked(source: str, target: str) -> bool:
    """Give a file a second name; whether the file system could."""
    try:
        os.link(source, target, follow_symlinks=False)
    except (OSError, NotImplementedError):
        return False  # the file system has no such thing
    return True


def copy_file(source: str, target: str) -> None:
    """Copy a file with its mode and times.

    Raises:
        OSError: It cannot be read or written.
    """
    found = os.lstat(source)
    copy_beginning(source, target, found.st_size)
    os.chmod(target, found.st_mode & _MODES)
    os.utime(target, ns=(found.st_mtime_ns, found.st_mtime_ns))
