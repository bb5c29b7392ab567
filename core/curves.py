"""The points of a curve: from a scalar's values to places in a plane.

Why the standard library and not numpy: exponential smoothing is a recurrence, which numpy cannot
vectorise; and the same code serves commands that print or export curves, which start without it.
Which points a plot of some width needs is `gui.plots.plot_strokes`' to choose.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from itertools import compress, islice, pairwise
from math import inf, isfinite, log10, nan
from operator import lt, sub
from typing import Literal, Protocol, get_args

from msgspec import Struct

Axis = Literal["step", "order", "relative", "wall"]
AXES: tuple[Axis, ...] = get_args(Axis)

# More of them are no restarts but steps written out of order.
MAX_ATTEMPTS = 50


class Points(Protocol):
    """The values of one scalar, in the order they were written (`core.runs.scalars.Series`).

    `wall_times` are seconds since 1970-01-01 UTC, 0 where the writer left them out; `starts` is
    where each attempt begins: a restart adds an event file, or counts from an earlier step on.
    """

    @property
    def steps(self) -> Sequence[int]: ...  # noqa: D102 - described above
    @property
    def values(self) -> Sequence[float]: ...  # noqa: D102 - see the class
    @property
    def wall_times(self) -> Sequence[float]: ...  # noqa: D102 - see the class
    @property
    def starts(self) -> Sequence[int]: ...  # noqa: D102 - see the class


class CurveOptions(Struct, frozen=True):
    """How the user wants a curve to be drawn.

    Attributes:
        axis: What x is: the step, the position in the file, seconds since the first value, or
            seconds since 1970-01-01 UTC.
        smoothing: Weight of the past, 0 (none) up to, not including, 1.
        log_x: Logarithmic x; values of x below or at 0 are left out.
        log_y: Logarithmic y; values below or at 0 are gaps.
    """

    axis: Axis = "step"
    smoothing: float = 0.0
    log_x: bool = False
    log_y: bool = False


class Curve(Struct, frozen=True):
    """All points of one scalar, laid out for one set of options.

    Coordinates are those of the plot: their decimal logarithm where an axis is logarithmic.

    Attributes:
        xs: x of every point that can be drawn, sorted within each piece.
        raw: y of each point.
        smoothed: Smoothed y of each point; the same object as `raw` without smoothing.
        pieces: First and behind-last index of each stretch without a gap.
        restarts: x at which a later attempt begins again.
        bounds: Least and greatest x, least and greatest y; None without points.
        hidden: Number of values that are not numbers, infinite, or impossible on a log axis.
    """

    xs: array[float]
    raw: array[float]
    smoothed: array[float]
    pieces: tuple[tuple[int, int], ...]
    restarts: tuple[float, ...]
    bounds: tuple[float, float, float, float] | None
    hidden: int

    @property
    def is_smoothed(self) -> bool:
        """Whether the smoothed curve differs from the raw one."""
        return self.smoothed is not self.raw

    def nearest(self, x: float) -> int | None:
        """Index of the point closest to `x`; of equal ones that of the latest attempt."""
        best, distance = None, inf
        for start, stop in self.pieces:
            at = bisect_left(self.xs, x, start, stop)
            for i in (at - 1, at):
                if start <= i < stop and abs(self.xs[i] - x) <= distance:
                    best, distance = i, abs(self.xs[i] - x)
        return best


def offered_axes(points: Points) -> tuple[Axis, ...]:
    """The meanings of x that say something about these points, best first.

    Guild 0.9 writes no times, and without a "step:" line every step is 0.
    """
    times, steps = points.wall_times, points.steps
    has_steps = len(steps) < 2 or steps[0] != steps[-1] or min(steps) != max(steps)
    # A file has times or has none, so the first point of each tells: asked of many long curves.
    firsts = [times[start] for start in (0, *points.starts, len(times) - 1)] if times else []
    has_times = bool(firsts) and min(firsts) > 0
    by_count: tuple[Axis, ...] = ("step", "order") if has_steps else ("order", "step")
    return (*by_count, "relative", "wall") if has_times else by_count


def smooth(values: Sequence[float], weight: float) -> array[float]:
    """The exponential moving average, without the pull towards 0 at its start.

    Args:
        values: In order; what is not finite stays as it is and leaves no trace after it.
        weight: Weight of the past, 0 up to, not including, 1.
    """
    smoothed = array("d", bytes(8 * len(values)))
    past = 0.0
    bias = 1.0
    for i, value in enumerate(values):
        if not isfinite(value):
            smoothed[i] = value
            continue
        past = past * weight + value * (1 - weight)
        bias *= weight
        smoothed[i] = past / (1 - bias)
    return smoothed


def lay_out(
    points: Points, options: CurveOptions, check: Callable[[], None] = lambda: None
) -> Curve:
    """Choose x, smooth each attempt, take logarithms, and find gaps and restarts.

    Args:
        points: The scalar's values.
        options: How to draw them.
        check: Called now and then; raises to stop.
    """
    xs, ys, starts = _in_order(points, options.axis)
    check()
    smoothed = ys
    if options.smoothing > 0:
        smoothed = array("d")
        for start, stop in pairwise([*starts, len(ys)]):
            smoothed.extend(smooth(ys[start:stop], options.smoothing))
            check()
    if options.log_x:
        xs = _logarithms(xs)
    restarts = tuple(dict.fromkeys(xs[i] for i in starts[1:] if isfinite(xs[i])))
    raw = _logarithms(ys) if options.log_y else ys
    if smoothed is not ys and options.log_y:
        smoothed = _logarithms(smoothed)
    check()
    return _curve(xs, raw, raw if smoothed is ys else smoothed, starts, restarts)


def _in_order(points: Points, axis: Axis) -> tuple[array[float], array[float], list[int]]:
    """x, y and the first index of each attempt; sorted by x where steps come in no order."""
    ys = array("d", points.values)
    starts = sorted({0, *points.starts} if len(ys) else ())
    xs = _positions(points, axis)
    if len(starts) <= MAX_ATTEMPTS:
        return xs, ys, starts
    order = sorted(range(len(xs)), key=xs.__getitem__)
    return array("d", (xs[i] for i in order)), array("d", (ys[i] for i in order)), [0]


def _positions(points: Points, axis: Axis) -> array[float]:
    if axis == "order":
        return array("d", range(1, len(points.values) + 1))
    if axis == "step":
        return array("d", points.steps)
    if axis == "wall":
        return array("d", points.wall_times)
    origin = min(points.wall_times, default=0.0)
    return array("d", (time - origin for time in points.wall_times))


def _logarithms(values: Sequence[float]) -> array[float]:
    return array("d", (log10(v) if 0 < v < inf else nan for v in values))


def _curve(
    xs: array[float],
    raw: array[float],
    smoothed: array[float],
    starts: Sequence[int],
    restarts: tuple[float, ...],
) -> Curve:
    drawable = _drawable(xs, raw, smoothed)
    hidden = len(xs) - len(drawable)
    pieces = _pieces(xs, drawable, starts)
    if hidden:
        # Without the gaps: only what can be drawn, its pieces closing up.
        same = smoothed is raw
        xs = array("d", map(xs.__getitem__, drawable))
        raw = array("d", map(raw.__getitem__, drawable))
        smoothed = raw if same else array("d", map(smoothed.__getitem__, drawable))
    return Curve(xs, raw, smoothed, pieces, restarts, _bounds(xs, raw, smoothed), hidden)


def _drawable(
    xs: Sequence[float], raw: Sequence[float], smoothed: Sequence[float]
) -> Sequence[int]:
    """Indexes of the points whose coordinates are all finite."""
    if isfinite(sum(xs)) and isfinite(sum(raw)) and isfinite(sum(smoothed)):
        return range(len(xs))
    return [
        i
        for i, point in enumerate(zip(xs, raw, smoothed, strict=True))
        if all(map(isfinite, point))
    ]


def _pieces(
    xs: Sequence[float], drawable: Sequence[int], starts: Sequence[int]
) -> tuple[tuple[int, int], ...]:
    """Stretches of positions in `drawable` without a gap, a new attempt or a falling x."""
    cuts = {bisect_left(drawable, start) for start in starts}
    if len(drawable) < len(xs):
        steps = map(sub, islice(drawable, 1, None), drawable)
        cuts.update(at for at, step in enumerate(steps, 1) if step > 1)
        cuts.update(_drops([xs[i] for i in drawable]))
    else:
        cuts.update(_drops(xs))
    cuts -= {0, len(drawable)}
    return tuple(pairwise([0, *sorted(cuts), len(drawable)])) if drawable else ()


def _drops(values: Sequence[float]) -> list[int]:
    """Indexes of the values that are less than the one before (found at the speed of C)."""
    falls = map(lt, islice(values, 1, None), values)
    return list(compress(range(1, len(values)), falls))


def _bounds(
    xs: Sequence[float], raw: Sequence[float], smoothed: Sequence[float]
) -> tuple[float, float, float, float] | None:
    if not len(xs):
        return None
    low, high = min(min(raw), min(smoothed)), max(max(raw), max(smoothed))
    return min(xs), max(xs), low, high
