"""`rundesk stop`: end runs of this machine."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from cli.chosen_runs import choose_runs, runs_argument
from cli.filter_options import filter_options
from cli.listing import store_of
from cli.parsing import DeskCommand, Request, remote_option
from cli.questions import describe_runs, require_yes, until_interrupted, yes_option
from cli.screen import PROGRAM, note
from core.errors import Cancelled, RunNotFound, StopRefused
from core.index.filters import Filters
from core.runs.stop import GRACE_SECONDS, Stopped, find_own_process
from core.runs.stop import stop as stop_run
from core.runs.store import Store
from core.text import plural


@click.command(cls=DeskCommand)
@runs_argument
@click.option("-n", "--no-wait", is_flag=True, help="Ask the runs to end and do not wait.")
@click.option("--force", is_flag=True, help="Kill the processes at once.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    metavar="SECONDS",
    help=f"Kill what has not ended by then (default {GRACE_SECONDS:.0f}).",
)
@remote_option()
@yes_option
@filter_options
@click.pass_obj
def stop(
    request: Request,
    /,
    *,
    runs: tuple[str, ...],
    filters: Filters,
    no_wait: bool,
    force: bool,
    timeout: float | None,
    remote: str | None,
    yes: bool,
) -> None:
    """Stop runs that are running on this machine.

    RUN is an id, the beginning of one, a number of the list or a slice of it. Without RUN, all
    running runs that match the filters are meant. A batch stops its trial, too.
    """
    if force and (no_wait or timeout is not None):
        raise click.UsageError("--force excludes -n/--no-wait and --timeout.")
    if remote is not None:
        from cli.remote_changes import stop_at

        patience = 0.0 if force else GRACE_SECONDS if timeout is None else timeout
        stop_at(remote, runs, filters, yes=yes, grace=None if no_wait else patience)
        return
    store = store_of(request.home, deleted=False)
    ids, refused = _stoppable(
        store, choose_runs(request.home, runs, filters, ordered=not yes), bool(runs)
    )
    if ids and not yes:
        describe_runs(store, ids, "You are about to stop")
        require_yes(f"Stop {plural(len(ids), 'run')}?", default=False)
    grace = 0.0 if force else GRACE_SECONDS if timeout is None else timeout
    with until_interrupted() as advance:

        def stop_one(run_id: str) -> Stopped:
            note(f"Stopping {run_id}")
            return stop_run(store, run_id, grace=grace, check=lambda: advance(0), wait=not no_wait)

        refused += _stop_all(ids, stop_one, is_waiting=not no_wait)
    for problem in refused:
        note(f"{PROGRAM}: {problem}")
    if refused:
        raise click.exceptions.Exit(1)


def _stoppable(
    store: Store,
    ids: Sequence[str],
    are_named: bool,  # noqa: FBT001 - private
) -> tuple[list[str], list[str]]:
    """Ids of runs that can be stopped, and why others cannot.

    Raises:
        RunNotFound: Runs were chosen by filters, and none of them is running.
    """
    found: list[str] = []
    refused: list[str] = []
    for run_id in ids:
        try:
            find_own_process(store, run_id)
        except (StopRefused, RunNotFound) as e:
            refused.append(str(e))
        else:
            found.append(run_id)
    if not are_named and not found:
        raise RunNotFound("None of the runs that match the filters is running here.")
    return found, refused if are_named else []


def _stop_all(
    ids: Sequence[str], stop_one: Callable[[str], Stopped], *, is_waiting: bool
) -> list[str]:
    """Stop runs one after another and tell what became of each; returns what went wrong."""
    problems: list[str] = []
    for place, run_id in enumerate(ids):
        try:
            stopped = stop_one(run_id)
        except (StopRefused, RunNotFound) as e:
            problems.append(str(e))
        except Cancelled:
            left = len(ids) - place - 1
            note(f"Not waiting any more for {run_id[:8]}; {plural(left, 'run')} not stopped.")
            raise
        else:
            if is_waiting:
                note(_told(stopped))
    return problems


def _told(stopped: Stopped) -> str:
    code = "" if stopped.exit_status is None else f" ({stopped.exit_status})"
    killed = f", {plural(stopped.killed, 'process', 'processes')} killed" if stopped.killed else ""
    return f"Run {stopped.run_id[:8]} is {stopped.status} now{code}{killed}."
