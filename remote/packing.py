"""Files of this computer as one tar, made while it is sent.

Nothing is unpacked over there that could not be read here: a file is opened, and a small one read,
before its header is made. What cannot be read is left out and told (`Packing.problems`).
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from stat import S_IFREG
from typing import Self

from msgspec import Struct

from core.archives.entries import ArchiveEntry
from core.archives.quick_tar import PADDING, Heads
from core.archives.tar_headers import BLOCK
from core.archives.tar_packer import header_of
from core.runs.guild_files import open_directory, open_file, reason
from core.runs.held_directory import Directory
from remote.manifest import USER_FILES
from remote.moves import Tally

_SMALL = 64 << 10
_GATHER = 1 << 18
_HEADERS = 3 * BLOCK  # of nearly all files
_READ = 1 << 20
_MODES = 0o777

GONE, SHORTER = "gone", "shorter"
"""What comes of a file that is changed meanwhile: it is looked at, and perhaps sent, once more."""

Problem = tuple[str, str, str]
"""A run as it is called in the area, a file of it, and why it was not sent, as a clause."""


class Parcel(Struct, frozen=True):
    """What goes into the tar of one run.

    Attributes:
        run_dir: Where it is here.
        name: How it is called where it goes.
        dirs: Its directories, their names with that of the run.
        files: Its files, their names relative to the run.
    """

    run_dir: str
    name: str
    dirs: tuple[ArchiveEntry, ...]
    files: tuple[ArchiveEntry, ...]


class Packing:
    """Makes the tar.

    Args:
        parcels: What goes into it.
        tally: Counts.

    Attributes:
        problems: Files that were not sent as they were listed.
        broken: Those of which something arrives nevertheless, filled up with zeros: tar cannot
            take back a header. It is to be removed over there.
        words: What people wrote, as it was read: by the names of runs there, then of files.
    """

    def __init__(self, parcels: Iterable[Parcel], tally: Tally) -> None:
        self.problems: list[Problem] = []
        self.broken: list[tuple[str, str]] = []
        self.words: dict[str, dict[str, bytes]] = {}
        self._parcels = parcels
        self._tally = tally
        self._gathered: list[bytes] = []
        self._size = 0
        self._untold = 0

    def pieces(self) -> Iterator[bytes]:
        """The tar, in pieces that are worth sending."""
        for parcel in self._parcels:
            for entry in parcel.dirs:
                self._gathered.append(header_of(entry, 0))
                self._size += _HEADERS
                if self._size >= _GATHER:
                    yield self._taken()
            yield from self._files(parcel)
        self._gathered.append(bytes(2 * BLOCK))
        yield self._taken()

    def _files(self, parcel: Parcel) -> Iterator[bytes]:
        heads = Heads(f"./{parcel.name}/") if parcel.name.isascii() else None
        with _Opened(parcel.run_dir) as opened:
            for entry in parcel.files:
                try:
                    if entry.size > _SMALL:
                        yield from self._large(opened.file(entry.name), parcel, entry)
                    else:
                        self._small(opened.content(entry.name, entry.size), parcel, entry, heads)
                except FileNotFoundError:
                    self._note(parcel, entry, GONE)
                except OSError as e:
                    self._note(parcel, entry, reason(e))
                if self._size >= _GATHER:
                    yield self._taken()

    def _small(self, data: bytes, parcel: Parcel, entry: ArchiveEntry, heads: Heads | None) -> None:
        name, _, size, mode, mtime_ns, _ = entry
        if len(data) < size:
            self._note(parcel, entry, SHORTER)
            return
        head = None
        if heads is not None and name.isascii():
            head = heads.of(name, S_IFREG, mode & _MODES, size, mtime_ns)
        self._gathered += (head or _header(parcel, entry), data, PADDING[size % BLOCK])
        self._size += size + _HEADERS
        self._untold += size
        if name in USER_FILES:
            self.words.setdefault(parcel.name, {})[name] = data

    def _large(self, descriptor: int, parcel: Parcel, entry: ArchiveEntry) -> Iterator[bytes]:
        """A file piece by piece, no more than it was long, and no less: tar knows its size."""
        try:
            self._gathered.append(_header(parcel, entry))
            yield self._taken()
            left = entry.size
            why = ""
            while left:
                data = b""
                try:
                    data = b"" if why else os.read(descriptor, min(left, _READ))
                    why = why or ("" if data else SHORTER)
                except OSError as e:
                    why = reason(e)
                data = data or bytes(min(left, _READ))
                left -= len(data)
                self._untold += len(data)
                yield data
                self._tell()
            if why:
                self._note(parcel, entry, why)
                self.broken.append((parcel.name, entry.name))
            self._gathered.append(PADDING[entry.size % BLOCK])
        finally:
            os.close(descriptor)

    def _taken(self) -> bytes:
        self._tell()
        gathered, self._gathered, self._size = self._gathered, [], 0
        return b"".join(gathered)

    def _tell(self) -> None:
        untold, self._untold = self._untold, 0
        self._tally.pace(untold)

    def _note(self, parcel: Parcel, entry: ArchiveEntry, why: str) -> None:
        self.problems.append((parcel.name, entry.name, why))


class _Opened:
    """Opens files of a run, each within its directory, which is held for those that follow.

    Args:
        run_dir: The run.
    """

    def __init__(self, run_dir: str) -> None:
        self._run_dir = run_dir
        self._inside = ""
        self._held: Directory | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._let_go()

    def file(self, name: str) -> int:
        """The descriptor of a file, which the caller closes."""
        held, leaf = self._place_of(name)
        return open_file(leaf, held)

    def content(self, name: str, size: int) -> bytes:
        """The beginning of a small file; less where it became shorter, or is no file by now."""
        if not size:
            return b""
        held, leaf = self._place_of(name)
        descriptor = held.open(leaf)
        try:
            return os.read(descriptor, size)
        finally:
            os.close(descriptor)

    def _place_of(self, name: str) -> tuple[Directory, str]:
        parent, _, leaf = name.rpartition("/")
        if self._held is None or parent != self._inside:
            self._let_go()
            self._held = open_directory(f"{self._run_dir}/{parent}".rstrip("/"))
            self._inside = parent
        return self._held, leaf

    def _let_go(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            held.close()


def _header(parcel: Parcel, entry: ArchiveEntry) -> bytes:
    _, kind, size, mode, mtime_ns, _ = entry
    inner = ArchiveEntry(f"./{parcel.name}/{entry.name}", kind, size, mode & _MODES, mtime_ns)
    return header_of(inner, size)
