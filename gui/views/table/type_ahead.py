"""Typing letters in the run table jumps to the next run whose label, operation or id begins so.

Why a worker's thread for long tables: comparing 100,000 labels takes 50 ms.
"""

from __future__ import annotations

import time
from collections.abc import Sequence

from PySide6.QtCore import QItemSelectionModel, QObject
from PySide6.QtGui import QGuiApplication

from core.index.columns import RunColumns
from gui.job_bridge import JobBridge, Latest
from gui.table.run_list import LANE, RunList

AT_ONCE = 2_000
KEYS = ("label", "operation", "id")

_SELECT_ROW = (
    QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
)


class TypeAhead(QObject):
    """Collects typed letters and finds the run they mean.

    Args:
        run_list: Where to look.
        bridge: Runs searches in long tables.
        parent: Owner.
    """

    def __init__(self, run_list: RunList, bridge: JobBridge, parent: QObject) -> None:
        super().__init__(parent)
        self._run_list = run_list
        self._question = Latest(bridge, LANE, self)
        self._typed = ""
        self._last = 0.0

    @property
    def is_typing(self) -> bool:
        """Whether a further letter would belong to the same word."""
        pause = QGuiApplication.styleHints().keyboardInputInterval() / 1000
        return bool(self._typed) and time.monotonic() - self._last < pause

    def type(self, text: str) -> None:
        """Take a typed text and go to the run it means.

        The search begins at the current run for a longer word, below it for a new one.

        Args:
            text: One letter, or several from an input method.
        """
        is_longer = self.is_typing
        self._typed = (self._typed + text if is_longer else text).casefold()
        self._last = time.monotonic()
        typed, order = self._typed, list(self._run_list.model.order)
        row = self._run_list.selection.currentIndex().row()
        columns, start = self._run_list.columns, row if is_longer else row + 1
        found = find_typed(columns, order, typed, start, AT_ONCE)
        if found is None and len(order) > AT_ONCE:
            self._question.ask(
                "Find a run", lambda _: find_typed(columns, order, typed, start), self._go_to
            )
        else:
            self._go_to(found)

    def _go_to(self, row: int | None) -> None:
        model, selection = self._run_list.model, self._run_list.selection
        if row is not None and row < len(model.order):
            column = max(0, selection.currentIndex().column())
            selection.setCurrentIndex(model.index(row, column), _SELECT_ROW)


def find_typed(
    columns: RunColumns, order: Sequence[int], typed: str, start: int, most: int | None = None
) -> int | None:
    """The next row whose label, operation or id begins with `typed`; from the end on at the top.

    Args:
        columns: The values.
        order: Slots by row.
        typed: What was typed, case-folded.
        start: Row to begin with.
        most: How many rows to look at; None for all.
    """
    if not order:
        return None
    count = len(order) if most is None else min(most, len(order))
    for step in range(count):
        row = (start + step) % len(order)
        for key in KEYS:
            value = columns.value(key, order[row])
            if value and value.casefold().startswith(typed):
                return row
    return None
