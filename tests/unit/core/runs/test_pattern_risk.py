from __future__ import annotations

import pytest

from core.runs.pattern_risk import may_take_for_ever


@pytest.mark.parametrize(
    "pattern",
    ["(a+)+b", "(a*)*", "(?:a|aa)+x", "((ab)*c)+", "(a{2,})+", "(.*x)*", "([a-z]+)*1", "(x+x+)+y",
     "((a+))+", "(?P<n>a+)+", "(a|b){3,9}"],
)  # fmt: skip
def test_what_repeats_a_repetition_is_told(pattern):
    assert may_take_for_ever(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["", "word", "lr=.*", "seed-\\d+", "a|b", "(a|b)", "(final|best)-v[0-9]+", "[(+)+]+",
     "\\(a+\\)+", "(ab)+", "(?:v\\d)?", "x{2}", "[]+]*", "(a+)", "(a+)b+", "a{", "(?#(a+)+)b",
     "\\(", "(["],
)  # fmt: skip
def test_patterns_for_words_are_fine(pattern):
    assert not may_take_for_ever(pattern)
