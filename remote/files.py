"""What a remote's file system must be able to do, whatever speaks to it.

Paths are text with "/"; bytes that are no UTF-8 are surrogates in them. A relative path begins in
the login directory. Nothing here follows a link that is the last part of a path, except `names`
of a directory that the caller names.

Why reading and storing take many files at once: over a network one file after another is slow,
whatever the file is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Protocol

from msgspec import Struct

from core.archives.entries import ArchiveEntry

Check = Callable[[], None]

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


class RemoteFiles(Protocol):
    """Files of one remote; used by one thread at a time.

    Every method raises RemoteRefused where the server refuses, and ConnectionLost where it is gone.
    """

    def look(self, path: str) -> ArchiveEntry | None:
        """What is at a path; None where nothing is."""

    def names(self, path: str, check: Check) -> list[ArchiveEntry] | None:
        """What is in a directory, unordered; None where there is none."""

    def trees(self, paths: Sequence[str], check: Check) -> Mapping[str, Tree]:
        """Everything below each of the directories; one that is missing has a problem."""

    def read(self, paths: Iterable[str], check: Check) -> Mapping[str, bytes | None]:
        """Contents of small files; None of those that are missing, links or no files."""

    def fetch(self, wanted: Iterable[Fetch], check: Check) -> None:
        """Bring files; each sink is told of its own problem."""

    def store(self, given: Iterable[Store], check: Check) -> None:
        """Send files into directories that exist; each spring is told of its own problem."""

    def make_dirs(self, paths: Sequence[str], check: Check) -> set[str]:
        """Make directories, each after its parent; returns those that were not there before."""

    def make_links(self, links: Mapping[str, ArchiveEntry], check: Check) -> None:
        """Make links, with their times where the server can: path to the entry that says where to.

        What is there is replaced.
        """

    def give_facts(self, entries: Mapping[str, ArchiveEntry], check: Check) -> None:
        """Give files and directories mode and time: path to the entry that has them."""

    def share(self, pairs: Mapping[str, str], check: Check) -> Sequence[str]:
        """Give files a second name, new path to old one; returns the new ones that failed."""

    def begin_copy(self, old: str, new: str, size: int, check: Check) -> bool:
        """Copy the first bytes of a file there; False where the server cannot."""

    def rename_all(self, pairs: Sequence[tuple[str, str]], check: Check) -> Mapping[str, str]:
        """Rename, in this order; refused where the new name exists. Old path to reason of failures.

        One that fails does not keep the others from being tried.
        """

    def replace(self, old: str, new: str) -> None:
        """Rename a file over another one in one step, where the server can."""

    def remove(self, path: str) -> None:
        """Remove a file or link; nothing happens where there is none."""

    def drop_empty(self, paths: Sequence[str], check: Check) -> None:
        """Remove those of the directories that are empty, in this order; the others stay."""

    def remove_trees(self, paths: Sequence[str], check: Check) -> None:
        """Remove directories with everything in them; those that are not there are passed over."""

    def free_bytes(self, path: str) -> int | None:
        """How much room is left; None where the server does not say."""
