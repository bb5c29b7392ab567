"""Which lines stand in which row."""

from __future__ import annotations

from core.compare.diff_text import RawText, diff_texts
from gui.diff_rows import DiffRows


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
