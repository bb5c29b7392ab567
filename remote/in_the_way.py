"""Finds out whether something that is no directory stands where one is wanted on a server.

Servers say of that "failure" or "permission denied", which would send people looking for rights.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

from core.archives.entries import ArchiveEntry
from core.runs.files import shown
from remote.errors import RemoteRefused


class Looks(Protocol):
    """What can be asked what is at a path."""

    @property
    def name(self) -> str:
        """How the remote is called."""

    def look(self, path: str) -> ArchiveEntry | None:
        """What is at a path; None where nothing is. Raises RemoteRefused."""

    def require_room(self, path: str, what: str) -> None:
        """Raises RemoteFull where there is none."""


def is_in_the_way(files: Looks, path: str) -> bool:
    """Whether something is at a path that neither is nor leads to a directory."""
    entry = files.look(path)
    if entry is not None and entry.kind == "link":
        entry = None
        with suppress(RemoteRefused):
            entry = files.look(f"{path}/.")
        return entry is None
    return entry is not None and entry.kind != "dir"


def require_place(files: Looks, path: str) -> None:
    """Find out why a directory could not be made.

    Raises:
        RemoteRefused: A file is there, or above it.
        RemoteFull: The disk has no room.
    """
    parts = path.rstrip("/").split("/")
    for length in range(2, len(parts) + 1):
        above = "/".join(parts[:length])
        if is_in_the_way(files, above):
            raise RemoteRefused(
                f"{files.name} cannot make the directory {shown(path)}: {shown(above)} is no "
                "directory.",
                remote=files.name,
            )
    files.require_room(path, "make the directory")
