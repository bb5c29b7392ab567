"""Rows of the run table as text for other programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from core.index.columns import RunColumns
from gui.columns import Column

MANY = 2_000
"""Cells of more runs than this are written on a worker's thread (5 us a cell)."""


def table_text(
    columns: RunColumns,
    layout: Sequence[Column],
    slots: Sequence[int],
    check: Callable[[], None] = lambda: None,
) -> str:
    """Tab-separated values with a line of headings, every digit and exact times.

    Args:
        columns: The values.
        layout: Columns in the order wanted.
        slots: Runs in the order wanted.
        check: Called once a run; raises to stop.
    """
    lines = ["\t".join(column.title for column in layout)]
    for slot in slots:
        check()
        cells = ((column, columns.value(column.value_key, slot)) for column in layout)
        lines.append("\t".join(_cell(column, value) for column, value in cells))
    return "\n".join(lines) + "\n"


def _cell(column: Column, value: Any) -> str:
    """The value in full; tabs and line breaks become spaces, since they would end the cell."""
    if value is None:
        return ""
    text = column.full_text(value)
    return text if text.isprintable() else " ".join(text.split())
