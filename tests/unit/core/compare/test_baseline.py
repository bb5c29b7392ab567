import math

import pytest

from core.compare.baseline import Delta, delta

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("value", "baseline", "expected"),
    [
        (3, 2, Delta(1.0, 50.0)),
        (1.0, 2, Delta(-1.0, -50.0)),
        (-1, -2, Delta(1.0, 50.0)),
        (2, 2, Delta(0.0, 0.0)),
        (1, 0, Delta(1.0, None)),
        (0, 0.0, Delta(0.0, None)),
        (1, INF, Delta(-INF, None)),
        (INF, 1, Delta(INF, INF)),
        ("1", 1, None),
        (None, 1, None),
        (1, None, None),
        (True, 1, None),
        (10**400, 1, None),
    ],
)
def test_a_number_is_measured_against_the_baselines(value, baseline, expected):
    assert delta(value, baseline) == expected


def test_what_is_no_number_has_a_difference_that_is_none():
    for value, baseline in ((NAN, 1), (1, NAN), (INF, INF)):
        found = delta(value, baseline)
        assert math.isnan(found.difference)
        assert found.percent is None
