from pathlib import Path

import pytest

from core.compare.column_spec import ColumnSpec, parse_columns
from core.compare.table import Column, SortBy, Source, build_table, columns_of
from core.errors import Cancelled
from core.index.columns import RunColumns
from core.runs.run import Run, ScalarSummary

NAN, INF = float("nan"), float("inf")


def summary(last):
    return ScalarSummary(last, 9, 2.0, 0, 0.25, 7, 2.0, 0, 11.0, 10)


def columns_from(*values, **more):
    """Columns of one run a value of the flag x; None has no flag."""
    columns = RunColumns(**more)
    for number, value in enumerate(values):
        flags = {} if value is None else {"x": value}
        columns.put(Run(f"{number:02x}" * 16, Path("/r"), flags=flags))
    return columns


def table_of(columns, text, **more):
    slots = list(range(len(columns)))
    return build_table(columns, slots, columns_of(parse_columns(text)), now=0, **more)


def test_flags_scalars_and_attributes_stand_beside_each_other():
    columns = RunColumns(read_attr=lambda run_id, deleted, name: f"{name} of {run_id[0]}")
    columns.put(
        Run(
            *("a" * 32, Path("/r")),
            operation="train",
            label="best",
            flags={"lr": 0.1},
            scalars={"loss": summary(0.5)},
            attr_names=("note", "label"),
        )
    )

    table = table_of(columns, ".run, .operation, .label, =lr, loss, .note, =other, acc")

    assert [table.value(0, place) for place in range(8)] == [
        *("aaaaaaaa", "train", "best", 0.1, 0.5, "note of a", None, None),
    ]
    assert table.ids == ("a" * 32,)
    assert table.place_of("lr") == 3
    assert table.place_of("rate") is None
    assert table.row_of("a" * 32) == 0


def test_an_attribute_is_read_of_the_runs_shown_only():
    read = []
    columns = RunColumns(read_attr=lambda run_id, deleted, name: read.append(run_id))
    for name in "abc":
        columns.put(Run(name * 32, Path("/r"), attr_names=("note",)))

    build_table(columns, [1], columns_of(parse_columns(".note")), now=0)

    assert read == ["b" * 32]


def test_columns_of_one_header_become_one_with_the_first_value_there_is():
    columns = columns_from(None, 2)
    columns.put(Run("f" * 32, Path("/r"), flags={"y": 3, "x": 4}))

    table = table_of(columns, "=y as v, =x as v, loss")

    assert [column.header for column in table.columns] == ["v", "loss"]
    assert table.values(0) == [None, 2, 3]


def test_a_source_can_be_for_some_runs_only():
    columns = columns_from(1, 2, 3)
    spec = ColumnSpec("flag", "x")
    column = Column("x", (Source(spec, frozenset([0, 2])), Source(ColumnSpec("attr", "id"))))

    table = build_table(columns, [2, 1, 0], [column], now=0)

    assert table.values(0) == [3, "01" * 16, 1]


def test_sorting_leaves_missing_values_last_either_way():
    table = table_of(columns_from(3, None, 1, 2), "=x")

    assert table.sorted_by([SortBy(0)]).values(0) == [1, 2, 3, None]
    assert table.sorted_by([SortBy(0, descending=True)]).values(0) == [3, 2, 1, None]


def test_nan_comes_behind_numbers_either_way_and_before_what_is_missing():
    table = table_of(columns_from(NAN, None, INF, 1.0, -INF), "=x")

    up, down = (table.sorted_by([SortBy(0, descending=way)]).values(0) for way in (False, True))

    assert up[:3] == [-INF, 1.0, INF]
    assert down[:3] == [INF, 1.0, -INF]
    for found in (up, down):
        assert found[3] != found[3]
        assert found[4] is None


def test_numbers_come_before_texts_and_texts_in_natural_order():
    table = table_of(columns_from("run 10", 2, "run 9", True, [1], 1.5), "=x")

    assert table.sorted_by([SortBy(0)]).values(0) == [True, 1.5, 2, [1], "run 9", "run 10"]


def test_several_levels_sort_and_equal_rows_stay_as_they_are():
    columns = RunColumns()
    for name, a, b in (("1", "x", 1), ("2", "y", 1), ("3", "x", 2), ("4", "y", 1)):
        columns.put(Run(name * 32, Path("/r"), flags={"a": a, "b": b}))
    table = table_of(columns, "=a, =b")

    found = table.sorted_by([SortBy(1), SortBy(0, descending=True)])

    assert [run_id[0] for run_id in found.ids] == ["2", "4", "1", "3"]
    assert [run_id[0] for run_id in found.sorted_by([SortBy(0)]).ids] == ["1", "3", "2", "4"]
    assert found.row_of("1" * 32) == 2
    assert found.value(2, 1) == 1
    assert found.slots == (1, 3, 0, 2)


def test_a_table_can_be_cut_to_some_rows_and_columns():
    columns = columns_from(1, 2, 3)
    table = table_of(columns, "=x, .id, .status").sorted_by([SortBy(0, descending=True)])

    cut = table.taken([2, 0]).only([0, 2])

    assert [column.header for column in cut.columns] == ["x", "status"]
    assert cut.values(0) == [1, 3]
    assert cut.sorted_by([SortBy(0, descending=True)]).values(0) == [3, 1]
    assert len(table) == 3


@pytest.mark.parametrize(
    ("values", "differ"),
    [
        ((1, 1, 1), False),
        ((1, 1.0), False),
        ((1, 2), True),
        ((1, True), True),
        ((NAN, NAN), False),
        ((NAN, 1.0), True),
        (("1", 1), True),
        ((1, None), True),
        ((None, None), False),
        (([1, 2], [1, 2]), False),
        ((1,), False),
    ],
)
def test_columns_that_differ_are_told(values, differ):
    table = table_of(columns_from(*values), "=x")

    assert table.differing() == ((0,) if differ else ())


def test_a_table_without_runs_or_columns_is_empty():
    columns = columns_from(1)

    empty = build_table(columns, [], columns_of(parse_columns("=x")), now=0)

    assert (len(empty), empty.values(0), empty.differing()) == (0, [], ())
    assert len(build_table(columns, [0], [], now=0)) == 1


def test_a_table_stays_as_it_was_when_runs_change_or_vanish():
    columns = columns_from(1, 2)
    columns.put(Run("f" * 32, Path("/r"), scalars={"loss": summary(0.5)}))
    table = table_of(columns, ".id, =x, loss, .status")
    before = [table.values(place) for place in range(4)]

    columns.put(Run("f" * 32, Path("/r"), scalars={"loss": summary(9.0)}, status="running"))
    columns.remove(0)

    assert [table.values(place) for place in range(4)] == before
    again = build_table(columns, table.slots, table.columns, now=0)
    assert again.values(1) == [None, 2, None]
    assert again.values(2) == [None, None, 9.0]
    assert again.ids == table.ids


def test_building_can_be_stopped():
    def stop():
        raise Cancelled

    with pytest.raises(Cancelled):
        table_of(columns_from(1), "=x", check=stop)


def test_thousands_of_scalars_that_few_runs_have_take_only_what_there_is():
    columns = RunColumns()
    for number in range(500):
        scalars = {f"s{number * 10 + i}": summary(float(i)) for i in range(10)}
        columns.put(Run(f"{number:032x}", Path("/r"), scalars=scalars))

    table = table_of(columns, ",".join(f"s{number}" for number in range(5000)))

    assert table.value(7, 73) == 3.0
    assert table.value(8, 73) is None
    assert sum(isinstance(cells._cells, dict) for cells in table._cells) == 5000
    assert len(table.differing()) == 5000
    assert table.sorted_by([SortBy(73)]).ids[0] == f"{7:032x}"
