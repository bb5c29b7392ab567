"""What turns a sequence into another, for any two of them."""

from __future__ import annotations

import difflib

from hypothesis import given
from hypothesis import strategies as st

from core.compare import diff_lines
from core.compare.diff_lines import Block, diff_sequences, rising

FEW_WORDS = st.lists(st.sampled_from("abcd"), max_size=40)
MANY_WORDS = st.lists(st.integers(0, 60), max_size=60)
PAIRS = st.tuples(FEW_WORDS, FEW_WORDS) | st.tuples(MANY_WORDS, MANY_WORDS)


def applied(blocks: tuple[Block, ...], left: list, right: list) -> list:
    """What the blocks make of the left side, taking from the right only what they say is new."""
    made = []
    for block in blocks:
        if block.kind == "same":
            made += left[block.left : block.left_end]
        else:
            made += right[block.right : block.right_end]
    return made


@given(PAIRS)
def test_the_blocks_make_the_right_side_of_the_left_one(pair):
    left, right = pair

    assert applied(diff_sequences(left, right), left, right) == right


@given(PAIRS)
def test_the_blocks_follow_each_other_without_a_gap(pair):
    left, right = pair
    at = (0, 0)
    for block in diff_sequences(left, right):
        assert (block.left, block.right) == at
        assert block.height > 0
        at = (block.left_end, block.right_end)
        if block.kind == "removed":
            assert block.right == block.right_end
        if block.kind == "added":
            assert block.left == block.left_end

    assert at == (len(left), len(right))


@given(FEW_WORDS)
def test_nothing_differs_from_itself(words):
    assert all(block.kind == "same" for block in diff_sequences(words, list(words)))


@given(st.lists(st.integers(0, 400), max_size=120), st.integers(1, 6))
def test_a_search_that_is_given_up_is_right_all_the_same(numbers, few):
    left = [n % 3 for n in numbers]
    right = [(n // 3) % 3 for n in numbers]
    usual = diff_lines.MOST_DIFFERENCES
    diff_lines.MOST_DIFFERENCES = few
    try:
        blocks = diff_sequences(left, right)
    finally:
        diff_lines.MOST_DIFFERENCES = usual

    assert applied(blocks, left, right) == right


@given(st.lists(st.sampled_from("ab"), max_size=14), st.lists(st.sampled_from("ab"), max_size=14))
def test_where_no_line_ties_both_sides_the_answer_is_the_shortest(left, right):
    left, right = left * 2, right * 2  # so that nothing is there only once
    matched = sum(b.left_end - b.left for b in diff_sequences(left, right) if b.kind == "same")

    assert matched == longest_common(left, right)


def longest_common(left: list, right: list) -> int:
    row = [0] * (len(right) + 1)
    for x in left:
        before = list(row)
        for j, y in enumerate(right):
            row[j + 1] = before[j] + 1 if x == y else max(before[j + 1], row[j])
    return row[-1]


@given(st.permutations(list(range(12))))
def test_the_longest_rising_chain_is_found(order):
    chain = rising(list(enumerate(order)))

    assert chain == sorted(chain)
    assert [second for _, second in chain] == sorted(second for _, second in chain)
    assert len(chain) == longest_common(list(order), sorted(order))


@given(st.text(alphabet="ab\n", max_size=60), st.text(alphabet="ab\n", max_size=60))
def test_no_more_is_different_than_a_plain_diff_says_for_small_texts(left, right):
    a, b = left.split("\n"), right.split("\n")
    ours = sum(x.left_end - x.left for x in diff_sequences(a, b) if x.kind == "same")
    plain = difflib.SequenceMatcher(None, a, b, autojunk=False).get_matching_blocks()

    assert ours * 3 >= sum(each.size for each in plain)
