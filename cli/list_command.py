"""`rundesk list`: the runs of a home, newest first."""

from __future__ import annotations

from collections.abc import Iterator

import click

from cli.filter_options import filter_options
from cli.info_text import comment_lines, detail_lines
from cli.list_text import row_lines
from cli.listing import Listing, listing_of, open_index, store_of, warn_where_missing
from cli.parsing import DeskCommand, Request, deleted_option, json_option
from cli.screen import note, write_line, write_text
from core.home import Home
from core.index.filters import Filters
from core.index.index import RunIndex

DEFAULT_ROWS = 20
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
        listing = listing_of(index, filters, deleted=deleted)
        if as_json:
            _write_documents(index, listing.first(limit))
            return
        shown = listing if all_rows else listing.first(limit or DEFAULT_ROWS)
        below = _lines_below(home, shown, deleted=deleted, comments=comments, verbose=verbose)
        for line, more in zip(row_lines(shown, compact=simplified), below, strict=True):
            write_text("".join(f"{text}\n" for text in (line, *more)))
    if limit is None and len(shown.slots) < len(listing.slots):
        note(f"Showing {len(shown.slots)} of {len(listing.slots)} runs; -a shows all of them.")


def _write_documents(index: RunIndex, listing: Listing) -> None:
    """One JSON list, written in pieces: a hundred thousand runs are 200 MB of text."""
    write_text("[")
    piece: list[str] = []
    separator = ""
    for text in index.json_documents(listing.slots):
        piece.append(text)
        if len(piece) == _PIECE:
            write_text(separator + ", ".join(piece))
            piece.clear()
            separator = ", "
    if piece:
        write_text(separator + ", ".join(piece))
    write_line("]")


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
