from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.index import ranks as module
from core.index.ranks import rank, ranks_of

values = st.lists(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-3, 3),
        st.floats(allow_nan=True, width=16),
        st.text("ab1 ", max_size=3),
    ),
    max_size=60,
)


@given(values, st.booleans(), st.integers(0, 60), st.randoms())
def test_sorting_by_ranks_keeps_ties_as_given_and_what_is_missing_last(
    column, descending, runs_a_rank, chance
):
    slots = list(range(len(column)))
    chance.shuffle(slots)
    numbers = rank(column)
    present = [slot for slot in slots if numbers[slot] is not None]
    missing = [slot for slot in slots if numbers[slot] is None]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_RUNS_A_RANK", runs_a_rank)  # 0 deals always

        found = ranks_of(column).sort(slots, descending=descending)

    assert found == sorted(present, key=numbers.__getitem__, reverse=descending) + missing


@given(values)
def test_counted_ranks_are_whole_numbers_below_the_count(column):
    found = ranks_of(column)

    if found.count is not None:
        assert {number for number in found.by_slot if number is not None} <= {*range(found.count)}
        assert found.count <= len(set(map(repr, column))) + 1
