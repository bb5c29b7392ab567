"""A plane that the user zooms, pans and points into; a worker's thread paints what it shows.

Why a picture and not lines: the GUI thread only ever draws one picture, moved and stretched to the
view of the moment, whether it shows two curves or two thousand. A sharp one for that view is
painted meanwhile and takes its place, some ten milliseconds later for few curves, a hundred for
thousands.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QApplication, QWidget

from gui.plots.plot_paint import (
    Axes,
    AxisLook,
    View,
    lay_out_axes,
    paint_axes,
    small_font,
    transform_of,
)
from gui.plots.plot_raster import Raster
from gui.theme import Theme

_WHEEL_STEP = 120.0
_ZOOM = 0.8
STEPS = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0),
          Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1)}  # fmt: skip
"""Which way an arrow key leads, along x and y."""
ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_ZOOMS = {Qt.Key.Key_Plus: 0.7, Qt.Key.Key_Equal: 0.7, Qt.Key.Key_Minus: 1 / 0.7}
_LEAST_SPAN = 1e-12
_ROOM = 0.1  # a share of the view that stays beside a place that keys lead to


class PlotCanvas(QWidget):
    """Axes around a picture.

    Args:
        theme: Colours.
        brushes: Dragging marks a rectangle, and pans with Shift; else the other way round.
        is_still: A glance within a page, which is neither zoomed nor moved.
        parent: Owner.

    Attributes:
        is_zoomed: Whether the user chose a part of the plane; new pictures then move nothing.

    Signals:
        view_moved: The user looks at another part of the plane.
        resized: It has another size.
        pointed: The pointer is at this point of the widget.
        left: The pointer is elsewhere.
        clicked: A click at this point.
        brushed: A rectangle was marked (in coordinates of the axes).
        reset_asked: A double click, or the key 0.
    """

    view_moved = Signal()
    resized = Signal()
    pointed = Signal(QPointF)
    left = Signal()
    clicked = Signal(QPointF)
    brushed = Signal(QRectF)
    reset_asked = Signal()

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        brushes: bool = False,
        is_still: bool = False,
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.view = View(0, 1, 0, 1)
        self.looks = (AxisLook(), AxisLook())
        self.overlay: Callable[[QPainter], None] = lambda painter: None
        self.opacity = 1.0
        self.zooms_by_wheel = False
        self.is_zoomed = False
        self._brushes = brushes
        self._is_still = is_still
        self._raster: Raster | None = None
        self._axes: tuple[object, Axes] | None = None
        self._pressed: QPointF | None = None
        self._last: QPointF | None = None
        self._marked: QRectF | None = None
        self.setMouseTracking(True)
        self.setMinimumSize(160, 110)

    # What is seen

    @property
    def axes(self) -> Axes:
        """The axes as they are laid out now."""
        state = (self.view, self.looks, self.size(), self.font().key())
        if self._axes is None or self._axes[0] != state:
            laid_out = lay_out_axes(
                QRectF(self.rect()), self.view, self.looks, small_font(self.font())
            )
            self._axes = (state, laid_out)
        return self._axes[1]

    @property
    def area(self) -> QRectF:
        """Where the plane is on this widget."""
        return self.axes.area

    @property
    def chosen_view(self) -> View | None:
        """The part that the user chose; None while everything is to be seen."""
        return self.view if self.is_zoomed else None

    def set_view(self, view: View) -> None:
        """Look at another part of the plane: the user chose it."""
        if _is_sound(view) and view != self.view:
            self.view = view
            self.is_zoomed = True
            self.update()
            self.view_moved.emit()

    def be_whole(self, full: View | None = None) -> None:
        """See everything again: at once where that is known, else with the next picture."""
        self.is_zoomed = False
        if full is not None and _is_sound(full):
            self.view = full
            self.update()

    def show_picture(
        self, looks: tuple[AxisLook, AxisLook], full: View | None, raster: Raster | None
    ) -> None:
        """Draw this from now on.

        Args:
            looks: The horizontal and the vertical axis.
            full: The view of everything, which is taken unless the user chose a part.
            raster: The painted picture; None without points.
        """
        self.looks = looks
        if not self.is_zoomed:
            self.be_whole(full)
        self._raster = raster
        self.update()

    def to_plane(self, at: QPointF) -> QPointF:
        """A point of the widget in coordinates of the axes.

        Not by the inverse of a QTransform: Qt says that there is none where a pixel stands for more
        than 1e12, as it does once a loss has exploded.
        """
        view, area = self.view, self.area
        x = (at.x() - area.left()) / area.width()
        y = (area.bottom() - at.y()) / area.height()
        return QPointF(view.left + x * view.width, view.bottom + y * view.height)

    def to_widget(self, x: float, y: float) -> QPointF:
        """A point of the plane on the widget."""
        return transform_of(self.view, self.area).map(QPointF(x, y))

    def reach(self, x: float, y: float) -> None:
        """Have a place in the part that the user chose, which moves there if need be."""
        view = self.view
        by = _beyond(x, view.left, view.right), _beyond(y, view.bottom, view.top)
        if self.is_zoomed and any(by):
            self.set_view(view.moved(*by))

    def zoom(
        self, factor: float, at: QPointF | None = None, *, x: bool = True, y: bool = True
    ) -> None:
        """See `factor` times as much, of x or of y or of both, around a point of the widget."""
        point = self.to_plane(at if at is not None else self.area.center())
        scaled = self.view.scaled(factor if x else 1, factor if y else 1, (point.x(), point.y()))
        self.set_view(scaled)

    # Qt overrides

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self.paint_on(painter)
        painter.end()

    def paint_on(self, painter: QPainter) -> None:
        """Paint all of it."""
        painter.fillRect(self.rect(), self.theme.colour("window"))
        painter.setFont(small_font(self.font()))
        axes = self.axes
        paint_axes(painter, axes, self.view, self.looks, self.theme)
        painter.save()
        painter.setClipRect(axes.area.adjusted(-1, -3, 1, 1))
        if self._raster is not None:
            painter.setOpacity(self.opacity)
            self._paint_raster(painter, self._raster)
            painter.setOpacity(1)
        self.overlay(painter)
        painter.restore()
        if self._marked is not None:
            self._paint_mark(painter, self._marked)
        if self.hasFocus() and self.focusProxy() is None:
            painter.setPen(QPen(self.theme.colour("accent"), 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)

    def _paint_raster(self, painter: QPainter, found: Raster) -> None:
        """Draw the picture where its part of the plane is now: unscaled where that is possible."""
        place = self._place_of(found.view)
        size = found.image.deviceIndependentSize()
        if abs(place.width() - size.width()) + abs(place.height() - size.height()) < 0.5:
            painter.drawImage(QPointF(round(place.left()), round(place.top())), found.image)
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(place, found.image)

    def _place_of(self, view: View) -> QRectF:
        transform = transform_of(self.view, self.area)
        return transform.mapRect(QRectF(view.left, view.bottom, view.width, view.height))

    def _paint_mark(self, painter: QPainter, mark: QRectF) -> None:
        shade = self.theme.colour("accent")
        painter.setPen(QPen(shade, 1))
        shade.setAlpha(36)
        painter.setBrush(shade)
        painter.drawRect(mark)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._is_still:
            event.ignore()
            return
        self.setFocus(Qt.FocusReason.MouseFocusReason)
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed = self._last = event.position()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        at = event.position()
        if self._pressed is None or self._last is None:
            self._tell_pointer(at)
            return
        moved = (at - self._pressed).manhattanLength()
        if self._marked is None and moved < QApplication.startDragDistance():
            return
        if self._marks(event):
            self._marked = QRectF(self._pressed, at).normalized().intersected(self.area)
            self.update()
            return
        before, now = self.to_plane(self._last), self.to_plane(at)
        self._last = at
        self.setCursor(Qt.CursorShape.ClosedHandCursor)
        self.set_view(self.view.moved(before.x() - now.x(), before.y() - now.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        pressed, marked = self._pressed, self._marked
        self._pressed = self._last = self._marked = None
        self.unsetCursor()
        self.update()
        if marked is not None:
            corners = self.to_plane(marked.bottomLeft()), self.to_plane(marked.topRight())
            self._on_marked(QRectF(*corners).normalized())
        elif (
            pressed is not None
            and (event.position() - pressed).manhattanLength() < QApplication.startDragDistance()
        ):
            self.clicked.emit(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.reset_asked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        steps = event.angleDelta().y() / _WHEEL_STEP
        is_inside = self.area.contains(event.position())
        is_asked = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if self._is_still or not (self.zooms_by_wheel or is_asked or self.hasFocus()):
            event.ignore()  # the page around scrolls; a plot that was clicked at zooms
            return
        is_left, is_below = event.position().x() < self.area.left(), not is_inside
        self.zoom(_ZOOM**steps, event.position(), x=not is_left, y=is_left or not is_below)
        event.accept()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.resized.emit()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if key in _ZOOMS:
            self.zoom(_ZOOMS[key])
        elif key in STEPS and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            x, y = STEPS[key]
            self.set_view(self.view.moved(0.2 * x * self.view.width, 0.2 * y * self.view.height))
        elif key in (Qt.Key.Key_0, Qt.Key.Key_Home):
            self.reset_asked.emit()
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QEvent) -> None:
        self.update()

    def focusOutEvent(self, event: QEvent) -> None:
        self.update()

    def _marks(self, event: QMouseEvent) -> bool:
        is_shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        is_middle = bool(event.buttons() & Qt.MouseButton.MiddleButton)
        return self._marked is not None or (self._brushes != is_shift and not is_middle)

    def _on_marked(self, plane: QRectF) -> None:
        """A rectangle was marked: what is in it, or a closer look at it."""
        if self._brushes:
            self.brushed.emit(plane)
        elif plane.width() > 0 and plane.height() > 0:
            self.set_view(View(plane.left(), plane.right(), plane.top(), plane.bottom()))

    def _tell_pointer(self, at: QPointF) -> None:
        if self.area.contains(at):
            self.pointed.emit(at)
        else:
            self.left.emit()


def _beyond(value: float, low: float, high: float) -> float:
    """How far a stretch has to move to have a value inside."""
    if low <= value <= high:
        return 0.0
    room = (high - low) * _ROOM
    return value - low - room if value < low else value - high + room


def _is_sound(view: View) -> bool:
    """Whether a view is wide and high enough for floats to tell its ends apart."""
    size_x, size_y = max(abs(view.left), abs(view.right)), max(abs(view.bottom), abs(view.top))
    return (
        size_x < 1e300
        and size_y < 1e300
        and view.width > size_x * _LEAST_SPAN
        and view.height > size_y * _LEAST_SPAN
    )
