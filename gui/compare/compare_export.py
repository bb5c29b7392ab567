"""A comparison as text: what is on screen, with every digit, for a file or the clipboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from core.compare.baseline import delta
from core.compare.groups import group_grid, group_table
from core.compare.table import CompareTable
from core.compare.table_text import Grid, TextFormat, grid_text
from core.index.columns import RunColumns
from gui.compare.compared import Compared, Fact, shown_facts

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
_FOR_PEOPLE = ("markdown", "latex")


class ExportWish(Struct, frozen=True):
    """What is wanted of an export.

    Attributes:
        form: Of the text.
        is_whole: Also the columns that are the same for all runs and not shown.
        has_deltas: Beside each scalar, how far it is from the baseline's, as a number and in
            percent: what the screen shows in small. Groups have none, there as here.
    """

    form: TextFormat = "csv"
    is_whole: bool = False
    has_deltas: bool = False


def can_have_deltas(answer: Compared) -> bool:
    """Whether there is a baseline that runs are measured against."""
    return answer.baseline is not None and not answer.groups


def export_text(columns: RunColumns, answer: Compared, wish: ExportWish, *, now: int) -> str:
    """The text of a comparison; for a worker's thread.

    Args:
        columns: All runs, for their ids and labels.
        answer: What is compared.
        wish: What of it, and how.
        now: Current time in microseconds since 1970-01-01 UTC.
    """
    form = wish.form
    facts = answer.facts if wish.is_whole else shown_facts(answer)
    specs = answer.built.group_specs
    if specs:
        table = answer.table.only([fact.place for fact in facts])
        grouped = group_table(columns, table, specs, now=now)
        shown = {group.rows[0]: number for number, group in enumerate(answer.groups)}
        ordered = sorted(grouped.groups, key=lambda group: shown.get(group.rows[0], len(shown)))
        return grid_text(group_grid(replace(grouped, groups=tuple(ordered))), form)
    baseline = answer.baseline if wish.has_deltas else None
    rows = range(len(answer.table))
    return rows_text(columns, answer.table, facts, rows, form, baseline=baseline)


def rows_text(
    columns: RunColumns,
    table: CompareTable,
    facts: Sequence[Fact],
    rows: Sequence[int],
    form: TextFormat = "tsv",
    *,
    baseline: int | None = None,
) -> str:
    """Some rows of a comparison, with a line of headings; each begins with the run.

    Args:
        columns: All runs.
        table: What is compared.
        facts: The columns that are wanted.
        rows: The rows that are wanted.
        form: Of the text.
        baseline: Row whose distance is told of each scalar too; None for no such columns.
    """
    heads = [head for head in _HEADS if all(fact.column.header != head for fact in facts)]
    measured = {fact.place for fact in facts if fact.look.has_delta and baseline is not None}
    headers = list(heads)
    for fact in facts:
        header = fact.column.header
        headers.append(header)
        if fact.place in measured:
            headers += [f"{header} delta", f"{header} delta %"]
    places = [fact.place for fact in facts]
    bases = {place: table.value(baseline or 0, place) for place in measured}
    keys = ["short_id" if head == "run" else head for head in heads]

    def row_of(row: int) -> list[Any]:
        names = [columns.value(key, table.slots[row]) for key in keys]
        cells: list[Any] = []
        for place in places:
            value = table.value(row, place)
            cells.append(value)
            if place in measured:
                cells += _distance(value, bases[place], is_short=form in _FOR_PEOPLE)
        return [*names, *cells]

    return grid_text(Grid(tuple(headers), map(row_of, rows)), form)


def _distance(value: Any, base: Any, *, is_short: bool) -> list[float | None]:
    """The difference and the percentage; short where people read them and not programs."""
    found = delta(value, base)
    if found is None:
        return [None, None]
    percent = found.percent
    if is_short and percent is not None:
        percent = float(f"{percent:.4g}")
    return [found.difference, percent]
