from __future__ import annotations

import pytest
from msgspec import Struct

from core.compare.bands import MOST_PLACES, band
from core.curves import CurveOptions, lay_out


class Values(Struct):
    steps: list[int]
    values: list[float]
    starts: tuple[int, ...] = ()

    @property
    def wall_times(self):
        return [0.0] * len(self.steps)


def curve(ys, steps=None, starts=()):
    return lay_out(Values(list(steps or range(len(ys))), list(ys), starts), CurveOptions())


def test_the_mean_is_taken_at_each_step():
    found = band([curve([1, 2, 3]), curve([3, 4, 5])])

    assert list(found.xs) == [0, 1, 2]
    assert list(found.mean) == [2, 3, 4]
    assert list(found.counts) == [2, 2, 2]


def test_the_band_is_a_standard_deviation_or_from_least_to_greatest():
    curves = [curve([1.0]), curve([2.0]), curve([6.0])]

    deviation, extent = band(curves), band(curves, "extent")

    assert deviation.mean[0] == 3
    assert deviation.high[0] - 3 == pytest.approx(7**0.5)
    assert (extent.low[0], extent.high[0]) == (1, 6)


def test_a_curve_counts_only_where_it_is():
    found = band([curve([1, 1, 1, 1]), curve([3, 3], steps=[1, 2])])

    assert list(found.mean) == [1, 2, 2, 1]
    assert list(found.counts) == [1, 2, 2, 1]


def test_between_its_points_a_curve_is_a_line():
    found = band([curve([0, 10], steps=[0, 10]), curve([4], steps=[5])])

    assert list(zip(found.xs, found.mean, strict=True)) == [(0, 0), (5, 4.5), (10, 10)]


def test_of_a_restarted_run_the_latest_attempt_counts():
    found = band([curve([1, 2, 3, 30, 40], steps=[0, 1, 2, 2, 3], starts=(0, 3))])

    assert list(found.mean) == [1, 2, 30, 40]


def test_many_steps_are_looked_at_in_even_places():
    found = band([curve(range(5000)), curve(range(0, 10_000, 2))])

    assert len(found.xs) == MOST_PLACES
    assert (found.xs[0], found.xs[-1]) == (0, 4999)
    assert found.mean[-1] == pytest.approx((4999 + 9998) / 2)


def test_groups_without_points_have_no_band():
    assert len(band([]).xs) == len(band([curve([])]).xs) == 0
