"""Begins drags that leave the window: files for a file manager, with a picture that counts them."""

from __future__ import annotations

from PySide6.QtCore import QMimeData, QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QDrag, QFontMetrics, QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from gui.run_mime import URLS_TYPE
from gui.theme import Theme
from gui.views.patient_drop import PatientDrop

_PADDING = 9
_ICON = 16
_WIDEST = 260
_SHADE = 3  # pixels by which the sheets of a pile of several stand out


def start_drag(source: QWidget, mime: QMimeData, theme: Theme, icon: str, text: str) -> None:
    """Let the user drag this until it is dropped; only ever a copy leaves.

    Args:
        source: Where the drag begins; owns it.
        mime: What is dragged.
        theme: Draws the picture.
        icon: Sign in the picture.
        text: Words in the picture: how many, or which one.
    """
    drag = QDrag(source)
    drag.setMimeData(mime)
    is_pile = mime.data(URLS_TYPE).count(b"\n") > 1
    drag.setPixmap(drag_picture(source, theme, icon, text, is_pile=is_pile))
    drag.setHotSpot(QPoint(-12, -8))
    drop = PatientDrop(drag, source)
    drag.exec(Qt.DropAction.CopyAction)
    drop.end()


def drag_picture(source: QWidget, theme: Theme, icon: str, text: str, *, is_pile: bool) -> QPixmap:
    """A small sheet with a sign and words, on a pile where there are several."""
    metrics, ratio = QFontMetrics(source.font()), source.devicePixelRatioF()
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideMiddle, _WIDEST)
    width = metrics.horizontalAdvance(shown) + _ICON + 3 * _PADDING
    height = metrics.height() + _PADDING + 4
    rest = _SHADE if is_pile else 0
    picture = QPixmap(QSize(width + rest, height + rest) * ratio)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(theme.colour("field-line"))
    for shift in range(rest, -1, -_SHADE):
        painter.setBrush(theme.colour("selection" if shift == 0 else "chip"))
        painter.drawRoundedRect(QRectF(shift + 0.5, shift + 0.5, width - 1, height - 1), 6, 6)
    top = (height - _ICON) // 2
    painter.drawPixmap(QPointF(_PADDING, top), theme.icon(icon, "accent").pixmap(_ICON, _ICON))
    painter.setFont(source.font())
    painter.setPen(theme.colour("text"))
    area = QRectF(_PADDING * 2 + _ICON, 0, width, height)
    painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), shown)
    painter.end()
    return picture
