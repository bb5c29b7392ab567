from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.index import ranks as module
from core.index.ranks import KnownRanks, rank, ranks_of
from core.text import natural_key

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


@given(st.lists(st.lists(st.one_of(st.none(), st.text("aB12 ", max_size=3)), max_size=12)))
def test_ranks_follow_a_column_of_texts_that_changes(columns):
    known = KnownRanks()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MOST_NEW", 1)  # new texts are always put between the others
        for column in columns:
            ranks = known.of("label", column).by_slot

            pairs = {(n, text) for n, text in zip(ranks, column, strict=True) if text is not None}
            assert [n is None for n in ranks] == [text is None for text in column]
            assert len(pairs) == len({n for n, _ in pairs}) == len({text for _, text in pairs})
            keys = [natural_key(text) for _, text in sorted(pairs)]
            assert keys == sorted(keys)
            assert known.of("label", list(column)).by_slot is ranks
