"""One scalar of many runs as curves: laid out, averaged and painted on a worker's thread."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from math import isfinite, log10

from msgspec import Struct, field
from msgspec.structs import replace
from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QColor, QPainter

from core.compare.bands import Band, band
from core.compare.ticks import TickKind
from core.curves import Axis, Curve, CurveOptions, Points, lay_out
from gui.plots.plot_paint import AxisLook, View
from gui.plots.plot_raster import Raster, raster
from gui.plots.plot_strokes import Area, Stroke, paint_areas, paint_strokes

MARGIN_X, MARGIN_Y = 0.01, 0.06
FAR, FAR_SHARE = 20.0, 0.06
"""A share of the curves may be left out of the view where it grows by this factor for them."""

MOST_RESTARTS, RESTARTS_OF = 40, 30

AXIS_KINDS: dict[Axis, TickKind] = {
    "step": "whole",
    "order": "whole",
    "relative": "duration",
    "wall": "clock",
}


class RunLine(Struct, frozen=True):
    """One run's values of the panel's scalar.

    Attributes:
        slot: The run.
        points: Its values.
        colour: Of its curve.
        is_dashed: Whether its line is broken.
        group: Number of the group it is averaged in.
    """

    slot: int
    points: Points
    colour: QColor
    is_dashed: bool = False
    group: int = 0


class LaidOut(Struct, frozen=True):
    """A curve and what it was laid out from, so that the same need not be done again."""

    points: Points
    options: CurveOptions
    curve: Curve


class PanelWish(Struct, frozen=True):
    """What is wanted of a panel.

    Attributes:
        lines: The runs.
        options: How.
        averages: Show the mean and spread of each group instead of the runs.
        size: Of the area, in pixels.
        ratio: Device pixels a pixel.
        view: What is seen; None for everything.
        done: Curves of the picture before, by slot.
    """

    lines: tuple[RunLine, ...]
    options: CurveOptions
    averages: bool
    size: QSizeF
    ratio: float
    view: View | None = None
    done: Mapping[int, LaidOut] = field(default_factory=dict)


class PanelPicture(Struct, frozen=True):
    """What a panel shows.

    Attributes:
        wish: What it was made of.
        curves: All points of each run, by slot.
        shown: The curves that can be pointed at: by slot, or the means by number of their group.
        strokes: What is drawn, the faint raw curves first.
        areas: Bands below them, by number of their group.
        restarts: Where attempts begin, with the colour of their run.
        full: The view of everything, but for what would flatten all the rest; None without points.
        hidden: How many values cannot be drawn.
        outside: How many curves leave that view.
        raster: The painted picture; None without points.
    """

    wish: PanelWish
    curves: Mapping[int, LaidOut]
    shown: Mapping[int, Curve]
    strokes: tuple[Stroke, ...]
    areas: Mapping[int, Area]
    restarts: tuple[tuple[float, QColor], ...]
    full: View | None
    hidden: int
    outside: int
    raster: Raster | None

    @property
    def looks(self) -> tuple[AxisLook, AxisLook]:
        """The meaning of its axes."""
        options = self.wish.options
        return looks_of(options)


def looks_of(options: CurveOptions) -> tuple[AxisLook, AxisLook]:
    """The meaning of the axes of curves."""
    x_kind: TickKind = AXIS_KINDS[options.axis]
    if options.log_x:
        x_kind = "whole-log" if x_kind == "whole" else "log"
    return AxisLook(x_kind), AxisLook("log" if options.log_y else "number")


def make_panel(wish: PanelWish, check: Callable[[], None]) -> PanelPicture:
    """Lay out what is new, and paint the view."""
    curves = {line.slot: _laid_out(line, wish, check) for line in wish.lines}
    if wish.averages:
        shown, strokes, areas = _averages(wish, curves, check)
    else:
        shown = {slot: each.curve for slot, each in curves.items()}
        strokes, areas = _strokes(wish, curves), {}
    full, outside = _full_view(strokes, areas.values())
    restarts = () if wish.averages else _restarts(wish.lines, curves)
    found = PanelPicture(
        wish=wish,
        curves=curves,
        shown=shown,
        strokes=strokes,
        areas=areas,
        restarts=restarts,
        full=full,
        hidden=sum(each.curve.hidden for each in curves.values()),
        outside=outside,
        raster=None,
    )
    if full is None:
        return found
    view = wish.view or full
    painted = raster(
        view, wish.size, wish.ratio, lambda *where: paint_panel(found, *where, check=check)
    )
    return replace(found, raster=painted)


def paint_panel(
    picture: PanelPicture,
    painter: QPainter,
    view: View,
    area: QRectF,
    *,
    check: Callable[[], None] = lambda: None,
) -> None:
    """Draw bands and curves; the painter is clipped to the area."""
    paint_areas(painter, picture.areas.values(), view, area)
    paint_strokes(painter, picture.strokes, view, area, check)


def nearest_curves(picture: PanelPicture, x: float) -> list[tuple[int, float, float]]:
    """Key, x and y of each shown curve's point closest to an x, the highest first.

    All are asked at the x of the closest point, so that they can be compared; those that begin
    after it or end before it have nothing to say.
    """
    closest = min(
        (
            (abs(curve.xs[at] - x), curve.xs[at])
            for curve in picture.shown.values()
            if (at := curve.nearest(x)) is not None
        ),
        default=None,
    )
    if closest is None:
        return []
    found = []
    for key, curve in picture.shown.items():
        if curve.bounds is None or not curve.bounds[0] <= closest[1] <= curve.bounds[1]:
            continue
        at = curve.nearest(closest[1])
        if at is not None:
            found.append((key, curve.xs[at], curve.smoothed[at]))
    return sorted(found, key=lambda point: -point[2])


def deviation_at(picture: PanelPicture, key: int, x: float) -> float | None:
    """The standard deviation of a group at a point of its mean; None where it has one run only."""
    area, curve = picture.areas.get(key), picture.shown.get(key)
    place = curve.nearest(x) if curve is not None else None
    if area is None or curve is None or place is None:
        return None
    high, mean = area.high[place], curve.smoothed[place]
    return 10**high - 10**mean if picture.wish.options.log_y else high - mean


def widened(view: View) -> View:
    """A view of everything with some room around, never empty."""
    left, right = _widened(view.left, view.right, MARGIN_X)
    bottom, top = _widened(view.bottom, view.top, MARGIN_Y)
    return View(left, right, bottom, top)


def _laid_out(line: RunLine, wish: PanelWish, check: Callable[[], None]) -> LaidOut:
    options = replace(wish.options, log_y=False) if wish.averages else wish.options
    known = wish.done.get(line.slot)
    if known is not None and known.points is line.points and known.options == options:
        return known
    check()
    return LaidOut(line.points, options, lay_out(line.points, options, check))


def _strokes(wish: PanelWish, curves: Mapping[int, LaidOut]) -> tuple[Stroke, ...]:
    lines = [(line, curves[line.slot].curve) for line in wish.lines]
    faint = [
        Stroke(curve, line.colour, is_faint=True) for line, curve in lines if curve.is_smoothed
    ]
    return (*faint, *(Stroke(curve, line.colour, line.is_dashed) for line, curve in lines))


def _averages(
    wish: PanelWish, curves: Mapping[int, LaidOut], check: Callable[[], None]
) -> tuple[dict[int, Curve], tuple[Stroke, ...], dict[int, Area]]:
    groups: dict[int, list[RunLine]] = {}
    for line in wish.lines:
        groups.setdefault(line.group, []).append(line)
    shown, strokes, areas = {}, [], {}
    for number, lines in sorted(groups.items()):
        found = band([curves[line.slot].curve for line in lines], check=check)
        if wish.options.log_y:
            found = _logarithmic(found)
        if not len(found.xs):
            continue
        colour = lines[0].colour
        shown[number] = _curve(found)
        strokes.append(Stroke(shown[number], colour))
        if len(lines) > 1:
            areas[number] = Area(found.xs, found.low, found.high, colour)
    return shown, tuple(strokes), areas


def _logarithmic(found: Band) -> Band:
    """The band on a logarithmic axis: where its mean is not above 0, it has a gap."""
    kept = [i for i, mean in enumerate(found.mean) if mean > 0]
    least = min((found.mean[i] for i in kept), default=1.0) / 1000

    def taken(values: Sequence[float]) -> array[float]:
        return array("d", (log10(max(values[i], least)) for i in kept))

    return Band(
        array("d", (found.xs[i] for i in kept)),
        taken(found.mean),
        taken(found.low),
        taken(found.high),
        array("i", (found.counts[i] for i in kept)),
    )


def _curve(found: Band) -> Curve:
    bounds = (found.xs[0], found.xs[-1], min(found.mean), max(found.mean))
    pieces = ((0, len(found.xs)),)
    return Curve(found.xs, found.mean, found.mean, pieces, (), bounds, 0)


def _restarts(
    lines: Iterable[RunLine], curves: Mapping[int, LaidOut]
) -> tuple[tuple[float, QColor], ...]:
    """Where runs began again; nothing where so many would only hide the curves."""
    shown = list(lines)
    if len(shown) > RESTARTS_OF:
        return ()
    found = [(x, line.colour) for line in shown for x in curves[line.slot].curve.restarts]
    return tuple(found) if len(found) <= MOST_RESTARTS else ()


def _full_view(strokes: Iterable[Stroke], areas: Iterable[Area]) -> tuple[View | None, int]:
    """The view of all curves, and how many leave it.

    Where a few of many curves reach so far that all others would be one flat line, the view is
    that of the others.
    """
    bounds = [stroke.curve.bounds for stroke in strokes if stroke.curve.bounds is not None]
    if not bounds:
        return None, 0
    edges = [*areas]
    lows = sorted([*(b[2] for b in bounds), *(min(area.low) for area in edges)])
    highs = sorted([*(b[3] for b in bounds), *(max(area.high) for area in edges)])
    low, high = lows[0], highs[-1]
    few = int(len(bounds) * FAR_SHARE)
    usual_low, usual_high = lows[few], highs[-1 - few]
    if usual_high > usual_low and high - low > FAR * (usual_high - usual_low):
        low, high = usual_low, usual_high
    outside = sum(b[2] < low or b[3] > high for b in bounds)
    left, right = min(b[0] for b in bounds), max(b[1] for b in bounds)
    return widened(View(left, right, low, high)), outside


def _widened(low: float, high: float, share: float) -> tuple[float, float]:
    room = (high - low) * share
    if not isfinite(room):
        return max(low, -1e299), min(high, 1e299)
    if room <= abs(high) * 1e-12:
        room = abs(high) * 0.1 or 0.5
    return low - room, high + room
