"""What files of a remote are asked for and given by: whatever brings or sends them uses these.

Paths are text with "/"; bytes that are no UTF-8 are surrogates in them. A relative path begins in
the login directory.
"""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from core.archives.entries import ArchiveEntry

MOST_SMALL = 16 << 20
MOST_ENTRIES = 300_000
"""Entries of one run after which its listing is not believed."""


class Sink(Protocol):
    """Where the content of one file goes."""

    def take(self, data: bytes) -> None:
        """The next bytes, in their order."""

    def end(self, problem: str) -> None:
        """All came, or why not: "gone", "shorter" than it was, or a reason."""

    def close(self) -> None:
        """No more will come, whatever came."""


class Spring(Protocol):
    """Where the content of one file comes from."""

    def give(self, size: int) -> bytes:
        """The next bytes, at most so many; none at the end."""

    def end(self, problem: str) -> None:
        """All was stored, or why not."""


class Fetch(Struct, frozen=True):
    """A file of the remote that is wanted here.

    Attributes:
        path: Where it is there.
        size: Bytes that it had when it was listed; no more are taken.
        sink: Takes them.
        offset: Where to begin.
    """

    path: str
    size: int
    sink: Sink
    offset: int = 0


class Store(Struct, frozen=True):
    """A file that goes to the remote.

    Attributes:
        path: Where it will be; what is there is replaced, or added to from `offset` on.
        entry: Size, mode and time that it gets.
        spring: Gives its content from `offset` on.
        offset: How much of it is there already.
    """

    path: str
    entry: ArchiveEntry
    spring: Spring
    offset: int = 0


class Tree(Struct, frozen=True):
    """Everything below a directory.

    Attributes:
        entries: Names are relative to it; each directory before what is in it.
        problem: Why it could not be listed, as a clause; empty when it could.
        digest: Of what was said of it (remote.found); empty where that is not told.
        is_known: Whether the same was said of it as before: then entries are left out.
    """

    entries: tuple[ArchiveEntry, ...] = ()
    problem: str = ""
    digest: bytes = b""
    is_known: bool = False
