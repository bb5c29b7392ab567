"""`rundesk comment`: add, list, replace and delete the comments of runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from msgspec import to_builtins

from cli.chosen_runs import choose_runs, runs_argument
from cli.filter_options import filter_options
from cli.listing import find_run, store_of
from cli.parsing import Count, DeskCommand, Request, json_option, remote_option
from cli.questions import can_ask, run_name, yes_option
from cli.run_changes import ask_first, carry_out
from cli.screen import printable, time_text, write_json, write_line
from core.errors import Error
from core.home import Home
from core.index.filters import Filters
from core.runs.change import (
    AddComment,
    Change,
    ClearComments,
    DeleteComment,
    EditComment,
    author,
)
from core.runs.run import Comment

_NUMBER = Count()
_IGNORED = "#"


@click.command(cls=DeskCommand)
@runs_argument
@click.option("-l", "--list", "is_list", is_flag=True, help="List comments with their numbers.")
@click.option("-a", "--add", "text", metavar="TEXT", help="Add TEXT as a comment.")
@click.option("-e", "--edit", is_flag=True, help="Write the comment in an editor; the default.")
@click.option("-d", "--delete", type=_NUMBER, metavar="N", help="Delete comment N.")
@click.option(
    "--replace", type=_NUMBER, metavar="N", help="Replace comment N by the text of -a or -e."
)
@click.option("-c", "--clear", is_flag=True, help="Delete all comments.")
@click.option("-u", "--user", metavar="USER[@HOST]", help="Who writes it; you, unless given.")
@remote_option()
@yes_option
@json_option
@filter_options
@click.pass_obj
def comment(
    request: Request,
    /,
    *,
    runs: tuple[str, ...],
    filters: Filters,
    is_list: bool,
    text: str | None,
    edit: bool,
    delete: int | None,
    replace: int | None,
    clear: bool,
    user: str | None,
    remote: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Comment on runs.

    Without -l, -a, -d or -c, an editor opens for the comment.

    RUN is an id, the beginning of one, a number of the list or a slice of it such as 2:4. Without
    RUN, all runs that match the filters are meant; -l lists the comments of the latest then.
    """
    _check_options(
        {"-l/--list": is_list, "-d/--delete": delete is not None, "-c/--clear": clear},
        writes=text is not None or edit or replace is not None,
    )
    if is_list and remote is None:
        _list(request.home, runs, filters, as_json=as_json)
        return
    if as_json:
        raise click.UsageError("--json prints what -l/--list lists.")
    if remote is not None:
        change = None if edit else _asked(text, delete, replace, user, request, clear=clear)
        _comment_there(remote, (runs, filters), change, yes=yes)
        return
    ids = choose_runs(request.home, runs, filters, ordered=not yes)
    if delete is not None or clear:
        _delete(request.home, ids, delete, yes=yes)
        return
    who = author(request.environ, user or "")
    _write(request.home, ids, text, edit=edit, replaced=replace, who=who, yes=yes)


def _write(
    home: Home,
    ids: Sequence[str],
    text: str | None,
    *,
    edit: bool,
    replaced: int | None,
    who: tuple[str, str],
    yes: bool,
) -> None:
    """Add a comment, or write one anew."""
    body = _body(home, ids, text, edit=edit, replaced=replaced)
    # Whoever wrote it in an editor was asked there.
    if not yes and text is not None and not edit:
        ask_first(home, ids, "You are about to comment on")
    change = EditComment(replaced, body) if replaced else AddComment(body, *who)
    carry_out(home, ids, change, "Commented on")


def _asked(
    text: str | None,
    number: int | None,
    replaced: int | None,
    user: str | None,
    request: Request,
    *,
    clear: bool,
) -> Change | None:
    """The change that is asked for; None where a text is needed and not given."""
    if number is not None or clear:
        return ClearComments() if number is None else DeleteComment(number)
    if not text:
        return None
    who = author(request.environ, user or "")
    return EditComment(replaced, text) if replaced is not None else AddComment(text, *who)


def _comment_there(
    remote: str, chosen: tuple[tuple[str, ...], Filters], change: Change | None, *, yes: bool
) -> None:
    from cli.remote_changes import change_there

    if change is None:
        raise click.UsageError("-r/--remote needs -a/--add TEXT, -d/--delete or -c/--clear.")

    words = "You are about to change the comments of", "Changed the comments of"
    change_there(remote, *chosen, change, words, yes=yes)


def _delete(home: Home, ids: Sequence[str], number: int | None, *, yes: bool) -> None:
    """Delete one comment, or all of them where no number is given."""
    change: Change = ClearComments() if number is None else DeleteComment(number)
    what = "all comments" if number is None else f"comment {number}"
    if not yes:
        ask_first(home, ids, f"You are about to delete {what} of", default=number is not None)
    carry_out(home, ids, change, f"Deleted {what} of")


def _check_options(others: dict[str, bool], *, writes: bool) -> None:
    """Make sure that only one thing is asked for.

    Raises:
        UsageError: Options exclude each other.
    """
    asked = [name for name, is_asked in others.items() if is_asked]
    if writes and asked:
        raise click.UsageError(f"{asked[0]} excludes -a/--add, -e/--edit and --replace.")
    if len(asked) > 1:
        raise click.UsageError(f"{asked[0]} and {asked[1]} exclude each other.")


def _body(
    home: Home, ids: Sequence[str], text: str | None, *, edit: bool, replaced: int | None
) -> str:
    """The text of the comment, from the command line or the editor.

    Raises:
        Error: It is empty, or there is nobody to write it.
    """
    body = text or ""
    if text is None or edit:
        if replaced is not None and text is None and len(ids) == 1:
            body = "".join(each.body for each in _comments(home, ids[0])[replaced - 1 : replaced])
        body = _written(home, ids, body)
    if not body.strip():
        raise Error("Nothing was commented: the comment is empty.")
    return body


def _written(home: Home, ids: Sequence[str], text: str) -> str:
    if not can_ask():
        raise Error("Nobody can write a comment here.", hint="Give it with -a TEXT.")
    store = store_of(home, deleted=False)
    lines = [
        text,
        f"{_IGNORED} Write a comment for the runs below. Lines that begin with {_IGNORED} are left",
        f"{_IGNORED} out; an empty comment changes nothing.",
        *(f"{_IGNORED}   {run_name(store, run_id)}" for run_id in ids),
    ]
    try:
        edited = click.edit("\n".join(lines), extension=".txt")
    except click.ClickException as e:  # the editor is not there, or ended with a failure
        raise Error(
            f"The comment was not written: {e.message.rstrip('.')}.",
            hint="Name an editor with VISUAL or EDITOR, or give the text with -a TEXT.",
        ) from e
    kept = (line for line in (edited or "").split("\n") if not line.startswith(_IGNORED))
    return "\n".join(kept)


def _list(home: Home, runs: Sequence[str], filters: Filters, *, as_json: bool) -> None:
    is_named = bool(runs) or filters != Filters()
    ids = (
        choose_runs(home, runs, filters, ordered=True)
        if is_named
        else [find_run(home, None, filters, deleted=False).id]
    )
    if as_json:
        write_json([_document(home, run_id) for run_id in ids])
        return
    store = store_of(home, deleted=False)
    for run_id in ids:
        write_line(run_name(store, run_id))
        for line in _lines(_comments(home, run_id)):
            write_line(f"  {line}".rstrip())


def _comments(home: Home, run_id: str) -> tuple[Comment, ...]:
    return store_of(home, deleted=False).read(run_id, scalars=None).comments


def _lines(comments: Sequence[Comment]) -> list[str]:
    lines = [] if comments else ["(no comments)"]
    for number, each in enumerate(comments, 1):
        writer = f"{each.user}@{each.host}" if each.host else each.user
        lines.append(printable(f"[{number}] {writer} {time_text(each.time)}".rstrip()))
        lines += [f"  {printable(line)}" for line in each.body.split("\n")]
        lines.append("")
    return lines


def _document(home: Home, run_id: str) -> dict[str, Any]:
    comments = _comments(home, run_id)
    return {
        "id": run_id,
        "comments": [
            {"number": number, **to_builtins(each)} for number, each in enumerate(comments, 1)
        ],
    }
