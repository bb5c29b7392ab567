"""What is remembered of a tar that was read through: its entries, and the small files of runs.

Why packed: an archive of 10,000 runs has 300,000 entries and 60 MB of attributes. Packed by zstd
in pieces this is some 3 KB a run, and unpacking what belongs to one run takes microseconds.
"""

from __future__ import annotations

import marshal
from array import array
from collections.abc import Callable, Iterator
from typing import Any

from core.archives.tar_headers import TarMember
from core.errors import ArchiveError

MOST_ENTRIES = 5_000_000
MOST_KEPT = 48 << 20  # packed bytes of small files
PIECE = 512  # entries packed together

Small = dict[str, tuple[bytes | None, int]]
"""Content (None where it was not kept) and modification time by name relative to the run."""


class TarLog:
    """Entries of a tar in its order, and the small files of its runs.

    Args:
        keeps: Whether small files are kept; where not, they are read again when they are asked for.

    Attributes:
        count: How many entries there are.
        outside: How many of them have names that lead out of the archive.
        has_end: Whether the end of the tar was there, and not only that of the file.
        keeps: As above.
    """

    def __init__(self, *, keeps: bool = True) -> None:
        import zstandard

        self.keeps = keeps
        self.count = 0
        self.outside = 0
        self.has_end = False
        self._compress = zstandard.ZstdCompressor(level=1).compress
        self._decompress = zstandard.ZstdDecompressor().decompress
        self._open: list[TarMember] = []
        self._pieces: list[bytes] = []
        self._small: dict[bytes, list[bytes]] = {}
        self._kept = 0
        self._partial: set[bytes] = set()
        self._places: dict[bytes, array[int]] = {}
        self._unpacked: tuple[int, list[TarMember]] = -1, []

    def add(self, member: TarMember) -> None:
        """Note an entry.

        Raises:
            ArchiveError: There are too many.
        """
        self._open.append(member)
        if len(self._open) == PIECE:
            self._pack()

    def keep(self, root: bytes, files: Small) -> None:
        """Keep small files of the run in the directory `root`, unless there is no room left."""
        data = self._packed(files)
        self._kept += len(data)
        if self._kept > MOST_KEPT:
            self._partial.add(root)
        else:
            self._small.setdefault(root, []).append(data)

    def assign(self, owner: Callable[[bytes], bytes | None]) -> None:
        """Find out which entries are whose, when all were added.

        Args:
            owner: Gives the directory of the run that an entry belongs to.
        """
        if self._open:
            self._pack()
        prefix, place = b"\0", array("Q")
        for number, name in enumerate(self._names()):
            if name.startswith(prefix) and place[-1] == number:
                place[-1] = number + 1
                continue
            root = owner(name)
            if root is None:
                self.outside += name.startswith((b"/", b"../")) or b"/../" in name
                continue
            place = self._places.setdefault(root, array("Q"))
            place.extend((number, number + 1))
            prefix = root + b"/" if root else b""
        self._small = {root: data for root, data in self._small.items() if root in self._places}

    def members(self, root: bytes) -> Iterator[TarMember]:
        """The entries of the run in a directory, without the directory itself."""
        place = self._places.get(root, array("Q"))
        for begin, end in zip(place[::2], place[1::2], strict=True):
            number = begin
            while number < end:
                at = number % PIECE
                some = self._piece(number // PIECE)[at : at + end - number]
                number += len(some)
                for member in some:
                    if member[0] != root:
                        yield member

    def members_if_few(self, root: bytes, most: int) -> list[TarMember] | None:
        """As `members`; None where there are none, more than `most`, or others between them."""
        place = self._places.get(root, array("Q"))
        if len(place) != 2 or not 0 < place[1] - place[0] <= most:
            return None
        return list(self.members(root))

    def count_of(self, root: bytes) -> int:
        """How many entries a run has, its directory with them."""
        place = self._places.get(root, array("Q"))
        return sum(place[1::2]) - sum(place[::2])

    def first(self, root: bytes) -> int:
        """Number of the first entry of a run."""
        place = self._places.get(root)
        return place[0] if place else self.count

    def small_files(self, root: bytes) -> Small:
        """The small files that were kept of a run."""
        found: Small = {}
        for data in self._small.get(root, ()):
            for name, value in self._load(data).items():
                found.setdefault(name, value)
        return found

    def is_partial(self, root: bytes) -> bool:
        """Whether not all small files of a run were kept."""
        return not self.keeps or root in self._partial

    def _pack(self) -> None:
        self.count += len(self._open)
        if self.count > MOST_ENTRIES:
            raise ArchiveError(f"More than {MOST_ENTRIES:,} entries are not read.")
        self._pieces.append(self._packed([tuple(each) for each in self._open]))
        self._open = []

    def _names(self) -> Iterator[bytes]:
        for piece in self._pieces:
            for member in self._load(piece):
                yield member[0]

    def _piece(self, number: int) -> list[TarMember]:
        if self._unpacked[0] != number:
            found = [TarMember(*each) for each in self._load(self._pieces[number])]
            self._unpacked = number, found
        return self._unpacked[1]

    def _packed(self, value: Any) -> bytes:
        data = self._compress(marshal.dumps(value))
        return bytes(memoryview(data))  # a copy: the library's own keeps the room of the worst case

    def _load(self, data: bytes) -> Any:
        return marshal.loads(self._decompress(data))  # packed by this object only
