"""`rundesk tag`: add tags to runs, take them away, rename or list them."""

from __future__ import annotations

import click
from msgspec import Struct

from cli.chosen_runs import choose_runs, runs_argument
from cli.completion_command import complete_tag
from cli.filter_options import filter_options
from cli.listing import listing_of, open_index, up_to_date
from cli.parsing import DeskCommand, Request, json_option, remote_option
from cli.questions import yes_option
from cli.run_changes import ask_first, carry_out
from cli.screen import printable, write_json, write_line
from core.errors import RunNotFound
from core.home import Home
from core.index.filters import Filters
from core.runs.change import Change, ChangeTags, RenameTag
from core.runs.selection import resolve_runs


class _Asked(Struct, frozen=True):
    """What is to become of tags."""

    add: tuple[str, ...]
    delete: tuple[str, ...]
    clear: bool
    rename: tuple[str, str] | None
    sync_labels: bool

    def change(self) -> Change:
        """The change.

        Raises:
            UsageError: Nothing is asked for, or a renaming and something else, or an empty tag.
        """
        is_change = bool(self.add or self.delete or self.clear)
        if self.rename is not None and is_change:
            raise click.UsageError("--rename excludes -a/--add, -d/--delete and -c/--clear.")
        renamed = self.rename or ()
        if not all(renamed) or not all(tag.strip() for tag in (*self.add, *renamed[1:])):
            raise click.UsageError("A tag may not be empty.")
        if self.rename is not None:
            return RenameTag(*self.rename, sync_labels=self.sync_labels)
        if not is_change:
            raise click.UsageError(
                "One of -a/--add, -d/--delete, -c/--clear, --rename or --list-all is needed."
            )
        return ChangeTags(self.add, self.delete, self.clear, self.sync_labels)


_add = click.option(
    "-a", "--add", metavar="TAG", multiple=True, help="Add TAG.", shell_complete=complete_tag
)
_delete = click.option(
    *("-d", "--delete"),
    metavar="TAG",
    multiple=True,
    help="Take TAG away.",
    shell_complete=complete_tag,
)
_rename = click.option(
    "--rename",
    nargs=2,
    metavar="OLD NEW",
    help="Call a tag otherwise, in all runs where none is named.",
    shell_complete=complete_tag,
)


@click.command(cls=DeskCommand)
@runs_argument
@_add
@_delete
@click.option("-c", "--clear", is_flag=True, help="Take all tags away, before others are added.")
@_rename
@click.option(
    "-s", "--sync-labels", is_flag=True, help="Let the words of the labels follow the tags."
)
@click.option("--list-all", is_flag=True, help="List the tags of the runs, or of all runs.")
@remote_option()
@yes_option
@json_option
@filter_options
@click.pass_obj
def tag(
    request: Request,
    /,
    *,
    runs: tuple[str, ...],
    filters: Filters,
    add: tuple[str, ...],
    delete: tuple[str, ...],
    clear: bool,
    rename: tuple[str, str] | None,
    sync_labels: bool,
    list_all: bool,
    remote: str | None,
    yes: bool,
    as_json: bool,
) -> None:
    """Change the tags of runs.

    RUN is an id, the beginning of one, a number of the list or a slice of it such as 2:4. Without
    RUN, all runs that match the filters are meant.
    """
    asked = _Asked(add, delete, clear, rename, sync_labels)
    if list_all:
        if remote is not None:
            raise click.UsageError("--list-all excludes -r/--remote.")
        _list_tags(request.home, runs, filters, asked, as_json=as_json)
        return
    if as_json:
        raise click.UsageError("--json prints what --list-all lists.")
    change = asked.change()
    if remote is not None:
        from cli.remote_changes import change_there

        words = "You are about to change the tags of", "Changed the tags of"
        change_there(remote, runs, filters, change, words, yes=yes)
        return
    if rename and not runs and filters == Filters():
        ids = _runs_with(request.home, rename[0])
    else:
        ids = choose_runs(request.home, runs, filters, ordered=not yes)
    if not yes:
        ask_first(request.home, ids, "You are about to change the tags of")
    carry_out(request.home, ids, change, "Changed the tags of")


def _runs_with(home: Home, tag: str) -> list[str]:
    """All runs that have a tag.

    Raises:
        RunNotFound: There are none.
    """
    with open_index(home) as index:
        filters = Filters(tags=(tag,))
        ids = up_to_date(index, lambda: listing_of(index, filters, deleted=False).ids)
    if not ids:
        raise RunNotFound(f"No run has the tag {tag!r}.")
    return ids


def _list_tags(
    home: Home, runs: tuple[str, ...], filters: Filters, asked: _Asked, *, as_json: bool
) -> None:
    if asked != _Asked((), (), clear=False, rename=None, sync_labels=asked.sync_labels):
        raise click.UsageError("--list-all excludes changes.")

    def prepare() -> list[str]:
        listing = listing_of(index, filters, deleted=False)
        places = resolve_runs(runs, listing.ids) if runs else range(len(listing.slots))
        values = (listing.columns.value("tags", listing.slots[place]) for place in places)
        return sorted({tag for tags in values for tag in tags or ()})

    with open_index(home) as index:
        tags = up_to_date(index, prepare)
    if as_json:
        write_json(tags)
        return
    for each in tags:
        write_line(printable(each))
