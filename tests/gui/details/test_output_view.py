"""Tests of the output tab and the view in it."""

from __future__ import annotations

import os
import struct

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication, QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from core.ansi import Style
from core.runs.output import OutputReader, TextPosition
from core.runs.output_matchers import Needle
from core.runs.output_search import OutputSearch, SearchState
from gui.theme import Theme
from gui.views.details.output_tab import OutputTab
from gui.views.output import output_feed
from gui.views.output.output_colours import CONTRAST, OutputColours, contrast
from gui.views.output.output_find import OutputFind
from gui.views.output.output_find_bar import count_text
from gui.views.output.output_layout import LineLayout, word_at
from tests.support.runs import make_run
from tests.support.tabs import ref

NOW = 1_700_000_000_000
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def tab(services, show_in_window):
    tab = OutputTab(services)
    show_in_window(tab, 700, 400)
    yield tab
    tab.show_run(None)


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "runs", attrs={"exit_status": "0"})


def write(run, data, streams=()):
    (run / ".guild" / "output").write_bytes(data)
    records = (struct.pack(">QB", NOW + 500 * i, stream) for i, stream in enumerate(streams))
    (run / ".guild" / "output.index").write_bytes(b"".join(records))


def append(run, data):
    with (run / ".guild" / "output").open("ab") as file:
        file.write(data)


def numbered(count):
    return b"".join(b"line %d\n" % i for i in range(count))


@pytest.fixture
def show(tab, run, qtbot):
    """Shows the run with some output and waits until its lines are there and counted."""

    def show(data, streams=()):
        write(run, data, streams)
        tab.show_run(ref(run))
        qtbot.waitUntil(lambda: is_settled(tab))
        return tab.view

    return show


def is_settled(tab):
    state = tab.feed.state
    has_lines = bool(tab.view.rows.window.lines) and not tab.feed.is_reading
    return state.size > 0 and state.is_counted and has_lines


def texts_on_screen(view):
    return [row.line.text for row in view.rows.visible()][: view.rows.height]


def clipboard():
    return QGuiApplication.clipboard().text()


def press(view, key, modifiers=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(view, key, modifiers)


def copy(view, qtbot, expected):
    QGuiApplication.clipboard().setText("-")
    press(view, Qt.Key.Key_C, CTRL)
    qtbot.waitUntil(lambda: clipboard() == expected)


def test_a_finished_run_is_shown_from_its_beginning(tab, show):
    view = show(numbered(1000))

    assert texts_on_screen(view)[:2] == ["line 0", "line 1"]
    assert tab.bar.status.text() == "1,000 lines · 8.9 KB"
    assert not view.is_following
    assert view.objectName() == "outputView"
    assert view.accessibleName()


def test_a_failed_run_is_shown_from_its_end_where_it_says_why(tab, run, show, qtbot):
    (run / ".guild" / "attrs" / "exit_status").write_text("1")

    view = show(numbered(5000))

    qtbot.waitUntil(lambda: texts_on_screen(view)[-1:] == ["line 4999"])
    assert not view.is_following
    press(view, Qt.Key.Key_Home)
    qtbot.waitUntil(lambda: texts_on_screen(view)[:1] == ["line 0"])


def test_what_can_be_done_with_output_is_off_where_there_is_none(tab, run, qtbot):
    tab.show_run(ref(run))
    qtbot.waitUntil(lambda: "no output" in tab.message.text())

    assert not tab.bar.isEnabled()

    write(run, numbered(3))
    tab.feed.look()
    qtbot.waitUntil(lambda: tab.bar.isEnabled())


def test_a_running_run_is_shown_from_its_end_and_followed(tab, run, show, qtbot):
    lock = run / ".guild" / "LOCK"
    (run / ".guild" / "attrs" / "exit_status").unlink()
    lock.write_text(str(os.getpid()))

    view = show(numbered(1000))
    qtbot.waitUntil(lambda: texts_on_screen(view)[-1:] == ["line 999"])
    assert view.is_following
    append(run, b"line 1000\nline 1001\n")

    qtbot.waitUntil(lambda: texts_on_screen(view)[-1] == "line 1001")
    qtbot.waitUntil(lambda: tab.bar.status.text().startswith("1,002 lines"))


def test_lines_that_arrive_late_do_not_end_following(tab, run, show, qtbot):
    view = show(numbered(1000))
    press(view, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: texts_on_screen(view)[-1] == "line 999")
    late = tab.feed.reader.last(tab.feed.lines, lambda: None)
    append(run, b"the last\n")
    qtbot.waitUntil(lambda: texts_on_screen(view)[-1] == "the last")

    tab.feed.window_read.emit(late)  # as a job of another lane does that began before

    qtbot.waitUntil(lambda: view.rows.is_at_end and texts_on_screen(view)[-1] == "the last")
    assert view.is_following


def test_scrolling_up_ends_following_and_going_to_the_end_begins_it(tab, run, show, qtbot):
    view = show(numbered(1000))

    press(view, Qt.Key.Key_End)
    qtbot.waitUntil(lambda: texts_on_screen(view)[-1] == "line 999")
    assert tab.bar.follow.isChecked()
    press(view, Qt.Key.Key_PageUp)
    assert not tab.bar.follow.isChecked()
    before = texts_on_screen(view)
    append(run, b"more\n")
    qtbot.waitUntil(lambda: tab.feed.state.lines == 1001)

    assert texts_on_screen(view) == before
    tab.bar.follow.setChecked(True)
    qtbot.waitUntil(lambda: texts_on_screen(view)[-1] == "more")


def test_scrolling_through_reads_what_is_needed(show, qtbot):
    view = show(numbered(5000))
    bar = view.verticalScrollBar()

    bar.setSliderPosition(bar.maximum() // 2)
    qtbot.waitUntil(lambda: "line 2" in texts_on_screen(view)[0])
    press(view, Qt.Key.Key_PageDown)
    middle = texts_on_screen(view)
    bar.setSliderPosition(bar.maximum())
    qtbot.waitUntil(lambda: texts_on_screen(view)[-1] == "line 4999")

    numbers = [int(text.split()[1]) for text in middle]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert bar.value() == bar.maximum()
    assert len(view.rows.window.lines) < 500


def test_a_restarted_run_is_read_anew(run, show, qtbot):
    view = show(numbered(1000))
    view.select_all()

    write(run, b"second attempt\n")

    qtbot.waitUntil(lambda: texts_on_screen(view) == ["second attempt"])
    assert view.selection is None


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (lambda run: None, "There is no output of run aaaaaaaa."),
        (lambda run: write(run, b""), "Run aaaaaaaa has written no output yet."),
        (
            lambda run: (run / ".guild" / "output").mkdir(),
            "The output of run aaaaaaaa cannot be read: it is a directory.",
        ),
    ],
)
def test_what_cannot_be_shown_is_said_in_one_sentence(tab, run, qtbot, spoil, sentence):
    spoil(run)
    tab.show_run(ref(run))

    qtbot.waitUntil(lambda: tab.message.text() == sentence)
    assert tab.message.isVisible()


def test_output_that_comes_late_replaces_the_sentence(tab, run, qtbot):
    tab.show_run(ref(run))
    qtbot.waitUntil(lambda: tab.message.text() != "")

    write(run, b"first words\n")

    qtbot.waitUntil(lambda: texts_on_screen(tab.view) == ["first words"])
    assert tab.view.isVisible()


def test_a_large_file_is_on_screen_before_it_is_counted(tab, run, qtbot):
    with (run / ".guild" / "output").open("wb") as file:
        file.write(numbered(1000))
        file.truncate(200_000_000)
        file.seek(0, os.SEEK_END)
        file.write(b"\nthe last line\n")
    tab.show_run(ref(run))
    qtbot.waitUntil(lambda: texts_on_screen(tab.view)[:1] == ["line 0"])

    press(tab.view, Qt.Key.Key_End)

    qtbot.waitUntil(lambda: texts_on_screen(tab.view)[-1] == "the last line")
    qtbot.waitUntil(lambda: tab.feed.state.is_counted)
    assert tab.feed.state.lines == 1002


def drag(view, point):
    """Move with the left button held: QTest would move the real pointer, which is not ours."""
    left = Qt.MouseButton.LeftButton
    place = QPointF(point)
    far = QPointF(view.viewport().mapToGlobal(point))
    moved = QMouseEvent(
        QEvent.Type.MouseMove, place, far, Qt.MouseButton.NoButton, left, Qt.KeyboardModifier(0)
    )
    QGuiApplication.sendEvent(view.viewport(), moved)


def test_text_is_selected_with_the_mouse(show, qtbot):
    view = show(b"alpha beta\ngamma lr=0.01 delta\nepsilon\n")
    painter = view.painter
    margin = view.painter.margin(view.look)

    def at(row, column):
        x = margin + column * painter.cell
        return QPoint(round(x), row * painter.row_height + painter.row_height // 2)

    left = Qt.MouseButton.LeftButton
    QTest.mousePress(view.viewport(), left, pos=at(0, 6))
    drag(view, at(1, 3))
    drag(view, at(1, 5))
    QTest.mouseRelease(view.viewport(), left, pos=at(1, 5))
    copy(view, qtbot, "beta\ngamma")
    QTest.mouseDClick(view.viewport(), left, pos=at(1, 10))
    copy(view, qtbot, "0.01")
    QTest.mouseClick(view.viewport(), left, pos=at(1, 10))
    copy(view, qtbot, "gamma lr=0.01 delta")


def test_text_is_selected_with_the_keyboard(show, qtbot):
    view = show(b"alpha\nbeta\ngamma\n")
    press(view, Qt.Key.Key_Right)

    press(view, Qt.Key.Key_Down, SHIFT)
    copy(view, qtbot, "lpha\nb")
    press(view, Qt.Key.Key_End, SHIFT)
    copy(view, qtbot, "lpha\nbeta")
    press(view, Qt.Key.Key_End, SHIFT | CTRL)
    copy(view, qtbot, "lpha\nbeta\ngamma")
    press(view, Qt.Key.Key_A, CTRL)
    copy(view, qtbot, "alpha\nbeta\ngamma")


def test_all_of_a_long_output_is_copied_and_a_huge_one_in_part(tab, show, qtbot, monkeypatch):
    data = numbered(20_000)
    view = show(data)
    press(view, Qt.Key.Key_A, CTRL)

    copy(view, qtbot, data.decode().removesuffix("\n"))
    monkeypatch.setattr(output_feed, "COPY_LIMIT", 10)
    copy(view, qtbot, "line 0\nlin")

    assert "rest is too large" in tab.bar.status.text()


def test_keys_and_wheel_do_nothing_before_there_is_output(tab, run, qtbot):
    tab.show_run(ref(run))
    qtbot.waitUntil(lambda: tab.message.text() != "")
    keys = (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Left, Qt.Key.Key_PageDown, Qt.Key.Key_End)

    for key in (*keys, Qt.Key.Key_Home, Qt.Key.Key_Space):
        press(tab.view, key)
        press(tab.view, key, SHIFT)
    tab.view.scroll_rows(3)

    assert tab.view.current_line_text() == ""


def test_the_caret_moves_by_letters_and_rows(show):
    view = show(b"one\ntwo words\n")

    for key in (Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Right):
        press(view, key)
    assert view.caret == TextPosition(4, 2)
    for _ in range(3):
        press(view, Qt.Key.Key_Left)
    assert view.caret == TextPosition(0, 3)
    press(view, Qt.Key.Key_Home)

    assert view.caret == TextPosition(0, 0)


def test_the_caret_line_is_told_to_screen_readers(show):
    view = show(b"one\ntwo\n", streams=(0, 1))

    press(view, Qt.Key.Key_Down)

    assert view.accessibleDescription() == "line 2, stderr: two"


def find(tab, qtbot, text):
    tab.view.setFocus()
    press(tab.view, Qt.Key.Key_F, CTRL)
    assert tab.find_bar.isVisible()
    tab.find_bar.edit.setText(text)
    qtbot.waitUntil(lambda: tab.search.state is not None and tab.search.state.is_complete)


def test_a_search_counts_and_goes_around(tab, show, qtbot):
    view = show(numbered(3000))
    find(tab, qtbot, "line 2999")
    qtbot.waitUntil(lambda: tab.find_bar.count.text() == "1 of 1")
    qtbot.waitUntil(lambda: "line 2999" in texts_on_screen(view))

    tab.find_bar.edit.setText("line 1")
    qtbot.waitUntil(lambda: tab.find_bar.count.text() == "1 of 1,111")
    QTest.keyClick(tab.find_bar.edit, Qt.Key.Key_F3)
    qtbot.waitUntil(lambda: tab.find_bar.count.text() == "2 of 1,111")
    QTest.keyClick(tab.find_bar.edit, Qt.Key.Key_F3, SHIFT)
    qtbot.waitUntil(lambda: tab.find_bar.count.text() == "1 of 1,111")
    QTest.keyClick(tab.find_bar.edit, Qt.Key.Key_F3, SHIFT)
    qtbot.waitUntil(lambda: tab.find_bar.count.text() == "1,111 of 1,111")
    qtbot.waitUntil(lambda: "line 1999" in texts_on_screen(view))

    qtbot.waitUntil(lambda: bool(view.look.marks))
    press(tab.find_bar.edit, Qt.Key.Key_Escape)
    assert not tab.find_bar.isVisible()
    assert not view.look.marks


def test_a_search_minds_case_and_expressions_if_asked_to(tab, show, qtbot):
    show(b"Loss 1\nloss 22\nlast 333\n")
    find(tab, qtbot, "loss")
    qtbot.waitUntil(lambda: tab.find_bar.count.text() == "1 of 2")

    tab.find_bar.case.click()
    qtbot.waitUntil(lambda: tab.find_bar.count.text() == "1 of 1")
    tab.find_bar.regex.click()
    tab.find_bar.edit.setText(r"\d\d+$")
    qtbot.waitUntil(lambda: tab.find_bar.count.text().endswith("of 2"))
    tab.find_bar.edit.setText("(")
    qtbot.waitUntil(lambda: tab.find_bar.problem.isVisible())

    assert "error" in tab.find_bar.problem.text()
    tab.find_bar.edit.setText("nowhere")
    qtbot.waitUntil(lambda: tab.find_bar.count.text() == "no match")


def test_a_match_below_is_gone_to_while_what_is_above_is_still_counted(services, qtbot, tmp_path):
    lines = numbered(90_000)  # several pages, none of which is looked through
    run = make_run(tmp_path, files={".guild/output": lines})
    find = OutputFind(services.bridge, services.bridge)
    find._search = OutputSearch(OutputReader(run), Needle("line 89990"))
    find.state = SearchState(0, 0, 0, len(lines))

    with qtbot.waitSignal(find.match_found) as found:
        find.go(TextPosition(lines.index(b"line 80000"), 0), forward=True)

    assert found.args[0].begin == TextPosition(lines.index(b"line 89990"), 0)
    find.extend()
    qtbot.waitUntil(lambda: count_text(find) == "1 of 1", timeout=10_000)
    find.stop()


def test_a_search_goes_on_as_the_output_grows(tab, run, show, qtbot):
    show(b"one needle\n")
    find(tab, qtbot, "needle")

    append(run, b"another needle\n")

    qtbot.waitUntil(lambda: tab.find_bar.count.text() == "1 of 2")


def test_stderr_is_gone_to_in_both_directions(tab, show, qtbot):
    streams = [int(i in (500, 501, 900)) for i in range(1000)]
    view = show(numbered(1000), streams=streams)

    press(view, Qt.Key.Key_F4)
    qtbot.waitUntil(lambda: "line 500" in texts_on_screen(view))
    press(view, Qt.Key.Key_F4)
    qtbot.waitUntil(lambda: "line 900" in texts_on_screen(view))
    press(view, Qt.Key.Key_F4)
    qtbot.waitUntil(lambda: "no further stderr" in tab.bar.status.text())
    press(view, Qt.Key.Key_F4, SHIFT)
    qtbot.waitUntil(lambda: "line 500" in texts_on_screen(view))


def test_wrapped_lines_take_the_rows_they_need(tab, show, qtbot):
    view = show(b"word " * 100 + b"\nshort\n")
    assert texts_on_screen(view)[1] == "short"

    tab.bar.wrap.setChecked(True)

    rows = view.rows.visible()
    assert rows[0].line is rows[1].line
    assert view.horizontalScrollBar().maximum() == 0
    assert texts_on_screen(view)[-1] == "short"


def test_numbers_and_times_stand_beside_the_text(tab, show):
    view = show(b"\x1b[31mred\x1b[0m\nerr\n", streams=(0, 1))
    margin = view.painter.margin(view.look)

    tab.bar.numbers.setChecked(True)
    with_numbers = view.painter.margin(view.look)
    tab.bar.times.actions()[1].trigger()
    with_times = view.painter.margin(view.look)
    tab.bar.times.actions()[2].trigger()
    picture = view.grab().toImage()

    assert margin < with_numbers < with_times < view.painter.margin(view.look)
    red = Theme("light").colour("error")
    row = view.painter.row_height
    assert picture.pixelColor(1, row // 2) != red
    assert picture.pixelColor(1, row + row // 2) == red


def test_a_hidden_tab_reads_nothing(tab, run, show, qtbot):
    show(b"one\n")
    tab.hide()
    append(run, b"two\n")
    assert not tab.feed._timer.isActive()

    tab.show()

    qtbot.waitUntil(lambda: tab.feed.state.lines == 2)


def test_another_run_replaces_the_output(tab, run, show, tmp_path, qtbot):
    show(b"of the first\n")
    other = make_run(tmp_path / "runs", "b" * 32)
    write(other, b"of the second\n")

    tab.show_run(ref(other))

    qtbot.waitUntil(lambda: texts_on_screen(tab.view) == ["of the second"])
    tab.show_run(None)
    assert not tab.view.rows.window.lines


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_can_be_read(qapp, scheme):
    colours = OutputColours(Theme(scheme))
    several = [None, *range(256), (0, 0, 0), (255, 255, 255), (128, 128, 128), (255, 255, 0)]
    styles = [Style(fg=fg) for fg in several] + [Style(fg=fg, bg=fg) for fg in several]
    styles += [Style(fg=fg, inverse=True) for fg in several] + [Style(faint=True)]

    for style in styles:
        letters, ground = colours.of(style, is_stderr=False)
        assert contrast(letters, ground or colours.ground) >= min(CONTRAST, 4.49), style


def test_the_theme_can_change_while_the_view_is_open(tab, show, services):
    view = show(b"text\n")

    services.theme.force("dark")

    assert view.painter.colours.ground == Theme("dark").colour("code")


def test_rows_break_at_spaces_and_within_long_words():
    assert LineLayout("aaa bbb ccc", 8).starts == [0, 8]
    assert LineLayout("a" * 20, 8).starts == [0, 8, 16]
    assert LineLayout("漢" * 6, 8).starts == [0, 4]
    assert LineLayout("", 8).starts == [0]


def test_wide_and_combining_characters_and_tabs_have_their_cells():
    layout = LineLayout("a\t漢e\u0301x", None)

    assert [layout.cell_of(column, 0) for column in range(7)] == [0, 1, 8, 10, 11, 11, 12]
    assert layout.column_at(8.9, 0) == 2
    assert layout.column_at(9.2, 0) == 3


def test_words_hold_together_what_belongs_together():
    assert word_at("lr=0.01 x", 4) == (3, 7)
    assert word_at("end. next", 1) == (0, 3)
    assert word_at("a  b", 1) == (1, 2)
    assert word_at("", 0) == (0, 0)


def test_places_are_ordered_by_line_and_column():
    assert TextPosition(1, 9) < TextPosition(2, 0) < TextPosition(2, 1)


def test_the_menu_names_the_keys_and_the_tab_alone_acts_on_them(tab):
    keys = {
        "output.find": "Ctrl+F",
        "output.next-stderr": "F4",
        "output.previous-stderr": "Shift+F4",
        "output.copy": "Ctrl+C",
        "output.select-all": "Ctrl+A",
    }
    menu = QMenu()
    tab.bar.fill_menu(menu)
    actions = {action.objectName(): action for action in menu.actions()}

    assert {name: actions[name].shortcut().toString() for name in keys} == keys
    assert {actions[name].shortcutContext() for name in keys} == {Qt.ShortcutContext.WidgetShortcut}


@pytest.mark.parametrize(("lines", "can_scroll"), [(3, False), (1000, True)])
def test_only_a_long_output_has_a_handle_to_scroll_with(tab, show, lines, can_scroll):
    show(numbered(lines))

    assert tab.view.verticalScrollBar().isEnabled() == can_scroll
