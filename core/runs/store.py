"""The run directories of one place, the runs or the trash of a home. Only ever reads.

Why os and f-strings instead of pathlib and open(): reading a run is some twenty small files, and
pathlib makes it three times as slow (measured on 10,000 runs: 146 against 49 us each).

Why a run whose `.guild` or `.guild/attrs` is a link has a problem: see `guild_files`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.errors import RunDamaged, RunNotFound
from core.runs.attrs import attr_names, read_attr_file, read_text
from core.runs.guild_files import MOST_BYTES, open_directory, opened_directory, reason
from core.runs.held_directory import Directory
from core.runs.links import read_links
from core.runs.run import Run
from core.runs.run_reading import ScalarReader, problem_sentence, read_run
from core.runs.status import Markers, read_markers

if TYPE_CHECKING:  # most commands find all they need in the index
    from core.runs.scalars import ScalarReading


def read_all_scalars(run_dir: str) -> ScalarReading:
    """The scalars of a run with those of its trials and steps."""
    from core.runs.scalars import read_summaries

    return read_summaries(run_dir)


class _Files:
    """The files of a run in a directory, opened within it (core.runs.run_reading)."""

    __slots__ = ("_attrs_dir", "_guild_dir", "_most", "attr_names", "names", "problem", "run_dir")

    def __init__(self, run_dir: str, guild_dir: Directory, most: int) -> None:
        self.run_dir = run_dir
        self.names = frozenset(guild_dir.names())
        self.attr_names: frozenset[str] = frozenset()
        self.problem = ""
        self._guild_dir = guild_dir
        self._attrs_dir: Directory | None = None
        self._most = most
        self._open_attrs()

    def _open_attrs(self) -> None:
        try:
            self._attrs_dir = open_directory("attrs", self._guild_dir)
            self.attr_names = frozenset(attr_names(self._attrs_dir))
        except FileNotFoundError:
            return
        except OSError as e:
            self.problem = f"its attributes cannot be read ({reason(e)})"

    def attr(self, name: str) -> Any:
        assert self._attrs_dir is not None  # it has this attribute
        return read_attr_file(name, self._attrs_dir, empty_is_damage=True, most=self._most)

    def text(self, path: str, what: str) -> str | None:
        *parents, name = path.split("/")
        return self._text_below(parents, name, what, self._guild_dir)

    def _text_below(
        self, parents: list[str], name: str, what: str, within: Directory
    ) -> str | None:
        """Go down directory by directory, so that no link is followed."""
        if not parents:
            return read_text(name, what, within)
        try:
            with opened_directory(parents[0], within) as below:
                return self._text_below(parents[1:], name, what, below)
        except OSError as e:
            raise RunDamaged(f"its prototype cannot be read ({reason(e)})") from e

    def markers(self) -> Markers:
        return read_markers(f"{self.run_dir}/.guild", self.names)

    def exit_time(self) -> float | None:
        try:
            return os.stat(f"{self.run_dir}/.guild/attrs/exit_status").st_mtime
        except OSError:
            return None

    def links(self) -> tuple[tuple[str, str], ...]:
        return read_links(self.run_dir)

    def close(self) -> None:
        if self._attrs_dir is not None:
            self._attrs_dir.close()


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
            return [name for name in os.listdir(self.runs_dir) if name[0] != "."]
        except (FileNotFoundError, NotADirectoryError):
            return []

    def has(self, name: str) -> bool:
        """Whether `names` would name it; something that cannot be told is there."""
        return not name.startswith(".") and os.path.lexists(f"{self.runs_dir}/{name}")

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
            guild_dir.close()

    def _read(self, run_id: str, guild_dir: Directory, scalars: ScalarReader | None) -> Run:
        """Read a run whose `.guild` is `guild_dir`."""
        files = _Files(f"{self.runs_dir}/{run_id}", guild_dir, self._most)
        try:
            return read_run(run_id, files, scalars)
        finally:
            files.close()

    def _unreadable_or_gone(self, run_id: str) -> Run:
        run_dir = f"{self.runs_dir}/{run_id}"
        if self._is_dead_link(run_id):
            return _unreadable(run_id, run_dir, "it is a link that leads nowhere")
        raise RunNotFound(f"There is no run {run_id[:8]}.", path=self.run_dir(run_id))

    def _is_dead_link(self, name: str) -> bool:
        path = f"{self.runs_dir}/{name}"
        return os.path.islink(path) and not os.path.exists(path)


def _unreadable(run_id: str, run_dir: str, problem: str) -> Run:
    return Run(run_id, Path(run_dir), problem=problem_sentence(run_id, problem))
