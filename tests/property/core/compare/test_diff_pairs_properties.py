"""Lines that belong together, and what changed within them, for any lines."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.compare.diff_lines import diff_sequences
from core.compare.diff_pairs import common_start, mark_words, pair_lines

LINES = st.lists(st.text(alphabet="ab =1", max_size=8), max_size=12)
TEXTS = st.text(alphabet="ab =é𝄞\t", max_size=30)


@given(LINES, LINES)
def test_paired_blocks_cover_both_sides_in_order(left, right):
    at = (0, 0)
    for block in pair_lines(diff_sequences(left, right), left, right):
        assert (block.left, block.right) == at
        assert block.height > 0
        at = (block.left_end, block.right_end)
        if block.kind in ("same", "changed"):
            assert block.left_end - block.left == block.right_end - block.right
        if block.kind == "same":
            assert left[block.left : block.left_end] == right[block.right : block.right_end]

    assert at == (len(left), len(right))


@given(TEXTS, TEXTS)
def test_without_what_is_marked_two_lines_are_the_same(left, right):
    marked_left, marked_right = mark_words(left, right)
    if marked_left or marked_right:
        assert unmarked(left, marked_left) == unmarked(right, marked_right)


def unmarked(line: str, spans: tuple[tuple[int, int], ...]) -> str:
    kept, at = "", 0
    for start, length in spans:
        assert start >= at
        assert 0 < length <= len(line) - start
        kept += line[at:start]
        at = start + length
    return kept + line[at:]


@given(TEXTS, TEXTS)
def test_the_common_beginning_ends_where_two_texts_differ(left, right):
    count = common_start(left, right)

    assert left[:count] == right[:count]
    assert left[count : count + 1] != right[count : count + 1] or count == len(left) == len(right)


@given(st.text(alphabet="ab ", min_size=900, max_size=1200), st.integers(0, 899))
def test_long_lines_are_marked_between_their_common_ends(line, place):
    other = line[:place] + "z" + line[place + 1 :]
    marked_left, marked_right = mark_words(" . " * 450 + line, " . " * 450 + other)

    assert marked_left == marked_right == ((1350 + place, 1),)
