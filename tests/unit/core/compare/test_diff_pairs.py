"""Which lines are put beside each other, and which words are marked."""

from __future__ import annotations

from core.compare.diff_lines import Block, diff_sequences
from core.compare.diff_pairs import mark_words, pair_lines


def kinds(left: list[str], right: list[str]) -> list[tuple]:
    blocks = pair_lines(diff_sequences(left, right), left, right)
    return [(b.kind, left[b.left : b.left_end], right[b.right : b.right_end]) for b in blocks]


def test_a_changed_line_stands_beside_what_it_became_below_an_added_one():
    left = ["lr = 0.1", "end"]
    right = ["import torch", "lr = 0.2", "end"]

    assert kinds(left, right) == [
        ("added", [], ["import torch"]),
        ("changed", ["lr = 0.1"], ["lr = 0.2"]),
        ("same", ["end"], ["end"]),
    ]


def test_lines_with_nothing_in_common_stand_beside_each_other_in_order():
    assert kinds(["one", "two"], ["drei"]) == [
        ("changed", ["one"], ["drei"]),
        ("removed", ["two"], []),
    ]


def test_pairs_that_follow_each_other_are_one_block():
    left = ["a = 1", "b = 2", "c = 3"]
    right = ["a = 5", "b = 6", "c = 7"]

    assert kinds(left, right) == [("changed", left, right)]


def test_many_lines_that_became_many_are_paired_in_order():
    left = [f"left {n}" for n in range(300)]
    right = [f"right {n}" for n in range(200)]

    assert pair_lines(diff_sequences(left, right), left, right) == (
        Block("changed", 0, 200, 0, 200),
        Block("removed", 200, 300, 200, 200),
    )


def test_only_the_word_that_differs_is_marked():
    assert mark_words("lr = 0.1  # slow", "lr = 0.25  # slow") == (((7, 1),), ((7, 2),))


def test_what_was_put_in_is_marked_on_one_side_only():
    assert mark_words("f(x)", "f(x, y)") == ((), ((3, 3),))


def test_lines_that_are_little_alike_have_no_marks():
    assert mark_words("import torch", "x = 1 + y") == ((), ())


def test_the_same_line_has_no_marks():
    assert mark_words("x", "x") == ((), ())
