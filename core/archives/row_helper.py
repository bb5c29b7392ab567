"""A second process that reads rows of an archive beside this one.

Why: understanding ten thousand runs is a second and a half of Python, and a window that shows them
has a core to spare. The helper opens the archive by itself and is asked for runs by their ids, from
the last one on, while this process reads from the first one on; whatever it does not answer, this
process reads itself. Nothing depends on it.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from core.archives.messages import is_ready, receive, send
from core.archives.source import RunSource, open_source
from core.errors import ArchiveError, RunNotFound
from core.index.row import Row

WORTH_IT = 3000
"""So many runs take longer to read than a process takes to start and to open the archive."""

RowsById = list[tuple[Any, ...] | None]
"""The values of a row for each run that was asked for; None where it is to be read here."""

_MOST_ASKED = 2
_ROOT = str(Path(__file__).parents[2])
_START = (
    "import sys; sys.path.insert(0, {root!r}); from core.archives.row_helper import serve; serve()"
)


class RowHelper:
    """Asks a second process for rows.

    Args:
        path: The archive.
    """

    def __init__(self, path: Path) -> None:
        self._asked: deque[Sequence[str]] = deque()
        self._process: subprocess.Popen[bytes] | None = None
        try:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-c", _START.format(root=_ROOT), os.fspath(path)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                bufsize=0,  # what is in the pipe is not in a buffer: `is_ready` sees it
            )
        except OSError:
            return

    @property
    def wants_more(self) -> bool:
        """Whether it lives and has room for another question."""
        return self._process is not None and len(self._asked) < _MOST_ASKED

    @property
    def asked(self) -> int:
        """How many questions are not answered yet."""
        return len(self._asked)

    def ask(self, ids: Sequence[str]) -> None:
        """Send a question; two of them fit into a pipe, so this does not wait."""
        self._asked.append(ids)
        try:
            if self._process is not None:
                send(self._process.stdin, list(ids))
        except OSError:
            self.close()

    def answer(self, *, wait: bool) -> tuple[Sequence[str], RowsById] | None:
        """The ids of the first question and their rows; None while it is not answered.

        Args:
            wait: Whether to wait for the answer.
        """
        if not self._asked:
            return None
        if self._process is None:
            ids = self._asked.popleft()
            return ids, [None] * len(ids)
        pipe = self._process.stdout
        if not wait and (pipe is None or not is_ready(pipe)):
            return None
        found = receive(pipe)
        ids = self._asked.popleft()
        if found is None or len(found) != len(ids):
            self.close()
            return ids, [None] * len(ids)
        return ids, found

    def close(self) -> None:
        """End the process; questions that are open are answered by nothing."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()


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
