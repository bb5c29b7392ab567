from __future__ import annotations

from pathlib import Path

import pytest

from core.errors import QueryError
from core.index.columns import RunColumns
from core.index.filters import Filters
from core.index.free_text import words_of
from core.runs.run import Comment, Run, ScalarSummary

NOW = 1_795_000_000_000_000
DAY = 86_400_000_000
LOSS = ScalarSummary(1.0, 0, 1.0, 0, 1.0, 0, 1.0, 0, 1.0, 1)


@pytest.fixture
def columns():
    columns = RunColumns()
    for run in (
        Run(
            "a1",
            Path("a1"),
            operation="m:train",
            status="completed",
            label="Best run",
            tags=("paper", "seed 2"),
            comments=(Comment("Looks GOOD", "ada", "box"),),
            marked=True,
            started=NOW - DAY,
            sourcecode_digest="abcdef",
            flags={"lr": 0.1, "opt": "AdamW", "deep": True},
            scalars={"val#loss": LOSS},
        ),
        Run("b2", Path("b2"), operation="train", status="error", started=NOW - 9 * DAY),
        Run("c3", Path("c3"), operation="pkg/m:train", status="staged", label=" ", initialized=NOW),
        Run("d4", Path("d4"), operation="m:train+skopt:gp", status="running", flags={"lr": 0.25}),
    ):
        columns.put(run)
    return columns


@pytest.fixture
def found(columns):
    def select(**parts):
        slots = Filters(**parts).select(columns, columns.slots(), now=NOW)
        return " ".join(columns.value("id", slot) for slot in slots)

    return select


@pytest.mark.parametrize(
    ("parts", "ids"),
    [
        ({}, "a1 b2 c3 d4"),
        ({"operations": ("train",)}, "a1 b2 c3"),
        ({"operations": ("m:train",)}, "a1 c3"),
        ({"operations": ("pkg/train",)}, "c3"),
        ({"operations": ("*:t*",)}, "a1 c3"),
        ({"operations": ("^m:", "train$")}, "a1 b2 c3 d4"),
        ({"operations": ("^(",)}, ""),
        ({"operations": ("m:train+skopt:gp",)}, "d4"),
        ({"operations": ("m:train+*",)}, ""),
        ({"operations": ("m:train+skopt:*",)}, "d4"),
        ({"labels": ("Best",)}, "a1"),
        ({"labels": ("best",)}, ""),
        ({"labels": ("-",)}, "b2 c3 d4"),
        ({"unlabeled": True}, "b2 c3 d4"),
        ({"tags": ("seed 2", "other")}, "a1"),
        ({"tags": ("seed",)}, ""),
        ({"comments": ("good",)}, "a1"),
        ({"comments": ("BOX",)}, "a1"),
        ({"comments": ("-",)}, "b2 c3 d4"),
        ({"marked": True}, "a1"),
        ({"unmarked": True}, "b2 c3 d4"),
        ({"started": "last 3 days"}, "a1 c3"),
        ({"started": "before 3 days ago"}, "b2"),
        ({"digest": "abc"}, "a1"),
        ({"statuses": ("error", "staged")}, "b2 c3"),
        ({"not_statuses": ("error", "staged")}, "a1 d4"),
        ({"expression": "lr > 0.2"}, "d4"),
        ({"expression": "lr > 0", "statuses": ("completed",), "text": "paper"}, "a1"),
    ],
)
def test_each_part_narrows_the_runs(found, parts, ids):
    assert found(**parts) == ids


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("train", "a1 b2 c3 d4"),
        ("BEST paper", "a1"),
        ("best nowhere", ""),
        ('"seed 2"', "a1"),
        ("good", "a1"),
        ("adamw", "a1"),
        ("0.25", "d4"),
        ("lr=0.1", "a1"),
        ("r=0.2", "d4"),
        ("opt=ada", "a1"),
        ("deep=yes", "a1"),
        ("lr", "a1 d4"),
        ("loss", "a1"),
        ("b", "a1 b2"),
        ("   ", "a1 b2 c3 d4"),
    ],
)
def test_every_word_must_occur_somewhere(found, text, ids):
    assert found(text=text) == ids


def test_a_run_that_came_after_a_search_is_found_by_the_beginning_of_its_id(found, columns):
    assert found(text="xy") == ""

    columns.put(Run("xyz", Path("xyz")))

    assert found(text="xy") == "xyz"


def test_words_are_looked_for_in_what_runs_say_now():
    columns = RunColumns()

    def found(text):
        return Filters(text=text).select(columns, columns.slots(), now=NOW)

    columns.put(Run("a", Path("r"), label="early", flags={"lr": 0.25, "opt": "adam"}))
    assert (found("early"), found("0.25"), found("adam")) == ([0], [0], [0])

    columns.put(Run("a", Path("r"), label="late", flags={"lr": 0.5}, scalars={}))
    columns.put(Run("b", Path("r"), label="early"))

    assert (found("early"), found("late")) == ([1], [0])
    assert (found("0.25"), found("0.5"), found("lr=0.5"), found("adam")) == ([], [0], [0], [])
    columns.remove(0)
    assert found("late") == []


def test_yes_is_not_one_although_they_are_equal():
    columns = RunColumns()
    for number, value in enumerate([1, True, 0, False, 1.0, [True]]):
        columns.put(Run(str(number), Path("r"), flags={"deep": value}))

    def found(text):
        return Filters(text=text).select(columns, columns.slots(), now=NOW)

    assert found("deep=yes") == [1]
    assert found("deep=1") == [0, 4]
    assert found("deep=no") == [3]
    assert found("yes") == [1, 5]


def test_words_in_quotes_belong_together():
    assert words_of("one \"two three\" 'four five' it's") == [
        "one",
        "two three",
        "four five",
        "it's",
    ]


def test_the_box_holds_words_or_an_expression():
    assert Filters.of_box("  ") == Filters()
    assert Filters.of_box("best run") == Filters(text="best run")
    assert Filters.of_box("loss < 1") == Filters(expression="loss < 1")


def test_nothing_asked_is_empty():
    assert Filters().is_empty
    assert not Filters(unlabeled=True).is_empty


@pytest.mark.parametrize(
    "filters",
    [
        Filters(expression="loss <"),
        Filters(started="last moon"),
        Filters(labels=("x",), unlabeled=True),
        Filters(marked=True, unmarked=True),
    ],
)
def test_what_cannot_be_understood_is_known_early(columns, filters):
    with pytest.raises(QueryError):
        filters.validate()
    with pytest.raises(QueryError):
        filters.select(columns, columns.slots(), now=NOW)


def test_filters_can_be_compared_and_used_as_keys():
    assert {Filters(tags=("a",)): 1}[Filters(tags=("a",))] == 1
