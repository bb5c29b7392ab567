"""Tables cell by cell."""

from __future__ import annotations

import pytest

from core.compare import diff_table
from core.compare.diff_table import diff_tables


def table(left: str, right: str, delimiter: str = ","):
    return diff_tables(left, right, delimiter, lambda: None)


def rows(diff) -> list[tuple]:
    return [(row.change, row.left, row.right, row.cells) for row in diff.rows]


def test_rows_are_known_by_the_first_column_that_tells_them_apart():
    diff = table("kind,step,loss\na,1,9\na,2,8\n", "kind,step,loss\na,0,7\na,1,9\na,2,6\n")

    assert diff.key == "step"
    assert rows(diff) == [
        ("added", None, 1, ((None, "a"), (None, "0"), (None, "7"))),
        ("same", 1, 2, (("a", "a"), ("1", "1"), ("9", "9"))),
        ("changed", 2, 3, (("a", "a"), ("2", "2"), ("8", "6"))),
    ]


def test_rows_that_are_gone_stay_where_they_were():
    diff = table("id\n1\n2\n3\n", "id\n1\n3\n4\n")

    assert [row.change for row in diff.rows] == ["same", "removed", "same", "added"]


def test_rows_in_another_order_are_the_same_rows():
    diff = table("id,v\n1,a\n2,b\n", "id,v\n2,b\n1,a\n")

    assert diff.is_same
    assert [(row.left, row.right) for row in diff.rows] == [(2, 1), (1, 2)]


def test_without_a_key_rows_are_compared_in_order():
    diff = table("a,b\n1,1\n1,1\n2,2\n", "a,b\n1,1\n1,1\n3,2\n4,4\n")

    assert diff.key == ""
    assert [row.change for row in diff.rows] == ["same", "same", "changed", "added"]


def test_columns_are_matched_by_name():
    diff = table("id,old,v\n1,x,5\n", "id,v,new\n1,5,y\n")

    assert [(column.name, column.change) for column in diff.columns] == [
        ("id", "same"),
        ("old", "removed"),
        ("v", "same"),
        ("new", "added"),
    ]
    assert diff.rows[0].change == "same"  # in what both have
    assert not diff.is_same


def test_headings_that_repeat_or_lack_are_told_apart():
    diff = table("a,a,,\n1,2,3,4\n", "a,a,,\n1,2,3,4\n")

    assert [column.name for column in diff.columns] == ["a", "a (2)", "column (1)", "column (2)"]
    assert diff.is_same


def test_rows_of_other_widths_have_no_cell_there():
    diff = table("id,v\n1,2\n", "id,v\n1\n")

    assert rows(diff) == [("changed", 1, 1, (("1", "1"), ("2", None)))]


def test_semicolons_are_seen():
    assert table("a;b\n1;2,5\n", "a;b\n1;2,6\n").rows[0].cells == (("1", "1"), ("2,5", "2,6"))


def test_more_rows_than_the_limit_are_left_out(monkeypatch):
    monkeypatch.setattr(diff_table, "MOST_ROWS", 3)
    text = "id\n" + "".join(f"{n}\n" for n in range(10))
    diff = table(text, "id\n0\n")

    assert len(diff.rows) == 3
    assert diff.notes == ("Only the first 3 rows on the left are compared.",)


@pytest.mark.parametrize("bad", ["", "\n\n", "x," * diff_table.MOST_READ_COLUMNS + "\n"])
def test_what_is_no_table_is_none(bad):
    assert table(bad, "a\n1\n") is None


def test_long_cells_are_cut_but_stay_others():
    diff = table("id,v\n1," + "x" * 900 + "\n", "id,v\n1," + "x" * 900 + "y\n")

    left, right = diff.rows[0].cells[1]
    assert len(left) < 600
    assert left != right


def wide(count: int, **others: str) -> str:
    """A table of an id and that many columns, and one row below."""
    names = ["id", *(f"c{number}" for number in range(count))]
    return ",".join(names) + "\n" + ",".join(others.get(name, "1") for name in names) + "\n"


def test_of_very_many_columns_those_that_differ_are_shown():
    diff = table(wide(10_000), wide(10_000, c7="2", c9999="3"))

    assert [column.name for column in diff.columns] == ["id", "c7", "c9999"]
    assert rows(diff) == [("changed", 1, 1, (("1", "1"), ("1", "2"), ("1", "3")))]
    assert diff.notes == ("Of 10,001 columns the 2 that differ are shown.",)


def test_of_very_many_columns_that_differ_the_first_are_shown():
    others = {f"c{number}": "2" for number in range(600)}

    diff = table(wide(1_000), wide(1_000, **others))

    assert [column.name for column in diff.columns][:2] == ["id", "c0"]
    assert len(diff.columns) == diff_table.MOST_COLUMNS
    assert diff.notes == ("Of 1,001 columns the first of the 600 that differ are shown.",)


def test_very_many_columns_that_are_the_same_are_said_to_be():
    diff = table(wide(1_000), wide(1_000))

    assert diff.is_same
    assert len(diff.columns) == diff_table.MOST_COLUMNS
    assert diff.notes == ("Of 1,001 columns the first 300 are shown; none differs.",)
