from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.compare.column_order import arranged, merged

HEADERS = st.lists(st.sampled_from("abcdefghij"), unique=True)


def order_of(items, order):
    return arranged(items, order, lambda item: item)


def test_without_a_wish_the_order_is_their_own():
    assert order_of("abc", ()) == ["a", "b", "c"]


def test_wished_columns_come_as_wished():
    assert order_of("abc", "cab") == ["c", "a", "b"]


def test_a_column_that_is_not_named_stays_behind_its_neighbour():
    assert order_of("abxc", "cba") == ["c", "b", "x", "a"]


def test_headers_that_are_not_there_are_passed_over():
    assert order_of("abc", "zcyax") == ["c", "a", "b"]


@given(HEADERS, HEADERS)
def test_no_column_is_lost_and_none_is_there_twice(items, order):
    assert sorted(order_of(items, order)) == sorted(items)


@given(HEADERS, st.data())
def test_hidden_columns_are_kept_among_those_that_are_shown(whole, data):
    shown = data.draw(st.permutations(whole).map(lambda each: each[: len(each) // 2]))

    found = merged(whole, shown)

    assert sorted(found) == sorted(whole)
    assert [each for each in found if each in shown] == list(shown)
