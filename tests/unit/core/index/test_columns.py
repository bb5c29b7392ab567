import math
from pathlib import Path
from types import SimpleNamespace

import pytest

from core.index.columns import RunColumns
from core.index.ranks import rank
from core.index.row import Row
from core.index.stored_fields import NAMES
from core.runs.run import Comment, Run, ScalarSummary

LOSS = ScalarSummary(0.5, 9, 2.0, 0, 0.25, 7, 2.0, 0, 11.0, 10)


def make(run_id, **values):
    return Run(run_id * 32, Path("/runs") / (run_id * 32), **values)


@pytest.fixture
def columns():
    return RunColumns(clock=lambda: 10_000_000)


def test_a_run_comes_back_as_it_was_put(columns):
    run = make(
        "a",
        opref="script:/p '' '' t.py",
        operation="t.py",
        status="completed",
        exit_status=0,
        started=1,
        stopped=2,
        label="é",
        tags=("x", "y"),
        marked=True,
        comments=(Comment("hello", "ada", "h", 3),),
        flags={"lr": 0.1, "n": None, "s": "1"},
        scalars={"loss": LOSS},
        links=(("step", "b" * 32),),
        attr_names=("flags", "label"),
    )

    slot = columns.put(run)

    assert columns.run(slot, Path("/runs")) == Run(
        **{name: getattr(run, name) for name in Run.__slots__ if name != "flags"},
        flags={"lr": 0.1, "s": "1"},
    )
    assert columns.value("tags", slot) == ("x", "y")
    assert columns.value("marked", slot) is True
    assert columns.value("scalar:avg:loss", slot) == 1.1
    assert columns.value("scalar:min_step:loss", slot) == 7
    assert columns.value("scalar:last:other", slot) is None
    assert columns.value("short_id", slot) == "aaaaaaaa"


def test_slots_never_move_and_are_never_given_again(columns):
    first, second = columns.put(make("a")), columns.put(make("b"))

    columns.remove(first)
    third = columns.put(make("a"))

    assert len({first, second, third}) == 3
    assert columns.slots() == [second, third]
    assert columns.slot_of("a" * 32) == third
    assert columns.count() == 2


def test_deleted_run_of_the_same_id_is_another_run(columns):
    here, there = columns.put(make("a")), columns.put(make("a", label="old"), deleted=True)

    assert columns.slots(deleted=True) == [there]
    assert columns.slot_of("a" * 32, deleted=True) == there
    assert columns.value("label", here) is None


def test_changed_run_changes_every_column_made_before(columns):
    slot = columns.put(make("a", flags={"lr": 1, "old": 2}, scalars={"loss": LOSS}))
    columns.put(make("b"))
    assert columns.values("scalar:last:loss") == [0.5, None]
    assert columns.values("flag:old") == [2, None]

    columns.put(make("a", flags={"lr": 5}))

    assert columns.values("scalar:last:loss") == [None, None]
    assert columns.values("flag:old") == [None, None]
    assert columns.values("flag:lr") == [5, None]
    assert columns.value("flag:lr", slot) == 5


@pytest.fixture
def cached():
    """Two runs as a cache holds them, and the names that were asked of it."""
    runs = [make("a", label="x", flags={"lr": 0.1}, tags=("t",)), make("b", marked=True)]
    rows = [(*Row.of(run), deleted) for run, deleted in zip(runs, (False, True), strict=True)]
    fields = dict(zip(NAMES, map(list, zip(*rows, strict=True)), strict=True))
    asked = []

    def take(names):
        asked.extend(names)
        return {name: list(fields[name]) for name in names}

    return SimpleNamespace(runs=runs, take=take, asked=asked)


@pytest.mark.parametrize("lazily", [False, True])
def test_many_rows_load_as_if_put_one_by_one(columns, cached, lazily):
    columns.load(cached.take, lazily=lazily)

    assert columns.flag_names() == {"lr": 1}
    assert columns.tags() == {"t": 1}
    assert columns.slots(deleted=True) == [1]
    assert columns.run(0, Path("/runs")) == cached.runs[0]
    asked = [name for name in cached.asked if name != "scalar_keys"]
    assert len(asked) == len(set(asked))


def test_what_is_not_asked_for_is_not_taken(columns, cached):
    columns.load(cached.take, lazily=True)

    assert columns.values("label") == ["x", None]
    assert columns.value("flag:lr", 0) is None
    assert columns.values("flag:lr") == [0.1, None]
    assert {"summaries", "comments"}.isdisjoint(cached.asked)


def test_a_run_that_comes_after_lazy_loading_finds_everything_taken(columns, cached):
    columns.load(cached.take, lazily=True)
    columns.values("flag:lr")

    slot = columns.put(make("c", flags={"lr": 3}, links=(("b" * 32, "b" * 32),)))

    assert set(cached.asked) == set(NAMES)
    assert columns.values("flag:lr") == [0.1, None, 3]
    assert columns.run(0, Path("/runs")) == cached.runs[0]
    assert columns.parent("b" * 32) == columns.value("id", slot)


def test_batch_and_pipeline_are_known_by_their_links(columns):
    trial = columns.put(make("b"))
    columns.put(make("a", is_batch=True, links=(("b" * 32, "b" * 32),)))
    columns.put(make("c", links=(("train", "d" * 32),)))
    step = columns.put(make("d"))

    assert columns.value("batch", trial) == "a" * 32
    assert columns.value("pipeline", trial) is None
    assert columns.value("pipeline", step) == "c" * 32
    assert columns.values("batch")[trial] == "a" * 32


def test_duration_of_a_running_run_grows(columns):
    running = columns.put(make("a", status="running", started=4_000_000, stopped=5_000_000))
    done = columns.put(make("b", status="completed", started=4_000_000, stopped=5_000_000))
    staged = columns.put(make("c", status="staged", started=4_000_000))

    assert [columns.value("duration", slot) for slot in (running, done, staged)] == [6.0, 1.0, None]


@pytest.mark.parametrize("key", ["duration", "short_id"])
def test_a_whole_column_says_what_its_cells_say(columns, key):
    columns.put(make("d" * 32, status="completed", started=7, stopped=5))

    assert columns.values(key) == [columns.value(key, slot) for slot in range(len(columns))]


def test_attributes_are_read_once_until_the_run_changes():
    asked = []

    def read_attr(run_id, deleted, name):
        asked.append(run_id[0])
        return 7

    columns = RunColumns(read_attr)
    columns.put(make("a", attr_names=("seed",)))
    columns.put(make("b", attr_names=("other",)))

    assert columns.values("attr:seed") == [7, None]
    assert columns.values("attr:seed") == [7, None]
    assert asked == ["a"]

    columns.put(make("a", attr_names=("seed",), label="new"))
    columns.values("attr:seed")

    assert asked == ["a", "a"]


def test_scalars_of_trials_are_not_offered_as_columns(columns):
    columns.put(make("a", scalars={"loss": LOSS, f"{'b' * 32}/.guild#loss": LOSS, "tb#acc": LOSS}))

    assert columns.scalar_keys() == {"loss": 1, "tb#acc": 1}


def test_dates_in_flags_stay_dates(columns):
    import datetime

    slot = columns.put(make("a", flags={"day": datetime.date(2020, 1, 1), "text": "2020-01-01"}))

    assert columns.value("flag:day", slot) == datetime.date(2020, 1, 1)
    assert columns.value("flag:text", slot) == "2020-01-01"


def test_values_of_mixed_types_have_a_sensible_order():
    values = ["run 10", 3, None, "run 9", math.nan, True, 1.5, [1], "Run 1", False, 1]

    ranks = rank(values)
    order = sorted((r, i) for i, r in enumerate(ranks) if r is not None)

    assert [values[i] for _, i in order[:6]] == [False, True, 1, 1.5, 3, [1]]
    assert [values[i] for _, i in order[6:9]] == ["Run 1", "run 9", "run 10"]
    assert math.isnan(values[order[-1][1]])
    assert ranks[2] is None


def test_numbers_sort_by_themselves():
    assert rank([2.5, None, 1.0]) == [2.5, None, 1.0]


def test_flags_that_are_null_are_told_apart_from_missing_ones(columns):
    columns.put(make("a", flags={"x": None, "y": 1}))
    columns.put(make("b", flags={"x": 2}))
    columns.put(make("c"))

    assert columns.null_flags("x") == {0}
    assert columns.null_flags("y") == set()
    assert columns.null_flags("nothing") == set()

    columns.move([0], deleted=True)
    assert columns.null_flags("x") == {3}

    columns.put(make("b", flags={"x": None}))
    columns.remove(3)
    assert columns.null_flags("x") == {1}


def test_an_attribute_can_be_read_of_some_runs_only():
    read = []

    def read_attr(run_id, deleted, name):
        read.append(run_id[0])
        return run_id[0]

    columns = RunColumns(read_attr)
    for name in "abc":
        columns.put(make(name, attr_names=("note",)))

    assert columns.attrs("note", [1])[1] == "b"
    assert columns.value("attr:note", 0) is None
    assert columns.attrs("note", [1, 2])[1:] == ["b", "c"]
    assert columns.values("attr:note") == ["a", "b", "c"]
    assert read == ["b", "c", "a"]
