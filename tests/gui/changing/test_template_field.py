from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from gui.theme import Theme
from gui.views.previews.template_field import TemplateField

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def field(qtbot):
    field = TemplateField(Theme("light"))
    qtbot.addWidget(field)
    field.show_flags({"lr": 5, "learning": 2, "opt": 5})
    field.show()
    field.activateWindow()
    field.setFocus()
    qtbot.waitUntil(field.hasFocus)
    yield field
    field.close()


def offers(field):
    return [s.text for s in field.popup.suggestions()] if field.popup.isVisible() else []


def test_names_that_begin_with_what_was_typed_come_first(field, qtbot):
    qtbot.keyClicks(field, "${l")

    assert offers(field) == ["lr", "learning", "label", "default_label"]


def test_a_dollar_alone_offers_the_flags(field, qtbot):
    qtbot.keyClicks(field, "a $")
    assert offers(field)[:2] == ["lr", "opt"]

    qtbot.keyClick(field, Qt.Key.Key_Tab)

    assert field.text() == "a ${lr}"


def test_after_a_bar_filters_are_offered(field, qtbot):
    qtbot.keyClicks(field, "${opt|b")
    assert offers(field) == ["basename"]

    qtbot.keyClick(field, Qt.Key.Key_Down)
    qtbot.keyClick(field, Qt.Key.Key_Return)

    assert field.text() == "${opt|basename}"


def test_a_filter_with_an_argument_leaves_the_cursor_for_it(field, qtbot):
    qtbot.keyClicks(field, "${opt|d")
    qtbot.keyClick(field, Qt.Key.Key_Tab)

    assert field.text() == "${opt|default:"


def test_a_completion_within_a_reference_replaces_its_name(field, qtbot):
    field.setText("x ${} y")
    field.setCursorPosition(4)
    qtbot.keyClicks(field, "op")
    qtbot.keyClick(field, Qt.Key.Key_Tab)

    assert field.text() == "x ${opt} y"
    assert field.cursorPosition() == 8


def test_ctrl_space_begins_a_reference(field, qtbot):
    qtbot.keyClick(field, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)

    assert field.text() == "${"
    assert "lr" in offers(field)


def test_enter_with_no_completion_chosen_enters_the_text(field, qtbot):
    qtbot.keyClicks(field, "${l")

    with qtbot.waitSignal(field.entered):
        qtbot.keyClick(field, Qt.Key.Key_Return)


def test_escape_closes_the_completions_first(field, qtbot):
    qtbot.keyClicks(field, "${l")
    assert field.popup.isVisible()

    qtbot.keyClick(field, Qt.Key.Key_Escape)

    assert not field.popup.isVisible()
    assert field.text() == "${l"


def test_what_is_being_typed_is_no_mistake_yet(field, qtbot):
    qtbot.keyClicks(field, "${l")
    assert field.problem() is None

    qtbot.keyClick(field, Qt.Key.Key_Escape)

    assert "not closed" in field.problem().sentence


def test_where_templates_mean_nothing_nothing_is_checked_or_offered(field, qtbot):
    field.use_templates(on=False)

    qtbot.keyClicks(field, "${l")

    assert field.problem() is None
    assert offers(field) == []


def test_a_label_of_100_kb_is_taken_whole(field):
    text = "x" * 100_000

    field.setText(text)

    assert field.text() == text
