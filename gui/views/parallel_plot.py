"""Parallel axes and the lines of the runs across them: pointed at, brushed and put in order.

A drag along an axis brushes it; a drag of its name moves it. By keys: Left and Right go from axis
to axis, Shift with them moves the axis, Up and Down make and move a brush, Shift with them makes
it higher or lower, Delete takes it away, L makes the axis logarithmic, C gives runs their colours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFont,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from core.compare.axes import ValueAxis, number_text
from core.compare.ticks import Tick, ticks
from gui.parallel_lines import ParallelPicture, paint_parallel, plane
from gui.plot_columns import key_title, look_of
from gui.plot_paint import AxisLook, small_font, transform_of
from gui.plot_strokes import polygon
from gui.theme import Theme

TITLE_ROOM, BELOW, SIDE = 30.0, 12.0, 56.0
BRUSH_WIDTH = 14.0
REACH = 26.0
"""Pixels beside an axis that belong to it."""

FEW = 8
"""An axis of no more different numbers than these says each of them."""

_LEAST_BRUSH = 0.01
_KEY_BRUSH, _KEY_STEP = 0.2, 0.05


@dataclass(slots=True)
class _Drag:
    """What the pointer moves: a brush of an axis, or an axis."""

    axis: int
    start: QPointF
    is_axis: bool
    moved: tuple[float, float] | None = None  # the brush that is moved as it was
    at: QPointF | None = None


class ParallelPlot(QWidget):
    """Draws parallel coordinates and lets the user brush and order the axes.

    Args:
        theme: Colours.
        parent: Owner.

    Signals:
        brushed: Brushes are others now; True when the hand has come to rest.
        ordered: Axes are in another order (the new order of keys).
        pointed: The pointer is here.
        left: The pointer is elsewhere.
        clicked: A click beside the axes.
        log_wanted: The axis of this key is to be logarithmic, or not any more.
        colour_wanted: The column of this key is to decide the colours.
        hiding_wanted: The axis of this key is not wanted.
        resized: It has another size.
    """

    brushed = Signal(bool)
    ordered = Signal(list)
    pointed = Signal(QPointF)
    left = Signal()
    clicked = Signal(QPointF)
    log_wanted = Signal(str)
    colour_wanted = Signal(str)
    hiding_wanted = Signal(str)
    resized = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("parallelPlot")
        self.setAccessibleName("Parallel coordinates")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(240, 160)
        self.theme = theme
        self.picture: ParallelPicture | None = None
        self.highlighted: int | None = None
        self.brushes: dict[str, list[tuple[float, float]]] = {}
        self._current = 0
        self._drag: _Drag | None = None
        theme.changed.connect(self.update)

    @property
    def area(self) -> QRectF:
        """Between the outer axes, from their lower to their upper ends."""
        width, height = self.width() - 2 * SIDE, self.height() - TITLE_ROOM - BELOW
        return QRectF(SIDE, TITLE_ROOM, max(40.0, width), max(40.0, height))

    @property
    def axes(self) -> Sequence[ValueAxis]:
        """The axes from left to right."""
        return self.picture.axes if self.picture is not None else ()

    def show_picture(self, picture: ParallelPicture) -> None:
        """Draw this from now on."""
        self.picture = picture
        self._current = max(0, min(self._current, len(picture.axes) - 1))
        self._say_current()
        self.update()

    def x_of(self, axis: int) -> float:
        """Where an axis stands."""
        count = max(1, len(self.axes) - 1)
        return self.area.left() + self.area.width() * axis / count

    def y_of(self, height: float) -> float:
        """Where a height from 0 to 1 is."""
        view = plane(len(self.axes))
        return transform_of(view, self.area).map(QPointF(0, height)).y()

    def height_of(self, y: float) -> float:
        """The height from 0 to 1 that a place of the widget is at."""
        view = plane(len(self.axes))
        inverse, _ = transform_of(view, self.area).inverted()
        return max(0.0, min(inverse.map(QPointF(0, y)).y(), 1.0))

    def set_brushes(self, brushes: Mapping[str, Sequence[tuple[float, float]]]) -> None:
        """Brush these ranges and no others."""
        self.brushes = {key: list(ranges) for key, ranges in brushes.items() if ranges}
        self.brushed.emit(True)  # noqa: FBT003 - a signal
        self.update()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_on(painter)
        painter.end()

    def paint_on(self, painter: QPainter, *, as_lines: bool = False) -> None:
        """Paint all of it.

        Args:
            painter: Of the widget, or of a file.
            as_lines: Draw each line anew, and no picture of them: for vector graphics.
        """
        painter.fillRect(self.rect(), self.theme.colour("window"))
        picture = self.picture
        if picture is None:
            return
        if as_lines:
            paint_parallel(picture, painter, plane(len(picture.axes)), self.area)
        elif picture.raster is not None:
            painter.drawImage(self.area, picture.raster.image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_highlight(painter, picture)
        painter.setFont(small_font(self.font()))
        for number, axis in enumerate(picture.axes):
            self._paint_axis(painter, number, axis)

    def _paint_highlight(self, painter: QPainter, picture: ParallelPicture) -> None:
        if self.highlighted is None or self.highlighted >= len(picture.heights):
            return
        import numpy as np  # the module of the lines has it already

        row = picture.heights[self.highlighted]
        known = np.flatnonzero(np.isfinite(row))
        number = picture.wish.numbers[self.highlighted]
        colours = picture.wish.colours
        painter.save()
        painter.setTransform(transform_of(plane(len(row)), self.area))
        for colour, width in (
            (self.theme.colour("window"), 5.5),
            (colours[number % len(colours)], 3.0),
        ):
            pen = QPen(colour, width)
            pen.setCosmetic(True)
            painter.setPen(pen)
            painter.drawPolyline(polygon(known.astype(float), row[known]))
        painter.restore()

    def _paint_axis(self, painter: QPainter, number: int, axis: ValueAxis) -> None:
        x, top, bottom = self.x_of(number), self.y_of(1), self.y_of(0)
        is_moved = self._drag is not None and self._drag.is_axis and self._drag.axis == number
        if is_moved and self._drag is not None and self._drag.at is not None:
            x = self._drag.at.x()
        painter.setPen(QPen(self.theme.colour("field-line"), 1))
        painter.drawLine(QPointF(x, top), QPointF(x, bottom))
        self._paint_ticks(painter, x, axis)
        self._paint_title(painter, number, x, axis)
        shade = self.theme.colour("accent")
        painter.setPen(QPen(shade, 1))
        shade.setAlpha(70)
        painter.setBrush(shade)
        for low, high in self.brushes.get(axis.key, ()):
            y = self.y_of(high)
            box = QRectF(x - BRUSH_WIDTH / 2, y, BRUSH_WIDTH, max(2.0, self.y_of(low) - y))
            painter.drawRoundedRect(box, 2, 2)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _paint_title(self, painter: QPainter, number: int, x: float, axis: ValueAxis) -> None:
        font = QFont(small_font(self.font()))
        is_current = self.hasFocus() and number == self._current
        font.setBold(True)
        font.setUnderline(is_current)
        painter.save()
        painter.setFont(font)
        painter.setPen(self.theme.colour("accent" if is_current else "text"))
        metrics = QFontMetricsF(font)
        title = key_title(axis.key) + (" (log)" if axis.is_log else "")
        room = self._room()
        text = metrics.elidedText(title, Qt.TextElideMode.ElideMiddle, room)
        width = metrics.horizontalAdvance(text)
        left = max(4.0, min(x - width / 2, self.width() - width - 4))
        painter.drawText(QPointF(left, TITLE_ROOM - 14), text)
        painter.restore()

    def _paint_ticks(self, painter: QPainter, x: float, axis: ValueAxis) -> None:
        metrics = QFontMetricsF(painter.font())
        line = metrics.height()
        look = look_of(axis)
        most = max(2, int(self.area.height() / (line * (1.3 if axis.kind == "words" else 3.4))))
        ground = self.theme.colour("window")
        ground.setAlpha(205)
        span = axis.high - axis.low
        low, high = (axis.low, axis.high) if span > 0 else (axis.low - 0.5, axis.high + 0.5)
        for tick in self._ticks(axis, look, (low, high), most):
            height = (tick.place - axis.low) / span if span > 0 else 0.5
            if not 0 <= height <= 1 or (span <= 0 and tick.place != axis.low):
                continue
            y = self.y_of(height)
            painter.setPen(QPen(self.theme.colour("field-line"), 1))
            painter.drawLine(QPointF(x - 3, y), QPointF(x + 3, y))
            text = metrics.elidedText(tick.text, Qt.TextElideMode.ElideMiddle, self._room() - 14)
            width = metrics.horizontalAdvance(text)
            box = QRectF(x + 6, y - line / 2, width + 4, line)
            if box.right() > self.width():
                box.moveRight(x - 6)
            painter.fillRect(box, ground)
            painter.setPen(self.theme.colour("muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _ticks(
        self, axis: ValueAxis, look: AxisLook, ends: tuple[float, float], most: int
    ) -> list[Tick]:
        """Round numbers, or the very values of an axis that has few."""
        places = sorted(set(filter(isfinite, axis.places))) if axis.different <= FEW else []
        gaps = [b - a for a, b in pairwise(places)]
        if axis.kind == "words" or not places or min(gaps, default=1.0) * most < ends[1] - ends[0]:
            return ticks(look.kind, *ends, most, look.words)
        return [Tick(p, number_text(10**p if axis.is_log else p)) for p in places]

    def _room(self) -> float:
        """Pixels from one axis to the next."""
        return self.area.width() / max(1, len(self.axes) - 1) - 6 if len(self.axes) > 1 else 200.0

    # The mouse

    def axis_at(self, at: QPointF) -> int | None:
        """The axis that a point belongs to."""
        if not self.axes:
            return None
        closest = min(range(len(self.axes)), key=lambda n: abs(self.x_of(n) - at.x()))
        reach = self._room() / 2 if at.y() < TITLE_ROOM - 6 else min(REACH, self._room() / 3)
        return closest if abs(self.x_of(closest) - at.x()) <= reach else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position()
        axis = self.axis_at(at)
        if axis is None:
            self.clicked.emit(at)
            return
        self._current = axis
        self._say_current()
        is_axis = at.y() < TITLE_ROOM - 6
        self._drag = _Drag(axis, at, is_axis)
        if not is_axis:
            height = self.height_of(at.y())
            ranges = self.brushes.get(self.axes[axis].key, [])
            self._drag.moved = next((r for r in ranges if r[0] <= height <= r[1]), None)
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at, drag = event.position(), self._drag
        if drag is None:
            self.setCursor(self._cursor_at(at))
            self.pointed.emit(at)
            return
        moved = (at - drag.start).manhattanLength()
        if drag.at is None and moved < QApplication.startDragDistance():
            return
        drag.at = at
        if not drag.is_axis:
            self._brush_to(drag, at)
            self.brushed.emit(False)  # noqa: FBT003 - a signal
        self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        drag, self._drag = self._drag, None
        if drag is None:
            return
        key = self.axes[drag.axis].key
        if drag.is_axis and drag.at is not None:
            self._drop_axis(drag.axis, drag.at.x())
        elif not drag.is_axis and drag.at is None and drag.moved is None and key in self.brushes:
            del self.brushes[key]  # a click beside the brushes takes them away
        if not drag.is_axis:
            self.brushed.emit(True)  # noqa: FBT003 - a signal
        self.update()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.set_brushes({})

    def _cursor_at(self, at: QPointF) -> Qt.CursorShape:
        axis = self.axis_at(at)
        if axis is None:
            return Qt.CursorShape.ArrowCursor
        is_title = at.y() < TITLE_ROOM - 6
        return Qt.CursorShape.SizeHorCursor if is_title else Qt.CursorShape.CrossCursor

    def _brush_to(self, drag: _Drag, at: QPointF) -> None:
        key = self.axes[drag.axis].key
        start, now = self.height_of(drag.start.y()), self.height_of(at.y())
        if drag.moved is None:
            self.brushes[key] = [(min(start, now), max(start, now, min(start, now) + _LEAST_BRUSH))]
            return
        low, high = drag.moved
        by = max(-low, min(now - start, 1 - high))
        self.brushes[key] = [(low + by, high + by)]

    def _drop_axis(self, axis: int, x: float) -> None:
        keys = [each.key for each in self.axes]
        key = keys.pop(axis)
        count = max(1, len(self.axes) - 1)
        place = round((x - self.area.left()) / self.area.width() * count)
        keys.insert(max(0, min(place, len(keys))), key)
        self._current = keys.index(key)
        self.ordered.emit(keys)

    # The keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.axes or not self._press(event):
            super().keyPressEvent(event)

    def _press(self, event: QKeyEvent) -> bool:
        key, is_shift = (
            Qt.Key(event.key()),
            bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier),
        )
        column = self.axes[self._current].key
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self._go(-1 if key == Qt.Key.Key_Left else 1, moves=is_shift)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._brush_by(_KEY_STEP if key == Qt.Key.Key_Up else -_KEY_STEP, grows=is_shift)
        elif key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and column in self.brushes:
            del self.brushes[column]
            self.brushed.emit(True)  # noqa: FBT003 - a signal
        elif key == Qt.Key.Key_L:
            self.log_wanted.emit(column)
        elif key == Qt.Key.Key_C:
            self.colour_wanted.emit(column)
        else:
            return False
        self.update()
        return True

    def _go(self, by: int, *, moves: bool) -> None:
        place = max(0, min(self._current + by, len(self.axes) - 1))
        if moves and place != self._current:
            keys = [axis.key for axis in self.axes]
            keys.insert(place, keys.pop(self._current))
            self.ordered.emit(keys)
        self._current = place
        self._say_current()

    def _brush_by(self, by: float, *, grows: bool) -> None:
        """Move the brush of the current axis, or make one where the keys come from."""
        key = self.axes[self._current].key
        low, high = (self.brushes.get(key) or [(0.0, 0.0)])[0]
        if high <= low:
            low, high = (0.0, _KEY_BRUSH) if by > 0 else (1 - _KEY_BRUSH, 1.0)
        elif grows:
            high = max(low + _LEAST_BRUSH, min(1.0, high + by))
        else:
            by = max(-low, min(by, 1 - high))
            low, high = low + by, high + by
        self.brushes[key] = [(low, high)]
        self.brushed.emit(True)  # noqa: FBT003 - a signal

    def _say_current(self) -> None:
        if self.axes:
            self.setAccessibleDescription(f"Axis {key_title(self.axes[self._current].key)}")

    # Others

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = QPointF(event.pos())
        axis = self._current if event.reason().name == "Keyboard" else self.axis_at(at)
        if axis is None or axis >= len(self.axes):
            return
        found = self.axes[axis]
        menu = QMenu(self)
        log = menu.addAction("Logarithmic")
        log.setCheckable(True)
        log.setChecked(found.is_log)
        log.setEnabled(found.can_be_log)
        log.triggered.connect(lambda: self.log_wanted.emit(found.key))
        menu.addAction("Colour by This").triggered.connect(
            lambda: self.colour_wanted.emit(found.key)
        )
        menu.addAction("Hide Axis").triggered.connect(lambda: self.hiding_wanted.emit(found.key))
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()

    def resizeEvent(self, event: QEvent) -> None:
        self.resized.emit()
