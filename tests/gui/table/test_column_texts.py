from __future__ import annotations

import math
import time
from datetime import datetime

import pytest

from core.index.columns import RunColumns
from gui.table.columns import BASE_KEYS, default_keys, describe, scalar_text, study, told_apart
from gui.table.sparklines import POINTS, thin_curve
from gui.time_text import exact_time, iso_time, relative_time
from tests.support.run_tables import make_columns, make_run, make_summary


@pytest.fixture
def berlin(monkeypatch):
    """Local time is that of Berlin."""
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


def at(text):
    return int(datetime.fromisoformat(text).timestamp() * 1_000_000)


@pytest.mark.parametrize(
    ("then", "text"),
    [
        ("2025-11-21 16:40:30", "now"),
        ("2025-11-21 16:41:20", "now"),
        ("2025-11-21 16:38:30", "2 min ago"),
        ("2025-11-21 15:41:10", "59 min ago"),
        ("2025-11-21 13:20:00", "3 h ago"),
        ("2025-11-20 22:14:00", "yest. 22:14"),
        ("2025-11-18 09:05:00", "Tue 09:05"),
        ("2025-11-15 16:40:00", "Sat 16:40"),
        ("2025-11-14 16:40:00", "14 Nov"),
        ("2024-11-12 16:40:00", "12 Nov 2024"),
        ("2025-11-21 19:00:00", "19:00"),
        ("2025-11-25 10:00:00", "25 Nov"),
    ],
)
def test_relative_times_are_short(berlin, then, text):
    assert relative_time(at(then), at("2025-11-21 16:41:00")) == text


def test_exact_times_have_seconds_and_zone(berlin):
    when = at("2025-11-21 16:41:07")

    assert exact_time(when) == "Fri 2025-11-21 16:41:07 CET"
    assert iso_time(when) == "2025-11-21T16:41:07+01:00"


def test_a_time_outside_the_calendar_is_no_text():
    assert relative_time(10**30, 0) == exact_time(10**30) == iso_time(-(10**30)) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.18031, "0.1803"),
        (0.5, "0.5000"),
        (12.3456, "12.35"),
        (1234.56, "1234.6"),
        (12345678.0, "1.23e7"),
        (0.0000123, "1.23e-5"),
        (0.0, "0.0000"),
        (-0.25, "-0.2500"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
    ],
)
def test_scalars_have_the_digits_worth_reading(value, text):
    assert scalar_text(value) == text


def test_whole_scalars_have_no_decimals():
    assert scalar_text(100.0, whole=True) == "100"
    assert scalar_text(math.nan, whole=True) == "nan"


def test_default_columns_are_fields_flags_that_vary_and_common_scalars():
    columns = RunColumns()
    for number in range(10):
        flags = {"same": 1, "varies": number, "rare": "x"} if number < 9 else {"same": 1}
        scalars = {"zeta": make_summary(1), "val_loss": make_summary(number)}
        columns.put(make_run(number, flags=flags, scalars=scalars))

    keys = default_keys(columns)

    assert keys == [*BASE_KEYS, "flag:varies", "spark:val_loss", "scalar:last:zeta"]


def test_default_columns_have_a_loss_and_an_accuracy_before_a_second_loss():
    columns = RunColumns()
    names = ("loss", "val_loss", "accuracy", "zeta")
    columns.put(make_run(1, scalars={name: make_summary(1) for name in names}))

    assert default_keys(columns)[-2:] == ["spark:loss", "scalar:last:accuracy"]


def test_default_columns_of_no_runs_are_the_fields():
    assert default_keys(make_columns(0)) == list(BASE_KEYS)


def test_a_curve_is_thinned_and_scaled():
    curve = thin_curve(range(1_000), [1 - n / 1_000 for n in range(1_000)])

    assert len(curve) == POINTS
    assert (curve[0], curve[-1]) == (1.0, 0.0)
    assert list(curve) == sorted(curve, reverse=True)


def test_odd_curves_are_drawn_as_far_as_they_can_be():
    assert thin_curve([], []) == ()
    assert thin_curve([0], [math.nan]) == ()
    assert thin_curve([0, 1], [3.0, 3.0]) == (0.5, 0.5)
    assert thin_curve([2, 1], [1.0, 0.0]) == (0.0, 1.0), "in the order of steps"
    assert thin_curve([0, 1, 2], [0.0, math.inf, 1.0]) == (0.0, 1.0)


def columns_with(flags):
    columns = RunColumns()
    for number, each in enumerate(flags):
        columns.put(make_run(number, flags=each))
    return columns


def test_the_kind_of_a_column_is_told_by_values_from_all_runs():
    columns = columns_with({"a": 1 if number < 500 else "one"} for number in range(2_000))

    assert study("flag:a", columns).kind == "text"


def test_a_value_that_few_runs_have_tells_the_kind_of_its_column():
    columns = columns_with({"b": 0.5} if number == 1_357 else {"a": 1} for number in range(3_000))

    assert study("flag:b", columns).kind == "number"


def test_columns_with_one_title_say_what_each_is():
    keys = ["label", "flag:lr", "scalar:last:lr", "attr:lr", "spark:loss", "scalar:last:loss"]

    titles = [column.title for column in told_apart([describe(key) for key in keys])]

    assert titles == ["Label", "lr (flag)", "lr", "lr (attribute)", "loss (curve)", "loss"]


def test_a_title_that_one_column_has_stays_short():
    layout = [describe(key) for key in ("spark:loss", "flag:lr", "scalar:min:loss")]

    assert told_apart(layout) == tuple(layout)
