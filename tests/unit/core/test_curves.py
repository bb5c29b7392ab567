from __future__ import annotations

from math import inf, log10, nan

import pytest
from msgspec import Struct, field

from core.curves import (
    MAX_ATTEMPTS,
    CurveOptions,
    lay_out,
    offered_axes,
    smooth,
)
from core.errors import Cancelled


class Values(Struct, frozen=True):
    steps: list[int]
    values: list[float]
    wall_times: list[float] = field(default_factory=list)
    starts: tuple[int, ...] = ()


def values(ys, steps=None, times=None, starts=()):
    return Values(
        steps if steps is not None else list(range(len(ys))),
        list(ys),
        times if times is not None else [0.0] * len(ys),
        starts,
    )


def test_smoothing_starts_at_the_first_value():
    assert smooth([4.0, 4.0, 4.0], 0.9) == pytest.approx([4.0, 4.0, 4.0])


def test_smoothing_is_the_debiased_moving_average():
    first = 1.0
    second = (0.5 * 0.5 * 1 + 0.5 * 3) / (1 - 0.25)

    assert smooth([1.0, 3.0], 0.5) == pytest.approx([first, second])


def test_smoothing_passes_over_what_is_not_a_number():
    smoothed = smooth([1.0, nan, inf, 1.0], 0.5)

    assert smoothed[0] == smoothed[3] == 1.0
    assert smoothed[1] != smoothed[1]
    assert smoothed[2] == inf


def test_no_smoothing_keeps_the_very_values():
    curve = lay_out(values([1, 5, 2]), CurveOptions())

    assert list(curve.raw) == [1, 5, 2]
    assert not curve.is_smoothed


def test_a_restart_is_a_piece_of_its_own_and_is_smoothed_afresh():
    curve = lay_out(
        values([9, 9, 9, 1, 1], [0, 1, 2, 1, 2], starts=(0, 3)), CurveOptions(smoothing=0.9)
    )

    assert curve.pieces == ((0, 3), (3, 5))
    assert curve.restarts == (1.0,)
    assert list(curve.smoothed) == pytest.approx([9, 9, 9, 1, 1])


def test_steps_in_no_order_are_sorted_instead_of_cut_to_bits():
    steps = [i ^ 1 for i in range(4 * MAX_ATTEMPTS)]

    starts = tuple(range(0, len(steps), 2))

    curve = lay_out(values([float(s) for s in steps], steps, starts=starts), CurveOptions())

    assert curve.pieces == ((0, len(steps)),)
    assert list(curve.xs) == list(curve.raw) == sorted(steps)


def test_values_that_are_no_numbers_are_gaps_and_counted():
    curve = lay_out(values([1, nan, 3, 4, inf, 6]), CurveOptions())

    assert curve.hidden == 2
    assert curve.pieces == ((0, 1), (1, 3), (3, 4))
    assert list(curve.xs) == [0, 2, 3, 5]
    assert curve.bounds == (0, 5, 1, 6)


def test_a_log_axis_leaves_out_what_has_no_logarithm():
    curve = lay_out(values([0.0, -1.0, 10.0, 100.0]), CurveOptions(log_x=True, log_y=True))

    assert curve.hidden == 2
    assert list(curve.xs) == [log10(2), log10(3)]
    assert list(curve.raw) == [1, 2]


def test_smoothing_happens_before_the_logarithm():
    curve = lay_out(values([1.0, 3.0]), CurveOptions(log_y=True, smoothing=0.5))

    assert curve.smoothed[1] == pytest.approx(log10(smooth([1.0, 3.0], 0.5)[1]))


def test_nothing_but_gaps_has_no_bounds():
    curve = lay_out(values([nan, nan]), CurveOptions(smoothing=0.5))

    assert curve.bounds is None
    assert curve.pieces == ()
    assert curve.nearest(1.0) is None


def test_times_are_offered_only_where_every_value_has_one():
    assert "wall" not in offered_axes(values([1, 2]))
    assert "wall" not in offered_axes(values([1, 2], times=[0.0, 100.0]))
    assert offered_axes(values([1, 2], times=[99.0, 100.0])) == (
        "step",
        "order",
        "relative",
        "wall",
    )


def test_times_are_not_offered_where_one_of_the_files_has_none():
    points = Values([0, 1, 2, 3], [1, 2, 3, 4], [9.0, 10.0, 0.0, 0.0], (0, 2))
    before = Values([0, 1, 2, 3], [1, 2, 3, 4], [0.0, 0.0, 9.0, 10.0], (0, 2))

    assert "wall" not in offered_axes(points)
    assert "wall" not in offered_axes(before)


def test_the_order_comes_first_where_every_step_is_the_same():
    assert offered_axes(values([1, 2, 3], steps=[0, 0, 0]))[0] == "order"
    assert offered_axes(values([1]))[0] == "step"


def test_relative_times_count_from_the_first():
    points = values([1, 2], times=[1000.5, 1002.0])

    assert list(lay_out(points, CurveOptions(axis="relative")).xs) == [0.0, 1.5]
    assert list(lay_out(points, CurveOptions(axis="wall")).xs) == [1000.5, 1002.0]


def test_a_clock_that_was_set_back_cuts_the_curve():
    points = values([1, 2, 3, 4], times=[10.0, 20.0, 5.0, 15.0])

    assert lay_out(points, CurveOptions(axis="wall")).pieces == ((0, 2), (2, 4))


def test_the_nearest_point_of_two_attempts_is_the_latest():
    curve = lay_out(values([1, 2, 3, 4], [0, 5, 0, 5], starts=(2,)), CurveOptions())

    assert curve.nearest(4.0) == 3
    assert curve.nearest(-100) == 2


def test_laying_out_can_be_stopped():
    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        lay_out(values([1, 2]), CurveOptions(), stop)
