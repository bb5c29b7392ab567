"""Reading an ordinary small run of somebody's directory, each directory of it opened once.

No link is followed, also where one takes a directory's place meanwhile: what is opened is opened
within its own parent (see core.archives.directory_source).
"""

from __future__ import annotations

import os
from collections.abc import Collection
from stat import S_IFDIR, S_IFLNK, S_IFREG

from core.archives.entries import ArchiveEntry
from core.archives.quick_run import Item

MOST_BYTES, MOST_ENTRIES, MOST_DIRECTORIES = 1 << 20, 2000, 200
"""A run of more is not small."""

_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_WITHIN = _OPEN | getattr(os, "O_NOFOLLOW", 0)
_DIRECTORY = getattr(os, "O_DIRECTORY", 0)
_KINDS = {"file": S_IFREG, "dir": S_IFDIR, "link": S_IFLNK}
_IS_ABLE = os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")


def is_ordinary(entries: Collection[ArchiveEntry]) -> bool:
    """Whether a run can be taken the quick way."""
    if not _IS_ABLE or not 0 < len(entries) <= MOST_ENTRIES:
        return False
    if not all(entry.mode & 0o777 and entry.mtime_ns for entry in entries):
        return False
    is_small = sum(entry.size for entry in entries) <= MOST_BYTES
    return is_small and sum(entry.kind == "dir" for entry in entries) <= MOST_DIRECTORIES


def read_run(run_dir: str, entries: Collection[ArchiveEntry]) -> list[Item] | None:
    """What is in a run, with its contents; None where it changed, or cannot be read.

    Args:
        run_dir: Its directory.
        entries: What is in it, directories before what is in them.
    """
    opened: dict[str, int] = {}
    try:
        opened[""] = os.open(run_dir, _OPEN | _DIRECTORY)
        return [_item(entry, opened) for entry in entries]
    except (OSError, _Changed):
        return None  # told by whoever reads it again
    finally:
        for descriptor in opened.values():
            os.close(descriptor)


class _Changed(Exception):
    """A file is not as long as it was when it was listed."""


def _item(entry: ArchiveEntry, opened: dict[str, int]) -> Item:
    parent, _, name = entry.name.rpartition("/")
    data = b""
    if entry.kind == "dir":
        opened[entry.name] = os.open(name, _WITHIN | _DIRECTORY, dir_fd=opened[parent])
    elif entry.kind == "file":
        file = os.open(name, _WITHIN, dir_fd=opened[parent])
        try:
            data = os.read(file, entry.size + 1)
        finally:
            os.close(file)
        if len(data) != entry.size:
            raise _Changed
    else:
        data = os.fsencode(entry.target)
    return entry.name, _KINDS[entry.kind], entry.mode & 0o777, entry.mtime_ns, data
