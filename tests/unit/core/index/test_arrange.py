from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.index.arrange import NEWEST_FIRST, SortKey, View, arrange, sort_slots
from core.index.columns import RunColumns
from core.index.filters import Filters
from core.runs.run import Run


def columns_of(*runs):
    columns = RunColumns()
    for run in runs:
        columns.put(run)
    return columns


def make(name, **values):
    return Run(name, Path("/runs") / name, **values)


def ids(columns, slots):
    return "".join(columns.value("id", slot) for slot in slots)


def test_newest_come_first_and_runs_without_a_time_last():
    columns = columns_of(
        make("b"), make("a"), make("c", started=5), make("d", initialized=7), make("e", started=6)
    )

    assert ids(columns, arrange(columns, View(), now=0)) == "decab"


@pytest.mark.parametrize(("descending", "order"), [(False, "bacd"), (True, "cabd")])
def test_missing_values_come_last_either_way(descending, order):
    columns = columns_of(
        make("a", flags={"lr": 2}),
        make("b", flags={"lr": 1}),
        make("c", flags={"lr": 3}),
        make("d"),
    )
    view = View(sort=(SortKey("flag:lr", descending),))

    assert ids(columns, arrange(columns, view, now=0)) == order


def test_levels_of_sorting_decide_in_turn_and_ties_are_newest_first():
    columns = columns_of(
        make("a", operation="x", label="run 10", started=1),
        make("b", operation="y", label="run 9", started=2),
        make("c", operation="x", label="run 9", started=3),
        make("d", operation="x", label="run 9", started=4),
    )
    view = View(sort=(SortKey("operation"), SortKey("label")))

    assert ids(columns, arrange(columns, view, now=0)) == "dcab"


def test_filter_and_place_are_applied():
    columns = columns_of(make("a", tags=("x",)), make("b"))
    columns.put(make("c", tags=("x",)), deleted=True)

    assert ids(columns, arrange(columns, View(filters=Filters(tags=("x",))), now=0)) == "a"
    assert ids(columns, arrange(columns, View(deleted=True), now=0)) == "c"


def test_oldest_first_is_an_order_of_its_own():
    columns = columns_of(make("a", started=1), make("b", started=2), make("c"))

    assert ids(columns, arrange(columns, View(sort=(SortKey("started"),)), now=0)) == "abc"
    assert ids(columns, sort_slots(columns, [1, 0, 2], NEWEST_FIRST)) == "bac"


@given(
    st.lists(
        st.one_of(
            st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())
        )
    ),
    st.booleans(),
)
def test_any_values_sort_and_none_is_lost(values, descending):
    columns = columns_of(*(make(f"{i:04}", flags={"v": v}) for i, v in enumerate(values)))

    order = arrange(columns, View(sort=(SortKey("flag:v", descending),)), now=0)

    assert sorted(order) == list(range(len(values)))
    missing = [columns.value("flag:v", slot) is None for slot in order]
    assert missing == sorted(missing)
