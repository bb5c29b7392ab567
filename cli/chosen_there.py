"""The runs of a server that a command is about, and what completes their names.

Why a shell completes names from the last listing: asking the server would take longer than anybody
waits for a Tab, and might want a password.

Why what lists runs is loaded late: a transfer of runs that are named by id, or of all, lists none.
"""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.shell_completion import CompletionItem

from cli.chosen_runs import ALL, require_choice
from cli.screen import printable
from core.check import Check
from core.directories import Directories
from core.errors import Error, RunNotFound
from core.index.filters import Filters
from core.runs.selection import needs_order, resolve_runs
from remote.config import RemoteList, find_config
from remote.local_user import LocalUser
from remote.remote_home import RemoteHome, trash_of
from remote.transfer import ids_there

if TYPE_CHECKING:
    from core.archives.archive_index import ArchiveIndex
    from core.index.row import Row
    from remote.catalog import Catalog
    from remote.remote_source import RemoteSource

_MOST = 200


def choose_there(
    there: RemoteHome,
    texts: Sequence[str],
    filters: Filters,
    check: Check,
    *,
    deleted: bool = False,
) -> list[str]:
    """Ids of the runs that are named there, or of all that match the filters.

    Numbers count in the list of the server's runs, after the filters.

    Args:
        there: The server's home.
        texts: Each names runs: a number, a slice, an id or the beginning of one.
        filters: Which runs may be meant.
        check: Called often; raises to stop.
        deleted: Whether those in its trash are meant.

    Raises:
        RunNotFound: There is none, or neither runs nor filters were given.
        RunAmbiguous: A text is the beginning of several ids.
        QueryError: A filter is not understood.
    """
    require_choice(texts, filters)
    there = trash_of(there) if deleted else there
    if filters.is_empty and not any(needs_order(text) for text in texts if text != ALL):
        known = sorted(ids_there(there, check))
    else:
        from cli.archived import read_index
        from cli.listing import listing_of
        from remote.remote_source import RemoteSource

        source, is_asked = RemoteSource(there, check), bool(filters.expression)
        if deleted:
            index = read_index(source, scalars=is_asked)
        else:
            index = read_there(source, there.name, scalars=is_asked)
        known = listing_of(index, filters, deleted=False).ids
    if texts:
        return [
            known[place]
            for place in resolve_runs(texts, known, listed=list_of(there.name, deleted=deleted))
        ]
    if not known:
        raise RunNotFound("No run matches the filters.")
    return known


def list_of(remote: str, *, deleted: bool = False) -> str:
    """The command that lists the runs of a remote, or those in its trash."""
    return f"rundesk list --remote {remote}{' --deleted' if deleted else ''}"


def read_there(source: RemoteSource, remote: str, *, scalars: bool) -> ArchiveIndex:
    """All runs of a remote in columns; kept for the next time they are listed, completed or shown.

    Args:
        source: The runs.
        remote: The remote's name.
        scalars: Whether event files are read too, which takes a few times as long.
    """
    from remote.catalog import read_listing

    gc.disable()  # thousands of rows and no cycle among them
    try:
        return read_listing(source, _catalog(remote), scalars=scalars)
    finally:
        gc.enable()


def remember_listing(remote: str, index: ArchiveIndex) -> None:
    """Keep what the runs of a remote are, for the next time they are completed or shown."""
    from remote.catalog import rows_of

    _catalog(remote).save(rows_of(index.columns))


def complete_run_there(
    ctx: click.Context, _param: click.Parameter, incomplete: str
) -> list[CompletionItem[str]]:
    """Ids of runs of the remote that is named before, as they were last seen, newest first."""
    try:
        rows = _catalog(str(ctx.params.get("remote") or "")).load()
    except Error:
        return []
    found = sorted(rows, key=lambda row: row.started or 0, reverse=True)
    return [
        CompletionItem(row.id[:8], help=_words(row))
        for row in found
        if row.id.startswith(incomplete)
    ][:_MOST]


def _words(row: Row) -> str:
    return printable(f"{row.operation or ''} {row.label or ''}".strip())[:60]


def _catalog(remote: str) -> Catalog:
    from remote.catalog import Catalog

    found = RemoteList(find_config(LocalUser.current(), Path.cwd())).find(remote)
    return Catalog(Directories.of_user().cache, found.name, found.guild_home)
