"""Writing one imported run, file by file, where it is not a run yet.

Every file is made anew (never through a link, never over another one), links come last, and rights
beyond reading, writing and executing are not taken over: nobody's archive makes a program run as
somebody else.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from functools import partial
from typing import BinaryIO

from core.archives.arrival import Arrival
from core.archives.entries import ArchiveEntry
from core.archives.hashing import WORTH_IT, Hashing
from core.archives.large_run import EntriesOfKind
from core.archives.pieces import iter_ahead
from core.archives.verification import InMemory, OnDisk, Verification
from core.errors import ArchiveError
from core.runs.file_facts import set_link_times, set_mode, set_times
from core.runs.files import shown

_PIECE = 1 << 20
_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_MODES = 0o777
_PRIVATE = 0o700


class StagedRun:
    """A run that is being written.

    Args:
        path: Its directory, which is made.
        arrival: What it consists of.
        advance: Called with the bytes that were written; raises to stop.

    Attributes:
        path: Its directory.
        verification: Takes the record that came with it.
    """

    def __init__(self, path: str, arrival: Arrival, advance: Callable[[int], None]) -> None:
        self.path = path
        is_large = isinstance(arrival.files, EntriesOfKind)
        self.verification: Verification = OnDisk() if is_large else InMemory()
        self._arrival = arrival
        self._advance = advance
        self._left = len(arrival.files)  # none is written twice
        self._made: dict[str, ArchiveEntry | None] = {"": None}
        os.mkdir(path, _PRIVATE)
        for name, entry in arrival.dirs.items():
            self._make_dir(name, entry)

    @property
    def is_complete(self) -> bool:
        """Whether all files are there; the record, where there is one, is another matter."""
        return not self._left

    def write(self, entry: ArchiveEntry, file: BinaryIO) -> None:
        """Write one file.

        Raises:
            OSError: It cannot be written.
            ArchiveError: It cannot be read, or is longer than it says.
        """
        self._make_dir(entry.name.rpartition("/")[0], None)
        path = f"{self.path}/{entry.name}"
        descriptor = os.open(path, _CREATE, 0o666)
        try:
            self.verification.note(entry.name, self._copy(entry, file, descriptor))
            if entry.mode & _MODES:
                set_mode(descriptor, entry.mode & _MODES)
            with suppress(OverflowError, OSError):  # a time that this file system does not know
                if entry.mtime_ns:
                    set_times(path, descriptor, entry.mtime_ns, entry.mtime_ns)
        finally:
            os.close(descriptor)
        self._left -= 1

    def finish(self) -> None:
        """Make the links, compare with the record, and set the times of directories.

        Raises:
            ArchiveError: A file is missing or not what was exported. The message is a clause.
            OSError: Something cannot be written.
        """
        if self._left:
            raise ArchiveError(f"{shown(self._first_missing())} is missing in it")
        problem = self.verification.problem()
        if problem:
            raise ArchiveError(problem)
        for name, entry in self._arrival.links.items():
            self._make_dir(name.rpartition("/")[0], None)
            os.symlink(entry.target, f"{self.path}/{name}")
            _set_time(f"{self.path}/{name}", entry.mtime_ns)
        for name, made in sorted(self._made.items(), reverse=True):
            path = f"{self.path}/{name}" if name else self.path
            os.chmod(path, made.mode & _MODES if made and made.mode & _MODES else 0o755)
            _set_time(path, made.mtime_ns if made else 0)

    def _first_missing(self) -> str:
        return min(n for n in self._arrival.files if not os.path.lexists(f"{self.path}/{n}"))

    def _make_dir(self, name: str, entry: ArchiveEntry | None) -> None:
        if name in self._made:
            self._made[name] = entry or self._made[name]
            return
        missing = [name]
        while (parent := missing[-1].rpartition("/")[0]) not in self._made:
            missing.append(parent)
        for each in reversed(missing):
            os.mkdir(f"{self.path}/{each}", _PRIVATE)
            self._made[each] = None
        self._made[name] = entry

    def _copy(self, entry: ArchiveEntry, file: BinaryIO, descriptor: int) -> str:
        if entry.size < WORTH_IT:
            digest = hashlib.sha256()
            for piece in self._checked(entry, iter(partial(file.read, _PIECE), b"")):
                digest.update(piece)
                _write_all(descriptor, piece)
            return digest.hexdigest()
        with Hashing() as beside, closing(iter_ahead(partial(file.read, _PIECE))) as coming:
            for piece in self._checked(entry, coming):
                beside.update(piece)
                _write_all(descriptor, piece)
            return beside.hexdigest()

    def _checked(self, entry: ArchiveEntry, pieces: Iterator[bytes]) -> Iterator[bytes]:
        written = 0
        for piece in pieces:
            written += len(piece)
            if written > entry.size:
                raise ArchiveError(f"{shown(entry.name)} is longer than it says")
            yield piece
            self._advance(len(piece))


def _write_all(descriptor: int, piece: bytes) -> None:
    rest = memoryview(piece)
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _set_time(path: str, mtime_ns: int) -> None:
    if mtime_ns:
        with suppress(OverflowError, OSError):  # a time that this file system does not know
            if os.path.islink(path):
                set_link_times(path, mtime_ns, mtime_ns)
            else:
                os.utime(path, ns=(mtime_ns, mtime_ns))
