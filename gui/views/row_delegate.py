"""Rows of trees and lists at the height, and with the margins, of the rows of the tables."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.models.any_index import AnyIndex

ROW_PADDING = 12  # pixels above and below the text together
COLUMN_GAP = 16  # pixels between a text and the next column's
_INSET = 5  # pixels by which texts stand under the texts of their headings


class RowDelegate(QStyledItemDelegate):
    """Draws as usual, in rows as high as the font and some room.

    Args:
        parent: Owner.
        first: The first column whose texts stand under their headings; a tree's first one
            stands where its branches are.
    """

    def __init__(self, parent: QObject | None = None, *, first: int = 1) -> None:
        super().__init__(parent)
        self._first = first

    # Qt overrides

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        size = super().sizeHint(option, index)
        return QSize(size.width() + COLUMN_GAP, option.fontMetrics.height() + ROW_PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        if index.column() >= self._first:
            full = QStyleOptionViewItem(option)
            self.initStyleOption(full, index)
            full.text = ""
            style = full.widget.style()
            style.drawPrimitive(
                QStyle.PrimitiveElement.PE_PanelItemViewItem, full, painter, full.widget
            )
            option.rect.adjust(_INSET, 0, -_INSET, 0)
        super().paint(painter, option, index)
