from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.index.columns import RunColumns
from core.index.completion import Vocabulary, spot_at, suggest, values_of, vocabulary_of
from core.index.query_roles import roles_of
from core.runs.run import Run, ScalarSummary

WORDS = Vocabulary(
    flags={"lr": 10, "opt": 5, "label": 2, "has blank": 1},
    scalars={"loss": 9, "val#loss": 12, "sys/cpu": 40},
    attributes={"cmd": 3, "label": 10},
)


def offered(text, values=None, cursor=None):
    spot = spot_at(text, len(text) if cursor is None else cursor)
    return [s.text for s in suggest(spot, WORDS, values or {})]


def roles(text):
    return [(part.role, part.text) for part in roles_of(text).parts]


def test_names_come_first_and_those_most_likely_meant_before_others():
    names = offered("")

    assert names[:3] == ["loss", "val#loss", "sys/cpu"]
    assert names.index("opt") < names.index("cmd")
    assert "status" in names
    assert "has blank" not in names


def test_a_name_that_means_something_else_alone_gets_its_prefix():
    assert "flag:label" in offered("")


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("l", "loss"),
        ("lr > 1 and op", "opt"),
        ("(los", "loss"),
        ("not l", "loss"),
        ("min l", "loss"),
        ("loss ", "="),
        ("loss con", "contains"),
        ("loss is ", "undefined"),
        ("loss i", "in ["),
        ("loss in ", "["),
        ("loss < 1 ", "and"),
        ("started ", "today"),
        ("started las", "last hour"),
        ("started last 3", "last 30 days"),
        ("started today o", "or"),
        ("status = ", "running"),
        ("status = t", "terminated"),
    ],
)
def test_what_may_come_next_is_offered(text, first):
    assert offered(text)[0] == first


def test_values_are_offered_behind_an_operator_and_within_a_list():
    values = {"adam": 3, "'two words'": 1}

    assert offered("opt = ", values) == ["adam", "'two words'"]
    assert offered("opt in [sgd, ad", values) == ["adam"]
    assert offered("opt = 'tw", values) == ["'two words'"]


def test_nothing_is_offered_for_unknown_names_and_finished_words():
    assert offered("nonsense ") == []
    assert offered("loss") == ["loss", "val#loss"]
    assert offered("opt") == []


def test_the_word_at_the_cursor_is_replaced_as_a_whole():
    spot = spot_at("lo = 1", 1)

    assert (spot.start, spot.end, spot.prefix) == (0, 2, "l")


def test_known_names_are_those_that_runs_have():
    for name in ("lr", "flag:lr", "val#loss", "loss", "status", "run", "cmd", "attr:cmd"):
        assert WORDS.knows(name)
    assert not WORDS.knows("los")


def test_values_are_counted_as_they_are_written():
    columns = RunColumns()
    loss = ScalarSummary(1.5, 0, 1.5, 0, 1.5, 0, 1.5, 0, 1.5, 1)
    for number, opt in enumerate(["sgd", "sgd", "two words", None, [1, 2], {"a": 1}, True]):
        columns.put(
            Run(str(number), Path("r"), flags={"opt": opt}, scalars={"loss": loss}, tags=("a", "b"))
        )

    assert values_of(columns, "opt", 0) == {
        "sgd": 2,
        '"two words"': 1,
        "1": 1,
        "2": 1,
        "true": 1,
    }
    assert values_of(columns, "tags", 0) == {"a": 7, "b": 7}
    assert values_of(columns, "loss", 0) == {"1.5": 7}
    assert values_of(columns, "no good", 0) == {}
    assert vocabulary_of(columns).scalars == {"loss": 7}


def test_measured_numbers_of_one_run_are_not_offered():
    columns = RunColumns()
    for number, lr in enumerate([0.1, 0.00031, 0.8047733902931213, 0.123456789, 0.123456789]):
        columns.put(Run(str(number), Path("r"), flags={"lr": lr}))

    assert values_of(columns, "lr", 0) == {"0.123456789": 2, "0.1": 1, "0.00031": 1}


def test_each_word_has_its_role():
    assert roles("min loss step < 0.5 and not (opt in [a, 'b'])") == [
        ("keyword", "min"),
        ("name", "loss"),
        ("keyword", "step"),
        ("operator", "<"),
        ("value", "0.5"),
        ("keyword", "and"),
        ("keyword", "not"),
        ("bracket", "("),
        ("name", "opt"),
        ("keyword", "in"),
        ("bracket", "["),
        ("value", "a"),
        ("bracket", ","),
        ("value", "'b'"),
        ("bracket", "]"),
        ("bracket", ")"),
    ]
    assert roles("started between 1-1 and 2-1 and lr = 1")[1] == ("time", "between 1-1 and 2-1")


@given(
    st.lists(
        st.sampled_from(
            [
                *("loss", "lr", "min", "=", "<", "in", "[", "]", "(", ")", ",", "and", "not"),
                *("is", "started", "last", "3", "days", "'", '"x', "step", "contains", "!", "é"),
            ]
        )
    ).map(" ".join)
    | st.text(max_size=40),
    st.integers(0, 50),
)
def test_any_text_has_roles_and_completions(text, cursor):
    parts = roles_of(text).parts

    assert [p.text for p in parts] == [text[p.start : p.end] for p in parts]
    assert all(a.end <= b.start for a, b in pairwise(parts))
    for suggestion in suggest(spot_at(text, min(cursor, len(text))), WORDS, {"1": 1}):
        assert suggestion.text
