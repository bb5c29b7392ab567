"""Draws the small buttons that stand in a cell beside its text: "Enter…", "Now", "Choose…".

Why they are drawn: a widget a row would take the keyboard from the table, and what they do is
also on the table's keys.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter

from gui.theme import Theme

_PADDING = 8
_MARGIN = 3  # pixels of the row above and below


def pill_width(metrics: QFontMetrics, text: str) -> int:
    """The width of a button with a text."""
    return metrics.horizontalAdvance(text) + 2 * _PADDING


def pill_area(metrics: QFontMetrics, cell: QRect, after: int, text: str) -> QRect:
    """Where a button stands.

    Args:
        metrics: Of the font of the cell.
        cell: The cell, without its margins.
        after: Right end of the text before it; the button stays within the cell.
        text: The button's text.
    """
    width = min(pill_width(metrics, text), cell.width())
    left = min(after, cell.right() + 1 - width)
    return QRect(left, cell.top() + _MARGIN, width, cell.height() - 2 * _MARGIN)


def draw_pill(
    painter: QPainter, area: QRect, text: str, theme: Theme, *, is_pointed: bool = False
) -> None:
    """Draw a button with a text."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme.colour("accent" if is_pointed else "field-line"))
    painter.setBrush(theme.colour("hover" if is_pointed else "field"))
    painter.drawRoundedRect(QRectF(area).adjusted(0.5, 0.5, -0.5, -0.5), 5, 5)
    painter.setPen(theme.colour("text"))
    painter.drawText(area, int(Qt.AlignmentFlag.AlignCenter), text)
    painter.restore()
