"""From curves to what a painter draws of them: thinned out to pixels, on a worker's thread.

Why numpy: of 200 curves of 10,000 points each, the points of every
view are chosen anew while the user zooms; numpy takes 20 ms for that, Python's own loops 400
(measured).

Why thin lines for many curves: Qt rasters a line of one pixel a hundred times as fast as a wider
one (measured: 0.02 and 2 to 4 microseconds a pixel of its way; a noisy curve has 100,000 of them),
and holds Python's lock meanwhile, which stops the window. Why a wide line is three thin ones beside
each other: that looks alike at any slope. In vector graphics it is one.

Why points are moved into pixels here and not by the painter: it would write them into vector
graphics as they are, with a scale for each panel, and pens that are not to be scaled. Many programs
do not know such pens, and draw a line as wide as the panel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF, QTransform
from PySide6.QtSvg import QSvgGenerator
from shiboken6 import VoidPtr

from core.curves import Curve
from gui.plots.plot_paint import View, saved, transform_of

_Memory: Any = VoidPtr  # the stubs know neither its arguments nor that it is a buffer

WIDE, THIN = 1.7, 1.0
WIDE_POINTS = 20_000  # more points than these are drawn by thin lines
DASHED_POINTS = 60_000
SMOOTH_POINTS = 300_000  # of more, edges are left as they are: that takes half of the time
DOT = 6.0

_DASH = (8.5, 5.0)  # pixels of a dash, and of the gap behind it
_ONCE = ((0.0, 0.0),)
_SPREAD = ((0.0, -0.4), (-0.35, 0.2), (0.35, 0.2))  # pixels: a third of a turn apart
_FAR = 1e6  # pixels: nobody sees whether a line that leaves a plot goes further


class Stroke(Struct, frozen=True):
    """A line to draw.

    Attributes:
        curve: Its points.
        colour: Its colour.
        is_dashed: Whether it is broken.
        is_faint: A raw curve behind its smoothed one.
    """

    curve: Curve
    colour: QColor
    is_dashed: bool = False
    is_faint: bool = False

    @property
    def ys(self) -> Sequence[float]:
        """What is drawn of the curve."""
        return self.curve.raw if self.is_faint else self.curve.smoothed


class Area(Struct, frozen=True):
    """A band to fill, between two lines over the same x; over a single x it is an upright line."""

    xs: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    colour: QColor


def polygon(xs: np.ndarray, ys: np.ndarray) -> QPolygonF:
    """The points, copied at the speed of memory."""
    points = QPolygonF()
    count = len(xs)
    points.resize(count)
    if count:
        memory = np.frombuffer(_Memory(points.data(), count * 16, True), np.float64)  # noqa: FBT003 - writable
        memory[0::2] = xs
        memory[1::2] = ys
    return points


def placed(
    xs: np.ndarray, ys: np.ndarray, to_area: QTransform, shift: tuple[float, float] = (0.0, 0.0)
) -> QPolygonF:
    """Points of the plane in pixels.

    Args:
        xs: Finite.
        ys: Finite; those very far out come nearer, as vector graphics know no 1e300.
        to_area: Scales and moves.
        shift: Pixels to the right, and down.
    """
    down = ys * to_area.m22() + (to_area.dy() + shift[1])
    return polygon(xs * to_area.m11() + (to_area.dx() + shift[0]), np.clip(down, -_FAR, _FAR))


def is_vector(painter: QPainter) -> bool:
    """Whether lines are written down, and no pixels painted."""
    return isinstance(painter.device(), QSvgGenerator)


def thinned(
    xs: np.ndarray, ys: np.ndarray, view: View, columns: int
) -> tuple[np.ndarray, np.ndarray]:
    """The points that decide which pixels a line through all of them covers.

    Four a column and not two: the lowest and the highest value alone lose where the line enters and
    leaves a column of pixels; with the first and the last one as well it covers exactly the pixels
    that all points would cover (Jugel et al., "M4", VLDB 2014).

    Args:
        xs: Not falling, finite.
        ys: Finite.
        view: What is seen.
        columns: Its width in pixels.
    """
    first = max(0, int(np.searchsorted(xs, view.left)) - 1)
    last = min(len(xs), int(np.searchsorted(xs, view.right, "right")) + 1)
    xs, ys = xs[first:last], ys[first:last]
    if len(xs) <= 4 * columns:
        return xs, ys
    place = np.floor((xs - view.left) * (columns / view.width))  # a point left of the view is at -1
    column = np.clip(place, -1, columns).astype(np.int64)
    firsts = np.concatenate(([0], np.flatnonzero(np.diff(column)) + 1))
    lasts = np.concatenate((firsts[1:], [len(xs)])) - 1
    thin_xs, thin_ys = np.empty(4 * len(firsts)), np.empty(4 * len(firsts))
    thin_xs[0::4] = thin_xs[1::4] = thin_xs[2::4] = xs[firsts]
    thin_xs[3::4] = xs[lasts]
    thin_ys[0::4] = ys[firsts]
    thin_ys[1::4] = np.minimum.reduceat(ys, firsts)
    thin_ys[2::4] = np.maximum.reduceat(ys, firsts)
    thin_ys[3::4] = ys[lasts]
    return thin_xs, thin_ys


def lines_of(stroke: Stroke, view: View, columns: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """The stretches of a curve without a gap that reach into the view."""
    curve = stroke.curve
    if not len(curve.xs):
        return
    xs, ys = np.frombuffer(curve.xs), np.frombuffer(stroke.ys)  # type: ignore[call-overload]  # an array of floats
    for start, stop in curve.pieces:
        if curve.xs[start] <= view.right and curve.xs[stop - 1] >= view.left:
            yield thinned(xs[start:stop], ys[start:stop], view, columns)


def paint_strokes(
    painter: QPainter,
    strokes: Sequence[Stroke],
    view: View,
    area: QRectF,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Draw curves into an area, the first ones lowest.

    Args:
        painter: Clipped to the area.
        strokes: What to draw.
        view: What of the plane is seen.
        area: Where.
        check: Called after each curve; raises to stop.
    """
    columns = max(50, round(area.width() * painter.device().devicePixelRatioF()))
    lines = []
    for stroke in strokes:
        lines.append((stroke, list(lines_of(stroke, view, columns))))
        check()
    points = sum(len(xs) for _, pieces in lines for xs, _ in pieces)
    as_lines, to_area = is_vector(painter), transform_of(view, area)
    with saved(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, points <= SMOOTH_POINTS)
        for stroke, pieces in lines:
            is_wide = not stroke.is_faint and points <= WIDE_POINTS
            pen = _pen(stroke, points, is_wide=is_wide and as_lines)
            pen.setCosmetic(not as_lines)
            painter.setPen(pen)
            for shift in _SPREAD if is_wide and not as_lines else _ONCE:
                for xs, ys in (piece for piece in pieces if len(piece[0]) > 1):
                    painter.drawPolyline(placed(xs, ys, to_area, shift))
            places = [QPointF(float(xs[0]), float(ys[0])) for xs, ys in pieces if len(xs) == 1]
            if places:
                _paint_dots(painter, [to_area.map(place) for place in places])
            check()


def paint_areas(painter: QPainter, areas: Iterable[Area], view: View, area: QRectF) -> None:
    """Fill bands."""
    to_area = transform_of(view, area)
    painter.save()
    painter.setPen(Qt.PenStyle.NoPen)
    for band in areas:
        if len(band.xs) == 1:
            _paint_whisker(painter, band, to_area)
            continue
        xs = np.concatenate((np.asarray(band.xs), np.asarray(band.xs)[::-1]))
        ys = np.concatenate((np.asarray(band.low), np.asarray(band.high)[::-1]))
        shade = QColor(band.colour)
        shade.setAlpha(48)
        painter.setBrush(shade)
        painter.drawPolygon(placed(xs, ys, to_area))
    painter.restore()


def _paint_whisker(painter: QPainter, band: Area, to_area: QTransform) -> None:
    pen = QPen(band.colour, WIDE)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    ends = (QPointF(band.xs[0], end) for end in (band.low[0], band.high[0]))
    painter.drawLine(*map(to_area.map, ends))
    painter.setPen(Qt.PenStyle.NoPen)


def _paint_dots(painter: QPainter, places: Sequence[QPointF]) -> None:
    """Single points, which a line would not show.

    Args:
        painter: Its pen has the colour.
        places: In pixels: Qt draws a point as a line of 1/63 to the right, and in the units of the
            plane that were a bar where a window shows a step or two.
    """
    pen = QPen(painter.pen().color(), DOT)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.drawPoints(places)


def _pen(stroke: Stroke, points: int, *, is_wide: bool) -> QPen:
    shade = QColor(stroke.colour)
    if stroke.is_faint:
        shade.setAlpha(70)
    pen = QPen(shade, WIDE if is_wide else THIN)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap if stroke.is_dashed else Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    if stroke.is_dashed and points <= DASHED_POINTS:
        pen.setDashPattern([_DASH[0] / pen.widthF(), _DASH[1] / pen.widthF()])
    return pen
