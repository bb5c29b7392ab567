from __future__ import annotations

import math

import pytest

from core.compare.column_spec import ColumnSpec, parse_column
from core.compare.groups import summarise
from core.compare.table import columns_of
from gui.compare.compare_look import (
    delta_text,
    explained,
    full_text,
    headed,
    look_of,
    pair_text,
    spread_text,
    stats_text,
    tone_of,
    value_text,
)


def column(text: str):
    return columns_of([headed(parse_column(text))])[0]


def look(text: str, *values):
    return look_of(column(text), values)


def test_a_name_of_several_lines_is_a_heading_of_one():
    spec = ColumnSpec("flag", "new\nline")

    assert look_of(columns_of([spec])[0], (1, 2)).title == "new line"
    assert pair_text("new\nline", 1) == "new line=1"


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("loss", "loss"),
        ("min loss", "min loss"),
        ("max loss step", "max loss step"),
        ("loss step", "loss step"),
        ("total loss", "sum loss"),
        ("min loss as best", "best"),
        ("=lr", "lr"),
        (".label", "Label"),
        (".time", "Duration"),
        (".label as name", "name"),
        (".my_own", "my_own"),
    ],
)
def test_a_heading_says_which_value_it_is(text, title):
    assert look(text).title == title


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("loss", "Last value of the scalar loss"),
        ("min loss step", "Step of the minimum of the scalar loss"),
        ("=lr", "Flag lr"),
        (".host", "Attribute host"),
    ],
)
def test_a_column_is_explained_in_words(text, words):
    assert explained(parse_column(text)) == words


def test_a_flag_is_a_number_where_most_of_its_values_are():
    assert look("=lr", 0.1, 0.01, "auto", None).is_right
    assert not look("=lr", "a", "b", 1).is_right
    assert not look("=augment", True, False).is_right


@pytest.mark.parametrize(
    ("text", "value", "shown"),
    [
        ("loss", 0.123456, "0.1235"),
        ("loss", math.nan, "nan"),
        ("loss", None, ""),
        ("loss step", 120, "120"),
        ("=lr", 0.0005, "0.0005"),
        ("=lr", 1e-05, "1e-05"),
        ("=augment", True, "yes"),
        ("=layers", [64, 32], "[64, 32]"),
        ("=lr", 10**400, str(10**400)),
        (".label", "two\nlines", "two lines"),
        (".tags", ["paper", "seed 2"], "paper, seed 2"),
    ],
)
def test_a_cell_shows_what_is_worth_reading(text, value, shown):
    assert value_text(look(text, value), value) == shown


def test_a_tip_has_every_digit():
    assert full_text(look("loss", 0.5), 0.1234567890123) == "0.1234567890123"
    assert full_text(look("=lr", 0.5), "10") == "'10'"


@pytest.mark.parametrize(
    ("value", "base", "shown"),
    [
        (0.15, 0.1, "+0.0500 · +50 %"),
        (0.05, 0.1, "−0.0500 · −50 %"),
        (0.1, 0.1, ""),
        (0.1, 0.0, "+0.1000"),
        (-1.0, -2.0, "+1.0000 · +50 %"),
        (math.nan, 0.1, ""),
        (0.1, math.nan, ""),
        (0.1, None, ""),
        (None, 0.1, ""),
        (2000.0, 0.001, "+2000.0"),
        (0.3, 0.01, "+0.2900 · +2,900 %"),
        (0.10001, 0.1, "+1.00e-5 · +0.01 %"),
    ],
)
def test_the_distance_from_the_baseline_has_a_sign_and_a_share(value, base, shown):
    assert delta_text(look("loss", 0.5), value, base) == shown


def test_flags_and_steps_have_no_distance():
    assert delta_text(look("=lr", 0.1), 0.2, 0.1) == ""
    assert delta_text(look("loss step", 5), 7, 5) == ""


@pytest.mark.parametrize(
    ("value", "direction", "tone"),
    [
        (0.2, "down", "worse"),
        (0.05, "down", "better"),
        (0.2, "up", "better"),
        (0.05, "up", "worse"),
        (0.2, None, "plain"),
        (0.1, "down", "same"),
        (None, "down", "plain"),
    ],
)
def test_a_value_is_better_or_worse_than_the_baseline_by_its_direction(value, direction, tone):
    assert tone_of(look("loss", 0.1), value, 0.1, direction) == tone


def test_a_group_shows_its_mean_and_spread():
    assert spread_text(look("loss", 0.1), summarise([0.1, 0.2, 0.3])) == ("0.2000", "± 0.1000")


@pytest.mark.parametrize("values", [[0.25], [0.25, 0.25]])
def test_a_group_of_equal_values_shows_the_value(values):
    assert spread_text(look("=dropout", *values), summarise(values)) == ("0.25", "")


def test_a_groups_tip_has_all_its_numbers():
    text = stats_text(look("loss", 0.1), summarise([1.0, 3.0, None, math.nan]))

    assert text.splitlines() == [
        "loss",
        "Mean 2.0",
        "Standard deviation 1.4142135623730951",
        "Minimum 1.0",
        "Maximum 3.0",
        "Values 2",
    ]


def test_what_a_group_shares_is_named_by_flag_and_value():
    assert pair_text("lr", 0.1) == "lr=0.1"
    assert pair_text("lr", None) == ""
