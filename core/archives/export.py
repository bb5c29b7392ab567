"""Runs leave: into a directory, a zip, a compressed tar. Copied, or moved.

A run never arrives in part: in a directory it appears by one rename, and an archive appears as a
whole. What happens when something goes wrong stands with the two kinds of target
(core.archives.archive_target, core.archives.directory_target); besides:

* The run is deleted, or becomes unreadable, while it is copied: it is refused, the others go on.
* The run is still running: it is exported as far as it is, which is said; it cannot be moved.
* A move removes runs only after all of them were read back from where they went, on the disk;
  killed between, they are in both places. What changed meanwhile is not removed. Removing is that
  of core.runs.purge, so that a killed one is taken up again.
* Of a run that moves something cannot be there, as a link to a data set in a zip: it stays here.
* Onto the runs' own directory: refused before anything is written.

Why a move keeps the environment where a copy leaves it out: it would be lost.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Literal, Protocol

from msgspec import Struct, field

from core.archives.archive_target import archive_target
from core.archives.directory_target import DirectoryTarget
from core.archives.part_file import clear_parts, noted
from core.archives.parts import Taken
from core.archives.run_reader import RunReader
from core.archives.run_tree import RunTree, look_at, signature
from core.errors import ArchiveError, Cancelled, RunError
from core.home import Home
from core.runs.busy import find_busy
from core.runs.guild_files import reason
from core.runs.purge import purge
from core.runs.refusal import Refusal
from core.runs.store import Store
from core.runs.trash import Refused, refusal_of, require_idle, require_run
from core.text import format_bytes

ExportFormat = Literal["directory", "zip", "tar.gz", "tar.zst"]

_SUFFIXES: dict[str, ExportFormat] = {
    ".zip": "zip",
    ".tar.gz": "tar.gz",
    ".tgz": "tar.gz",
    ".tar.zst": "tar.zst",
    ".tzst": "tar.zst",
}


class ExportOptions(Struct, frozen=True):
    """How runs leave.

    Attributes:
        format: What is written; None to take it from the name of the destination.
        move: Whether the runs are removed here when they are there.
        copy_resources: Whether links become what they lead to; trials and steps stay links.
        with_env: Whether the environment goes along, with all that is secret in it.
    """

    format: ExportFormat | None = None
    move: bool = False
    copy_resources: bool = False
    with_env: bool = False


class ExportOutcome(Struct, frozen=True):
    """What became of runs that were to leave.

    Attributes:
        path: The directory or archive.
        exported: Runs that are there now.
        skipped: Runs of whose id there was one already.
        refused: Runs that are not there, and of a move those that are still here, and why.
        removed: Runs that a move removed here.
        bytes: What their files held.
        remarks: Sentences on what else is to be known, e.g. a run that is still running.
        cancelled: Whether the rest was not tried; of an archive nothing is kept then.
        archive_bytes: What the archive takes now, older runs in it too; None for a directory.
    """

    path: Path
    exported: tuple[str, ...] = ()
    skipped: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    removed: tuple[str, ...] = ()
    bytes: int = 0
    remarks: tuple[str, ...] = ()
    cancelled: bool = False
    archive_bytes: int | None = None

    @property
    def size_text(self) -> str:
        """How much it is, e.g. "12.0 MB", or "12.0 MB unpacked; the archive is 3.1 MB"."""
        size = format_bytes(self.bytes)
        if self.archive_bytes is None:
            return size
        return f"{size} unpacked; the archive is {format_bytes(self.archive_bytes)}"


class _Target(Protocol):
    @property
    def path(self) -> Path: ...

    def has(self, run_id: str) -> bool: ...

    def take(self, run_id: str, run_dir: str, tree: RunTree, reader: RunReader) -> str: ...

    def take_ordinary(self, runs_dir: Path, ids: Sequence[str]) -> Taken: ...


def format_of(destination: Path) -> ExportFormat:
    """What a destination is by its name: an archive, or else a directory."""
    name = destination.name.lower()
    return next((kind for suffix, kind in _SUFFIXES.items() if name.endswith(suffix)), "directory")


def export_runs(
    home: Home,
    ids: Sequence[str],
    destination: Path,
    options: ExportOptions,
    *,
    advance: Callable[[int], None] = lambda amount: None,
) -> ExportOutcome:
    """Write runs elsewhere.

    Args:
        home: The home of the runs.
        ids: The runs.
        destination: A directory or an archive. What is there stays; runs are added to it.
        options: How.
        advance: Called with the number of bytes that were copied, often; it may raise Cancelled,
            which ends in an outcome.

    Raises:
        ArchiveError: The destination cannot be written, or is where the runs are. Nothing of an
            archive is kept then, and what was there before is as it was.
    """
    path = Path(os.path.abspath(destination))
    kind = options.format or format_of(path)
    require_elsewhere(home, path)
    export = _Export(home, options, advance)
    directory = path if kind == "directory" else path.parent
    try:
        with (
            noted(home, directory),
            _opened(path, kind, export.check, len(ids)) as (target, publish),
        ):
            export.write(target, ids)
            if export.records:
                publish()
    except Cancelled:
        return ExportOutcome(path, cancelled=True)
    if options.move and not export.cancelled:
        export.remove(path)
    return export.outcome(path)


@contextmanager
def _opened(
    path: Path, kind: ExportFormat, check: Callable[[], None], count: int
) -> Iterator[tuple[_Target, Callable[[], None]]]:
    if kind == "directory":
        target = DirectoryTarget(path)
        _clear(path, check)
        yield target, lambda: None
        return
    if path.is_dir():
        raise ArchiveError(f"Cannot write the archive {path}: it is a directory.", path=path)
    if not path.parent.is_dir():
        raise ArchiveError(f"Cannot write {path}: there is no directory {path.parent}.", path=path)
    _clear(path.parent, check)
    with archive_target(path, f".{kind}", check, count=count) as opened:
        yield opened


def _clear(directory: Path, check: Callable[[], None]) -> None:
    """Remove what killed exports left; that it cannot be removed is no reason to stop."""
    try:
        clear_parts(directory, check)
    except OSError:
        return


def require_elsewhere(home: Home, path: Path) -> None:
    """Refuse to write runs to where runs of this home are.

    Raises:
        ArchiveError: It is there.
    """
    real = os.path.realpath(path)
    for place in (home.runs_dir, home.trash_dir, home.path / "incoming"):
        own = os.path.realpath(place)
        if real == own or real.startswith(f"{own}/") or own.startswith(f"{real}/"):
            raise ArchiveError(
                f"Cannot export to {path}: the runs themselves are there.",
                path=path,
                hint="Choose a place outside of the Guild home.",
            )


class _Export(Struct):
    """Writes one run after the other and counts."""

    home: Home
    options: ExportOptions
    advance: Callable[[int], None]
    records: dict[str, str] = field(default_factory=dict)
    signatures: dict[str, str] = field(default_factory=dict)
    lacking: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    removed: tuple[str, ...] = ()
    remarks: list[str] = field(default_factory=list)
    bytes: int = 0
    cancelled: bool = False

    def check(self) -> None:
        """Stop where that is asked for."""
        self.advance(0)

    def write(self, target: _Target, ids: Sequence[str]) -> None:
        """Write runs.

        Raises:
            ArchiveError: The destination cannot be written.
            Cancelled: It was cancelled, and nothing of an archive is to be kept.
        """
        store = Store(self.home.runs_dir)
        wanted = list(dict.fromkeys(ids))
        try:
            with closing(self._unusual(target, wanted)) as unusual:
                for run_id in unusual:
                    try:
                        self._take(store, target, run_id)
                    except (Refused, RunError, OSError) as e:
                        self.refused.append(refusal_of(e, run_id, "exported"))
        except Cancelled:
            if not isinstance(target, DirectoryTarget):
                raise
            self.cancelled = True
        self.records = {i: self.records[i] for i in wanted if i in self.records}

    def _unusual(self, target: _Target, ids: Sequence[str]) -> Generator[str, None, None]:
        """Write small ordinary runs; the ids of all that are to be written one by one."""
        if self.options.move or self.options.copy_resources or self.options.with_env:
            yield from ids
            return
        yield from (run_id for run_id in ids if target.has(run_id))
        left = [run_id for run_id in ids if not target.has(run_id)]
        with closing(target.take_ordinary(self.home.runs_dir, left)) as portions:
            for asked, taken in portions:
                for run in taken:
                    self.records[run.id] = run.record
                    self.bytes += run.bytes
                    self.advance(run.bytes)
                self.check()
                yield from (run_id for run_id in asked if run_id not in self.records)

    def _take(self, store: Store, target: _Target, run_id: str) -> None:
        require_run(store, run_id)
        if target.has(run_id):
            self.skipped.append(run_id)
            return
        run_dir = f"{store.runs_dir}/{run_id}"
        busy = find_busy(run_dir)
        if self.options.move:
            require_idle(store.run_dir(run_id), unproven=False)
        tree = self._look_at(run_dir)
        reader = RunReader(self.advance)
        self.records[run_id] = target.take(run_id, run_dir, tree, reader)
        if self.options.move:
            self.signatures[run_id] = signature(tree)
            if reader.remarks:
                self.lacking[run_id] = reader.remarks[0]  # said of the run that stays then
        self.bytes += tree.bytes
        remarks = [*tree.remarks, *(reader.remarks if not self.options.move else ())]
        said = [*remarks, *([f"it {busy.reason}, and was taken as it was"] if busy else [])]
        self.remarks += [f"Run {run_id[:8]}: {clause}." for clause in said]

    def remove(self, path: Path) -> None:
        """Remove what was exported, as far as it can be read back."""
        from core.archives.read_back import read_back  # 8 ms that a copy does without

        safe = []
        try:
            for run_id, problem in read_back(path, self.records, self.check):
                problem = problem or self.lacking.get(run_id, "") or self._change(run_id)
                if problem:
                    why = f"Run {run_id[:8]} was exported, but stays here: {problem}."
                    self.refused.append(Refusal(run_id, why))
                else:
                    safe.append(run_id)
        except Cancelled:
            self.cancelled = True
            return
        done = purge(self.home, safe, from_trash=False, advance=lambda amount: None)
        self.removed = done.removed
        self.refused += done.refused
        self.remarks += [done.problem] if done.problem else []

    def _look_at(self, run_dir: str) -> RunTree:
        return look_at(
            run_dir,
            with_env=self.options.with_env or self.options.move,
            copy_resources=self.options.copy_resources,
            check=self.check,
        )

    def _change(self, run_id: str) -> str:
        """Why a run is not the one that was exported, as a clause; empty when it is."""
        try:
            now = signature(self._look_at(f"{self.home.runs_dir}/{run_id}"))
        except OSError as e:
            return reason(e)
        return "" if now == self.signatures[run_id] else "it changed meanwhile"

    def outcome(self, path: Path) -> ExportOutcome:
        """What came of it."""
        return ExportOutcome(
            path,
            tuple(self.records),
            tuple(self.skipped),
            tuple(self.refused),
            self.removed,
            self.bytes,
            tuple(self.remarks),
            self.cancelled,
            _archive_bytes(path) if self.records else None,
        )


def _archive_bytes(path: Path) -> int | None:
    try:
        return path.stat().st_size if path.is_file() else None
    except OSError:
        return None
