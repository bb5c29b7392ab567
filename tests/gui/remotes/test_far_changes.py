"""Runs of a remote are changed where they are, with the dialogs, the bar and the steps of home."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QPushButton

from core.jobs import JobState
from gui.dialogs.host_key_dialog import HostKeyDialog
from gui.dialogs.label_dialog import LabelDialog
from gui.dialogs.tag_editor import TagEditor
from gui.models.places_model import PlaceKind
from gui.views.details.label_heading import LabelHeading
from tests.support.far_desk import (
    BOTH,
    HERE,
    SHORT,
    THERE,
    attr,
    label_of,
    said,
    trigger,
)
from tests.support.trees import tree

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_a_mark_is_set_there_and_on_no_run_here(far, there, home, qtbot):
    app, shelf_desk = far

    trigger(app, "run.mark")

    said(app, qtbot, f"Marked run {SHORT} on gpu1.")
    assert attr(there, THERE, "marked") == "true\n"
    assert attr(home / "runs", HERE, "marked") is None
    columns = shelf_desk.shelf.columns
    qtbot.waitUntil(lambda: columns.value("marked", columns.slot_of(THERE)))


def test_a_star_that_is_clicked_marks_the_run_there(far, there, home, qtbot):
    app, shelf_desk = far

    shelf_desk.table.mark_clicked.emit(shelf_desk.shelf.columns.slot_of(BOTH))

    said(app, qtbot, f"Marked run {BOTH[:8]} on gpu1.")
    assert attr(there, BOTH, "marked") == "true\n"
    assert attr(home / "runs", BOTH, "marked") is None


# Labels, tags, comments


def test_labels_there_are_given_by_the_dialog_of_home_with_its_preview(far, there, qtbot):
    app, shelf_desk = far
    (there / THERE / ".guild" / "attrs" / "flags").write_text("lr: 0.1\n")
    trigger(app, "remote.refresh")
    columns = shelf_desk.shelf.columns
    qtbot.waitUntil(lambda: columns.flags(columns.slot_of(THERE)) == {"lr": 0.1}, timeout=10_000)

    trigger(app, "run.label")
    dialog = app.window.findChild(LabelDialog)
    assert dialog.windowTitle() == f"Label run {SHORT} on gpu1"
    assert dialog.field.text() == "from afar"
    dialog.field.setText("lr is ${lr}")
    qtbot.waitUntil(lambda: dialog.model.index(0, 2).data() == "lr is 0.1")
    qtbot.waitUntil(dialog.findChild(QPushButton, "labelApply").isEnabled)
    dialog.accept()

    said(app, qtbot, f"Labelled run {SHORT} on gpu1.")
    assert attr(there, THERE, "label") == "lr is 0.1\n"
    qtbot.waitUntil(lambda: label_of(shelf_desk) == "lr is 0.1")


def test_f2_there_types_the_label_in_its_cell(far, there, home, qtbot):
    app, shelf_desk = far

    trigger(app, "run.edit-label")
    line = shelf_desk.table.findChild(QLineEdit, "labelEdit")
    assert line.text() == "from afar"
    line.setText("typed ${here}")
    qtbot.keyClick(line, Qt.Key.Key_Return)

    qtbot.waitUntil(lambda: attr(there, THERE, "label") == "typed ${here}\n", timeout=10_000)
    qtbot.waitUntil(lambda: label_of(shelf_desk) == "typed ${here}")
    assert attr(home / "runs", HERE, "label") == "from here\n"


def test_a_label_that_changed_there_meanwhile_is_not_overwritten_at_once(far, there, qtbot):
    app, shelf_desk = far
    trigger(app, "run.edit-label")
    line = shelf_desk.table.findChild(QLineEdit, "labelEdit")
    (there / THERE / ".guild" / "attrs" / "label").write_text("by another\n")
    line.setText("mine")

    qtbot.keyClick(line, Qt.Key.Key_Return)

    editor = shelf_desk.table.label_editor
    qtbot.waitUntil(lambda: "by another" in editor.problem_text(), timeout=10_000)
    assert attr(there, THERE, "label") == "by another\n"
    editor.close()


def test_tags_there_are_changed_by_the_editor_of_home(far, there, qtbot):
    app, _shelf_desk = far

    trigger(app, "run.tag")
    qtbot.waitUntil(lambda: app.window.findChild(TagEditor) is not None)
    editor = app.window.findChild(TagEditor)
    assert "on gpu1" in editor.windowTitle()
    field = editor.findChild(QLineEdit)
    field.setText("far")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    editor.accept()

    said(app, qtbot, f"Changed the tags of run {SHORT} on gpu1.")
    assert attr(there, THERE, "tags") == "- far\n"


def test_a_comment_is_written_there_where_it_is_written_at_home(far, there, qtbot):
    app, _shelf_desk = far

    trigger(app, "run.comment")
    tab = app.window.details.tab("comments")
    qtbot.waitUntil(tab.box.isVisible)
    tab.box.put("looks good")
    tab.box.enter()

    said(app, qtbot, f"Commented on run {SHORT} on gpu1.")
    assert "looks good" in attr(there, THERE, "comments")
    qtbot.waitUntil(lambda: [c.body for c in tab._comments] == ["looks good"], timeout=10_000)
    assert tab.box.body() == ""


def test_a_label_typed_in_the_details_is_written_there(far, there, home, qtbot):
    app, _shelf_desk = far
    app.window.details.show_tab("overview")
    heading = app.window.details.tab("overview").findChild(LabelHeading)
    qtbot.waitUntil(lambda: heading._label == "from afar", timeout=10_000)

    heading.edit()
    heading.line.setText("in the details")
    heading.line.entered.emit(0)

    qtbot.waitUntil(lambda: attr(there, THERE, "label") == "in the details\n", timeout=10_000)
    assert attr(home / "runs", HERE, "label") == "from here\n"


# Undo and redo


def test_every_step_there_can_be_taken_back_and_done_again(far, there, home, qtbot):
    app, shelf_desk = far
    before, at_home = tree(there), tree(home)
    trigger(app, "run.mark")
    said(app, qtbot, f"Marked run {SHORT} on gpu1.")
    trigger(app, "run.delete")
    said(app, qtbot, f"Moved run {SHORT} to the trash on gpu1.")
    assert "Move 1 run to the trash on gpu1" in app.window.actions_by_id["edit.undo"].text()

    trigger(app, "edit.undo")
    said(app, qtbot, "Undone: move 1 run to the trash on gpu1.")
    qtbot.waitUntil(lambda: shelf_desk.runs.selected_ids() == [THERE], timeout=10_000)
    trigger(app, "edit.undo")
    said(app, qtbot, "Undone: mark 1 run on gpu1.")

    assert tree(there) == before
    assert not app.window.actions_by_id["edit.undo"].isEnabled()
    trigger(app, "edit.redo")
    qtbot.waitUntil(lambda: attr(there, THERE, "marked") == "true\n", timeout=10_000)
    trigger(app, "edit.redo")
    qtbot.waitUntil(lambda: not (there / THERE).exists(), timeout=10_000)
    assert tree(home) == at_home


def test_what_others_wrote_there_meanwhile_is_not_taken_back(far, there, qtbot):
    app, _shelf_desk = far
    trigger(app, "run.mark")
    said(app, qtbot, f"Marked run {SHORT} on gpu1.")
    (there / THERE / ".guild" / "attrs" / "marked").unlink()

    trigger(app, "edit.undo")

    qtbot.waitUntil(lambda: "its mark was removed meanwhile" in app.window.undo_bar.sentence)
    assert attr(there, THERE, "marked") is None


def test_a_change_that_has_to_ask_waits_on_a_row_of_its_own(far, there, user_home, qtbot):
    app, _shelf_desk = far
    app.sessions[0].remote_desk.remotes.session("gpu1").close()
    (user_home / ".ssh" / "known_hosts").unlink()

    trigger(app, "run.mark")

    jobs = app.window.jobs.jobs
    qtbot.waitUntil(lambda: bool(jobs) and jobs[0].question is not None, timeout=10_000)
    assert jobs[0].job.state is JobState.RUNNING
    jobs[0].answer()
    [dialog] = app.window.findChildren(HostKeyDialog)
    dialog.findChild(QPushButton, "hostKeyAccept").click()
    said(app, qtbot, f"Marked run {SHORT} on gpu1.")
    assert attr(there, THERE, "marked") == "true\n"


def test_at_home_the_actions_are_about_the_home_again(far, there, home, qtbot):
    app, _shelf_desk = far
    app.window.places.setCurrentIndex(app.window.places_model.index_of((PlaceKind.RUNS, "")))
    app.sessions[0].desk.runs.select_ids([HERE])

    trigger(app, "run.mark")

    qtbot.waitUntil(lambda: attr(home / "runs", HERE, "marked") == "true\n")
    assert attr(there, THERE, "marked") is None
