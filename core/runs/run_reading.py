"""What the files of a run say, wherever they are: in a directory, or within an archive.

Why a protocol and not paths: a run in an archive is looked at without extracting it, and must tell
the same as the same run in a home. So there is one reader, and each kind of place only gives it
the small files of `.guild`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from core.errors import RunDamaged
from core.runs.opref import LONGEST, batch_operation, parse_opref
from core.runs.run import Comment, Run, RunStatus, ScalarSummary
from core.runs.status import Markers, status_of
from core.text import flag_text

if TYPE_CHECKING:  # most commands find all they need in the index
    from core.runs.scalars import ScalarReading

ScalarReader = Callable[[str], "ScalarReading"]


class RunFiles(Protocol):
    """The small files of one run.

    Attributes:
        run_dir: Where the run is; for a run of an archive the archive and the run's place in it.
        names: Names in its `.guild`.
        attr_names: Names of its attributes.
        problem: Why these could not be listed, as a clause; empty when they could.
    """

    run_dir: str
    names: frozenset[str]
    attr_names: frozenset[str]
    problem: str

    def attr(self, name: str) -> Any:
        """The decoded attribute, one of `attr_names`; None when it is gone.

        Raises:
            RunDamaged: It cannot be read or understood. The message is a clause.
        """

    def text(self, path: str, what: str) -> str | None:
        """A small text file below `.guild`; None when there is none.

        Args:
            path: Relative to `.guild`: "opref", "batch", "proto/.guild/opref".
            what: How the file is called in an error.

        Raises:
            RunDamaged: It cannot be read or is no text. The message is a clause.
        """

    def markers(self) -> Markers:
        """The marker files."""

    def exit_time(self) -> float | None:
        """When the exit status was written, in seconds since 1970; None when unknown."""

    def links(self) -> tuple[tuple[str, str], ...]:
        """Name and run id of each link to a sibling run, sorted by name."""


class _Reading:
    """One run while it is read: the first problem is the one that is told."""

    __slots__ = ("attr_names", "files", "problem")

    def __init__(self, files: RunFiles) -> None:
        self.files = files
        self.attr_names = files.attr_names
        self.problem = files.problem

    def note(self, problem: object) -> None:
        """Remember a problem unless one is remembered already."""
        self.problem = self.problem or str(problem)

    def attr(self, name: str) -> Any:
        """The decoded attribute; None when absent, empty or damaged (which is noted)."""
        if name not in self.attr_names:
            return None
        try:
            return self.files.attr(name)
        except RunDamaged as e:
            self.note(e)
            return None

    def text(self, name: str) -> str:
        """The attribute as text; empty when it has none."""
        return text_of(self.attr(name))

    def whole(self, name: str) -> int | None:
        """The attribute as a whole number; None when it has none."""
        value = self.attr(name)
        if value is None or isinstance(value, bool):
            return None
        try:
            number = int(value)
        except (TypeError, ValueError, OverflowError):
            self.note(f"attribute {name} is not a number")
            return None
        if abs(number) >= 1 << 63:  # SQLite's range, and far beyond any time or code
            self.note(f"attribute {name} is out of range")
            return None
        return number


def read_run(
    run_id: str, files: RunFiles, scalars: ScalarReader | None, *, brief: bool = False
) -> Run:
    """Everything that the files of a run say.

    Args:
        run_id: The run.
        files: Its files.
        scalars: Reads its event files; None leaves them alone.
        brief: Whether to leave out what no table shows: command and dependencies.
    """
    reading = _Reading(files)
    names = files.names
    opref, operation, project = _read_operation(reading, names)
    exit_status = reading.whole("exit_status")
    host = reading.text("host")
    markers = files.markers()
    state = status_of(markers, exit_status, _exit_time(reading, markers.lock), host)
    is_batch = "proto" in names
    has_links = is_batch or "steps" in reading.attr_names
    return Run(
        id=run_id,
        path=Path(files.run_dir),
        opref=opref,
        operation=operation,
        status=state.status,
        exit_status=exit_status,
        started=reading.whole("started"),
        stopped=reading.whole("stopped"),
        initialized=reading.whole("initialized"),
        label=reading.text("label"),
        tags=tags_of(reading.attr("tags")),
        marked=bool(reading.attr("marked")),
        comments=_comments(reading),
        flags=_flags(reading),
        scalars=_scalars(reading, scalars, state.status) if scalars else {},
        host=host,
        user=reading.text("user"),
        project=project,
        remote=state.remote,
        sourcecode_digest=reading.text("sourcecode_digest"),
        vcs_commit=reading.text("vcs_commit"),
        pid=state.pid,
        cmd=() if brief else _cmd(reading),
        deps=None if brief else reading.attr("deps"),
        batch=_batch_of_trial(files),
        is_batch=is_batch,
        links=files.links() if has_links else (),
        attr_names=tuple(sorted(reading.attr_names)),
        problem=problem_sentence(run_id, reading.problem),
    )


def problem_sentence(run_id: str, problem: str) -> str:
    """What is said of a run of which something could not be read; empty without a problem."""
    return f"Run {run_id[:8]} cannot be read fully: {problem}." if problem else ""


def _read_operation(reading: _Reading, names: frozenset[str]) -> tuple[str, str, str]:
    """The opref's text, the displayed operation, and where it comes from."""
    text, operation, project = _operation_at(reading, "opref")
    if "proto" in names and operation:
        _, prototype, prototype_project = _operation_at(reading, "proto/.guild/opref")
        if prototype:
            return text, batch_operation(prototype, operation), prototype_project
    return text, operation, project


def _operation_at(reading: _Reading, path: str) -> tuple[str, str, str]:
    text = ""
    try:
        text = (reading.files.text(path, "its opref") or "").strip()
        opref = parse_opref(text)
    except RunDamaged as e:
        reading.note(e)
        return text[:LONGEST], "", ""
    return text, opref.display_name, opref.origin


def _exit_time(reading: _Reading, lock: str | None) -> float | None:
    """When exit_status was written; only asked when there is a LOCK."""
    if lock is None or "exit_status" not in reading.attr_names:
        return None
    return reading.files.exit_time()


def tags_of(value: Any) -> tuple[str, ...]:
    """What the attribute tags says; a single word is one tag."""
    if value is None:
        return ()
    return tuple(map(text_of, value)) if isinstance(value, list) else (text_of(value),)


def comments_of(value: Any) -> tuple[Comment, ...]:
    """What the attribute comments says.

    Raises:
        RunDamaged: It is no list. The message is a clause.
    """
    if value is None:
        return ()
    if not isinstance(value, list):
        raise RunDamaged("attribute comments is not a list")
    return tuple(comment_of(item) for item in value if isinstance(item, dict))


def _comments(reading: _Reading) -> tuple[Comment, ...]:
    try:
        return comments_of(reading.attr("comments"))
    except RunDamaged as e:
        reading.note(e)
        return ()


def comment_of(item: Mapping[Any, Any]) -> Comment:
    """One record of the attribute comments as a value."""
    time = item.get("time")
    return Comment(
        body=text_of(item.get("body")),
        user=text_of(item.get("user")),
        host=text_of(item.get("host")),
        time=time if isinstance(time, int) and abs(time) < 1 << 63 else None,
    )


def _flags(reading: _Reading) -> dict[str, Any]:
    flags = reading.attr("flags")
    if flags is None:
        return {}
    if not isinstance(flags, dict):
        reading.note("attribute flags is not a map")
        return {}
    return {text_of(name): value for name, value in flags.items()}


def _cmd(reading: _Reading) -> tuple[str, ...]:
    cmd = reading.attr("cmd")
    if cmd is None:
        return ()
    return tuple(map(text_of, cmd)) if isinstance(cmd, list) else (text_of(cmd),)


def _scalars(
    reading: _Reading, scalars: ScalarReader, status: RunStatus
) -> dict[str, ScalarSummary]:
    read = scalars(reading.files.run_dir)
    reading.note(read.problem or (read.cut if status != "running" else ""))
    return read.summaries


def _batch_of_trial(files: RunFiles) -> str | None:
    if "batch" not in files.names:
        return None
    try:
        text = files.text("batch", "batch") or ""
    except RunDamaged:
        return None
    return text.strip() or None


def text_of(value: Any) -> str:
    """A value that stands where a text is expected, as people read it."""
    if isinstance(value, str):
        return value
    return "" if value is None else flag_text(value)
