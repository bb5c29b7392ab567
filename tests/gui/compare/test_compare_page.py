"""The page that compares the chosen runs, with everything behind it."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QItemSelectionModel, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QMenu

from core.index.changes import Changes
from core.index.filters import Filters
from core.jobs import Job
from gui.compare import comparison
from tests.support.comparisons import click_heading, ids
from tests.support.patience import PATIENCE
from tests.support.run_tables import make_columns, make_run, make_summary

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

SHIFT = Qt.KeyboardModifier.ShiftModifier
LEFT = Qt.MouseButton.LeftButton
NONE = Qt.KeyboardModifier.NoModifier


@pytest.fixture
def rig(open_comparison):
    return open_comparison(make_columns(20))


def select_line(rig, line: int, fact: int = 0) -> None:
    rig.page.table.setCurrentIndex(rig.model.index_of(line, fact))
    QTest.qWait(0)


def test_all_runs_that_are_shown_are_compared(rig):
    assert rig.shown_ids() == ids(*range(20))
    assert "loss" in rig.titles()


def test_selected_runs_are_compared_without_the_others(rig):
    rig.table_rig.runs.select_ids(ids(3, 7, 11))
    rig.settle()

    assert rig.shown_ids() == ids(3, 7, 11)
    assert rig.page.table.selected_lines() == [0, 1, 2]


def test_a_filter_decides_what_is_compared(rig):
    rig.table_rig.runs.show(filters=Filters(statuses=("error",)))
    rig.settle()

    assert rig.shown_ids() == ids(2, 6, 10, 14, 18)


def test_a_comparison_that_takes_long_says_so_until_it_is_there(
    open_comparison, monkeypatch, qtbot
):
    monkeypatch.setattr(comparison, "LONG_MS", 20)
    rig = open_comparison(make_columns(20))
    summary = rig.page.bar.findChild(QLabel, "compareSummary")
    may_go = threading.Event()
    rig.table_rig.bridge.submit(Job("In the way", comparison.LANE, lambda _: may_go.wait(PATIENCE)))

    rig.table_rig.runs.select_ids(ids(3, 7, 11))
    qtbot.waitUntil(lambda: summary.text() == "Comparing 3 runs…")
    may_go.set()
    rig.settle()

    assert summary.text().startswith("3 runs · ")


def test_one_run_is_not_enough_and_that_is_said(open_comparison):
    rig = open_comparison(make_columns(1))

    assert not rig.page.table.isVisible()
    assert not rig.page.bar.isVisible()


def test_runs_that_do_not_differ_say_so(open_comparison):
    columns = make_columns(0)
    for number in (1, 1001):
        columns.put(make_run(1, id=f"{number:032x}"))
    rig = open_comparison(columns)

    assert rig.titles() == []
    assert rig.page.table.isVisible()


def test_a_row_that_is_clicked_is_selected_in_the_table_of_runs_too(rig):
    rig.chosen.hold(on=True)
    view = rig.page.table
    place = view.visualRect(rig.model.index_of(4, 0)).center()

    QTest.mouseClick(view.viewport(), LEFT, NONE, place)
    QTest.qWait(0)

    assert rig.table_rig.runs.selected_ids() == ids(4)
    assert rig.shown_ids() == ids(*range(20))


def test_what_is_selected_elsewhere_is_selected_here(rig):
    rig.chosen.hold(on=True)

    rig.table_rig.runs.select_ids(ids(6, 2))

    assert rig.page.table.selected_lines() == [2, 6]
    assert rig.page.current_id() == ids(6)[0]


def test_clicks_on_headings_sort_and_with_shift_by_several(rig):
    click_heading(rig, "opt")
    click_heading(rig, "loss", SHIFT)

    assert rig.page.comparison.view.sort == (("opt", False), ("loss", False))
    rows = [(rig.text(line, "opt"), float(rig.text(line, "loss"))) for line in range(20)]
    assert rows == sorted(rows)


def test_a_second_click_turns_the_order(rig):
    click_heading(rig, "lr")
    click_heading(rig, "lr")

    values = [float(rig.text(line, "lr")) for line in range(20)]
    assert values == sorted(values, reverse=True)


def test_what_is_better_when_high_is_sorted_from_the_highest(rig):
    click_heading(rig, "acc")

    assert rig.page.comparison.view.sort == (("acc", True),)


def test_the_selection_and_the_current_row_stay_the_same_runs_after_a_sort(rig):
    rig.chosen.hold(on=True)
    rig.table_rig.runs.select_ids(ids(5, 9))

    click_heading(rig, "loss")

    lines = rig.page.table.selected_lines()
    assert sorted(rig.shown_ids()[line] for line in lines) == ids(5, 9)
    assert rig.page.current_id() == ids(5)[0]
    assert rig.table_rig.selected_ids() == ids(5, 9)


def test_enter_and_a_double_click_go_to_the_run(rig, qtbot):
    rig.chosen.hold(on=True)
    select_line(rig, 3)

    with qtbot.waitSignal(rig.chosen.run_wanted) as entered:
        QTest.keyClick(rig.page.table, Qt.Key.Key_Return)
    place = rig.page.table.visualRect(rig.model.index_of(6, 0)).center()
    QTest.mouseClick(rig.page.table.viewport(), LEFT, NONE, place)
    with qtbot.waitSignal(rig.chosen.run_wanted) as clicked:
        QTest.mouseDClick(rig.page.table.viewport(), LEFT, NONE, place)

    assert entered.args == ids(3)
    assert clicked.args == ids(6)


def test_a_pinned_run_is_first_and_the_others_are_measured_against_it(rig):
    rig.chosen.pin(ids(8)[0])
    rig.settle()

    assert rig.shown_ids()[0] == ids(8)[0]
    assert rig.model.is_baseline(0)
    assert rig.model.cell(1, rig.titles().index("loss")).note


def test_a_pinned_run_is_compared_although_it_is_not_selected(rig):
    rig.chosen.pin(ids(8)[0])
    rig.table_rig.runs.select_ids(ids(1, 2))
    rig.settle()

    assert rig.shown_ids() == ids(8, 1, 2)


def test_columns_that_are_the_same_come_back_at_one_click(open_comparison):
    columns = make_columns(0)
    for number in range(4):
        columns.put(make_run(number, operation="train"))
    rig = open_comparison(columns)
    before = rig.titles()

    rig.page.show_only_different(on=False)
    rig.settle()

    assert "Operation" not in before
    assert "Operation" in rig.titles()


def test_runs_can_be_columns(rig):
    rig.page.turn(on=True)

    assert rig.model.columnCount() == 20
    assert rig.page.table.fact_head is rig.page.table.rows_head
    select_line(rig, 5, 2)
    assert rig.page.current_id() == ids(5)[0]
    assert rig.page.table.selected_lines() == [5]


def test_a_click_on_the_heading_of_a_line_sorts_runs_that_are_columns(rig):
    rig.page.turn(on=True)
    head = rig.page.table.rows_head
    section = rig.titles().index("loss")
    place = QPoint(20, head.sectionViewportPosition(section) + 5)

    QTest.mouseClick(head.viewport(), LEFT, NONE, place)
    rig.settle()

    values = [float(rig.text(line, "loss")) for line in range(20)]
    assert values == sorted(values)


def test_many_runs_are_rows_again(open_comparison):
    rig = open_comparison(make_columns(150))
    rig.table_rig.runs.select_ids(ids(1, 2, 3))
    rig.settle()
    rig.page.turn(on=True)

    rig.table_rig.runs.select_ids(ids(1))
    rig.settle()

    assert not rig.page.is_turned
    assert rig.model.rowCount() == 150


def test_groups_are_opened_and_closed_by_keys(rig):
    rig.chosen.hold(on=True)
    rig.page.comparison.change(group_by=("=opt",))
    rig.settle()
    select_line(rig, 0)
    table = rig.page.table

    QTest.keyClick(table, Qt.Key.Key_Left)
    closed = len(rig.model.lines)
    QTest.keyClick(table, Qt.Key.Key_Right)
    opened = len(rig.model.lines)
    QTest.keyClick(table, Qt.Key.Key_Return)

    assert closed < opened == 22
    assert len(rig.model.lines) == closed
    assert rig.page.table.currentIndex().row() == 0


def test_a_click_on_the_sign_of_a_group_closes_it(rig):
    rig.page.comparison.change(group_by=("=opt",))
    rig.settle()
    head = rig.page.table.rows_head

    QTest.mouseClick(head.viewport(), LEFT, NONE, QPoint(12, head.sectionViewportPosition(0) + 9))

    assert len(rig.model.lines) < 22


def test_a_selected_group_selects_its_runs(rig):
    rig.chosen.hold(on=True)
    rig.page.comparison.change(group_by=("=opt",))
    rig.settle()
    group = rig.model.lines[0].group

    select_line(rig, 0)

    assert len(rig.table_rig.runs.selected_ids()) == len(group.rows)


def test_runs_that_change_are_shown_as_they_are_now_and_where_they_were(rig):
    rig.chosen.hold(on=True)
    select_line(rig, 12)
    resets = []
    rig.model.modelReset.connect(lambda: resets.append(1))
    changed = make_run(4, scalars={"loss": make_summary(7.0), "acc": make_summary(0.5)})
    slot = rig.table_rig.columns.put(changed)

    rig.table_rig.runs.on_changes(Changes(changed=(slot,)))
    rig.chosen.tell_changes((slot,))
    rig.settle()

    assert rig.text(4, "loss") == "7.0000"
    assert resets == []
    assert rig.page.current_id() == ids(12)[0]


def test_a_run_that_goes_is_compared_no_more(rig):
    slot = rig.table_rig.columns.slot_of(ids(5)[0])
    rig.table_rig.columns.remove(slot)

    rig.table_rig.runs.on_changes(Changes(removed=(slot,)))
    rig.settle()

    assert ids(5)[0] not in rig.shown_ids()
    assert len(rig.shown_ids()) == 19


def test_nothing_is_asked_while_the_page_is_hidden(rig):
    before = rig.page.comparison.answer
    rig.page.hide()

    rig.table_rig.runs.select_ids(ids(1, 2))
    rig.settle()
    during = rig.page.comparison.answer
    rig.page.show()
    rig.settle()

    assert during is before
    assert rig.shown_ids() == ids(1, 2)


def test_rows_are_copied_with_every_digit_for_a_spreadsheet(rig, qtbot):
    rig.chosen.hold(on=True)
    rig.table_rig.runs.select_ids(ids(5, 9))
    clipboard = QGuiApplication.clipboard()
    clipboard.clear()
    QTest.keyClick(rig.page.table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)

    qtbot.waitUntil(lambda: "\t" in clipboard.text())

    lines = [line.split("\t") for line in clipboard.text().splitlines()]
    assert lines[0][:2] == ["run", "label"]
    assert len(lines) == 3
    loss = repr(rig.table_rig.columns.value("scalar:last:loss", 5))
    assert lines[1][lines[0].index("loss")] == loss


def test_the_way_runs_are_compared_is_remembered(rig, open_comparison):
    rig.page.comparison.change(
        columns=("loss", "=lr"), sort=(("loss", True),), only_different=False, group_by=("=opt",)
    )
    rig.settle()
    rig.page.table.columns_head.resizeSection(0, 177)
    state = rig.page.state()

    rig.page.comparison.change(columns=None, sort=(), only_different=True, group_by=())
    rig.page.restore(state)
    rig.settle()

    view = rig.page.comparison.view
    assert view.columns == ("loss", "=lr")
    assert view.sort == (("loss", True),)
    assert view.group_by == ("=opt",)
    assert not view.only_different
    assert view.name == ""
    assert rig.page.table.columns_head.sectionSize(0) == 177


@pytest.mark.parametrize(
    "state",
    [{}, {"view": 3}, {"view": {"columns": 7, "sort": "x"}}, {"widths": [1], "is_turned": "yes"}],
)
def test_a_state_that_is_not_understood_changes_nothing(rig, state):
    before = rig.titles()

    rig.page.restore(state)
    rig.settle()

    assert rig.titles() == before


def menu_texts(menu: QMenu) -> list[str]:
    return [action.text().replace("&", "") for action in menu.actions() if action.text()]


def open_menus() -> list[QMenu]:
    return [w for w in QApplication.topLevelWidgets() if isinstance(w, QMenu) and w.isVisible()]


def test_the_menu_of_a_heading_says_which_way_is_better(rig, qtbot):
    head = rig.page.table.columns_head
    section = rig.titles().index("loss")
    rig.page.table.scrollTo(rig.model.index(0, section))
    place = QPoint(head.sectionViewportPosition(section) + 5, 5)

    QApplication.sendEvent(
        head.viewport(),
        QContextMenuEvent(QContextMenuEvent.Reason.Mouse, place, head.mapToGlobal(place)),
    )
    qtbot.waitUntil(lambda: bool(open_menus()))
    menu = open_menus()[0]
    texts = menu_texts(menu)
    checked = [a.text().replace("&", "") for a in menu.actions() if a.isChecked()]
    higher = next(a for a in menu.actions() if "Higher" in a.text())
    higher.trigger()
    menu.close()
    rig.settle()

    assert texts[0] == "Sort Ascending"
    assert checked == ["Lower Is Better"]
    assert rig.model.facts[section].direction == "up"


def test_a_hidden_column_is_gone_and_the_others_stay(rig):
    menu = rig.page._menu.menu(rig.model.facts[0], 0)
    title = rig.titles()[0]
    next(a for a in menu.actions() if "ide “" in a.text()).trigger()
    menu.deleteLater()
    rig.settle()

    assert title not in rig.titles()
    assert "loss" in rig.titles()


def test_all_rows_are_selected_by_one_key(rig):
    rig.chosen.hold(on=True)

    QTest.keyClick(rig.page.table, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.qWait(0)

    assert len(rig.table_rig.runs.selected_ids()) == 20
    assert rig.page.table.selected_lines() == list(range(20))


def test_escape_selects_nothing(rig):
    select_line(rig, 3)

    QTest.keyClick(rig.page.table, Qt.Key.Key_Escape)
    QTest.qWait(0)

    assert rig.page.table.selected_lines() == []


def test_a_page_draws_every_kind_of_line(rig):
    rig.page.comparison.change(group_by=("=opt",))
    rig.chosen.pin(ids(3)[0])
    rig.settle()
    select_line(rig, 2)
    flags = QItemSelectionModel.SelectionFlag
    rig.page.table.selectionModel().select(rig.model.index_of(5), flags.Select | flags.Rows)

    pictures = {rig.page.grab().toImage().cacheKey()}
    rig.page.turn(on=True)
    pictures.add(rig.page.grab().toImage().cacheKey())

    assert len(pictures) == 2


def test_a_selection_that_falls_apart_in_a_sort_stays_the_same_runs(open_comparison):
    rig = open_comparison(make_columns(2_000))
    rig.chosen.hold(on=True)
    wanted = ids(*range(0, 2_000, 2))
    rig.table_rig.runs.select_ids(wanted)

    click_heading(rig, "loss")
    lines = rig.page.table.selected_lines()
    select_line(rig, 5)

    assert sorted(rig.shown_ids()[line] for line in lines) == sorted(wanted)
    assert rig.page.table.selected_lines() == [5]


def test_odd_numbers_and_texts_are_shown_as_what_they_are(open_comparison):
    columns = make_columns(0)
    odd = [float("nan"), float("inf"), 10**400, "10", None, [1, 2]]
    for number, value in enumerate(odd):
        columns.put(make_run(number, flags={"odd": value, "a=b&c": f"<i>{number}"}))
    rig = open_comparison(columns)

    assert [rig.text(line, "odd") for line in range(6)] == [
        "nan", "inf", str(10**400)[:1_000], "'10'", "", "[1, 2]",
    ]  # fmt: skip
    assert rig.text(2, "a=b&c") == "<i>2"


def test_the_heading_of_a_closed_group_is_selected_with_all_of_its_runs(rig):
    rig.page.comparison.change(group_by=("=opt",))
    rig.settle()
    table, model = rig.page.table, rig.model
    table.open_groups(model.group_titles(), on=False)
    runs = [model.slots(line) for line in range(len(model.lines))]

    rig.chosen.select(rig.table_rig.columns.value("id", slot) for slot in runs[1])
    whole = table.selected_lines()
    rig.chosen.select([rig.table_rig.columns.value("id", runs[1][0])])

    assert whole == [1]
    assert table.selected_lines() == []


def test_the_run_of_a_group_of_one_can_be_pinned_and_is_current(rig):
    rig.page.comparison.change(group_by=(".started",))
    rig.settle()
    table, model = rig.page.table, rig.model

    table.setCurrentIndex(model.index_of(2))

    assert rig.page.current_id() == rig.table_rig.columns.value("id", model.run_of(2))


def test_the_group_of_the_baseline_alone_is_selected_with_it(rig):
    rig.chosen.pin(ids(2)[0])
    rig.page.comparison.change(group_by=(".started",))
    rig.settle()
    table, model = rig.page.table, rig.model

    rig.chosen.select(ids(*range(12)))

    heads = [line for line in model.heads() if model.run_of(line) == 2]
    assert model.is_baseline(0)
    assert set(table.selected_lines()) >= {0, *heads}
