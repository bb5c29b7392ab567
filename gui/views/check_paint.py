"""Draws a check box in the theme's colours: the style's cannot be told from a dark ground."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication, QPainter

from gui.theme import Theme

_USUAL = 15  # pixels, at the usual size of the font


def box_size() -> int:
    """Width and height of a box beside a text in the application's font, in pixels."""
    return max(_USUAL, QFontMetrics(QGuiApplication.font()).height() - 1)


def draw_check(painter: QPainter, box: QRect, state: Qt.CheckState, theme: Theme) -> None:
    """Draw a box: empty, with a mark, or with a dash for "some of them"."""
    is_filled = state != Qt.CheckState.Unchecked
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
    painter.setPen(theme.colour("accent" if is_filled else "muted"))
    painter.setBrush(theme.colour("accent" if is_filled else "field"))
    painter.drawRoundedRect(QRectF(box).adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)
    if state == Qt.CheckState.PartiallyChecked:
        inset = box.width() * 4 / _USUAL
        dash = QRectF(box.left() + inset, box.center().y() - 0.5, box.width() - 2 * inset, 2)
        painter.fillRect(dash, theme.colour("on-accent"))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    if state == Qt.CheckState.Checked:
        mark = theme.icon("status-completed", "on-accent")
        painter.drawPixmap(box.topLeft() + QPoint(1, 1), mark.pixmap(box.size() - QSize(2, 2)))
