from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QVBoxLayout, QWidget

from gui.theme import Theme
from gui.views.undo_bar import GUARD_MS, BarText, UndoBar

# Offscreen there is no window manager to hear of size hints.
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

SHORT_MS = 60


@pytest.fixture
def area(qtbot) -> QWidget:
    area = QWidget()
    qtbot.addWidget(area)
    area.edit = QLineEdit()
    QVBoxLayout(area).addWidget(area.edit)
    area.resize(700, 300)
    area.show()
    qtbot.waitUntil(area.isActiveWindow)
    return area


@pytest.fixture
def bar(area, qapp) -> UndoBar:
    theme = Theme("light")
    theme.dress(qapp)
    return UndoBar(theme, area, area.edit.setFocus, stay_ms=SHORT_MS)


def test_it_says_what_was_done_and_goes_by_itself(bar, qtbot):
    bar.say(BarText("Moved 3 runs to the trash."))
    assert bar.isVisible()
    assert bar.sentence == "Moved 3 runs to the trash."

    qtbot.waitUntil(bar.isHidden)
    assert bar.sentence == ""


def test_what_was_not_done_stays(bar, qtbot):
    bar.say(BarText("2 refused.", is_lasting=True))

    qtbot.wait(SHORT_MS * 3)  # nothing may happen: there is no condition to wait for

    assert bar.isVisible()


def test_it_stays_while_the_keyboard_is_in_it(bar, area, qtbot):
    bar.say(BarText("Done.", [("Undo", lambda: None)]))
    bar.button("Undo").setFocus()
    qtbot.waitUntil(lambda: bar.button("Undo").hasFocus())

    qtbot.wait(SHORT_MS * 3)  # likewise
    assert bar.isVisible()

    area.edit.setFocus()
    qtbot.waitUntil(bar.isHidden)


def test_it_stays_while_the_pointer_is_on_it(bar, qtbot):
    bar.say(BarText("Done."))
    place = QPointF(5, 5)

    bar.enterEvent(QEnterEvent(place, place, place))
    qtbot.wait(SHORT_MS * 3)  # likewise
    assert bar.isVisible()

    bar.leaveEvent(QEvent(QEvent.Type.Leave))
    qtbot.waitUntil(bar.isHidden)


def test_a_button_acts_once_and_closes_it(bar, qtbot):
    pressed = []
    bar.say(BarText("Done.", [("Undo", lambda: pressed.append("undo"))]))

    qtbot.mouseClick(bar.button("Undo"), Qt.MouseButton.LeftButton)

    assert pressed == ["undo"]
    assert bar.isHidden()


def test_escape_closes_it_and_gives_the_keyboard_back(bar, area, qtbot):
    bar.say(BarText("Done.", [("Undo", lambda: None)]))
    bar.button("Undo").setFocus()

    qtbot.keyClick(bar.button("Undo"), Qt.Key.Key_Escape)

    assert bar.isHidden()
    assert area.edit.hasFocus()


def test_progress_can_be_cancelled_and_not_closed(bar, qtbot):
    pressed = []
    bar.show_progress("Moving 10,000 runs", 1, 10_000, lambda: pressed.append("cancel"))
    width = bar.width()
    bar.show_progress("Moving 10,000 runs", 9_999, 10_000, lambda: None)

    qtbot.keyClick(bar, Qt.Key.Key_Escape)

    assert bar.sentence == "Moving 10,000 runs… 9,999 of 10,000"
    assert bar.width() == width
    qtbot.mouseClick(bar.button("Cancel"), Qt.MouseButton.LeftButton)
    assert pressed == ["cancel"]


def test_a_click_meant_for_cancel_does_not_press_what_comes_in_its_place(bar, qtbot):
    pressed = []
    assert bar._guard.interval() == GUARD_MS
    bar._guard.setInterval(60_000)  # it is not over before the first click
    bar.show_progress("Moving 10,000 runs", 1, 10_000, lambda: pressed.append("cancel"))
    redo = BarText("Moved.", [("Redo", lambda: pressed.append("redo"))], is_lasting=True)

    bar.say(redo)
    qtbot.mouseClick(bar.button("Redo"), Qt.MouseButton.LeftButton)
    assert not pressed
    assert bar.button("Redo") is not None
    bar._guard.start(1)
    qtbot.waitUntil(lambda: not bar._guard.isActive())
    qtbot.mouseClick(bar.button("Redo"), Qt.MouseButton.LeftButton)

    assert pressed == ["redo"]


@pytest.mark.parametrize("width", [280, 420, 700])
def test_a_long_sentence_with_three_buttons_fits(bar, area, width):
    area.resize(width, 300)
    offers = [(text, lambda: None) for text in ("Undo", "Stop and Delete…", "Show")]
    long = "Moved 9,998 runs to the trash; 2 runs changed meanwhile and left: 7f3c21ab, 8a9b3c4d."

    bar.say(BarText(long, offers))

    assert area.rect().contains(bar.geometry())
    for text, _ in offers:
        button = bar.button(text)
        corner = button.mapTo(area, button.rect().bottomRight())
        assert area.rect().contains(corner)


def test_it_keeps_its_place_when_the_window_grows(bar, area, qtbot):
    bar.say(BarText("Done.", is_lasting=True))

    area.resize(900, 500)

    middle = bar.geometry().center().x()
    assert abs(middle - area.width() // 2) <= 2
    assert area.height() - bar.geometry().bottom() < 20


@pytest.mark.parametrize("width", [300, 420, 520, 700])
def test_every_line_of_a_long_sentence_is_shown_in_a_window_made_narrow(bar, area, qtbot, width):
    area.resize(900, 300)
    long = "Run 6541160d cannot be changed: its label was changed meanwhile, to 'from guild'."
    bar.say(BarText(long, is_lasting=True))

    area.resize(width, 300)

    text = bar.findChild(QLabel, "undoText")
    assert text.height() >= text.heightForWidth(text.width())
    assert area.rect().contains(bar.geometry())
