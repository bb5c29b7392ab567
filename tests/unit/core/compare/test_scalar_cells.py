from pathlib import Path

import pytest

from core.compare.column_spec import parse_column
from core.compare.scalar_cells import Keys, ScalarCells
from core.index.columns import RunColumns
from core.runs.run import Run, ScalarSummary


def summary(last, *, step=9, total=11.0, count=10):
    return ScalarSummary(last, step, 2.0, 0, 0.25, 7, 3.0, 1, total, count)


def columns_of(*runs):
    """Columns of runs, each given as its scalars, or with its links."""
    columns = RunColumns()
    for number, scalars in enumerate(runs):
        columns.put(Run(f"{number:x}" * 32, Path("/r"), scalars=scalars))
    return columns


def listed(columns, text):
    slots = range(len(columns))
    cells = ScalarCells(columns, slots).column(parse_column(text))
    return [cells.get(row) if isinstance(cells, dict) else cells[row] for row in slots]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("loss", 0.5),
        ("last loss", 0.5),
        ("first loss", 2.0),
        ("min loss", 0.25),
        ("max loss", 3.0),
        ("avg loss", 1.1),
        ("total loss", 11.0),
        ("count loss", 10),
        ("loss step", 9),
        ("first loss step", 0),
        ("min loss step", 7),
        ("max loss step", 1),
    ],
)
def test_every_aggregate_is_found(text, value):
    assert listed(columns_of({"a": summary(7.0), "loss": summary(0.5)}), text) == [value]


def test_runs_with_other_keys_are_found_too():
    columns = columns_of(
        {"loss": summary(1.0)},
        {"acc": summary(5.0), "loss": summary(2.0)},
        {},
        {"loss": summary(3.0)},
        {"acc": summary(6.0)},
    )

    assert listed(columns, "loss") == [1.0, 2.0, None, 3.0, None]
    assert listed(columns, "acc") == [None, 5.0, None, None, 6.0]


def test_a_large_step_is_exact():
    step = 2**62 + 1

    assert listed(columns_of({"loss": summary(1.0, step=step)}), "loss step") == [step]


def test_a_column_that_few_runs_have_is_a_map():
    columns = columns_of({"rare": summary(1.0)}, *[{"loss": summary(2.0)}] * 9)

    assert ScalarCells(columns, range(10)).column(parse_column("rare")) == {0: 1.0}


def test_thousands_of_runs_are_cut_in_pieces():
    keys = {f"k{number}": summary(float(number)) for number in range(60)}
    columns = columns_of(*[keys] * 1000)

    assert listed(columns, "k59") == [59.0] * 1000


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("loss", "loss"),
        ("acc", "logs/train#acc"),
        ("logs#loss", "logs/train#loss"),
        ("logs/v#loss", "logs/val#loss"),
        ("LOGS/V#loss", "logs/val#loss"),
        ("Logs#loss", "Logs/x#loss"),
        ("#loss", "loss"),
        (".guild#loss", "loss"),
        ("a#b", "a#b"),
        ("x#y", "deep#x#y"),
        ("val#loss", None),
        ("nothing", None),
        ("logs#nothing", None),
    ],
)
def test_keys_are_found_by_guilds_rules(name, key):
    keys = Keys(
        [
            *("loss", "logs/val#loss", "logs/train#loss", "logs/train#acc", "logs/val#acc"),
            *("a#b", "deep#x#y", "Logs/x#loss"),
        ]
    )

    assert keys.find(name) == (-1 if key is None else keys.names.index(key))


def test_a_pipeline_has_the_scalars_of_its_steps():
    columns = columns_of({"loss": summary(1.0), "logs#acc": summary(4.0)}, {"loss": summary(2.0)})
    links = (("b-step", "0" * 32), ("a-step", "1" * 32), ("gone", "9" * 32))
    columns.put(Run("f" * 32, Path("/r"), links=links))

    assert listed(columns, "loss") == [1.0, 2.0, 2.0]
    assert listed(columns, "b-step#loss") == [None, None, 1.0]
    assert listed(columns, "acc") == [4.0, None, 4.0]


def test_a_pipelines_own_scalars_come_first():
    columns = columns_of({"loss": summary(1.0)})
    links = (("step", "0" * 32),)
    columns.put(Run("f" * 32, Path("/r"), links=links, scalars={"loss": summary(5.0)}))

    assert listed(columns, "loss") == [1.0, 5.0]


def test_a_run_that_changes_meanwhile_has_nothing_rather_than_nonsense():
    columns = columns_of({"loss": summary(1.0)}, {"loss": summary(2.0)})
    columns.patch(0, {"scalar_keys": "a\nloss"})  # as a reader sees it between two writes

    assert listed(columns, "loss") == [None, 2.0]
