"""Keeps the run table's rows where the reader's eyes are while runs come and go.

Where the user has scrolled, or holds the pointer over the rows, the same run stays at the same
height. At the very top, with the pointer elsewhere, new runs show up by themselves. When the
user asked for another filter or place, the current run stays in view if it was. Another order
shows its first runs to those who looked at the first ones: "sort by accuracy" asks for the best.
"""

from __future__ import annotations

from msgspec.structs import replace
from PySide6.QtCore import QObject, SignalInstance, Slot
from PySide6.QtWidgets import QAbstractItemView, QTableView

from gui.table.run_list import RunList


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
        self._minds_pointer = True
        self._is_ending = False
        self._current: int | None = None
        self._view = run_list.applied_view
        run_list.about_to_apply.connect(self._remember)
        run_list.applied.connect(self._restore)
        run_list.arranged.connect(self._look_for_end)

    def wait_for_all(self, settled: SignalInstance) -> None:
        """A home is read in portions: at the very top the newest stay in sight until it is known.

        Its window may have appeared under a pointer that nobody moved since.

        Args:
            settled: Tells that all runs are known. When they are in order as well, rows under the
                pointer stay there.
        """
        self._minds_pointer = False
        settled.connect(self._on_all_known)

    @Slot()
    def _on_all_known(self) -> None:
        self._is_ending = True
        self._look_for_end()

    def _look_for_end(self) -> None:
        if self._is_ending and not self._run_list.is_arranging:
            self._minds_pointer, self._is_ending = True, False

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
        elif not self._was_at_top or (self._minds_pointer and self._table.viewport().underMouse()):
            self._show_same_run()
        else:
            self._table.verticalScrollBar().setValue(0)  # Qt went to the current run by itself

    def _show_current(self) -> None:
        row = None if self._current is None else self._run_list.model.row_of(self._current)
        if row is None:
            self._table.verticalScrollBar().setValue(0)
            return
        index = self._run_list.model.index(row, max(0, self._table.currentIndex().column()))
        bar = self._table.horizontalScrollBar()
        left = bar.value()
        self._table.scrollTo(index, QAbstractItemView.ScrollHint.EnsureVisible)
        bar.setValue(left)  # who sorts by a column at the right wants to see it afterwards

    def _show_same_run(self) -> None:
        height = self._table.verticalHeader().defaultSectionSize()
        for number, slot in enumerate(self._slots):
            row = self._run_list.model.row_of(slot)
            if row is not None:
                top = (row - number) * height + self._offset
                self._table.verticalScrollBar().setValue(max(0, top))
                return
