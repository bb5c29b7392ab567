"""What of a run leaves it, item by item; of very many the list is on the disk.

A million items take 400 MB in memory. In a file they take 150 MB, and are read again in the order
in which they came. The file has no name: a program that is killed leaves nothing of it.
"""

from __future__ import annotations

import marshal
import os
import weakref
from collections.abc import Collection, Iterable, Iterator
from itertools import chain, islice
from typing import IO, Literal, NamedTuple

ItemKind = Literal["file", "dir", "link"]

MANY = 40_000
"""More items than these are not kept in memory."""

_AT_ONCE = 500


class Found(NamedTuple):
    """What the system says of a file, as far as it matters here (see os.stat_result)."""

    st_mode: int
    st_size: int
    st_mtime_ns: int
    st_atime_ns: int
    st_ctime_ns: int

    @staticmethod
    def of(stat: os.stat_result) -> Found:
        """That of a file."""
        times = stat.st_mtime_ns, stat.st_atime_ns, stat.st_ctime_ns
        return Found(stat.st_mode, stat.st_size, *times)


class TreeItem(NamedTuple):
    """One thing of a run that leaves it; a tuple, as a transfer makes ten thousands of them.

    Attributes:
        path: Relative to the run, with "/".
        kind: What it becomes.
        source: Where it is now.
        found: What the system says of it (of a link: of itself).
        target: What a link says; empty for others.
    """

    path: str
    kind: ItemKind
    source: str
    found: Found
    target: str = ""

    @property
    def size(self) -> int:
        """Bytes of a file; 0 for others."""
        return self.found.st_size if self.kind == "file" else 0


class ManyItems(Collection[TreeItem]):
    """Items on the disk, to be gone through by one after the other.

    Args:
        items: They.

    Raises:
        OSError: They cannot be written.
    """

    def __init__(self, items: Iterable[TreeItem]) -> None:
        from tempfile import TemporaryFile  # 3 ms that runs of fewer files do without

        self._file: IO[bytes] = TemporaryFile()  # noqa: SIM115 - closed with this
        weakref.finalize(self, self._file.close)
        self._count = 0
        coming = iter(items)
        while some := list(islice(coming, _AT_ONCE)):
            self._count += len(some)
            marshal.dump([(*item[:3], tuple(item.found), item.target) for item in some], self._file)
        self._file.flush()
        self._size = self._file.tell()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[TreeItem]:
        at = 0
        while at < self._size:
            self._file.seek(at)  # somebody else may go through it meanwhile
            some = marshal.load(self._file)  # written by this object only
            at = self._file.tell()
            for path, kind, source, found, target in some:
                yield TreeItem(path, kind, source, Found(*found), target)

    def __contains__(self, item: object) -> bool:
        return any(item == each for each in self)


def collect(items: Iterable[TreeItem]) -> Collection[TreeItem]:
    """Keep items: in memory, or on the disk where they are too many.

    Raises:
        OSError: They cannot be written there.
    """
    coming = iter(items)
    first = tuple(islice(coming, MANY + 1))
    return first if len(first) <= MANY else ManyItems(chain(first, coming))
