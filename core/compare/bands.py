"""The mean of several curves, and how far they lie apart: one line and a band for a group of runs.

Why between points too: runs of a group need not have logged at the same steps. Where all have,
the mean is taken at each of these steps and nothing is interpolated; else at evenly spaced places,
from each curve that reaches there. A curve that ended earlier does not pull on what comes after it.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from math import fsum, sqrt
from typing import Literal

from msgspec import Struct

from core.curves import Curve

Spread = Literal["deviation", "extent"]

MOST_PLACES = 500


class Band(Struct, frozen=True):
    """The mean curve of a group.

    Attributes:
        xs: Where, rising.
        mean: The mean there.
        low: Lower edge of the band.
        high: Upper edge of the band.
        counts: How many curves reach there.
    """

    xs: array[float]
    mean: array[float]
    low: array[float]
    high: array[float]
    counts: array[int]


def band(
    curves: Sequence[Curve], spread: Spread = "deviation", check: Callable[[], None] = lambda: None
) -> Band:
    """The mean of curves and their spread; what is smoothed counts, where something is.

    Args:
        curves: Laid out for the same axis.
        spread: Whether the band is a standard deviation (of the runs at hand) around the mean, or
            reaches from the least to the greatest.
        check: Called now and then; raises to stop.
    """
    found = Band(array("d"), array("d"), array("d"), array("d"), array("i"))
    lines = [curve for curve in curves if len(curve.xs)]
    columns = []
    places = _places(lines)
    for line in lines:
        check()
        columns.append(_sampled(line, places))
    for place, values in zip(places, zip(*columns, strict=True), strict=True):
        known = [value for value in values if value is not None]
        if not known:
            continue
        mean = fsum(known) / len(known)
        low, high = min(known), max(known)
        if spread == "deviation":
            deviation = _deviation(known, mean)
            low, high = mean - deviation, mean + deviation
        found.xs.append(place)
        found.mean.append(mean)
        found.low.append(low)
        found.high.append(high)
        found.counts.append(len(known))
    return found


def _deviation(values: Sequence[float], mean: float) -> float:
    if len(values) < 2:
        return 0.0
    return sqrt(fsum((value - mean) ** 2 for value in values) / (len(values) - 1))


def _places(lines: Sequence[Curve]) -> list[float]:
    """All x where they are few, else as many even ones as a plot has columns."""
    different: set[float] = set()
    for line in lines:
        if len(different) <= MOST_PLACES:
            different.update(line.xs)
    if len(different) <= MOST_PLACES:
        return sorted(different)
    low, high = min(min(line.xs) for line in lines), max(max(line.xs) for line in lines)
    width = (high - low) / (MOST_PLACES - 1)
    return [low + number * width for number in range(MOST_PLACES - 1)] + [high]


def _sampled(line: Curve, places: Sequence[float]) -> list[float | None]:
    """The curve at each place; None where it has not begun or ended. The latest attempt counts."""
    found: list[float | None] = [None] * len(places)
    for start, stop in line.pieces:
        for number, place in enumerate(places):
            if line.xs[start] <= place <= line.xs[stop - 1]:
                found[number] = _at(line, start, stop, place)
    return found


def _at(line: Curve, start: int, stop: int, x: float) -> float:
    right = bisect_right(line.xs, x, start, stop)
    if right == stop or line.xs[right - 1] == x:
        return line.smoothed[right - 1]
    x0, x1 = line.xs[right - 1], line.xs[right]
    y0, y1 = line.smoothed[right - 1], line.smoothed[right]
    return y0 + (y1 - y0) * (x - x0) / (x1 - x0)
