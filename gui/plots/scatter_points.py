"""A dot for each run: laid out by two columns and painted on a worker's thread."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from core.compare.axes import ValueAxis
from core.index.columns import RunColumns
from gui.plots.curve_panels import widened
from gui.plots.plot_columns import look_of, read_axis
from gui.plots.plot_paint import AxisLook, View, saved, transform_of
from gui.plots.plot_raster import Raster, raster

LEAST_DOT, MOST_DOT, DOT = 5.0, 22.0, 8.0
MANY = 2_000
ALPHA = 190
OTHERS_OPACITY, FEW_OTHERS_OPACITY = 0.2, 0.45  # many lie over each other
SIZES = 12

_Sprite = tuple[int, int]  # number of a colour, pixels


class ScatterWish(Struct, frozen=True):
    """What is wanted of a scatter plot.

    Attributes:
        columns: What runs say.
        slots: The runs.
        x: Column of the horizontal axis, and whether it is logarithmic.
        y: Column of the vertical axis, and whether it is logarithmic.
        size_key: Column of the sizes; empty for one size.
        numbers: Number of each run's colour.
        colours: Colours by number.
        size: Of the area, in pixels.
        ratio: Device pixels a pixel.
        view: What is seen; None for everything.
        strong: Positions of runs that stand out from the others; none of them where empty.
    """

    columns: RunColumns
    slots: tuple[int, ...]
    x: tuple[str, bool | None]
    y: tuple[str, bool | None]
    size_key: str
    numbers: tuple[int, ...]
    colours: tuple[QColor, ...]
    size: QSizeF
    ratio: float
    view: View | None = None
    strong: tuple[int, ...] = ()


class ScatterPicture(Struct, frozen=True):
    """What a scatter plot shows.

    Attributes:
        wish: What it was made of.
        x: The horizontal axis.
        y: The vertical axis.
        places: x and y of each run; nan where it has none.
        diameters: Of each run's dot, in pixels.
        full: The view of everything; None where no run has both values.
        missing: How many runs lack one of the values.
        raster: The painted picture.
    """

    wish: ScatterWish
    x: ValueAxis
    y: ValueAxis
    places: np.ndarray
    diameters: np.ndarray
    full: View | None
    missing: int
    raster: Raster | None = None

    @property
    def looks(self) -> tuple[AxisLook, AxisLook]:
        """The meaning of its axes."""
        return look_of(self.x), look_of(self.y)


def make_scatter(wish: ScatterWish, check: Callable[[], None]) -> ScatterPicture:
    """Lay out the runs and paint the view."""
    x = read_axis(wish.columns, wish.slots, wish.x[0], log=wish.x[1])
    check()
    y = read_axis(wish.columns, wish.slots, wish.y[0], log=wish.y[1])
    check()
    places = np.column_stack((np.asarray(x.places), np.asarray(y.places)))
    known = np.isfinite(places).all(axis=1)
    found = ScatterPicture(
        wish=wish,
        x=x,
        y=y,
        places=places,
        diameters=_diameters(wish),
        full=_full(x, y) if known.any() else None,
        missing=int(len(places) - known.sum()),
    )
    if found.full is None:
        return found
    painted = raster(
        wish.view or found.full,
        wish.size,
        wish.ratio,
        lambda *where: paint_scatter(found, *where, check=check),
    )
    return replace(found, raster=painted)


def paint_scatter(
    picture: ScatterPicture,
    painter: QPainter,
    view: View,
    area: QRectF,
    *,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Draw the dots of a view, small ones above large ones, and what stands out above all.

    Args:
        picture: What was laid out.
        painter: Clipped to the area.
        view: What is seen.
        area: Where.
        check: Called now and then; raises to stop.
    """
    strong = np.zeros(len(picture.places), dtype=bool)
    strong[list(picture.wish.strong)] = True
    strong &= np.isfinite(picture.places).all(axis=1)  # a run without a dot dims no other
    with saved(painter):
        if strong.any():
            are_many = len(picture.places) > MANY
            painter.setOpacity(OTHERS_OPACITY if are_many else FEW_OTHERS_OPACITY)
        _paint_dots(picture, painter, view, area, np.flatnonzero(~strong), check)
    _paint_dots(picture, painter, view, area, np.flatnonzero(strong), check)


def _paint_dots(
    picture: ScatterPicture,
    painter: QPainter,
    view: View,
    area: QRectF,
    chosen: np.ndarray,
    check: Callable[[], None],
) -> None:
    transform = transform_of(view, area)
    xs = picture.places[chosen, 0] * transform.m11() + transform.dx()
    ys = picture.places[chosen, 1] * transform.m22() + transform.dy()
    inside = np.isfinite(xs) & np.isfinite(ys)
    inside &= (xs > area.left() - MOST_DOT) & (xs < area.right() + MOST_DOT)
    inside &= (ys > area.top() - MOST_DOT) & (ys < area.bottom() + MOST_DOT)
    order = np.argsort(-picture.diameters[chosen], kind="stable")
    sprites: dict[_Sprite, QImage] = {}
    ratio = painter.device().devicePixelRatioF()
    numbers, colours = picture.wish.numbers, picture.wish.colours
    for count, at in enumerate(order[inside[order]]):
        key = numbers[chosen[at]], int(picture.diameters[chosen[at]])
        sprite = sprites.get(key)
        if sprite is None:
            sprite = sprites[key] = _sprite(colours[key[0] % len(colours)], key[1], ratio)
        half = key[1] / 2 + 1
        painter.drawImage(QPointF(xs[at] - half, ys[at] - half), sprite)
        if count % 500 == 0:
            check()


def dots_in_order(picture: ScatterPicture, *, vertical: bool) -> list[int]:
    """Places of the runs that have a dot, from left to right, or from below."""
    x, y = picture.places[:, 0], picture.places[:, 1]
    order = np.lexsort((x, y) if vertical else (y, x))  # by the last one first
    there = np.isfinite(picture.places).all(axis=1)
    return [int(place) for place in order if there[place]]


def run_at(picture: ScatterPicture, view: View, area: QRectF, at: QPointF) -> int | None:
    """Position of the run whose dot is under a point; of several the closest."""
    transform = transform_of(view, area)
    xs = picture.places[:, 0] * transform.m11() + transform.dx() - at.x()
    ys = picture.places[:, 1] * transform.m22() + transform.dy() - at.y()
    distances = xs * xs + ys * ys
    if not np.isfinite(distances).any():
        return None
    closest = int(np.nanargmin(distances))
    reach = float(picture.diameters[closest]) / 2 + 4
    return closest if distances[closest] <= reach * reach else None


def runs_in(picture: ScatterPicture, box: QRectF) -> list[int]:
    """Positions of the runs inside a rectangle of the plane."""
    xs, ys = picture.places[:, 0], picture.places[:, 1]
    inside = (xs >= box.left()) & (xs <= box.right()) & (ys >= box.top()) & (ys <= box.bottom())
    return [int(place) for place in np.flatnonzero(inside)]


def _full(x: ValueAxis, y: ValueAxis) -> View:
    room_x, room_y = (0.6 if axis.kind == "words" else 0.0 for axis in (x, y))
    view = View(x.low - room_x, x.high + room_x, y.low - room_y, y.high + room_y)
    wide = widened(view)
    room = 0.03 * (wide.right - wide.left)
    return View(wide.left - room, wide.right + room, wide.bottom, wide.top)


def _diameters(wish: ScatterWish) -> np.ndarray:
    """Of each dot, in pixels: its area grows with the value."""
    count = len(wish.slots)
    usual = DOT if count <= MANY else LEAST_DOT
    if not wish.size_key:
        return np.full(count, usual)
    axis = read_axis(wish.columns, wish.slots, wish.size_key)
    share = (np.asarray(axis.places) - axis.low) / ((axis.high - axis.low) or 1.0)
    steps = np.round(np.nan_to_num(share) * SIZES) / SIZES
    diameters = np.sqrt(LEAST_DOT**2 + steps * (MOST_DOT**2 - LEAST_DOT**2))
    sized: np.ndarray = np.round(diameters)
    return sized


def _sprite(colour: QColor, diameter: int, ratio: float) -> QImage:
    """One dot, painted once and copied for each run."""
    side = diameter + 2
    image = QImage(
        round(side * ratio), round(side * ratio), QImage.Format.Format_ARGB32_Premultiplied
    )
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    shade = QColor(colour)
    shade.setAlpha(ALPHA)
    painter.setBrush(shade)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.drawEllipse(QRectF(1, 1, diameter, diameter))
    painter.end()
    return image
