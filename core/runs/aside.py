"""Where a run is while it is neither here nor there: being erased, or half copied.

Why a hidden directory among the runs themselves: it is on their file system for certain, so that a
run gets there and away by one rename, even where `runs`, `trash` or `trash/runs` is a link to
another disk or a mount of its own. Guild takes for runs only the directories next to it that hold
`.guild/opref`, and this one holds none; we skip hidden names.

What a killed process left there is removed by `clear`: whatever was to be erased, and copies
that nobody works on. Who works there holds a lock on the directory, which ends with its process.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.runs.erase import erase
from core.runs.guild_files import open_directory
from core.runs.held_directory import Directory

NAME = ".rundesk"
_REMOVED, _COPY = "removed-", "copy-"
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789_"  # those of Guild's names in its trash
_FULL = (errno.ENOSPC, errno.EDQUOT)
_OLD_SECONDS = 86_400.0
"""After so long a copy is given up where the file system cannot tell who works on it."""


def random_suffix() -> str:
    """Eight characters, as Guild puts them behind the id of a run that is there twice."""
    return "".join([_LETTERS[byte % len(_LETTERS)] for byte in os.urandom(8)])


def put_aside(runs_dir: str | Path, name: str) -> str:
    """Take a run out of its directory by one rename, to be erased; returns where it is now.

    Raises:
        OSError: It is not there, or may not be moved; then it is where it was.
    """
    source = f"{runs_dir}/{name}"
    try:
        return _renamed_into(source, f"{runs_dir}/{NAME}", _REMOVED + random_suffix())
    except OSError as e:
        if e.errno not in _FULL:
            raise
    # No room for a directory: erasing is what makes room. Guild sees this name until the first
    # file in it, the opref, is gone.
    path = f"{runs_dir}/{NAME}-{_REMOVED}{random_suffix()}"
    os.rename(source, path)
    _forget_opref(path)
    return path


def erase_aside(path: str, check: Callable[[], None] = lambda: None) -> int:
    """Erase what was put aside; returns how many bytes that freed.

    What another process is erasing or copying into is left to it.

    Raises:
        OSError: Something in it cannot be erased.
    """
    held = None
    if not os.path.islink(path) and os.path.isdir(path):
        try:
            held = _lock(path)
        except BlockingIOError:
            return 0
        if held is None and _is_young_copy(path):
            return 0
    try:
        return erase(path, check)
    finally:
        if held is not None:
            held.close()


@contextmanager
def place_for_copy(runs_dir: str | Path) -> Iterator[str]:
    """An empty directory for a copy that becomes a run by one rename.

    What is still there at the end is erased.
    """
    place = _made(f"{runs_dir}/{NAME}", _COPY + random_suffix())
    held = _lock(place)
    try:
        yield place
    finally:
        if held is not None:
            held.close()
        if os.path.lexists(place):
            erase(place)
        drop_if_empty(runs_dir)


def clear(runs_dir: str | Path, check: Callable[[], None] = lambda: None) -> int:
    """Erase what killed or cancelled processes left; returns how many bytes that freed.

    Raises:
        OSError: Something cannot be erased.
    """
    freed = sum(erase_aside(path, check) for path in list(_left_over(f"{runs_dir}")))
    drop_if_empty(runs_dir)
    return freed


def is_left_over(runs_dir: str | Path) -> bool:
    """Whether killed or cancelled processes left something that nobody works on."""
    return any(map(_is_unheld, _left_over(f"{runs_dir}")))


def drop_if_empty(runs_dir: str | Path) -> None:
    """Remove the hidden directory when nothing is in it."""
    try:
        os.rmdir(f"{runs_dir}/{NAME}")
    except OSError:
        return  # there is none, or it is in use


def _renamed_into(source: str, directory: str, name: str) -> str:
    for attempt in range(3):
        _make(directory)
        try:
            os.rename(source, f"{directory}/{name}")
        except FileNotFoundError:
            # Another process may have removed the directory, since it was empty.
            if attempt == 2 or not os.path.lexists(source):
                raise
        else:
            break
    return f"{directory}/{name}"


def _made(directory: str, name: str) -> str:
    for attempt in range(3):
        _make(directory)
        try:
            os.mkdir(f"{directory}/{name}", mode=0o700)
        except FileNotFoundError:
            if attempt == 2:
                raise
        else:
            break
    return f"{directory}/{name}"


def _make(directory: str) -> None:
    """Make the hidden directory, but not what it lies in: that may have been renamed just now."""
    with suppress(FileExistsError):
        os.mkdir(directory, mode=0o700)


def _forget_opref(path: str) -> None:
    try:
        os.unlink(f"{path}/.guild/opref")
    except OSError:
        return  # it never had one, or may not be changed: then it is erased by its directory


def _left_over(runs_dir: str) -> Iterator[str]:
    for name in _names(runs_dir):
        if name.startswith(f"{NAME}-{_REMOVED}"):
            yield f"{runs_dir}/{name}"
    for name in _names(f"{runs_dir}/{NAME}"):
        if name.startswith((_REMOVED, _COPY)):
            yield f"{runs_dir}/{NAME}/{name}"


def _names(directory: str) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []


def _is_unheld(path: str) -> bool:
    if os.path.islink(path) or not os.path.isdir(path):
        return True
    try:
        held = _lock(path)
    except OSError:
        return False  # somebody works on it, or just took it away
    if held is not None:
        held.close()
    return held is not None or not _is_young_copy(path)


def _is_young_copy(path: str) -> bool:
    """Whether somebody may still be copying there, on a file system that knows no locks."""
    is_copy = os.path.basename(path).startswith(_COPY)
    return is_copy and time.time() - os.lstat(path).st_mtime < _OLD_SECONDS


def _lock(path: str) -> Directory | None:
    """Lock a directory until it is closed; None where that is not possible at all.

    Raises:
        BlockingIOError: Another process holds it.
    """
    directory = open_directory(path)
    is_held = False
    try:
        is_held = directory.lock()
    except BlockingIOError:
        raise
    except OSError:
        return None
    finally:
        if not is_held:
            directory.close()
    return directory if is_held else None
