"""The row of a run out of what was just written of it, by the one reader of runs.

Why not out of its directory: that may have changed meanwhile, and what leaves it is not all (LOCK,
the environment). A row must say what whoever reads the archive will find there.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from core.archives.entries import EntryKind
from core.archives.small_files import GUILD, SmallFiles
from core.errors import RunDamaged
from core.index.row import Row
from core.runs.run_reading import read_run

_LINKED = "it is a link, and links in a run are not followed"


class Written(NamedTuple):
    """One thing of a run that was written.

    Attributes:
        path: Relative to the run.
        kind: What it is.
        data: Content of a file; None where that is not at hand.
    """

    path: str
    kind: EntryKind
    data: bytes | None


class _NotAtHand(Exception):
    """What the row needs is not known here."""


def written_row(
    run_id: str, written: Iterable[Written], links: Iterable[tuple[str, str]]
) -> Row | None:
    """The row of a run; None where something that it needs is not at hand.

    Args:
        run_id: The run.
        written: What was written of it.
        links: Name and target of each of its links, also where a zip has something else for them.
    """
    files = {
        f"{path}/" if kind == "dir" else path: (kind, data)
        for path, kind, data in written
        if path.startswith(GUILD)
    }

    def read(name: str) -> bytes | None:
        kind, data = files.get(name, ("", b""))
        if not kind:
            return None
        if kind == "link":
            raise RunDamaged(_LINKED)
        if data is None:
            raise _NotAtHand
        return data

    small = SmallFiles(run_id, files, read, lambda name: 0.0, lambda: links)
    try:
        return Row.of(read_run(run_id, small, None, brief=True))
    except _NotAtHand:
        return None
