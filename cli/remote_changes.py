"""Commands with `-r REMOTE` that change runs where they are, on a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from cli.along import take_along
from cli.chosen_there import choose_there
from cli.endings import end
from cli.questions import MOST_NAMES, require_yes, until_interrupted
from cli.remote_place import open_place
from cli.run_changes import tell_changes
from cli.screen import note
from core.errors import Error
from core.index.filters import Filters
from core.runs.change import Change
from core.runs.refusal import Refusal
from core.runs.related import Related
from core.text import plural
from remote.related_there import related_there
from remote.remote_home import RemoteHome
from remote.remote_store import apply_there, delete_there, purge_there, restore_there, stop_there

Advance = Callable[[int], None]


@contextmanager
def _opened(remote: str) -> Iterator[tuple[RemoteHome, Advance]]:
    with (
        open_place(remote) as place,
        until_interrupted() as advance,
        place.home(lambda: advance(0)) as there,
    ):
        yield there, advance


def change_there(
    remote: str,
    runs: Sequence[str],
    filters: Filters,
    change: Change,
    words: tuple[str, str],
    *,
    yes: bool,
) -> None:
    """Change what people write about runs of a server.

    Args:
        remote: The remote.
        runs: What names the runs.
        filters: Which runs may be meant.
        change: What becomes of each.
        words: What is about to be done ("You are about to mark"), and was done ("Marked").
        yes: Whether not to ask.
    """
    with _opened(remote) as (there, advance):
        ids = choose_there(there, runs, filters, lambda: advance(0))
        if not yes:
            _ask(ids, words[0], remote, default=True)
        outcome = apply_there(there, ids, change, advance=advance)
    tell_changes(outcome, words[1])


def delete_from(
    remote: str,
    runs: Sequence[str],
    filters: Filters,
    *,
    permanent: bool,
    with_trials: bool,
    yes: bool,
) -> None:
    """Move runs of a server to its trash, or erase them."""
    with _opened(remote) as (there, advance):
        chosen = choose_there(there, runs, filters, lambda: advance(0))
        ids = _along(there, chosen, advance, taken=with_trials, asks=not yes)
        along = ids[len(chosen) :]
        verb = "permanently delete" if permanent else "delete"
        if not yes:
            _ask(ids, f"You are about to {verb}", remote, default=not permanent)
        if permanent:
            erased = purge_there(there, ids, from_trash=False, advance=advance, along=along)
            _tell("Permanently deleted", len(erased.removed), erased.refused, erased.cancelled)
            return
        moved = delete_there(there, ids, advance=advance, along=along)
        _tell("Deleted", len(moved.moves), moved.refused, moved.cancelled)


def restore_at(
    remote: str, runs: Sequence[str], filters: Filters, *, with_trials: bool, yes: bool
) -> None:
    """Bring deleted runs of a server back."""
    with _opened(remote) as (there, advance):
        ids = choose_there(there, runs, filters, lambda: advance(0), deleted=True)
        ids = _along(there, ids, advance, taken=with_trials, asks=not yes, in_trash=True)
        if not yes:
            _ask(ids, "You are about to restore", remote, default=True)
        moved = restore_there(there, ids, advance=advance)
        _tell("Restored", len(moved.moves), moved.refused, moved.cancelled)


def purge_at(
    remote: str, runs: Sequence[str], filters: Filters, *, with_trials: bool, yes: bool
) -> None:
    """Erase deleted runs of a server for ever."""
    with _opened(remote) as (there, advance):
        ids = choose_there(there, runs, filters, lambda: advance(0), deleted=True)
        ids = _along(there, ids, advance, taken=with_trials, asks=not yes, in_trash=True)
        if not yes:
            _ask(ids, "You are about to permanently delete", remote, default=False)
        erased = purge_there(there, ids, from_trash=True, advance=advance)
        _tell("Permanently deleted", len(erased.removed), erased.refused, erased.cancelled)


def stop_at(remote: str, runs: Sequence[str], filters: Filters, *, yes: bool) -> None:
    """Ask runs of a server to end."""
    refused: list[Refusal] = []
    with _opened(remote) as (there, advance):
        ids = choose_there(there, runs, filters, lambda: advance(0))
        if not yes:
            _ask(ids, "You are about to stop", remote, default=False)
        for run_id in ids:
            try:
                stop_there(there, run_id, lambda: advance(0))
            except Error as e:
                refused.append(Refusal(run_id, str(e)))
    count = len(ids) - len(refused)
    if count:
        note(f"Asked {plural(count, 'run')} to end.")
    end(refused, cancelled=False)


def _along(
    there: RemoteHome,
    ids: list[str],
    advance: Advance,
    *,
    taken: bool,
    asks: bool,
    in_trash: bool = False,
) -> list[str]:
    def find() -> Related:
        return related_there(there, ids, lambda: advance(0), in_trash=in_trash).related

    return take_along(ids, find, taken=taken, asks=asks)


def _ask(ids: Sequence[str], lead: str, remote: str, *, default: bool) -> None:
    note(f"{lead} {plural(len(ids), 'run')} on {remote}:")
    for run_id in ids[:MOST_NAMES]:
        note(f"  {run_id[:8]}")
    if len(ids) > MOST_NAMES:
        note(f"  and {len(ids) - MOST_NAMES:,} more")
    require_yes("Continue?", default=default)


def _tell(
    done: str,
    count: int,
    refused: Sequence[Refusal],
    cancelled: bool,  # noqa: FBT001 - private
) -> None:
    if count or cancelled or not refused:
        note(f"{done} {plural(count, 'run')}.")
    end(refused, cancelled=cancelled)
