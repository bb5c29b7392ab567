"""The pinned baseline that stays in sight, and columns that are dragged about."""

from __future__ import annotations

import json

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from core.compare.view_file import view_of, view_text
from tests.support.comparisons import ids
from tests.support.run_tables import make_columns

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def rig(open_comparison):
    return open_comparison(make_columns(60))


@pytest.fixture
def pinned(rig):
    rig.chosen.pin(ids(7)[0])
    rig.settle()
    return rig


def scroll(rig, qtbot, value):
    bar = rig.page.table.verticalScrollBar()
    bar.setValue(value)
    qtbot.waitUntil(lambda: rig.page.table.sticky.isVisible() == (value > 0))
    assert bar.value() == value


def drag(rig, title, target):
    head, titles = rig.page.table.columns_head, rig.titles()
    middle = head.height() // 2
    begin, end = (head.sectionViewportPosition(titles.index(each)) for each in (title, target))
    QTest.mousePress(head.viewport(), LEFT, pos=QPoint(begin + 12, middle))
    for x in (begin + 30, (begin + end) // 2, end + 8, end + 4):
        QTest.mouseMove(head.viewport(), QPoint(x, middle))
    QTest.mouseRelease(head.viewport(), LEFT, pos=QPoint(end + 4, middle))
    rig.settle()


# The baseline


def test_nothing_stays_at_the_top_without_a_baseline(rig, qtbot):
    rig.page.table.verticalScrollBar().setValue(200)
    QTest.qWait(50)

    assert not rig.page.table.sticky.isVisible()


def test_the_heading_of_a_group_stays_while_its_runs_are_scrolled(rig, qtbot):
    rig.page.comparison.change(group_by=("=opt",))
    rig.settle()
    table, model = rig.page.table, rig.model
    headings = [n for n, line in enumerate(model.lines) if line.row is None]
    height, bar = table.rows_head.sectionSize(0), table.verticalScrollBar()
    seen = []
    for row in (0, headings[0] + 3, headings[1], headings[1] + 2):
        bar.setValue(row * height)
        table.viewport().repaint()
        seen.append(table.sticky.line if table.sticky.isVisible() else None)
    rig.chosen.hold(on=True)
    QTest.mouseClick(table.sticky, LEFT, pos=QPoint(table.rows_head.width() + 20, 10))

    assert seen == [None, headings[0], None, headings[1]]
    assert table.currentIndex().row() == headings[1]
    assert bar.value() == (headings[1] + 2) * height
    count = len(model.lines)
    QTest.mouseClick(table.sticky, LEFT, pos=QPoint(12, 10))
    assert len(model.lines) == count - len(model.lines[headings[1]].group.rows)
    assert model.lines[headings[1]].row is None


def test_the_baseline_stays_in_sight_in_line_with_the_columns(pinned, qtbot):
    table = pinned.page.table
    scroll(pinned, qtbot, 300)

    place = table.sticky.geometry()
    assert place.top() == table.columns_head.geometry().bottom() + 1
    assert place.width() == table.rows_head.width() + table.viewport().width()
    shown = table.sticky.grab().toImage()
    table.verticalScrollBar().setValue(0)
    QTest.qWait(50)
    row = table.grab(place).toImage()
    same = [
        shown.pixel(x, y) == row.pixel(x, y)
        for x in range(0, place.width(), 3)
        for y in range(place.height() - 3)
    ]
    # All but what says where the pointer or the keyboard is.
    assert sum(same) > 0.96 * len(same)


def test_it_goes_when_the_pin_is_taken_out(pinned, qtbot):
    scroll(pinned, qtbot, 300)

    pinned.chosen.pin(None)
    pinned.settle()

    qtbot.waitUntil(lambda: not pinned.page.table.sticky.isVisible())


def test_keys_never_lead_to_a_row_that_is_below_it(pinned, qtbot):
    table = pinned.page.table
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_End)

    tops = []
    for _ in range(40):
        QTest.keyClick(table, Qt.Key.Key_Up)
        tops.append(table.visualRect(table.currentIndex()).top())

    assert table.sticky.isVisible()
    assert min(tops) >= table.sticky.height()
    QTest.keyClick(table, Qt.Key.Key_Home)
    assert table.currentIndex().row() == 0
    qtbot.waitUntil(lambda: not table.sticky.isVisible())


def test_a_click_selects_the_baseline_and_scrolls_nowhere(pinned, qtbot):
    table = pinned.page.table
    scroll(pinned, qtbot, 300)
    head = table.rows_head.width()

    QTest.mouseClick(table.sticky, LEFT, pos=QPoint(head + 20, 10))

    assert table.selected_lines() == [0]
    assert table.verticalScrollBar().value() == 300


def test_runs_as_columns_have_no_row_of_the_baseline(pinned, qtbot):
    scroll(pinned, qtbot, 300)

    pinned.page.turn(on=True)

    qtbot.waitUntil(lambda: not pinned.page.table.sticky.isVisible())


# The order of columns


def test_a_column_that_is_dragged_stays_there(rig):
    before = rig.titles()

    drag(rig, before[3], before[0])

    assert rig.titles() == [before[3], *before[:3], *before[4:]]
    head = rig.page.table.columns_head
    assert [head.visualIndex(place) for place in range(head.count())] == list(range(head.count()))


def test_a_click_on_a_heading_still_sorts_and_moves_nothing(rig):
    before, head = rig.titles(), rig.page.table.columns_head
    place = QPoint(head.sectionViewportPosition(1) + 12, head.height() // 2)

    QTest.mouseClick(head.viewport(), LEFT, pos=place)
    rig.settle()

    assert rig.titles() == before
    assert rig.page.comparison.view.sort
    assert rig.page.comparison.view.order == ()


def test_the_order_is_kept_in_the_view_and_its_file(rig, tmp_path):
    before = rig.titles()
    drag(rig, before[2], before[0])

    view = rig.page.comparison.view
    assert view.order[0] == rig.model.facts[0].column.header
    again = view_of(json.loads(view_text(view)), tmp_path / "x").view
    assert again.order == view.order
    assert again.columns is None  # what operations bring later is a column too


def test_cells_stay_with_their_columns(rig):
    before = rig.titles()
    texts = [rig.text(0, title) for title in before]

    drag(rig, before[1], before[4])

    assert rig.titles() != before
    assert [rig.text(0, title) for title in before] == texts


def test_hidden_columns_stay_beside_those_that_they_followed(rig):
    before = rig.titles()
    drag(rig, before[2], before[0])

    rig.page.show_only_different(on=False)
    rig.settle()

    shown = rig.titles()
    assert [title for title in shown if title in before] == [before[2], *before[:2], *before[3:]]


def test_the_menu_of_a_heading_moves_it_and_ends_at_the_edges(rig):
    before = rig.titles()

    def entry(number, text):
        menu = rig.page._menu.menu(rig.model.facts[number], number)
        return next(each for each in menu.actions() if each.text().replace("&", "") == text)

    entry(0, "Move Right").trigger()
    rig.settle()
    assert rig.titles() == [before[1], before[0], *before[2:]]
    assert not entry(0, "Move Left").isEnabled()
    entry(1, "Move Left").trigger()
    rig.settle()
    assert rig.titles() == before
