"""A line for each run across parallel axes: laid out by columns and painted on a worker's thread.

Why all lines of a colour are one: Qt is called once for a thousand runs instead of once for each.
Between two runs the line goes around the picture, far outside of what is seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

import numpy as np
from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from core.compare.axes import ValueAxis
from core.index.columns import RunColumns
from gui.plot_columns import read_axis
from gui.plot_paint import View, transform_of
from gui.plot_raster import Raster
from gui.plot_strokes import polygon

MANY = 1_500
"""Lines of more runs than these are thin and not smoothed at their edges: a third of the time."""

AT_ONCE = 500
ROOM = 0.02

_FAR = 50.0
_SEGMENTS_ALPHA = {True: 110, False: 210}

Brushes = Mapping[str, Sequence[tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class ParallelWish:
    """What is wanted of parallel coordinates.

    Attributes:
        columns: What runs say.
        slots: The runs.
        keys: Columns of the axes, from left to right.
        logs: Which of them the user made logarithmic, or not.
        numbers: Number of each run's colour.
        colours: Colours by number.
        faint: Colour of the runs that brushes leave out.
        size: Of the area, in pixels.
        ratio: Device pixels a pixel.
        brushes: Ranges of places by column.
        strong: Positions of runs that stand out; all where empty and nothing is brushed.
        known: Axes that are laid out already.
    """

    columns: RunColumns
    slots: tuple[int, ...]
    keys: tuple[str, ...]
    logs: Mapping[str, bool]
    numbers: tuple[int, ...]
    colours: tuple[QColor, ...]
    faint: QColor
    size: QSizeF
    ratio: float
    brushes: Brushes
    strong: tuple[int, ...]
    known: ParallelPicture | None = None


@dataclass(frozen=True, slots=True)
class ParallelPicture:
    """What parallel coordinates show.

    Attributes:
        wish: What it was made of.
        axes: From left to right.
        heights: Of each run on each axis, from 0 (bottom) to 1; nan where it has no place.
        kept: Whether each run is in all brushes.
        raster: The painted picture.
    """

    wish: ParallelWish
    axes: tuple[ValueAxis, ...]
    heights: np.ndarray
    kept: np.ndarray
    raster: Raster | None = None


def make_parallel(wish: ParallelWish, check: Callable[[], None]) -> ParallelPicture:
    """Lay out the axes that are not known yet, and paint everything."""
    axes = []
    for key in wish.keys:
        check()
        axes.append(_axis(wish, key))
    heights = np.column_stack([_heights(axis) for axis in axes])
    kept = brushed(heights, axes, wish.brushes)
    found = ParallelPicture(wish, tuple(axes), heights, kept)
    return replace(found, raster=_paint(found, check))


def brushed(heights: np.ndarray, axes: Sequence[ValueAxis], brushes: Brushes) -> np.ndarray:
    """Whether each run is in one of the ranges of every brushed axis."""
    kept = np.ones(len(heights), dtype=bool)
    for number, axis in enumerate(axes):
        ranges = brushes.get(axis.key, ())
        if ranges:
            column = heights[:, number]
            kept &= np.any([(column >= low) & (column <= high) for low, high in ranges], axis=0)
    return kept


def paint_parallel(
    picture: ParallelPicture,
    painter: QPainter,
    view: View,
    area: QRectF,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Draw all lines: those left out faintly below, then colour by colour."""
    count = len(picture.heights)
    numbers = np.asarray(picture.wish.numbers)
    strong = np.array(picture.kept)
    if picture.wish.strong:
        chosen = np.zeros(count, dtype=bool)
        chosen[list(picture.wish.strong)] = True
        strong &= chosen
    painter.save()
    painter.setTransform(transform_of(view, area), True)  # noqa: FBT003 - combine
    is_many = count > MANY
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not is_many)
    _paint_lines(painter, picture.heights[~strong], picture.wish.faint, check)
    few = int(strong.sum()) <= MANY
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, few)
    for number in np.unique(numbers[strong]) if count else ():
        colours = picture.wish.colours
        shade = QColor(colours[int(number) % len(colours)])
        shade.setAlpha(_SEGMENTS_ALPHA[int(strong.sum()) > 100])
        _paint_lines(painter, picture.heights[strong & (numbers == number)], shade, check)
    painter.restore()


def line_at(
    picture: ParallelPicture, x: float, y: float, scale: tuple[float, float], reach: float
) -> int | None:
    """Position of the run whose line is under a point.

    Args:
        picture: What is shown.
        x: In axes from the left one.
        y: From 0 (bottom) to 1.
        scale: Pixels of one axis and of the whole height.
        reach: How many pixels a line may be away.
    """
    heights = picture.heights
    if not len(heights) or heights.shape[1] < 1:
        return None
    left = max(0, min(int(x), heights.shape[1] - 2)) if heights.shape[1] > 1 else 0
    right = min(left + 1, heights.shape[1] - 1)
    share = min(max(x - left, 0.0), 1.0)
    rise = heights[:, right] - heights[:, left]
    at = heights[:, left] + share * rise
    slope = np.hypot(scale[0], rise * scale[1]) / scale[0]
    distances = np.abs(at - y) * scale[1] / slope
    distances[~picture.kept] = np.nan
    if not np.isfinite(distances).any():
        return None
    closest = int(np.nanargmin(distances))
    return closest if distances[closest] <= reach else None


def _axis(wish: ParallelWish, key: str) -> ValueAxis:
    known = wish.known
    log = wish.logs.get(key)
    if known is not None and known.wish.slots == wish.slots and known.wish.logs.get(key) == log:
        for axis in known.axes:
            if axis.key == key:
                return axis
    return read_axis(wish.columns, wish.slots, key, log=log)


def _heights(axis: ValueAxis) -> np.ndarray:
    places = np.asarray(axis.places)
    if axis.high <= axis.low:
        return np.where(np.isfinite(places), 0.5, np.nan)
    return cast("np.ndarray", (places - axis.low) / (axis.high - axis.low))


def _paint(picture: ParallelPicture, check: Callable[[], None]) -> Raster:
    """Painted at its place: parallel coordinates are not zoomed."""
    wish = picture.wish
    view = plane(len(picture.axes))
    width, height = wish.size.width(), wish.size.height()
    image = QImage(
        max(1, round(width * wish.ratio)),
        max(1, round(height * wish.ratio)),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    image.setDevicePixelRatio(wish.ratio)
    image.fill(0)
    painter = QPainter(image)
    try:
        paint_parallel(picture, painter, view, QRectF(0, 0, width, height), check)
    finally:
        painter.end()
    return Raster(image, view)


def plane(axes: int) -> View:
    """The plane of so many axes: they stand at 0, 1, 2 …, and reach from 0 to 1."""
    return View(0, max(1, axes - 1), -ROOM, 1 + ROOM)


def _paint_lines(
    painter: QPainter, heights: np.ndarray, colour: QColor, check: Callable[[], None]
) -> None:
    pen = QPen(colour, 1)
    pen.setCosmetic(True)
    painter.setPen(pen)
    if heights.shape[1] == 1:  # one axis has no lines: short ones show where runs are
        heights = np.repeat(heights, 2, axis=1)
    whole = np.isfinite(heights).all(axis=1)
    complete = heights[whole]
    for first in range(0, len(complete), AT_ONCE):
        painter.drawPolyline(_round_trip(complete[first : first + AT_ONCE]))
        check()
    for row in heights[~whole]:
        for start, stop in _stretches(row):
            painter.drawPolyline(polygon(np.arange(start, stop, dtype=float), row[start:stop]))
    check()


def _round_trip(heights: np.ndarray) -> QPolygonF:
    """All lines one after the other, with a way around the picture after each."""
    count, axes = heights.shape
    xs = np.empty((count, axes + 4))
    ys = np.empty((count, axes + 4))
    xs[:, 0], ys[:, 0] = -_FAR, -_FAR
    xs[:, 1], ys[:, 1] = -_FAR, heights[:, 0]
    xs[:, 2:-2], ys[:, 2:-2] = np.arange(axes), heights
    xs[:, -2], ys[:, -2] = _FAR + axes, heights[:, -1]
    xs[:, -1], ys[:, -1] = _FAR + axes, -_FAR
    return polygon(xs.ravel(), ys.ravel())


def _stretches(row: np.ndarray) -> list[tuple[int, int]]:
    """First and behind-last axis of each stretch on which a run has places."""
    known = np.flatnonzero(np.isfinite(row))
    if not len(known):
        return []
    cuts = np.flatnonzero(np.diff(known) > 1) + 1
    parts = np.split(known, cuts)
    return [(int(part[0]), int(part[-1]) + 1) for part in parts if len(part) > 1]
