from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.errors import QueryError
from core.index.columns import RunColumns
from core.index.filters import Filters
from core.index.query import is_expression, parse
from core.index.query_tree import AGGREGATES, Chain, Comparison, Constant, Not, Reference, TimeTest
from core.index.time_range import parse_range
from core.runs.run import Run, ScalarSummary

NOW = 1_795_000_000_000_000

WORDS = st.sampled_from(
    [
        *("loss", "lr", "min", "step", "started", "stopped", "last", "3", "days", "after", "9:00"),
        *("and", "or", "not", "in", "is", "undefined", "contains", "true", "[", "]", "(", ")", ","),
        *("=", "!=", "<>", "<", "<=", ">", ">=", "'a b'", '"\\n"', "0.5", "-1e-05", "flag:lr"),
        *("scalar:val#loss", "attr:", "2026-01-01", "7f3c", "é", "_", "!", "'", '"', "\n", "\t"),
    ]
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.lists(WORDS, max_size=14).map(" ".join),
    st.lists(WORDS, max_size=14).map("".join),
)
TIMES = st.one_of(
    st.text(max_size=30),
    st.lists(
        st.one_of(
            st.sampled_from(
                [
                    *("last", "this", "today", "between", "and", "after", "before", "ago", "days"),
                    *("week", "min", "hr", "years", "9:00", "10:61", "1-1", "2026-2-29", "x", "!"),
                ]
            ),
            st.integers(0, 10**14).map(str),
        ),
        max_size=6,
    ).map(" ".join),
)

NUMBERS = st.one_of(st.integers(), st.floats(allow_nan=False))
STRINGS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
ATOMS = st.one_of(NUMBERS, STRINGS, st.booleans(), st.none())
VALUES = st.recursive(ATOMS, lambda inner: st.lists(inner, min_size=1, max_size=3), max_leaves=5)
LISTS = st.lists(VALUES, min_size=1, max_size=3)
NAMES = st.from_regex(r"[a-zA-Z][^ ,<>!=\n()\[\]]{0,8}", fullmatch=True).filter(
    lambda name: not is_reserved(name)
)
TREES = st.recursive(
    st.one_of(
        VALUES.map(Constant),
        st.builds(
            Comparison,
            st.builds(Reference, NAMES, st.sampled_from(["", "attr", "flag", "scalar"])),
            st.sampled_from(["=", "!=", "<", "<=", ">", ">="]),
            VALUES,
        ),
        st.builds(
            Comparison,
            st.builds(Reference, NAMES, st.just(""), st.sampled_from([None, *AGGREGATES])),
            st.just("in"),
            LISTS,
            st.booleans(),
        ),
        st.builds(
            Comparison,
            st.builds(
                Reference, NAMES, st.sampled_from(["", "scalar"]), st.just("max"), st.just(True)
            ),
            st.just("contains"),
            VALUES,
            st.booleans(),
        ),
        st.builds(
            TimeTest,
            st.sampled_from(["started", "stopped"]),
            st.sampled_from(["last 3 days", "after 9:00", "between 1-1 and 2-1"]).map(parse_range),
        ),
    ),
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=4).flatmap(
            lambda operands: st.builds(
                Chain,
                st.just(tuple(operands)),
                st.tuples(*[st.sampled_from(["and", "or"])] * (len(operands) - 1)),
            )
        ),
    ),
    max_leaves=8,
)


def is_reserved(name):
    words = {"and", "or", "in", "not", "true", "false", "is", "undefined", "contains", "step"}
    return name.lower() in words | set(AGGREGATES) or ":" in name


@pytest.fixture(scope="module")
def columns():
    columns = RunColumns()
    for number, lr in enumerate([0.1, "auto", None, True, [1, 2], {"a": 1}, math.nan, ""]):
        loss = ScalarSummary(1.0, 1, 2.0, 0, 1.0, 1, 2.0, 0, 3.0, 2)
        columns.put(
            Run(
                id=f"{number:032x}",
                path=Path("r"),
                flags={"lr": lr},
                scalars={"loss": loss, "val#loss": loss} if number % 2 else {},
                started=NOW - number * 10**11 if number else None,
                tags=("a",) if number % 3 else (),
            )
        )
    return columns


@given(TEXTS)
@example("started" * 3000)
@example("[" * 5000)
@example("1" * 5000)
def test_any_text_is_understood_or_refused_with_a_place(columns, text):
    is_expression(text)
    try:
        query = parse(text)
    except QueryError as e:
        assert 0 <= e.position <= len(text)
        assert e.length >= 1
        return
    slots = columns.slots()
    try:
        found = query.select(columns, slots, now=NOW)
    except QueryError as e:
        assert 0 <= e.position <= len(text)
        return
    assert [slot for slot in slots if slot in set(found)] == found


@given(TREES)
def test_a_tree_that_is_written_and_read_is_the_same(tree):
    assert parse(str(tree)).tree == tree


@given(TREES)
def test_not_selects_exactly_the_others(columns, tree):
    slots = columns.slots()

    some = parse(f"({tree})").select(columns, slots, now=NOW)
    others = parse(f"not ({tree})").select(columns, slots, now=NOW)

    assert sorted(some + others) == slots


@given(TREES, TREES, TREES)
def test_a_chain_is_what_its_groups_say(columns, a, b, c):
    slots = columns.slots()

    chain = parse(f"({a}) and ({b}) or ({c})").select(columns, slots, now=NOW)
    grouped = parse(f"({a}) and (({b}) or ({c}))").select(columns, slots, now=NOW)

    assert chain == grouped


@given(TIMES, st.integers(0, 4 * 10**15))
def test_any_text_is_a_time_range_or_refused_with_a_place(text, now):
    try:
        start, end = parse_range(text).span(now)
    except QueryError as e:
        assert 0 <= e.position <= len(text)
        return
    assert start is not None or end is not None


@given(TEXTS)
def test_any_text_can_stand_in_the_filter_box(columns, text):
    slots = columns.slots()
    try:
        found = Filters.of_box(text).select(columns, slots, now=NOW)
    except QueryError as e:
        assert 0 <= e.position <= len(text)
        return
    assert set(found) <= set(slots)


@given(st.text(max_size=10))
def test_any_operation_name_can_be_looked_for(columns, name):
    found = Filters(operations=(name,)).select(columns, columns.slots(), now=NOW)

    assert set(found) <= set(columns.slots())
