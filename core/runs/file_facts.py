"""Modes and times of what was copied, as far as the platform keeps them.

Windows has no mode but "write-protected", which nobody wants on a copy, sets no times of links,
and sets those of a file by its path only.
"""

from __future__ import annotations

import os
import sys

_BY_DESCRIPTOR = os.utime in os.supports_fd
_OF_LINKS = os.utime in os.supports_follow_symlinks


def set_mode(descriptor: int, mode: int) -> None:
    """Give an open file its mode.

    Raises:
        OSError: The file system refuses.
    """
    if sys.platform != "win32":
        os.fchmod(descriptor, mode & 0o7777)


def set_times(path: str, descriptor: int, accessed: int, modified: int) -> None:
    """Give an open file its times, in nanoseconds since 1970.

    Raises:
        OSError: The file system refuses.
    """
    os.utime(descriptor if _BY_DESCRIPTOR else path, ns=(accessed, modified))


def try_times(path: str, descriptor: int, mtime_ns: int) -> bool:
    """Give an open file its time, in nanoseconds since 1970; whether its file system knows it."""
    try:
        set_times(path, descriptor, mtime_ns, mtime_ns)
    except (OverflowError, OSError):
        return False
    return True


def set_link_times(path: str, accessed: int, modified: int) -> None:
    """Give a link itself its times, in nanoseconds since 1970.

    Raises:
        OSError: The file system refuses.
    """
    if _OF_LINKS:
        os.utime(path, ns=(accessed, modified), follow_symlinks=False)
