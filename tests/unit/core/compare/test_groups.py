import math
from pathlib import Path

import pytest

from core.compare.column_spec import parse_columns
from core.compare.groups import (
    Summary,
    flags_but,
    group_columns,
    group_grid,
    group_rows,
    group_table,
    summarise,
)
from core.compare.table import build_table, columns_of
from core.index.columns import RunColumns
from core.runs.run import Run, ScalarSummary

NAN, INF = float("nan"), float("inf")


def columns_from(*runs):
    """Columns of runs, each its flags and its last loss; None has none."""
    columns = RunColumns()
    for number, (flags, loss) in enumerate(runs):
        scalars = {} if loss is None else {"loss": ScalarSummary(loss, 1, loss, 1, *[loss, 1] * 3)}
        columns.put(Run(f"{number:02x}" * 16, Path("/r"), flags=flags, scalars=scalars))
    return columns


def table_of(columns, text="loss"):
    return build_table(columns, range(len(columns)), columns_of(parse_columns(text)), now=0)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2, 3.0, None], Summary(2.0, 1.0, 1, 3.0, 3)),
        ([5], Summary(5.0, None, 5, 5, 1)),
        ([1, NAN, 3], Summary(2.0, math.sqrt(2), 1, 3, 2)),
        ([0.1] * 10, Summary(0.1, 0.0, 0.1, 0.1, 10)),
        (["1", True, 4], Summary(4.0, None, 4, 4, 1)),
        ([1e308, 1e308], Summary(INF, NAN, 1e308, 1e308, 2)),
    ],
)
def test_numbers_are_summed_up(values, expected):
    found = summarise(values)

    assert repr(found) == repr(expected)


@pytest.mark.parametrize("values", [[], [None, NAN], ["a", True]])
def test_without_numbers_there_is_nothing_to_sum_up(values):
    assert summarise(values) is None


def test_infinities_are_not_hidden():
    assert summarise([1.0, INF]).mean == INF
    assert math.isnan(summarise([INF, -INF]).mean)
    assert math.isnan(summarise([1.0, INF]).deviation)
    assert math.isnan(summarise([10**400, 1]).mean)


def test_runs_are_grouped_in_the_order_of_their_first():
    columns = columns_from(
        ({"lr": 1, "seed": 1}, 1.0), ({"lr": 2, "seed": 1}, 2.0), ({"lr": 1.0, "seed": 2}, 3.0)
    )

    groups = group_rows(table_of(columns, "=lr"), [0])

    assert [(group.values, group.rows) for group in groups] == [((1,), (0, 2)), ((2,), (1,))]


@pytest.mark.parametrize(
    ("values", "count"),
    [
        ((1, True), 2),
        (("1", 1), 2),
        ((None, "null"), 2),
        ((NAN, NAN), 1),
        ((NAN, "nan"), 2),
        (([1, 2], [1, 2]), 1),
        (([1], {"a": 1}), 2),
        ((0.0, -0.0), 1),
    ],
)
def test_equal_values_are_one_group(values, count):
    columns = columns_from(*(({"x": value}, None) for value in values))

    assert len(group_rows(table_of(columns, "=x"), [0])) == count


def test_without_columns_all_runs_are_one_group():
    columns = columns_from(({}, 1.0), ({}, 2.0))

    (group,) = group_rows(table_of(columns), [])

    assert group.rows == (0, 1)


def test_all_flags_but_the_seed_are_found():
    columns = columns_from(({"lr": 1, "seed": 1, "none": None}, None), ({"b": 2}, None))

    found = flags_but(columns, [0], ["seed"])

    assert found == list(parse_columns("=lr"))


def test_a_name_alone_is_a_flag_or_an_attribute_before_a_scalar():
    columns = columns_from(({"lr": 1, "loss": 2}, 0.5))

    specs = parse_columns("lr, loss, status, min loss, acc, .lr")

    assert group_columns(columns, specs) == list(
        parse_columns("=lr, =loss, .status, min loss, acc, .lr")
    )


def test_groups_tell_their_members_and_numbers():
    columns = columns_from(
        ({"lr": 1, "seed": 1}, 1.0), ({"lr": 2, "seed": 1}, 2.0), ({"lr": 1, "seed": 2}, 4.0)
    )
    table = table_of(columns, ".run, =lr, loss")

    grouped = group_table(columns, table, flags_but(columns, [0, 1, 2], ["seed"]), now=0)

    first, second = grouped.groups
    assert grouped.ids(first) == ["00" * 16, "02" * 16]
    assert grouped.places == (2,)
    assert grouped.summary(first, 2).mean == 2.5
    assert grouped.summary(second, 2) == Summary(2.0, None, 2.0, 2.0, 1)


def test_groups_sort_by_their_means_and_those_without_come_last():
    runs = [({"lr": 1}, 3.0), ({"lr": 2}, None), ({"lr": 3}, 1.0), ({"lr": 1}, 5.0)]
    columns = columns_from(*runs)
    grouped = group_table(columns, table_of(columns), parse_columns("=lr"), now=0)

    up, down = (grouped.sorted_by(0, descending=way) for way in (False, True))

    assert [group.values for group in up.groups] == [(3,), (1,), (2,)]
    assert [group.values for group in down.groups] == [(1,), (3,), (2,)]
    assert [group.values for group in down.first(1).groups] == [(1,)]
    assert len(down.first(None).groups) == 3


def test_groups_are_a_table_of_their_own():
    columns = columns_from(({"lr": 1}, 1.0), ({"lr": 1}, 2.0), ({"lr": 2}, None))
    grouped = group_table(columns, table_of(columns), parse_columns("=lr"), now=0)

    grid = group_grid(grouped)
    short = group_grid(grouped, counts=False)

    assert grid.headers == ("lr", "n", "loss mean", "loss std", "loss min", "loss max", "loss n")
    assert list(grid.rows) == [
        [1, 2, 1.5, math.sqrt(0.5), 1.0, 2.0, 2],
        [2, 1, None, None, None, None, 0],
    ]
    assert short.headers == grid.headers[:-1]
    assert [row[-1] for row in short.rows] == [2.0, None]
