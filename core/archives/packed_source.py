"""What the runs of every archive that is one file have in common (see core.archives.source)."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.archives.entries import ArchiveEntry, RunEntries, sort_out
from core.archives.large_run import LargeRun, Placed, sort_out_many
from core.archives.ordinary import KnownRuns, Ordinary
from core.archives.roots import RunRoots
from core.archives.small_files import SmallFiles
from core.archives.source import clause_of
from core.check import Check, go_on
from core.errors import ArchiveError, RunDamaged, RunNotFound
from core.runs.guild_files import open_file
from core.runs.run import Run
from core.runs.run_reading import read_run

if TYPE_CHECKING:
    from core.archives.row_index import RowIndex


class PackedSource(ABC):
    """Runs of one file.

    Args:
        path: The file, which is opened.
    """

    index: RowIndex | None = None
    _roots: RunRoots

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = open_file(os.fspath(path), follow=True)
        self._root_of: dict[str, bytes] = {}
        # By whether a run is a large one, of which it takes long to find out anew.
        self._sorted: dict[bool, tuple[str, RunEntries]] = {}
        self._known_runs = KnownRuns()

    @property
    def title(self) -> str:
        """The archive's name."""
        return self.path.name

    def ids(self) -> list[str]:
        """Ids of its runs, in the order of the archive."""
        return list(self._root_of)

    def run_dir(self, run_id: str) -> Path:
        """The archive's path with the run's place in it."""
        return self.path / (self._root(run_id).decode("utf-8", "surrogateescape") or run_id)

    def run(self, run_id: str, *, brief: bool = False) -> Run:
        """What is known of a run without its event files."""
        return read_run(run_id, self._small_files(run_id), None, brief=brief)

    def attr(self, run_id: str, name: str) -> Any:
        """One attribute of a run; None where it has none."""
        return self._small_files(run_id).attr(name)

    def entries(self, run_id: str, check: Check = go_on) -> Collection[ArchiveEntry]:
        """Everything of a run that may be written elsewhere, in the order of the archive."""
        return self._sorted_out(run_id, check).entries

    def remarks(self, run_id: str) -> tuple[str, ...]:
        """What `entries` leaves out, a sentence each."""
        return self._sorted_out(run_id, go_on).remarks

    def require_readable(self, run_id: str, check: Check = go_on) -> None:
        """Refuse a run of which the archive itself says that not all of it can be read."""
        self._sorted_out(run_id, check)
        problem = self._unreadable(run_id)
        if problem:
            raise self._refusal(run_id, problem)

    def ordinary(self, run_id: str, check: Check = go_on) -> Ordinary | None:
        """A run that can be taken the quick way."""
        return self._known_runs.get(run_id, self._ordinary)

    def problems(self) -> list[str]:
        """Sentences on what was not understood of the whole."""
        return list(self._roots.problems)

    def close(self) -> None:
        """Close the archive."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    # What each kind of archive finds in its own way

    @abstractmethod
    def _small_files(self, run_id: str) -> SmallFiles:
        """What is in a run's `.guild`."""

    @abstractmethod
    def _listed_entries(self, run_id: str) -> Iterable[ArchiveEntry]:
        """Everything of a run that is not large, safe or not.

        Raises:
            ArchiveError: It is damaged.
            RunDamaged: The same.
        """

    @abstractmethod
    def _is_large(self, run_id: str) -> bool:
        """Whether a run has so many entries that they are not to be in memory."""

    @abstractmethod
    def _placed_entries(self, run_id: str, known: LargeRun) -> Iterable[Placed]:
        """Everything of a large run, safe or not (see core.archives.large_run.sort_out_many).

        Raises:
            ArchiveError: It is damaged.
            RunDamaged: The same.
        """

    @abstractmethod
    def _ordinary(self, run_id: str) -> Ordinary | None:
        """The run, where it is small and nothing of it is unusual."""

    def _unreadable(self, run_id: str) -> str:
        """What says of itself that it cannot be read, as a clause; empty for nothing.

        Asked after the entries of the run were listed.
        """
        return ""

    # Inside

    def _refusal(self, run_id: str, clause: str) -> ArchiveError:
        where = f"Run {run_id[:8]} of {self.title}"
        return ArchiveError(f"{where} is refused: {clause}.", path=self.path)

    def _root(self, run_id: str) -> bytes:
        root = self._root_of.get(run_id)
        if root is None:
            raise RunNotFound(f"There is no run {run_id[:8]} in {self.title}.", path=self.path)
        return root

    def _large(self, run_id: str, check: Check = go_on) -> LargeRun | None:
        """The entries of a large run; None for any other."""
        if not self._is_large(run_id):
            return None
        found = self._sorted_out(run_id, check).entries
        return found if isinstance(found, LargeRun) else None

    def _sorted_out(self, run_id: str, check: Check) -> RunEntries:
        is_large = self._is_large(run_id)
        known = self._sorted.get(is_large)
        if known is None or known[0] != run_id:
            try:
                if is_large:
                    found = sort_out_many(partial(self._placed_entries, run_id), check)
                else:
                    found = sort_out(self._listed_entries(run_id), check)
            except (ArchiveError, RunDamaged) as e:
                raise self._refusal(run_id, clause_of(e)) from e
            known = self._sorted[is_large] = run_id, found
        return known[1]
