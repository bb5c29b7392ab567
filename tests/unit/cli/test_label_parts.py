from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from cli.label_parts import told_apart

TRAIN = ["train"] * 3


def test_what_is_the_same_in_all_is_left_out_and_what_differs_most_comes_first():
    labels = [f"batch=64 lr={lr} model={model} seed=1" for lr, model in
              ((0.1, "big"), (0.2, "big"), (0.3, "small"))]  # fmt: skip

    assert told_apart(labels, TRAIN) == [
        "lr=0.1 model=big …", "lr=0.2 model=big …", "lr=0.3 model=small …",
    ]  # fmt: skip


def test_labels_that_somebody_typed_stay_as_they_are():
    labels = ["best so far", "", "lr=0.1", "a=1 and more", "a=1 and less"]

    assert told_apart(labels, ["train"] * 5) == labels


def test_only_runs_of_one_operation_are_compared():
    labels = ["a=1 b=2", "a=1 b=3", "a=1 b=2"]

    assert told_apart(labels, ["x", "x", "y"]) == ["b=2 …", "b=3 …", "a=1 b=2"]


def test_a_flag_that_some_have_differs():
    labels = ["a=1 b=2", "a=1 b=3", "a=1 b=2 c=4"]

    assert told_apart(labels, TRAIN) == ["b=2 …", "b=3 …", "b=2 c=4 …"]


def test_equal_labels_stay_whole():
    assert told_apart(["a=1 b=2"] * 3, TRAIN) == ["a=1 b=2"] * 3


def test_a_text_with_blanks_is_one_value():
    labels = ["a='x y' b=1", "a='x z' b=1", "a='x z' b=1"]

    assert told_apart(labels, TRAIN) == ["a='x y' …", "a='x z' …", "a='x z' …"]


@given(st.lists(st.tuples(st.text(), st.sampled_from("xy"))))
def test_there_is_one_for_each_run_whatever_the_labels_are(rows):
    labels, operations = [row[0] for row in rows], [row[1] for row in rows]

    shown = told_apart(labels, operations)

    assert len(shown) == len(labels)
    assert all(bool(text) == bool(label) for text, label in zip(shown, labels, strict=True))
