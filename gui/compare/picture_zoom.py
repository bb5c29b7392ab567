"""Which part of pictures is seen, and how large: the same for all that are shown together.

Why relative to the picture and not in pixels: the same place of pictures of different sizes is
looked at, and a picture that fits its room fits it whatever its size.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QPainter

MOST_ZOOM = 64.0
STEP = 1.25
MOVES = {
    Qt.Key.Key_Left: QPointF(40, 0),
    Qt.Key.Key_Right: QPointF(-40, 0),
    Qt.Key.Key_Up: QPointF(0, 40),
    Qt.Key.Key_Down: QPointF(0, -40),
}
"""How far an arrow key moves pictures, in pixels."""
_ENLARGED = 2.0  # from this scale on, pixels are shown as squares


class PictureZoom(QObject):
    """A zoom and a place in the picture.

    Signals:
        changed: Another part is seen.
    """

    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.factor = 1.0
        self._centre = QPointF(0.5, 0.5)

    @property
    def is_fitted(self) -> bool:
        """Whether whole pictures are seen."""
        return self.factor == 1.0

    def place(self, size: QSize, room: QRectF) -> QRectF:
        """Where a picture of this size is drawn so that the room shows the part that is seen."""
        if size.isEmpty() or room.isEmpty():
            return QRectF()
        scale = fitting_scale(size, room) * self.factor
        width, height = size.width() * scale, size.height() * scale
        centre = QPointF(
            _held(self._centre.x(), room.width() / width),
            _held(self._centre.y(), room.height() / height),
        )
        return QRectF(
            room.center().x() - centre.x() * width,
            room.center().y() - centre.y() * height,
            width,
            height,
        )

    def zoom_at(self, point: QPointF, factor: float, size: QSize, room: QRectF) -> None:
        """Show more or less; what is at a point of the room stays there."""
        wanted = min(MOST_ZOOM, max(1.0, self.factor * factor))
        if wanted == self.factor:
            return
        before = self.place(size, room)
        if before.isEmpty():
            return
        x = (point.x() - before.x()) / before.width()
        y = (point.y() - before.y()) / before.height()
        self.factor = wanted
        scale = fitting_scale(size, room) * wanted
        offset = room.center() - point
        self._centre = QPointF(
            x + offset.x() / (size.width() * scale), y + offset.y() / (size.height() * scale)
        )
        self._hold(size, room)
        self.changed.emit()

    def move_by(self, delta: QPointF, size: QSize, room: QRectF) -> None:
        """Move what is seen by some pixels on screen."""
        place = self.place(size, room)
        if place.isEmpty() or self.is_fitted:
            return
        self._hold(size, room)
        self._centre -= QPointF(delta.x() / place.width(), delta.y() / place.height())
        self._hold(size, room)
        self.changed.emit()

    def reset(self) -> None:
        """See whole pictures again."""
        if not self.is_fitted:
            self.factor, self._centre = 1.0, QPointF(0.5, 0.5)
            self.changed.emit()

    def _hold(self, size: QSize, room: QRectF) -> None:
        scale = fitting_scale(size, room) * self.factor
        self._centre = QPointF(
            _held(self._centre.x(), room.width() / (size.width() * scale)),
            _held(self._centre.y(), room.height() / (size.height() * scale)),
        )


def fitting_scale(size: QSize, room: QRectF) -> float:
    """How large a picture is drawn that fits into a room."""
    return min(room.width() / max(1, size.width()), room.height() / max(1, size.height()))


def draw_picture(painter: QPainter, image: QImage, place: QRectF, room: QRectF) -> None:
    """Draw a picture at a place, as far as that is in the room."""
    if image.isNull() or place.isEmpty():
        return
    scale = place.width() / image.width()
    painter.save()
    painter.setClipRect(room, Qt.ClipOperation.IntersectClip)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, scale < _ENLARGED)
    painter.drawImage(place, image)
    painter.restore()


def _held(centre: float, share: float) -> float:
    """A centre such that no room is left empty beside a picture that is larger than it."""
    if share >= 1:
        return 0.5
    return min(1 - share / 2, max(share / 2, centre))
