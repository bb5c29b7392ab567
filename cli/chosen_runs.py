"""The runs that a command changes: never all of them because none was named."""

from __future__ import annotations

from collections.abc import Sequence

import click

from cli.completion_command import complete_run
from core.errors import RunNotFound
from core.home import Home
from core.index.filters import Filters
from core.runs.selection import needs_order, resolve_runs
from core.runs.store import Store

ALL = ":"  # a slice, but whole in any order

runs_argument = click.argument("runs", nargs=-1, metavar="[RUN]...", shell_complete=complete_run)
"""Any number of runs."""


def require_home(home: Home) -> None:
    """Refuse to look for a run in a home that does not exist yet.

    Raises:
        RunNotFound: There is no such home.
    """
    if not home.path.is_dir():
        raise RunNotFound(
            f"There are no runs: there is no Guild home at {home.path} yet.",
            hint="Name another home with -H.",
        )


def choose_runs(
    home: Home,
    texts: Sequence[str],
    filters: Filters,
    *,
    deleted: bool = False,
    ordered: bool = False,
) -> list[str]:
    """Ids of the runs that are named, or of all that match the filters where none is.

    Only an index, a slice or a filter needs the whole list; ids are looked up among the names.

    Args:
        home: The home.
        texts: Each names runs: an index, a slice, an id or the beginning of one.
        filters: Which runs may be meant.
        deleted: Whether to look in the trash.
        ordered: Whether all runs are to be in the order of the list, which the user sees.

    Raises:
        RunNotFound: There is none, or neither runs nor filters were given.
        RunAmbiguous: A text is the beginning of several ids.
        QueryError: A filter is not understood.
    """
    require_choice(texts, filters)
    require_home(home)
    if filters.is_empty and not any(needs_order(text) for text in texts if ordered or text != ALL):
        known: Sequence[str] = Store(home.trash_dir if deleted else home.runs_dir).ids()
    else:
        known = _listed(home, filters, deleted=deleted)
    if texts:
        return [known[place] for place in resolve_runs(texts, known)]
    if not known:
        raise RunNotFound("No run matches the filters.")
    return list(known)


def _listed(home: Home, filters: Filters, *, deleted: bool) -> list[str]:
    from cli.listing import listing_of, open_index, up_to_date

    with open_index(home) as index:
        return up_to_date(
            index, lambda: listing_of(index, filters, deleted=deleted).ids, deleted=deleted
        )


def require_choice(texts: Sequence[str], filters: Filters) -> None:
    """Refuse to mean every run where nothing was named.

    Raises:
        RunNotFound: Neither runs nor filters were given.
    """
    if not texts and filters.is_empty:
        raise RunNotFound(
            "No run is named.",
            hint="Name runs by id or by number in the list, or choose them by filters; : is all.",
        )
