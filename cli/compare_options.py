"""The options of `rundesk compare`, and what they mean together.

Options that Guild has are called as there, by the same letters.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
from msgspec import Struct

from cli.completion_command import complete_columns, complete_header
from cli.parsing import Count, complete_file, number_json_options
from cli.screen import pointed
from core.compare.column_spec import ColumnSpec, parse_columns
from core.compare.group_spec import text_left_out
from core.compare.layout import Wanted
from core.errors import QueryError
from core.index.filters import Filters

AnyFunction = TypeVar("AnyFunction", bound=Callable[..., Any])


def compare_options(function: AnyFunction) -> AnyFunction:
    """Add the options; the function gets them by the names of CompareOptions."""
    wrapped: Any = function
    for option in reversed([*_output_options(), *_column_options(), *_row_options()]):
        wrapped = option(wrapped)
    result: AnyFunction = wrapped
    return result


class CompareOptions(Struct, frozen=True):
    """What the options ask for; they are told in the command's help."""

    runs: tuple[str, ...]
    filters: Filters
    table: bool
    csv_path: str | None
    as_json: bool
    plot_path: Path | None
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
        _exclude({"--print-scalars": self.print_scalars, "--plot": self.plot_path})
        _ = self.layout
        if self.group_by and self.flags_left_out is None:
            parsed_columns(self.group_by)

    @property
    def flags_left_out(self) -> str | None:
        """Where all flags but some make the groups, the names of those; else None."""
        return text_left_out(self.group_by or "")

    @property
    def is_written(self) -> bool:
        """Whether there is to be data: a plot alone is enough where nothing else is asked for."""
        return not self.plot_path or self.table or self.as_json or self.csv_path is not None

    @property
    def layout(self) -> Wanted:
        """The columns that are asked for."""
        text = self.strict_cols or self.cols
        return Wanted(
            core=not (self.skip_core or self.strict_cols),
            extra=self.extra_cols,
            operation=not (self.skip_op_cols or self.strict_cols),
            system=self.all_scalars,
            more=parsed_columns(text) if text else (),
        )


def _exclude(options: dict[str, object]) -> None:
    """At most one of the options may be given.

    Raises:
        UsageError: Several are.
    """
    given = [name for name, value in options.items() if value]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} exclude each other.")


def parsed_columns(text: str) -> tuple[ColumnSpec, ...]:
    """The columns of a list.

    Raises:
        UsageError: It is not understood; the message points at the place.
    """
    try:
        return parse_columns(text)
    except QueryError as e:
        lines = [str(e), *pointed(text, e.position, e.length), e.hint]
        raise click.UsageError("\n".join(filter(None, lines))) from e


def _output_options() -> list[Callable[[Any], Any]]:
    return [
        click.option(
            "-t", "--table", is_flag=True, help="Print a table, as without --csv, --json."
        ),
        click.option(
            *("--csv", "csv_path"),
            metavar="[PATH]",
            is_flag=False,
            flag_value="-",
            shell_complete=complete_file,
            help="Write CSV to PATH, or to standard output (the default; also -).",
        ),
        number_json_options,
        click.option(
            *("--plot", "plot_path"),
            metavar="FILE",
            type=click.Path(path_type=Path),
            shell_complete=complete_file,
            help="Draw the curves of the scalars into FILE, which ends in .png or .svg.",
        ),
    ]


def _column_options() -> list[Callable[[Any], Any]]:
    return [
        click.option(
            "-c",
            "--cols",
            metavar="COLUMNS",
            shell_complete=complete_columns,
            help="Show these columns too.",
        ),
        click.option(
            "-cc",
            "--strict-cols",
            metavar="COLUMNS",
            shell_complete=complete_columns,
            help="Show only these columns.",
        ),
        click.option("-r", "--skip-core", is_flag=True, help="Leave out core columns but the run."),
        click.option("-p", "--skip-op-cols", is_flag=True, help="Leave out columns of operations."),
        click.option(
            "-u", "--skip-unchanged", is_flag=True, help="Leave out what all have in common."
        ),
        click.option("-e", "--extra-cols", is_flag=True, help="Show the source code's digest."),
        click.option("-s", "--all-scalars", is_flag=True, help="Show scalars of the system too."),
    ]


def _row_options() -> list[Callable[[Any], Any]]:
    return [
        click.option(
            "--min",
            "min_col",
            metavar="COLUMN",
            shell_complete=complete_header,
            help="Smallest values of COLUMN first.",
        ),
        click.option(
            "--max",
            "max_col",
            metavar="COLUMN",
            shell_complete=complete_header,
            help="Largest values of COLUMN first.",
        ),
        click.option(
            *("-n", "--limit", "--top"),
            type=Count(),
            metavar="N",
            help="Show the first N rows only.",
        ),
        click.option(
            "--group-by",
            metavar="COLUMNS",
            shell_complete=complete_columns,
            help="Put runs together that agree in COLUMNS; 'all but seed': all flags but seed.",
        ),
        click.option("--include-batch", is_flag=True, help="Show batch runs too."),
        click.option("--print-scalars", is_flag=True, help="Only list the scalars of each run."),
    ]
