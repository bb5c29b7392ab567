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


@given(values, st.booleans(), st.sampled_from([0, 1000]), st.randoms())
def test_sorting_by_ranks_keeps_ties_as_given_and_what_is_missing_last(
    column, descending, many, chance
):
    slots = list(range(len(column)))
    chance.shuffle(slots)
    numbers = rank(column)
    present = [slot for slot in slots if numbers[slot] is not None]
    missing = [slot for slot in slots if numbers[slot] is None]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MANY", many)  # 0: always by numpy

        found = ranks_of(column).sort(slots, descending=descending)

    assert found == sorted(present, key=numbers.__getitem__, reverse=descending) + missing


huge = st.sampled_from([2**53, 2**53 + 1, 10**400, -(2**60), float("inf"), -float("inf"), 1e300])


@given(st.lists(st.one_of(st.none(), huge, st.integers(-9, 9)), max_size=30), st.booleans())
def test_numbers_that_no_float_tells_apart_are_sorted_as_well(column, descending):
    slots = [slot for slot, value in enumerate(column) if value is not None]
    missing = [slot for slot, value in enumerate(column) if value is None]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_MANY", 0)

        found = KnownRanks().of("size", column, are_numbers=True)
        ordered = found.sort(range(len(column)), descending=descending)

    assert ordered == sorted(slots, key=column.__getitem__, reverse=descending) + missing


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
