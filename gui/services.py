"""What views are given: the few things shared by the whole window, made once by `gui.app`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from core.directories import Directories
from core.home import Home
from core.runs.contents import DirectoryContents, RunContents
from gui.job_bridge import JobBridge
from gui.theme import Theme

if TYPE_CHECKING:
    from core.compare.diff_side import DiffSide
    from core.compare.series import RunSeries


class Services(Struct, frozen=True):
    """Shared services of one window.

    Attributes:
        bridge: Runs jobs and tells of them on the GUI thread.
        theme: Colours, icons, fonts.
        directories: Where the application's own files are.
    """

    bridge: JobBridge
    theme: Theme
    directories: Directories


class RunShelf(Protocol):
    """A place whose runs are not in the home: an archive, an export, another machine."""

    @property
    def title(self) -> str:
        """How it is called on screen."""

    @property
    def is_on_disk(self) -> bool:
        """Whether its runs are directories here, which other programs can open."""

    @property
    def file(self) -> Path | None:
        """The file or directory that it is; None where it is none on this disk."""

    @property
    def remote(self) -> str:
        """The name of the remote that it is; empty for none."""

    @property
    def can_change(self) -> bool:
        """Whether labels, tags and comments of its runs can be written."""

    def run_dir(self, run_id: str) -> Path:
        """What stands for a run's directory: a real one where `is_on_disk`; asks no disk."""

    def contents(self, run_id: str) -> RunContents:
        """Looks into one of its runs."""

    def series(
        self, run_id: str, keys: Sequence[str], check: Callable[[], None]
    ) -> Mapping[str, RunSeries]:
        """Every step of some scalars of one of its runs; asks disk or network.

        Raises:
            core.errors.Error: The run cannot be read.
        """

    def side(self, run_id: str, check: Callable[[], None]) -> DiffSide:
        """One of its runs as it is compared file by file; asks disk or network when asked."""

    def copy_events(self, targets: Mapping[str, Path], check: Callable[[], None]) -> None:
        """Copy the event files of runs, each run's into the directory given for its id.

        Raises:
            core.errors.Error: A run cannot be read, or all are too large.
        """


class RunRef(Struct, frozen=True):
    """Which run a details tab is about.

    Attributes:
        id: The run's id.
        path: Its directory, in the runs or in the trash; of a run on a shelf what stands for it.
        deleted: Whether it lies in the trash.
        shelf: Where it is, unless it is the home's.
    """

    id: str
    path: Path
    deleted: bool = False
    shelf: RunShelf | None = None

    @property
    def contents(self) -> RunContents:
        """Looks into it."""
        if self.shelf is not None:
            return self.shelf.contents(self.id)
        home = Home(self.path.parents[2 if self.deleted else 1])
        return DirectoryContents(self.path, home.runs_dir if self.deleted else home.trash_dir)

    def side(self, check: Callable[[], None]) -> DiffSide:
        """The run as it is compared file by file.

        Args:
            check: Called often while files are read; raises to stop (core.errors.Cancelled).
        """
        from core.compare.diff_side import RunSide

        return RunSide(self.path) if self.shelf is None else self.shelf.side(self.id, check)

    @property
    def can_change(self) -> bool:
        """Whether labels, tags and comments of it can be written."""
        return not self.deleted and (self.shelf is None or self.shelf.can_change)

    @property
    def is_far(self) -> bool:
        """Whether it is on another machine."""
        return self.shelf is not None and bool(self.shelf.remote)

    @property
    def is_on_disk(self) -> bool:
        """Whether it is a directory here, which other programs can open."""
        return self.shelf is None or self.shelf.is_on_disk


class RunPlace(Protocol):
    """Where the runs of one table are."""

    def ref(self, run_id: str, *, deleted: bool) -> RunRef:
        """Which run an id means; asks no disk."""


class ShelfRuns:
    """The runs of a shelf (see RunPlace)."""

    def __init__(self, shelf: RunShelf) -> None:
        self._shelf = shelf

    def ref(self, run_id: str, *, deleted: bool) -> RunRef:
        """Which run an id means."""
        return RunRef(run_id, self._shelf.run_dir(run_id), deleted, self._shelf)


class HomeRuns:
    """The runs of a home and of its trash (see RunPlace)."""

    def __init__(self, home: Home) -> None:
        self._home = home

    def ref(self, run_id: str, *, deleted: bool) -> RunRef:
        """Which run an id means."""
        place = self._home.trash_dir if deleted else self._home.runs_dir
        return RunRef(run_id, place / run_id, deleted)
