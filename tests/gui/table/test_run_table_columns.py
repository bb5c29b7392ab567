"""The columns of the run table: their order, their widths, and their headings."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from core.index.arrange import NEWEST_FIRST, SortKey
from core.index.filters import Filters
from gui.table.columns import BASE_KEYS
from gui.views.chip_painter import MORE
from gui.views.table.run_painter import ICON, PAD
from tests.support.run_tables import NOW, SECOND, current_row, make_columns, make_run, press

Key, Held = Qt.Key, Qt.KeyboardModifier
LEFT = Qt.MouseButton.LeftButton


def click_heading(rig, key, held=Held.NoModifier):
    header = rig.table.horizontalHeader()
    section = rig.table.column_keys().index(key)
    x = header.sectionViewportPosition(section) + 12
    QTest.mouseClick(header.viewport(), LEFT, held, QPoint(x, header.height() // 2))
    rig.settle()


def test_long_labels_take_the_room_that_is_left_until_the_user_gives_them_a_width(open_rig, qtbot):
    rig = open_rig(make_columns(30, label="a long label that says what this run was about " * 2))
    rig.table.show_columns(["status", "label", "started"])
    section, usual = 1, rig.table.columnWidth(1)
    assert usual > 190

    rig.table.resize(500, 600)
    qtbot.waitUntil(lambda: rig.table.columnWidth(section) < usual)
    assert rig.table.columnWidth(section) >= 150
    rig.table.resize(1000, 600)
    qtbot.waitUntil(lambda: rig.table.columnWidth(section) == usual)
    rig.table.horizontalHeader().resizeSection(section, 210)
    rig.table.resize(1200, 600)

    assert rig.table.columnWidth(section) == 210


def test_columns_measured_under_a_filter_have_room_for_the_runs_it_hides(open_rig):
    columns = make_columns(0)
    for number in range(300):
        flags = {"lr": 0.1} if number % 2 else {"lr": 0.000123456789}
        columns.put(make_run(number, status="error" if number % 2 else "completed", flags=flags))
    rig = open_rig(columns)

    rig.runs.show(filters=Filters(statuses=("error",)))
    rig.settle()
    rig.table.show_columns(["label", "flag:lr"])

    metrics = QFontMetrics(rig.table.font())
    assert len(rig.runs.model.order) == 150
    assert rig.table.columnWidth(1) > metrics.horizontalAdvance("0.000123456789")


def test_columns_chosen_in_the_trash_have_room_for_the_runs_of_the_home(open_rig):
    columns = make_columns(0)
    for number in range(20):
        columns.put(make_run(number, flags={"lr": 0.000123456789}))
    columns.put(make_run(30, flags={"lr": 1}), deleted=True)
    rig = open_rig(columns)

    rig.runs.show(deleted=True)
    rig.settle()
    rig.table.show_columns(["label", "flag:lr"])

    metrics = QFontMetrics(rig.table.font())
    assert len(rig.runs.model.order) == 1
    assert rig.table.columnWidth(1) > metrics.horizontalAdvance("0.000123456789")


def test_a_filter_does_not_paint_the_headings_for_their_order(rig, qtbot):
    header = rig.table.horizontalHeader()
    rig.table.grab()
    painted = []
    header.paintSection = lambda *args: painted.append(args)

    header.show_sort(rig.runs.view.sort)
    QTest.qWait(30)
    assert not painted

    header.show_sort((SortKey("label"),))
    qtbot.waitUntil(lambda: bool(painted))


def test_columns_that_suit_the_runs_are_shown_at_first(rig):
    keys = rig.table.column_keys()
    assert keys[:6] == list(BASE_KEYS)
    assert {"flag:lr", "flag:opt", "spark:loss"} < set(keys)


def test_a_click_on_a_heading_sorts_and_a_second_one_turns(rig):
    click_heading(rig, "label")
    labels = [rig.text(row, "label") for row in range(300)]
    present = [label for label in labels if label]
    assert rig.runs.view.sort == (SortKey("label"),)
    assert labels[: len(present)] == present, "runs without a label come last"
    assert present[0] == "baseline"

    click_heading(rig, "label")
    assert rig.runs.view.sort == (SortKey("label", descending=True),)
    assert rig.text(299, "label") == "", "missing stays last"


@pytest.mark.parametrize("held", [Held.ShiftModifier, Held.ControlModifier])
def test_a_click_with_shift_or_ctrl_adds_a_level(rig, held):
    click_heading(rig, "operation")
    click_heading(rig, "started", held)

    assert rig.runs.view.sort == (SortKey("operation"), SortKey("started", descending=True))
    click_heading(rig, "operation", held)
    assert rig.runs.view.sort[0] == SortKey("operation", descending=True)
    operations = [rig.text(row, "operation") for row in range(300)]
    assert operations == sorted(operations, reverse=True)


def test_a_click_on_a_heading_at_the_right_leaves_it_in_sight(rig):
    rig.table.resize(500, 600)
    bar = rig.table.horizontalScrollBar()
    bar.setValue(bar.maximum())
    assert bar.value() > 100
    key = rig.table.column_keys()[-1]

    click_heading(rig, key)
    assert [level.key.split(":")[-1] for level in rig.runs.view.sort] == [key.split(":")[-1]]
    assert bar.value() == bar.maximum()

    press(rig, Key.Key_PageDown)
    assert current_row(rig) > 0
    assert bar.value() == bar.maximum(), "walking over rows moves no column"


def test_a_click_on_a_column_that_is_half_in_sight_moves_none(rig):
    rig.table.resize(500, 600)
    bar, view = rig.table.horizontalScrollBar(), rig.table.viewport()
    bar.setValue(30)

    QTest.mouseClick(view, LEFT, Held.NoModifier, QPoint(5, rig.table.rowHeight(0) // 2))

    QTest.qWait(QGuiApplication.styleHints().mouseDoubleClickInterval() + 200)  # Qt waits for more
    assert current_row(rig) == 0
    assert bar.value() == 30


def test_a_first_tag_can_be_read_where_few_runs_have_several(open_rig):
    columns = make_columns(20, tags=("kept",))
    columns.put(make_run(0, tags=("a long field test", "second", "third")))
    rig = open_rig(columns)

    section = rig.table.column_keys().index("tags")
    width = rig.table.columnWidth(section)
    first = QFontMetrics(rig.table.font()).horizontalAdvance("a long field test")
    assert width > first + MORE
    assert width < 2 * first, "the others are only counted"


def test_one_run_with_several_tags_takes_no_room_from_the_others(open_rig):
    columns = make_columns(20, tags=())
    columns.put(make_run(0, tags=("Ablation", "paper", "second seed")))
    rig = open_rig(columns)

    width = rig.table.columnWidth(rig.table.column_keys().index("tags"))
    metrics = QFontMetrics(rig.table.font())
    assert metrics.horizontalAdvance("Ablation") + MORE < width
    assert width < metrics.horizontalAdvance("Ablation paper second seed")


def test_selection_survives_a_click_on_a_heading(rig):
    rig.runs.select_ids([make_run(n).id for n in (3, 4, 150)])

    click_heading(rig, "duration")

    assert rig.selected_ids() == [make_run(n).id for n in (3, 4, 150)]


def test_dragged_columns_are_kept_in_the_order_of_the_model(rig):
    keys = rig.table.column_keys()

    rig.table.horizontalHeader().moveSection(0, 2)
    rig.wait_until(lambda: rig.table.column_keys() != keys)

    assert rig.table.column_keys()[:3] == [keys[1], keys[2], keys[0]]
    header = rig.table.horizontalHeader()
    assert [header.logicalIndex(n) for n in range(3)] == [0, 1, 2]


def test_a_double_click_on_an_edge_fits_the_column(rig):
    header = rig.table.horizontalHeader()
    section = rig.table.column_keys().index("label")
    header.resizeSection(section, 60)

    header.sectionHandleDoubleClicked.emit(section)

    assert header.sectionSize(section) > 100


def test_numbers_are_never_cut_off_at_first(open_rig):
    columns = make_columns(20)
    columns.put(make_run(20, flags={"lr": 0.000012345}))
    rig = open_rig(columns)
    rig.table.show_columns(["flag:lr"])

    needed = rig.table.fontMetrics().horizontalAdvance("1.2345e-05")
    assert rig.table.columnWidth(0) > needed


def test_state_is_restored(rig, open_rig):
    rig.table.show_columns(["label", "flag:lr", "status"])
    rig.table.horizontalHeader().resizeSection(1, 171)
    rig.runs.show(sort=[SortKey("flag:lr", descending=True), SortKey("label")])
    rig.settle()
    state = rig.table.state()

    other = open_rig(make_columns(10))
    other.table.restore(state)
    other.settle()

    assert other.table.column_keys() == ["label", "flag:lr", "status"]
    assert other.table.columnWidth(1) == 171
    assert other.runs.view.sort == (SortKey("flag:lr", descending=True), SortKey("label"))


def test_a_filter_that_leaves_nothing_makes_no_column_narrow(rig, open_rig):
    widths = [rig.table.columnWidth(section) for section in range(4)]
    other = open_rig(make_columns(300))

    other.runs.show(filters=Filters(tags=("no run has this",)))
    other.settle()
    other.table.restore(other.table.state())

    assert other.shown_ids() == []
    assert [other.table.columnWidth(section) for section in range(4)] == widths


@pytest.mark.parametrize(
    "state",
    [
        {},
        {"version": 1, "columns": 7, "widths": [], "sort": "x"},
        {"version": 99, "columns": ["id"]},
    ],
)
def test_a_state_that_is_not_understood_changes_nothing(rig, state):
    keys = rig.table.column_keys()

    rig.table.restore(state)

    assert rig.table.column_keys() == keys
    assert rig.runs.view.sort == NEWEST_FIRST


@pytest.mark.qt_log_ignore("This plugin does not support")  # menus, offscreen
def test_the_menu_of_a_heading_sorts_hides_and_chooses(rig, qtbot):
    header = rig.table.horizontalHeader()
    section = rig.table.column_keys().index("operation")
    header.menu_requested.emit(section, QPoint(10, 10))
    menu = rig.table.findChild(QMenu, "columnMenu")
    entries = {action.text().replace("&", ""): action for action in menu.actions()}

    entries["Sort Descending"].trigger()
    assert rig.runs.view.sort == (SortKey("operation", descending=True),)
    entries["Hide “Operation”"].trigger()
    assert "operation" not in rig.table.column_keys()
    with qtbot.waitSignal(rig.table.columns_requested):
        entries["Choose Columns…"].trigger()
    menu.close()


@pytest.mark.qt_log_ignore("This plugin does not support")  # menus, offscreen
def test_the_keyboard_opens_the_menu_of_the_column_it_is_in(rig, qtbot):
    header = rig.table.horizontalHeader()
    section = rig.table.column_keys().index("started")
    rig.table.setCurrentIndex(rig.runs.model.index(0, section - 1))
    qtbot.keyClick(rig.table, Qt.Key.Key_Right)

    rig.table.open_column_menu()

    menu = rig.table.findChild(QMenu, "columnMenu")
    assert "Hide “Started”" in [action.text().replace("&", "") for action in menu.actions()]
    left = header.mapFromGlobal(menu.pos()).x()
    assert header.sectionViewportPosition(section) <= max(0, left) < header.viewport().width()
    menu.close()


def test_reset_brings_back_the_columns_that_suit(rig):
    keys = rig.table.column_keys()
    rig.table.show_columns(["id"])
    assert rig.table.column_keys() == ["id"]

    rig.table.reset_columns()
    rig.wait_until(lambda: rig.table.column_keys() == keys)

    assert rig.table.state()["columns"] is None


def test_the_status_of_a_run_elsewhere_is_not_cut_off_at_first(open_rig):
    columns = make_columns(1000)
    columns.put(make_run(777, status="running", remote="gpu-box-1", stopped=None))

    rig = open_rig(columns)

    section = rig.table.column_keys().index("status")
    text = rig.table.fontMetrics().horizontalAdvance("running on gpu-box-1")
    assert rig.table.columnWidth(section) > text + 20


def test_that_a_run_is_being_stopped_fits_where_its_status_stood(open_rig):
    columns = make_columns(3, status="completed")
    slot = columns.put(make_run(1, status="running", stopped=None))
    rig = open_rig(columns)
    section = rig.table.column_keys().index("status")
    rig.runs.model.show_stopping(frozenset([slot]))
    width = rig.table.fontMetrics().horizontalAdvance("terminated") + ICON + 4 * PAD

    def cell(column_width: int):
        rig.table.setColumnWidth(section, column_width)
        area = rig.table.visualRect(rig.runs.model.index(rig.runs.model.row_of(slot), section))
        return rig.table.viewport().grab(QRect(area.left(), area.top(), width - 2, 20)).toImage()

    assert cell(width) == cell(width + 200)


def test_the_duration_of_a_long_run_is_not_cut_off_at_first(open_rig):
    columns = make_columns(1000)
    started = NOW - 312 * 86_400 * SECOND
    columns.put(make_run(777, status="running", started=started, stopped=None))

    rig = open_rig(columns)

    section = rig.table.column_keys().index("duration")
    text = rig.table.fontMetrics().horizontalAdvance("312 d 0:00:00")
    assert rig.table.columnWidth(section) >= text + 2 * PAD


def test_each_time_can_be_read_in_the_natural_width_of_its_column(open_rig):
    day = 24 * 3600 * SECOND
    columns = make_columns(0)
    for number in range(40):  # "16 Nov" and the like, but for one
        columns.put(make_run(number, started=NOW - (20 + number) * day))
    columns.put(make_run(90, started=None, initialized=NOW - day))
    rig = open_rig(columns)
    section = rig.table.column_keys().index("started")
    texts = [rig.text(row, "started") for row in range(len(rig.runs.model.order))]
    widest = max(rig.table.fontMetrics().horizontalAdvance(text) for text in texts)

    assert [len(text) > 7 for text in texts].count(True) == 1
    assert rig.table.columnWidth(section) >= widest + 2 * PAD
