"""Attributes are written in the very bytes of the real Guild, whatever the value."""

from __future__ import annotations

import datetime
import math

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.runs.attr_dump import dump_yaml
from core.runs.attrs import load_yaml

LOOKS = [
    "", " ", "x ", " x", "1", "-1", "+1", "1.0", ".5", "-.5", "._", "1e-05", "1e5", "1E+3", "0x1f",
    "1_000", "1:30", "1:30.5", "010", "0o7", "0b1", "yes", "No", "TRUE", "on", "y", "Y", "n", "N",
    "null", "~", "Null", "None", ".inf", "-.INF", ".nan", "2020-01-01", "2020-01-01 10:00:00",
    "2020-01-01T10:00:00Z", "=", "<<", "-", "---", "...", "?", "? x", ":", "a:", "a: b", ": a",
    "a :b", "#", "#x", "a #b", "a#b", "[1, 2]", "{a: 1}", "a, b", "]", "}", "!x", "!!int 3", "&a",
    "*a", "|", ">", "%x", "@x", "`x", "'", '"', "it's", 'say "x"', "\\", "\\n", "a\\b", "café",
    "λ=0,1 → “best”", "😀 run", "\u05e9\u05dc\u05d5\u05dd", "a\u202eb", "\ufeff", "\x85", "\u2028",
    "a\nb", "a\n\nb", "\na", "a\n", "\n", "  a\n b", "a\tb", "\t", "a\r\nb", "\x00", "\x07", "\x7f",
    "x" * 200, "word " * 40, "é" * 90, "é word " * 20, "it's " * 30, "1 " * 60, "a  b" * 40,
    "lr=0.1 " * 12 + "x", "'" * 90, '"a b" ' * 20, "- a\n- b", "a: 1\nb: 2", "--lr 0.1 --x",
]  # fmt: skip

characters = st.one_of(
    st.sampled_from(" ''\"\n\t:#-?,[]{}&*!|>%@`~.0123456789eE+_yYnNabcXé😀\u202e\x85\\=<"),
    st.characters(exclude_categories=["Cs"]),
)
texts = st.one_of(
    st.sampled_from(LOOKS),
    st.text(characters, max_size=30),
    st.text(characters, min_size=60, max_size=200),
    st.lists(st.sampled_from(["a", "lr=0.1", "'x'", "é", "1", "#", "b:", '"', "", "long" * 9])).map(
        " ".join
    ),
)
scalars = st.one_of(
    texts,
    st.none(),
    st.booleans(),
    st.integers(-(10**18), 10**18),
    st.floats(),
    st.dates(datetime.date(1000, 1, 1)),
)
values = st.recursive(
    scalars,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(texts, inner, max_size=4)),
    max_leaves=12,
)


@pytest.mark.parametrize("text", LOOKS, ids=ascii)
def test_texts_that_look_like_something_else_are_written_as_guild_writes_them(guild_session, text):
    assert dump_yaml(text).decode() == guild_session.encode_yaml(text) + "\n"
    assert load_yaml(dump_yaml(text).decode()) == text


@settings(
    max_examples=300,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(value=values)
def test_every_value_is_written_as_guild_writes_it_and_read_back(guild_session, value):
    written = dump_yaml(value).decode()

    assert written == guild_session.encode_yaml(value) + "\n"
    assert same(load_yaml(written), value)


def same(one, other):
    """Equal, also where a value is no number, and of the same types."""
    if isinstance(one, float) and isinstance(other, float):
        return one == other or (math.isnan(one) and math.isnan(other))
    if type(one) is not type(other):
        return False
    if isinstance(one, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[key], other[key]) for key in one)
    return one == other
