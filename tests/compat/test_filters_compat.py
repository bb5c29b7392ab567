"""The same questions to the real Guild and to us, about a store that Guild made."""

from __future__ import annotations

import re

import pytest

from core.errors import QueryError
from core.index.filters import Filters
from core.index.query import parse
from core.index.time_range import parse_range
from tests.compat.filter_expressions import ODDLY_WRITTEN, OURS_ALONE, REFUSED, UNDERSTOOD
from tests.support.columns import columns_of
from tests.support.compare_home import make_compare_home
from tests.support.guild_answers import ask_guild

EXPRESSIONS = [*UNDERSTOOD, *ODDLY_WRITTEN]

RANGES = """
last minute
last 90 min
last hour
last 2 hours
last 12 hr
LAST 3 Days
last 10 days
last 400 days
today
yesterday
this hour
this day
this week
this year
1 hour ago
1 day ago
3 days ago
1 week ago
1 year ago
before today
before yesterday
before this year
before 2 weeks ago
before 2026-01-01
before 26-01-01
before 1-1
before 12:00
before 12:00:30
before 1-1 12:00
after yesterday
after 1 week ago
after 2 years ago
after 2020-1-1
after 20-1-1 9:00
after 1-1
between 2020-01-01 and 2030-01-01
between 2030-01-01 and 2020-01-01
between 100 days ago and 20 days ago
between today and 20 days ago
between 1-1 and 12-31
between 0:00 and 23:59:59
3 daysago
last5days
""".strip().split("\n")

REFUSED_RANGES = """
foo
last
last 3
3 days
ago
today yesterday
after
before foo
between 1-1
between 1-1 and
between 1-1 and 2-1 x
13-1
2026-13-1
25:00
10:61
12:00:99
1:2
last -3 days
thisweek
after 2026-01-01-5
after 12345
123-4-5
9999 years ago
after 0-1
last 1 fortnight
last days 3
today!
12:00 1-1
2026-2-29
""".strip().split("\n")

OPTIONS = [
    (["-Fo", "train"], Filters(operations=("train",))),
    (["-Fo", "m:train"], Filters(operations=("m:train",))),
    (["-Fo", "m"], Filters(operations=("m",))),
    (["-Fo", "tr*"], Filters(operations=("tr*",))),
    (["-Fo", "*:t*"], Filters(operations=("*:t*",))),
    (["-Fo", "TRAIN"], Filters(operations=("TRAIN",))),
    (["-Fo", "*.py"], Filters(operations=("*.py",))),
    (["-Fo", "train.py"], Filters(operations=("train.py",))),
    (["-Fo", "^tr"], Filters(operations=("^tr",))),
    (["-Fo", "in$"], Filters(operations=("in$",))),
    (["-Fo", "^("], Filters(operations=("^(",))),
    (["-Fo", "train+"], Filters(operations=("train+",))),
    (["-Fo", "pkg/train"], Filters(operations=("pkg/train",))),
    (["-Fo", "pkg/m:train"], Filters(operations=("pkg/m:train",))),
    (["-Fo", "fail", "-Fo", "types"], Filters(operations=("fail", "types"))),
    (["-Fl", "best"], Filters(labels=("best",))),
    (["-Fl", "BEST"], Filters(labels=("BEST",))),
    (["-Fl", "lr=0.1"], Filters(labels=("lr=0.1",))),
    (["-Fl", "Überblick λ"], Filters(labels=("Überblick λ",))),
    (["-Fl", "-"], Filters(labels=("-",))),
    (["-Fl", "-", "-Fl", "best"], Filters(labels=("-", "best"))),
    (["-Fu"], Filters(unlabeled=True)),
    (["-Ft", "paper"], Filters(tags=("paper",))),
    (["-Ft", "Paper"], Filters(tags=("Paper",))),
    (["-Ft", "pap"], Filters(tags=("pap",))),
    (["-Ft", "seed 2"], Filters(tags=("seed 2",))),
    (["-Ft", "gone"], Filters(tags=("gone",))),
    (["-Ft", "swept", "-Ft", "Ablation"], Filters(tags=("swept", "Ablation"))),
    (["-Fc", "third LINE"], Filters(comments=("third LINE",))),
    (["-Fc", "ada"], Filters(comments=("ada",))),
    (["-Fc", "box"], Filters(comments=("box",))),
    (["-Fc", "grace\n"], Filters(comments=("grace\n",))),
    (["-Fc", "café"], Filters(comments=("café",))),
    (["-Fc", "-"], Filters(comments=("-",))),
    (["-Fc", "nowhere", "-Fc", "only"], Filters(comments=("nowhere", "only"))),
    (["-Fm"], Filters(marked=True)),
    (["-Fn"], Filters(unmarked=True)),
    (["-Fd", "a"], Filters(digest="a")),
    (["-Fd", "no such"], Filters(digest="no such")),
    (["-Sr"], Filters(statuses=("running",))),
    (["-Sc"], Filters(statuses=("completed",))),
    (["-Se"], Filters(statuses=("error",))),
    (["-St"], Filters(statuses=("terminated",))),
    (["-Sp"], Filters(statuses=("pending",))),
    (["-Ss"], Filters(statuses=("staged",))),
    (["-Set"], Filters(statuses=("error", "terminated"))),
    (["--running", "--staged"], Filters(statuses=("running", "staged"))),
    (["--not-completed"], Filters(not_statuses=("completed",))),
    (["--not-error", "--not-completed"], Filters(not_statuses=("error", "completed"))),
    (["-Sc", "--not-error"], Filters(statuses=("completed",), not_statuses=("error",))),
    (
        ["-Fo", "m:train", "-Sc", "-F", "lr > 0.05", "-Fn", "-Fs", "today"],
        Filters(
            operations=("m:train",),
            statuses=("completed",),
            expression="lr > 0.05",
            unmarked=True,
            started="today",
        ),
    ),
]


@pytest.fixture(scope="module")
def columns(guild_home):
    return columns_of(guild_home)


@pytest.fixture(scope="module")
def guild_says(peer, guild_home, tmp_path_factory):
    """Guild's answer to each question of this module, asked in one go."""
    questions = [
        *(["-F", text] for text in [*EXPRESSIONS, *REFUSED, *OURS_ALONE]),
        *(["-Fs", text] for text in [*RANGES, *REFUSED_RANGES]),
        *(arguments for arguments, _ in OPTIONS),
        ["-Fo", "m:train+skopt:random"],
        *(["-d", "-F", text] for text in EXPRESSIONS[:40]),
    ]
    answers = ask_guild(peer, guild_home, questions, tmp_path_factory.mktemp("answers"))
    found = {tuple(question): answer for question, answer in zip(questions, answers, strict=True)}
    return lambda *question: found[question]


def ids_of(columns, slots):
    ids = columns.values("id")
    return sorted(ids[slot] for slot in slots)


def assert_same(columns, answer, filters, *, deleted=False):
    assert answer.ids is not None, answer.error
    found = filters.select(columns, columns.slots(deleted), now=answer.asked)
    assert ids_of(columns, found) == sorted(answer.ids)


LINKED = [
    "acc > 0.5", "acc = 0.5", "loss < 2", "loss = 1.5", "scalar:acc is not undefined",
    "loss is undefined", "acc is undefined", "train/.guild#acc = 0.5", "train#acc = 0.5",
    "evaluate/.guild#acc < 1", "logs/val#loss = 5", "logs/train#acc = 1", "not acc > 0.5",
]  # fmt: skip


@pytest.fixture(scope="module")
def guild_says_of_steps(peer, tmp_path_factory):
    """A home with steps that alone have scalars, and Guild's answers there."""
    home = make_compare_home(tmp_path_factory.mktemp("steps"))
    questions = [["-F", text] for text in LINKED]
    answers = ask_guild(peer, home, questions, tmp_path_factory.mktemp("answers"))
    return columns_of(home), dict(zip(LINKED, answers, strict=True))


@pytest.mark.parametrize("expression", LINKED)
def test_a_pipeline_has_the_scalars_of_its_steps(guild_says_of_steps, expression):
    columns, answers = guild_says_of_steps

    assert_same(columns, answers[expression], Filters(expression=expression))


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_selects_what_guild_selects(columns, guild_says, expression):
    answer = guild_says("-F", expression)

    assert_same(columns, answer, Filters(expression=expression))


@pytest.mark.parametrize("expression", EXPRESSIONS[:40])
def test_an_expression_selects_what_guild_selects_in_the_trash(columns, guild_says, expression):
    answer = guild_says("-d", "-F", expression)

    assert_same(columns, answer, Filters(expression=expression), deleted=True)


def test_the_questions_tell_runs_apart(columns, guild_says):
    sizes = {len(guild_says("-F", expression).ids) for expression in EXPRESSIONS}

    assert len(EXPRESSIONS) >= 80
    assert len(sizes) > 15
    assert {0, len(columns.slots())} < sizes


@pytest.mark.parametrize("expression", REFUSED)
def test_what_guild_refuses_is_refused_at_the_same_place(guild_says, expression):
    answer = guild_says("-F", expression)
    assert answer.ids is None

    with pytest.raises(QueryError) as caught:
        parse(expression)

    assert 0 <= caught.value.position <= len(expression)
    place = re.search(r"position (\d+)", answer.error)
    if place:
        assert caught.value.position == int(place[1])


@pytest.mark.parametrize("expression", OURS_ALONE)
def test_our_own_forms_take_nothing_from_guild(guild_says, expression):
    assert guild_says("-F", expression).ids is None

    assert parse(expression).tree


@pytest.mark.parametrize(("arguments", "filters"), OPTIONS, ids=lambda value: str(value)[:60])
def test_an_option_selects_what_guild_selects(columns, guild_says, arguments, filters):
    answer = guild_says(*arguments)

    assert_same(columns, answer, filters)


def test_a_batch_is_found_by_the_name_guild_lists_it_by(columns, guild_says, guild_store):
    """Guild cannot read such a name and lists every run: the one answer that we do not give."""
    name = "m:train+skopt:random"

    found = Filters(operations=(name,)).select(columns, columns.slots(), now=0)

    assert ids_of(columns, found) == [guild_store.id("random")]
    assert len(guild_says("-Fo", name).ids) == len(columns.slots())


@pytest.mark.parametrize("text", RANGES)
def test_a_time_range_selects_what_guild_selects(columns, guild_says, text):
    answer = guild_says("-Fs", text)

    assert_same(columns, answer, Filters(started=text))


@pytest.mark.parametrize("text", REFUSED_RANGES)
def test_a_time_range_that_guild_refuses_is_refused_at_the_same_place(guild_says, text):
    answer = guild_says("-Fs", text)
    assert answer.ids is None

    with pytest.raises(QueryError) as caught:
        parse_range(text).span(answer.asked)

    assert 0 <= caught.value.position <= len(text)
    place = re.search(r"pos(?:ition)? (\d+)", answer.error)
    if place:
        assert caught.value.position == int(place[1])
