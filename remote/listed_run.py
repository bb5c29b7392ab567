"""The small files that the row of a run is made of, as a server gave them."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct, field

from core.archives.small_files import SmallFiles
from core.errors import RunDamaged
from core.index.reading import MOST_BYTES
from core.runs.status import Markers
from core.text import format_bytes

MARKERS = ("LOCK", "LOCK.remote", "PENDING", "STAGED", "batch", "opref", "proto")
"""Names in `.guild` that rows depend on; "proto" is a directory."""

READ_MARKERS = ("opref", "LOCK", "LOCK.remote", "batch")
"""Those of them whose content counts."""

PROTO = "proto/.guild/opref"
"""The prototype's opref, below `.guild` of a batch."""

WANTED = (
    *("exit_status", "started", "stopped", "initialized", "label", "tags", "marked", "comments"),
    *("flags", "host", "user", "sourcecode_digest", "vcs_commit"),
)
"""Attributes that rows show."""

OPREF = ".guild/opref"
TOO_LARGE = f"it is larger than {format_bytes(MOST_BYTES)}"
NO_FILE = "it is not a file"
NO_RIGHT = "permission denied"
UNREADABLE = "the server cannot read it"
"""Why a file of a run was not brought here."""

MOST_LISTED = 1 << 30
"""Bytes of all runs together after which a listing is not believed."""

_EXIT = ".guild/attrs/exit_status"
_PID = re.compile(r"[0-9]{1,10}")

Alive = frozenset[str] | None
"""Numbers of the processes of a server; None where it does not show them."""


class ListedRun(Struct):
    """The small files of one run.

    Attributes:
        names: Names of its files in `.guild`, relative to the run.
        contents: Of those that rows need, relative to the run.
        problems: Why some of those were not brought here, as clauses.
        times: When LOCK and exit_status were written, in seconds since 1970.
        signature: Differs when one of the files changed; 0 where that cannot be told.
        is_known: Whether nothing changed since a row was made of it: contents are not asked for.
    """

    names: set[str] = field(default_factory=set)
    contents: dict[str, bytes] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    times: dict[str, float] = field(default_factory=dict)
    signature: int = 0
    is_known: bool = False

    def put(self, name: str, data: bytes) -> None:
        """A file has this content."""
        self.names.add(name)
        self.contents[name] = data
        self.problems.pop(name, None)

    def lose(self, name: str, problem: str) -> None:
        """A file was not brought here, and why; it is gone where there is no reason."""
        self.contents.pop(name, None)
        if problem:
            self.names.add(name)
            self.problems[name] = problem
        else:
            self.names.discard(name)

    def read(self, name: str) -> bytes | None:
        """The content of a file; None where there is none.

        Raises:
            RunDamaged: It was not brought here. The message is a clause.
        """
        if self.problems and name in self.problems:
            raise RunDamaged(self.problems[name])
        return self.contents.get(name)


class RemoteSmallFiles(SmallFiles):
    """What a server knows of one run (see core.runs.run_reading.RunFiles).

    Args:
        run_dir: What stands for its directory.
        listed: What was listed.
        remote: The remote's name: where the run is running, if it is.
        alive: Gives the server's processes; asked only where there is a LOCK.
    """

    def __init__(
        self, run_dir: str, listed: ListedRun, remote: str, alive: Callable[[], Alive]
    ) -> None:
        super().__init__(
            run_dir,
            listed.names,
            listed.read,
            lambda name: listed.times.get(name, 0.0),
            lambda: (),
        )
        self._listed = listed
        self._remote = remote
        self._alive = alive

    def markers(self) -> Markers:
        """The marker files; a LOCK that counts is one of the remote."""
        found = super().markers()
        if found.lock is None:
            return found
        is_running = found.remote is None and self._is_running(found)
        remote = self._remote if is_running else found.remote
        return Markers(found.pending, found.staged, remote)

    def _is_running(self, found: Markers) -> bool:
        """Whether a LOCK counts; where no processes are shown, as Guild sees it."""
        pid = _PID.match((found.lock or "").strip())
        if pid is None:
            return False
        alive = self._alive()
        if alive is not None:
            return pid[0] in alive
        ended = self._listed.times.get(_EXIT, 0.0)
        return _EXIT not in self._listed.names or 0.0 < ended <= found.lock_time
