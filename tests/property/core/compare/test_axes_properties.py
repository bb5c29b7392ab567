"""Axes, colours and numbers of axes take whatever runs say."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from core.compare.axes import suggests_log, value_axis
from core.compare.colouring import MOST, colour_runs, colour_values
from core.compare.ticks import ticks

cells = st.lists(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.lists(st.integers(), max_size=2),
    max_size=40,
)
kinds = st.sampled_from(("number", "log", "duration", "clock", "words"))


@given(cells, st.booleans(), st.booleans())
def test_every_run_has_a_place_within_the_axis_or_is_counted(values, log, words):
    axis = value_axis("flag:x", values, log=log, words=words)

    known = [place for place in axis.places if math.isfinite(place)]
    assert len(axis.places) == len(values)
    assert len(known) + axis.missing == len(values)
    assert all(axis.low <= place <= axis.high for place in known)


@given(cells)
def test_the_same_values_are_at_the_same_place(values):
    axis = value_axis("flag:x", [*values, *values])

    assert list(map(repr, axis.places[: len(values)])) == list(
        map(repr, axis.places[len(values) :])
    )


@given(cells)
def test_what_suggests_a_logarithm_has_only_places_on_one_that_numbers_have(values):
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    if suggests_log(numbers):
        plain, log = value_axis("flag:x", numbers), value_axis("flag:x", numbers, log=True)
        assert log.missing == plain.missing


@given(cells)
def test_every_run_has_one_of_twelve_colours_with_a_name_or_on_a_scale(values):
    found = colour_values("flag:x", range(len(values)), values)

    assert set(found.numbers) == set(range(len(values)))
    assert all(0 <= number < MOST for number in found.numbers.values())
    assert found.is_scale or set(found.numbers.values()) <= set(found.names)


@given(
    st.lists(st.integers(0, 30), unique=True, max_size=12),
    st.lists(st.integers(0, 30), unique=True),
)
def test_a_run_that_stays_keeps_its_colour(first, second):
    before = colour_runs(first, {}).numbers

    after = colour_runs(second[:MOST], before).numbers

    assert all(after[slot] == before[slot] for slot in after if slot in before)
    assert len(set(after.values())) == len(after)


@given(kinds, st.floats(), st.floats(), st.integers(1, 30))
def test_numbers_of_an_axis_are_few_rising_and_within_it(kind, low, high, most):
    found = ticks(kind, low, high, most, ("a", "b", "c"))

    places = [tick.place for tick in found]
    room = (high - low) * 1e-6 if found else 0
    assert len(found) <= 3 * most + 5
    assert places == sorted(places)
    assert all(low - room <= place <= high + room for place in places)
    assert all(tick.text for tick in found)
