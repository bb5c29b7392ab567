"""Whatever a program prints, what is shown of it is harmless text."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from core.ansi import CARRY_LINES, Styler, plain_lines, plain_text

# fmt: off
PIECES = st.sampled_from([
    "\x1b", "[", "]", "31", "38;5;", "48:2:", ";", "m", "\r", "\x07", "\\", "P", " ", "text",
    "\t", "K", "\x9b", "\x9d", "\x9c", "\u202e", "\x00",
    "é", "漢", "9" * 500, "\x1b[0m", "\x1b[1;31m",
])
# fmt: on
LINES = st.one_of(
    st.lists(PIECES, max_size=12).map("".join),
    st.text(max_size=200),
    st.binary(max_size=200).map(lambda data: data.decode("utf-8", "replace")),
).map(lambda text: text.replace("\n", ""))


def is_harmless(text):
    return not any(
        (ord(c) < 32 and c != "\t") or 127 <= ord(c) < 160 or "\u2028" <= c <= "\u202e"
        for c in text
    )


@given(LINES)
def test_no_escape_and_no_control_character_is_left(line):
    assert is_harmless(plain_text(line))


@given(st.lists(LINES, max_size=5))
def test_many_lines_at_once_are_each_line_as_it_is_shown(lines):
    assert plain_lines("\n".join(lines)) == "\n".join(map(plain_text, lines))


@given(st.lists(st.sampled_from(["\x1b[31m", "\x1b[0m", "\x1b", "a", " ", "]", "\n"]), max_size=9))
def test_coloured_lines_at_once_are_each_line_as_it_is_shown(pieces):
    text = "".join(pieces)

    assert plain_lines(text) == "\n".join(map(plain_text, text.split("\n")))


@given(st.lists(LINES, max_size=5))
def test_styled_text_is_the_plain_text_with_spans_in_order(lines):
    styler = Styler()
    for line in lines:
        text, spans = styler.line(line)

        assert text == plain_text(line)
        ends = [0, *(edge for span in spans for edge in (span.start, span.end)), len(text)]
        assert ends == sorted(ends)
        assert all(span.start < span.end for span in spans)


@given(st.lists(LINES, min_size=CARRY_LINES + 1, max_size=CARRY_LINES + 5))
def test_reading_from_further_back_changes_no_style(lines):
    whole, late = Styler(), Styler()
    last = [whole.line(line) for line in lines][-1]

    again = [late.line(line) for line in lines[-CARRY_LINES - 1 :]][-1]

    assert again == last


def test_hostile_lines_take_linear_time():
    hostile = ("\x1b]", "\x1b[", "\x1b[1", "\x9d", "\r", "\x1b[;", "\x1bP\x1b", "\x1b[38;5")

    for piece in hostile:
        start = time.process_time()
        text = piece * (1_000_000 // len(piece))
        plain_text(text)
        Styler().line(text[:200_000])
        assert time.process_time() - start < 5, repr(piece)
