"""`rundesk compare`: runs beside each other by their flags, scalars and attributes.

Options and headers are Guild's, so that scripts carry over; `--csv` writes what Guild writes, but
for what its index cannot hold (NaN) and its text cannot show (more than six decimals). Without
`--csv` or `--json` the table is text; Guild would open a screen of its own then, which is what the
window is for here.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from cli.chosen_runs import runs_argument
from cli.compare_answer import Answer, GroupList, OutputForm, RunTable, ScalarList
from cli.compare_text import scalar_lines
from cli.completion_command import complete_columns, complete_header
from cli.filter_options import filter_options
from cli.listing import listing_of, now, open_index, up_to_date, warn_where_missing
from cli.parsing import DeskCommand, Request, complete_file, json_option
from cli.screen import pointed
from core.compare.column_spec import ColumnSpec, parse_column, parse_columns
from core.compare.layout import Wanted, lay_out
from core.compare.operation_hints import ProjectHints
from core.compare.table import Column, CompareTable, SortBy, Source, build_table
from core.errors import QueryError
from core.index.filters import Filters
from core.index.index import RunIndex
from core.runs.selection import resolve_runs

if TYPE_CHECKING:  # only a comparison of groups needs it
    from core.compare.groups import GroupedTable

ALL_FLAGS_BUT = "all but "


@click.command(cls=DeskCommand)
@runs_argument
@click.option("-t", "--table", is_flag=True, help="Print a table; so it is without --csv, --json.")
@click.option(
    *("--csv", "csv_path"),
    metavar="PATH",
    shell_complete=complete_file,
    help="Write a CSV file; - is standard output.",
)
@json_option
@click.option(
    "-c",
    "--cols",
    metavar="COLUMNS",
    shell_complete=complete_columns,
    help="Show these columns too.",
)
@click.option(
    "-cc",
    "--strict-cols",
    metavar="COLUMNS",
    shell_complete=complete_columns,
    help="Show only these columns.",
)
@click.option("-r", "--skip-core", is_flag=True, help="Leave out the core columns but the run.")
@click.option("-p", "--skip-op-cols", is_flag=True, help="Leave out the operation's columns.")
@click.option("-u", "--skip-unchanged", is_flag=True, help="Leave out what is the same in all.")
@click.option("-e", "--extra-cols", is_flag=True, help="Show the source code's digest.")
@click.option("-s", "--all-scalars", is_flag=True, help="Show scalars of the system too.")
@click.option(
    "--min",
    "min_col",
    metavar="COLUMN",
    shell_complete=complete_header,
    help="Smallest values of COLUMN first.",
)
@click.option(
    "--max",
    "max_col",
    metavar="COLUMN",
    shell_complete=complete_header,
    help="Largest values of COLUMN first.",
)
@click.option(
    *("-n", "--limit", "--top"),
    type=click.IntRange(min=1),
    metavar="N",
    help="Show the first N rows only.",
)
@click.option(
    "--group-by",
    metavar="COLUMNS",
    shell_complete=complete_columns,
    help="Put runs together that are equal in COLUMNS; 'all but seed' is all flags but seed.",
)
@click.option("--include-batch", is_flag=True, help="Show batch runs too.")
@click.option("--print-scalars", is_flag=True, help="Only list the scalars of each run.")
@filter_options
@click.pass_obj
def compare(request: Request, /, *, runs: tuple[str, ...], filters: Filters, **given: Any) -> None:
    """Compare runs: all that match, or those that are named.

    COLUMNS are names with commas between: =FLAG, .ATTRIBUTE, or the name of a scalar, with min,
    max, first, avg, total or count before it for another value than the last. "loss step" is the
    step of a value, "min loss as best" gives a column another heading.
    """
    wanted = _Wanted(runs, filters, **given)
    wanted.check()
    warn_where_missing(request.home)
    with open_index(request.home) as index:
        answer = up_to_date(index, lambda: wanted.answer(index))
    answer.write(OutputForm(wanted.as_json, wanted.csv_path))


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the options ask for; they are told in the command's help."""

    runs: tuple[str, ...]
    filters: Filters
    table: bool
    csv_path: str | None
    as_json: bool
    cols: str | None
    strict_cols: str | None
    skip_core: bool
    skip_op_cols: bool
    skip_unchanged: bool
    extra_cols: bool
    all_scalars: bool
    min_col: str | None
    max_col: str | None
    limit: int | None
    group_by: str | None
    include_batch: bool
    print_scalars: bool

    def check(self) -> None:
        """Make sure that the options go together, and columns are understood.

        Raises:
            UsageError: They do not, or are not.
        """
        _exclude({"--cols": self.cols, "--strict-cols": self.strict_cols})
        _exclude({"--min": self.min_col, "--max": self.max_col})
        _exclude({"--table": self.table, "--csv": self.csv_path, "--json": self.as_json})
        _exclude({"--print-scalars": self.print_scalars, "--group-by": self.group_by})
        _exclude({"--print-scalars": self.print_scalars, "--csv": self.csv_path})
        _exclude({"--print-scalars": self.print_scalars, "--json": self.as_json})
        _ = self.layout
        if self.group_by and not self.group_by.startswith(ALL_FLAGS_BUT):
            _parsed(self.group_by)

    @property
    def layout(self) -> Wanted:
        """The columns that are asked for."""
        text = self.strict_cols or self.cols
        return Wanted(
            core=not (self.skip_core or self.strict_cols),
            extra=self.extra_cols,
            operation=not (self.skip_op_cols or self.strict_cols),
            system=self.all_scalars,
            more=_parsed(text) if text else (),
        )

    def answer(self, index: RunIndex) -> Answer:
        """The runs, and what is to be said of them."""
        columns = index.columns
        slots = listing_of(index, self.filters, deleted=False).slots
        if self.runs:
            ids = columns.stored("id")
            slots = [slots[n] for n in resolve_runs(self.runs, [ids[slot] for slot in slots])]
        if not self.include_batch:
            batches = columns.stored("is_batch")
            slots = [slot for slot in slots if not batches[slot]]
        if self.print_scalars:
            return ScalarList(scalar_lines(columns, slots))
        layout = lay_out(columns, slots, self.layout, ProjectHints())
        sort = self.sort_column(layout.columns)
        shown = [*layout.columns, *([sort] if sort else ())]
        table = build_table(columns, slots, shown, now=now())
        if self.group_by:
            return GroupList(self.grouped(index, table), layout.problems)
        table = self.arranged(table).only(range(len(layout.columns)))
        if self.skip_unchanged and len(table) > 1:
            table = table.only(table.differing())
        marked = columns.values("marked")
        return RunTable(table, tuple(bool(marked[s]) for s in table.slots), layout.problems)

    def sort_column(self, columns: Sequence[Column]) -> Column | None:
        """A column that is only sorted by: one that is named by no header but a specification."""
        text = self.min_col or self.max_col
        if not text or any(column.header == text for column in columns):
            return None
        with suppress(QueryError):
            return Column(text, (Source(parse_column(text)),))
        raise click.UsageError(f"There is no column “{text}” to sort by.")

    def arranged(self, table: CompareTable) -> CompareTable:
        """In the order asked for, and no more than asked for."""
        by = table.place_of(self.min_col or self.max_col or "")
        if by is not None:
            table = table.sorted_by([SortBy(by, descending=self.max_col is not None)])
        return table if self.limit is None else table.taken(range(len(table))[: self.limit])

    def grouped(self, index: RunIndex, table: CompareTable) -> GroupedTable:
        """The runs in groups, in the order asked for."""
        from core.compare.groups import flags_but, group_columns, group_table

        text = self.group_by or ""
        if text.startswith(ALL_FLAGS_BUT):
            names = [spec.name for spec in _parsed(text.removeprefix(ALL_FLAGS_BUT))]
            keys = flags_but(index.columns, table.slots, names)
        else:
            keys = group_columns(index.columns, _parsed(text))
        groups = group_table(index.columns, table, keys, now=now())
        by = table.place_of(self.min_col or self.max_col or "")
        if by is not None:
            groups = groups.sorted_by(by, descending=self.max_col is not None)
        return groups.first(self.limit)


def _exclude(options: dict[str, object]) -> None:
    """At most one of the options may be given.

    Raises:
        UsageError: Several are.
    """
    given = [name for name, value in options.items() if value]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} exclude each other.")


def _parsed(text: str) -> tuple[ColumnSpec, ...]:
    try:
        return parse_columns(text)
    except QueryError as e:
        lines = [str(e), *pointed(text, e.position, e.length), e.hint]
        raise click.UsageError("\n".join(filter(None, lines))) from e
