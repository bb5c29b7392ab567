"""One run of an archive as the details see it (core.runs.contents.RunContents)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from msgspec.structs import replace

from core.archives.archive_files import file_names, find_entry, list_archived_directory
from core.archives.archived_output import ArchivedOutput, Use, copied
from core.archives.growing_copy import Part
from core.archives.linked_key import linked_key
from core.archives.run_copies import RunCopies
from core.archives.source import LiveSource, RunSource, clause_of
from core.check import Check
from core.errors import ArchiveError, RunError, RunNotFound
from core.runs.attribute_tree import AttrNode, read_attribute_tree
from core.runs.details import Details, FlagReading, read_flags, read_run_details
from core.runs.files import Listing, shown
from core.runs.output import OutputReader
from core.runs.preview import Preview, preview_of
from core.runs.run import Run
from core.runs.scalars import (
    MOST_POINTS,
    ScalarReading,
    ScalarState,
    Series,
    by_key,
    read_series,
    read_summaries,
)
from core.runs.source_code import OLD_PLACE, SourceFile, SourceListing, list_source

MOST_TAIL = 64 << 20
"""Output of more bytes is not unpacked for its last lines in the overview."""


class ArchivedRun:
    """Answers from a source that others use too.

    Args:
        run_id: The run.
        use: Gives the source to one thread at a time.
        copies: Where its files are read by offset.
    """

    def __init__(self, run_id: str, use: Use, copies: RunCopies) -> None:
        self._id = run_id
        self._use = use
        self._copies = copies

    def run(self, check: Check) -> Run:
        """Its fields, without scalars; of a run that goes on, what they are now."""
        with self._use(check) as source:
            self._look(source, check)
            return source.run(self._id)

    def details(self, parent: str | None, check: Check) -> Details:
        """What the overview shows, curves apart; long output is left out.

        Of a run that goes on somewhere, what it is now.
        """
        with self._use(check) as source:
            goes_on = self._look(source, check)
        path = self._copy("facts", check)
        with self._use(check) as source:
            output = find_entry(source, self._id, ".guild/output")
            is_short = output is not None and 0 < output.size <= MOST_TAIL
            if is_short or isinstance(source, LiveSource):
                self._copies.copy(source, self._id, "output", check)
            run = source.run(self._id)
            found = read_run_details(run, _SourceRuns(source), path, parent)
        return replace(found, is_followed=goes_on)

    def flags(self, check: Check) -> FlagReading:
        """Its flags, and those of its prototype."""
        return read_flags(self._copy("facts", check))

    def scalars(
        self, state: ScalarState | None, check: Check, *, linked: bool = True
    ) -> ScalarReading:
        """Its scalars summed up, with those of its trials and steps as far as these are there."""
        with self._use(check) as source:
            self._look(source, check)
        own = read_summaries(self._copy("events", check), state, linked=False)
        links = self._links(check) if linked else {}
        if not links:
            return own
        directories, problem = dict(own.state.directories), own.problem
        for name, run in links.items():
            check()
            try:
                with self._use(check) as source:
                    run._look(source, check)
                read = read_summaries(run._copy("events", check), linked=False)
            except (ArchiveError, RunNotFound) as e:
                problem = problem or str(e).rstrip(".")
                continue
            problem = problem or read.problem
            below = {f"{name}/{d}".rstrip("/"): s for d, s in read.state.directories.items()}
            directories |= below
        summaries = by_key({d: found.folds for d, found in directories.items()})
        return ScalarReading(summaries, own.state, problem)

    def series(self, key: str, check: Check, most: int | None = None) -> Series:
        """All points of one scalar, which may be that of a trial or step."""
        run = self
        links = self._links(check) if "#" in key else {}
        linked = linked_key(key, [(name, name) for name in links])
        if linked is not None:
            run, key = links[linked[0]], linked[1]
        return read_series(run._copy("events", check), key, check=check, most=most or MOST_POINTS)

    def output(self) -> OutputReader:
        """Reads its output, which is copied when that is first asked something."""
        return ArchivedOutput(self._id, self._use, self._copies)

    def listing(self, path: str, check: Check, most: int) -> Listing:
        """The entries of one of its directories."""
        with self._use(check) as source:
            return list_archived_directory(source, self._id, path, most=most, check=check)

    def preview(self, path: str, most: int, check: Check) -> Preview:
        """What one of its files looks like."""
        try:
            with self._use(check) as source:
                found = find_entry(source, self._id, path)
                size = 0 if found is None else found.size  # which `open` refuses
                with source.open(self._id, path) as file:
                    return preview_of(path, file, size, most=most, check=check)
        except ArchiveError as e:
            raise RunError(f"Cannot read {shown(path)}: {clause_of(e)}") from e

    def file_copy(self, path: str, advance: Callable[[int], None]) -> Path:
        """A copy of one of its files, with the name that it has."""
        try:
            with self._use(lambda: advance(0)) as source:
                return self._copies.copy_file(source, self._id, path, advance)
        except ArchiveError as e:
            raise RunError(f"Cannot unpack {shown(path)}: {clause_of(e)}", hint=e.hint) from e

    def source(self, check: Check) -> SourceListing:
        """Its source code."""
        listing = list_source(self._copy("facts", check), check)
        if listing.files:
            return listing
        with self._use(check) as source:
            names = file_names(source.entries(self._id), OLD_PLACE)
        old = [SourceFile(name, name.removeprefix(f"{OLD_PLACE}/")) for name in names]
        return SourceListing(tuple(old), listing.problem)

    def attributes(self, check: Check) -> tuple[AttrNode, ...]:
        """Every attribute."""
        return read_attribute_tree(self._copy("facts", check), check)

    def _links(self, check: Check) -> dict[str, ArchivedRun]:
        """Its trials and steps that are there too, by the names that it has for them."""
        with self._use(check) as source:
            links, known = source.run(self._id).links, set(source.ids())
        return {
            name: ArchivedRun(run_id, self._use, self._copies)
            for name, run_id in links
            if run_id in known and run_id != self._id
        }

    def _look(self, source: RunSource, check: Check) -> bool:
        """Look anew at it where it goes on, unless that was done a moment ago; whether it did."""
        if not isinstance(source, LiveSource) or not source.goes_on(self._id):
            return False
        if self._copies.is_due(self._id):
            source.renew(self._id, None, check)
            self._copies.doubt(self._id)
        return True

    def _copy(self, part: Part, check: Check) -> Path:
        return copied(self._id, self._use, self._copies, part, check)


class _SourceRuns:
    """The runs of a source, as one of a store are read."""

    def __init__(self, source: RunSource) -> None:
        self._source = source

    def read(self, run_id: str, scalars: None = None) -> Run:
        """What is known of a run.

        Raises:
            RunNotFound: There is no such run, or it cannot be read.
        """
        try:
            return self._source.run(run_id)
        except (ArchiveError, OSError) as e:
            raise RunNotFound(f"Run {run_id[:8]} cannot be read: {clause_of(e)}.") from e
