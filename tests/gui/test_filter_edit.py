from __future__ import annotations

import sys
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPushButton, QVBoxLayout, QWidget

from core.directories import Directories
from core.errors import QueryError
from core.index.filters import Filters
from core.jobs import JobQueue
from gui.job_bridge import JobBridge
from gui.services import Services
from gui.table.filter_history import FilterHistory
from gui.theme import Theme
from gui.views.filter.filter_edit import APPLY_MS, FilterEdit
from gui.views.filter.filter_help import EXAMPLES
from gui.views.filter.filter_paint import paints_of
from tests.support.patience import PATIENCE
from tests.support.run_tables import NOW, make_columns

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # popups, offscreen

Key, Held = Qt.Key, Qt.KeyboardModifier


@pytest.fixture
def box(qtbot, tmp_path):
    """A filter box over thirty runs in a window, with the focus and all names counted."""
    queue = JobQueue()
    theme = Theme("light")
    directories = Directories(config=tmp_path, cache=tmp_path, state=tmp_path)
    services = Services(bridge=JobBridge(queue), theme=theme, directories=directories)
    window = QWidget()
    qtbot.addWidget(window)
    edit = FilterEdit(make_columns(30), services, clock=lambda: NOW)
    layout = QVBoxLayout(window)
    layout.addWidget(edit)
    layout.addWidget(QPushButton("Elsewhere"))
    window.resize(700, 300)
    window.show()
    window.activateWindow()
    edit.start_typing()
    qtbot.waitUntil(lambda: edit.field.hasFocus())
    qtbot.waitUntil(lambda: bool(edit.completer.words.flags))
    told = []
    edit.filters_changed.connect(told.append)
    yield SimpleNamespace(edit=edit, field=edit.field, told=told, theme=theme, window=window)
    edit.completer.hide()
    window.close()
    queue.close(PATIENCE)


def type_text(box, text):
    QTest.keyClicks(box.field, text)


def press(box, key, held=Held.NoModifier):
    QTest.keyClick(box.field, key, held)


def offered(box):
    popup = box.edit.completer.popup
    return [s.text for s in popup.suggestions()] if popup.isVisible() else []


def wave_of(box):
    """The piece of the text that is underlined."""
    edit = box.edit
    paints = paints_of(edit.text(), edit.error(), edit.completer.words, box.theme)
    return [edit.text()[p.start : p.end] for p in paints if p.wave is not None]


def waves_drawn(box):
    """The pieces of the text that the box underlines now."""
    return [box.field.text()[p.start : p.end] for p in box.field.paints if p.wave is not None]


def test_the_box_is_found_by_its_name_and_explains_itself(box):
    assert isinstance(box.window.findChild(QLineEdit, "filterEdit"), QLineEdit)
    assert box.field.accessibleName() == "Filter"
    assert "expression" in box.field.accessibleDescription()


def test_words_and_expressions_are_applied_a_moment_after_typing(box, qtbot):
    type_text(box, "baseline")
    assert box.told == []

    qtbot.waitUntil(lambda: box.told == [Filters(text="baseline")])

    box.field.selectAll()
    type_text(box, "lr = 0.1")
    qtbot.waitUntil(lambda: box.told[-1] == Filters(expression="lr = 0.1"))


def test_enter_applies_at_once_and_remembers(box):
    remembered = []
    box.edit.remembered.connect(lambda: remembered.append(True))
    type_text(box, "lr = 0.1")

    press(box, Key.Key_Return)

    assert box.told == [Filters(expression="lr = 0.1")]
    assert box.edit.history.texts == ("lr = 0.1",)
    assert remembered


def test_a_bad_expression_is_underlined_explained_and_not_applied(box, qtbot):
    type_text(box, "lr < < 3")

    qtbot.waitUntil(lambda: box.edit.problem_text() != "")

    assert "missing" in box.edit.problem_text()
    assert wave_of(box) == ["<"]
    assert box.told == []
    assert box.edit.problem_text() == box.field.accessibleDescription()


def test_the_explanation_goes_with_the_next_letter(box, qtbot):
    type_text(box, "lr < < 3")
    qtbot.waitUntil(lambda: box.edit.problem_text() != "")

    press(box, Key.Key_Backspace)

    assert box.edit.problem_text() == ""


def test_an_expression_that_only_lacks_its_end_is_left_in_peace_for_a_moment(box, qtbot):
    type_text(box, "lr <")
    qtbot.waitUntil(lambda: box.edit.error() is not None)

    assert box.edit.problem_text() == ""

    qtbot.waitUntil(lambda: box.edit.problem_text() != "")
    assert wave_of(box) == ["<"]


def test_enter_does_not_wait_to_explain_and_remembers_nothing_bad(box):
    type_text(box, "lr <")

    press(box, Key.Key_Return)

    assert box.edit.problem_text() != ""
    assert box.edit.history.texts == ()


def test_an_expression_that_is_too_long_is_not_cut_and_applied(box, qtbot):
    box.edit.field.setText("loss < 1 or " * 10_000)

    box.edit.apply_now()

    qtbot.waitUntil(lambda: box.edit.problem_text() == "The expression is too long.")
    assert box.told == []


def test_what_turns_out_wrong_later_is_shown_too(box):
    box.edit.set_text("started after 2-30")

    box.edit.show_error(QueryError("There is no such day.", position=14, length=4))

    assert box.edit.problem_text() == "There is no such day."
    assert wave_of(box) == ["2-30"]


def test_a_text_that_is_put_in_is_not_announced(box, qtbot):
    box.edit.set_text("lr = 0.1")
    box.edit.apply_now()

    assert box.told == []
    assert box.edit.text() == "lr = 0.1"


def test_escape_clears_and_then_goes_to_the_table(box):
    asked = []
    box.edit.table_requested.connect(lambda: asked.append(True))
    box.edit.set_text("lr = 0.1")

    press(box, Key.Key_Escape)
    assert (box.edit.text(), box.told, asked) == ("", [Filters()], [])

    press(box, Key.Key_Escape)
    assert asked == [True]


def test_the_clear_button_is_there_only_with_a_text(box):
    clear = next(a for a in box.field.actions() if a.objectName() == "filterClear")
    assert not clear.isVisible()

    box.edit.set_text("lr = 0.1")
    assert clear.isVisible()
    clear.trigger()

    assert box.edit.text() == ""
    assert box.told == [Filters()]


def test_down_goes_to_the_table(box, qtbot):
    with qtbot.waitSignal(box.edit.table_requested):
        press(box, Key.Key_Down)


def test_up_and_down_step_through_the_history(box):
    box.edit.history.restore(["lr = 0.1", "opt = sgd"])
    type_text(box, "acc")

    press(box, Key.Key_Up)
    assert box.told[-1] == Filters(expression="lr = 0.1")
    press(box, Key.Key_Up)
    press(box, Key.Key_Up)
    assert box.edit.text() == "opt = sgd"
    press(box, Key.Key_Down)
    press(box, Key.Key_Down)
    assert box.edit.text() == "acc"


def test_names_are_completed_while_they_are_typed(box):
    type_text(box, "lo")
    assert offered(box)[0] == "loss"

    press(box, Key.Key_Tab)

    assert box.edit.text() == "loss "
    assert box.field.hasFocus()


def test_values_of_the_name_are_offered_behind_an_operator(box, qtbot):
    type_text(box, "opt = ")

    qtbot.waitUntil(lambda: set(offered(box)) == {"sgd", "adam"})

    press(box, Key.Key_Down)
    press(box, Key.Key_Return)
    assert box.edit.text() in ("opt = sgd", "opt = adam")
    qtbot.waitUntil(lambda: len(box.told) == 1)


def test_enter_takes_no_completion_that_was_not_chosen(box):
    type_text(box, "lo")
    assert offered(box)

    press(box, Key.Key_Return)

    assert box.told == [Filters(text="lo")]
    assert offered(box) == []


def test_the_end_of_a_name_is_no_question(box):
    type_text(box, "loss")

    assert offered(box) == []


def test_escape_only_closes_the_completions_while_there_are_any(box):
    type_text(box, "lo")
    assert offered(box)

    press(box, Key.Key_Escape)

    assert (offered(box), box.edit.text()) == ([], "lo")


def test_values_that_come_after_enter_are_not_offered_any_more(box, qtbot):
    type_text(box, "opt = s")

    press(box, Key.Key_Return)
    qtbot.waitUntil(lambda: not box.edit.completer.is_counting)

    assert offered(box) == []


def test_control_space_offers_every_name(box):
    press(box, Key.Key_Space, Held.ControlModifier)

    assert {"loss", "acc", "lr", "opt", "status", "started"} <= set(offered(box))


def test_the_list_of_completions_is_as_high_as_its_rows(box):
    popup = box.edit.completer.popup
    heights = {}
    for text in ("started last 3", "started last"):
        box.field.clear()
        type_text(box, text)
        heights[len(offered(box))] = popup.list.viewport().height()

    row = popup.list.sizeHintForRow(0)
    assert len(heights) == 2
    assert heights == {count: count * row for count in heights}


def test_the_list_shrinks_with_its_rows_while_it_is_open(box):
    popup = box.edit.completer.popup
    type_text(box, "started last")
    many, height = len(offered(box)), popup.height()

    type_text(box, " 3")

    assert 0 < len(offered(box)) < many
    assert popup.height() < height
    assert popup.list.y() <= 2


def test_time_ranges_are_offered_behind_started(box):
    type_text(box, "started last 3")

    assert offered(box)[0] == "last 30 days"
    press(box, Key.Key_Tab)
    assert box.edit.text() == "started last 30 days "


def test_completions_go_with_the_focus(box, qtbot):
    type_text(box, "lo")
    assert offered(box)

    box.window.findChild(QPushButton).setFocus()

    qtbot.waitUntil(lambda: offered(box) == [])


def test_help_is_one_key_away_and_its_examples_can_be_taken(box, qtbot):
    press(box, Key.Key_F1)
    card = next(c for c in box.edit.children() if c.objectName() == "filterHelp")
    qtbot.waitUntil(card.isVisible)
    example = card.examples[1]

    QTest.mouseClick(example, Qt.MouseButton.LeftButton)

    assert not card.isVisible()
    assert box.edit.text() == example.text()
    assert box.told == [Filters(expression=example.text())]


def test_every_example_of_the_help_is_understood(box):
    examples = [Filters.of_box(text) for text, _meaning in EXAMPLES]

    assert len(examples) >= 3
    for filters in examples:
        filters.validate()  # raises what is wrong
        assert filters != Filters()


def test_known_names_and_words_of_the_language_are_coloured(box):
    def colours(text):
        paints = paints_of(text, None, box.edit.completer.words, box.theme)
        return {text[p.start : p.end]: p.colour for p in paints}

    found = colours("lr < 3 and nonsense = 4")

    assert found["lr"] == box.theme.colour("accent")
    assert found["and"] == box.theme.colour("staged")
    assert found["nonsense"] == box.theme.colour("text")
    assert colours("only words") == {}


def test_colours_follow_the_theme_live_and_are_really_drawn(box):
    def has(colour):
        image = box.field.grab().toImage()
        wanted = QColor(colour)
        return any(
            all(abs(a - b) < 40 for a, b in zip(pixel, wanted.getRgb()[:3], strict=True))
            for y in range(0, image.height())
            for x in range(30, 200)
            for pixel in [image.pixelColor(x, y).getRgb()[:3]]
        )

    box.field.setStyleSheet("background: #808080; color: #808080; border: none")
    box.edit.set_text("lr < 3 and opt = sgd")
    light = box.theme.colour("accent")
    assert has(light)

    box.theme.force("dark")

    assert has(box.theme.colour("accent"))
    assert not has(light)


def test_typing_quickly_asks_once(box, qtbot):
    type_text(box, "lr = 0.01")

    with qtbot.waitSignal(box.edit.filters_changed, timeout=APPLY_MS * 20):
        pass

    assert box.told == [Filters(expression="lr = 0.01")]


def test_history_keeps_each_text_once_and_the_newest_first():
    history = FilterHistory(["b", "a", "b", " "])

    history.add("a ")

    assert history.texts == ("a", "b")
    assert history.older("a") == "b"
    assert history.older("b") is None
    assert history.newer() == "a"


@pytest.mark.skipif(sys.platform == "darwin", reason="letters are typed with Alt there")
def test_a_shortcut_that_can_do_nothing_now_types_nothing(box):
    type_text(box, "lr")
    QTest.keyClick(box.field, "2", Held.AltModifier)
    without = box.field.text()
    QTest.keyClick(box.field, "2", Held.NoModifier)

    assert without == "lr"
    assert box.field.text() == "lr2"


def test_a_word_that_tests_nothing_is_applied_underlined_and_explained(box, qtbot):
    type_text(box, "tag:keep and lr < 0.3")

    qtbot.waitUntil(lambda: box.edit.problem_text() != "")

    assert box.told == [Filters(expression="tag:keep and lr < 0.3")]
    assert "“tag:keep” alone tests nothing" in box.edit.problem_text()
    assert "Write “tags contains keep”." in box.edit.problem_text()
    assert box.field.accessibleDescription() == box.edit.problem_text()
    assert waves_drawn(box) == ["tag:keep"]


def test_a_hint_goes_with_the_keyboard_and_the_wave_stays(box, qtbot):
    type_text(box, "keep or lr < 0.3")
    press(box, Key.Key_Return)
    assert "“label contains keep” or “keep = true”" in box.edit.problem_text()

    box.window.findChild(QPushButton).setFocus()

    assert box.edit.problem_text() == ""
    assert waves_drawn(box) == ["keep"]


def test_a_hint_waits_until_the_completions_are_gone(box, qtbot):
    type_text(box, "lr < 0.3 and o")
    qtbot.waitUntil(lambda: waves_drawn(box) == ["o"])
    assert "opt" in offered(box)
    assert box.edit.problem_text() == ""

    press(box, Key.Key_Escape)

    assert "“o” alone tests nothing" in box.edit.problem_text()


def test_an_error_is_not_taken_away_as_a_hint_is(box, qtbot):
    type_text(box, "lr < < 3")
    qtbot.waitUntil(lambda: box.edit.problem_text() != "")

    box.window.findChild(QPushButton).setFocus()

    assert "missing" in box.edit.problem_text()


def test_a_kept_filter_with_a_word_that_tests_nothing_covers_nothing(box, qtbot):
    box.window.findChild(QPushButton).setFocus()
    box.edit.set_text("keep and lr < 0.3")

    qtbot.waitUntil(lambda: waves_drawn(box) == ["keep"])

    assert box.edit.problem_text() == ""
