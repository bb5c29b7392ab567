import datetime
import math
import time

import pytest

from core.text import MAX_TEXT, flag_text, format_bytes, format_duration, natural_key, plural


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (True, "yes"),
        (False, "no"),
        (None, "null"),
        (1, "1"),
        (0.1, "0.1"),
        (1e-07, "1e-07"),
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        ("adam", "adam"),
        ("1", "'1'"),
        ("yes", "'yes'"),
        ("1e-05", "'1e-05'"),
        ("", "''"),
        ("a b", "a b"),
        ("a: b", "'a: b'"),
        ("é", "é"),
        ([1, "x", [True]], "[1, x, [yes]]"),
        ({"b": 1, "a": None}, "{a: null, b: 1}"),
        (datetime.date(2020, 1, 1), "2020-01-01"),
    ],
)
def test_flag_is_shown_as_guild_shows_it(value, text):
    assert flag_text(value) == text


def test_flag_text_is_bounded():
    endless: list[object] = []
    endless.append(endless)

    assert len(flag_text("x" * 10**6)) == MAX_TEXT + 1
    assert "…" in flag_text(endless)
    assert flag_text(1 << 40_000).startswith("0x1000")


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 KB"),
        (48_200_000, "48.2 MB"),
        (999_999, "1000 KB"),
        (123_456_789, "123 MB"),
        (5 * 10**18, "5000 PB"),
    ],
)
def test_sizes_are_short(size, text):
    assert format_bytes(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0:00:00.0"),
        (9.94, "0:00:09.9"),
        (9.96, "0:00:09.9"),
        (10, "0:00:10"),
        (3661, "1:01:01"),
        (90_061, "1 d 1:01:01"),
    ],
)
def test_durations_are_clocks(seconds, text):
    assert format_duration(seconds) == text


def test_natural_order_counts():
    names = ["run 10", "Run 9", "run", "run 9b", "10", "9"]

    assert sorted(names, key=natural_key) == ["9", "10", "run", "Run 9", "run 9b", "run 10"]


def test_of_equal_numbers_more_zeros_come_first_and_keys_stay_plain():
    names = [f"run {'0' * zeros}7 b" for zeros in (3000, 300, 128, 127, 126, 125, 2, 1, 0)]

    assert sorted(names[1::2] + names[::2], key=natural_key) == names
    assert sorted(["run 8", *names, "run 6"], key=natural_key) == ["run 6", *names, "run 8"]
    assert natural_key("lr=0.0012 run 010").isascii()


def test_plural_counts():
    assert plural(0, "run") == "0 runs"
    assert [plural(1, "run"), plural(12_408, "run"), plural(2, "entry", "entries")] == [
        "1 run",
        "12,408 runs",
        "2 entries",
    ]


@pytest.mark.parametrize(
    ("value", "begin"),
    [
        ("a b " * 4_000_000, "a b a b"),
        (list(range(1_000_000)), "[0, 1, 2"),
        ({f"k{n:07}": n for n in range(300_000)}, "{k0000000: 0, k0000001: 1"),
    ],
    ids=["text", "list", "map"],
)
def test_a_huge_value_is_cut_before_it_is_written_out(value, begin):
    before = time.process_time()

    text = flag_text(value)

    assert text.startswith(begin)
    assert len(text) == MAX_TEXT + 1
    assert time.process_time() - before < 1.5
