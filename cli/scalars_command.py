"""`rundesk scalars`: every step of the scalars of runs, as CSV or JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click

from cli.chosen_runs import choose_runs, runs_argument
from cli.filter_options import filter_options
from cli.listing import store_of
from cli.parsing import DeskCommand, Request, json_option
from cli.screen import note, write_text
from core.compare.series_text import (
    ScalarValue,
    csv_pieces,
    document,
    in_batches,
    scalar_values,
)
from core.errors import RunDamaged
from core.index.filters import Filters
from core.text import plural
from core.whole_file import write_whole

STDOUT = "-"


@click.command(cls=DeskCommand)
@runs_argument
@click.option(
    "--csv",
    "target",
    is_flag=False,
    flag_value=STDOUT,
    metavar="[FILE]",
    help="Write CSV to FILE, or to standard output (the default; also -).",
)
@json_option
@filter_options
@click.pass_obj
def scalars(
    request: Request,
    /,
    *,
    runs: tuple[str, ...],
    filters: Filters,
    target: str | None,
    as_json: bool,
) -> None:
    """Write every step of the scalars of runs.

    One row a value: run, path (of the event file's directory), tag, value, step. Values of a
    scalar are in the order in which they were written.

    RUN is an id, the beginning of one, a number of the list or a slice of it such as 2:4. Without
    RUN, all runs that match the filters are meant; : is all.
    """
    if as_json and target is not None:
        raise click.UsageError("--csv and --json exclude each other.")
    ids = choose_runs(request.home, runs, filters, ordered=True)
    store = store_of(request.home, deleted=False)
    problems: list[str] = []
    values = _values([(run_id, store.run_dir(run_id)) for run_id in ids], problems)
    pieces = _json_pieces(values) if as_json else csv_pieces(values)
    if target in (None, STDOUT):
        for piece in pieces:
            write_text(piece)
    else:
        write_whole(Path(str(target)), pieces)
        note(f"Wrote the scalars of {plural(len(ids), 'run')} to {target}.")
    for problem in problems:
        note(problem)


def _values(runs: Sequence[tuple[str, Path]], problems: list[str]) -> Iterator[ScalarValue]:
    """Values of all runs; one that is damaged does not keep the others back."""
    is_empty = True
    for run_id, run_dir in runs:
        try:
            for value in scalar_values(run_id, run_dir):
                is_empty = False
                yield value
        except RunDamaged as e:
            problems.append(str(e))
    if is_empty and not problems:
        problems.append(f"{plural(len(runs), 'run')} logged no scalars.")


def _json_pieces(values: Iterable[ScalarValue]) -> Iterator[str]:
    """One document, a piece at a time: it may be larger than the memory."""
    before = "["
    for some in in_batches(values):
        yield before + ", ".join(json.dumps(document(value)) for value in some)
        before = ", "
    yield "]\n" if before != "[" else "[]\n"
