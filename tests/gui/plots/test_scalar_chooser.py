"""The button that chooses scalars, and the list that drops down from it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from gui.models.scalar_choice_model import ScalarChoiceModel
from gui.views.plots.scalar_chooser import MOST_AT_ONCE, ScalarChooser
from tests.support.model_rules import watch_model

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

CHECKED, UNCHECKED = Qt.CheckState.Checked, Qt.CheckState.Unchecked
SCALARS = {"loss": 1_200, "val/Loss": 3, "acc": 1}


@pytest.fixture
def model():
    model = ScalarChoiceModel()
    watch_model(model)
    model.show_scalars(SCALARS)
    return model


@pytest.fixture
def chooser(show_in_window):
    chooser = ScalarChooser()
    chooser.offer(SCALARS)
    show_in_window(chooser, 200, 40)
    return chooser


def states(model) -> dict[str, Qt.CheckState]:
    rows = (model.index(row) for row in range(model.rowCount()))
    return {
        index.data().split("  ")[0]: Qt.CheckState(index.data(Qt.ItemDataRole.CheckStateRole))
        for index in rows
    }


def test_scalars_are_listed_with_their_runs_and_found_regardless_of_case(model):
    all_of_them = [model.index(row).data() for row in range(model.rowCount())]
    model.search("LOSS")

    assert all_of_them == ["loss    1,200", "val/Loss    3", "acc    1"]
    assert model.keys() == ["loss", "val/Loss"]
    assert model.index(0).data(Qt.ItemDataRole.AccessibleTextRole) == "loss, 1,200 runs"


def test_ticks_are_told_and_shown_once_they_are_taken(model):
    told = []
    model.toggled.connect(lambda *pair: told.append(pair))

    model.setData(model.index(2), CHECKED, Qt.ItemDataRole.CheckStateRole)
    before = states(model)
    model.show_ticked(["acc"])
    model.setData(model.index(2), UNCHECKED, Qt.ItemDataRole.CheckStateRole)

    assert told == [("acc", True), ("acc", False)]
    assert before["acc"] == UNCHECKED
    assert states(model) == {"loss": UNCHECKED, "val/Loss": UNCHECKED, "acc": CHECKED}


def test_a_scalar_is_ticked_with_the_keyboard_alone(chooser, qtbot):
    chosen = []
    chooser.chosen.connect(lambda: chosen.append(chooser.keys))
    chooser.setFocus()
    QTest.keyClick(chooser, Qt.Key.Key_Space)
    qtbot.waitUntil(chooser.search.hasFocus)

    QTest.keyClicks(chooser.search, "acc")
    QTest.keyClick(chooser.search, Qt.Key.Key_Down)
    QTest.keyClick(chooser.list, Qt.Key.Key_Space)

    assert chosen == [("acc",)]
    assert states(chooser.list.model()) == {"acc": CHECKED}
    QTest.keyClick(chooser.list, Qt.Key.Key_Escape)


def test_those_found_are_ticked_up_to_what_can_be_looked_at(chooser):
    chooser.offer({f"scalar{n}": 1 for n in range(5_000)})

    chooser._tick_found()

    assert len(chooser.keys) == MOST_AT_ONCE
    assert chooser.text() == "24 of 5,000 scalars ▾"
