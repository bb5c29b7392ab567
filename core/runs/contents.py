"""What can be asked about one run, wherever it is: the questions that the window's details ask.

Why a protocol: a run lies in a home, in an archive, or on another machine, and whoever shows it
must not care. Nothing here promises that an answer is quick: ask on a worker's thread.

Why what reads is imported when it is asked: a window is open long before anybody looks at a curve.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from core.check import Check

if TYPE_CHECKING:
    from core.runs.attribute_tree import AttrNode
    from core.runs.details import Details, FlagReading
    from core.runs.files import Listing
    from core.runs.output import OutputReader
    from core.runs.preview import Preview
    from core.runs.run import Run
    from core.runs.scalars import ScalarReading, ScalarState, Series
    from core.runs.source_code import SourceListing


class RunContents(Protocol):
    """One run that can be looked into. Any thread may ask, several at once.

    What cannot be read is told in the answers where those have a place for it; else, and where
    the run as a whole cannot be reached, each question raises core.errors.Error.
    """

    def run(self, check: Check) -> Run:
        """Its fields, comments among them, without scalars."""

    def details(self, parent: str | None, check: Check) -> Details:
        """What the overview shows, curves apart.

        Args:
            parent: Id of the batch or pipeline that links to the run, as the index knows it.
            check: Called often.
        """

    def flags(self, check: Check) -> FlagReading:
        """Its flags, and those of its prototype."""

    def scalars(
        self, state: ScalarState | None, check: Check, *, linked: bool = True
    ) -> ScalarReading:
        """Its scalars summed up.

        Args:
            state: Of an earlier reading of the same run; only what came since is read then.
            check: Called often.
            linked: Whether those of linked runs (trials, steps) are wanted too.
        """

    def series(self, key: str, check: Check, most: int | None = None) -> Series:
        """All points of one scalar; of more than `most` an even choice."""

    def output(self) -> OutputReader:
        """Reads its output; nothing is read before that is asked something."""

    def listing(self, path: str, check: Check, most: int) -> Listing:
        """The entries of one of its directories; "" is the run itself."""

    def preview(self, path: str, most: int, check: Check) -> Preview:
        """What one of its files looks like, made of `most` bytes of a text."""

    def file_copy(self, path: str, advance: Callable[[int], None]) -> Path:
        """One of its files for other programs: itself, or a copy that goes with the window.

        Args:
            path: The file, relative to the run.
            advance: Called with the bytes that were copied, often; raises to stop.
        """

    def source(self, check: Check) -> SourceListing:
        """Its source code."""

    def attributes(self, check: Check) -> tuple[AttrNode, ...]:
        """Every attribute, the environment among them."""


class DirectoryContents:
    """A run in a directory on this disk (see RunContents).

    Args:
        run_dir: The run's directory.
        elsewhere: Where runs that are related to it may be too; None for nowhere.
    """

    def __init__(self, run_dir: Path, elsewhere: Path | None = None) -> None:
        self._run_dir = run_dir
        self._elsewhere = elsewhere

    def run(self, check: Check) -> Run:
        """Its fields, without scalars."""
        from core.runs.store import Store

        return Store(self._run_dir.parent).read(self._run_dir.name, scalars=None)

    def details(self, parent: str | None, check: Check) -> Details:
        """What the overview shows, curves apart."""
        from core.runs.details import read_details
        from core.runs.store import Store

        elsewhere = Store(self._elsewhere) if self._elsewhere is not None else None
        return read_details(Store(self._run_dir.parent), self._run_dir, parent, elsewhere)

    def flags(self, check: Check) -> FlagReading:
        """Its flags, and those of its prototype."""
        from core.runs.details import read_flags

        return read_flags(self._run_dir)

    def scalars(
        self, state: ScalarState | None, check: Check, *, linked: bool = True
    ) -> ScalarReading:
        """Its scalars summed up."""
        from core.runs.scalars import read_summaries

        return read_summaries(self._run_dir, state, linked=linked)

    def series(self, key: str, check: Check, most: int | None = None) -> Series:
        """All points of one scalar."""
        from core.runs.scalars import MOST_POINTS, read_series

        return read_series(self._run_dir, key, check=check, most=most or MOST_POINTS)

    def output(self) -> OutputReader:
        """Reads its output."""
        from core.runs.output import OutputReader

        return OutputReader(self._run_dir)

    def listing(self, path: str, check: Check, most: int) -> Listing:
        """The entries of one of its directories."""
        from core.runs.files import list_directory

        return list_directory(self._run_dir, path, check=check, most=most)

    def preview(self, path: str, most: int, check: Check) -> Preview:
        """What one of its files looks like."""
        from core.runs.preview import read_preview

        return read_preview(self._run_dir, path, most=most, check=check)

    def file_copy(self, path: str, advance: Callable[[int], None]) -> Path:
        """The file itself."""
        return self._run_dir / path

    def source(self, check: Check) -> SourceListing:
        """Its source code."""
        from core.runs.source_code import list_source

        return list_source(self._run_dir, check)

    def attributes(self, check: Check) -> tuple[AttrNode, ...]:
        """Every attribute."""
        from core.runs.attribute_tree import read_attribute_tree

        return read_attribute_tree(self._run_dir, check)
