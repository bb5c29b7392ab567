"""What the list of a zip says of one run's files."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path

from core.archives.pieces import read_at
from core.archives.roots import without_dot
from core.archives.small_files import GUILD
from core.archives.zip_directory import (
    LONGEST_RECORD,
    PART,
    CentralDirectory,
    ZipRecord,
    damaged,
    iter_names,
    record_at,
    records_in,
    size_of_record,
)

_MOST_KEPT = 1 << 20  # bytes of a list of which what was understood is kept
_MOST_INNER = 40_000
_SOURCE_CODE = b".guild/sourcecode/"
_NO_RECORD = ZipRecord(b"", *[0] * 9)


class RunRecords:
    """The records of one run, understood when they are asked for: most never are.

    Args:
        run_id: The run.
        root: Its directory in the archive.
        data: Its pieces of the central directory.
        shift: How many bytes stand before the zip.
        path: The archive, for errors.
    """

    def __init__(self, run_id: str, root: bytes, data: bytes, shift: int, path: Path) -> None:
        self.run_id = run_id
        self._root = root
        self._data = data
        self._shift = shift
        self._path = path
        self._skip = len(root.decode("utf-8", "surrogateescape")) + 1 if root else 0
        self._skip_bytes = len(root) + 1 if root else 0
        self._places: list[tuple[str, int]] | None = None
        self._records: dict[int, ZipRecord] = {}

    @property
    def places(self) -> Iterable[tuple[str, int]]:
        """Name relative to the run (without "/" at its end) and place of each record."""
        if self._places is None:
            found = records_in(self._data, self._path)
            self._places = [(self._below(self.at(at).name), at) for _, at in found]
        return self._places

    def inner(self) -> dict[str, int]:
        """Places by name of what is in `.guild`."""
        prefix = self._root + b"/.guild/" if self._root else b".guild/"
        if self._data[46:48] == b"./":
            prefix = b"./" + prefix
        found = records_in(self._data, self._path, prefix)
        return {GUILD + name.decode("utf-8", "surrogateescape"): at for name, at in found}

    def at(self, place: int) -> ZipRecord:
        """The record at a place; each is asked for several times."""
        found = self._records.get(place)
        if found is None:
            found = record_at(self._data, place, self._shift)
            if len(self._data) < _MOST_KEPT:
                self._records[place] = found
        return found

    def raw(self, place: int) -> tuple[bytes, int, int]:
        """The piece that the record at a place is in, its place, and what stands before the zip."""
        return self._data, place, self._shift

    def named(self, name: str) -> ZipRecord | None:
        """The record of a name; None where there is none."""
        place = dict(self.places).get(name)
        return None if place is None else self.at(place)

    def _below(self, name: str) -> str:
        """A name relative to the run."""
        while name.startswith("./"):
            name = name[2:]
        return name[self._skip :].rstrip("/")


class LargeRunRecords(RunRecords):
    """The same of a run with very many files: read from the archive each time they are asked for.

    Args:
        run_id: The run.
        root: Its directory in the archive.
        pieces: Begins and ends of its pieces of the central directory.
        descriptor: The archive.
        shift: How many bytes stand before the zip.
        path: The archive, for errors.
    """

    def __init__(
        self,
        run_id: str,
        root: bytes,
        pieces: Sequence[tuple[int, int]],
        descriptor: int,
        shift: int,
        path: Path,
    ) -> None:
        super().__init__(run_id, root, b"", shift, path)
        self._pieces = pieces
        self._descriptor = descriptor
        self._inner: dict[str, int] | None = None
        self._ahead, self._ahead_at = b"", 0  # most are asked for in the order of the archive
        self._last = -1, _NO_RECORD  # nearly all are asked for twice in a row

    @property
    def places(self) -> Iterable[tuple[str, int]]:
        """Name relative to the run and place of each record, anew each time."""
        return ((self._below(self.at(place).name), place) for place, _ in self._names())

    def inner(self) -> dict[str, int]:
        """Places by name of what is in `.guild`, without source code and what is too much."""
        if self._inner is None:
            self._inner = dict(islice(self._names_in_guild(), _MOST_INNER))
        return self._inner

    def _names_in_guild(self) -> Iterator[tuple[str, int]]:
        guild = self._root + b"/.guild/" if self._root else b".guild/"
        beginnings = guild, b"./" + guild
        for place, name in self._names():
            if name.startswith(beginnings):
                inner = without_dot(name)[self._skip_bytes :]
                if not inner.startswith(_SOURCE_CODE):
                    yield inner.decode("utf-8", "surrogateescape"), place

    def at(self, place: int) -> ZipRecord:
        """The record at a place of the archive."""
        if self._last[0] != place:
            self._last = place, record_at(*self.raw(place))
        return self._last[1]

    def raw(self, place: int) -> tuple[bytes, int, int]:
        """A piece with the record at a place, where it begins, and what stands before the zip."""
        at = place - self._ahead_at
        size = size_of_record(self._ahead, at) if at >= 0 else 0
        if not size or at + size > len(self._ahead):
            self._ahead = read_at(self._descriptor, LONGEST_RECORD, place)
            self._ahead_at, at = place, 0
            size = size_of_record(self._ahead, 0)
        if not 0 < size <= len(self._ahead) - at:
            raise damaged(self._path, "its list of entries is cut off")
        return self._ahead, at, self._shift

    def _names(self) -> Iterator[tuple[int, bytes]]:
        for begin, end in self._pieces:
            part = CentralDirectory(begin, end - begin, PART, self._shift)
            for place, _, name in iter_names(self._descriptor, part, self._path):
                yield place, name
