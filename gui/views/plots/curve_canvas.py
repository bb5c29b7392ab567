"""The drawing area of curves: the one module that names pyqtgraph.

It is imported when the first curve is wanted, in parts (`gui.startup.gentle_imports`): pyqtgraph
and numpy take 0.2 to 0.4 s to import, which would be seen in the window.

Why plain `PlotCurveItem`s: pyqtgraph's `PlotDataItem` with its automatic clipping and peaks takes
7 times as long to make and is slower to zoom (measured; also pyqtgraph#3301, #1039). What it
offers is done before, in `core.curves`, on a worker thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPen, QWheelEvent
from PySide6.QtWidgets import QWidget

from core.curves import Axis
from core.text import format_duration
from gui.theme import Theme, tabular
from gui.views.plots.curve_picture import Stroke

RAW_ALPHA = {"light": 70, "dark": 80}
LINE_WIDTH = 1.6
NOISY = 8.0
"""How often a curve goes up and down all of its height, beyond which its line is thin: Qt takes a
hundred times as long for a wider one (see gui.plots.plot_strokes)."""
DOT_SIZE = 6
EDGE = 8
"""Pixels beside the plot, where half of a number at its edge has room."""


class QuietAxis(pg.AxisItem):
    """An axis of grid lines and small muted numbers, without a line of its own."""

    meaning: Axis = "step"

    def drawPicture(self, p: Any, axisSpec: Any, tickSpecs: Any, textSpecs: Any) -> None:  # noqa: N803 - pyqtgraph's names
        lines = tickSpecs if self.grid else ()  # without one they are specks
        super().drawPicture(p, (QPen(Qt.PenStyle.NoPen), *axisSpec[1:]), lines, textSpecs)

    def tickStrings(self, values: Sequence[float], scale: float, spacing: float) -> list[str]:
        if self.meaning == "relative" and not self.logMode:
            return [format_duration(value) if value >= 0 else "" for value in values]
        if self.meaning == "wall" and not self.logMode:
            return [_clock(value, spacing) for value in values]
        if self._counts:
            return [f"{value:,.0f}" for value in values]
        return [str(text) for text in super().tickStrings(values, scale, spacing)]

    def tickSpacing(self, minVal: float, maxVal: float, size: float) -> Any:  # noqa: N803 - pyqtgraph's names
        levels = super().tickSpacing(minVal, maxVal, size)
        if not self._counts:
            return levels
        return [(max(1.0, spacing), offset) for spacing, offset in levels]

    @property
    def _counts(self) -> bool:
        """Whether there is no half of what it tells."""
        is_number = self.meaning in ("step", "order") and self.orientation == "bottom"
        return is_number and not self.logMode


class CurveCanvas(pg.PlotWidget):
    """Draws strokes in a view that the user can zoom and pan.

    Args:
        theme: Colours.
        compact: A glance within a page: no zoom, few numbers.
        parent: Owner.

    Signals:
        view_moved: The user zoomed or panned.
        pointed: The pointer is at this point of the plot (x, y in plot coordinates).
        left: The pointer is elsewhere.
        reset_asked: A double click.
    """

    view_moved = Signal()
    pointed = Signal(float, float)
    left = Signal()
    reset_asked = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, compact: bool) -> None:
        self._axes = {side: QuietAxis(side) for side in ("left", "bottom")}
        super().__init__(parent, axisItems=self._axes)
        self._theme = theme
        self._compact = compact
        self._lines: list[Any] = []
        self._dots = pg.ScatterPlotItem(size=DOT_SIZE, pen=None)
        self._marks = pg.ScatterPlotItem(size=DOT_SIZE + 2)
        self._cross = pg.InfiniteLine(angle=90, movable=False)
        self._restarts: list[Any] = []
        self._prepare()
        self.dress()

    def _prepare(self) -> None:
        self.setFrameShape(self.Shape.NoFrame)
        self.viewport().setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the plot around it has the keys
        plot = self.plotItem
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=not self._compact, y=not self._compact)
        plot.vb.disableAutoRange()
        plot.vb.setDefaultPadding(0)
        plot.setContentsMargins(0, 6, EDGE, 0)
        for item in (self._dots, self._marks, self._cross):
            plot.addItem(item, ignoreBounds=True)
        self._marks.setZValue(20)
        self._cross.setZValue(-5)
        self._cross.hide()
        self.setMouseTracking(True)
        plot.vb.sigRangeChangedManually.connect(lambda *_: self.view_moved.emit())

    @property
    def columns(self) -> int:
        """Width of the view in device pixels."""
        return max(50, int(self.plotItem.vb.width() * self.devicePixelRatioF()))

    @property
    def x_range(self) -> tuple[float, float]:
        """Left and right edge of the view, in plot coordinates."""
        low, high = self.plotItem.vb.viewRange()[0]
        return float(low), float(high)

    def set_view(self, x: tuple[float, float], y: tuple[float, float]) -> None:
        """Show this part of the plane."""
        self.plotItem.vb.setRange(xRange=x, yRange=y, padding=0, disableAutoRange=True)

    def set_axes(self, meaning: Axis, *, log_x: bool, log_y: bool) -> None:
        """Say what the numbers on the axes mean."""
        bottom, left = self._axes["bottom"], self._axes["left"]
        if bottom.meaning != meaning:
            bottom.meaning = meaning
            bottom.picture = None
        bottom.setLogMode(x=log_x, y=False)
        left.setLogMode(x=False, y=log_y)
        bottom.update()

    def draw(self, strokes: Sequence[Stroke], restarts: Sequence[float]) -> None:
        """Replace what is drawn."""
        traces = [(s.raw, s.colour, s.smoothed is not None) for s in strokes]
        traces += [(s.smoothed, s.colour, False) for s in strokes if s.smoothed is not None]
        self._fit_pool(len(traces))
        for line, (points, colour, is_faint) in zip(self._lines, traces, strict=True):
            line.setData(np.asarray(points.xs), np.asarray(points.ys), connect="finite")
            line.setPen(self._pen(colour, is_faint=is_faint, is_wide=not is_noisy(points.ys)))
            line.setZValue(1 if is_faint else 2)
        self._draw_dots(strokes)
        self._draw_restarts(restarts)

    def mark(self, x: float, points: Sequence[tuple[float, float, int]]) -> None:
        """Show the crosshair at `x` and a dot on each curve (x, y, colour)."""
        ground = self._theme.colour("window")
        self._cross.setPos(x)
        self._cross.show()
        self._marks.setData(
            [
                {
                    "pos": (px, py),
                    "brush": self._theme.curve_colour(colour),
                    "pen": pg.mkPen(ground, width=1.5),
                }
                for px, py, colour in points
            ]
        )

    def unmark(self) -> None:
        """Hide the crosshair."""
        self._cross.hide()
        self._marks.clear()

    def pixel_of(self, x: float) -> QPoint:
        """Where a value of x is on this widget, at half its height."""
        box = self.plotItem.vb
        middle = sum(box.viewRange()[1]) / 2
        place: QPoint = self.mapFromScene(box.mapViewToScene(QPointF(x, middle)))
        return place

    def zoom(self, factor: float) -> None:
        """Show `factor` times as much of x as now, around the middle."""
        self.plotItem.vb.scaleBy((factor, 1))
        self.view_moved.emit()

    def pan(self, share: float) -> None:
        """Move the view to the right by a share of its width."""
        low, high = self.x_range
        self.plotItem.vb.translateBy(x=(high - low) * share)
        self.view_moved.emit()

    def dress(self) -> None:
        """Take the theme's colours and fonts."""
        self.setBackground(self._theme.colour("window"))
        font = tabular(QFont(self.font()))
        font.setPointSizeF(max(6.0, font.pointSizeF() - 1.5))
        for axis in self._axes.values():
            axis.setPen(pg.mkPen(self._theme.colour("line")))
            axis.setTextPen(pg.mkPen(self._theme.colour("muted")))
            axis.setStyle(tickFont=font, tickLength=0, maxTickLevel=0, hideOverlappingLabels=EDGE)
            axis.enableAutoSIPrefix(enable=False)
            axis.setZValue(-10)  # the grid lies below the curves
        self._axes["left"].setGrid(255)
        self._cross.setPen(pg.mkPen(self._theme.colour("field-line")))

    def _fit_pool(self, count: int) -> None:
        while len(self._lines) < count:
            line = pg.PlotCurveItem(antialias=True)
            self._lines.append(line)
            self.plotItem.addItem(line, ignoreBounds=True)
        while len(self._lines) > count:
            self.plotItem.removeItem(self._lines.pop())

    def _pen(self, colour: int, *, is_faint: bool, is_wide: bool) -> QPen:
        shade = QColor(self._theme.curve_colour(colour))
        if is_faint:
            shade.setAlpha(RAW_ALPHA[self._theme.scheme])
        pen = QPen(shade, LINE_WIDTH if is_wide and not is_faint else 1)
        pen.setCosmetic(True)
        return pen

    def _draw_dots(self, strokes: Sequence[Stroke]) -> None:
        spots = []
        for stroke in strokes:
            points = stroke.smoothed or stroke.raw
            brush = self._theme.curve_colour(stroke.colour)
            spots += [
                {"pos": place, "brush": brush}
                for place in zip(points.dot_xs, points.dot_ys, strict=True)
            ]
        self._dots.setData(spots)

    def _draw_restarts(self, restarts: Sequence[float]) -> None:
        for line in self._restarts:
            self.plotItem.removeItem(line)
        pen = pg.mkPen(self._theme.colour("muted"), style=Qt.PenStyle.DotLine)
        self._restarts = [pg.InfiniteLine(x, angle=90, pen=pen) for x in restarts]
        for line in self._restarts:
            line.setZValue(-6)
            self.plotItem.addItem(line, ignoreBounds=True)

    # Qt overrides

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        super().mouseMoveEvent(event)
        self._tell_pointer(event.position())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        self.reset_asked.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        if self._compact:
            event.ignore()  # the page around scrolls
            return
        super().wheelEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self.left.emit()

    def _tell_pointer(self, position: QPointF) -> None:
        box = self.plotItem.vb
        if not box.sceneBoundingRect().contains(self.mapToScene(position.toPoint())):
            self.left.emit()
            return
        point = box.mapSceneToView(self.mapToScene(position.toPoint()))
        self.pointed.emit(point.x(), point.y())


def _clock(seconds: float, spacing: float) -> str:
    try:
        moment = datetime.fromtimestamp(seconds).astimezone()
    except (OverflowError, ValueError, OSError):
        return ""
    if spacing >= 86_400:
        return f"{moment:%Y-%m-%d}"
    return f"{moment:%H:%M}" if spacing >= 60 else f"{moment:%H:%M:%S}"


def is_noisy(ys: Sequence[float]) -> bool:
    """Whether a curve goes up and down so often that its line is long."""
    known = np.asarray(ys, dtype=float)
    known = known[np.isfinite(known)]
    height = float(np.ptp(known)) if len(known) > 1 else 0.0
    return height > 0 and float(np.abs(np.diff(known)).sum()) > NOISY * height
