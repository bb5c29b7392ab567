"""What is to be exported, and how: the values that the dialog and the job of an export share."""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from core.home import Home

if TYPE_CHECKING:
    from core.archives.export import ExportFormat, ExportOptions

FORMATS: tuple[ExportFormat, ...] = ("zip", "tar.zst", "tar.gz", "directory")
SUFFIXES: Mapping[ExportFormat, str] = {
    "zip": ".runs.zip",
    "tar.zst": ".runs.tar.zst",
    "tar.gz": ".runs.tar.gz",
    "directory": "",
}
_ENDINGS = (*(suffix for suffix in SUFFIXES.values() if suffix), ".zip", ".tar.zst", ".tar.gz")


class Exportable(Struct, frozen=True):
    """Runs that can be exported.

    Attributes:
        home: Where they are.
        ids: Which.
        own: Trials and steps that belong to them alone and may go along.
        own_words: What those are: "6 trials".
        running: Those of both that are running.
        name: What an archive of them may be called.
    """

    home: Home
    ids: tuple[str, ...]
    own: tuple[str, ...] = ()
    own_words: str = ""
    running: frozenset[str] = frozenset()
    name: str = "runs"


class ExportWanted(Struct, frozen=True):
    """What the user decided.

    Attributes:
        ids: The runs.
        path: Where to, absolute.
        options: How.
    """

    ids: tuple[str, ...]
    path: Path
    options: ExportOptions


class ExportHabit(Struct, frozen=True):
    """What was decided the last time.

    Attributes:
        directory: Where to.
        format: What was written.
    """

    directory: str = ""
    format: ExportFormat = "zip"

    @classmethod
    def from_map(cls, value: Mapping[str, Any]) -> ExportHabit:
        """From what was remembered; what is no habit is left out."""
        directory, kind = value.get("directory"), value.get("format")
        known: ExportFormat = next((each for each in FORMATS if each == kind), "zip")
        return cls(directory if isinstance(directory, str) else "", known)

    def as_map(self) -> dict[str, Any]:
        """To be remembered."""
        return {"directory": self.directory, "format": self.format}


def path_of(text: str) -> Path:
    """The path that a text means; one that is not absolute is below the user's own directory."""
    path = Path(text.strip())
    with suppress(RuntimeError):  # "~nobody"
        path = path.expanduser()
    return Path(os.path.normpath(Path.home() / path))


def with_format(text: str, kind: ExportFormat) -> str:
    """A destination with the ending of a format in place of that of another one."""
    stem = text
    for ending in _ENDINGS:
        if text.lower().endswith(ending) and len(text) > len(ending):
            stem = text[: -len(ending)]
            break
    return stem + SUFFIXES[kind]


def format_of_text(text: str) -> ExportFormat:
    """What a destination is by its name."""
    from core.archives.export import format_of  # not needed to open a window

    return format_of(path_of(text))
