from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.index import gentle_sort as module
from core.index.gentle_sort import gentle_sort


@given(st.lists(st.integers(0, 20), max_size=200), st.booleans(), st.integers(1, 40))
def test_sorting_in_pieces_gives_the_order_of_sorting_at_once(ranks, descending, piece):
    slots = list(range(len(ranks)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "PIECE", piece)

        found = gentle_sort(slots, ranks.__getitem__, descending=descending)

    assert found == sorted(slots, key=ranks.__getitem__, reverse=descending)


def test_the_slots_given_are_left_as_they_are():
    slots = [3, 1, 2]

    gentle_sort(slots, lambda slot: slot)

    assert slots == [3, 1, 2]
