"""Draws a check box in the theme's colours: the style's cannot be told from a dark ground."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter

from gui.theme import Theme

BOX = 15
"""Width and height of a box, in pixels."""


def draw_check(painter: QPainter, box: QRect, state: Qt.CheckState, theme: Theme) -> None:
    """Draw a box: empty, with a mark, or with a dash for "some of them"."""
    is_filled = state != Qt.CheckState.Unchecked
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    painter.setPen(theme.colour("accent" if is_filled else "muted"))
    painter.setBrush(theme.colour("accent" if is_filled else "field"))
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    if state == Qt.CheckState.PartiallyChecked:
        dash = QRectF(box.left() + 4, box.center().y() - 0.5, box.width() - 8, 2)
        painter.fillRect(dash, theme.colour("on-accent"))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    if state == Qt.CheckState.Checked:
        mark = theme.icon("status-completed", "on-accent")
        painter.drawPixmap(box.topLeft() + QPoint(1, 1), mark.pixmap(box.size() - QSize(2, 2)))
