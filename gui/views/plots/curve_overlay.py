"""What lies over a picture of curves: restarts, runs that stand out, the crosshair and its spot."""

from __future__ import annotations

from collections.abc import Iterable, Set

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gui.plots.curve_panels import PanelPicture
from gui.plots.plot_strokes import Stroke, paint_strokes
from gui.views.plots.plot_canvas import PlotCanvas

SPOT = 4.5


def paint_restarts(
    painter: QPainter, canvas: PlotCanvas, restarts: Iterable[tuple[float, QColor]]
) -> None:
    """A dotted line where an attempt begins, in its colour."""
    for x, colour in restarts:
        _paint_upright(painter, canvas, x, QPen(colour, 1, Qt.PenStyle.DotLine))


def paint_above(
    painter: QPainter, canvas: PlotCanvas, picture: PanelPicture, slots: Set[int]
) -> None:
    """The curves of some runs once more, above all others."""
    strokes = [
        Stroke(picture.curves[line.slot].curve, line.colour, line.is_dashed)
        for line in picture.wish.lines
        if line.slot in slots and line.slot in picture.curves
    ]
    if strokes:
        paint_strokes(painter, strokes, canvas.view, canvas.area)


def paint_cross(painter: QPainter, canvas: PlotCanvas, x: float) -> None:
    """The line of the crosshair."""
    _paint_upright(painter, canvas, x, QPen(canvas.theme.colour("field-line"), 1))


def paint_spot(painter: QPainter, canvas: PlotCanvas, x: float, y: float, colour: QColor) -> None:
    """A spot on a curve."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(canvas.theme.colour("window"), 1.5))
    painter.setBrush(colour)
    painter.drawEllipse(canvas.to_widget(x, y), SPOT, SPOT)


def _paint_upright(painter: QPainter, canvas: PlotCanvas, x: float, pen: QPen) -> None:
    at = canvas.to_widget(x, canvas.view.bottom).x()
    painter.setPen(pen)
    painter.drawLine(QPointF(at, canvas.area.top()), QPointF(at, canvas.area.bottom()))
