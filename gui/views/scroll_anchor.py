"""Keeps the run table's rows where the reader's eyes are while runs come and go.

Where the user has scrolled, or holds the pointer over the rows, the same run stays at the same
height. At the very top, with the pointer elsewhere, new runs show up by themselves. When the
user asked for another filter or place, the current run stays in view if it was. Another order
shows its first runs to those who looked at the first ones: "sort by accuracy" asks for the best.
"""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QAbstractItemView, QTableView

from gui.run_list import RunList


class ScrollAnchor(QObject):
    """Remembers before each change of rows which run is where, and scrolls back after it.

    Args:
        table: The table; scrolls by pixels and has rows of equal height.
        run_list: Tells of changes.
    """

    def __init__(self, table: QTableView, run_list: RunList) -> None:
        super().__init__(table)
        self._table = table
        self._run_list = run_list
        self._slots: list[int] = []
        self._offset = 0
        self._was_at_top = True
        self._current: int | None = None
        self._view = run_list.applied_view
        run_list.about_to_apply.connect(self._remember)
        run_list.applied.connect(self._restore)

    def _remember(self) -> None:
        bar, order = self._table.verticalScrollBar(), self._run_list.model.order
        height = self._table.verticalHeader().defaultSectionSize()
        first, self._offset = divmod(bar.value(), height)
        last = (bar.value() + self._table.viewport().height()) // height
        self._slots = list(order[first : last + 1])
        self._was_at_top = bar.value() == 0
        row = self._table.currentIndex().row()
        self._current = order[row] if first <= row <= last and row < len(order) else None

    def _restore(self) -> None:
        self._table.updateGeometries()
        view = self._run_list.applied_view
        before, self._view = self._view, view
        if view != before:
            is_sorted = view and before and replace(view, sort=before.sort) == before
            if is_sorted and self._was_at_top:
                self._table.verticalScrollBar().setValue(0)
            else:
                self._show_current()
        elif not self._was_at_top or self._table.viewport().underMouse():
            self._show_same_run()

    def _show_current(self) -> None:
        row = None if self._current is None else self._run_list.model.row_of(self._current)
        if row is None:
            self._table.verticalScrollBar().setValue(0)
            return
        index = self._run_list.model.index(row, max(0, self._table.currentIndex().column()))
        self._table.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)

    def _show_same_run(self) -> None:
        height = self._table.verticalHeader().defaultSectionSize()
        for number, slot in enumerate(self._slots):
            row = self._run_list.model.row_of(slot)
            if row is not None:
                top = (row - number) * height + self._offset
                self._table.verticalScrollBar().setValue(max(0, top))
                return
