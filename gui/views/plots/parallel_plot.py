"""Parallel axes and the lines of the runs across them: pointed at, brushed and put in order.

A drag along an axis brushes it; a drag of its name moves it. By keys: Left and Right go from axis
to axis, Shift with them moves the axis, Up and Down make and move a brush, Shift with them makes
it higher or lower, Delete takes it away, L makes the axis logarithmic, C gives runs their colours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from core.compare.axes import ValueAxis
from gui.plots.parallel_lines import ParallelPicture, paint_highlight, paint_parallel, plane
from gui.plots.plot_columns import key_title
from gui.plots.plot_paint import small_font, transform_of
from gui.theme import Theme
from gui.views.plots.axis_layer import AxisLayer
from gui.views.plots.parallel_axis import TITLE_ROOM, AxisPaint

BELOW, SIDE = 12.0, 56.0
REACH = 26.0
"""Pixels beside an axis that belong to it."""

_LEAST_BRUSH = 0.01
_KEY_BRUSH, _KEY_STEP = 0.2, 0.05


class _Drag(Struct):
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
        self._keys: list[str] = []  # as they are wanted: the picture follows in a moment
        self._current = ""
        self._drag: _Drag | None = None
        self._layer = AxisLayer(self, self._paint_axes)
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
        self._keys = [axis.key for axis in picture.axes]
        if self._current not in self._keys:
            self._current = self._keys[0]
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
        if self.highlighted is not None and self.highlighted < len(picture.heights):
            ground = self.theme.colour("window")
            paint_highlight(painter, picture, self.highlighted, self.area, ground)
        is_moving = self._drag is not None and self._drag.is_axis
        if as_lines or is_moving:
            self._paint_axes(painter, picture.axes)
        else:
            current = self._current if self.hasFocus() else ""
            layer = self._layer.image(picture.axes, self.theme.scheme, current)
            painter.drawPixmap(0, 0, layer)
        for number, axis in enumerate(picture.axes):
            self._look_of(number, axis).paint_brushes(painter, self.brushes.get(axis.key, ()))

    def _paint_axes(self, painter: QPainter, axes: Sequence[ValueAxis]) -> None:
        painter.setFont(small_font(self.font()))
        for number, axis in enumerate(axes):
            is_current = self.hasFocus() and axis.key == self._current
            self._look_of(number, axis).paint(painter, is_current=is_current)

    def _look_of(self, number: int, axis: ValueAxis) -> AxisPaint:
        x = self.x_of(number)
        drag = self._drag
        if drag is not None and drag.is_axis and drag.axis == number and drag.at is not None:
            x = drag.at.x()
        ends = self.y_of(0), self.y_of(1)
        return AxisPaint(axis, x, ends, (self.room, float(self.width())), self.theme)

    @property
    def room(self) -> float:
        """Pixels from one axis to the next."""
        return self.area.width() / max(1, len(self.axes) - 1) - 6 if len(self.axes) > 1 else 200.0

    # The mouse

    def axis_at(self, at: QPointF) -> int | None:
        """The axis that a point belongs to."""
        if not self.axes:
            return None
        closest = min(range(len(self.axes)), key=lambda n: abs(self.x_of(n) - at.x()))
        reach = self.room / 2 if at.y() < TITLE_ROOM - 6 else min(REACH, self.room / 3)
        return closest if abs(self.x_of(closest) - at.x()) <= reach else None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        at = event.position()
        axis = self.axis_at(at)
        if axis is None:
            self.clicked.emit(at)
            return
        self.left.emit()  # what was under the pointer may not be in the brush
        self._current = self.axes[axis].key
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
        key = self.axes[axis].key
        keys = [each for each in self._keys if each != key]
        count = max(1, len(self.axes) - 1)
        place = round((x - self.area.left()) / self.area.width() * count)
        keys.insert(max(0, min(place, len(keys))), key)
        self._order(keys)

    # The keyboard

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.axes or not self._press(event):
            super().keyPressEvent(event)

    def _press(self, event: QKeyEvent) -> bool:
        key, is_shift = (
            Qt.Key(event.key()),
            bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier),
        )
        column = self._current
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
        here = self._keys.index(self._current)
        place = max(0, min(here + by, len(self._keys) - 1))
        if moves:
            keys = [key for key in self._keys if key != self._current]
            keys.insert(place, self._current)
            self._order(keys)
            return
        self._current = self._keys[place]
        self._say_current()

    def _order(self, keys: list[str]) -> None:
        if keys != self._keys:
            self._keys = keys
            self.ordered.emit(keys)

    def _brush_by(self, by: float, *, grows: bool) -> None:
        """Move the brush of the current axis, or make one where the keys come from."""
        key = self._current
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
        self.setAccessibleDescription(f"Axis {key_title(self._current)}")

    # Others

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        at = QPointF(event.pos())
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        axis = self._keys.index(self._current) if by_key and self._keys else self.axis_at(at)
        if axis is None or axis >= len(self.axes):
            return
        _axis_menu(self, self.axes[axis]).popup(event.globalPos())

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


def _axis_menu(plot: ParallelPlot, axis: ValueAxis) -> QMenu:
    """What can be done with an axis."""
    menu = QMenu(plot)
    log = menu.addAction("Logarithmic")
    log.setCheckable(True)
    log.setChecked(axis.is_log)
    log.setEnabled(axis.can_be_log)
    log.triggered.connect(lambda: plot.log_wanted.emit(axis.key))
    colour, hide = menu.addAction("Colour by This"), menu.addAction("Hide Axis")
    colour.triggered.connect(lambda: plot.colour_wanted.emit(axis.key))
    hide.triggered.connect(lambda: plot.hiding_wanted.emit(axis.key))
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu
