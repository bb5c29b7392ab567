"""Rows of trees and lists at the height of the rows of the tables."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QSize
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

ROW_PADDING = 12  # pixels above and below the text together


class RowDelegate(QStyledItemDelegate):
    """Draws as usual, in rows as high as the font and some room."""

    # Qt overrides

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        size = super().sizeHint(option, index)
        height = option.fontMetrics.height() + ROW_PADDING
        return QSize(size.width(), height)
