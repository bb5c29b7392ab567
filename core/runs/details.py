"""What the overview of one run tells beyond its fields: files, dependencies, last output.

Why apart from `Run`: the table holds a hundred thousand runs and needs none of this; the overview
shows one run and reads it all in a few milliseconds.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Any, Literal, Protocol

from msgspec import Struct

from core.errors import RunDamaged, RunNotFound
from core.runs.attrs import read_attr
from core.runs.manifest import read_manifest
from core.runs.run import Run
from core.runs.scalars import is_event_file
from core.runs.source_code import list_source
from core.runs.store import Store
from core.runs.tail import TailLine, read_tail

FlagOrigin = Literal["user", "default", "unknown", "prototype"]

TAIL_LINES = 12
MAX_RELATED = 200
MAX_DEPENDENCIES = 500
_MOST_LOOKED_AT = 1000  # names in a directory, for event files

_RUN_ID = re.compile(r"[0-9a-f]{32}\Z")
_PREFERRED = re.compile(r"(?:^|[/#_.-])loss\Z", re.I)


class Dependency(Struct, frozen=True):
    """One source that was resolved for a run.

    Attributes:
        resource: What the operation requires, e.g. "data" or "operation:train".
        uri: Where it was taken from; empty when not recorded.
        paths: What it became, relative to the run's directory.
        run_id: The run it was taken from; empty when it came from no run.
    """

    resource: str
    uri: str
    paths: tuple[str, ...]
    run_id: str = ""


class Related(Struct, frozen=True):
    """A run that belongs to another one.

    Attributes:
        id: Its id.
        name: Name of the step; for a trial its id again.
        run: What is known about it, without scalars; None when it is not in the store (any more).
        is_elsewhere: It lies in the trash, or for a deleted run: it does not.
    """

    id: str
    name: str
    run: Run | None
    is_elsewhere: bool = False


class FlagFact(Struct, frozen=True):
    """One flag of a run.

    Attributes:
        name: Its name.
        value: Its value, as YAML reads it.
        origin: Who gave the value; "unknown" where that was not recorded, "prototype" for the
            value that a batch's trials start from.
    """

    name: str
    value: Any
    origin: FlagOrigin


class FlagReading(Struct, frozen=True):
    """The flags of a run and one sentence on what could not be read (or an empty text)."""

    flags: tuple[FlagFact, ...]
    problem: str = ""


class RunReads(Protocol):
    """What reads runs by their ids (core.runs.store.Store does)."""

    def read(self, run_id: str, scalars: None = None) -> Run:
        """What is known of a run.

        Raises:
            RunNotFound: There is no such run.
        """


class Details(Struct, frozen=True):
    """A snapshot of all that the overview shows, curves apart.

    Attributes:
        run: The run, without scalars.
        related: The runs it links to: trials of a batch, steps of a pipeline.
        related_count: How many it links to; `related` stops at MAX_RELATED.
        parent: The batch or pipeline it belongs to; None when that is not known.
        last_seen: When the run was last seen to be at work: its process wrote, or a pull found it
            running. Microseconds since 1970-01-01 UTC; None where that cannot be told. What people
            write (label, tags, mark, comments) does not count.
        source_files: Number of source code files; None when the manifest cannot be read.
        user_flags: Names of the flags that the user gave; None where that was not recorded.
        dependencies: Resolved dependencies, in stored order.
        tail: The last lines of output.
        is_followed: Whether asking again tells what the run has written since.
    """

    run: Run
    related: tuple[Related, ...]
    related_count: int
    parent: Related | None
    last_seen: int | None
    source_files: int | None
    user_flags: frozenset[str] | None
    dependencies: tuple[Dependency, ...]
    tail: tuple[TailLine, ...]
    is_followed: bool = True


def read_details(
    store: Store, run_dir: Path, parent: str | None = None, elsewhere: Store | None = None
) -> Details:
    """Read what the overview shows of the run at `run_dir`, a directory of `store`.

    What cannot be read is left out; `run.problem` says what.

    Args:
        store: Where the run and those related to it are.
        run_dir: The run's directory.
        parent: Id of the batch or pipeline that links to the run, as the index knows it.
        elsewhere: Where related runs may be too: the trash, or for a deleted run the runs. Guild
            moves each batch whose trials succeeded to the trash.

    Raises:
        RunNotFound: There is no such run (any more).
    """
    run = store.read(run_dir.name, scalars=None)
    return read_run_details(run, store, run_dir, parent, elsewhere)


def read_run_details(
    run: Run,
    store: RunReads,
    run_dir: Path,
    parent: str | None = None,
    elsewhere: RunReads | None = None,
) -> Details:
    """Read what the overview shows of a run that is known already.

    Args:
        run: The run.
        store: Reads those that are related to it.
        run_dir: A directory in which its files are.
        parent: As for `read_details`.
        elsewhere: As for `read_details`.
    """
    owner = run.batch or parent
    return Details(
        run=run,
        related=tuple(_related(store, elsewhere, *link) for link in run.links[:MAX_RELATED]),
        related_count=len(run.links),
        parent=_related(store, elsewhere, owner, owner) if owner else None,
        last_seen=_last_seen(run_dir),
        source_files=_count_source_files(run_dir),
        user_flags=read_user_flags(run_dir),
        dependencies=tuple(list_dependencies(run.deps)),
        tail=read_tail(run_dir, TAIL_LINES, ended=run.status != "running"),
    )


def read_flags(run_dir: Path) -> FlagReading:
    """The flags of a run: its own, and for a batch also those of its prototype."""
    flags, problem = _read_map(run_dir, "flags")
    given = read_user_flags(run_dir)
    found = [FlagFact(name, value, _origin(name, given)) for name, value in flags.items()]
    prototype, trouble = _read_map(run_dir / ".guild" / "proto", "flags")
    found += [FlagFact(name, value, "prototype") for name, value in prototype.items()]
    problem = problem or trouble
    return FlagReading(tuple(found), f"The {problem}." if problem else "")


def read_user_flags(run_dir: Path) -> frozenset[str] | None:
    """Names of the flags that the user gave; None where that was not recorded.

    Of a trial Guild records none, but the words of the command that began its batch: `lr=[1,2]`.
    """
    try:
        given = read_attr(run_dir, "user_flags")
    except RunDamaged:
        return None
    if not isinstance(given, dict):
        return None
    return frozenset(map(str, given)) or _flags_of_command(run_dir)


def _flags_of_command(run_dir: Path) -> frozenset[str]:
    params, _ = _read_map(run_dir, "run_params")
    words = params.get("flags")
    parts = (str(word).partition("=") for word in (words if isinstance(words, list) else ()))
    return frozenset(name for name, sign, _ in parts if sign)


def list_dependencies(deps: Any) -> Iterator[Dependency]:
    """The dependencies that a `deps` attribute tells of, in any shape that Guild wrote."""
    if not isinstance(deps, Mapping):
        return
    found = 0
    for resource, sources in deps.items():
        for uri, source in _sources(sources):
            if found == MAX_DEPENDENCIES:
                return
            found += 1
            yield _dependency(str(resource), uri, source)


def main_scalar(keys: Iterable[str]) -> str:
    """The scalar that says most at a glance: a loss, else the first of the run's own.

    Guild's own measures of the machine (`sys/…`) and the scalars of linked runs come last.
    Returns an empty text where there is no scalar.
    """
    return min(keys, key=_glance_rank, default="")


def _read_map(run_dir: Path, name: str) -> tuple[dict[str, Any], str]:
    try:
        value = read_attr(run_dir, name)
    except RunDamaged as e:
        return {}, str(e)
    if value is None:
        return {}, ""
    if not isinstance(value, dict):
        return {}, f"attribute {name} is not a map"
    return {str(key): each for key, each in value.items()}, ""


def _origin(name: str, given: frozenset[str] | None) -> FlagOrigin:
    if given is None:
        return "unknown"
    return "user" if name in given else "default"


def _glance_rank(key: str) -> tuple[bool, bool, bool, bool, str]:
    return (
        "#" in key and key.partition("#")[0].endswith(".guild"),
        key.startswith("sys/"),
        key != "loss",
        _PREFERRED.search(key) is None,
        key.casefold(),
    )


def _related(store: RunReads, elsewhere: RunReads | None, name: str, run_id: str) -> Related:
    for place in (store, elsewhere):
        try:
            if place is not None:
                run = place.read(run_id, scalars=None)
                return Related(run_id, name, run, is_elsewhere=place is not store)
        except RunNotFound:
            continue
    return Related(run_id, name, None)


def _last_seen(run_dir: Path) -> int | None:
    """When the run itself, or a pull of it, last wrote something.

    The times of directories tell nothing: whatever is tidied (a label, a mark) changes them, too.
    """
    guild_dir = f"{os.fspath(run_dir)}/.guild"
    files = [f"{guild_dir}/{name}" for name in ("LOCK", "LOCK.remote", "output")]
    for directory in (os.fspath(run_dir), guild_dir):
        with suppress(OSError), os.scandir(directory) as entries:
            some = islice(entries, _MOST_LOOKED_AT)
            files += [entry.path for entry in some if is_event_file(entry.name)]
    times = []
    for path in files:
        with suppress(OSError):
            times.append(os.stat(path, follow_symlinks=False).st_mtime_ns // 1000)
    return max(times, default=None)


def _sources(sources: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(sources, Mapping):
        for uri, source in sources.items():
            yield str(uri), source
    elif isinstance(sources, list):  # older runs: only the paths
        yield "", sources


def _dependency(resource: str, uri: str, source: Any) -> Dependency:
    if not isinstance(source, Mapping):
        listed = source if isinstance(source, list) else []
        return Dependency(resource, uri, tuple(map(str, listed)))
    paths = source.get("paths")
    config = str(source.get("config") or "")
    return Dependency(
        resource,
        str(source.get("uri") or uri),
        tuple(map(str, paths)) if isinstance(paths, list) else (),
        config if _RUN_ID.match(config) else "",
    )


def _count_source_files(run_dir: Path) -> int | None:
    manifest = read_manifest(run_dir)
    if manifest.problem:
        return None
    named = sum(entry.kind == "source" for entry in manifest.entries.values())
    return named or len(list_source(run_dir).files)
