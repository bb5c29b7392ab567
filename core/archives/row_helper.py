"""A second process that reads rows of an archive beside this one.

Why: understanding ten thousand runs is a second and a half of Python, and a window that shows them
has a core to spare. The helper opens the archive by itself and is asked for runs by their ids, from
the last one on, while this process reads from the first one on; whatever it does not answer, this
process reads itself. Nothing depends on it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.archives.messages import receive, send
from core.archives.side_process import Helper
from core.archives.source import RunSource, open_source
from core.errors import ArchiveError, RunNotFound
from core.index.row import Row

WORTH_IT = 3000
"""So many runs take longer to read than a process takes to start and to open the archive."""

RowsById = list[tuple[Any, ...] | None]
"""The values of a row for each run that was asked for; None where it is to be read here."""


class RowHelper(Helper):
    """Asks a second process for rows.

    Args:
        path: The archive.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(None, __name__, [os.fspath(path)])

    def answer(self, *, wait: bool) -> tuple[Sequence[str], RowsById] | None:
        """The ids of the first question and their rows; None while it is not answered.

        Args:
            wait: Whether to wait for the answer.
        """
        answered = super().answer(wait=wait)
        if answered is None:
            return None
        ids, found = answered
        if found is None or len(found) != len(ids):
            self.close()
            return ids, [None] * len(ids)
        return ids, found


def serve() -> None:
    """What the helper does: ids in, rows out, until its input ends."""
    source = open_source(Path(sys.argv[1]))
    known = set(source.ids())
    while (ids := receive(sys.stdin.buffer)) is not None:
        send(sys.stdout.buffer, [_row(source, i) if i in known else None for i in ids])


def _row(source: RunSource, run_id: str) -> tuple[Any, ...] | None:
    try:
        return tuple(Row.of(source.run(run_id, brief=True)))
    except (ArchiveError, RunNotFound, OSError):
        return None  # whoever asked finds out the same, and says it
