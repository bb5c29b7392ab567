"""Runs of the table on the clipboard, and their rows as text for other programs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication

from core.index.columns import RunColumns
from gui.job_bridge import JobBridge, Latest
from gui.run_mime import mime_of
from gui.services import RunRef
from gui.table.columns import Column
from gui.table.run_list import LANE, RunList

MANY = 2_000
"""Cells of more runs than this are written on a worker's thread (5 us a cell)."""

MOST_AT_ONCE = 300
"""The table that goes with more copied runs than this is written there too (17 us a run)."""


class RunCopy(QObject):
    """Puts the selected runs of a list on the clipboard.

    Args:
        run_list: Whose selection.
        bridge: Writes the text of many runs.
        parent: Owner.
    """

    def __init__(self, run_list: RunList, bridge: JobBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._run_list = run_list
        self._question = Latest(bridge, LANE, self)

    def runs(self) -> None:
        """The runs: directories for a file manager, ids as text, and the rows as a table.

        The table is left out where there are many: a spreadsheet takes `rows` quicker.
        """
        columns, layout = self._run_list.columns, self._run_list.model.layout
        slots, ids = self._run_list.selected_slots(), self._run_list.selected_ids()
        if not slots:
            return
        self._question.drop()
        where = self._run_list.ref(slots[0])
        if not MOST_AT_ONCE < len(slots) <= MANY:
            html = table_html(columns, layout, slots) if len(slots) <= MANY else ""
            _put_runs(where, ids, html)
            return
        self._question.ask(
            f"Copy {len(slots):,} runs",
            lambda context: table_html(columns, layout, slots, context.check),
            lambda html: _put_runs(where, ids, html),
        )

    def rows(self) -> None:
        """The rows as shown, with headings, for a spreadsheet; nothing when none is selected."""
        columns, layout = self._run_list.columns, self._run_list.model.layout
        slots = self._run_list.selected_slots()
        if len(slots) > MANY:
            self._question.ask(
                f"Copy {len(slots):,} runs",
                lambda context: table_text(columns, layout, slots, context.check),
                _put,
            )
        elif slots:
            self._question.drop()
            _put(table_text(columns, layout, slots))

    def ids(self) -> None:
        """The full ids, one a line."""
        _put("\n".join(ref.id for ref in self._run_list.selected_refs()))

    def paths(self) -> None:
        """The directories, one a line."""
        _put("\n".join(str(ref.path) for ref in self._run_list.selected_refs()))


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
        lines.append("\t".join(_cells(columns, layout, slot)))
    return "\n".join(lines) + "\n"


def table_html(
    columns: RunColumns,
    layout: Sequence[Column],
    slots: Sequence[int],
    check: Callable[[], None] = lambda: None,
) -> str:
    """The same as a table for programs that lay out text; arguments as `table_text`."""
    head = "".join(f"<th>{escape(column.title)}</th>" for column in layout)
    rows = []
    for slot in slots:
        check()
        cells = "".join(f"<td>{escape(cell)}</td>" for cell in _cells(columns, layout, slot))
        rows.append(f"<tr>{cells}</tr>\n")
    return f'<meta charset="utf-8"><table>\n<tr>{head}</tr>\n{"".join(rows)}</table>'


def _cells(columns: RunColumns, layout: Sequence[Column], slot: int) -> list[str]:
    return [_cell(column, columns.value(column.value_key, slot)) for column in layout]


def _cell(column: Column, value: Any) -> str:
    """The value in full; tabs and line breaks become spaces, since they would end the cell."""
    if value is None:
        return ""
    text = column.full_text(value)
    return text if text.isprintable() else " ".join(text.split())


def _put_runs(where: RunRef, ids: Sequence[str], html: str) -> None:
    mime = mime_of(where, ids, is_copied=True)
    if html:
        mime.setHtml(html)
    QGuiApplication.clipboard().setMimeData(mime)


def _put(text: str) -> None:
    QGuiApplication.clipboard().setText(text)
