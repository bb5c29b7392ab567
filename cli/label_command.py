"""`rundesk label`: set, extend, shorten or clear the labels of runs."""

from __future__ import annotations

from collections.abc import Sequence

import click

from cli.chosen_runs import choose_runs, runs_argument
from cli.filter_options import filter_options
from cli.listing import store_of
from cli.parsing import DeskCommand, Request, json_option, remote_option
from cli.questions import yes_option
from cli.run_changes import ask_first, carry_out, preview_line
from cli.screen import pointed, write_json, write_line
from core.errors import Error, QueryError
from core.home import Home
from core.index.filters import Filters
from core.runs.change import (
    AppendLabel,
    Change,
    ClearLabel,
    PrependLabel,
    RemoveFromLabel,
    ResetLabel,
    SetLabel,
    check_patterns,
    preview,
)

_OPTIONS = "-s/--set, -a/--append, -p/--prepend, -rm/--remove, -c/--clear or --reset"


@click.command(cls=DeskCommand)
@runs_argument
@click.option("-s", "--set", "set_to", metavar="TEXT", help="Let TEXT be the label.")
@click.option("-a", "--append", metavar="TEXT", help="Put TEXT behind the label.")
@click.option("-p", "--prepend", metavar="TEXT", help="Put TEXT before the label.")
@click.option(
    "-rm",
    "--remove",
    metavar="REGEX",
    multiple=True,
    help="Remove words that match REGEX from the label. May be used several times.",
)
@click.option("-c", "--clear", is_flag=True, help="Let the runs have no label.")
@click.option("--reset", is_flag=True, help="Go back to the default label, all flags.")
@click.option(
    "-n", "--preview", "is_preview", is_flag=True, help="Show the labels, change nothing."
)
@remote_option()
@yes_option
@json_option
@filter_options
@click.pass_obj
def label(
    request: Request,
    /,
    *,
    runs: tuple[str, ...],
    filters: Filters,
    set_to: str | None,
    append: str | None,
    prepend: str | None,
    remove: tuple[str, ...],
    clear: bool,
    reset: bool,
    is_preview: bool,
    remote: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Change the labels of runs.

    In TEXT, ${NAME} stands for the value of a flag, ${label} for the label and ${default_label}
    for all flags; ${lr|%.2e}, ${path|basename}, ${x|default:none} and ${label|unquote} are filters.

    RUN is an id, the beginning of one, a number of the list or a slice of it such as 2:4. Without
    RUN, all runs that match the filters are meant.
    """
    change = _change(set_to, append, prepend, remove, clear=clear, reset=reset)
    if as_json and not is_preview:
        raise click.UsageError("--json prints what -n/--preview shows.")
    if remote is not None:
        _change_there(remote, (runs, filters), change, is_preview=is_preview, yes=yes)
        return
    ids = choose_runs(request.home, runs, filters, ordered=is_preview or not yes)
    if is_preview:
        _show(request.home, ids, change, as_json=as_json)
        return
    if not yes:
        ask_first(request.home, ids, "You are about to change the label of", label=change)
    carry_out(request.home, ids, change, _done(change))


def _done(change: Change) -> str:
    """How a change is called when it is done."""
    return "Cleared the label of" if isinstance(change, ClearLabel) else "Labelled"


def _change_there(
    remote: str,
    chosen: tuple[tuple[str, ...], Filters],
    change: Change,
    *,
    is_preview: bool,
    yes: bool,
) -> None:
    from cli.remote_changes import change_there

    if is_preview:
        raise click.UsageError("-n/--preview excludes -r/--remote.")
    words = "You are about to change the label of", _done(change)
    change_there(remote, *chosen, change, words, yes=yes)


def _change(
    set_to: str | None,
    append: str | None,
    prepend: str | None,
    remove: tuple[str, ...],
    *,
    clear: bool,
    reset: bool,
) -> Change:
    """The one change that was asked for.

    Raises:
        UsageError: There is none, or more than one, or a pattern is not understood.
    """
    asked: list[Change] = [
        *(kind(text) for kind, text in _texts(set_to, append, prepend) if text),
        *([RemoveFromLabel(remove)] if any(remove) else []),
        *([ClearLabel()] if clear else []),
        *([ResetLabel()] if reset else []),
    ]
    if len(asked) != 1:
        problem = "exclude each other" if asked else "is needed, with a text that is not empty"
        one = "" if asked else "One of "
        raise click.UsageError(f"{one}{_OPTIONS} {problem}.")
    _check(remove)
    return asked[0]


def _texts(
    set_to: str | None, append: str | None, prepend: str | None
) -> Sequence[tuple[type[SetLabel | AppendLabel | PrependLabel], str | None]]:
    return (SetLabel, set_to), (AppendLabel, append), (PrependLabel, prepend)


def _check(patterns: Sequence[str]) -> None:
    for pattern in patterns:
        try:
            check_patterns([pattern])
        except QueryError as e:
            lines = [f"{e}.", *pointed(pattern, e.position, e.length), e.hint]
            raise click.UsageError("\n".join(lines)) from e


def _show(home: Home, ids: Sequence[str], change: Change, *, as_json: bool) -> None:
    """What the labels would become."""
    if not as_json:
        for run_id in ids:
            write_line(preview_line(home, run_id, change))
        return
    write_json([_document(home, run_id, change) for run_id in ids])


def _document(home: Home, run_id: str, change: Change) -> dict[str, str | None]:
    try:
        before, after = preview(store_of(home, deleted=False), run_id, change)
    except Error as e:
        return {"id": run_id, "before": None, "after": None, "problem": str(e)}
    return {"id": run_id, "before": before, "after": after, "problem": None}
