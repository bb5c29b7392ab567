"""Thinning out changes no pixel: what is left covers the same heights in every column."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gui.plots.plot_paint import View
from gui.plots.plot_strokes import thinned

numbers = st.floats(-1e6, 1e6)


@st.composite
def curves(draw):
    ys = draw(st.lists(numbers, min_size=1, max_size=300))
    gaps = draw(st.lists(st.integers(0, 3), min_size=len(ys), max_size=len(ys)))
    return np.cumsum(np.array(gaps, float)), np.array(ys)


def extent(xs, ys, view, columns):
    """Least and greatest value of the points in each column of a view."""
    inside = (xs >= view.left) & (xs < view.right)
    column = ((xs[inside] - view.left) * (columns / view.width)).astype(int)
    found = {}
    for place, y in zip(column, ys[inside], strict=True):
        low, high = found.get(place, (y, y))
        found[place] = (min(low, y), max(high, y))
    return found


@given(curves(), st.integers(1, 20), st.floats(0, 1), st.floats(0.05, 1))
def test_every_column_has_its_extremes(curve, columns, start, share):
    xs, ys = curve
    span = max(1.0, xs[-1])
    view = View(start * span, start * span + share * span, 0, 1)

    thin_xs, thin_ys = thinned(xs, ys, view, columns)

    assert extent(thin_xs, thin_ys, view, columns) == extent(xs, ys, view, columns)
    assert list(thin_xs) == sorted(thin_xs)
    assert len(thin_xs) <= max(4 * columns + 12, 12)


@given(curves(), st.integers(1, 20))
def test_the_ends_of_the_line_stay(curve, columns):
    xs, ys = curve
    view = View(float(xs[0]), float(xs[-1]) + 1, 0, 1)

    thin_xs, thin_ys = thinned(xs, ys, view, columns)

    assert (thin_xs[0], thin_ys[0]) == (xs[0], ys[0])
    assert (thin_xs[-1], thin_ys[-1]) == (xs[-1], ys[-1])
