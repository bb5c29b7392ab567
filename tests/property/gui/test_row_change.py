from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gui.models.row_change import MAX_OPERATIONS, Removal, row_change

orders = st.lists(st.integers(0, 60), unique=True)


def applied(old, change):
    rows = list(old)
    for operation in change:
        if isinstance(operation, Removal):
            del rows[operation.first : operation.last + 1]
        else:
            rows[operation.first : operation.first] = operation.slots
    return rows


@given(orders, orders)
def test_operations_make_the_new_order_of_the_old(old, new):
    change = row_change(old, new)

    if change is not None:
        assert applied(old, change) == new
        assert len(change) <= MAX_OPERATIONS


@given(orders, st.sets(st.integers(0, 60), max_size=6), st.sets(st.integers(100, 140), max_size=6))
def test_few_runs_that_come_or_go_need_no_reset(old, gone, come):
    new = [slot for slot in old if slot not in gone] + sorted(come)

    change = row_change(old, new)

    assert change is not None
    assert applied(old, change) == new


@given(st.lists(st.integers(0, 60), unique=True, min_size=2))
def test_runs_that_changed_places_need_a_reset(old):
    assert row_change(old, old[::-1]) is None


def test_more_than_a_few_scattered_runs_need_a_reset():
    old = list(range(0, 2000, 2))

    assert row_change(old, list(range(2000))) is None
