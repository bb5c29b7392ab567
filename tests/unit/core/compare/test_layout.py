from pathlib import Path

import pytest

from core.compare.column_spec import parse_columns
from core.compare.layout import Wanted, lay_out
from core.compare.operation_hints import ProjectHints
from core.compare.table import build_table
from core.index.columns import RunColumns
from core.runs.run import Run, ScalarSummary

LOSS = ScalarSummary(0.5, 9, 2.0, 0, 0.25, 7, 2.0, 0, 11.0, 10)
CORE = ["run", "operation", "started", "time", "status", "label"]


def columns_of(*runs, compare=None):
    """Columns of runs, each its flags and the keys of its scalars."""
    columns = RunColumns(read_attr=lambda run_id, deleted, name: compare)
    names = ("compare",) if compare is not None else ()
    for number, (flags, keys) in enumerate(runs):
        scalars = dict.fromkeys(keys, LOSS)
        run_id = f"{number:02x}" * 16
        columns.put(Run(run_id, Path("/r"), flags=flags, scalars=scalars, attr_names=names))
    return columns


def headers(columns, **wanted):
    layout = lay_out(columns, range(len(columns)), Wanted(**wanted), ProjectHints())
    assert layout.problems == ()
    return [column.header for column in layout.columns]


def test_flags_then_the_step_then_scalars_follow_the_core_columns():
    columns = columns_of(({"lr": 1, "batch": 2}, ["loss", "acc"]))

    assert headers(columns) == [*CORE, "batch", "lr", "step", "acc", "loss"]


def test_columns_stand_where_a_run_first_has_them():
    columns = columns_of(({"z": 1}, ["loss"]), ({"z": 1, "a": 1}, ["acc"]))

    assert headers(columns, core=False) == ["run", "z", "step", "loss", "a", "acc"]


def test_a_flag_that_is_null_has_its_place():
    columns = columns_of(({"b": None, "a": 1}, []), ({"b": 1, "c": 2}, []))

    assert headers(columns, core=False) == ["run", "a", "b", "c"]


def test_sections_can_be_left_out_and_added():
    columns = columns_of(({"lr": 1}, ["loss"]))

    assert headers(columns, operation=False) == CORE
    assert headers(columns, extra=True, operation=False) == [*CORE, "sourcecode"]
    added = parse_columns("min loss as best, =lr")
    assert headers(columns, core=False, more=added) == ["run", "lr", "step", "loss", "best"]


def test_scalars_of_the_system_are_shown_on_request():
    columns = columns_of(({}, ["sys/mem", "logs#sys/cpu", "loss"]))

    assert headers(columns, core=False) == ["run", "step", "loss"]
    assert headers(columns, core=False, system=True) == [
        "run",
        "step",
        "loss",
        "sys/cpu",
        "sys/mem",
    ]


def test_the_step_is_that_of_the_loss_or_of_the_first_scalar():
    columns = columns_of()
    step = ScalarSummary(0.5, 3, 2.0, 0, 0.25, 7, 2.0, 0, 11.0, 10)
    columns.put(Run("a" * 32, Path("/r"), scalars={"acc": LOSS, "loss": step}))
    columns.put(Run("b" * 32, Path("/r"), scalars={"acc": LOSS, "zap": step}))
    columns.put(Run("c" * 32, Path("/r")))
    layout = lay_out(columns, [0, 1, 2], Wanted(core=False), ProjectHints())

    table = build_table(columns, [0, 1, 2], layout.columns, now=0)

    assert table.values(table.place_of("step")) == [3, 9, None]


def test_the_users_value_wins_over_the_operations_and_that_over_the_core_one():
    columns = columns_of(({"label": "flag", "lr": 1}, ["loss"]))
    more = parse_columns("min loss, =lr as operation")
    layout = lay_out(columns, [0], Wanted(more=more), ProjectHints())

    table = build_table(columns, [0], layout.columns, now=0)

    values = {column.header: table.value(0, place) for place, column in enumerate(table.columns)}
    assert (values["loss"], values["operation"], values["label"]) == (0.25, 1, "flag")


def test_a_flag_comes_before_a_scalar_of_the_same_name():
    columns = columns_of(({"loss": "mse"}, ["loss"]), ({}, ["loss"]))
    layout = lay_out(columns, [0, 1], Wanted(core=False), ProjectHints())

    table = build_table(columns, [0, 1], layout.columns, now=0)

    assert table.values(table.place_of("loss")) == ["mse", 0.5]


def test_scalars_with_odd_names_are_shown():
    columns = columns_of(({}, ["a b", "x,y", "p#q#r", "'", "min", "=x"]))
    layout = lay_out(columns, [0], Wanted(core=False), ProjectHints())

    table = build_table(columns, [0], layout.columns, now=0)

    shown = {column.header for column in table.columns}
    assert shown == {"run", "step", "a b", "x,y", "q r", "'", "min", "=x"}
    assert all(table.value(0, place) is not None for place in range(len(shown)))


@pytest.mark.parametrize(
    ("compare", "expected"),
    [
        (["=lr", "loss step as step"], ["run", "lr", "step"]),
        ("=lr, loss", ["run", "lr", "loss"]),
        ([], ["run"]),
        (17, ["run", "lr", "step", "loss"]),
    ],
)
def test_the_runs_own_attribute_says_what_is_compared(compare, expected):
    assert headers(columns_of(({"lr": 1}, ["loss"]), compare=compare), core=False) == expected


def test_what_an_operation_says_wrongly_is_left_out_and_told():
    columns = columns_of(({"lr": 1}, ["loss"]), compare=["a b", "=lr"])

    layout = lay_out(columns, [0], Wanted(core=False), ProjectHints())

    assert [column.header for column in layout.columns] == ["run", "lr"]
    (problem,) = layout.problems
    assert "“a b”" in problem


def test_an_operations_columns_are_those_of_its_own_runs(tmp_path):
    (tmp_path / "guild.yml").write_text("train:\n  compare: =lr\n")
    columns = RunColumns()
    for name, op in (("a", "train"), ("b", "other")):
        opref = f"guildfile:{tmp_path}/guild.yml 0 '' {op}"
        columns.put(Run(name * 32, Path("/r"), opref=opref, flags={"lr": 1, "n": 2}))
    layout = lay_out(columns, [0, 1], Wanted(core=False), ProjectHints())

    table = build_table(columns, [0, 1], layout.columns, now=0)

    assert table.values(table.place_of("lr")) == [1, 1]
    assert table.values(table.place_of("n")) == [None, 2]


def test_no_runs_have_the_core_columns_only():
    assert headers(RunColumns()) == CORE
