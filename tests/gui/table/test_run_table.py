"""Keys, selection, copies, menus and marks of the run table."""

from __future__ import annotations

from itertools import product

import pytest
from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from core.index.arrange import SortKey
from core.index.changes import Changes
from core.samples.events import event_file
from gui.views.table.run_painter import ICON, PAD
from tests.support.patience import QT_PATIENCE_MS
from tests.support.run_tables import NOW, SECOND, click, current_row, make_columns, make_run, press

Key, Held = Qt.Key, Qt.KeyboardModifier


def test_arrows_pages_and_ends_move_the_current_run(rig):
    press(rig, Key.Key_Down)
    assert current_row(rig) == 1
    press(rig, Key.Key_End)
    assert current_row(rig) == 299
    press(rig, Key.Key_PageUp)
    assert 250 < current_row(rig) < 299
    press(rig, Key.Key_Home)
    assert current_row(rig) == 0
    assert rig.runs.selected_slots() == [0]


def test_shift_extends_and_ctrl_adds(rig):
    click(rig, 2)
    click(rig, 5, Held.ShiftModifier)
    click(rig, 8, Held.ControlModifier)
    assert rig.runs.selected_slots() == [2, 3, 4, 5, 8]

    click(rig, 1)
    press(rig, Key.Key_Down, Held.ShiftModifier)
    assert rig.runs.selected_slots() == [1, 2]


def test_ctrl_a_selects_all_runs_as_one_range(rig):
    press(rig, Key.Key_A, Held.ControlModifier)

    assert rig.runs.selection.count() == 300
    assert rig.runs.selection.row_ranges() == [(0, 299)]


@pytest.mark.parametrize("key", [Key.Key_Return, Key.Key_Enter, Key.Key_Space])
def test_enter_and_space_activate_the_current_run(rig, qtbot, key):
    press(rig, Key.Key_Down)

    with qtbot.waitSignal(rig.table.run_activated) as heard:
        press(rig, key)

    assert heard.args == [make_run(1).id]


@pytest.fixture
def pause_of_typing(qapp):
    """Milliseconds without a letter after which the next one begins another word, to be set."""
    hints = QGuiApplication.styleHints()
    before = hints.keyboardInputInterval()
    hints.setKeyboardInputInterval(QT_PATIENCE_MS)  # letters may come late
    yield hints.setKeyboardInputInterval
    hints.setKeyboardInputInterval(before)


def test_typing_jumps_to_a_label_an_operation_or_an_id(rig, pause_of_typing):
    QTest.keyClicks(rig.table, "fin")
    assert rig.text(current_row(rig), "label") == "final for the paper"

    pause_of_typing(0)
    QTest.keyClick(rig.table, "p")
    pause_of_typing(QT_PATIENCE_MS)
    QTest.keyClicks(rig.table, "rep")
    assert rig.text(current_row(rig), "operation") == "prepare"


def test_typing_finds_a_run_far_down_a_long_table(open_rig, pause_of_typing):
    columns = make_columns(6_000)
    columns.put(make_run(5_900, label="zebra crossing"))
    rig = open_rig(columns)
    rig.table.setFocus()

    QTest.keyClicks(rig.table, "zebra c")
    rig.wait_until(lambda: current_row(rig) == 5_900)

    assert rig.runs.current_ref().id == make_run(5_900).id


def test_left_and_right_go_through_the_columns(rig):
    rig.table.resize(500, 600)
    bar = rig.table.horizontalScrollBar()
    for _ in rig.table.column_keys():
        press(rig, Key.Key_Right)
    assert bar.value() == bar.maximum()
    for _ in rig.table.column_keys():
        press(rig, Key.Key_Left)
    assert bar.value() == 0


def test_the_keyboard_stays_in_its_column_when_the_order_changes(rig):
    column = rig.table.column_keys().index("duration")
    rig.table.setCurrentIndex(rig.runs.model.index(2, column))

    rig.runs.show(sort=(SortKey("duration", descending=False),))

    rig.wait_until(lambda: rig.table.currentIndex().row() != 2)
    assert rig.table.currentIndex().column() == column


def test_copied_rows_have_headings_and_every_digit(rig):
    rig.table.show_columns(["label", "scalar:last:loss", "flag:lr", "tags", "started"])
    rig.settle()
    rig.runs.select_ids([make_run(1).id, make_run(2).id])

    rig.table.copy_rows()

    lines = QGuiApplication.clipboard().text().splitlines()
    assert lines[0].split("\t") == ["Label", "loss", "lr", "Tags", "Started"]
    label, loss, _, tags, started = lines[1].split("\t")
    assert (label, tags) == ("warm restart", "paper")
    assert float(loss) == make_run(1).scalars["loss"].last
    assert started[10] == "T"
    assert len(lines) == 3


def test_many_rows_are_copied_on_a_worker(open_rig):
    rig = open_rig(make_columns(2_500))
    QGuiApplication.clipboard().setText("before")
    rig.table.selectAll()

    rig.table.copy_rows()
    rig.wait_until(lambda: QGuiApplication.clipboard().text() != "before")

    assert QGuiApplication.clipboard().text().count("\n") == 2_501


def test_ids_and_paths_are_copied_in_the_order_of_the_table(rig):
    rig.runs.select_ids([make_run(2).id, make_run(1).id])

    rig.table.copy_ids()
    ids = QGuiApplication.clipboard().text()
    rig.table.copy_paths()
    paths = QGuiApplication.clipboard().text()

    assert ids.split() == [make_run(1).id, make_run(2).id]
    assert [path.rsplit("/", 1)[1] for path in paths.split()] == ids.split()


def test_a_right_click_keeps_the_selection_and_asks_for_the_menu(rig, qtbot):
    rig.runs.select_ids([make_run(n).id for n in (1, 2, 3)])
    place = rig.table.visualRect(rig.runs.model.index(2, 0)).center()

    with qtbot.waitSignal(rig.table.context_requested) as heard:
        QTest.mousePress(rig.table.viewport(), Qt.MouseButton.RightButton, Held.NoModifier, place)
        event = QContextMenuEvent(
            QContextMenuEvent.Reason.Mouse, place, rig.table.viewport().mapToGlobal(place)
        )
        QApplication.sendEvent(rig.table.viewport(), event)

    assert rig.table.viewport().mapFromGlobal(heard.args[0]) == place
    assert rig.runs.selected_slots() == [1, 2, 3]


def test_the_menu_key_asks_for_the_menu_at_the_current_run(rig, qtbot):
    event = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(0, 0), QPoint(0, 0))

    with qtbot.waitSignal(rig.table.context_requested) as heard:
        QApplication.sendEvent(rig.table.viewport(), event)

    y = rig.table.viewport().mapFromGlobal(heard.args[0]).y()
    assert rig.table.rowAt(y - 1) == 0


def test_curves_of_the_rows_on_screen_are_read(open_rig, tmp_path):
    columns = make_columns(0)
    for number in range(3):
        columns.put(make_run(number))
        run_dir = tmp_path / "home" / "runs" / make_run(number).id
        run_dir.mkdir(parents=True)
        content = event_file({"loss": [1.0 / (step + 1) for step in range(100)]})
        (run_dir / "events.out.tfevents.1.host").write_bytes(content)
    rig = open_rig(columns)
    rig.table.show_columns(["label", "spark:loss"])
    rig.settle()
    rig.wait_until(lambda: rig.runs.model.missing_curves() == [])

    curve = rig.runs.model.curve(1, 0)

    assert len(curve) == 40
    assert (curve[0], curve[-1]) == (1.0, 0.0)


def test_an_empty_table_says_what_to_do(open_rig):
    rig = open_rig(make_columns(0))
    blank = rig.table.grab().toImage()

    rig.table.show_empty_text("No runs yet", "Start one with guild run.")
    told = rig.table.grab().toImage()

    assert told != blank


def test_every_row_has_the_same_height_and_nothing_is_resized_to_contents(rig):
    table = rig.table
    assert {table.rowHeight(row) for row in (0, 100, 299)} == {table.rowHeight(0)}
    assert not table.wordWrap()
    modes = {table.horizontalHeader().sectionResizeMode(n) for n in range(3)}
    assert modes == {table.horizontalHeader().ResizeMode.Interactive}


def test_a_table_of_100000_runs_answers_at_once(open_rig):
    columns = make_columns(0)
    run = make_run(1)
    for number in range(100_000):
        columns.put(replace(run, id=f"{number:032x}", started=NOW - number))
    rig = open_rig(columns)
    rig.runs.select_ids([f"{n:032x}" for n in (5, 99_999)])

    rig.runs.show(sort=[SortKey("started")])
    rig.settle()

    assert rig.shown_ids()[0] == f"{99_999:032x}"
    assert rig.selected_ids() == [f"{5:032x}", f"{99_999:032x}"]
    rig.table.selectAll()
    assert rig.runs.selection.count() == 100_000


def test_leaving_the_table_ends_the_hover(rig):
    QApplication.sendEvent(rig.table.viewport(), QEvent(QEvent.Type.Leave))

    assert rig.table.viewport().hasMouseTracking()


def has_dot(rig, row):
    """Whether the mark of a new run is drawn before a row."""
    area = rig.table.visualRect(rig.runs.model.index(row, 0))
    image = rig.table.viewport().grab(QRect(0, area.top(), 8, area.height())).toImage()
    accent = rig.services.theme.colour("accent")
    middle = range(image.height() // 2 - 2, image.height() // 2 + 2)
    return any(image.pixelColor(x, y) == accent for x in range(image.width()) for y in middle)


def test_a_run_that_came_is_marked_until_it_was_looked_at(rig, monkeypatch):
    monkeypatch.setattr(rig.table, "isActiveWindow", lambda: False)
    slot = rig.columns.put(make_run(900, started=NOW + SECOND, initialized=NOW + SECOND))
    rig.runs.on_changes(Changes(added=(slot,)))
    rig.table.news.add([slot])
    rig.settle()
    assert rig.runs.model.row_of(slot) == 0
    assert has_dot(rig, 0)
    assert not has_dot(rig, 2)

    monkeypatch.setattr(rig.table, "isActiveWindow", lambda: True)
    rig.table.news._timer.setInterval(20)
    rig.table.news.look()

    rig.wait_until(lambda: slot not in rig.table.news)
    assert not has_dot(rig, 0)


def test_a_new_run_that_is_not_on_screen_stays_new(rig, monkeypatch, qtbot):
    monkeypatch.setattr(rig.table, "isActiveWindow", lambda: True)
    rig.table.news._timer.setInterval(10)
    shown, hidden = rig.runs.model.order[0], rig.runs.model.order[-1]

    rig.table.news.add([shown, hidden])

    rig.wait_until(lambda: shown not in rig.table.news)
    assert hidden in rig.table.news
    rig.table.verticalScrollBar().setValue(rig.table.verticalScrollBar().maximum())
    rig.wait_until(lambda: hidden not in rig.table.news)


def test_a_run_with_a_problem_shows_a_sign_beside_its_status(open_rig):
    columns = make_columns(3, status="completed")
    slot = columns.put(make_run(1, status="completed", problem="Its label is no text."))
    rig = open_rig(columns)
    section = rig.table.column_keys().index("status")

    def has_amber(shown: int) -> bool:
        row = rig.runs.model.row_of(shown)
        area = rig.table.visualRect(rig.runs.model.index(row, section))
        image = rig.table.viewport().grab(area).toImage()
        places = product(range(image.width()), range(image.height()))
        colours = (image.pixelColor(x, y) for x, y in places)
        return any(colour.red() - colour.blue() > 80 for colour in colours)

    assert has_amber(slot)
    assert not has_amber(next(other for other in rig.runs.model.order if other != slot))


def test_the_star_of_a_marked_run_stands_beside_its_label(open_rig):
    columns = make_columns(3, label="a label that is far too long for its column " * 4)
    rig = open_rig(columns)
    section = rig.table.column_keys().index("label")
    painter, model = rig.table._painter, rig.runs.model
    marked = next(slot for slot in model.order if model.texts.is_marked(slot))
    other = next(slot for slot in model.order if not model.texts.is_marked(slot))
    text = model.texts.text(section, marked)

    with_star = painter._fit_label(section, marked, text, 150)[1]

    assert with_star <= 150 - 2 * PAD - ICON
    assert with_star < painter._fit_label(section, other, text, 150)[1]


@pytest.mark.parametrize(
    ("key", "row"), [(Key.Key_Down, 0), (Key.Key_Up, 0), (Key.Key_Home, 0), (Key.Key_End, 299)]
)
def test_the_first_key_selects_a_run_where_none_is_selected(open_rig, key, row):
    rig = open_rig(make_columns(300))
    rig.table.setFocus()
    assert rig.selected_ids() == []

    press(rig, key)

    assert rig.selected_ids() == [rig.shown_ids()[row]]
    assert current_row(rig) == row
