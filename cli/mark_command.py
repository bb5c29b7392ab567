"""`rundesk mark`: mark runs, or take their marks away."""

from __future__ import annotations

import click

from cli.chosen_runs import choose_runs, runs_argument
from cli.filter_options import filter_options
from cli.parsing import DeskCommand, Request, remote_option
from cli.questions import yes_option
from cli.run_changes import ask_first, carry_out
from core.index.filters import Filters
from core.runs.change import SetMark


@click.command(cls=DeskCommand)
@runs_argument
@click.option("-c", "--clear", is_flag=True, help="Take the marks away.")
@remote_option()
@yes_option
@filter_options
@click.pass_obj
def mark(
    request: Request,
    /,
    *,
    runs: tuple[str, ...],
    filters: Filters,
    clear: bool,
    remote: str | None,
    yes: bool,
) -> None:
    """Mark runs, or take their marks away.

    A marked run is used for an operation that depends on one, instead of the latest.

    RUN is an id, the beginning of one, a number of the list or a slice of it such as 2:4. Without
    RUN, all runs that match the filters are meant: `rundesk mark --clear -Fm` leaves no run marked.
    """
    verb, done = ("unmark", "Unmarked") if clear else ("mark", "Marked")
    if remote is not None:
        from cli.remote_changes import change_there

        words = f"You are about to {verb}", done
        change_there(remote, runs, filters, SetMark(not clear), words, yes=yes)
        return
    ids = choose_runs(request.home, runs, filters, ordered=not yes)
    if not yes:
        ask_first(request.home, ids, f"You are about to {verb}")
    carry_out(request.home, ids, SetMark(not clear), done)
