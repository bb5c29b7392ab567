"""One run as a value: everything known about it without opening its output or its files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, field

RunStatus = Literal["pending", "staged", "running", "completed", "terminated", "error"]
STATUSES: tuple[RunStatus, ...] = (
    "running",
    "pending",
    "staged",
    "completed",
    "terminated",
    "error",
)

MICROSECONDS = 1_000_000


class Comment(Struct, frozen=True):
    """One comment on a run.

    Attributes:
        body: Text, lines kept.
        user: Who wrote it; empty when Guild did not know.
        host: On which machine; empty when Guild did not know.
        time: When, in microseconds since 1970-01-01 UTC; None when not recorded.
    """

    body: str
    user: str = ""
    host: str = ""
    time: int | None = None


OWN = ".guild#"
"""Before the tag of a scalar in `.guild` that the run's own directory has too."""


class ScalarSummary(Struct, frozen=True):
    """What the event files of a run say about one scalar.

    Values are float32 read as float64, as TensorBoard stores them. "last" is the
    value of the highest step (of equal ones the latest), "first" that of the lowest
    (the earliest), "min" and "max" the earliest of equal ones, as in Guild.
    """

    last: float
    last_step: int
    first: float
    first_step: int
    min: float
    min_step: int
    max: float
    max_step: int
    total: float
    count: int

    @property
    def average(self) -> float:
        """The mean over all steps."""
        return self.total / self.count


class Run(Struct, frozen=True):
    """A snapshot of a run: it never re-reads the disk.

    Times are microseconds since 1970-01-01 UTC; None where the run has none.

    Attributes:
        id: Name of the run's directory: 32 hex digits when Guild made it, any name otherwise.
        path: Absolute directory of the run.
        opref: The line of `.guild/opref`, stripped; empty when unreadable.
        operation: Displayed name, e.g. "train", "m:train" or, for a batch, "train+".
        status: By the rules of `core.runs.status`.
        exit_status: Return code of the last attempt; negative is a signal number.
        started: When the process of the last attempt began.
        stopped: When it ended; None while it runs.
        initialized: When the run directory was made.
        label: Free text; empty when the run has none.
        tags: In stored order.
        marked: Whether the user marked it.
        comments: Oldest first.
        flags: Flag name to value, as YAML 1.1 reads them.
        scalars: Scalar key (`tag`, or `dir#tag` below a directory) to summary.
        host: Machine that made the run.
        user: Who made the run.
        project: Where its operation comes from, for people ("from" in Guild).
        remote: Name of the remote (or host) on which it was last seen running; empty if here.
        sourcecode_digest: MD5 of its source code; empty without source code.
        vcs_commit: e.g. "git:<sha>*"; empty outside version control.
        pid: Process id while it runs on this machine.
        cmd: Argument list of the operation's process.
        deps: The `deps` attribute as it is.
        batch: Id of the batch that started this trial; None when not known to be a trial.
        is_batch: Whether it has a prototype.
        links: Name and run id of each trial or step this run links to.
        attr_names: Names of all attributes it has.
        problem: One sentence on what could not be read; empty when all could.
    """

    id: str
    path: Path
    opref: str = ""
    operation: str = ""
    status: RunStatus = "error"
    exit_status: int | None = None
    started: int | None = None
    stopped: int | None = None
    initialized: int | None = None
    label: str = ""
    tags: tuple[str, ...] = ()
    marked: bool = False
    comments: tuple[Comment, ...] = ()
    flags: Mapping[str, Any] = field(default_factory=dict)
    scalars: Mapping[str, ScalarSummary] = field(default_factory=dict)
    host: str = ""
    user: str = ""
    project: str = ""
    remote: str = ""
    sourcecode_digest: str = ""
    vcs_commit: str = ""
    pid: int | None = None
    cmd: tuple[str, ...] = ()
    deps: Any = None
    batch: str | None = None
    is_batch: bool = False
    links: tuple[tuple[str, str], ...] = ()
    attr_names: tuple[str, ...] = ()
    problem: str = ""

    @property
    def short_id(self) -> str:
        """First eight characters of the id, as shown in tables."""
        return self.id[:8]

    def duration(self, now: int) -> float | None:
        """Seconds between start and stop, or until `now` (microseconds) while running."""
        end = now if self.status == "running" else self.stopped
        if self.started is None or end is None:
            return None
        return max(0, end - self.started) / MICROSECONDS
