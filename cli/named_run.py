"""The one run that a command is about: in a home, or in an archive."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click
from msgspec.structs import replace

from cli.listing import FoundRun, find_run, listing_of
from cli.parsing import Request, check_place
from core.errors import ArchiveError, OutputMissing, RunDamaged, RunError, RunNotFound
from core.index.filters import Filters
from core.runs.attrs import load_yaml, read_attr
from core.runs.disk_size import disk_size
from core.runs.files import FileEntry, open_file, shown, walk_files
from core.runs.links import find_batch
from core.runs.manifest import Manifest, read_manifest
from core.runs.output import follow_output
from core.runs.run import Run
from core.runs.selection import needs_order, resolve_run
from core.runs.store import Store

if TYPE_CHECKING:  # most commands are about a home
    from core.archives.source import RunSource

PIECE = 1 << 18
SOURCE_DIR = ".guild/sourcecode"
"""Where Guild before 0.9 copied source code to; later it lies beside the other files."""

_OUTPUT = ".guild/output"
_PROTO_FLAGS = ".guild/proto/.guild/attrs/flags"

Enter = Callable[[FileEntry], bool]


class NamedRun(Protocol):
    """What commands ask of a run.

    Attributes:
        id: Its whole id.
        path: Its directory; in an archive the archive's path with the run's place in it.
    """

    id: str
    path: Path

    def read(self) -> Run:
        """Everything about it, scalars and its batch included."""

    def attr(self, name: str) -> Any:
        """One attribute; None where it has none. Raises RunDamaged."""

    def size(self) -> int:
        """Bytes of its files."""

    def proto_flags(self) -> Mapping[str, Any]:
        """Flags of a batch's prototype, as lists and functions still."""

    def manifest(self) -> Manifest:
        """Its manifest."""

    def files(self, enter: Enter) -> Iterator[FileEntry]:
        """Its files; `enter` says which directories to go into. Raises Error."""

    def content(self, path: str, *, sourcecode: bool) -> Iterator[bytes]:
        """A file in pieces. Raises Error."""

    def output(self, *, follow: bool) -> Iterator[bytes]:
        """Its output in pieces. Raises RunError where it has written none."""


class HomeRun:
    """A run of a home."""

    def __init__(self, found: FoundRun) -> None:
        self._found = found
        self.id = found.id
        self.path = found.path

    def read(self) -> Run:
        """Everything about it."""
        run = self._found.store.read(self.id)
        if run.batch is not None:
            return run
        home = self._found.home
        return replace(run, batch=find_batch((home.runs_dir, home.trash_dir), self.id))

    def attr(self, name: str) -> Any:
        """One attribute."""
        return read_attr(self.path, name)

    def size(self) -> int:
        """Bytes of its files."""
        return disk_size(self.path).bytes

    def proto_flags(self) -> Mapping[str, Any]:
        """Flags of a batch's prototype."""
        try:
            return Store(self.path / ".guild").read("proto", scalars=None).flags
        except RunNotFound:
            return {}

    def manifest(self) -> Manifest:
        """Its manifest."""
        return read_manifest(self.path)

    def files(self, enter: Enter) -> Iterator[FileEntry]:
        """Its files."""
        return walk_files(self.path, enter=enter)

    def content(self, path: str, *, sourcecode: bool) -> Iterator[bytes]:
        """A file in pieces."""
        named = path
        if sourcecode and os.path.isdir(self.path / SOURCE_DIR):  # noqa: PTH112 - never raises
            path = f"{SOURCE_DIR}/{path}" if not path.startswith("/") else path
        try:
            file = open_file(self.path, path)
        except RunError as e:
            why = str(e).removeprefix(f"Cannot open {shown(path)}: ")
            raise RunError(
                f"Cannot open {shown(named)} of run {self.id[:8]}: {why}",
                path=e.path,
                hint=f"rundesk ls {self.id[:8]} lists its files.",
            ) from e
        with file:
            while piece := file.read(PIECE):
                yield piece

    def output(self, *, follow: bool) -> Iterator[bytes]:
        """Its output; a run that wrote none yet has an empty one."""
        try:
            yield from follow_output(
                self.path, is_running=self._is_running, check=lambda: None, follow=follow
            )
        except OutputMissing:
            raise _no_output(self) from None

    def _is_running(self) -> bool:
        try:
            run = self._found.store.read(self.id, scalars=None)
        except RunNotFound:
            return False
        return run.status in ("running", "pending")


class ArchivedRun:
    """A run of an archive.

    Args:
        source: Where it is.
        run_id: Its id.
    """

    def __init__(self, source: RunSource, run_id: str) -> None:
        self._source = source
        self.id = run_id
        self.path = source.run_dir(run_id)

    def read(self) -> Run:
        """Everything about it, without the scalars of its trials and steps."""
        from cli.archived import read_index

        index = read_index(self._source, scalars=False)
        for _ in index.read_scalars([self.id]):
            pass
        slot = index.columns.slot_of(self.id)
        run = self._source.run(self.id)
        if slot is None:
            return run
        known = index.columns.run(slot, self.path.parent)
        return replace(run, scalars=known.scalars, batch=known.batch, problem=known.problem)

    def attr(self, name: str) -> Any:
        """One attribute."""
        return self._source.attr(self.id, name)

    def size(self) -> int:
        """Bytes of its files as they are declared."""
        return sum(entry.size for entry in self._source.entries(self.id))

    def proto_flags(self) -> Mapping[str, Any]:
        """Flags of a batch's prototype."""
        try:
            with self._source.open(self.id, _PROTO_FLAGS) as file:
                flags = load_yaml(file.read().decode("utf-8", "replace"))
        except (ArchiveError, RunDamaged):
            return {}
        return flags if isinstance(flags, dict) else {}

    def manifest(self) -> Manifest:
        """Its manifest."""
        from core.archives.archive_files import read_archived_manifest

        return read_archived_manifest(self._source, self.id)

    def files(self, enter: Enter) -> Iterator[FileEntry]:
        """Its files."""
        from core.archives.archive_files import iter_archived_files

        closed: set[str] = set()
        for entry in iter_archived_files(self._source, self.id):
            if entry.path.rpartition("/")[0] in closed:
                closed.add(entry.path)
                continue
            yield entry
            if entry.is_directory and not enter(entry):
                closed.add(entry.path)

    def content(self, path: str, *, sourcecode: bool) -> Iterator[bytes]:
        """A file in pieces."""
        if sourcecode and any(
            entry.name.startswith(f"{SOURCE_DIR}/") for entry in self._source.entries(self.id)
        ):
            path = f"{SOURCE_DIR}/{path}"
        with self._source.open(self.id, path) as file:
            while piece := file.read(PIECE):
                yield piece

    def output(self, *, follow: bool) -> Iterator[bytes]:
        """Its output; nothing is added to it any more."""
        if all(entry.name != _OUTPUT for entry in self._source.entries(self.id)):
            raise _no_output(self)
        return self.content(_OUTPUT, sourcecode=False)


def name_run(
    request: Request,
    text: str | None,
    filters: Filters,
    *,
    deleted: bool,
    archive: str | None,
    remote: str | None = None,
) -> NamedRun:
    """The run that a command is about; an archive or a server stays open until the command ends.

    Args:
        request: Names the home.
        text: What names the run; None for the latest.
        filters: Which runs may be meant.
        deleted: Whether to look in the trash.
        archive: Where to look instead of a home.
        remote: The remote to look at instead of a home.

    Raises:
        RunNotFound: There is none.
        RunAmbiguous: There are several.
        QueryError: A filter is not understood.
        ArchiveError: The archive cannot be read.
    """
    check_place(archive, deleted=deleted, remote=remote)
    if archive is None and remote is None:
        return HomeRun(find_run(request.home, text, filters, deleted=deleted))
    from cli.archived import open_runs, read_index

    source = click.get_current_context().with_resource(open_runs(archive, remote, deleted=deleted))
    ids = source.ids()
    if text is None or needs_order(text) or filters != Filters():
        index = read_index(source, scalars=bool(filters.expression))
        ids = listing_of(index, filters, deleted=False).ids
    if not ids:
        raise RunNotFound("There is no run to show.", hint="No run there matches.")
    listed = f"rundesk list -A {archive}"
    if remote is not None:
        from cli.chosen_there import list_of  # brings in SSH

        listed = list_of(remote, deleted=deleted)
    return ArchivedRun(source, ids[0 if text is None else resolve_run(text, ids, listed=listed)])


def files_beginning(request: Request, text: str, beginning: str, *, deleted: bool) -> Iterator[str]:
    """Paths of files of a run of the home, for who has typed their beginning.

    Raises:
        RunNotFound: There is no such run.
        RunAmbiguous: There are several.
    """
    run = HomeRun(find_run(request.home, text, Filters(), deleted=deleted))

    def enter(entry: FileEntry) -> bool:
        inside = f"{entry.path}/"
        may_match = inside.startswith(beginning) or beginning.startswith(inside)
        is_meant = not entry.name.startswith(".") or beginning.startswith(entry.path)
        return may_match and is_meant and not entry.target

    for entry in run.files(enter):
        is_shown = bool(beginning) or not entry.name.startswith(".")
        if is_shown and entry.shape == "file" and entry.path.startswith(beginning):
            yield entry.path


def _no_output(run: NamedRun) -> RunError:
    return RunError(f"Run {run.id[:8]} has written no output.", path=run.path)
