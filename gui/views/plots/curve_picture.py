"""What a plot draws, computed on a worker thread: one picture for one view of some scalars."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from math import isfinite

from msgspec import Struct, field

from core.curves import Curve, CurveOptions, Points, Trace, lay_out, trace

MARGIN = 0.06
MAX_RESTARTS = 50

Range = tuple[float, float]


class Scalar(Struct, frozen=True):
    """A scalar to draw.

    Attributes:
        key: Its name.
        points: Its values.
        colour: Number of its colour.
    """

    key: str
    points: Points
    colour: int = 0


class Stroke(Struct, frozen=True):
    """One curve ready to draw.

    Attributes:
        raw: The values; drawn faintly where there is a smoothed curve.
        smoothed: The smoothed values; None without smoothing.
        colour: Number of its colour.
    """

    raw: Trace
    smoothed: Trace | None
    colour: int


class LaidOut(Struct, frozen=True):
    """A curve and what it was laid out from, so that the same need not be done again."""

    scalar: Scalar
    options: CurveOptions
    curve: Curve


class Wish(Struct, frozen=True):
    """What a picture is wanted of.

    Attributes:
        scalars: What to draw.
        options: How.
        columns: Width in pixels.
        x_range: Part of x to draw; None for all of it.
        done_before: Curves of the picture before, by key.
    """

    scalars: tuple[Scalar, ...]
    options: CurveOptions
    columns: int
    x_range: Range | None = None
    done_before: Mapping[str, LaidOut] = field(default_factory=dict)


class Picture(Struct, frozen=True):
    """What a plot draws.

    Attributes:
        wish: What it was made of.
        laid_out: All points of each curve, by key, in the order of the scalars.
        strokes: What to draw of them.
        restarts: x of each restart.
        x_bounds: Where the view of everything begins and ends; None without points.
        y_bounds: The same for y.
        hidden: Number of values that cannot be drawn.
    """

    wish: Wish
    laid_out: Mapping[str, LaidOut]
    strokes: tuple[Stroke, ...]
    restarts: tuple[float, ...]
    x_bounds: Range | None
    y_bounds: Range | None
    hidden: int


def make_picture(wish: Wish, check: Callable[[], None]) -> Picture:
    """Lay out what is new, and decimate everything to the width of the view."""
    laid_out = {scalar.key: _laid_out(scalar, wish, check) for scalar in wish.scalars}
    curves = [each.curve for each in laid_out.values()]
    bounds = [curve.bounds for curve in curves if curve.bounds is not None]
    x_bounds = y_bounds = None
    if bounds:
        x_bounds = _widened(min(b[0] for b in bounds), max(b[1] for b in bounds), 0.01)
        y_bounds = _widened(min(b[2] for b in bounds), max(b[3] for b in bounds), MARGIN)
    low, high = wish.x_range or x_bounds or (0.0, 1.0)
    strokes = []
    for each in laid_out.values():
        check()
        strokes.append(_stroke(each, low, high, wish.columns))
    restarts = dict.fromkeys(x for curve in curves for x in curve.restarts)
    return Picture(
        wish=wish,
        laid_out=laid_out,
        strokes=tuple(strokes),
        restarts=tuple(restarts)[:MAX_RESTARTS],
        x_bounds=x_bounds,
        y_bounds=y_bounds,
        hidden=sum(curve.hidden for curve in curves),
    )


def nearest_points(picture: Picture, x: float) -> list[tuple[LaidOut, int]]:
    """The point of each curve that a crosshair at `x` means, the highest first.

    All curves are asked at the x of the point that is closest, so that they can be compared;
    those that begin after it or end before it have nothing to say.
    """
    found = _nearest(picture.laid_out.values(), x)
    if not found:
        return []
    closest, at = min(found, key=lambda pair: abs(pair[0].curve.xs[pair[1]] - x))
    snapped = closest.curve.xs[at]
    points = _nearest((e for e in picture.laid_out.values() if _reaches(e.curve, snapped)), snapped)
    return sorted(points, key=lambda pair: -pair[0].curve.smoothed[pair[1]])


def step_point(picture: Picture, x: float | None, direction: int) -> float | None:
    """The x of the point beside `x` on the first curve; of its last point where `x` is None."""
    each = next(iter(picture.laid_out.values()), None)
    if each is None or not len(each.curve.xs):
        return None
    last = len(each.curve.xs) - 1
    at = each.curve.nearest(x) if x is not None else None
    return each.curve.xs[last if at is None else max(0, min(at + direction, last))]


def _nearest(curves: Iterable[LaidOut], x: float) -> list[tuple[LaidOut, int]]:
    found = ((each, each.curve.nearest(x)) for each in curves)
    return [(each, at) for each, at in found if at is not None]


def _reaches(curve: Curve, x: float) -> bool:
    return curve.bounds is not None and curve.bounds[0] <= x <= curve.bounds[1]


def _laid_out(scalar: Scalar, wish: Wish, check: Callable[[], None]) -> LaidOut:
    before = wish.done_before.get(scalar.key)
    is_same = before is not None and before.scalar.points is scalar.points
    if before is not None and is_same and before.options == wish.options:
        return LaidOut(scalar, wish.options, before.curve)
    return LaidOut(scalar, wish.options, lay_out(scalar.points, wish.options, check))


def _stroke(each: LaidOut, low: float, high: float, columns: int) -> Stroke:
    curve = each.curve
    raw = trace(curve, curve.raw, low, high, columns)
    smoothed = trace(curve, curve.smoothed, low, high, columns) if curve.is_smoothed else None
    return Stroke(raw, smoothed, each.scalar.colour)


def _widened(low: float, high: float, share: float) -> Range:
    """A range with some room at both ends, never empty and never beyond what can be drawn."""
    room = (high - low) * share
    if not isfinite(room):
        return max(low, -1e300), min(high, 1e300)
    if room <= abs(high) * 1e-12:
        room = abs(high) * 0.1 or 0.5
    return low - room, high + room
