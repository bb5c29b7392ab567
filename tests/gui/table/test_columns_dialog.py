from __future__ import annotations

from contextlib import ExitStack

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QDialogButtonBox, QLabel, QLineEdit, QListView, QListWidget

from core.index.columns import RunColumns
from gui.dialogs.columns_dialog import ColumnsDialog, TableColumns
from gui.models.column_choice_model import ColumnChoiceModel, CountRole, HeadingRole
from gui.table.column_offers import column_offers
from gui.table.columns import BASE_KEYS, default_keys
from tests.support.run_tables import make_columns, make_run, make_summary, table_rig

Button = QDialogButtonBox.StandardButton
pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")  # windows, offscreen
CHECK = Qt.ItemDataRole.CheckStateRole


class DialogRig:
    """An open dialog over some runs."""

    def __init__(self, qtbot, rig):
        self.rig = rig
        rig.table.show_columns(BASE_KEYS)
        rig.settle()
        self.dialog = ColumnsDialog(TableColumns(rig.runs), rig.services)
        qtbot.addWidget(self.dialog)
        self.dialog.show()
        self.search = self.dialog.findChild(QLineEdit, "columnsSearch")
        self.headings = self.dialog.findChild(QComboBox, "columnsHeadings")
        self.offers = self.dialog.findChild(QListView, "columnsOffers")
        self.chosen = self.dialog.findChild(QListWidget, "columnsChosen")
        rig.wait_until(lambda: self.model.rowCount() > 0)

    @property
    def model(self) -> ColumnChoiceModel:
        return self.offers.model()

    def names(self):
        return [self.model.index(row).data() for row in range(self.model.rowCount())]

    def find(self, key):
        rows = range(self.model.rowCount())
        return next(
            self.model.index(row)
            for row in rows
            if self.model.offer(row) and self.model.offer(row).key == key
        )

    def press(self, button):
        self.dialog.findChild(QDialogButtonBox).button(button).click()


@pytest.fixture
def open_dialog(qtbot, tmp_path):
    """Open the dialog over columns; closed with the test."""
    with ExitStack() as stack:

        def opened(columns):
            found = DialogRig(qtbot, stack.enter_context(table_rig(qtbot, columns, tmp_path)))
            stack.callback(found.dialog.close)
            return found

        yield opened


@pytest.fixture
def rig(open_dialog):
    """The dialog over 20 runs with two flags and two scalars."""
    return open_dialog(make_columns(20))


def test_offers_pass_the_tester_of_models(qtmodeltester):
    model = ColumnChoiceModel()
    model.show_offers(column_offers(make_columns(5)))

    qtmodeltester.check(model)


def test_everything_that_can_be_a_column_is_offered_with_its_count(rig):
    keys = {offer.key for offer in column_offers(rig.rig.columns)}

    assert set(BASE_KEYS) | {"flag:lr", "scalar:min:loss", "spark:acc", "scalar:avg:acc"} <= keys
    assert rig.find("flag:lr").data(CountRole) == "20"
    headings = [
        row for row in range(rig.model.rowCount()) if rig.model.index(row).data(HeadingRole)
    ]
    assert len(headings) == len(rig.model.headings()) == rig.headings.count() - 1


def test_the_columns_shown_are_checked_and_listed_in_order(rig):
    assert rig.dialog.keys() == list(BASE_KEYS)
    assert Qt.CheckState(rig.find("label").data(CHECK)) == Qt.CheckState.Checked
    assert Qt.CheckState(rig.find("flag:lr").data(CHECK)) == Qt.CheckState.Unchecked


def test_a_search_shows_what_has_all_its_words(rig):
    QTest.keyClicks(rig.search, "min LOSS")
    rig.rig.wait_until(lambda: rig.model.rowCount() < 20)

    assert {
        rig.model.offer(row).key for row in range(rig.model.rowCount()) if rig.model.offer(row)
    } == {
        "scalar:min:loss",
        "scalar:min_step:loss",
    }


def test_a_search_that_finds_nothing_says_so(rig):
    said = next(one for one in rig.dialog.findChildren(QLabel) if "No column" in one.text())
    assert not said.isVisible()
    QTest.keyClicks(rig.search, "zzz")
    rig.rig.wait_until(said.isVisible)

    rig.search.clear()

    rig.rig.wait_until(lambda: not said.isVisible())


def test_a_kind_of_column_can_be_shown_alone(rig):
    rig.headings.setCurrentIndex(rig.headings.findData("Flags"))

    assert rig.names() == ["Flags", "lr", "opt"]


def test_space_checks_and_unchecks_a_column(rig):
    rig.offers.setCurrentIndex(rig.find("flag:opt"))
    QTest.keyClick(rig.offers, Qt.Key.Key_Space)
    assert rig.dialog.keys() == [*BASE_KEYS, "flag:opt"]

    QTest.keyClick(rig.offers, Qt.Key.Key_Space)
    assert rig.dialog.keys() == list(BASE_KEYS)


def test_a_column_is_searched_and_checked_with_the_keyboard_alone(rig):
    QTest.keyClicks(rig.search, "max acc")
    QTest.keyClick(rig.search, Qt.Key.Key_Down)
    QTest.keyClick(rig.offers, Qt.Key.Key_Space)

    assert rig.dialog.keys() == [*BASE_KEYS, "scalar:max:acc"]


def test_a_click_on_a_box_checks_and_one_on_a_name_only_selects(rig):
    rig.offers.scrollTo(rig.find("flag:opt"))
    area = rig.offers.visualRect(rig.find("flag:opt"))
    viewport, left = rig.offers.viewport(), Qt.MouseButton.LeftButton

    QTest.mouseClick(viewport, left, pos=area.center())
    assert rig.dialog.keys() == list(BASE_KEYS)
    QTest.mouseClick(viewport, left, pos=QPoint(area.left() + 14, area.center().y()))
    assert rig.dialog.keys() == [*BASE_KEYS, "flag:opt"]


def test_chosen_columns_are_put_in_order_and_left_out_by_keys(rig):
    rig.chosen.setCurrentRow(2)
    QTest.keyClick(rig.chosen, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    QTest.keyClick(rig.chosen, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert rig.dialog.keys()[:3] == ["label", "status", "operation"]

    QTest.keyClick(rig.chosen, Qt.Key.Key_Delete)
    assert rig.dialog.keys()[:2] == ["status", "operation"]
    assert Qt.CheckState(rig.find("label").data(CHECK)) == Qt.CheckState.Unchecked


def test_ok_tells_the_chosen_columns(rig, qtbot):
    rig.model.setData(rig.find("spark:loss"), Qt.CheckState.Checked.value, CHECK)

    with qtbot.waitSignal(rig.dialog.keys_chosen) as heard:
        rig.press(Button.Ok)

    assert heard.args == [[*BASE_KEYS, "spark:loss"]]


def test_cancel_tells_nothing(rig, qtbot):
    rig.model.setData(rig.find("spark:loss"), Qt.CheckState.Checked.value, CHECK)

    with qtbot.assertNotEmitted(rig.dialog.keys_chosen), qtbot.waitSignal(rig.dialog.rejected):
        rig.press(Button.Cancel)


def test_reset_goes_back_to_the_columns_that_suit(rig, qtbot):
    wanted = default_keys(rig.rig.columns)
    assert wanted != rig.dialog.keys()

    rig.press(Button.Reset)
    rig.rig.wait_until(lambda: rig.dialog.keys() == wanted)

    with qtbot.waitSignal(rig.dialog.reset_chosen):
        rig.press(Button.Ok)


def test_no_column_at_all_cannot_be_chosen(rig):
    for key in BASE_KEYS:
        rig.model.setData(rig.find(key), Qt.CheckState.Unchecked.value, CHECK)

    assert rig.dialog.keys() == []
    assert not rig.dialog.findChild(QDialogButtonBox).button(Button.Ok).isEnabled()


def test_5000_scalars_are_offered_and_searched(open_dialog):
    columns = RunColumns()
    scalars = {f"group{n % 50}/scalar {n}": make_summary(n / 7) for n in range(5_000)}
    columns.put(make_run(1, scalars=scalars))
    rig = open_dialog(columns)
    assert rig.model.rowCount() > 50_000

    rig.search.setText("avg group7 4907")
    rig.rig.wait_until(lambda: rig.model.rowCount() == 2)

    assert rig.names()[1] == "group7/scalar 4907"
