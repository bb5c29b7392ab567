from __future__ import annotations

from math import inf, log10, nan

import pytest

from core.compare.ticks import round_step, ticks


def texts(*args):
    return [tick.text for tick in ticks(*args)]


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0, 1, 5, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0, 10, 4, ["0.0", "2.5", "5.0", "7.5", "10.0"]),
        (-1, 1, 4, ["-1.0", "-0.5", "0.0", "0.5", "1.0"]),
        (0, 12_000, 3, ["0", "5,000", "10,000"]),
        (0.0011, 0.0019, 4, ["0.0012", "0.0014", "0.0016", "0.0018"]),
        (0, 3e9, 3, ["0", "1e9", "2e9", "3e9"]),
        (0, 4e-8, 4, ["0", "1e-8", "2e-8", "3e-8", "4e-8"]),
    ],
)
def test_numbers_are_round(low, high, most, expected):
    assert texts("number", low, high, most) == expected


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (0, 2, 8, ["0", "1", "2"]),
        (0.2, 0.8, 4, []),
        (0, 10, 4, ["0", "5", "10"]),
        (0, 100, 4, ["0", "25", "50", "75", "100"]),
        (0, 3_000_000, 3, ["0", "1,000,000", "2,000,000", "3,000,000"]),
    ],
)
def test_there_is_no_half_of_a_step(low, high, most, expected):
    assert texts("whole", low, high, most) == expected


def test_there_is_no_half_of_a_step_on_a_logarithmic_axis():
    assert texts("whole-log", 0, log10(4), 10) == ["1", "2", "3", "4"]
    assert texts("whole-log", -3, 0, 4) == texts("log", -3, 0, 4)


@pytest.mark.parametrize(
    ("low", "high", "most", "expected"),
    [
        (-3, 0, 4, ["0.001", "0.01", "0.1", "1"]),
        (0, 12, 4, ["1", "10,000", "1e8", "1e12"]),
        (-12, -6, 8, [f"1e{n}" for n in range(-12, -5)]),
        (log10(2), log10(8), 4, ["2", "4", "6", "8"]),
        (0, 2, 12, ["1", "2", "5", "10", "20", "50", "100"]),
    ],
)
def test_logarithmic_axes_have_powers_of_ten(low, high, most, expected):
    assert texts("log", low, high, most) == expected


@pytest.mark.parametrize(
    ("high", "most", "expected"),
    [
        (1, 2, ["0.0 s", "0.5 s", "1.0 s"]),
        (60, 4, ["0 s", "15 s", "30 s", "45 s", "60 s"]),
        (3600, 4, ["0 min", "15 min", "30 min", "45 min", "60 min"]),
        (86_400 * 3, 3, ["0 d", "1 d", "2 d", "3 d"]),
    ],
)
def test_durations_are_in_the_unit_of_their_step(high, most, expected):
    assert texts("duration", 0, high, most) == expected


def test_times_of_day_are_full_hours():
    shown = texts("clock", 1_763_900_100, 1_763_900_100 + 6 * 3600, 7)

    assert len(shown) == 6
    assert all(text.endswith(":00") for text in shown)


def test_days_are_dates():
    shown = texts("clock", 1_763_900_100, 1_763_900_100 + 5 * 86_400, 6)

    assert len(shown) == 5
    assert all(text.startswith("2025-11-2") for text in shown)


def test_words_are_left_out_evenly_where_there_is_no_room():
    words = [f"w{n}" for n in range(10)]

    assert texts("words", -0.5, 9.5, 20, words) == words
    assert texts("words", -0.5, 9.5, 4, words) == ["w0", "w3", "w6", "w9"]
    assert texts("words", 2.5, 4.2, 4, words) == ["w3", "w4"]


@pytest.mark.parametrize("kind", ["number", "log", "duration", "clock", "words"])
@pytest.mark.parametrize(
    ("low", "high"),
    [(0, 0), (1, 0), (nan, 1), (0, inf), (-1e308, 1e308), (1e300, 2e300), (1e17, 1e17 + 32)],
)
def test_an_impossible_part_has_few_numbers_or_none(kind, low, high):
    assert len(ticks(kind, low, high, 5)) <= 12


def test_a_step_is_never_used_more_often_than_allowed():
    for span in (1e-300, 3.7, 10, 9999, 1e300):
        for most in (1, 3, 10):
            assert span / round_step(span, most) <= most * 1.001
