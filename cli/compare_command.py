"""`rundesk compare`: runs beside each other by their flags, scalars and attributes.

Options and headers are Guild's, so that scripts carry over; `--csv` writes what Guild writes, but
for what its index cannot hold (NaN) and its text cannot show (more than six decimals). Without
`--csv` or `--json` the table is text; Guild would open a screen of its own then, which is what the
window is for here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from cli.chosen_runs import runs_argument
from cli.compare_answer import Answer, GroupList, OutputForm, RunTable, ScalarList
from cli.compare_options import CompareOptions, compare_options, parsed_columns
from cli.compare_text import scalar_lines
from cli.filter_options import filter_options
from cli.listing import listing_of, open_index, up_to_date, warn_where_missing
from cli.parsing import DeskCommand, Request
from core.clock import now_us
from core.compare.column_spec import parse_column
from core.compare.layout import lay_out
from core.compare.operation_hints import ProjectHints
from core.compare.table import Column, CompareTable, SortBy, Source, build_table
from core.errors import QueryError
from core.index.columns import RunColumns
from core.index.filters import Filters
from core.index.index import RunIndex
from core.runs.selection import resolve_runs

if TYPE_CHECKING:  # only a comparison of groups needs it, or a plot
    from cli.compare_plot import PlotWish
    from core.compare.groups import GroupedTable


@click.command(cls=DeskCommand)
@runs_argument
@compare_options
@filter_options
@click.pass_obj
def compare(request: Request, /, *, runs: tuple[str, ...], filters: Filters, **given: Any) -> None:
    """Compare runs: all that match, or those that are named.

    COLUMNS are names with commas between: =FLAG, .ATTRIBUTE, or the name of a scalar, with min,
    max, first, avg, total or count before it for another value than the last. "loss step" is the
    step of a value, "min loss as best" gives a column another heading.
    """
    wanted = CompareOptions(runs, filters, **given)
    wanted.check()
    warn_where_missing(request.home)
    with open_index(request.home) as index:
        answer, plot = up_to_date(index, lambda: _answer(wanted, index))
    if wanted.is_written:
        answer.write(OutputForm(wanted.as_json, wanted.csv_path))
    if plot is not None and wanted.plot_path is not None:
        from cli.compare_plot import draw_plot

        draw_plot(plot, wanted.plot_path, request.home)


def _answer(wanted: CompareOptions, index: RunIndex) -> tuple[Answer, PlotWish | None]:
    """What is to be said of the runs, and what is to be drawn."""
    columns = index.columns
    slots = listing_of(index, wanted.filters, deleted=False).slots
    if wanted.runs:
        ids = columns.stored("id")
        slots = [slots[n] for n in resolve_runs(wanted.runs, [ids[slot] for slot in slots])]
    if not wanted.include_batch:
        batches = columns.stored("is_batch")
        slots = [slot for slot in slots if not batches[slot]]
    if wanted.print_scalars:
        return ScalarList(scalar_lines(columns, slots)), None
    layout = lay_out(columns, slots, wanted.layout, ProjectHints())
    sort = _sort_column(wanted, layout.columns)
    shown = [*layout.columns, *([sort] if sort else ())]
    table = build_table(columns, slots, shown, now=now_us())
    if wanted.group_by:
        groups = _grouped(wanted, index, table)
        places = tuple(place for place in groups.places if place < len(layout.columns))
        groups = replace(groups, places=places)
        problems = (
            *layout.problems,
            *_nothing_to_group_by(wanted, groups),
            *_nothing_to_sort_by(wanted, table),
        )
        groups = groups.first(wanted.limit)
        return GroupList(groups, problems), _plot(wanted, columns, groups)
    problems = (*layout.problems, *_nothing_to_sort_by(wanted, table))
    table = _arranged(wanted, table).only(range(len(layout.columns)))
    if wanted.skip_unchanged and len(table) > 1:
        table = table.only(table.differing())
    marked = columns.values("marked")
    marks = tuple(bool(marked[slot]) for slot in table.slots)
    return RunTable(table, marks, problems), _plot(wanted, columns, table)


def _plot(
    wanted: CompareOptions, runs: RunColumns, shown: CompareTable | GroupedTable
) -> PlotWish | None:
    if wanted.plot_path is None:
        return None
    from cli.compare_plot import plot_of_groups, plot_of_runs

    if isinstance(shown, CompareTable):
        return plot_of_runs(runs, shown)
    return plot_of_groups(runs, shown)


def _sort_column(wanted: CompareOptions, columns: Sequence[Column]) -> Column | None:
    """A column that is only sorted by: one that is named by no header but a specification."""
    text = wanted.min_col or wanted.max_col
    if not text or any(column.header == text for column in columns):
        return None
    with suppress(QueryError):
        return Column(text, (Source(parse_column(text)),))
    raise click.UsageError(f"There is no column “{text}” to sort by.")


def _nothing_to_group_by(wanted: CompareOptions, groups: GroupedTable) -> Iterator[str]:
    """A sentence on each column named to group by that no run has: mostly a slip of the pen."""
    if wanted.flags_left_out is not None:
        return
    for place, key in enumerate(groups.keys):
        if groups.groups and all(group.values[place] is None for group in groups.groups):
            yield f"No run has “{key.header}” to be grouped by."


def _nothing_to_sort_by(wanted: CompareOptions, table: CompareTable) -> Iterator[str]:
    """A sentence where no run has the column to sort by."""
    header = wanted.min_col or wanted.max_col or ""
    place = table.place_of(header)
    if place is not None and len(table) and all(v is None for v in table.values(place)):
        yield f"No run has “{header}” to be sorted by."


def _arranged(wanted: CompareOptions, table: CompareTable) -> CompareTable:
    """In the order asked for, and no more than asked for."""
    by = table.place_of(wanted.min_col or wanted.max_col or "")
    if by is not None:
        table = table.sorted_by([SortBy(by, descending=wanted.max_col is not None)])
    return table if wanted.limit is None else table.taken(range(len(table))[: wanted.limit])


def _grouped(wanted: CompareOptions, index: RunIndex, table: CompareTable) -> GroupedTable:
    """The runs in groups, in the order asked for."""
    from core.compare.groups import flags_but, group_columns, group_table

    left_out = wanted.flags_left_out
    if left_out is not None:
        names = [spec.name for spec in parsed_columns(left_out)]
        keys = flags_but(index.columns, table.slots, names)
    else:
        keys = group_columns(index.columns, parsed_columns(wanted.group_by or ""))
    groups = group_table(index.columns, table, keys, now=now_us())
    by = table.place_of(wanted.min_col or wanted.max_col or "")
    if by is not None:
        groups = groups.sorted_by(by, descending=wanted.max_col is not None)
    return groups
