"""Editing from the overview: the label in its place, and the chips of tags."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QToolButton, QWidget

from gui.services import RunRef
from gui.theme import Theme
from gui.views.details.chip_row import ChipRow
from gui.views.details.label_heading import LabelHeading

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

LEFT = Qt.MouseButton.LeftButton


@pytest.fixture
def run(tmp_path):
    return RunRef("a" * 32, tmp_path / ("a" * 32))


@pytest.fixture
def heading(qtbot, run):
    window = QWidget()
    qtbot.addWidget(window)
    heading = LabelHeading(Theme("light"), window)
    heading.resize(400, 60)
    heading.text.show_text("old")
    heading.show_run(run, "old")
    window.resize(400, 200)
    window.show()
    window.activateWindow()
    yield heading
    window.close()


@pytest.fixture
def typed(heading):
    entries = []
    heading.label_typed.connect(entries.append)
    return entries


def button(heading, name):
    return heading.findChild(QToolButton, name)


def enter(heading, qtbot, text):
    qtbot.mouseClick(button(heading, "overviewEditLabel"), LEFT)
    qtbot.keyClicks(heading.line, text)
    qtbot.keyClick(heading.line, Qt.Key.Key_Return)


def test_the_pencil_puts_a_line_in_the_place_of_the_label(heading, qtbot):
    qtbot.mouseClick(button(heading, "overviewEditLabel"), LEFT)

    assert heading.line.isVisible()
    assert not heading.text.isVisible()
    assert heading.line.selectedText() == "old"


def test_enter_hands_over_what_was_typed(heading, typed, qtbot, run):
    enter(heading, qtbot, " new ")

    (entry,) = typed
    assert (entry.run, entry.text, entry.expected) == (run, "new", "old")
    assert heading.line.isReadOnly()
    assert entry.tell("")
    assert heading.text.isVisible()


def test_a_refusal_stays_under_the_line_with_what_was_typed(heading, typed, qtbot, run):
    enter(heading, qtbot, "mine")

    assert typed[0].tell("Its label is “theirs” now.")
    heading.show_run(run, "theirs")

    assert heading.problem() == "Its label is “theirs” now."
    assert heading.line.text() == "mine"
    qtbot.keyClick(heading.line, Qt.Key.Key_Return)
    assert typed[1].expected == "theirs"


def test_a_refusal_about_a_run_that_is_not_shown_any_more_is_not_shown(
    heading, typed, qtbot, tmp_path
):
    enter(heading, qtbot, "mine")
    heading.show_run(RunRef("b" * 32, tmp_path / "b"), "other")

    assert not typed[0].tell("Its label is “theirs” now.")

    assert heading.problem() == ""
    assert not heading.line.isVisible()


def test_escape_shows_the_label_again(heading, typed, qtbot):
    qtbot.mouseClick(button(heading, "overviewEditLabel"), LEFT)
    qtbot.keyClicks(heading.line, "x")

    qtbot.keyClick(heading.line, Qt.Key.Key_Escape)

    assert heading.text.isVisible()
    assert typed == []


def test_a_label_of_several_lines_is_for_the_dialog(heading, qtbot, run):
    heading.show_run(run, "two\nlines")

    with qtbot.waitSignal(heading.dialog_wanted):
        qtbot.mouseClick(button(heading, "overviewEditLabel"), LEFT)

    assert not heading.line.isVisible()


def test_the_tag_button_asks_for_the_tags(heading, qtbot):
    with qtbot.waitSignal(heading.tags_wanted):
        qtbot.mouseClick(button(heading, "overviewEditTags"), LEFT)


def test_a_deleted_run_cannot_be_edited(heading, run):
    heading.show_run(RunRef(run.id, run.path, deleted=True), "old")

    assert not button(heading, "overviewEditLabel").isVisible()
    assert not button(heading, "overviewEditTags").isVisible()
    heading.edit()
    assert not heading.line.isVisible()


@pytest.fixture
def chips(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    chips = ChipRow(Theme("light"), window)
    chips.resize(300, 60)
    chips.show_tags(["paper", "seed 2"], lead="★ marked")
    window.show()
    yield chips
    window.close()


def chip(chips, text):
    return next(label for label in chips.findChildren(QLabel) if label.text() == text)


def test_a_click_on_a_chip_names_its_tag(chips, qtbot):
    with qtbot.waitSignal(chips.tag_clicked) as caught:
        qtbot.mouseClick(chip(chips, "seed 2"), LEFT)

    assert caught.args == ["seed 2"]


def test_a_chip_that_is_no_tag_does_nothing(chips, qtbot):
    with qtbot.assertNotEmitted(chips.tag_clicked):
        qtbot.mouseClick(chip(chips, "★ marked"), LEFT)


def test_text_can_be_selected_in_a_chip_without_leaving(chips, qtbot):
    label = chip(chips, "paper")

    with qtbot.assertNotEmitted(chips.tag_clicked):
        qtbot.mousePress(label, LEFT, pos=QPoint(9, 8))
        qtbot.mouseMove(label, QPoint(label.width() - 9, 8))
        label.setSelection(0, 5)
        qtbot.mouseRelease(label, LEFT, pos=QPoint(label.width() - 9, 8))

    assert label.selectedText() == "paper"
