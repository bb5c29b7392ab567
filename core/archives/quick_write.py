"""Writing an ordinary small run with as few system calls as there can be.

A run is thirty small files. Made by the general way (core.archives.staging) each of them costs a
path that is put together, five calls and an object or two. Here it is four calls: make, write, set
the time, close; names are relative to the run's open directory, and the mode is given when a file
is made wherever the process lets it pass.

Every file is made anew, never through a link; links come last. Whoever calls this takes away what
is there after an error: what is unusual is left to the general way.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from stat import S_IFDIR, S_IFREG

from core.archives.quick_run import Item

_CREATE = (
    os.O_WRONLY
    | os.O_CREAT
    | os.O_EXCL
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_CLOEXEC", 0)
)
_DIRECTORY = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_CLOEXEC", 0)
_MADE = 0o700  # a directory that is being filled
IS_ABLE = (
    os.supports_dir_fd >= {os.open, os.mkdir, os.symlink, os.utime, os.chmod}
    and os.utime in os.supports_fd
    and os.utime in os.supports_follow_symlinks
)
"""Whether this system has what is needed here."""

Dress = tuple[int, int]
"""Permission bits, and a time in nanoseconds since 1970 (0: the time when it is made)."""


def write_run(place: str, items: Sequence[Item], dress: Dress, masked: int) -> None:
    """Make a directory and fill it.

    Args:
        place: The directory; it must not be there.
        items: What is in it, directories before what is in them.
        dress: Of the directory itself.
        masked: What `masked_bits` gave.

    Raises:
        OSError: Something cannot be written.
        OverflowError: A time is none that this system knows.
    """
    os.mkdir(place, _MADE)
    within = os.open(place, _DIRECTORY)
    try:
        _fill(within, items, masked | 0o7000)
        mode, mtime_ns = dress
        if mode != _MADE:
            os.chmod(within, mode)
        if mtime_ns:
            os.utime(within, ns=(mtime_ns, mtime_ns))
    finally:
        os.close(within)


def _fill(within: int, items: Sequence[Item], odd: int) -> None:
    """Write everything, then the links, then the times of directories.

    Args:
        within: The open directory.
        items: What is to be in it.
        odd: Permission bits that cannot be given to something when it is made.
    """
    late = []
    for item in items:
        path, kind, mode, mtime_ns, data = item
        if kind == S_IFREG:
            file = os.open(path, _CREATE, mode, dir_fd=within)
            try:
                if data:
                    _write_all(file, data)
                if mode & odd:
                    os.chmod(file, mode)
                os.utime(file, ns=(mtime_ns, mtime_ns))
            finally:
                os.close(file)
        else:
            late.append(item)
            if kind == S_IFDIR:
                os.mkdir(path, _MADE if _is_odd(mode, odd) else mode, dir_fd=within)
    _finish(within, late, odd)


def _finish(within: int, late: Sequence[Item], odd: int) -> None:
    """Make the links, and give directories what filling them would have moved."""
    for path, kind, mode, _, data in reversed(late):
        if kind != S_IFDIR:
            os.symlink(os.fsdecode(data), path, dir_fd=within)
        elif _is_odd(mode, odd):
            os.chmod(path, mode, dir_fd=within)
    for path, _, _, mtime_ns, _ in late:
        os.utime(path, ns=(mtime_ns, mtime_ns), dir_fd=within, follow_symlinks=False)


def _is_odd(mode: int, odd: int) -> bool:
    """Whether a directory cannot be made with this mode, or not be filled then."""
    return mode & _MADE != _MADE or bool(mode & odd)


def _write_all(file: int, data: bytes) -> None:
    written = os.write(file, data)
    while written < len(data):
        written += os.write(file, memoryview(data)[written:])


def masked_bits() -> int:
    """Permission bits that this process keeps from what it makes; all where nobody can tell.

    Why not `os.umask`: it tells only while it changes them, for all threads.
    """
    try:
        status = Path("/proc/self/status").read_text("ascii", "replace")
        return int(status.partition("\nUmask:")[2].split("\n", 1)[0], 8)
    except (OSError, ValueError):
        return 0o777
