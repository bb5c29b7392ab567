from __future__ import annotations

from math import inf, isnan, nan

import pytest

from core.compare.axes import suggests_log, value_axis, within


def test_numbers_are_at_their_own_place():
    axis = value_axis("flag:lr", [0.1, 3, None, -2])

    assert axis.kind == "numbers"
    assert list(axis.places)[:2] == [0.1, 3.0]
    assert isnan(axis.places[2])
    assert (axis.low, axis.high) == (-2, 3)
    assert axis.missing == 1


def test_what_is_no_finite_number_has_no_place_and_is_counted():
    axis = value_axis("scalar:last:loss", [nan, inf, -inf, 1.0, 10**400])

    assert [isnan(place) for place in axis.places] == [True, True, True, False, True]
    assert axis.missing == 4
    assert axis.different == 1


def test_a_logarithmic_axis_has_powers_of_ten_and_no_place_for_zero_and_less():
    axis = value_axis("flag:lr", [0.001, 100, 0, -1], log=True)

    assert list(axis.places)[:2] == [-3, 2]
    assert axis.missing == 2
    assert axis.is_log


def test_flags_that_are_numbers_in_some_runs_and_texts_in_others_are_words():
    axis = value_axis("flag:depth", [10, "auto", 9, None, True])

    assert axis.kind == "words"
    assert axis.words == ("yes", "9", "10", "auto")
    assert list(axis.places)[:3] == [2, 3, 1]
    assert isnan(axis.places[3])


def test_words_stand_in_natural_order():
    assert value_axis("label", ["run 10", "run 9"]).words == ("run 9", "run 10")


def test_numbers_can_be_words_on_request():
    axis = value_axis("flag:batch", [128, 32, 64, 32], words=True)

    assert axis.words == ("32", "64", "128")
    assert list(axis.places) == [2, 0, 1, 0]


def test_a_text_of_several_lines_is_one_word():
    assert value_axis("label", ["a\nb"]).words == ("a b",)


def test_thousands_of_words_share_one_last_place():
    axis = value_axis("label", [f"run {i}" for i in range(5000)])

    assert len(axis.words) == 201
    assert axis.words[-1] == "others"
    assert max(axis.places) == 200
    assert axis.different == 5000


def test_an_axis_without_any_value_is_empty():
    axis = value_axis("flag:none", [None, None])

    assert axis.missing == 2
    assert axis.low == axis.high == 0
    assert axis.different == 0


@pytest.mark.parametrize(
    ("values", "is_log"),
    [
        ([0.001, 0.1], True),
        ([1, 2, 3], False),
        ([-0.001, 0.1], False),
        ([0, 100], False),
        (["a", 1], False),
        ([], False),
    ],
)
def test_positive_numbers_a_hundredfold_apart_suggest_a_logarithm(values, is_log):
    assert suggests_log(values) is is_log


def test_brushes_keep_runs_that_are_in_a_range_of_every_axis():
    axes = {
        "flag:a": value_axis("flag:a", [1, 2, 3, 4, None]),
        "flag:b": value_axis("flag:b", ["x", "y", "x", "y", "x"]),
    }

    kept = within(axes, {"flag:a": [(0, 1.5), (2.5, 9)], "flag:b": [(0, 0)]}, 5)

    assert kept == [0, 2]
    assert within(axes, {}, 5) == [0, 1, 2, 3, 4]
    assert within(axes, {"flag:b": [], "gone": [(0, 1)]}, 5) == [0, 1, 2, 3, 4]
