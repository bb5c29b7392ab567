from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QFileDialog, QPushButton

from gui.compare.compare_export import export_text
from gui.dialogs.compare_export_dialog import CompareExportDialog
from tests.support.comparisons import compared, page_rig
from tests.support.run_tables import NOW, make_columns, make_run

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def columns():
    runs = make_columns(0)
    for number in range(6):
        runs.put(make_run(number, operation="train"))
    return runs


def text_of(columns, form: str, *, is_whole: bool = False, **view) -> str:
    answer = compared(columns, range(6), **view)
    return export_text(columns, answer, form, is_whole=is_whole, now=NOW)


def test_csv_has_the_shown_columns_with_every_digit(columns):
    rows = list(csv.DictReader(text_of(columns, "csv").splitlines()))

    assert [row["run"] for row in rows] == [columns.value("short_id", n) for n in range(6)]
    assert [float(row["loss"]) for row in rows] == [
        columns.value("scalar:last:loss", n) for n in range(6)
    ]
    assert "operation" not in rows[0]


def test_columns_that_are_the_same_can_be_exported_too(columns):
    rows = list(csv.DictReader(text_of(columns, "csv", is_whole=True).splitlines()))

    assert {row["operation"] for row in rows} == {"train"}


def test_groups_are_exported_with_all_their_numbers(columns):
    rows = list(csv.DictReader(text_of(columns, "csv", group_by=("=opt",)).splitlines()))

    assert {"opt", "n", "loss mean", "loss std", "loss min", "loss max"} <= set(rows[0])
    assert sum(int(row["n"]) for row in rows) == 6


@pytest.mark.parametrize(
    ("form", "beginning"),
    [("markdown", "| run |"), ("latex", "\\begin{tabular}"), ("tsv", "run\t")],
)
def test_other_forms_are_written_too(columns, form, beginning):
    assert text_of(columns, form).startswith(beginning)


def test_json_has_a_map_a_run(columns):
    found = json.loads(text_of(columns, "json"))

    assert found[2]["label"] == columns.value("label", 2)


def test_groups_are_exported_in_the_order_of_the_screen(columns):
    answer = compared(columns, range(6), group_by=("=opt",), sort=(("loss", True),))
    rows = list(
        csv.DictReader(export_text(columns, answer, "csv", is_whole=False, now=NOW).splitlines())
    )
    means = [float(row["loss mean"]) for row in rows]

    assert means == sorted(means, reverse=True)
    assert means == [pytest.approx(group.mean(place_of(answer, "loss"))) for group in answer.groups]
    assert len(means) > 1


def place_of(answer, header: str) -> int:
    """The place of a column in the table."""
    return next(fact.place for fact in answer.facts if fact.column.header == header)


@pytest.fixture
def rig(qtbot, tmp_path):
    with page_rig(qtbot, make_columns(8), tmp_path) as rig:
        yield rig


def opened_dialog() -> CompareExportDialog:
    return next(w for w in QApplication.topLevelWidgets() if isinstance(w, CompareExportDialog))


def test_the_comparison_is_copied_in_the_chosen_form(rig, qtbot):
    rig.page.export()
    dialog = opened_dialog()
    box = dialog.findChild(QComboBox)
    box.setCurrentIndex(box.findData("markdown"))

    with qtbot.waitSignal(rig.page.said) as said:
        dialog.findChild(QPushButton, "compareExportCopy").click()

    assert QGuiApplication.clipboard().text().startswith("| run | label |")
    assert said.args == ["The comparison is on the clipboard as Markdown."]
    assert rig.page.state()["form"] == "markdown"


def test_the_comparison_is_saved_as_a_file(rig, qtbot, tmp_path):
    rig.page.export()
    dialog = opened_dialog()
    dialog.findChild(QPushButton, "compareExportSave").click()
    files = dialog.findChild(QFileDialog)
    target = tmp_path / "out.csv"

    with qtbot.waitSignal(rig.page.said):
        files.fileSelected.emit(str(target))

    assert len(target.read_text().splitlines()) == 9


def test_a_file_that_cannot_be_written_is_told_on_the_page(rig, qtbot, tmp_path):
    (tmp_path / "file").write_text("")

    rig.page._export(Path(tmp_path / "file" / "below.csv"), "csv", is_whole=False)
    qtbot.waitUntil(lambda: bool(rig.page._problem.problem))

    assert "Cannot write" in rig.page._problem.problem


def test_a_success_of_before_is_no_more_told_beside_a_failure(rig, qtbot, tmp_path):
    told = []
    rig.page.said.connect(told.append)
    target = tmp_path / "out.csv"

    rig.page._export(tmp_path / "none" / "out.csv", "csv", is_whole=False)
    qtbot.waitUntil(lambda: bool(rig.page._problem.problem))
    with qtbot.waitSignal(rig.page.said):
        rig.page._export(target, "csv", is_whole=False)

    assert told == ["", f"The comparison is in {target}."]
    assert rig.page._problem.problem == ""


def test_all_columns_are_offered_only_where_some_are_hidden(rig):
    rig.page.show_only_different(on=False)
    rig.settle()
    rig.page.export()
    dialog = opened_dialog()

    assert dialog.findChild(QCheckBox).isHidden()
    dialog.reject()
