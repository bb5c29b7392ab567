"""Commands that take runs away and bring them back: `delete`, `restore`, `purge`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

import click
from msgspec import Struct

from cli.along import take_along, trials_option
from cli.chosen_runs import choose_runs, runs_argument
from cli.endings import end, tell_refusals
from cli.filter_options import filter_options
from cli.listing import open_index, store_of, up_to_date
from cli.parsing import DeskCommand, Request, remote_option
from cli.questions import (
    can_ask,
    describe_runs,
    is_confirmed,
    require_yes,
    until_interrupted,
    yes_option,
)
from cli.screen import PROGRAM, note
from core.directories import Directories
from core.errors import Cancelled, Error, StopRefused
from core.home import Home
from core.index.filters import Filters
from core.index.index import RunIndex
from core.index.linked_runs import linked_runs
from core.runs.purge import finish
from core.runs.purge import purge as erase_runs
from core.runs.refusal import Refusal, RefusalKind
from core.runs.related import Related, related
from core.runs.stop import stop as stop_run
from core.runs.trash import Move
from core.runs.trash import delete as delete_runs
from core.runs.trash import restore as restore_runs
from core.text import format_bytes, plural

WORTH_TELLING = 100
"""Fewer runs are sooner read by the next command than told to the index by this one."""


class _Done(Struct, frozen=True):
    """What one pass over runs did.

    Attributes:
        count: How many runs it concerned.
        refused: The others.
        cancelled: Whether some were not tried.
        more: What else is to be said.
        moves: Runs that are in the other place now.
    """

    count: int
    refused: tuple[Refusal, ...]
    cancelled: bool
    more: str = ""
    moves: tuple[Move, ...] = ()


_Pass = Callable[[Sequence[str], bool, Callable[[int], None]], _Done]


@click.command(cls=DeskCommand)
@runs_argument
@click.option("-p", "--permanent", is_flag=True, help="Erase the runs instead; nothing is kept.")
@trials_option
@remote_option()
@yes_option
@filter_options
@click.pass_obj
def delete(
    request: Request,
    /,
    *,
    runs: tuple[str, ...],
    filters: Filters,
    permanent: bool,
    with_trials: bool,
    remote: str | None,
    yes: bool,
) -> None:
    """Move runs to the trash.

    RUN is an id, the beginning of one, a number of the list or a slice of it such as 2:4. Without
    RUN, all runs that match the filters are meant. Runs that are still running are refused, or
    stopped first if you say so. `restore` brings runs back.
    """
    if remote is not None:
        from cli.remote_changes import delete_from

        delete_from(remote, runs, filters, permanent=permanent, with_trials=with_trials, yes=yes)
        return
    home = request.home
    chosen = choose_runs(home, runs, filters, ordered=not yes)
    ids = with_related(home, chosen, deleted=False, taken=with_trials, asks=not yes)
    along = frozenset(ids[len(chosen) :])
    store = store_of(home, deleted=False)
    verb = "Permanently delete" if permanent else "Delete"
    if not yes:
        describe_runs(store, ids, f"You are about to {verb.lower()}")
        require_yes(f"{verb} {plural(len(ids), 'run')}?", default=not permanent)

    def take(ids: Sequence[str], unproven: bool, advance: Callable[[int], None]) -> _Done:  # noqa: FBT001 - a callback
        if permanent:
            return _erased(
                home, ids, from_trash=False, unproven=unproven, advance=advance, along=along
            )
        found = delete_runs(home, ids, unproven=unproven, advance=advance, along=along)
        if not found.cancelled:
            _finish_others(home, advance)
        return _Done(len(found.moves), found.refused, found.cancelled, moves=found.moves)

    _carry_out(home, ids, take, f"{verb}d", asks=not yes)


@click.command(cls=DeskCommand)
@runs_argument
@trials_option
@remote_option()
@yes_option
@filter_options
@click.pass_obj
def restore(
    request: Request,
    /,
    *,
    runs: tuple[str, ...],
    filters: Filters,
    with_trials: bool,
    remote: str | None,
    yes: bool,
) -> None:
    """Bring deleted runs back.

    RUN is an id, the beginning of one, a number of `rundesk list --deleted` or a slice of it.
    Without RUN, all deleted runs that match the filters are meant.
    """
    if remote is not None:
        from cli.remote_changes import restore_at

        restore_at(remote, runs, filters, with_trials=with_trials, yes=yes)
        return
    home = request.home
    ids = choose_runs(home, runs, filters, deleted=True, ordered=not yes)
    ids = with_related(home, ids, deleted=True, taken=with_trials, asks=not yes)
    if not yes:
        describe_runs(store_of(home, deleted=True), ids, "You are about to restore")
        require_yes(f"Restore {plural(len(ids), 'run')}?", default=True)

    def take(ids: Sequence[str], _unproven: bool, advance: Callable[[int], None]) -> _Done:  # noqa: FBT001 - a callback
        found = restore_runs(home, ids, advance=advance)
        if not found.cancelled:
            _finish_others(home, advance)
        return _Done(len(found.moves), found.refused, found.cancelled, moves=found.moves)

    _carry_out(home, ids, take, "Restored", asks=False)


@click.command(cls=DeskCommand)
@runs_argument
@trials_option
@remote_option()
@yes_option
@filter_options
@click.pass_obj
def purge(
    request: Request,
    /,
    *,
    runs: tuple[str, ...],
    filters: Filters,
    with_trials: bool,
    remote: str | None,
    yes: bool,
) -> None:
    """Erase deleted runs for ever.

    RUN is an id, the beginning of one, a number of `rundesk list --deleted` or a slice of it.
    Without RUN, all deleted runs that match the filters are meant; `purge :` empties the trash.
    """
    if remote is not None:
        from cli.remote_changes import purge_at

        purge_at(remote, runs, filters, with_trials=with_trials, yes=yes)
        return
    home = request.home
    ids = choose_runs(home, runs, filters, deleted=True, ordered=not yes)
    ids = with_related(home, ids, deleted=True, taken=with_trials, asks=not yes)
    if not yes:
        describe_runs(store_of(home, deleted=True), ids, "You are about to permanently delete")
        require_yes(f"Permanently delete {plural(len(ids), 'run')}?", default=False)

    def take(ids: Sequence[str], unproven: bool, advance: Callable[[int], None]) -> _Done:  # noqa: FBT001 - a callback
        return _erased(home, ids, from_trash=True, unproven=unproven, advance=advance)

    _carry_out(home, ids, take, "Permanently deleted", asks=not yes)


def _erased(
    home: Home,
    ids: Sequence[str],
    *,
    from_trash: bool,
    unproven: bool,
    advance: Callable[[int], None],
    along: Collection[str] = (),
) -> _Done:
    found = erase_runs(
        home, ids, from_trash=from_trash, unproven=unproven, advance=advance, along=along
    )
    if not found.cancelled:
        _finish_others(home, advance)
    freed = f"{format_bytes(found.bytes_freed)} freed." if found.removed else ""
    if found.problem:
        note(f"{PROGRAM}: {found.problem}")
    return _Done(len(found.removed), found.refused, found.cancelled, freed)


def _finish_others(home: Home, advance: Callable[[int], None]) -> None:
    """Take up what killed or cancelled commands left; that is no failure of this one."""
    try:
        finish(home, lambda: advance(0))
    except OSError as e:
        note(f"Files of erased runs are left in {e.filename}: {e.strerror}.")
    except Cancelled:
        note("Files of erased runs are left; the next purge takes them up.")


def with_related(
    home: Home, ids: list[str], *, deleted: bool, taken: bool, asks: bool
) -> list[str]:
    """The runs and, where they are taken along, the trials and steps that belong to them."""

    def find() -> Related:
        with open_index(home) as index:
            return up_to_date(
                index,
                lambda: related(linked_runs(index.columns, deleted=deleted), ids),
                deleted=deleted,
            )

    return take_along(ids, find, taken=taken, asks=asks)


def _carry_out(home: Home, ids: Sequence[str], take: _Pass, done_word: str, *, asks: bool) -> None:
    """Do it, offer what can be done about refusals, and tell the outcome.

    Raises:
        Cancelled: The user interrupted it.
        Error: Runs were refused; they were told.
    """
    with until_interrupted() as advance:
        done = take(ids, False, advance)  # noqa: FBT003 - a callback
    if asks and can_ask() and not done.cancelled:
        done = _after_stopping(home, done, take)
        done = _after_insisting(done, take)
    if done.count or done.cancelled or not done.refused:
        note(f"{done_word} {plural(done.count, 'run')}. {done.more}".rstrip())
    if len(done.moves) >= WORTH_TELLING:
        _tell_index(home, done.moves, to_trash=done_word != "Restored")
    end(done.refused, cancelled=done.cancelled)


def _after_stopping(home: Home, done: _Done, take: _Pass) -> _Done:
    """Offer to stop running runs."""
    running = _refused(done, "running")
    if not running or not is_confirmed(
        f"{plural(len(running), 'run is', 'runs are')} still running. Stop and go on?",
        default=False,
    ):
        return done
    stopped = []
    with until_interrupted() as advance:
        for run_id in running:
            try:
                note(f"Stopping {run_id}")
                stop_run(store_of(home, deleted=False), run_id, check=lambda: advance(0))
            except Error as e:
                if not (isinstance(e, StopRefused) and e.is_over):
                    note(f"{PROGRAM}: {e}")
                    continue
            stopped.append(run_id)
        again = _with_kept(done, stopped)
        return _together(done, again, take(again, False, advance))  # noqa: FBT003 - a callback


def _after_insisting(done: _Done, take: _Pass) -> _Done:
    """Offer to go on with runs of which nobody knows here whether they run."""
    unknown = _refused(done, "elsewhere")
    if not unknown:
        return done
    tell_refusals([each for each in done.refused if each.kind == "elsewhere"])
    if not is_confirmed(f"Go on with {plural(len(unknown), 'run')} anyway?", default=False):
        return done
    again = _with_kept(done, unknown)
    with until_interrupted() as advance:
        return _together(done, again, take(again, True, advance))  # noqa: FBT003 - a callback


def _refused(done: _Done, kind: RefusalKind) -> list[str]:
    return [each.run_id for each in done.refused if each.kind == kind]


def _with_kept(done: _Done, ids: list[str]) -> list[str]:
    """Those to try again: all, where some are kept with others, so that these keep them again."""
    is_any_kept = bool(ids and _refused(done, "kept"))
    return [each.run_id for each in done.refused] if is_any_kept else ids


def _together(first: _Done, again: Sequence[str], second: _Done) -> _Done:
    """Both passes; refusals of the first that were tried again are those of the second."""
    kept = tuple(each for each in first.refused if each.run_id not in again)
    return _Done(
        first.count + second.count,
        kept + second.refused,
        second.cancelled,
        second.more or first.more,
        first.moves + second.moves,
    )


def _tell_index(home: Home, moves: Sequence[Move], *, to_trash: bool) -> None:
    """Let the next command find these runs where they are, without reading them again.

    What is not told here, such as another name, is seen by that command.
    """
    index = RunIndex(home, Directories.of_user().cache)
    ids = [move.run_id for move in moves if move.name_there == move.run_id]
    index.note_moved(ids, to_trash=to_trash)
    index.close()
