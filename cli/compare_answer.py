"""What `rundesk compare` says in the end: a table of runs, one of groups, or lists of scalars.

JSON is one list. Of runs: `{"id", "values": {header: value}}`, where dates are ISO 8601 text and
missing values null. Of groups: `{"by": {header: value}, "n", "runs": [id…], "values": {header:
{"mean", "std", "min", "max", "n"}}}`, of scalars that any run of the group has; `std` is null where
there is one number.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from cli.compare_text import grid_lines
from cli.screen import note, write_json, write_text
from core.compare.table import CompareTable
from core.compare.table_text import Grid, grid_text
from core.errors import Error
from core.runs.run_json import plain_value
from core.text import plural
from core.whole_file import write_whole

if TYPE_CHECKING:  # only a comparison of groups needs it
    from core.compare.groups import GroupedTable


class OutputForm(Struct, frozen=True):
    """How it is to be written.

    Attributes:
        as_json: As a JSON document.
        csv_path: As CSV into a file, or to standard output for "-"; None for text.
    """

    as_json: bool = False
    csv_path: str | None = None


class Answer(Protocol):
    """Something to be written."""

    def write(self, form: OutputForm) -> None:
        """Write what was asked for, once nothing can change it any more."""


class ScalarList(Struct, frozen=True):
    """The scalars of each run, line by line."""

    lines: list[str]

    def write(self, form: OutputForm) -> None:
        """Write them; they are text only."""
        write_text("".join(f"{line}\n" for line in self.lines))


class RunTable(Struct, frozen=True):
    """Runs, one a row."""

    table: CompareTable
    marked: tuple[bool, ...]
    problems: tuple[str, ...]

    def write(self, form: OutputForm) -> None:
        """Write the table, and first what was left out of it."""
        _tell(self.problems)
        if form.as_json:
            write_json(self.documents())
        elif form.csv_path is not None:
            _write_csv(self.grid(), form.csv_path, plural(len(self.table), "run"))
        else:
            write_text("".join(f"{line}\n" for line in grid_lines(self.grid(is_marked=True))))

    def grid(self, *, is_marked: bool = False) -> Grid:
        """The values; nothing where there are no runs."""
        table = self.table
        columns = [table.values(place) for place in range(len(table.columns))]
        operations = table.place_of("operation")
        if is_marked and operations is not None:
            columns[operations] = [
                f"{name} [marked]" if mark else name
                for name, mark in zip(columns[operations], self.marked, strict=True)
            ]
        headers = tuple(column.header for column in table.columns) if len(table) else ()
        return Grid(headers, list(zip(*columns, strict=True)))

    def documents(self) -> list[dict[str, Any]]:
        """Each run's id, and its values by header."""
        grid = self.grid()
        return [
            {"id": run_id, "values": _by_header(grid.headers, row)}
            for run_id, row in zip(self.table.ids, grid.rows, strict=True)
        ]


class GroupList(Struct, frozen=True):
    """Groups of runs, one a row."""

    grouped: GroupedTable
    problems: tuple[str, ...]

    def write(self, form: OutputForm) -> None:
        """Write the table, and first what was left out of it."""
        from core.compare.groups import group_grid

        _tell(self.problems)
        if form.as_json:
            write_json(self.documents())
        elif form.csv_path is not None:
            count = plural(len(self.grouped.groups), "group")
            _write_csv(group_grid(self.grouped), form.csv_path, count)
        else:
            grid = group_grid(self.grouped, counts=False)
            write_text("".join(f"{line}\n" for line in grid_lines(grid)))

    def documents(self) -> list[dict[str, Any]]:
        """What each group has in common, its runs, and the numbers of its scalars by header."""
        grouped, columns = self.grouped, self.grouped.table.columns
        headers = [key.header for key in grouped.keys]
        return [
            {
                "by": _by_header(headers, group.values),
                "n": len(group.rows),
                "runs": grouped.ids(group),
                "values": {
                    columns[place].header: {
                        "mean": found.mean,
                        "std": found.deviation,
                        "min": found.least,
                        "max": found.most,
                        "n": found.n,
                    }
                    for place in grouped.places
                    if (found := grouped.summary(group, place)) is not None
                },
            }
            for group in grouped.groups
        ]


def _by_header(headers: Sequence[str], values: Sequence[Any]) -> dict[str, Any]:
    return {header: plain_value(value) for header, value in zip(headers, values, strict=True)}


def _tell(problems: Sequence[str]) -> None:
    for problem in problems:
        note(problem)


def _write_csv(grid: Grid, path: str, what: str) -> None:
    """Write to standard output, a file or what else has a name (`/dev/stdout`, a pipe)."""
    text = grid_text(grid, "csv")
    if path == "-":
        write_text(text)
        return
    target = Path(path)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as e:
        raise Error(f"Cannot write {path}: {e.strerror or e}.") from e
    is_special = target.exists() and not target.is_file()  # then it may be what a person reads
    write_whole(target, [text])
    if not is_special:
        note(f"Wrote {what} to {path}.")
