from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget

from gui.views.pane_splitter import LEAST_DETAILS, LEAST_MIDDLE, LEAST_PLACES, PaneSplitter

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def splitter(qtbot):
    splitter = PaneSplitter(QWidget(), QWidget(), QWidget())
    qtbot.addWidget(splitter)
    splitter.resize(1400, 300)
    splitter.show()
    qtbot.waitExposed(splitter)
    splitter.wanted = (240, 370)
    splitter.share()
    return splitter


def line(splitter) -> int:
    return splitter.fontMetrics().height()


def test_each_pane_has_the_width_that_is_wanted_where_there_is_room(splitter):
    assert splitter.sizes()[::2] == [240, 370]

    splitter.resize(2000, 300)

    assert splitter.sizes()[::2] == [240, 370]


def test_the_details_give_way_before_the_places_and_both_before_the_runs(splitter):
    splitter.resize(240 + 370 + LEAST_MIDDLE * line(splitter) - 50, 300)
    places, _, details = splitter.sizes()
    assert places == 240
    assert 310 <= details <= 330

    splitter.resize(820, 300)
    places, middle, details = splitter.sizes()
    assert details == LEAST_DETAILS * line(splitter)
    assert places == LEAST_PLACES * line(splitter)
    assert middle > max(places, details)


def test_both_get_their_width_back(splitter):
    splitter.resize(700, 300)

    splitter.resize(1400, 300)

    assert splitter.sizes()[::2] == [240, 370]


def test_what_the_user_drags_is_wanted_from_then_on(splitter):
    splitter.setSizes([300, 700, 400])
    splitter.splitterMoved.emit(300, 1)
    splitter.resize(800, 300)
    assert splitter.sizes()[0] < 300

    splitter.resize(1500, 300)

    assert abs(splitter.sizes()[0] - 300) <= 1
    assert abs(splitter.sizes()[2] - 400) <= 1


def test_a_hidden_pane_takes_no_room_and_comes_back_as_it_was(splitter):
    splitter.widget(2).hide()
    splitter.resize(1200, 300)
    assert splitter.sizes()[2] == 0

    splitter.widget(2).show()
    splitter.share()

    assert splitter.sizes()[::2] == [240, 370]
