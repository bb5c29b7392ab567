"""Where imported runs are until they are whole: `incoming` beside `runs`, where nobody lists them.

Each import has a directory of its own there, locked as long as it works:

    incoming/import-abcd1234/part/ID   being written
    incoming/import-abcd1234/swap/ID   complete and verified; the run that it replaces goes to the
                                       trash next

What `finish` makes of what a killed import left: a run in `swap` whose place among the runs is free
(the old one is in the trash already) is renamed there; everything else is removed. So a killed
replacement is finished or never happened.

Where `runs` is on another file system than the home, the same lies in the hidden directory among
the runs (core.runs.aside), since a run must arrive by a rename.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.archives.part_file import INCOMING, clear_noted
from core.errors import ArchiveError
from core.home import Home
from core.runs.aside import NAME as HIDDEN
from core.runs.aside import drop_if_empty, random_suffix
from core.runs.erase import erase
from core.runs.guild_files import open_directory, reason
from core.runs.held_directory import Directory
from core.text import format_bytes, plural

_AREA = "import-"
_OLD_SECONDS = 86_400.0
"""After so long an area is given up that nobody can tell to be in use."""

PART, SWAP = "part", "swap"


@contextmanager
def staging_area(home: Home) -> Iterator[str]:
    """A directory for the runs of one import; it is removed at the end.

    Raises:
        ArchiveError: It cannot be made.
    """
    try:
        os.makedirs(home.runs_dir, exist_ok=True)
        path = f"{staging_base(home)}/{_AREA}{random_suffix()}"
        os.makedirs(path, mode=0o700)
        held = open_directory(path)
    except OSError as e:
        what = f"Cannot import into {home.path}: {reason(e)}."
        raise ArchiveError(what, path=home.path) from e
    try:
        with suppress(OSError):  # `_is_abandoned` knows what to do without
            held.lock()
        os.mkdir(f"{path}/{PART}")
        os.mkdir(f"{path}/{SWAP}")
        yield path
    finally:
        with suppress(OSError):  # `finish` takes it up
            erase(path)
        held.close()
        _drop_if_empty(home)


def finish(home: Home, check: Callable[[], None] = lambda: None) -> tuple[str, ...]:
    """Clean up after imports and exports that were killed; returns sentences on what was found.

    Cheap where there is nothing to do: two looks at a directory.

    Args:
        home: The home.
        check: Called every few milliseconds; raises to stop.

    Raises:
        OSError: Something cannot be removed.
    """
    finished: list[str] = []
    freed = clear_noted(home, check)
    for base in staging_bases(home):
        for name in _names(base):
            if name.startswith(_AREA):
                freed += _finish_area(home, f"{base}/{name}", finished, check)
    _drop_if_empty(home)
    said = []
    if finished:
        names = ", ".join(run_id[:8] for run_id in finished)
        said.append(
            f"An interrupted import was finished: {plural(len(finished), 'run')} ({names})."
        )
    if freed:
        said.append(f"{format_bytes(freed)} of an interrupted import or export were removed.")
    return tuple(said)


def put_in_place(staged: str, target: str) -> None:
    """Rename a complete run to where it is a run; never over anything.

    Raises:
        OSError: There is something, or the system refuses.
    """
    if os.path.lexists(target):
        raise FileExistsError(17, "there is a run of that id by now", target)
    os.rename(staged, target)


def _finish_area(home: Home, area: str, finished: list[str], check: Callable[[], None]) -> int:
    try:
        held = open_directory(area)
    except OSError:
        return 0
    try:
        if not _is_abandoned(held):
            return 0
        for run_id in _names(f"{area}/{SWAP}"):
            with suppress(FileExistsError):
                put_in_place(f"{area}/{SWAP}/{run_id}", f"{home.runs_dir}/{run_id}")
                finished.append(run_id)
        return erase(area, check)
    finally:
        held.close()


def _is_abandoned(held: Directory) -> bool:
    """Whether nobody works in an area; where nobody can tell, its age does."""
    try:
        return held.lock() or time.time() - held.own_stat().st_mtime > _OLD_SECONDS
    except OSError:
        return False


def staging_base(home: Home) -> str:
    """The directory for areas, on the file system of the runs; it need not exist."""
    own, hidden = staging_bases(home)
    try:
        is_near = os.stat(home.path).st_dev == os.stat(home.runs_dir).st_dev
    except FileNotFoundError:
        is_near = True  # then it is made here
    return own if is_near else hidden


def staging_bases(home: Home) -> tuple[str, str]:
    """Where areas can be: beside the runs, and hidden among them."""
    return f"{home.path}/{INCOMING}", f"{home.runs_dir}/{HIDDEN}"


def _drop_if_empty(home: Home) -> None:
    with suppress(OSError):
        os.rmdir(home.path / INCOMING)
    drop_if_empty(home.runs_dir)


def _names(directory: str | Path) -> list[str]:
    try:
        return os.listdir(directory)
    except OSError:
        return []
