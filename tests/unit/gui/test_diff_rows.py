"""Which lines stand in which row."""

from __future__ import annotations

import pytest

from core.compare.diff_text import RawText, diff_texts
from gui.compare.diff_rows import DiffRows
from gui.views.compare.diff_wrap import WrappedRows, layout_of


def rows(left: str, right: str, **more: bool) -> DiffRows:
    diff = diff_texts(RawText(left), RawText(right), lambda: None)
    return DiffRows(diff, **more)


def shown(rows: DiffRows) -> list[tuple]:
    found = []
    for number in range(rows.count):
        row = rows.row(number)
        found.append((row.kind, row.left, row.right) if row.kind != "fold" else row.hidden)
    return found


def lines(count: int, *changed: int) -> str:
    return "".join(f"{'other' if n in changed else 'line'} {n}\n" for n in range(count))


def test_equal_lines_stand_beside_each_other_and_single_ones_alone():
    assert shown(rows("a\nb\nc\n", "a\nc\nd\n")) == [
        ("same", 0, 0),
        ("removed", 1, None),
        ("same", 2, 1),
        ("added", None, 2),
    ]


def test_equal_lines_far_from_differences_are_folded():
    found = rows(lines(30), lines(30, 15), only_differences=True)

    assert found.count == 9
    assert shown(found)[0] == 12
    assert shown(found)[-1] == 11
    assert shown(found)[1:4] == [("same", 12, 12), ("same", 13, 13), ("same", 14, 14)]


def test_a_fold_of_few_lines_would_save_nothing():
    found = rows(lines(10), lines(10, 4), only_differences=True)

    assert found.count == 10  # one line before, two after what is kept


def test_a_fold_is_opened():
    found = rows(lines(30), lines(30, 15), only_differences=True)

    assert found.open_fold(0)
    assert found.count == 20
    assert not found.open_fold(0)
    assert found.open_fold(19)
    assert found.count == 30


def test_differences_are_found_forwards_and_backwards():
    found = rows(lines(30), lines(30, 5, 6, 20))

    assert found.changes == [5, 20]
    assert (found.next_change(-1), found.next_change(5), found.next_change(20)) == (5, 20, None)
    assert (found.change_before(30), found.change_before(20), found.change_before(5)) == (
        *(20, 5, None),
    )
    assert [found.change_end(row) for row in found.changes] == [7, 21]
    assert [found.number_of(row) for row in (5, 6, 20)] == [1, 0, 2]
    assert [found.change_within(*rows) for rows in ((0, 5), (0, 6), (6, 7), (7, 30))] == [
        *(None, 5, 5, 20),
    ]


def test_lines_are_found_again_when_rows_are_folded():
    found = rows(lines(30), lines(30, 15), only_differences=True)

    assert found.row_of(0, 15) == 4
    assert found.row_of(1, 2) == 0  # in the fold
    assert found.row_of(1, 999) == found.count - 1


def test_nothing_has_no_rows():
    found = DiffRows(None)

    assert (found.count, found.changes, found.open_fold(0)) == (0, [], False)


def stacked(left: str, right: str, **more: bool) -> DiffRows:
    return rows(left, right, is_stacked=True, **more)


def texts(rows: DiffRows) -> list[str]:
    """What is read from top to bottom, with the sign of the side that alone has it."""
    found = []
    for number in range(rows.count):
        row = rows.row(number)
        sign = " " if row.kind == "same" else "-+"[row.shown]
        found.append(f"{sign}{rows.line(number, 1)}")
    return found


def test_one_below_the_other_what_differs_is_first_that_of_the_left():
    found = stacked("same\nlr = 1\nseed = 1\ngone\nend\n", "same\nlr = 2\nseed = 2\nend\nnew\n")

    assert texts(found) == [
        " same",
        "-lr = 1",
        "-seed = 1",
        "-gone",
        "+lr = 2",
        "+seed = 2",
        " end",
        "+new",
    ]
    assert found.changes == [1, 7]
    assert found.change_end(1) == 6


def test_one_below_the_other_changed_lines_still_know_each_other():
    found = stacked("lr = 1\n", "lr = 2\n")

    assert [(found.row(n).kind, found.row(n).left, found.row(n).right) for n in (0, 1)] == [
        ("changed", 0, 0),
        ("changed", 0, 0),
    ]
    assert (found.row_of(0, 0), found.row_of(1, 0)) == (0, 1)


def test_there_are_as_many_differences_in_either_arrangement():
    pair = lines(90, 3, 20, 21, 60), lines(90, 5, 20, 44)
    for few in (False, True):
        beside, below = (rows(*pair, only_differences=few, is_stacked=way) for way in (False, True))
        assert len(beside.changes) == len(below.changes)
        assert sum(row != "fold" for row in shown(below)) >= beside.count


def test_text_below_each_other_is_copied_as_it_is_read():
    found = stacked("a\nb\nc\n", "a\nx\nc\n")

    assert found.text_between((0, 0), (3, 1), 0) == "a\nb\nx\nc"


@pytest.mark.parametrize("columns", [3, 7, 20, 200])
@pytest.mark.parametrize("is_stacked", [False, True])
@pytest.mark.parametrize("few", [False, True])
def test_wrapped_rows_are_all_of_each_line_in_its_order(columns, is_stacked, few):
    left = [f"{n} " + "wörter\tund mehr " * (n % 4) + "中文" * (n % 3) for n in range(40)]
    right = [text + " anders" if n in (3, 20, 21) else text for n, text in enumerate(left)]
    plain = rows(
        "\n".join(left[:30] + left[32:]), "\n".join(right), only_differences=few,
        is_stacked=is_stacked,
    )  # fmt: skip
    found = WrappedRows(plain, columns)

    for side in (0, 1):
        assert read(found, side) == read(plain, side)
    assert len(found.changes) == len(plain.changes)
    for number in range(1, len(found.changes) + 1):
        first, end = found.change(number)
        assert found.row(first).kind != "same"
        assert found.row(first).piece == 0
        assert found.row(end - 1).kind != "same"
    assert found.text_between((0, 0), (found.count - 1, 99), 1) == plain.text_between(
        (0, 0), (plain.count - 1, 99), 1
    )


def read(rows: DiffRows, side: int) -> list[str]:
    """The lines of one side, put together of the rows that they take."""
    found: list[str] = []
    for number in range(rows.count):
        row, text = rows.row(number), rows.line(number, side)
        if text is None:
            continue
        layout = layout_of(text, rows.columns)
        start, end = layout.range_of(row.piece) if row.piece < layout.rows else (0, 0)
        if row.piece:
            found[-1] += text[start:end]
        else:
            found.append(text[start:end])
    return found
