"""One side of a diff: what is asked of a run, or of a directory beside it, when it is compared.

Why a protocol: a run may lie in a home, in an archive or on another machine. Whoever compares asks
for names, attributes and files that can be read from any place in them, and nothing else. Files are
opened as `core.runs.files` opens them, never through a link that leads out of the run.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from msgspec import Struct

from core.check import Check
from core.errors import Error
from core.runs.attrs import list_attrs, read_attr
from core.runs.files import FileEntry, open_file, walk_files
from core.runs.source_code import SourceFile, list_source

OUTPUT = ".guild/output"
MOST_READ = 64 * 1024 * 1024
"""Bytes of a file that are read to see whether it differs; larger ones of equal size are unsure."""


class DiffSide(Protocol):
    """A run, or a directory that is compared to one.

    Attributes:
        name: What it is called: a run's id, or the path of a directory.
        most_read: Bytes of a file that may be read only to see whether it differs.
    """

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def most_read(self) -> int:
        """Bytes of a file that may be read only to see whether it differs."""

    def attr_names(self) -> Sequence[str]:
        """Names of its attributes."""

    def attr(self, name: str) -> Any:
        """One attribute; None where it has none. Raises RunDamaged."""

    def source(self, check: Check) -> tuple[Sequence[SourceFile], str]:
        """Its source code, and one sentence on what could not be read (or an empty text)."""

    def files(self, check: Check) -> Iterator[FileEntry]:
        """Everything in it but what is in `.guild`. Raises Error."""

    def size(self, path: str) -> int | None:
        """Bytes of a file; None where it cannot be opened."""

    def open(self, path: str) -> BinaryIO:
        """Open a file, to be read from any place. Raises Error."""


class _OnDisk(Struct, frozen=True):
    """The files of a side that is a directory of this machine."""

    path: Path

    def files(self, check: Check) -> Iterator[FileEntry]:
        """Everything in it but what is in `.guild`."""
        return _outside_of_guild(self.path, check)

    @property
    def most_read(self) -> int:
        """Files here are read quickly."""
        return MOST_READ

    def size(self, path: str) -> int | None:
        """Bytes of a file."""
        return _size(self.path, path)

    def open(self, path: str) -> BinaryIO:
        """Open a file."""
        return open_file(self.path, path)


class RunSide(_OnDisk, frozen=True):
    """A run in a home.

    Attributes:
        path: Its directory.
    """

    @property
    def name(self) -> str:
        """The run's id."""
        return self.path.name

    def attr_names(self) -> Sequence[str]:
        """Names of its attributes."""
        return list_attrs(self.path)

    def attr(self, name: str) -> Any:
        """One attribute."""
        return read_attr(self.path, name)

    def source(self, check: Check) -> tuple[Sequence[SourceFile], str]:
        """Its source code."""
        listing = list_source(self.path, check)
        return listing.files, listing.problem


class DirectorySide(_OnDisk, frozen=True):
    """A directory that is no run, such as the project that a run was made from.

    Attributes:
        path: The directory.
        wanted: Paths of the files that count as its source code, as far as they exist; None for
            all that are there.
    """

    wanted: frozenset[str] | None = None

    @property
    def name(self) -> str:
        """The path of the directory."""
        return str(self.path)

    def attr_names(self) -> Sequence[str]:
        """None: it is no run."""
        return ()

    def attr(self, name: str) -> Any:
        """None: it is no run."""

    def source(self, check: Check) -> tuple[Sequence[SourceFile], str]:
        """Its files, as far as they are wanted."""
        found = [
            SourceFile(entry.path, entry.path)
            for entry in self.files(check)
            if entry.shape == "file" and (self.wanted is None or entry.path in self.wanted)
        ]
        return found, ""


def _size(path: Path, name: str) -> int | None:
    try:
        with open_file(path, name) as file:
            return file.seek(0, os.SEEK_END)
    except (Error, OSError):
        return None  # what cannot be opened is said when it is looked at


def _outside_of_guild(path: Path, check: Check) -> Iterator[FileEntry]:
    def enter(entry: FileEntry) -> bool:
        return not entry.target and entry.path != ".guild"

    for entry in walk_files(path, enter=enter, check=check):
        if entry.path != ".guild":
            yield entry
