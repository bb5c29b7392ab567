"""`rundesk export`: runs leave for a directory or an archive."""

from __future__ import annotations

import os
from pathlib import Path

import click

from cli.along import trials_option
from cli.chosen_runs import choose_runs, runs_argument
from cli.endings import end, tell_remarks
from cli.filter_options import filter_options
from cli.parsing import DeskCommand, Request
from cli.questions import describe_runs, require_yes, until_interrupted, yes_option
from cli.screen import note
from core.archives.destination import look_at_destination
from core.archives.export import ExportFormat, ExportOptions, ExportOutcome, export_runs, format_of
from core.errors import ArchiveError
from core.home import Home
from core.index.filters import Filters
from core.runs.store import Store
from core.text import plural

_FORMATS: tuple[ExportFormat, ...] = ("directory", "zip", "tar.gz", "tar.zst")


@click.command(cls=DeskCommand)
@click.argument("destination", metavar="DEST", type=click.Path(path_type=Path))
@runs_argument
@click.option("-m", "--move", is_flag=True, help="Remove the runs here when they are there.")
@click.option(
    "-r", "--copy-resources", is_flag=True, help="Copy what links lead to instead of the links."
)
@click.option(
    "--with-env", is_flag=True, help="Take the environment along, with all secrets in it."
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="What DEST is, where its name does not say it.",
)
@trials_option
@yes_option
@filter_options
@click.pass_obj
def export(
    request: Request,
    /,
    *,
    destination: Path,
    runs: tuple[str, ...],
    filters: Filters,
    form: ExportFormat | None,
    move: bool,
    copy_resources: bool,
    with_env: bool,
    with_trials: bool,
    yes: bool,
) -> None:
    """Copy runs to a directory or an archive.

    DEST is a directory, or a file whose name ends in .zip, .tar.gz or .tar.zst. What is there
    stays; runs are added to it. Real Guild imports what is exported to a directory or a zip.

    RUN is an id, the beginning of one, a number of the list or a slice of it such as 2:4. Without
    RUN, all runs that match the filters are meant; : is all.
    """
    home = request.home
    ids = choose_runs(home, runs, filters)
    if with_trials or not yes:
        from cli.trash_commands import with_related  # with the index

        ids = with_related(home, ids, deleted=False, taken=with_trials, asks=not yes)
    if not yes:
        _require_possible(home, destination, form)
        verb = "move" if move else "copy"
        describe_runs(Store(home.runs_dir), ids, f"You are about to {verb}")
        require_yes(f"Export {plural(len(ids), 'run')} to {destination}?", default=True)
    options = ExportOptions(form, move, copy_resources, with_env)
    with until_interrupted() as advance:
        outcome = export_runs(home, ids, destination, options, advance=advance)
    _tell(outcome, destination, is_move=move)


def _require_possible(home: Home, destination: Path, form: ExportFormat | None) -> None:
    """Refuse before anybody is asked.

    Raises:
        ArchiveError: Nothing can be exported there.
    """
    path = Path(os.path.abspath(destination))  # noqa: PTH100 - links stay as they were named
    outlook = look_at_destination(home, path, form or format_of(path))
    if outlook.problem:
        raise ArchiveError(outlook.problem, path=path)
    if outlook.note:
        note(outlook.note)


def _tell(outcome: ExportOutcome, destination: Path, *, is_move: bool) -> None:
    """Say what came of it.

    Raises:
        Cancelled: The user interrupted it.
        click.exceptions.Exit: Runs were refused.
    """
    exported = plural(len(outcome.exported), "run")
    size = f" ({outcome.size_text})" if outcome.exported else ""
    note(f"Exported {exported} to {destination}{size}.")
    if is_move:
        note(f"Removed {plural(len(outcome.removed), 'run')} here.")
    if outcome.skipped:
        note(f"{plural(len(outcome.skipped), 'run is', 'runs are')} there already: skipped.")
    tell_remarks(outcome.remarks)
    end(outcome.refused, cancelled=outcome.cancelled, left="the other runs are not there")
