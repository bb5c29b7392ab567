"""Two pictures compared: side by side, blinking, one under a slider, or their difference."""

from __future__ import annotations

from typing import Literal

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QShowEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.compare.picture_zoom import MOVES, STEP, PictureZoom, draw_picture
from gui.theme import Theme

PairMode = Literal["beside", "blink", "slider", "difference"]

BLINK_MS = 700
_GAP = 2
_MARGIN = 10
_GRIP = 8  # pixels around the slider's line in which it is gripped


class ImagePair(QWidget):
    """Draws two pictures in one of the ways to compare them.

    Args:
        theme: The colours.
        parent: Owner.

    Signals:
        mode_changed: They are compared in another way.
        side_shown: While blinking, the picture of the other side is seen (0 left, 1 right).
    """

    mode_changed = Signal()
    side_shown = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._images: tuple[QImage | None, QImage | None] = (None, None)
        self._difference: QImage | None = None
        self._titles = ("", "")
        self._share = 0.5
        self._side = 0
        self._drag: QPointF | None = None
        self._is_sliding = self._is_paused = False
        self._problems = ("", "")
        self.mode: PairMode = "beside"
        self.zoom = PictureZoom(self)
        self.zoom.changed.connect(self.update)
        self._blink = QTimer(self, interval=BLINK_MS)
        self._blink.timeout.connect(self._turn)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        self.setMouseTracking(True)
        theme.changed.connect(self.update)

    def show_images(
        self,
        left: QImage | None,
        right: QImage | None,
        titles: tuple[str, str],
        problems: tuple[str, str] = ("cannot be decoded",) * 2,
    ) -> None:
        """Show other pictures.

        Args:
            left: One; None where there is none, a null one where it cannot be decoded.
            right: The other one.
            titles: What they are called.
            problems: Why it cannot, the end of a sentence about each.
        """
        self._images = (left, right)
        self._problems = problems
        self._titles = titles
        self._difference = None
        self.zoom.reset()
        self.update()

    def show_difference(self, image: QImage) -> None:
        """Have the picture for the mode "difference"."""
        self._difference = image
        self.update()

    @property
    def images(self) -> tuple[QImage | None, QImage | None]:
        """The pictures."""
        return self._images

    @property
    def has_both(self) -> bool:
        """Whether there are two pictures to compare."""
        return all(image is not None and not image.isNull() for image in self._images)

    @property
    def lacks_difference(self) -> bool:
        """Whether the difference is to be shown and not known yet."""
        return self.mode == "difference" and self._difference is None and self.has_both

    def set_mode(self, mode: PairMode) -> None:
        """Compare in another way."""
        if mode != self.mode:
            self.mode, self._is_paused = mode, False
            self._let_blink()
            self.mode_changed.emit()
            self.update()

    @property
    def is_blinking(self) -> bool:
        """Whether one picture takes the place of the other by itself."""
        return self._blink.isActive()

    def pause(self, *, on: bool) -> None:
        """Stop blinking at the picture that is seen, or go on."""
        self._is_paused = on
        self._let_blink()
        self.update()

    # Inside

    def _let_blink(self) -> None:
        if not self._is_paused and self.mode == "blink" and self.isVisible():
            self._blink.start()
        else:
            self._blink.stop()

    def _turn(self) -> None:
        self._side = 1 - self._side
        self.side_shown.emit(self._side)
        self.update()

    def _room(self) -> QRectF:
        head = self.fontMetrics().height() + 8
        return QRectF(self.rect()).adjusted(_MARGIN, head, -_MARGIN, -_MARGIN)

    def _rooms(self) -> list[QRectF]:
        """Where either picture is seen; one room for modes in which they lie on each other."""
        room = self._room()
        if self.mode != "beside":
            return [room]
        half = (room.width() - _MARGIN) / 2
        return [
            QRectF(room.x(), room.y(), half, room.height()),
            QRectF(room.right() - half, room.y(), half, room.height()),
        ]

    def _there(self) -> int:
        """The side that is seen where only one can be: the left one, but for a lack of it."""
        left, right = self._images
        return 1 if right and (left is None or left.isNull()) else 0

    def _shown_size(self) -> QSize:
        return next((image.size() for image in self._images if image), QSize())

    def _room_at(self, point: QPointF) -> QRectF:
        return next((room for room in self._rooms() if room.contains(point)), self._rooms()[0])

    def _draw_titles(self, painter: QPainter) -> None:
        painter.setPen(self._theme.colour("muted"))
        rooms = self._rooms()
        if self.mode == "beside" or (self.mode == "slider" and self.has_both):
            titles: list[tuple[str, QRectF, Qt.AlignmentFlag]] = [
                (self._titles[0], rooms[0], Qt.AlignmentFlag.AlignLeft),
                (self._titles[1], rooms[-1], Qt.AlignmentFlag.AlignRight),
            ]
        elif self.mode == "blink":
            title = f"{self._titles[self._side]}{' · stopped' if self._is_paused else ''}"
            titles = [(title, rooms[0], Qt.AlignmentFlag.AlignLeft)]
        else:
            both = f"{self._titles[0]} − {self._titles[1]}"
            text = both if self.has_both else self._titles[self._there()]
            titles = [(text, rooms[0], Qt.AlignmentFlag.AlignLeft)]
        for text, room, side in titles:
            head = QRectF(room.x(), 4, room.width(), self.fontMetrics().height())
            if self.mode == "slider":
                head.setWidth(room.width() / 2 - 8)
                if side == Qt.AlignmentFlag.AlignRight:
                    head.moveRight(room.right())
            shown = self.fontMetrics().elidedText(
                text, Qt.TextElideMode.ElideRight, int(head.width())
            )
            if self.mode == "beside":
                side = Qt.AlignmentFlag.AlignLeft
            painter.drawText(head, side | Qt.AlignmentFlag.AlignVCenter, shown)

    def _draw(self, painter: QPainter, side: int, room: QRectF) -> None:
        image = self._images[side]
        if image is None or image.isNull():
            painter.setPen(self._theme.colour("muted"))
            painter.fillRect(room, self._theme.colour("no-line"))
            text = "No such picture" if image is None else f"The picture {self._problems[side]}"
            flags = int(Qt.AlignmentFlag.AlignCenter) | int(Qt.TextFlag.TextWordWrap)
            painter.drawText(room.adjusted(4, 0, -4, 0), flags, text)
            return
        draw_picture(painter, image, self.zoom.place(image.size(), room), room)

    def _draw_slider(self, painter: QPainter, room: QRectF) -> None:
        x = room.x() + room.width() * self._share
        left, right = QRectF(room), QRectF(room)
        left.setRight(x)
        right.setLeft(x)
        for side, part in enumerate((left, right)):
            painter.save()
            painter.setClipRect(part)
            self._draw(painter, side, room)
            painter.restore()
        painter.fillRect(
            QRectF(x - _GAP / 2, room.y(), _GAP, room.height()), self._theme.colour("accent")
        )
        grip = QRectF(x - 5, room.center().y() - 14, 10, 28)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("accent"))
        painter.drawRoundedRect(grip, 5, 5)

    def _is_on_slider(self, point: QPointF) -> bool:
        room = self._rooms()[0]
        x = room.x() + room.width() * self._share
        return self.mode == "slider" and self.has_both and abs(point.x() - x) <= _GRIP

    def _slide_to(self, x: float) -> None:
        room = self._rooms()[0]
        self._share = min(1.0, max(0.0, (x - room.x()) / max(1.0, room.width())))
        self.update()

    # Qt overrides

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("code"))
        if self._images == (None, None):
            return
        self._draw_titles(painter)
        rooms = self._rooms()
        if self.mode == "slider" and self.has_both:
            self._draw_slider(painter, rooms[0])
        elif self.mode == "difference" and self._difference is not None:
            image = self._difference
            draw_picture(painter, image, self.zoom.place(image.size(), rooms[0]), rooms[0])
        elif self.mode == "beside":
            for side in (0, 1):
                self._draw(painter, side, rooms[side])
        else:
            self._draw(painter, self._side if self.mode == "blink" else self._there(), rooms[0])
        if self.hasFocus():
            painter.setPen(self._theme.colour("accent"))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._let_blink()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._blink.stop()

    def wheelEvent(self, event: QWheelEvent) -> None:
        factor = STEP ** (event.angleDelta().y() / 120)
        point = event.position()
        self.zoom.zoom_at(point, factor, self._shown_size(), self._room_at(point))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._drag = event.position()
        self._is_sliding = self._is_on_slider(event.position())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        point = event.position()
        is_down = bool(event.buttons() & Qt.MouseButton.LeftButton)
        if self._drag is not None and is_down:
            if self._is_sliding:
                self._slide_to(point.x())
            else:
                self.zoom.move_by(point - self._drag, self._shown_size(), self._room_at(point))
                self._drag = point
            return
        shapes = Qt.CursorShape
        wanted = shapes.SplitHCursor if self._is_on_slider(point) else shapes.ArrowCursor
        self.setCursor(wanted)

    def mouseReleaseEvent(self, _event: QMouseEvent) -> None:
        self._drag = None

    def mouseDoubleClickEvent(self, _event: QMouseEvent) -> None:
        self.zoom.reset()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        room = self._rooms()[0]
        key = Qt.Key(event.key())
        if (
            self.mode == "slider"
            and self.zoom.is_fitted
            and key in (Qt.Key.Key_Left, Qt.Key.Key_Right)
        ):
            self._slide_to(room.x() + room.width() * self._share - MOVES[key].x() / 2)
        elif key in MOVES:
            self.zoom.move_by(MOVES[key], self._shown_size(), room)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            factor = 1 / STEP if key == Qt.Key.Key_Minus else STEP
            self.zoom.zoom_at(room.center(), factor, self._shown_size(), room)
        elif key == Qt.Key.Key_0:
            self.zoom.reset()
        elif key == Qt.Key.Key_Space and self.mode == "blink":
            self.pause(on=self.is_blinking)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.mode == "blink":
            self.pause(on=True)
            self._turn()
        else:
            super().keyPressEvent(event)
