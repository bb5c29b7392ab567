"""A line for each run across parallel axes: laid out by columns and painted on a worker's thread.

Why line by line, without transparency: Qt holds Python's lock while it draws, so a call that draws
many lines would stop the window; and a line that shines through takes Qt three to eight times as
long (measured). Why the faint lines of all runs are kept as a picture: while a brush moves, only
the runs in it are drawn anew.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QPointF, QRectF, QSizeF
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform

from core.compare.axes import ValueAxis
from core.index.columns import RunColumns
from gui.plots.plot_columns import read_axis
from gui.plots.plot_paint import View, saved, transform_of
from gui.plots.plot_raster import Raster
from gui.plots.plot_strokes import is_vector, placed, polygon

MANY = 1_500
"""Lines of more runs than these are thin and not smoothed at their edges: a third of the time."""

ROOM = 0.02

Brushes = Mapping[str, Sequence[tuple[float, float]]]


class ParallelWish(Struct, frozen=True):
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


class ParallelPicture(Struct, frozen=True):
    """What parallel coordinates show.

    Attributes:
        wish: What it was made of.
        axes: From left to right.
        heights: Of each run on each axis, from 0 (bottom) to 1; nan where it has no place.
        kept: Whether each run is in all brushes.
        ground: All runs, faintly; None where all stand out.
        raster: The painted picture.
    """

    wish: ParallelWish
    axes: tuple[ValueAxis, ...]
    heights: np.ndarray
    kept: np.ndarray
    ground: QImage | None = None
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
    if not _strong(found).all():
        found = replace(found, ground=_known_ground(found) or _ground(found, check))
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
    strong = _strong(picture)
    _paint_faint(picture.heights[~strong], picture.wish.faint, painter, (view, area), check)
    _paint_strong(picture, painter, (view, area), check)


def _strong(picture: ParallelPicture) -> np.ndarray:
    """Whether each run is drawn in its colour."""
    strong = np.array(picture.kept)
    if picture.wish.strong:
        chosen = np.zeros(len(strong), dtype=bool)
        chosen[list(picture.wish.strong)] = True
        strong &= chosen
    return strong


def _paint_faint(
    heights: np.ndarray,
    colour: QColor,
    painter: QPainter,
    place: tuple[View, QRectF],
    check: Callable[[], None],
) -> None:
    with saved(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(heights) <= MANY)
        _paint_lines(painter, heights, colour, transform_of(*place), check)


def _paint_strong(
    picture: ParallelPicture,
    painter: QPainter,
    place: tuple[View, QRectF],
    check: Callable[[], None],
) -> None:
    strong, numbers = _strong(picture), np.asarray(picture.wish.numbers)
    colours = picture.wish.colours
    with saved(painter):
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, int(strong.sum()) <= MANY)
        for number in np.unique(numbers[strong]) if len(numbers) else ():
            heights = picture.heights[strong & (numbers == number)]
            colour = colours[int(number) % len(colours)]
            _paint_lines(painter, heights, colour, transform_of(*place), check)


def paint_highlight(
    painter: QPainter, picture: ParallelPicture, place: int, area: QRectF, ground: QColor
) -> None:
    """Draw the line of one run above all others, wide and with a rim.

    Args:
        painter: Of the plot.
        picture: What is shown.
        place: Position of the run.
        area: Where.
        ground: Colour of the rim.
    """
    row = picture.heights[place]
    known = np.flatnonzero(np.isfinite(row))
    colours = picture.wish.colours
    colour = colours[picture.wish.numbers[place] % len(colours)]
    line = placed(known.astype(float), row[known], transform_of(plane(len(row)), area))
    with saved(painter):
        for shade, width in ((ground, 5.5), (colour, 3.0)):
            painter.setPen(QPen(shade, width))
            painter.drawPolyline(line)


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


def _known_ground(picture: ParallelPicture) -> QImage | None:
    """The faint lines as they are painted already, if they are the same."""
    wish, known = picture.wish, picture.wish.known
    if known is None or known.ground is None or known.axes != picture.axes:
        return None
    before = known.wish
    is_same = (wish.slots, wish.size, wish.ratio, wish.faint) == (
        before.slots,
        before.size,
        before.ratio,
        before.faint,
    )
    return known.ground if is_same else None


def _ground(picture: ParallelPicture, check: Callable[[], None]) -> QImage:
    image = _image(picture.wish)
    painter = QPainter(image)
    try:
        place = plane(len(picture.axes)), QRectF(QPointF(0, 0), picture.wish.size)
        _paint_faint(picture.heights, picture.wish.faint, painter, place, check)
    finally:
        painter.end()
    return image


def _paint(picture: ParallelPicture, check: Callable[[], None]) -> Raster:
    """Painted at its place: parallel coordinates are not zoomed."""
    view = plane(len(picture.axes))
    image = QImage(picture.ground) if picture.ground is not None else _image(picture.wish)
    painter = QPainter(image)
    try:
        _paint_strong(picture, painter, (view, QRectF(QPointF(0, 0), picture.wish.size)), check)
    finally:
        painter.end()
    return Raster(image, view)


def _image(wish: ParallelWish) -> QImage:
    image = QImage(
        max(1, round(wish.size.width() * wish.ratio)),
        max(1, round(wish.size.height() * wish.ratio)),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    image.setDevicePixelRatio(wish.ratio)
    image.fill(0)
    return image


def plane(axes: int) -> View:
    """The plane of so many axes: they stand at 0, 1, 2 …, and reach from 0 to 1."""
    return View(0, max(1, axes - 1), -ROOM, 1 + ROOM)


def _paint_lines(
    painter: QPainter,
    heights: np.ndarray,
    colour: QColor,
    to_area: QTransform,
    check: Callable[[], None],
) -> None:
    """Draw lines in pixels (gui.plots.plot_strokes says why the painter is not to scale them)."""
    pen = QPen(colour, 1)
    pen.setCosmetic(not is_vector(painter))
    painter.setPen(pen)
    if heights.shape[1] == 1:  # one axis has no lines: short ones show where runs are
        heights = np.repeat(heights, 2, axis=1)
    whole = np.isfinite(heights).all(axis=1)
    heights = heights * to_area.m22() + to_area.dy()
    places = np.arange(heights.shape[1]) * to_area.m11() + to_area.dx()
    for count, row in enumerate(heights[whole]):
        painter.drawPolyline(polygon(places, row))
        if count % 100 == 0:
            check()
    for row in heights[~whole]:
        for start, stop in _stretches(row):
            painter.drawPolyline(polygon(places[start:stop], row[start:stop]))
    check()


def _stretches(row: np.ndarray) -> list[tuple[int, int]]:
    """First and behind-last axis of each stretch on which a run has places."""
    known = np.flatnonzero(np.isfinite(row))
    if not len(known):
        return []
    cuts = np.flatnonzero(np.diff(known) > 1) + 1
    parts = np.split(known, cuts)
    return [(int(part[0]), int(part[-1]) + 1) for part in parts if len(part) > 1]
