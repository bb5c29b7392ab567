"""What `rundesk compare` prints for people: a table that fits the terminal, lists of scalars."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from cli.screen import BOLD, DIM, aligned, coloured, fitted, printable, terminal_width, text_width
from core.compare.table_text import Grid, cell_text, number_text
from core.index.columns import RunColumns

_GAP = "  "
_WIDEST = 60
"""Columns of the terminal that a cell may take; elsewhere nothing is cut."""


def grid_lines(grid: Grid) -> list[str]:
    """A line a row below the headers; numbers are on the right.

    On a terminal, columns that find no room stand below the others, each time with the first
    column before them: lines that wrap cannot be read.
    """
    if not grid.headers:
        return []
    width = terminal_width()
    rows = list(grid.rows)
    columns = [
        _column(header, [row[place] for row in rows], narrow=width is not None)
        for place, header in enumerate(grid.headers)
    ]
    lines: list[str] = []
    for block in _blocks(columns, width):
        lines += [""] if lines else []
        heading, *others = map(_GAP.join, zip(*block, strict=True))
        lines += [coloured(heading.rstrip(), BOLD), *(line.rstrip() for line in others)]
    return lines


def scalar_lines(columns: RunColumns, slots: Sequence[int]) -> list[str]:
    """The last value and step of each scalar of each run."""
    lines = []
    for slot in slots:
        short_id = printable(columns.value("short_id", slot))
        operation = printable(columns.value("operation", slot) or "?")
        lines.append(f"{coloured(f'[{short_id}]', DIM)} {operation}")
        for key, summary in sorted(columns.scalars(slot).items()):
            value = number_text(summary.last)
            lines.append(f"  {printable(key)}: {value} (step {summary.last_step})")
    return lines


def _column(header: str, values: Sequence[object], *, narrow: bool) -> list[str]:
    """The cells of a column, all of the same width."""
    texts = [printable(cell_text(value)) for value in [header, *values]]
    if narrow:
        texts = [fitted(text, _WIDEST) for text in texts]
    kinds = set(map(type, values)) - {type(None)}
    if kinds and kinds <= {int, float}:
        width = max(map(text_width, texts))
        return [" " * (width - text_width(text)) + text for text in texts]
    return [cell for (cell,) in aligned([[text] for text in texts])]


def _blocks(columns: Sequence[list[str]], width: int | None) -> Iterator[list[list[str]]]:
    """Columns that have room beside each other."""
    first, *others = columns
    block, used = [first], text_width(first[0])
    for column in others:
        needed = len(_GAP) + text_width(column[0])
        if width is not None and used + needed > width and len(block) > 1:
            yield block
            block, used = [first], text_width(first[0])
        block.append(column)
        used += needed
    yield block
