"""A comparison as text: what is on screen, with every digit, for a file or the clipboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec.structs import replace

from core.compare.groups import group_grid, group_table
from core.compare.table import CompareTable
from core.compare.table_text import Grid, TextFormat, grid_text
from core.index.columns import RunColumns
from gui.compare.compared import Compared, Fact, shown_facts, specs_of

FORMAT_NAMES: dict[TextFormat, str] = {
    "csv": "CSV",
    "tsv": "TSV",
    "markdown": "Markdown",
    "latex": "LaTeX",
    "json": "JSON",
}
SUFFIXES: dict[TextFormat, str] = {
    "csv": ".csv",
    "tsv": ".tsv",
    "markdown": ".md",
    "latex": ".tex",
    "json": ".json",
}
_HEADS = ("run", "label")


def export_text(
    columns: RunColumns, answer: Compared, form: TextFormat, *, is_whole: bool, now: int
) -> str:
    """The text of a comparison; for a worker's thread.

    Args:
        columns: All runs, for their ids and labels.
        answer: What is compared.
        form: Of the text.
        is_whole: Also the columns that are the same for all runs and not shown.
        now: Current time in microseconds since 1970-01-01 UTC.
    """
    facts = answer.facts if is_whole else shown_facts(answer)
    specs, _ = specs_of(answer.view.group_by)
    if specs:
        table = answer.table.only([fact.place for fact in facts])
        grouped = group_table(columns, table, specs, now=now)
        shown = {group.rows[0]: number for number, group in enumerate(answer.groups)}
        ordered = sorted(grouped.groups, key=lambda group: shown.get(group.rows[0], len(shown)))
        return grid_text(group_grid(replace(grouped, groups=tuple(ordered))), form)
    return rows_text(columns, answer.table, facts, range(len(answer.table)), form)


def rows_text(
    columns: RunColumns,
    table: CompareTable,
    facts: Sequence[Fact],
    rows: Sequence[int],
    form: TextFormat = "tsv",
) -> str:
    """Some rows of a comparison, with a line of headings; each begins with the run."""
    heads = [head for head in _HEADS if all(fact.column.header != head for fact in facts)]
    headers = (*heads, *(fact.column.header for fact in facts))
    places = [fact.place for fact in facts]
    keys = ["short_id" if head == "run" else head for head in heads]

    def row_of(row: int) -> list[Any]:
        names = [columns.value(key, table.slots[row]) for key in keys]
        return [*names, *(table.value(row, place) for place in places)]

    return grid_text(Grid(headers, map(row_of, rows)), form)
