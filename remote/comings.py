"""Which runs came to a server and went since they were listed, without listing them all again.

The time of the directory of runs says whether any did; that is a part of a question that is asked
anyway. It counts whole seconds over SFTP, and a run is not whole in the moment in which it comes:
so names are read once more at the look after the one that found something, and runs that came are
looked at once more.
"""

from __future__ import annotations

from collections.abc import Iterable

from core.archives.entries import is_run_id
from core.check import Check
from remote.looking import Look
from remote.remote_home import RemoteHome

MOST_AT_FIRST = 2_000
"""Of so many runs the names are read after the listing, too: a run may have come meanwhile."""


class Comings:
    """What comes to one directory of runs, and goes.

    Args:
        home: The server's home.
        ids: Names of what was listed.
    """

    def __init__(self, home: RemoteHome, ids: Iterable[str]) -> None:
        self._home = home
        self._ids = frozenset(ids)
        self._time: int | None = None
        self._is_doubtful = len(self._ids) <= MOST_AT_FIRST
        self._new: frozenset[str] = frozenset()

    def note(self, look: Look) -> None:
        """Take what the directory of runs is like now."""
        time = look.entry.mtime_ns if look.entry is not None else None
        self._is_doubtful = self._is_doubtful or self._time not in (None, time)
        self._time = time

    def read(self, check: Check) -> tuple[list[str], list[str]]:
        """Names that came, or came just before, and those that went; asks nobody where none did.

        Raises:
            RemoteError: The directory cannot be read.
        """
        if not self._is_doubtful:
            return [], []
        found = self._home.files.names(self._home.runs_dir, check)
        if found is None:
            return [], []
        ids = frozenset(e.name for e in found if is_run_id(e.name) and e.kind != "file")
        came, went = ids - self._ids, self._ids - ids
        again = self._new & ids
        self._ids, self._new = ids, came
        self._is_doubtful = bool(came or went)
        return sorted(came | again), sorted(went)
