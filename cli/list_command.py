"""`rundesk list`: the runs of a home, newest first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import click

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
from cli.parsing import DeskCommand, Request, deleted_option, json_option
from cli.screen import note, write_line, write_text
from core.home import Home
from core.index.filters import Filters
from core.index.index import RunIndex

DEFAULT_ROWS = 20
MOST = 30_000
"""Documents of more runs are hundreds of megabytes: they are made while they are written."""

_PIECE = 500


@click.command("list", cls=DeskCommand)
@click.option("-a", "--all", "all_rows", is_flag=True, help="Show all runs, not only 20.")
@click.option(
    "-n", "--limit", type=click.IntRange(min=1), metavar="N", help="Show the N newest runs."
)
@click.option("-s", "--simplified", is_flag=True, help="Show fewer columns.")
@click.option("-c", "--comments", is_flag=True, help="Show comments below each run.")
@click.option("-v", "--verbose", is_flag=True, help="Show details below each run.")
@deleted_option
@json_option
@filter_options
@click.pass_obj
def list_runs(
    request: Request,
    /,
    *,
    filters: Filters,
    deleted: bool,
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
    home = request.home
    warn_where_missing(home)
    with open_index(home) as index:
        if as_json:
            documents = up_to_date(
                index, lambda: _documents(index, filters, deleted, limit), deleted=deleted
            )
            _write_documents(documents)
            return
        count = None if all_rows else limit or DEFAULT_ROWS

        def prepare() -> tuple[int, list[str]]:
            found = listing_of(index, filters, deleted=deleted)
            shown = found.first(count)
            below = _lines_below(home, shown, deleted=deleted, comments=comments, verbose=verbose)
            rows = zip(row_lines(shown, compact=simplified), below, strict=True)
            return len(found.slots), ["\n".join([line, *more]) for line, more in rows]

        total, rows = up_to_date(index, prepare, deleted=deleted)
    write_text("".join(f"{row}\n" for row in rows))
    if limit is None and len(rows) < total:
        note(f"Showing {len(rows)} of {total} runs; -a shows all of them.")


def _documents(
    index: RunIndex,
    filters: Filters,
    deleted: bool,  # noqa: FBT001 - the option
    limit: int | None,
) -> Iterable[str]:
    """The JSON of each run; all at once unless that takes hundreds of megabytes."""
    slots = listing_of(index, filters, deleted=deleted).first(limit).slots
    texts = index.json_documents(slots)
    return texts if len(slots) > MOST else list(texts)


def _write_documents(texts: Iterable[str]) -> None:
    """One JSON list, written in pieces: a hundred thousand runs are 200 MB of text."""
    rest = iter(texts)
    opening = "["
    while piece := ", ".join(islice(rest, _PIECE)):
        write_text(opening + piece)
        opening = ", "
    write_line("]" if opening == ", " else "[]")


def _lines_below(
    home: Home, listing: Listing, *, deleted: bool, comments: bool, verbose: bool
) -> Iterator[list[str]]:
    """What stands below the row of each run."""
    store = store_of(home, deleted=deleted)
    for slot, run_id in zip(listing.slots, listing.ids, strict=True):
        lines: list[str] = []
        if verbose:
            lines += detail_lines(store.read(run_id, scalars=None))
        if comments:
            lines += comment_lines(listing.columns.value("comments", slot) or ())
        yield [f"  {line}" if line else "" for line in lines]
