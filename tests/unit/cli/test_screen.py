from __future__ import annotations

import io
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cli import screen
from cli.screen import (
    aligned,
    coloured,
    fitted,
    pointed,
    prepare_streams,
    printable,
    terminal_width,
    text_width,
    time_text,
)


class Terminal(io.TextIOWrapper):
    """Stands for a terminal on stdout."""

    def __init__(self, encoding="utf-8"):
        super().__init__(io.BytesIO(), encoding=encoding, write_through=True)

    def isatty(self):
        return True

    @property
    def data(self):
        return self.buffer.getvalue()


def use_terminal(monkeypatch, encoding="utf-8"):
    """Put a terminal on stdout; within the test, since pytest changes streams around fixtures."""
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    stream = Terminal(encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", Terminal(encoding))
    return stream


def test_colours_are_for_terminals_only(monkeypatch):
    use_terminal(monkeypatch)
    assert coloured("x", "31") == "\x1b[31mx\x1b[0m"
    assert coloured("", "31") == ""
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO()))
    assert coloured("x", "31") == "x"


def test_colours_can_be_refused(monkeypatch):
    use_terminal(monkeypatch)
    monkeypatch.setenv("NO_COLOR", "1")
    assert coloured("x", "31") == "x"
    monkeypatch.delenv("NO_COLOR")
    monkeypatch.setenv("TERM", "dumb")
    assert coloured("x", "31") == "x"


def test_the_width_is_that_of_the_terminal(monkeypatch):
    use_terminal(monkeypatch)
    monkeypatch.setenv("COLUMNS", "57")
    assert terminal_width() == 57
    monkeypatch.setenv("COLUMNS", "wide")
    assert terminal_width() is None
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    assert terminal_width() is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("naïve café λ 日本", "naïve café λ 日本"),
        ("two\nlines\tand\r\nmore", "two lines and more"),
        ("\x1b[2J", "\\x1b[2J"),
        ("a\x00\x9bb", "a\\x00\\x9bb"),
        ("right\u202eleft", "right\\u202eleft"),
        ("\udcff", "\udcff"),
    ],
)
def test_control_characters_are_shown_instead_of_obeyed(text, shown):
    assert printable(text) == shown


@given(st.text())
def test_printable_text_is_one_line_without_control_characters(text):
    shown = printable(text)

    assert len(f"{shown}x".splitlines()) == 1
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in shown)


@given(st.text(), st.integers(1, 20))
def test_fitted_text_is_never_wider_than_its_place(text, width):
    assert text_width(fitted(text, width)) <= width


def test_wide_letters_take_two_columns_and_accents_none():
    assert text_width("日本") == 4
    assert text_width("e\u0301") == 1
    assert fitted("日本語", 5) == "日本…"
    assert fitted("日本語", 6) == "日本語"
    assert fitted("abc", 1) == "…"


def test_cells_are_filled_to_the_width_of_their_column():
    assert aligned([["a", "日本"], ["abc", "x"]]) == [["a  ", "日本"], ["abc", "x   "]]
    assert aligned([]) == []


def test_a_place_in_a_text_is_pointed_at():
    assert pointed("lr < <", 5, 1) == ["  lr < <", "       ^"]
    assert pointed("lr <", 4, 1) == ["  lr <", "      ^"]
    assert pointed("a\nb c", 2, 1) == ["  a b c", "    ^"]
    assert pointed("日本 x", 3, 1) == ["  日本 x", "       ^"]


def test_of_a_long_text_the_surroundings_of_the_place_are_shown():
    shown, carets = pointed("x" * 500 + "?" + "y" * 500, 500, 1)

    assert shown == "  …" + "x" * 60 + "?" + "y" * 60 + "…"
    assert shown[carets.index("^")] == "?"


@given(st.text(), st.data())
def test_carets_stand_below_what_is_meant(text, data):
    position = data.draw(st.integers(0, len(text)))
    shown, carets = pointed(text, position, data.draw(st.integers(1, 5)))

    assert carets.strip("^ ") == ""
    assert carets.endswith("^")
    assert len(shown.splitlines()) <= 1


def test_times_are_local_with_seconds(monkeypatch):
    assert time_text(None) == ""
    assert len(time_text(1_700_000_000_000_000)) == len("2023-11-14 22:13:20")
    assert time_text(10**30) == str(10**30)


def test_names_that_are_not_unicode_leave_as_their_bytes(monkeypatch):
    terminal = use_terminal(monkeypatch)
    prepare_streams()

    screen.write_line("caf\udce9 λ")

    assert terminal.data == b"caf\xe9 \xce\xbb\n"


def test_letters_that_the_terminal_lacks_are_escaped(monkeypatch):
    stream = use_terminal(monkeypatch, "ascii")
    prepare_streams()

    screen.write_line("caf\udce9 λ…")

    assert stream.data == b"caf\xe9 \\u03bb\\u2026\n"


def test_messages_cannot_steer_the_terminal(capsys):
    screen.note("No run \x1b[2J\u202e\n  here")

    assert capsys.readouterr().err == "No run \\x1b[2J\\u202e\n  here\n"
