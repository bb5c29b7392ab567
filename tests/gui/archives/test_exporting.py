from __future__ import annotations

import zipfile

import pytest
from PySide6.QtWidgets import QDialog, QPushButton

from core.archives.export import ExportOptions, ExportOutcome
from core.runs.refusal import Refusal
from gui.archives.export_choice import ExportWanted
from gui.archives.export_text import export_grade, export_sentence, left_out
from gui.archives.exporting import file_name
from tests.support.tidying import press_in_bar

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def desk(open_app, sample_home):
    return open_app(sample_home).sessions[0].desk


@pytest.fixture
def window(desk):
    return desk._window


def plain_ids(desk, count):
    columns = desk.runs.columns
    slots = [
        slot
        for slot in desk.runs.model.order
        if not columns.value("links", slot) and columns.value("status", slot) == "completed"
    ]
    assert len(slots) >= count
    return [columns.value("id", slot) for slot in slots[:count]]


def open_export(window, qtbot):
    window.actions_by_id["run.export"].trigger()

    def dialogs():
        return [d for d in window.findChildren(QDialog, "exportDialog") if d.isVisible()]

    qtbot.waitUntil(lambda: bool(dialogs()))
    return dialogs()[0]


def test_selected_runs_are_exported_and_the_place_is_remembered(desk, window, qtbot, tmp_path):
    ids = plain_ids(desk, 2)
    desk.runs.select_ids(ids)
    dialog = open_export(window, qtbot)
    dialog.field.setText(str(tmp_path / "out.zip"))
    verb = dialog.findChild(QPushButton, "exportVerb")
    qtbot.waitUntil(lambda: dialog._outlook is not None and verb.isEnabled())

    verb.click()

    qtbot.waitUntil(lambda: "Exported 2 runs to out.zip" in window.undo_bar.sentence)
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert {name.split("/")[0] for name in archive.namelist()} == set(ids)
    assert "to out.zip, which is " in window.undo_bar.sentence
    assert window.undo_bar.button("Show in Folder") is not None
    assert desk.archives.folder.begin() == str(tmp_path)
    assert desk.exporting.habit.directory == str(tmp_path)
    (row,) = window.jobs.jobs
    assert row.end.grade == "done"
    again = open_export(window, qtbot)
    assert again.field.text().startswith(str(tmp_path))
    again.reject()


def test_what_was_exported_can_be_opened_at_once(desk, window, qtbot, tmp_path):
    ids = plain_ids(desk, 2)
    desk.exporting.begin(ExportWanted(tuple(ids), tmp_path / "x.zip", ExportOptions("zip")))

    press_in_bar(window.undo_bar, "Open", qtbot)

    qtbot.waitUntil(lambda: desk.archives.front is not None)
    qtbot.waitUntil(lambda: len(desk.archives.front.runs.model.order) == 2)
    assert desk.archives.front.shelf.file == tmp_path / "x.zip"


def test_runs_that_were_moved_leave_the_table(desk, window, qtbot, tmp_path):
    ids = plain_ids(desk, 2)

    desk.exporting.begin(
        ExportWanted(tuple(ids), tmp_path / "there", ExportOptions("directory", move=True))
    )

    qtbot.waitUntil(lambda: "Moved 2 runs to there" in window.undo_bar.sentence)
    columns = desk.runs.columns
    qtbot.waitUntil(lambda: all(columns.slot_of(run_id) is None for run_id in ids))
    assert {path.name for path in (tmp_path / "there").iterdir()} >= set(ids)


def test_what_was_there_already_is_listed(desk, window, qtbot, tmp_path):
    (run_id,) = plain_ids(desk, 1)
    wanted = ExportWanted((run_id,), tmp_path / "there", ExportOptions("directory"))
    desk.exporting.begin(wanted)
    qtbot.waitUntil(lambda: "Exported 1 run" in window.undo_bar.sentence)

    desk.exporting.begin(wanted)

    qtbot.waitUntil(lambda: "1 run was there already" in window.undo_bar.sentence)
    press_in_bar(window.undo_bar, "List", qtbot)
    dialog = window.findChild(QDialog, "refusalsDialog")
    assert dialog.isVisible()
    dialog.reject()


def test_a_destination_that_cannot_be_written_is_said(desk, window, qtbot, tmp_path):
    (run_id,) = plain_ids(desk, 1)

    desk.exporting.begin(ExportWanted((run_id,), tmp_path / "no" / "x.zip", ExportOptions("zip")))

    qtbot.waitUntil(lambda: "there is no directory" in window.undo_bar.sentence)
    assert window.jobs.jobs[-1].end.grade == "failed"
    assert window.jobs.jobs[-1].retry_act is not None


def test_a_batch_offers_its_trials(desk, window, qtbot):
    columns = desk.runs.columns
    batch = next(s for s in desk.runs.model.order if columns.value("is_batch", s))
    desk.runs.select_ids([columns.value("id", batch)])

    dialog = open_export(window, qtbot)

    assert dialog.along.isVisible()
    assert dialog.along.isChecked()
    assert len(dialog.ids()) == 1 + len(columns.value("links", batch))
    dialog.reject()


def test_deleted_runs_cannot_be_exported(desk, window, qtbot):
    window.actions_by_id["view.trash"].trigger()

    qtbot.waitUntil(lambda: not window.actions_by_id["run.export"].isEnabled())
    assert "restore them first" in window.actions_by_id["run.export"].toolTip()


def outcome(tmp_path, **more):
    return ExportOutcome(tmp_path / "x.zip", **more)


def test_sentences_say_what_was_done_and_what_not(tmp_path):
    def said(*, is_move=False, **more):
        return export_sentence(outcome(tmp_path, **more), is_move=is_move)

    refusal = Refusal("a" * 32, "Run aaaaaaaa cannot be exported: it is gone.")
    assert said(exported=("a", "b"), bytes=2048).startswith("Exported 2 runs to x.zip, 2.0")
    assert said(refused=(refusal,)) == "Run aaaaaaaa cannot be exported: it is gone."
    assert said(skipped=("a", "b")) == "2 runs were there already."
    assert said(cancelled=True) == "Cancelled: nothing was exported."
    assert said(skipped=("b",), refused=(refusal,)) == (
        "1 run was there already; run aaaaaaaa cannot be exported: it is gone."
    )
    assert "moved none" in said(exported=("a",), refused=(refusal,), is_move=True)
    assert said() == "Nothing was exported."
    assert "1 more remark" in said(exported=("a",), remarks=("One.", "Two."))


def test_a_result_is_graded_by_what_was_left_out(tmp_path):
    refusal = Refusal("a" * 32, "No.")
    assert export_grade(outcome(tmp_path, exported=("a",))) == "done"
    assert export_grade(outcome(tmp_path, refused=(refusal,))) == "partly"
    assert export_grade(outcome(tmp_path, cancelled=True)) == "cancelled"
    listed = left_out(outcome(tmp_path, refused=(refusal,), skipped=("b",)))
    assert [each.run_id for each in listed] == ["a" * 32, "b"]


def test_a_name_of_a_file_has_no_signs_side_by_side():
    assert file_name("birdsong:train+-4e1c78a3") == "birdsong-train-4e1c78a3"
    assert file_name(" .hidden/a ") == "hidden-a"
    assert file_name("+++") == "runs"
