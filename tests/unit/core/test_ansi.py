"""Tests of core/ansi.py."""

from __future__ import annotations

import pytest

from core.ansi import CARRY_LINES, Span, Style, Styler, plain_text


def styled(text):
    return Styler().line(text)


def test_text_without_escapes_stays_as_it_is():
    assert styled("loss: 0.1\tstep: 3 é 漢") == ("loss: 0.1\tstep: 3 é 漢", ())


@pytest.mark.parametrize(
    ("codes", "style"),
    [
        ("31", Style(fg=1)),
        ("1;31", Style(fg=1, bold=True)),
        ("97;44", Style(fg=15, bg=4)),
        ("38;5;208", Style(fg=208)),
        ("48;2;1;2;3", Style(bg=(1, 2, 3))),
        ("38:2::10:20:30", Style(fg=(10, 20, 30))),
        ("38:5:9;4", Style(fg=9, underline=True)),
        ("4:3", Style(underline=True)),
        ("2;3;7;9", Style(faint=True, italic=True, inverse=True, strike=True)),
        ("58;5;1;32", Style(fg=2)),
    ],
)
def test_colours_and_styles_are_kept(codes, style):
    assert styled(f"a\x1b[{codes}mbc\x1b[md") == ("abcd", (Span(1, 3, style),))


@pytest.mark.parametrize("off", ["0", "", "22;39", "39;22", "0;0"])
def test_a_style_ends_where_it_is_reset(off):
    text, spans = styled(f"\x1b[1;31mbad\x1b[{off}m good")

    assert text == "bad good"
    assert spans == (Span(0, 3, Style(fg=1, bold=True)),)


@pytest.mark.parametrize(
    "hidden",
    [
        "\x1b[2K",
        "\x1b[10;20H",
        "\x1b[?25l",
        "\x1b]0;a title\x07",
        "\x1b]8;;https://example.org\x1b\\",
        "\x1bP1$r0m\x1b\\",
        "\x1b_private\x1b\\",
        "\x1b(B",
        "\x1bc",
        "\x9b31m",
        "\x9d0;title\x9c",
        "\x00\x07\x08\x0b\x7f\x85",
        "\u202e\u2066",
        "\x1b[>4;2m",
        "\x1b[38;5;999m",
    ],
)
def test_every_other_escape_is_removed(hidden):
    assert plain_text(f"left{hidden}right") == "leftright"
    assert styled(f"left{hidden}right")[0] == "leftright"


def test_text_after_an_unfinished_string_is_shown():
    assert plain_text("\x1b]0;never ended") == "0;never ended"


def test_concealed_text_is_shown():
    assert styled("\x1b[8msecret") == ("secret", ())


def test_of_a_progress_bar_the_last_state_is_shown():
    assert plain_text("10%\r20%\r\x1b[32m30%\r") == "30%"
    assert styled("10%\r20%\r\x1b[32m30%\r") == ("30%", (Span(0, 3, Style(fg=2)),))


def test_a_windows_line_end_is_not_shown():
    assert plain_text("done\r") == "done"


def test_a_style_goes_on_to_the_next_lines_but_not_for_ever():
    styler = Styler()
    styler.line("\x1b[31mred")

    carried = [styler.line("x")[1] for _ in range(CARRY_LINES + 1)]

    assert carried[0] == carried[-2] == (Span(0, 1, Style(fg=1)),)
    assert carried[-1] == ()
