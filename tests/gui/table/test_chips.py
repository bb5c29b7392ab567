"""What stands on the chips of tags that one would not see."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFontMetrics, QGuiApplication
from PySide6.QtWidgets import QLabel, QWidget

from gui.theme import Theme
from gui.views.chip_painter import chip_text, rest_text
from gui.views.details.chip_row import ChipRow


@pytest.mark.parametrize(
    ("tag", "text"),
    [("paper", "paper"), ("", "“”"), ("  ", "“  ”"), ("\n", "“ ”"), ("two\nlines", "two lines")],
)
def test_a_chip_is_never_empty_and_has_one_line(tag, text):
    assert chip_text(tag) == text


def test_the_chips_of_a_run_say_the_same(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    chips = ChipRow(Theme("light"), window)
    chips.resize(300, 40)
    window.show()

    chips.show_tags(["", "paper"])

    assert [label.text() for label in chips.findChildren(QLabel)] == ["“”", "paper"]


def test_the_number_of_the_other_tags_is_whole_or_not_there(qtbot):
    metrics = QFontMetrics(QGuiApplication.font())
    room = metrics.horizontalAdvance("+12")

    assert rest_text(12, metrics, room) == "+12"
    assert rest_text(12, metrics, room - 1) == "…"
