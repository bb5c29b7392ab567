from __future__ import annotations

import math
import time
from pathlib import Path

import pytest

from core.errors import QueryError
from core.index.columns import RunColumns
from core.index.query import is_expression, parse
from core.index.query_parser import MAX_DEPTH, MAX_TEXT
from core.runs.run import Comment, Run, ScalarSummary

NOW = 1_795_000_000_000_000
DAY = 86_400_000_000


def scalar(last, **others):
    values = {"first": last, "min": last, "max": last, "total": last, "count": 1}
    steps = dict.fromkeys(("last_step", "first_step", "min_step", "max_step"), 0)
    return ScalarSummary(**{"last": last, **values, **steps, **others})


def run(name, **fields):
    if "label" in fields or "tags" in fields:
        fields.setdefault("attr_names", tuple({"label", "tags"} & fields.keys()))
    return Run(id=name, path=Path("/runs") / name, **{"status": "completed", **fields})


@pytest.fixture
def columns():
    columns = RunColumns()
    columns.put(
        run(
            "a" * 32,
            operation="m:train",
            opref="guildfile:/p/guild.yml 1 m train",
            started=NOW - DAY,
            stopped=NOW - DAY + 3_723_000_000,
            flags={"lr": 0.1, "opt": "sgd", "n": 1, "list": [1, 2]},
            scalars={"loss": scalar(0.5, min=0.25, max_step=7, last_step=9, count=4, total=2.0)},
            label="first",
            tags=("paper", "seed 2"),
        )
    )
    columns.put(
        run(
            "b" * 32,
            operation="m:train",
            opref="guildfile:/p/guild.yml 1 m train",
            started=NOW - 40 * DAY,
            flags={"lr": 0.01, "opt": "adamw", "n": "1"},
            scalars={"loss": scalar(math.nan), "val#loss": scalar(0.75)},
            label="",
            status="error",
        )
    )
    columns.put(
        run(
            "c" * 32,
            operation="evaluate",
            flags={"lr": "auto", "label": "a flag"},
            scalars={"train#loss": scalar(2.0), "val#loss": scalar(3.0)},
            status="staged",
            comments=(Comment("x"),),
        )
    )
    return columns


@pytest.fixture
def found(columns):
    """First letters of the ids that an expression selects."""

    def select(text):
        ids = columns.values("id")
        slots = parse(text).select(columns, columns.slots(), now=NOW)
        return "".join(ids[slot][0] for slot in slots)

    return select


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("lr = 0.1", "a"),
        ("lr < 0.05", "b"),
        ("lr != 0.1", "bc"),
        ("lr contains UT", "c"),
        ("n = 1", "a"),
        ("n = '1'", "b"),
        ("n is undefined", "c"),
        ("list contains 2", "a"),
        ("list = [1, 2]", "a"),
        ("opt in [sgd, adamw]", "ab"),
        ("opt not in [sgd, adamw]", "c"),
        ("tags contains paper", "a"),
        ("tags contains PAPER", ""),
        ("not tags contains paper", "bc"),
        ("status = staged or status = error", "bc"),
        ("op = train", "ab"),
        ("model = ''", "c"),
        ("run = aaaaaaaa", "a"),
        ("label = first", "a"),
        ("label = ''", "b"),
        ("label = 'a flag'", "c"),
        ("time = '1:02:03'", "a"),
        ("stopped = ''", "bc"),
        ("word", "abc"),
        ("0", ""),
    ],
)
def test_a_test_selects_the_runs_whose_value_fits(found, text, ids):
    assert found(text) == ids


def test_and_and_or_bind_equally_and_group_to_the_right(found):
    assert found("lr = 7 and opt = sgd or status = staged") == ""
    assert found("(lr = 7 and opt = sgd) or status = staged") == "c"
    assert found("status = staged or lr = 0.1 and opt = sgd") == "ac"


def test_not_binds_tighter_than_and(found):
    assert found("not lr = 0.1 and opt = adamw") == "b"
    assert found("not (lr = 0.1 or opt = adamw)") == "c"
    assert found("not not lr = 0.1") == "a"


def test_a_scalar_is_found_below_a_directory_when_the_run_has_none_itself(found):
    assert found("loss >= 0.5") == "ac"
    assert found("loss = 2") == "c"
    assert found("val#loss > 0") == "bc"
    assert found("scalar:val#loss = 3") == "c"


def test_a_scalar_that_ended_as_nan_counts_as_undefined(found):
    assert found("loss is undefined") == "b"
    assert found("loss = 0.75") == ""  # there is one below a directory, but its own is asked
    assert found("not loss < 100") == "b"


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("min loss < 0.3", "a"),
        ("max loss step = 7", "a"),
        ("loss step = 9", "a"),
        ("count loss = 4", "a"),
        ("AVG loss = 0.5", "a"),
        ("total scalar:loss = 2", "ac"),
        ("first val#loss = 3", "c"),
        ("started last 30 days", "a"),
        ("started before 30 days ago", "b"),
        ("not started last 30 days", "bc"),
        ("stopped after 2020-01-01", "a"),
        ("started last 30 days and lr = 0.1", "a"),
        ("(started between 2020-01-01 and today) and lr < 1", "ab"),
        ("lr == 0.1", "a"),
        ("id contains aaaa or id contains 1b", "a"),
    ],
)
def test_forms_that_guild_refuses_are_understood(found, text, ids):
    assert found(text) == ids


@pytest.mark.parametrize(
    ("text", "position", "length"),
    [
        ("", 0, 1),
        ("lr <", 4, 1),
        ("lr < < 3", 5, 1),
        ("lr ! 3", 3, 1),
        ("(lr = 3", 0, 1),
        ("lr = 3)", 6, 1),
        ("lr = 1 opt = sgd", 7, 3),
        ("lr in 3", 6, 1),
        ("lr in [1, 2", 6, 1),
        ('opt = "sgd', 6, 4),
        ("avg loss step > 3", 9, 4),
        ("min flag:lr < 1", 4, 7),
        ("started last 3 moons", 15, 5),
        ("lr loss", 3, 4),
        ('x = "\\q"', 4, 4),
    ],
)
def test_an_error_names_the_place_and_the_length(text, position, length):
    with pytest.raises(QueryError) as caught:
        parse(text)

    assert (caught.value.position, caught.value.length) == (position, length)
    assert str(caught.value).endswith(".")


def test_deep_nesting_and_long_texts_are_refused_and_long_chains_are_not(found):
    with pytest.raises(QueryError, match="nested deeper"):
        parse("(" * (MAX_DEPTH + 1) + "x")
    with pytest.raises(QueryError, match="nested deeper"):
        parse("not " * 4_000 + "x")
    with pytest.raises(QueryError, match="too long"):
        parse("x" * (MAX_TEXT + 1))

    assert found(" or ".join(["lr = 7"] * 1500 + ["lr = 0.1"])) == "a"


def test_a_selection_keeps_the_order_of_the_slots(columns):
    slots = columns.slots()[::-1]

    assert parse("lr is not undefined").select(columns, slots, now=NOW) == slots
    assert parse("lr = 0.1 or lr = auto").select(columns, slots, now=NOW) == [slots[0], slots[2]]


def test_attributes_of_files_are_read_only_for_names_that_runs_have():
    asked = []
    columns = RunColumns(read_attr=lambda run_id, deleted, name: asked.append(name) or 7)
    columns.put(run("a", attr_names=("mine",)))
    columns.put(run("b"))

    assert parse("mine = 7").select(columns, columns.slots(), now=NOW) == [0]
    assert parse("other = 7").select(columns, columns.slots(), now=NOW) == []
    assert asked == ["mine"]


@pytest.mark.parametrize(
    "text",
    ["lr < 3", "lr=0.1", "lr <", "label contains", "lr in [1,", "started las", "started 2026-",
     "x is undefined", "stopped today"],
)  # fmt: skip
def test_a_text_with_an_operator_is_an_expression(text):
    assert is_expression(text)


@pytest.mark.parametrize(
    "text",
    ["", "best run", "best and worst", "(best)", "it is what it is", "results in paper",
     "started well", "'a < b'", '"lr=0.1"', "not bad"],
)  # fmt: skip
def test_a_text_without_an_operator_is_words(text):
    assert not is_expression(text)


@pytest.mark.parametrize("digits", [1001, 19_000])
def test_a_number_of_many_digits_is_refused_in_a_sentence(digits):
    with pytest.raises(QueryError, match="longer than 1,000 digits") as e:
        parse(f"lr > {'9' * digits}")

    assert (e.value.position, e.value.length) == (5, digits)


@pytest.mark.parametrize("text", ["9" * 50_000, "lr > " + "9" * 19_000, "'" * 30_001, "@" * 50_000])
def test_long_nonsense_is_looked_through_at_once(text):
    begin = time.process_time()

    is_expression(text)

    assert time.process_time() - begin < 1
