"""`rundesk list`: the runs of a home, newest first."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

import click
from msgspec import Struct
from msgspec.structs import replace

from cli.filter_options import filter_options
from cli.info_text import comment_lines, detail_lines
from cli.list_text import row_lines
from cli.listing import (
    Listing,
    listing_of,
    open_index,
    store_of,
    up_to_date,
    warn_where_missing,
)
from cli.parsing import (
    Count,
    DeskCommand,
    Request,
    archive_option,
    check_place,
    deleted_option,
    number_json_options,
    remote_option,
)
from cli.screen import json_text, note, write_line, write_text
from core.home import Home
from core.index.filters import Filters
from core.index.index import RunIndex
from core.runs.run import Run

if TYPE_CHECKING:  # most lists are those of a home
    from core.archives.archive_index import ArchiveIndex
    from core.archives.source import RunSource

DEFAULT_ROWS = 20
MOST = 30_000
"""Documents of more runs are hundreds of megabytes: they are made while they are written."""

_PIECE = 500


@click.command("list", cls=DeskCommand)
@click.option("-a", "--all", "all_rows", is_flag=True, help="Show all runs, not only 20.")
@click.option("-n", "--limit", type=Count(), metavar="N", help="Show the N newest runs.")
@click.option("-s", "--simplified", is_flag=True, help="Show fewer columns.")
@click.option("-c", "--comments", is_flag=True, help="Show comments below each run.")
@click.option("-v", "--verbose", is_flag=True, help="Show details below each run.")
@deleted_option
@archive_option
@remote_option()
@number_json_options
@filter_options
@click.pass_obj
def list_runs(
    request: Request,
    /,
    *,
    filters: Filters,
    deleted: bool,
    archive: str | None,
    remote: str | None,
    as_json: bool,
    all_rows: bool,
    limit: int | None,
    simplified: bool,
    comments: bool,
    verbose: bool,
) -> None:
    """List runs, newest first.

    The number before each run counts in this list, after the filters, and names the run in other
    commands that are given the same filters.
    """
    if all_rows and limit is not None:
        raise click.UsageError("-a/--all and -n/--limit exclude each other.")
    check_place(archive, deleted=deleted, remote=remote)
    wanted = _Wanted(filters, deleted, limit, all_rows, simplified, comments, verbose)
    if archive is not None or remote is not None:
        _list_elsewhere(archive, remote, wanted, as_json=as_json)
        return
    home = request.home
    warn_where_missing(home)
    with open_index(home) as index:
        if as_json:
            _write_documents(up_to_date(index, lambda: wanted.documents(index), deleted=deleted))
            return
        store = store_of(home, deleted=deleted)

        def read(run_id: str) -> Run:
            return store.read(run_id, scalars=None)

        total, rows = up_to_date(index, lambda: wanted.rows(index, read), deleted=deleted)
    wanted.write(total, rows, _emptiness_of(home, deleted=deleted))


class _Wanted(Struct, frozen=True):
    """What the options ask for; they are told in the command's help."""

    filters: Filters
    deleted: bool
    limit: int | None
    all_rows: bool
    simplified: bool
    comments: bool
    verbose: bool

    def documents(self, index: RunIndex | ArchiveIndex) -> Iterable[str]:
        """The JSON of each run; all at once unless that takes hundreds of megabytes."""
        found = listing_of(index, self.filters, deleted=self.deleted)
        slots = found.first(self.limit).slots
        texts = index.json_documents(slots)
        return texts if len(slots) > MOST else list(texts)

    def rows(
        self, index: RunIndex | ArchiveIndex, read: Callable[[str], Run]
    ) -> tuple[int, list[str]]:
        """How many runs match, and the text of those that are shown."""
        found = listing_of(index, self.filters, deleted=self.deleted)
        shown = found.first(None if self.all_rows else self.limit or DEFAULT_ROWS)
        below = self._lines_below(shown, read)
        rows = zip(row_lines(shown, compact=self.simplified), below, strict=True)
        return len(found.slots), ["\n".join([line, *more]) for line, more in rows]

    def write(self, total: int, rows: list[str], emptiness: str) -> None:
        """Write the rows, and say how many there are where not all are shown, or none.

        Args:
            total: How many runs match.
            rows: Those that are shown.
            emptiness: What is said where there are no runs at all; empty where that was said.
        """
        write_text("".join(f"{row}\n" for row in rows))
        if not total and not self.filters.is_empty:
            note(f"No {'deleted ' if self.deleted else ''}run matches the filters.")
        elif not total and emptiness:
            note(emptiness)
        elif self.limit is None and len(rows) < total:
            note(f"Showing {len(rows)} of {total} runs; -a shows all of them.")

    def _lines_below(self, listing: Listing, read: Callable[[str], Run]) -> Iterator[list[str]]:
        """What stands below the row of each run."""
        for slot, run_id in zip(listing.slots, listing.ids, strict=True):
            lines: list[str] = []
            if self.verbose:
                lines += detail_lines(read(run_id))
            if self.comments:
                lines += comment_lines(listing.columns.value("comments", slot) or ())
            yield [f"  {line}" if line else "" for line in lines]


def _list_elsewhere(
    archive: str | None, remote: str | None, wanted: _Wanted, *, as_json: bool
) -> None:
    """List the runs of an archive or a server; scalars of the latter only where a filter asks."""
    from cli.archived import open_runs

    is_trash, wanted = wanted.deleted, replace(wanted, deleted=False)  # all that are read
    with open_runs(archive, remote, deleted=is_trash) as source:
        scalars = (archive is not None and as_json) or bool(wanted.filters.expression)
        kept = None if is_trash else remote
        index = _index_of(source, kept, as_json=as_json, scalars=scalars)
        if as_json:
            _write_documents(wanted.documents(index))
            return
        total, rows = wanted.rows(index, source.run)
    where = f"on {remote}" if remote else f"in {archive}"
    is_empty = f"The trash of {remote} is empty." if is_trash else f"There are no runs {where}."
    wanted.write(total, rows, is_empty)


def _emptiness_of(home: Home, *, deleted: bool) -> str:
    """What is said of a home without runs; empty where a warning has said why there are none."""
    if not os.path.lexists(home.runs_dir):
        return ""
    return (
        f"The trash of {home.path} is empty." if deleted else f"There are no runs in {home.path}."
    )


def _index_of(
    source: RunSource, remote: str | None, *, as_json: bool, scalars: bool
) -> ArchiveIndex:
    """The runs in columns, and where they are those of a remote kept for the next time.

    Documents tell more of a run than is kept, so that for them all of it must come.
    """
    from cli.archived import read_index

    if remote is None:
        return read_index(source, scalars=scalars)
    from cli.chosen_there import read_there, remember_listing  # brings in SSH
    from remote.remote_source import RemoteSource

    if isinstance(source, RemoteSource) and not as_json:
        return read_there(source, remote, scalars=scalars)
    index = read_index(source, scalars=scalars)
    remember_listing(remote, index)
    return index


def _write_documents(texts: Iterable[str]) -> None:
    """One JSON list, written in pieces: a hundred thousand runs are 200 MB of text."""
    rest = iter(texts)
    opening = "["
    while piece := ", ".join(islice(rest, _PIECE)):
        write_text(opening + json_text(f"[{piece}]")[1:-1])
        opening = ", "
    write_line("]" if opening == ", " else "[]")
