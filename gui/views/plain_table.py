"""How every table of the window behaves: it is read and chosen from, and Tab leads out of it."""

from __future__ import annotations

from PySide6.QtWidgets import QAbstractItemView, QTableView


def make_plain(table: QTableView) -> None:
    """No grid, no wrapped lines, nothing to edit, no cells for Tab; scrolled by pixels."""
    table.setShowGrid(False)
    table.setWordWrap(False)
    table.setTabKeyNavigation(False)
    table.setCornerButtonEnabled(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    table.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
