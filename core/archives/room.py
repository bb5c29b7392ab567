"""Whether runs that are to arrive have room, and whether an archive holds far more than it seems.

What an archive declares is all that is known before it is unpacked; what it really holds is held
against that while it is (core.archives.entries). A few logs of zeros are packed to a thousandth
too, so such an archive is no error: it is said, and whoever imports it decides.
"""

from __future__ import annotations

import os

from core.archives.source import RunSource
from core.home import Home
from core.text import format_bytes

SWELLS = 100
"""An archive whose runs take as many times its own size is told of."""

MUCH = 10**9
"""Bytes below which that is of no interest."""


def free_for(home: Home) -> int:
    """Bytes that are free where a home is, or will be: one that nobody used yet is made later.

    Raises:
        OSError: It cannot be looked at.
    """
    from shutil import disk_usage  # 2 ms that commands without an import do without

    there = next(path for path in (home.path, *home.path.parents) if path.exists())
    return disk_usage(there).free


def lack_of_room(home: Home, need: int, free: int) -> str:
    """Why runs cannot arrive, in one sentence; empty where they fit.

    Args:
        home: Where they go.
        need: Bytes that they declare.
        free: What `free_for` said.
    """
    if need <= free:
        return ""
    has = f"{home.path} has {format_bytes(free)} left"
    return f"Cannot import: the runs take {format_bytes(need)}, and {has}."


def swelling(source: RunSource, size: int) -> str:
    """That runs take far more than the archive that holds them, in one sentence; usually empty.

    Args:
        source: Where they are.
        size: Bytes that they declare.
    """
    if source.kind not in ("zip", "tar") or size < MUCH:
        return ""
    try:
        own = os.stat(source.path).st_size
    except OSError:
        return ""  # it is told when it is read
    if size < SWELLS * own:
        return ""
    what = f"{source.title} has {format_bytes(own)}, and its runs would take {format_bytes(size)}"
    return f"{what}, {size // max(1, own):,} times as much: import only what you trust."
