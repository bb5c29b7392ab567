from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli.terminal_filter import MAX_SEQUENCE, TerminalFilter

KEPT = re.compile(rb"\x1b\[[0-?]*[ -/]*[mKABCDG]")


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (b"plain\r\n\ttext\b", b"plain\r\n\ttext\b"),
        (b"\x1b[31mred\x1b[0m", b"\x1b[31mred\x1b[0m"),
        (b"50%\r\x1b[K60%\x1b[A\x1b[2C", b"50%\r\x1b[K60%\x1b[A\x1b[2C"),
        (b"a\x1b[2Jb\x1b[1;1Hc", b"abc"),
        (b"a\x1b]0;title\x07b\x1b]52;c;Zm9v\x1b\\c", b"abc"),
        (b"a\x1bP1$r\x1b\\b\x1b_x\x1b\\c", b"abc"),
        (b"a\x1bcb\x1b(0c\x1b=d", b"abcd"),
        (b"a\x00\x07\x0e\x7fb", b"ab"),
        (b"a\xc2\x9b31mb", b"a31mb"),
        ("naïve 日本 ".encode() + b"\xff", "naïve 日本 ".encode() + b"\xff"),
    ],
)
def test_colours_and_progress_are_kept_and_the_rest_is_taken_out(data, shown):
    assert TerminalFilter().feed(data) == shown


def test_a_sequence_that_is_split_between_pieces_is_still_one():
    for at in range(1, 20):
        data = b"a\x1b]0;long title\x07b\x1b[31mc"
        whole = TerminalFilter()

        assert whole.feed(data[:at]) + whole.feed(data[at:]) == b"ab\x1b[31mc"


def test_an_endless_sequence_does_not_hold_the_text_back_for_ever():
    shown = TerminalFilter()

    assert shown.feed(b"\x1b]0;" + b"x" * 2 * MAX_SEQUENCE).endswith(b"x" * MAX_SEQUENCE)


@given(st.lists(st.binary() | st.sampled_from([b"\x1b", b"\x1b[", b"\x1b]0;", b"31m", b"\x07"])))
def test_whatever_comes_no_escape_but_the_kept_ones_leaves(pieces):
    shown = TerminalFilter()

    data = b"".join(map(shown.feed, pieces))

    rest = KEPT.sub(b"", data)
    assert b"\x1b" not in rest
    assert not re.search(rb"[\x00-\x07\x0b\x0c\x0e-\x1f\x7f]", rest)
