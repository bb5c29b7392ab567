from __future__ import annotations

from math import isfinite

from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from core.curves import CurveOptions, lay_out, offered_axes, smooth

numbers = st.floats(width=32)
finite = st.floats(-1e30, 1e30)


class Values(Struct, frozen=True):
    steps: list[int]
    values: list[float]
    wall_times: list[float]
    starts: tuple[int, ...] = ()


rows = st.lists(st.tuples(st.integers(-(2**62), 2**62), numbers, numbers), max_size=200)
options = st.builds(
    CurveOptions,
    axis=st.sampled_from(["step", "order", "relative", "wall"]),
    smoothing=st.sampled_from([0.0, 0.3, 0.999]),
    log_x=st.booleans(),
    log_y=st.booleans(),
)
lines = st.lists(st.tuples(finite, finite), min_size=1, max_size=400).map(
    lambda points: sorted(points, key=lambda point: point[0])
)


@given(st.lists(finite, min_size=1), st.floats(0, 0.999))
def test_smoothed_values_stay_between_the_lowest_and_the_highest(values, weight):
    slack = 1e-9 * max(map(abs, values))

    for value in smooth(values, weight):
        assert min(values) - slack <= value <= max(values) + slack


@given(rows, st.sets(st.integers(0, 199)), options)
def test_any_values_become_points_that_can_be_drawn(rows, starts, options):
    columns_of_rows = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    points = Values(*columns_of_rows, tuple(sorted(s for s in starts if s < len(rows))))

    curve = lay_out(points, options)

    assert offered_axes(points)
    assert all(map(isfinite, curve.xs))
    assert all(map(isfinite, curve.raw))
    assert all(map(isfinite, curve.smoothed))
    assert len(curve.xs) + curve.hidden == len(rows)
    for start, stop in curve.pieces:
        assert list(curve.xs[start:stop]) == sorted(curve.xs[start:stop])
    if curve.bounds is not None:
        drawn = [*curve.raw, *curve.smoothed]
        assert curve.bounds == (min(curve.xs), max(curve.xs), min(drawn), max(drawn))
