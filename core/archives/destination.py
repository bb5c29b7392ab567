"""What an export would meet at its destination, found out while the user still types it."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

from core.archives.export import ExportFormat, require_elsewhere
from core.errors import ArchiveError
from core.home import Home
from core.runs.guild_files import reason

_BEGINNINGS: dict[ExportFormat, tuple[bytes, ...]] = {
    "zip": (b"PK\x03\x04", b"PK\x05\x06"),
    "tar.gz": (b"\x1f\x8b",),
    "tar.zst": (b"\x28\xb5\x2f\xfd", *(bytes([n]) + b"\x2a\x4d\x18" for n in range(0x50, 0x60))),
}


class Outlook(Struct, frozen=True):
    """What is known of a destination.

    Attributes:
        problem: Why nothing can be exported there, in one sentence; empty when it can be tried.
        note: What is to be known besides, in one sentence; usually empty.
        free: Bytes that are free there; None when that is not known.
    """

    problem: str = ""
    note: str = ""
    free: int | None = None


def look_at_destination(home: Home, path: Path, kind: ExportFormat) -> Outlook:
    """Look where runs are to go; writes nothing.

    Args:
        home: The home of the runs.
        path: The destination, absolute.
        kind: What is to be written.
    """
    try:
        require_elsewhere(home, path)
    except ArchiveError as e:
        return Outlook(e.told)
    except (OSError, ValueError):
        pass  # told by whoever looks next
    return look_at_place(path, kind)


def look_at_place(path: Path, kind: ExportFormat) -> Outlook:
    """Look where runs are to go that come from no home; writes nothing.

    Args:
        path: The destination, absolute.
        kind: What is to be written.
    """
    if "\0" in os.fspath(path):
        return Outlook("This is no name that a file can have.")
    try:
        problem = _directory_problem(path) if kind == "directory" else _archive_problem(path, kind)
        if problem:
            return Outlook(problem)
        from shutil import disk_usage  # 2 ms that an export without questions does without

        free = disk_usage(_nearest(path)).free
        return Outlook(note=_note(path, kind), free=free)
    except OSError as e:
        return Outlook(f"Cannot look at {path}: {reason(e)}.")


def _directory_problem(path: Path) -> str:
    if path.exists() and not path.is_dir():
        return f"{path} is a file: choose a directory, or another format."
    return _write_problem(_nearest(path))


def _archive_problem(path: Path, kind: ExportFormat) -> str:
    if path.is_dir():
        return f"{path} is a directory: add the name of the archive."
    if not path.parent.is_dir():
        return f"There is no directory {path.parent}."
    problem = _write_problem(path.parent)
    return problem if problem or not path.exists() else _old_problem(path, kind)


def _old_problem(path: Path, kind: ExportFormat) -> str:
    """Why nothing can be added to what is there."""
    if not path.is_file():
        return f"{path} is there already and is no archive: choose another name."
    if not os.access(path, os.R_OK):
        return f"You may not read {path}, to which the runs would be added: choose another name."
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(_BEGINNINGS[kind]):
        return ""
    return f"{path} is there already and is no {kind}: choose another name."


def _write_problem(directory: Path) -> str:
    if not directory.is_dir():
        return f"{directory} is no directory."
    return "" if os.access(directory, os.W_OK | os.X_OK) else f"You may not write in {directory}."


def _note(path: Path, kind: ExportFormat) -> str:
    if kind != "directory":
        return "The archive is there already: the runs are added to it." if path.exists() else ""
    if not path.exists():
        return "The directory will be made."
    with os.scandir(path) as entries:
        is_empty = next(entries, None) is None
    return "" if is_empty else "The runs are added to what the directory holds."


def _nearest(path: Path) -> Path:
    """The path, or what of it is there."""
    while not os.path.lexists(path) and path != path.parent:
        path = path.parent
    return path
