"""An ordinary small run, read in one pass, for archives of very many of them.

A run is thirty small files. Asking, listing, reading and writing it by the general way costs some
thirty microseconds of Python a file, which is more than the work itself. Nearly all runs are
ordinary, and of those everything is known after one pass over their directories: what is in a file,
its checksum, and what stays behind.

What is not ordinary gives None and goes the general way (core.archives.run_tree), which knows
links outside of the runs, names of every kind, large files, running runs, and the sentences on all
that can go wrong. Both ways write the same entries; the tests hold them to it.
"""

from __future__ import annotations

import hashlib
import os
from itertools import islice
from stat import S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, S_ISREG
from typing import NamedTuple

from core.archives.checksums import NAME as RECORD
from core.archives.checksums import Record, dump_record
from core.archives.run_tree import LOCK, stays_here

MOST_BYTES = 512 << 10
"""A run of more is not small."""

_MOST_ITEMS, _MOST_DEEP = 2000, 20
_OPEN = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_FILE = _OPEN | getattr(os, "O_NOFOLLOW", 0)
_DIRECTORY = _OPEN | getattr(os, "O_DIRECTORY", 0)
_IS_ABLE = os.supports_dir_fd >= {os.open, os.readlink} and os.scandir in os.supports_fd
_ODD = frozenset("\\") | {chr(code) for code in (*range(32), 127)}

Item = tuple[str, int, int, int, bytes]
"""Path relative to the run, kind (as in a mode), permission bits, time in nanoseconds since 1970,
and the content of a file or the target of a link."""


class QuickRun(NamedTuple):
    """All of a run that leaves it.

    Attributes:
        mode: Permission bits of its directory.
        mtime_ns: When that was modified, in nanoseconds since 1970.
        items: Directories before what is in them; the record of checksums comes last.
        record: That record.
        bytes: Sizes of its files together, without the record.
    """

    mode: int
    mtime_ns: int
    items: list[Item]
    record: bytes
    bytes: int


class _NotOrdinary(Exception):
    """The general way is to be taken."""


def quick_run(run_dir: str, *, with_links: bool) -> QuickRun | None:
    """Read a run without its environment; None where it is not ordinary, or cannot be read.

    Args:
        run_dir: Its directory, which may be a link.
        with_links: Whether links can be written as they are.
    """
    if not _IS_ABLE:
        return None
    try:
        descriptor = os.open(run_dir, _DIRECTORY)
    except OSError:
        return None
    reading = _Reading(with_links=with_links)
    try:
        top = os.fstat(descriptor)
        reading.read(descriptor, "", 0)
    except (OSError, _NotOrdinary):
        return None
    finally:
        os.close(descriptor)
    return reading.result(top)


class _Reading:
    def __init__(self, *, with_links: bool) -> None:
        self._with_links = with_links
        self._items: list[Item] = []
        self._digests: dict[str, str] = {}
        self._bytes = 0

    def read(self, descriptor: int, prefix: str, depth: int) -> None:
        """Read a directory, and then those that are in it.

        Raises:
            OSError: Something cannot be read.
            _NotOrdinary: Something is unusual.
        """
        with os.scandir(descriptor) as entries:
            some = islice(entries, _MOST_ITEMS + 1)
            found = sorted([(entry.name, entry) for entry in some])
        if len(found) + len(self._items) > _MOST_ITEMS or depth > _MOST_DEEP:
            raise _NotOrdinary
        is_guild = prefix.startswith(".guild/")
        below: list[str] = []
        for name, entry in found:
            path = prefix + name
            if path == LOCK:  # it may be running
                raise _NotOrdinary
            if is_guild and stays_here(path, with_env=False):
                continue
            if entry.is_file(follow_symlinks=False):
                facts, data = self._file(descriptor, name, path)
            else:
                facts = entry.stat(follow_symlinks=False)
                data = self._other(descriptor, name, S_IFMT(facts.st_mode), below)
            mode = facts.st_mode
            self._items.append((path, S_IFMT(mode), mode & 0o7777, facts.st_mtime_ns, data))
        for name in below:
            self._go_down(descriptor, name, f"{prefix}{name}/", depth + 1)

    def result(self, top: os.stat_result) -> QuickRun | None:
        """What was read; None where it is no ordinary run after all."""
        items = self._items
        if ".guild/opref" not in self._digests:
            return None
        names = "".join([item[0] for item in items])
        if not names.isascii() or not _ODD.isdisjoint(names):
            return None
        links = {path: os.fsdecode(data) for path, kind, _, _, data in items if kind == S_IFLNK}
        record = dump_record(Record(self._digests, links))
        newest = max([item[3] for item in items])
        items.append((RECORD, S_IFREG, 0o644, newest, record))
        return QuickRun(top.st_mode & 0o7777, top.st_mtime_ns, items, record, self._bytes)

    def _file(self, within: int, name: str, path: str) -> tuple[os.stat_result, bytes]:
        descriptor = os.open(name, _FILE, dir_fd=within)
        try:
            facts = os.fstat(descriptor)
            size = facts.st_size
            self._bytes += size
            if not S_ISREG(facts.st_mode) or self._bytes > MOST_BYTES:
                raise _NotOrdinary
            data = os.read(descriptor, size + 1)
        finally:
            os.close(descriptor)
        if len(data) != size:  # it changes right now
            raise _NotOrdinary
        self._digests[path] = hashlib.sha256(data).hexdigest()
        return facts, data

    def _other(self, within: int, name: str, kind: int, below: list[str]) -> bytes:
        """The target of a link; a directory is noted, to be read after what is beside it."""
        if kind == S_IFDIR:
            below.append(name)
            return b""
        if kind != S_IFLNK or not self._with_links:
            raise _NotOrdinary
        target = os.readlink(name, dir_fd=within)
        if not target.isascii() or not _ODD.isdisjoint(target):
            raise _NotOrdinary
        return os.fsencode(target)

    def _go_down(self, within: int, name: str, prefix: str, depth: int) -> None:
        descriptor = os.open(name, _DIRECTORY | getattr(os, "O_NOFOLLOW", 0), dir_fd=within)
        try:
            self.read(descriptor, prefix, depth)
        finally:
            os.close(descriptor)
