from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QFileDialog, QPushButton

from gui.compare.compare_export import ExportWish, export_text
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
    return export_text(columns, answer, ExportWish(form, is_whole), now=NOW)


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
        csv.DictReader(export_text(columns, answer, ExportWish("csv"), now=NOW).splitlines())
    )
    means = [float(row["loss mean"]) for row in rows]

    assert means == sorted(means, reverse=True)
    assert means == [pytest.approx(group.mean(place_of(answer, "loss"))) for group in answer.groups]
    assert len(means) > 1


def place_of(answer, header: str) -> int:
    """The place of a column in the table."""
    return next(fact.place for fact in answer.facts if fact.column.header == header)


def test_differences_to_the_baseline_stand_beside_each_scalar(columns):
    answer = compared(columns, range(6), baseline=2)
    text = export_text(columns, answer, ExportWish("csv", has_deltas=True), now=NOW)
    rows = list(csv.DictReader(text.splitlines()))
    losses = [float(row["loss"]) for row in rows]

    assert [float(row["loss delta"]) for row in rows] == [loss - losses[0] for loss in losses]
    assert [float(row["loss delta %"]) for row in rows] == [
        pytest.approx(100 * (loss - losses[0]) / losses[0]) for loss in losses
    ]
    assert "lr delta" not in rows[0]
    assert rows[0]["run"] == columns.value("short_id", 2)


def test_percentages_are_short_where_people_read_them(columns):
    answer = compared(columns, range(6), baseline=2)
    text = export_text(columns, answer, ExportWish("markdown", has_deltas=True), now=NOW)
    table = [[cell.strip() for cell in line.split("|")] for line in text.splitlines()]
    place = table[0].index("loss delta %")

    assert all(len(row[place].lstrip("-")) <= 6 for row in table[2:])


def test_without_a_baseline_and_of_groups_there_are_no_differences(columns):
    for view in ({}, {"group_by": ("=opt",), "baseline": 2}):
        answer = compared(columns, range(6), **view)
        text = export_text(columns, answer, ExportWish("csv", has_deltas=True), now=NOW)
        assert "delta" not in text.splitlines()[0]


@pytest.fixture
def rig(qtbot, tmp_path):
    with page_rig(qtbot, make_columns(8), tmp_path) as rig:
        yield rig


def any_dialog() -> bool:
    return any(isinstance(w, CompareExportDialog) for w in QApplication.topLevelWidgets())


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

    rig.page._export(Path(tmp_path / "file" / "below.csv"), ExportWish("csv"))
    qtbot.waitUntil(lambda: bool(rig.page._problem.problem))

    assert "Cannot write" in rig.page._problem.problem


def test_a_success_of_before_is_no_more_told_beside_a_failure(rig, qtbot, tmp_path):
    told = []
    rig.page.said.connect(told.append)
    target = tmp_path / "out.csv"

    rig.page._export(tmp_path / "none" / "out.csv", ExportWish("csv"))
    qtbot.waitUntil(lambda: bool(rig.page._problem.problem))
    with qtbot.waitSignal(rig.page.said):
        rig.page._export(target, ExportWish("csv"))

    assert told == ["", f"The comparison is in {target}."]
    assert rig.page._problem.problem == ""


def test_all_columns_are_offered_only_where_some_are_hidden(rig):
    rig.page.show_only_different(on=False)
    rig.settle()
    rig.page.export()
    dialog = opened_dialog()

    assert dialog.findChild(QCheckBox, "exportWhole").isHidden()
    dialog.reject()


def test_differences_are_offered_with_a_baseline_and_the_choice_is_remembered(rig, qtbot):
    rig.page.export()
    dialog = opened_dialog()
    assert dialog.findChild(QCheckBox, "exportDeltas").isHidden()
    dialog.reject()
    qtbot.waitUntil(lambda: not any_dialog())
    rig.chosen.pin(rig.table_rig.columns.value("id", 3))
    rig.settle()

    rig.page.export()
    dialog = opened_dialog()
    box = dialog.findChild(QCheckBox, "exportDeltas")
    assert not box.isHidden()
    assert box.isChecked()
    with qtbot.waitSignal(rig.page.said):
        dialog.findChild(QPushButton, "compareExportCopy").click()
    assert "loss delta %" in QGuiApplication.clipboard().text().splitlines()[0]

    qtbot.waitUntil(lambda: not any_dialog())
    rig.page.export()
    dialog = opened_dialog()
    dialog.findChild(QCheckBox, "exportDeltas").setChecked(False)
    with qtbot.waitSignal(rig.page.said):
        dialog.findChild(QPushButton, "compareExportCopy").click()
    assert "delta" not in QGuiApplication.clipboard().text()
    assert rig.page.state()["deltas"] is False
