"""`rundesk scalars`: every step of the scalars of runs, as CSV or JSON.

A file takes its name when it is whole: an interrupted command leaves what was there before.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import click

from cli.chosen_runs import choose_runs, runs_argument
from cli.filter_options import filter_options
from cli.listing import store_of
from cli.parsing import DeskCommand, Request, json_option
from cli.screen import note, write_text
from core.compare.series_text import HEADER, ScalarValue, csv_row, csv_text, document, scalar_values
from core.errors import Error, RunDamaged
from core.index.filters import Filters

STDOUT = "-"
AT_ONCE = 5_000
"""Rows that are written together."""


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
    pieces = _json_pieces(values) if as_json else _csv_pieces(values)
    if target in (None, STDOUT):
        for piece in pieces:
            write_text(piece)
    else:
        _write_file(Path(str(target)), pieces)
    for problem in problems:
        note(problem)


def _values(runs: Iterable[tuple[str, Path]], problems: list[str]) -> Iterator[ScalarValue]:
    """Values of all runs; one that is damaged does not keep the others back."""
    for run_id, run_dir in runs:
        try:
            yield from scalar_values(run_id, run_dir)
        except RunDamaged as e:
            problems.append(str(e))


def _batches(values: Iterable[ScalarValue]) -> Iterator[list[ScalarValue]]:
    rest = iter(values)
    while some := list(islice(rest, AT_ONCE)):
        yield some


def _csv_pieces(values: Iterable[ScalarValue]) -> Iterator[str]:
    yield csv_text([HEADER])
    for some in _batches(values):
        yield csv_text(map(csv_row, some))


def _json_pieces(values: Iterable[ScalarValue]) -> Iterator[str]:
    """One document, a piece at a time: it may be larger than the memory."""
    before = "["
    for some in _batches(values):
        yield before + ", ".join(json.dumps(document(value)) for value in some)
        before = ", "
    yield "]\n" if before != "[" else "[]\n"


def _write_file(path: Path, pieces: Iterable[str]) -> None:
    """Write a file beside its place, and move it there when it is whole.

    Raises:
        Error: It cannot be written.
    """
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        try:
            with part.open("w", encoding="utf-8", newline="") as file:
                for piece in pieces:
                    file.write(piece)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
    except OSError as e:
        raise Error(
            f"Cannot write {path}: {e.strerror or e}.",
            hint="Choose a directory you may write to, with enough free space.",
        ) from e
