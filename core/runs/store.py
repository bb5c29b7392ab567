"""The run directories of one place, the runs or the trash of a home. Only ever reads.

Why os and f-strings instead of pathlib and open(): reading a run is some twenty small files, and
pathlib makes it three times as slow (measured on 10,000 runs: 146 against 49 us each).

Why a run whose `.guild` or `.guild/attrs` is a link has a problem: see `guild_files`.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import RunDamaged, RunNotFound
from core.runs.attrs import attr_names, read_attr_file, read_text
from core.runs.guild_files import MOST_BYTES, open_directory, opened_directory, reason
from core.runs.links import read_links
from core.runs.opref import LONGEST, batch_operation, parse_opref
from core.runs.run import Comment, Run, ScalarSummary
from core.runs.status import read_markers, status_of
from core.text import flag_text

if TYPE_CHECKING:  # most commands find all they need in the index
    from core.runs.scalars import ScalarReading

ScalarReader = Callable[[str], "ScalarReading"]


def read_all_scalars(run_dir: str) -> ScalarReading:
    """The scalars of a run with those of its trials and steps."""
    from core.runs.scalars import read_summaries

    return read_summaries(run_dir)


@dataclass(slots=True)
class _Reading:
    """What is gathered while one run is read: the first problem is the one that is told."""

    run_dir: str
    guild_dir: int
    most: int
    attrs_dir: int | None = None
    attr_names: frozenset[str] = frozenset()
    problem: str = ""

    def note(self, problem: object) -> None:
        """Remember a problem unless one is remembered already."""
        self.problem = self.problem or str(problem)

    def open_attrs(self) -> int | None:
        """Open the directory of attributes and list it; the caller closes the descriptor."""
        try:
            self.attrs_dir = open_directory("attrs", self.guild_dir)
            self.attr_names = frozenset(attr_names(self.attrs_dir))
        except FileNotFoundError:
            return None
        except OSError as e:
            self.note(f"its attributes cannot be read ({reason(e)})")
        return self.attrs_dir

    def attr(self, name: str) -> Any:
        """The decoded attribute; None when absent, empty or damaged (which is noted)."""
        if self.attrs_dir is None or name not in self.attr_names:
            return None
        try:
            return read_attr_file(name, self.attrs_dir, empty_is_damage=True, most=self.most)
        except RunDamaged as e:
            self.note(e)
            return None

    def text(self, name: str) -> str:
        """The attribute as text; empty when it has none."""
        return _str(self.attr(name))

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


class Store:
    """Runs below one directory, read afresh at each call.

    Args:
        runs_dir: The directory that holds them; it need not exist.
        most: Bytes of the largest attribute that is read; of a larger one a run's `problem` says
            that it is.
    """

    def __init__(self, runs_dir: Path, most: int = MOST_BYTES) -> None:
        self.runs_dir = runs_dir
        self._most = most

    def names(self) -> list[str]:
        """Names of all entries that may be runs; empty when the directory is not there.

        Raises:
            OSError: The directory is there but cannot be listed.
        """
        try:
            with os.scandir(self.runs_dir) as entries:
                return [entry.name for entry in entries if not entry.name.startswith(".")]
        except (FileNotFoundError, NotADirectoryError):
            return []

    def is_run(self, name: str) -> bool:
        """Whether the entry is a run: it has an opref, or it is something that cannot be told."""
        try:
            os.stat(f"{self.runs_dir}/{name}/.guild/opref")
        except (FileNotFoundError, NotADirectoryError):
            return self._is_dead_link(name)
        except OSError:
            return True
        return True

    def ids(self) -> list[str]:
        """Ids of all runs, in no particular order."""
        return [name for name in self.names() if self.is_run(name)]

    def run_dir(self, run_id: str) -> Path:
        """Directory of a run."""
        return self.runs_dir / run_id

    def read(self, run_id: str, scalars: ScalarReader | None = read_all_scalars) -> Run:
        """Everything known about a run; what could not be read is said in its `problem`.

        Args:
            run_id: The run.
            scalars: Reads its event files; None leaves them alone.

        Raises:
            RunNotFound: There is no such run (any more).
        """
        run_dir = f"{self.runs_dir}/{run_id}"
        try:
            guild_dir = open_directory(f"{run_dir}/.guild")
        except (FileNotFoundError, NotADirectoryError):
            return self._unreadable_or_gone(run_id)
        except OSError as e:
            return _unreadable(run_id, run_dir, f"its .guild cannot be read ({reason(e)})")
        try:
            return self._read(run_id, guild_dir, scalars)
        except OSError as e:  # it may be opened, but not listed
            return _unreadable(run_id, run_dir, f"its .guild cannot be read ({reason(e)})")
        finally:
            os.close(guild_dir)

    def _read(self, run_id: str, guild_dir: int, scalars: ScalarReader | None) -> Run:
        """Read a run whose `.guild` has the descriptor `guild_dir`."""
        names = frozenset(os.listdir(guild_dir))
        reading = _Reading(f"{self.runs_dir}/{run_id}", guild_dir, self._most)
        attrs_dir = reading.open_attrs()
        try:
            return _read_within(run_id, reading, names, scalars)
        finally:
            if attrs_dir is not None:
                os.close(attrs_dir)

    def _unreadable_or_gone(self, run_id: str) -> Run:
        run_dir = f"{self.runs_dir}/{run_id}"
        if self._is_dead_link(run_id):
            return _unreadable(run_id, run_dir, "it is a link that leads nowhere")
        raise RunNotFound(f"There is no run {run_id[:8]}.", path=self.run_dir(run_id))

    def _is_dead_link(self, name: str) -> bool:
        path = f"{self.runs_dir}/{name}"
        return os.path.islink(path) and not os.path.exists(path)


def _unreadable(run_id: str, run_dir: str, problem: str) -> Run:
    return Run(run_id, Path(run_dir), problem=_sentence(run_id, problem))


def _sentence(run_id: str, problem: str) -> str:
    return f"Run {run_id[:8]} cannot be read fully: {problem}." if problem else ""


def _read_within(
    run_id: str, reading: _Reading, names: frozenset[str], scalars: ScalarReader | None
) -> Run:
    run_dir = reading.run_dir
    guild_dir = f"{run_dir}/.guild"
    opref, operation, project = _read_operation(reading, names)
    exit_status = reading.whole("exit_status")
    host = reading.text("host")
    markers = read_markers(guild_dir, names)
    state = status_of(markers, exit_status, _exit_time(reading, markers.lock), host)
    is_batch = "proto" in names
    has_links = is_batch or "steps" in reading.attr_names
    return Run(
        id=run_id,
        path=Path(run_dir),
        opref=opref,
        operation=operation,
        status=state.status,
        exit_status=exit_status,
        started=reading.whole("started"),
        stopped=reading.whole("stopped"),
        initialized=reading.whole("initialized"),
        label=reading.text("label"),
        tags=_tags(reading),
        marked=bool(reading.attr("marked")),
        comments=_comments(reading),
        flags=_flags(reading),
        scalars=_scalars(reading, scalars) if scalars else {},
        host=host,
        user=reading.text("user"),
        project=project,
        remote=state.remote,
        sourcecode_digest=reading.text("sourcecode_digest"),
        vcs_commit=reading.text("vcs_commit"),
        pid=state.pid,
        cmd=_cmd(reading),
        deps=reading.attr("deps"),
        batch=_batch_of_trial(reading.guild_dir, names),
        is_batch=is_batch,
        links=read_links(run_dir) if has_links else (),
        attr_names=tuple(sorted(reading.attr_names)),
        problem=_sentence(run_id, reading.problem),
    )


def _read_operation(reading: _Reading, names: frozenset[str]) -> tuple[str, str, str]:
    """The opref's text, the displayed operation, and where it comes from."""
    text, operation, project = _operation_at(reading, reading.guild_dir)
    if "proto" in names and operation:
        prototype, prototype_project = _prototype(reading)
        if prototype:
            return text, batch_operation(prototype, operation), prototype_project
    return text, operation, project


def _prototype(reading: _Reading) -> tuple[str, str]:
    """The displayed operation of a batch's prototype, and where it comes from."""
    try:
        with (
            opened_directory("proto", reading.guild_dir) as proto,
            opened_directory(".guild", proto) as guild_dir,
        ):
            return _operation_at(reading, guild_dir)[1:]
    except OSError as e:
        reading.note(f"its prototype cannot be read ({reason(e)})")
        return "", ""


def _operation_at(reading: _Reading, guild_dir: int) -> tuple[str, str, str]:
    text = ""
    try:
        text = (read_text("opref", "its opref", guild_dir) or "").strip()
        opref = parse_opref(text)
    except RunDamaged as e:
        reading.note(e)
        return text[:LONGEST], "", ""
    return text, opref.display_name, opref.origin


def _exit_time(reading: _Reading, lock: str | None) -> float | None:
    """When exit_status was written, in seconds since 1970; only asked when there is a LOCK."""
    if lock is None or "exit_status" not in reading.attr_names:
        return None
    try:
        return os.stat(f"{reading.run_dir}/.guild/attrs/exit_status").st_mtime
    except OSError:
        return None


def _tags(reading: _Reading) -> tuple[str, ...]:
    tags = reading.attr("tags")
    if tags is None:
        return ()
    return tuple(map(_str, tags)) if isinstance(tags, list) else (_str(tags),)


def _comments(reading: _Reading) -> tuple[Comment, ...]:
    comments = reading.attr("comments")
    if comments is None:
        return ()
    if not isinstance(comments, list):
        reading.note("attribute comments is not a list")
        return ()
    return tuple(comment_of(item) for item in comments if isinstance(item, dict))


def comment_of(item: Mapping[Any, Any]) -> Comment:
    """One record of the attribute comments as a value."""
    time = item.get("time")
    return Comment(
        body=_str(item.get("body")),
        user=_str(item.get("user")),
        host=_str(item.get("host")),
        time=time if isinstance(time, int) and abs(time) < 1 << 63 else None,
    )


def _flags(reading: _Reading) -> dict[str, Any]:
    flags = reading.attr("flags")
    if flags is None:
        return {}
    if not isinstance(flags, dict):
        reading.note("attribute flags is not a map")
        return {}
    return {_str(name): value for name, value in flags.items()}


def _cmd(reading: _Reading) -> tuple[str, ...]:
    cmd = reading.attr("cmd")
    if cmd is None:
        return ()
    return tuple(map(_str, cmd)) if isinstance(cmd, list) else (_str(cmd),)


def _scalars(reading: _Reading, scalars: ScalarReader) -> dict[str, ScalarSummary]:
    read = scalars(reading.run_dir)
    reading.note(read.problem)
    return read.summaries


def _batch_of_trial(guild_dir: int, names: frozenset[str]) -> str | None:
    if "batch" not in names:
        return None
    try:
        text = read_text("batch", "batch", guild_dir) or ""
    except RunDamaged:
        return None
    return text.strip() or None


def _str(value: Any) -> str:
    if isinstance(value, str):
        return value
    return "" if value is None else flag_text(value)
