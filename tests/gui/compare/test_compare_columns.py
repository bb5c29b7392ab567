from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QLabel, QLineEdit

from core.compare.column_spec import parse_column
from gui.compare.compare_columns import CompareColumns, GroupColumns, spec_name, spec_of_key
from gui.dialogs.columns_dialog import ColumnsDialog
from tests.support.comparisons import compared, page_rig
from tests.support.run_tables import make_columns

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.mark.parametrize(
    ("key", "spec"),
    [
        ("flag:lr", "=lr"),
        ("attr:my_own", ".my_own"),
        ("scalar:last:loss", "loss"),
        ("scalar:min:loss", "min loss"),
        ("scalar:max_step:loss", "max loss step"),
        ("scalar:last_step:val#loss", "val#loss step"),
        ("label", ".label"),
        ("duration", ".time"),
        ("short_id", ".run"),
    ],
)
def test_a_column_of_the_run_table_is_a_specification(key, spec):
    assert str(spec_of_key(key)) == spec
    assert parse_column(spec) == spec_of_key(key)


@pytest.mark.parametrize("key", ["spark:loss", "size", "batch"])
def test_what_no_specification_can_name_is_none(key):
    assert spec_of_key(key) is None


def test_a_chosen_column_is_called_as_its_heading():
    assert spec_name("min loss") == "min loss"
    assert spec_name("=lr") == "lr"
    assert spec_name("min") == "min"


def test_all_that_runs_have_is_offered_for_a_comparison():
    columns = make_columns(6)
    answer = compared(columns, range(6))
    source = CompareColumns(columns, answer, lambda _on_found: None)

    keys = [offer.key for offer in source.offers()]

    assert {"=lr", "min acc", "loss step", ".status"} <= set(keys)
    assert len(keys) == len(set(keys))
    assert source.keys[:4] == [".operation", ".status", "=lr", "=opt"]


def test_flags_are_offered_first_to_group_by():
    source = GroupColumns(make_columns(6), ["=lr"])

    assert [offer.key for offer in source.offers()][:2] == ["=lr", "=opt"]
    assert source.keys == ["=lr"]


@pytest.fixture
def rig(qtbot, tmp_path):
    with page_rig(qtbot, make_columns(20), tmp_path) as rig:
        yield rig


def opened_dialog() -> ColumnsDialog:
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, ColumnsDialog))


def press(dialog, button) -> None:
    dialog.findChild(QDialogButtonBox).button(button).click()


def test_columns_can_be_written_in_the_dialog(rig):
    rig.page.choose_columns()
    dialog = opened_dialog()
    field = dialog.findChild(QLineEdit, "columnsSpec")

    QTest.keyClicks(field, "min loss, min acc as best")
    QTest.keyClick(field, Qt.Key.Key_Return)
    is_open = dialog.isVisible()
    press(dialog, QDialogButtonBox.StandardButton.Ok)
    rig.settle()

    assert is_open
    assert rig.page.comparison.view.columns[-2:] == ("min loss", "min acc as best")
    assert {"min loss", "best", "lr"} <= set(rig.titles())


def test_what_is_not_understood_is_said_and_the_dialog_stays(rig):
    rig.page.choose_columns()
    dialog = opened_dialog()
    field = dialog.findChild(QLineEdit, "columnsSpec")

    QTest.keyClicks(field, "=lr, min")
    press(dialog, QDialogButtonBox.StandardButton.Ok)

    assert dialog.isVisible()
    assert dialog.findChild(QLabel, "columnsProblem").isVisible()
    assert rig.page.comparison.view.columns is None
    dialog.reject()


def test_reset_leads_back_to_the_columns_that_suit(rig):
    rig.page.comparison.change(columns=("=lr",))
    rig.settle()
    rig.page.choose_columns()
    dialog = opened_dialog()

    press(dialog, QDialogButtonBox.StandardButton.Reset)
    rig.table_rig.wait_until(lambda: len(dialog.keys()) > 3)
    press(dialog, QDialogButtonBox.StandardButton.Ok)
    rig.settle()

    assert rig.page.comparison.view.columns is None
    assert "loss" in rig.titles()


def test_no_columns_to_group_by_means_no_groups(rig):
    rig.page.comparison.change(group_by=("=lr",))
    rig.settle()
    rig.page._groups.choose()
    dialog = opened_dialog()

    dialog.show_keys([])
    press(dialog, QDialogButtonBox.StandardButton.Ok)
    rig.settle()

    assert rig.page.comparison.view.group_by == ()
