"""Paints a plot's ground, grid, numbers and words with QPainter: on a widget, a picture or an SVG.

Why not pyqtgraph: a plot of 2,000 runs is rastered on a worker's thread, which pyqtgraph's items
cannot be; the same few functions paint files without a window; and it takes 0.2 s to import, for
which a window would stand still.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from math import floor

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPen, QTransform

from core.compare.ticks import Tick, TickKind, ticks
from gui.theme import Theme, tabular

TOP, RIGHT, GAP = 8.0, 14.0, 6.0
_WIDEST_WORD = 110.0
_LINE_APART, _MOST_LINES = 2.2, 9  # heights of a line between two numbers, and how many there are


@contextmanager
def saved(painter: QPainter) -> Iterator[None]:
    """Have the painter as it was again, also where somebody stopped what was painted with it."""
    painter.save()
    try:
        yield
    finally:
        painter.restore()


class View(Struct, frozen=True):
    """The part of the plane that is seen, in the coordinates of the axes."""

    left: float
    right: float
    bottom: float
    top: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From bottom to top."""
        return self.top - self.bottom

    def scaled(self, x: float, y: float, at: tuple[float, float]) -> View:
        """`x` and `y` times as much of the plane, of which the point `at` stays where it is."""
        return View(
            at[0] - (at[0] - self.left) * x,
            at[0] + (self.right - at[0]) * x,
            at[1] - (at[1] - self.bottom) * y,
            at[1] + (self.top - at[1]) * y,
        )

    def moved(self, x: float, y: float) -> View:
        """As much of the plane, further to the right and to the top."""
        return View(self.left + x, self.right + x, self.bottom + y, self.top + y)

    def widened(self, share: float) -> View:
        """With a share of its width more at the left and at the right."""
        room = self.width * share
        return replace(self, left=self.left - room, right=self.right + room)


class AxisLook(Struct, frozen=True):
    """What the numbers of an axis mean.

    Attributes:
        kind: Their kind.
        title: What the axis shows; empty where the plot's title says so.
        words: Those of an axis of words.
    """

    kind: TickKind = "number"
    title: str = ""
    words: Sequence[str] = ()


def transform_of(view: View, area: QRectF) -> QTransform:
    """From the coordinates of the axes to those of the paper."""
    x, y = area.width() / view.width, area.height() / view.height
    left, bottom = area.left() - view.left * x, area.bottom() + view.bottom * y
    return QTransform(x, 0, 0, -y, left, bottom)


def small_font(font: QFont) -> QFont:
    """The font of an axis: smaller, with digits of one width."""
    small = tabular(QFont(font))
    small.setPointSizeF(max(6.0, small.pointSizeF() - 1.5))
    return small


class Axes(Struct, frozen=True):
    """Two axes laid out on a paper.

    Attributes:
        area: Where the plot itself is.
        x_ticks: Numbers below.
        y_ticks: Numbers at the left.
    """

    area: QRectF
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]


def lay_out_axes(paper: QRectF, view: View, looks: tuple[AxisLook, AxisLook], font: QFont) -> Axes:
    """Leave room for the numbers, and choose as many as do not touch.

    Args:
        paper: Where everything is painted.
        view: What is seen.
        looks: The horizontal and the vertical axis.
        font: Of the numbers.
    """
    metrics = QFontMetricsF(font)
    line = metrics.height()
    x_look, y_look = looks
    below = line + GAP + (line if x_look.title else 0.0)
    above = TOP + (line if y_look.title else 0.0)
    height = max(20.0, paper.height() - above - below)
    room = max(2, min(int(height / (line * _LINE_APART)), _MOST_LINES))
    if y_look.kind == "words":
        room = max(2, int(height / (line * 1.2)))
    y_ticks = ticks(y_look.kind, view.bottom, view.top, room, y_look.words)
    widest = max((metrics.horizontalAdvance(tick.text) for tick in y_ticks), default=20.0)
    left = min(widest, _WIDEST_WORD) + GAP + 4
    width = max(20.0, paper.width() - left - RIGHT)
    # Whole pixels: a picture that lies between pixels would be blurred.
    area = QRectF(*map(floor, (paper.left() + left, paper.top() + above, width, height)))
    return Axes(area, _x_ticks(area, view, x_look, metrics), tuple(y_ticks))


def _x_ticks(area: QRectF, view: View, look: AxisLook, metrics: QFontMetricsF) -> tuple[Tick, ...]:
    """As many numbers as stand side by side."""
    most = max(2, int(area.width() / (metrics.averageCharWidth() * 8)))
    for count in range(most, 0, -1):
        found = ticks(look.kind, view.left, view.right, count, look.words)
        widest = max((metrics.horizontalAdvance(tick.text) for tick in found), default=0.0)
        places = [tick.place for tick in found]
        gaps = [b - a for a, b in pairwise(places)]
        apart = min(gaps, default=view.width) * area.width() / view.width
        if min(widest, _WIDEST_WORD) + 8 <= apart or count == 1:
            return tuple(found)
    return ()


def paint_axes(
    painter: QPainter, axes: Axes, view: View, looks: tuple[AxisLook, AxisLook], theme: Theme
) -> None:
    """Paint grid lines and numbers; the painter has the font of the numbers."""
    area, transform = axes.area, transform_of(view, axes.area)
    metrics = QFontMetricsF(painter.font())
    line, muted = theme.colour("line"), theme.colour("muted")
    painter.setPen(_hair(line))
    for tick in axes.y_ticks:
        y = transform.map(QPointF(view.left, tick.place)).y()
        painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
    painter.drawLine(area.bottomLeft(), area.bottomRight())
    painter.setPen(muted)
    for tick in axes.y_ticks:
        y = transform.map(QPointF(view.left, tick.place)).y()
        box = QRectF(0, y - metrics.height() / 2, area.left() - GAP, metrics.height())
        text = metrics.elidedText(tick.text, Qt.TextElideMode.ElideRight, _WIDEST_WORD)
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
    _paint_x(painter, axes, transform, metrics)
    _paint_titles(painter, area, looks, metrics)


def _paint_x(painter: QPainter, axes: Axes, transform: QTransform, metrics: QFontMetricsF) -> None:
    area = axes.area
    for tick in axes.x_ticks:
        x = transform.map(QPointF(tick.place, 0)).x()
        text = metrics.elidedText(tick.text, Qt.TextElideMode.ElideRight, _WIDEST_WORD)
        width = metrics.horizontalAdvance(text)
        left = max(area.left() - width / 2, min(x - width / 2, area.right() + RIGHT - width))
        painter.drawText(QPointF(left, area.bottom() + GAP / 2 + metrics.ascent()), text)


def _paint_titles(
    painter: QPainter, area: QRectF, looks: tuple[AxisLook, AxisLook], metrics: QFontMetricsF
) -> None:
    x_look, y_look = looks
    if x_look.title:
        box = QRectF(area.left(), area.bottom() + GAP / 2 + metrics.height(), area.width(), 0)
        box.setHeight(metrics.height())
        text = metrics.elidedText(x_look.title, Qt.TextElideMode.ElideMiddle, area.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, text)
    if y_look.title:
        box = QRectF(4, area.top() - metrics.height() - GAP, area.right() - 4, metrics.height())
        text = metrics.elidedText(y_look.title, Qt.TextElideMode.ElideMiddle, box.width())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def _hair(colour: QColor) -> QPen:
    pen = QPen(colour, 1)
    pen.setCosmetic(True)
    return pen
