"""Commands with `-r REMOTE` that change runs where they are, on a server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from msgspec import Struct

from cli.along import take_along
from cli.chosen_there import choose_there
from cli.endings import end
from cli.questions import MOST_NAMES, can_ask, is_confirmed, require_yes, until_interrupted
from cli.remote_place import open_place
from cli.run_changes import tell_changes
from cli.screen import note
from core.index.filters import Filters
from core.runs.change import Change
from core.runs.refusal import Refusal
from core.runs.related import Related
from core.text import plural
from remote.related_there import related_there
from remote.remote_home import RemoteHome
from remote.remote_store import apply_there, delete_there, purge_there, restore_there
from remote.stopping import ask_to_end, end_there

Advance = Callable[[int], None]


class _Done(Struct, frozen=True):
    """What came of one pass: how many runs, and which stayed as they were."""

    count: int
    refused: tuple[Refusal, ...]
    cancelled: bool


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

        def take(ids: Sequence[str]) -> _Done:
            if permanent:
                erased = purge_there(there, ids, from_trash=False, advance=advance, along=along)
                return _Done(len(erased.removed), erased.refused, erased.cancelled)
            moved = delete_there(there, ids, advance=advance, along=along)
            return _Done(len(moved.moves), moved.refused, moved.cancelled)

        done = take(ids)
        if not yes and can_ask() and not done.cancelled:
            done = _after_stopping(there, done, take, advance)
        _tell("Permanently deleted" if permanent else "Deleted", done, remote)


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
        _tell("Restored", _Done(len(moved.moves), moved.refused, moved.cancelled), remote)


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
        done = _Done(len(erased.removed), erased.refused, erased.cancelled)
        _tell("Permanently deleted", done, remote)


def stop_at(
    remote: str,
    runs: Sequence[str],
    filters: Filters,
    *,
    yes: bool,
    grace: float | None,
) -> None:
    """Stop runs of a server.

    Args:
        remote: The remote.
        runs: What names the runs.
        filters: Which runs may be meant.
        yes: Whether not to ask.
        grace: Seconds until what has not ended is killed; None does not wait for the end.
    """
    with _opened(remote) as (there, advance):
        ids = choose_there(there, runs, filters, lambda: advance(0))
        if not yes:
            _ask(ids, "You are about to stop", remote, default=False)
        if grace is None:
            refused = ask_to_end(there, ids, lambda: advance(0))
        else:
            refused = end_there(there, ids, lambda: advance(0), grace=grace)
    count = len(ids) - len(refused)
    if count:
        did = "Asked" if grace is None else "Stopped"
        note(f"{did} {plural(count, 'run')}{' to end' if grace is None else ''}.")
    end(refused, cancelled=False, remote=remote)


def _after_stopping(
    there: RemoteHome, done: _Done, take: Callable[[Sequence[str]], _Done], advance: Advance
) -> _Done:
    """Offer to stop running runs."""
    running = [each.run_id for each in done.refused if each.kind == "running"]
    if not running or not is_confirmed(
        f"{plural(len(running), 'run is', 'runs are')} still running on {there.name}. "
        "Stop and go on?",
        default=False,
    ):
        return done
    note(f"Stopping {plural(len(running), 'run')} on {there.name}")
    why = {each.run_id: each for each in end_there(there, running, lambda: advance(0))}
    # Those that were kept with a run that stays once more are kept once more.
    again = [each.run_id for each in done.refused if each.kind in ("running", "kept")]
    second = take(again)
    others = tuple(each for each in done.refused if each.run_id not in again)
    refused = (why.get(each.run_id, each) if each.kind == "running" else each
               for each in second.refused)  # fmt: skip
    return _Done(done.count + second.count, (*others, *refused), second.cancelled)


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


def _tell(word: str, done: _Done, remote: str) -> None:
    if done.count or done.cancelled or not done.refused:
        note(f"{word} {plural(done.count, 'run')}.")
    end(done.refused, cancelled=done.cancelled, remote=remote)
