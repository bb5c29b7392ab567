from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication

from gui.views.table.label_editor import MOST_IN_A_LINE
from tests.support.run_tables import TableRig, make_columns, make_run, table_rig

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def rig(qtbot, tmp_path):
    with table_rig(qtbot, make_columns(30), tmp_path) as rig:
        rig.table.activateWindow()
        rig.table.setFocus()
        qtbot.waitUntil(rig.table.hasFocus)
        yield rig


@pytest.fixture
def typed(rig):
    """What was typed and is to be written."""
    entries = []
    rig.table.label_editor.label_typed.connect(entries.append)
    return entries


@pytest.fixture
def left_over(rig):
    texts = []
    rig.table.label_editor.text_left_over.connect(lambda why, text: texts.append((why, text)))
    return texts


def start(rig: TableRig, row: int = 1):
    rig.table.selectRow(row)
    rig.table.edit_label()
    return rig.table.label_editor.line


def cell(rig: TableRig, row: int, key: str):
    index = rig.runs.model.index(row, rig.table.column_keys().index(key))
    return rig.table.visualRect(index)


def label(rig: TableRig, row: int) -> str:
    return rig.columns.value("label", rig.runs.model.order[row]) or ""


def relabel(rig: TableRig, row: int, text: str) -> None:
    """What the index does when a label was written, by whomever."""
    slot = rig.runs.model.order[row]
    number = int(rig.columns.value("id", slot), 16)
    rig.columns.put(make_run(number, label=text))
    rig.runs.refresh((slot,))


def test_the_line_lies_over_the_label_with_all_of_it_selected(rig):
    line = start(rig)

    assert line.text() == label(rig, 1) != ""
    assert line.selectedText() == line.text()
    assert line.hasFocus()
    assert cell(rig, 1, "label").contains(line.geometry().center())


def test_the_line_grows_with_what_is_typed_as_far_as_there_is_room(rig, qtbot):
    line = start(rig)
    before = line.width()

    qtbot.keyClicks(line, "a label that is much longer than its column, really")
    grown = line.width()
    qtbot.keyClicks(line, " and longer" * 30)

    assert before < grown < line.width()
    assert line.geometry().right() <= rig.table.viewport().width()


def test_enter_hands_over_what_was_typed_and_what_was_there(rig, typed, qtbot):
    line, before = start(rig), label(rig, 1)

    qtbot.keyClicks(line, " new one ")
    qtbot.keyClick(line, Qt.Key.Key_Return)

    (entry,) = typed
    assert (entry.text, entry.expected) == ("new one", before)
    assert entry.run.id == rig.columns.value("id", rig.runs.model.order[1])


def test_the_line_goes_when_the_table_shows_the_new_label(rig, typed, qtbot):
    line = start(rig)
    qtbot.keyClicks(line, "new")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    typed[0].tell("")
    assert rig.table.label_editor.line is line

    relabel(rig, 1, "new")

    qtbot.waitUntil(lambda: rig.table.label_editor.line is None)
    assert rig.table.hasFocus()


def test_the_line_does_not_wait_for_ever(rig, typed, qtbot):
    line = start(rig)
    qtbot.keyClicks(line, "new")
    qtbot.keyClick(line, Qt.Key.Key_Return)

    typed[0].tell("")

    qtbot.waitUntil(lambda: rig.table.label_editor.line is None)


def test_a_label_that_was_changed_meanwhile_is_told_and_the_text_stays(rig, typed, qtbot):
    line = start(rig)
    qtbot.keyClicks(line, "mine")
    qtbot.keyClick(line, Qt.Key.Key_Return)

    typed[0].tell("Run 1 cannot be changed: its label is “theirs” now.")
    relabel(rig, 1, "theirs")

    assert line.text() == "mine"
    assert not line.isReadOnly()
    assert "theirs" in rig.table.label_editor.problem_text()
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert typed[1].expected == "theirs"


def test_escape_leaves_everything_as_it_was(rig, typed, qtbot):
    line = start(rig)
    qtbot.keyClicks(line, "x")

    qtbot.keyClick(line, Qt.Key.Key_Escape)

    assert rig.table.label_editor.line is None
    assert typed == []
    assert rig.table.hasFocus()


def test_the_same_label_is_not_written_again(rig, typed, qtbot):
    line = start(rig)

    qtbot.keyClick(line, Qt.Key.Key_Return)

    assert typed == []
    assert rig.table.label_editor.line is None


def test_tab_goes_on_to_the_next_label_and_back(rig, typed, qtbot):
    line = start(rig)
    qtbot.keyClicks(line, "one")

    qtbot.keyClick(line, Qt.Key.Key_Tab)
    second = rig.table.label_editor.line
    qtbot.keyClick(second, Qt.Key.Key_Backtab)

    assert [entry.text for entry in typed] == ["one"]
    assert second.text() == label(rig, 2)
    assert rig.table.label_editor.slot == rig.runs.model.order[1]


def test_after_tab_the_line_shows_nothing_of_what_was_typed_before(rig, typed, qtbot):
    line = start(rig)
    qtbot.keyClicks(line, "one")
    qtbot.keyClick(line, Qt.Key.Key_Tab)

    assert not typed[0].tell("It is not there any more.")

    assert rig.table.label_editor.problem_text() == ""
    assert rig.table.label_editor.slot == rig.runs.model.order[2]


def test_a_click_elsewhere_writes_what_was_typed(rig, typed, qtbot):
    line = start(rig)
    qtbot.keyClicks(line, "new")

    rig.table.setFocus(Qt.FocusReason.MouseFocusReason)

    assert [entry.text for entry in typed] == ["new"]


def test_the_line_follows_its_run_when_others_come(rig, qtbot):
    line, slot = start(rig, 3), rig.runs.model.order[3]
    qtbot.keyClicks(line, "half a")
    before = line.geometry().top()

    for number in range(100, 103):
        rig.columns.put(make_run(number, started=make_run(0).started + number))
    rig.runs.refresh()
    rig.settle()

    assert rig.runs.model.row_of(slot) == 6
    qtbot.waitUntil(lambda: line.geometry().top() == before + 3 * rig.table.rowHeight(0))
    assert line.text() == "half a"


def test_a_run_that_is_filtered_away_leaves_the_text_over(rig, left_over, qtbot):
    from core.index.filters import Filters

    line = start(rig)
    qtbot.keyClicks(line, "half a")

    rig.runs.show(filters=Filters(text="nothing has this"))
    rig.settle()

    assert rig.table.label_editor.line is None
    assert left_over[0][1] == "half a"
    assert "not shown any more" in left_over[0][0]


@pytest.mark.parametrize("text", ["x" * (MOST_IN_A_LINE + 1), "two\nlines"])
def test_a_label_that_fits_no_line_is_for_the_dialog(rig, qtbot, text):
    relabel(rig, 1, text)
    rig.settle()
    rig.table.selectRow(1)

    with qtbot.waitSignal(rig.table.label_editor.dialog_wanted):
        rig.table.edit_label()

    assert rig.table.label_editor.line is None


def test_where_labels_are_not_shown_the_dialog_is_for_them(rig, qtbot):
    rig.table.show_columns(["status", "started"])
    rig.settle()
    rig.table.selectRow(1)

    with qtbot.waitSignal(rig.table.label_editor.dialog_wanted):
        rig.table.edit_label()


def test_keys_of_the_table_do_nothing_while_a_label_is_typed(rig, qtbot):
    line = start(rig)
    current = rig.table.currentIndex()
    activated = []
    rig.table.run_activated.connect(activated.append)

    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_PageDown, Qt.Key.Key_Return):
        qtbot.keyClick(line, key)

    assert rig.table.currentIndex() == current
    assert activated == []


# Clicks


def click(rig: TableRig, qtbot, place: QPoint) -> None:
    qtbot.mouseClick(rig.table.viewport(), LEFT, pos=place)


def test_a_slow_second_click_on_the_label_of_the_selected_run_edits_it(rig, qtbot):
    place = cell(rig, 2, "label").center()
    click(rig, qtbot, place)
    assert rig.table.label_editor.line is None

    click(rig, qtbot, place)
    assert rig.table.label_editor.line is None, "a double click was still possible"

    qtbot.waitUntil(lambda: rig.table.label_editor.line is not None)
    assert rig.table.label_editor.slot == rig.runs.model.order[2]


def test_a_double_click_on_a_label_opens_the_run_instead(rig, qtbot):
    place = cell(rig, 2, "label").center()
    click(rig, qtbot, place)
    click(rig, qtbot, place)
    with qtbot.waitSignal(rig.table.run_activated):
        qtbot.mouseDClick(rig.table.viewport(), LEFT, pos=place)

    qtbot.wait(QApplication.doubleClickInterval() + 50)  # nothing is to happen in that time
    assert rig.table.label_editor.line is None


def test_a_first_click_and_clicks_on_other_columns_edit_nothing(rig, qtbot):
    for key in ("label", "operation", "operation"):
        click(rig, qtbot, cell(rig, 4, key).center())
    timer = rig.table.label_editor

    qtbot.wait(QApplication.doubleClickInterval() + 50)  # nothing is to happen in that time
    assert timer.line is None


def chip_place(rig: TableRig, row: int) -> QPoint:
    area = cell(rig, row, "tags")
    return QPoint(area.left() + 20, area.center().y())


def row_with_tags(rig: TableRig, count: int) -> int:
    tags = (rig.columns.value("tags", slot) or () for slot in rig.runs.model.order)
    return next(row for row, some in enumerate(tags) if len(some) >= count)


def test_a_click_on_a_chip_names_its_tag(rig, qtbot):
    row = row_with_tags(rig, 1)

    with qtbot.waitSignal(rig.table.tag_clicked) as caught:
        click(rig, qtbot, chip_place(rig, row))

    assert caught.args == ["paper"]


def test_beside_the_chips_a_click_is_one_on_the_row(rig, qtbot):
    row = row_with_tags(rig, 1)
    area = cell(rig, row, "tags")

    with qtbot.assertNotEmitted(rig.table.tag_clicked):
        click(rig, qtbot, QPoint(area.left() + 2, area.center().y()))

    assert rig.runs.current_slot() == rig.runs.model.order[row]


def test_a_press_that_becomes_a_drag_is_no_click_on_a_tag(rig, qtbot):
    place = chip_place(rig, row_with_tags(rig, 1))
    viewport = rig.table.viewport()

    with qtbot.assertNotEmitted(rig.table.tag_clicked):
        qtbot.mousePress(viewport, LEFT, pos=place)
        qtbot.mouseRelease(viewport, LEFT, pos=place + QPoint(0, 60))


def test_ctrl_and_click_on_a_chip_selects_the_row(rig, qtbot):
    place = chip_place(rig, row_with_tags(rig, 1))

    with qtbot.assertNotEmitted(rig.table.tag_clicked):
        qtbot.mouseClick(rig.table.viewport(), LEFT, Qt.KeyboardModifier.ControlModifier, pos=place)


def test_the_pointer_says_where_a_tag_can_be_clicked(rig, qtbot):
    place = chip_place(rig, row_with_tags(rig, 1))
    viewport = rig.table.viewport()

    point_at(viewport, place)
    assert viewport.cursor().shape() == Qt.CursorShape.PointingHandCursor
    point_at(viewport, cell(rig, 1, "label").center())
    assert viewport.cursor().shape() == Qt.CursorShape.ArrowCursor


def point_at(widget, place):
    """A move without a button; Qt's own tells nothing where the pointer of a test before stood."""
    none = Qt.MouseButton.NoButton
    there = QPointF(widget.mapToGlobal(place))
    kind, keys = QEvent.Type.MouseMove, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(widget, QMouseEvent(kind, QPointF(place), there, none, none, keys))


def test_a_double_click_on_a_chip_opens_no_run(rig, qtbot):
    place = chip_place(rig, row_with_tags(rig, 1))
    click(rig, qtbot, place)

    with qtbot.assertNotEmitted(rig.table.run_activated):
        qtbot.mouseDClick(rig.table.viewport(), LEFT, pos=place)
