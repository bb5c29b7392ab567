from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.index.columns import RunColumns
from core.runs.label_text import default_label
from gui.table.automatic_labels import AutomaticLabels, parts_of
from tests.support.run_tables import make_run


def columns_of(*all_flags, **changes) -> RunColumns:
    """Runs with such flags and their automatic labels, the first in slot 0."""
    columns = RunColumns()
    for number, flags in enumerate(all_flags):
        put(columns, number, flags, **changes)
    return columns


def put(columns, number, flags, **changes) -> None:
    fields = {"operation": "train", "label": default_label(flags), "flags": flags} | changes
    columns.put(make_run(number, **fields))


def shown(labels, columns, slot) -> str:
    return labels.text(slot, columns.value("label", slot) or "")


def grid(**steps):
    """Flags of which only some differ."""
    return [{"batch": 64, "epochs": 50, "lr": lr, "seed": 1} | steps for lr in (0.1, 0.01, 0.001)]


def test_what_is_the_same_in_all_runs_of_the_operation_is_left_out():
    columns = columns_of(*grid())
    labels = AutomaticLabels(columns)

    assert [shown(labels, columns, slot) for slot in range(3)] == [
        "lr=0.1 …", "lr=0.01 …", "lr=0.001 …",
    ]  # fmt: skip


def test_nothing_is_left_out_of_a_label_that_somebody_typed_or_made_of_a_template():
    columns = columns_of(*grid())
    labels = AutomaticLabels(columns)

    for label in ("best so far", "lr=0.1", "lr=0.1 batch=64 epochs=50 seed=1", "a=b", "=", ""):
        assert labels.text(0, label) == label
    assert labels.text(0, "x batch=64 epochs=50 lr=0.1 seed=1").startswith("x batch")


def test_runs_that_are_all_the_same_keep_their_whole_label():
    columns = columns_of(*[{"lr": 0.1, "seed": 1}] * 3)

    assert shown(AutomaticLabels(columns), columns, 1) == "lr=0.1 seed=1"


def test_a_single_run_and_one_with_other_flags_keep_their_whole_label():
    columns = columns_of(*grid())
    put(columns, 7, {"depth": 3, "width": 5}, operation="other")
    put(columns, 8, {"depth": 3, "width": 5})
    labels = AutomaticLabels(columns)

    assert shown(labels, columns, 3) == "depth=3 width=5"
    assert shown(labels, columns, 4) == "depth=3 width=5"


def test_what_differs_among_the_trials_of_a_batch_comes_first():
    ids = [f"{number:032x}" for number in (0, 1)]
    columns = columns_of(
        {"batch": 64, "lr": 0.1, "seed": 1, "x": 0},
        {"batch": 64, "lr": 0.2, "seed": 1, "x": 0},
        {"batch": 32, "lr": 0.1, "seed": 1, "x": 0},
    )
    links = tuple((f"trial{n}", each) for n, each in enumerate(ids))
    columns.put(make_run(9, is_batch=True, operation="+", label=None, links=links))
    labels = AutomaticLabels(columns)

    assert shown(labels, columns, 0) == "lr=0.1 batch=64 …"
    assert shown(labels, columns, 1) == "lr=0.2 batch=64 …"
    assert shown(labels, columns, 2) == "batch=32 lr=0.1 …"


def test_one_run_that_differs_says_so_and_leaves_the_labels_of_many_others_short():
    columns = columns_of(*({"batch": 64, "lr": n / 100} for n in range(30)))
    labels = AutomaticLabels(columns)
    assert shown(labels, columns, 4) == "lr=0.04 …"

    put(columns, 30, {"batch": 32, "lr": 0.1})

    assert not labels.look_at([30])
    assert shown(labels, columns, 30) == "lr=0.1 batch=32"
    assert shown(labels, columns, 4) == "lr=0.04 …"


def test_several_runs_that_differ_make_the_labels_of_the_others_longer():
    columns = columns_of(*({"batch": 64, "lr": n / 100} for n in range(30)))
    labels = AutomaticLabels(columns)
    assert shown(labels, columns, 4) == "lr=0.04 …"

    for number in range(30, 34):
        put(columns, number, {"batch": 32, "lr": number / 100})

    assert labels.look_at([30, 31, 32, 33])
    assert shown(labels, columns, 4) == "lr=0.04 batch=64"


def test_each_new_run_counts_while_there_are_few():
    columns = columns_of(*grid())
    labels = AutomaticLabels(columns)
    assert shown(labels, columns, 0) == "lr=0.1 …"
    assert not labels.look_at([0, 1, 2])

    put(columns, 5, {"batch": 64, "epochs": 50, "lr": 0.1, "seed": 2})

    assert labels.look_at([3])
    assert shown(labels, columns, 0) == "lr=0.1 seed=1 …"


def test_many_new_runs_make_all_be_found_out_anew():
    columns = columns_of(*grid())
    labels = AutomaticLabels(columns)
    assert shown(labels, columns, 0) == "lr=0.1 …"

    for number in range(3, 700):
        put(columns, number, {"batch": number, "epochs": 50, "lr": 0.1, "seed": 1})

    assert labels.look_at(range(3, 700))
    assert shown(labels, columns, 0) == "batch=64 …"
    assert shown(labels, columns, 1) == "batch=64 lr=0.01 …"


def test_many_new_runs_like_those_before_change_no_label():
    columns = columns_of(*({"batch": 64, "lr": n / 100} for n in range(200)))
    labels = AutomaticLabels(columns)
    assert shown(labels, columns, 4) == "lr=0.04 …"

    for number in range(200, 900):
        put(columns, number, {"batch": 64, "lr": number / 100})

    assert not labels.look_at(range(200, 900))
    assert shown(labels, columns, 800) == "lr=8.0 …"


def test_a_run_that_differs_outside_of_the_sample_shows_it():
    columns = columns_of(*({"lr": 0.1, "seed": n % 9, "w": int(n == 3_333)} for n in range(9_000)))
    labels = AutomaticLabels(columns)

    assert shown(labels, columns, 5) == "seed=5 …"
    assert shown(labels, columns, 3_333) == "seed=3 w=1 …"


def test_nan_and_numbers_of_another_type_tell_runs_apart():
    columns = columns_of({"a": float("nan"), "b": 1}, {"a": float("nan"), "b": True})

    assert shown(AutomaticLabels(columns), columns, 0) == "b=1 a=.nan"


def test_flags_of_many_values_come_first_and_long_values_last():
    columns = columns_of(
        *({"augment": n % 2, "data": f"{n:032x}", "lr": n / 100, "z": n % 5} for n in range(40))
    )

    text = shown(AutomaticLabels(columns), columns, 7)

    assert text == f"lr=0.07 z=2 augment=1 data='{7:032x}'"


def test_an_automatic_label_is_cut_between_two_flags_and_others_stay_whole():
    columns = columns_of(*({"alpha": n, "beta": n, "gamma": n} for n in range(40)))
    labels = AutomaticLabels(columns)
    label = columns.value("label", 3)

    assert labels.text(3, label, 16) == "alpha=3 beta=3 …"
    assert labels.text(3, label, 1) == "alpha=3 …"
    assert labels.text(3, "x" * 50, 16) == "x" * 50


@pytest.mark.parametrize(
    ("flags", "label"),
    [
        ({"a": "x b=1", "b": 2}, "a='x b=1' b=2"),
        ({"lr": 1, "lr2": 2}, "lr=1 lr2=2"),
        ({"a b": 1, "c": 2}, "a b=1 c=2"),
        ({"d": [1, 2], "e": {"f": 3}}, "d=[1, 2] e={f: 3}"),
    ],
)
def test_parts_are_found_whatever_the_values_are(flags, label):
    assert default_label(flags) == label
    parts = parts_of(label, flags)
    assert list(parts) == sorted(flags)
    assert " ".join(parts.values()) == label


@given(
    st.dictionaries(
        st.text(min_size=1), st.one_of(st.integers(), st.floats(), st.text(), st.booleans())
    )
)
def test_parts_of_any_automatic_label_are_all_of_it_or_nothing(flags):
    label = default_label(flags)

    parts = parts_of(label, flags)

    assert not parts or " ".join(parts.values()) == label


@given(st.text(), st.dictionaries(st.text(), st.integers()))
def test_any_text_may_be_a_label(label, flags):
    parts = parts_of(label, flags)

    assert not parts or (" ".join(parts.values()) == label and set(parts) == set(flags))
