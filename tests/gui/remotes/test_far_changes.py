"""Runs of a remote are changed where they are, with the dialogs, the bar and the steps of home."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QLineEdit, QPushButton

from core.jobs import JobState
from gui.dialogs.host_key_dialog import HostKeyDialog
from gui.dialogs.label_dialog import LabelDialog
from gui.dialogs.tag_editor import TagEditor
from gui.models.places_model import PlaceKind
from gui.views.check_box import CheckBox
from gui.views.details.label_heading import LabelHeading
from tests.support.far_desk import (
    BOTH,
    HERE,
    THERE,
    attr,
    front,
    places,
    said,
    shown_ids,
    trigger,
)
from tests.support.processes import OBEDIENT, STUBBORN
from tests.support.runs import make_run
from tests.support.trees import tree

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

SHORT = THERE[:8]
BATCH = "b" * 32


@pytest.fixture
def trash(server):
    """The trash of the server, which need not be there."""
    return server.login / ".guild" / "trash" / "runs"


def open_trash(app, qtbot):
    """The trash of gpu1, as soon as it is listed."""
    desk = app.sessions[0].desk
    index = app.window.places_model.index_of((PlaceKind.REMOTE_TRASH, "gpu1"))
    assert index.isValid()
    app.window.places.setCurrentIndex(index)
    qtbot.waitUntil(lambda: desk.front.shelf.title == "Trash of gpu1")
    qtbot.waitUntil(lambda: desk.front.feed.last.is_read, timeout=20_000)
    return desk.front


def question(app, qtbot, name):
    """The question of that name, as soon as the host said what belongs to the runs."""

    def dialogs():
        return [each for each in app.window.findChildren(QDialog, name) if each.isVisible()]

    qtbot.waitUntil(lambda: bool(dialogs()), timeout=10_000)
    return dialogs()[0]


def label_of(shelf_desk, run_id=THERE):
    columns = shelf_desk.shelf.columns
    return columns.value("label", columns.slot_of(run_id))


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


# Trash


def test_the_trash_of_a_remote_is_a_place_below_it_once_the_remote_is_looked_at(
    open_desk, configure, server, there, trash, qtbot
):
    make_run(trash, "d" * 32, attrs={"label": "gone"})
    configure(server)
    app, _desk = open_desk()
    assert "Trash" not in places(app)

    front(app, qtbot)
    shelf_desk = open_trash(app, qtbot)

    qtbot.waitUntil(lambda: shown_ids(shelf_desk) == {"d" * 32})
    place = places(app)["Trash"]
    assert (place.count, place.spoken, place.is_below) == ("1", "of gpu1", True)
    assert label_of(shelf_desk, "d" * 32) == "gone"
    actions = app.window.actions_by_id
    shelf_desk.runs.select_ids(["d" * 32])
    for id_ in ("run.label", "run.tag", "run.delete", "run.pull", "run.push", "run.export"):
        assert not actions[id_].isEnabled()
        assert "restore them first" in actions[id_].toolTip()
    assert not shelf_desk.runs.current_ref().can_change


def test_a_run_that_is_deleted_there_is_in_its_trash_and_comes_back(far, there, home, trash, qtbot):
    app, shelf_desk = far
    in_trash = open_trash(app, qtbot)
    assert shown_ids(in_trash) == set()
    front(app, qtbot)
    qtbot.waitUntil(lambda: shelf_desk.runs.select_ids([THERE]))

    trigger(app, "run.delete")
    said(app, qtbot, f"Moved run {SHORT} to the trash on gpu1.")
    assert shelf_desk.runs.selected_ids() == [BOTH]  # its neighbour
    assert (trash / THERE).is_dir()
    assert (home / "runs" / HERE).is_dir()
    qtbot.waitUntil(lambda: shown_ids(shelf_desk) == {BOTH}, timeout=10_000)
    open_trash(app, qtbot)
    qtbot.waitUntil(lambda: shown_ids(in_trash) == {THERE}, timeout=10_000)
    in_trash.runs.select_ids([THERE])
    trigger(app, "run.restore")

    said(app, qtbot, f"Restored run {SHORT} from the trash on gpu1.")
    assert (there / THERE).is_dir()
    qtbot.waitUntil(lambda: shown_ids(in_trash) == set(), timeout=10_000)
    front(app, qtbot)
    qtbot.waitUntil(lambda: shown_ids(shelf_desk) == {THERE, BOTH}, timeout=10_000)


def test_a_name_that_was_taken_in_the_trash_is_shown_and_restored(
    open_desk, configure, server, there, trash, qtbot
):
    other = f"{THERE}_abcd1234"
    make_run(trash, other, attrs={"label": "an older one"})
    configure(server)
    app, _desk = open_desk()
    front(app, qtbot)
    in_trash = open_trash(app, qtbot)
    qtbot.waitUntil(lambda: in_trash.runs.select_ids([other]))

    trigger(app, "run.restore")

    said(app, qtbot, "from the trash on gpu1.")
    assert attr(there, other, "label") == "an older one\n"


def test_erasing_from_the_trash_there_is_asked_with_names_and_bytes(
    open_desk, configure, server, there, trash, home, qtbot
):
    for digit in "de":
        make_run(trash, digit * 32, attrs={"label": digit}, files={"model.bin": "x" * 5_000})
    configure(server)
    app, _desk = open_desk()
    front(app, qtbot)
    in_trash = open_trash(app, qtbot)
    qtbot.waitUntil(lambda: shown_ids(in_trash) == {"d" * 32, "e" * 32})

    in_trash.runs.select_ids(["d" * 32])
    trigger(app, "run.purge")
    dialog = question(app, qtbot, "purgeQuestion")
    assert dialog.windowTitle() == "Delete 1 run on gpu1 permanently?"
    size = dialog.findChild(QLabel, "questionSize")
    qtbot.waitUntil(lambda: size.text().startswith("5."), timeout=10_000)
    assert size.text().endswith("KB on the host")
    dialog.findChild(QPushButton, "questionVerb").click()
    said(app, qtbot, "Deleted run dddddddd permanently on gpu1.")
    assert [path.name for path in trash.iterdir()] == ["e" * 32]

    qtbot.waitUntil(lambda: shown_ids(in_trash) == {"e" * 32}, timeout=10_000)
    trigger(app, "run.empty-trash")
    dialog = app.window.findChild(QDialog, "purgeQuestion")
    dialog.findChild(QPushButton, "questionVerb").click()
    said(app, qtbot, "Deleted run eeeeeeee permanently on gpu1.")
    assert list(trash.iterdir()) == []
    assert (there / THERE).is_dir()
    assert (home / "runs" / HERE).is_dir()


def test_an_empty_trash_there_says_so(open_desk, configure, server, there, qtbot):
    configure(server)
    app, _desk = open_desk()
    front(app, qtbot)

    in_trash = open_trash(app, qtbot)

    qtbot.waitUntil(in_trash.tabs.empty.isVisible)
    words = " ".join(label.text() for label in in_trash.tabs.empty.findChildren(QLabel))
    assert "The trash of gpu1 is empty" in words
    assert not app.window.actions_by_id["run.empty-trash"].isEnabled()


def test_erasing_there_is_asked_and_done_there_alone(far, there, home, qtbot):
    app, _shelf_desk = far

    trigger(app, "run.purge")
    dialog = question(app, qtbot, "purgeQuestion")
    words = dialog.findChild(QLabel, "questionText").text()
    assert "not moved to the trash" in words
    dialog.findChild(QPushButton, "questionVerb").click()

    said(app, qtbot, f"Deleted run {SHORT} permanently on gpu1.")
    assert not (there / THERE).exists()
    assert (home / "runs" / HERE).is_dir()


# Trials and steps


@pytest.fixture
def batch(open_desk, configure, server, there, qtbot):
    """A remote with a batch of two trials, of which the batch is selected."""
    make_run(there / BATCH / ".guild", "proto")
    make_run(there, BATCH, attrs={"label": "all of them"})
    for trial in (THERE, BOTH):
        (there / BATCH / trial).symlink_to(f"../{trial}")
    configure(server)
    app, _desk = open_desk()
    shelf_desk = front(app, qtbot)
    qtbot.waitUntil(lambda: shelf_desk.runs.select_ids([BATCH]))
    return app, shelf_desk


def test_a_batch_there_offers_to_take_its_trials_along_into_the_trash_and_back(
    batch, there, trash, home, qtbot
):
    app, _shelf_desk = batch
    at_home = tree(home)

    trigger(app, "run.delete")
    dialog = question(app, qtbot, "deleteQuestion")
    assert dialog.windowTitle() == "Move 1 run on gpu1 to the trash?"
    assert "2 trials that nothing else uses" in dialog.findChild(QLabel, "questionText").text()
    assert dialog.findChild(QPushButton, "questionVerb").text() == "Move 3 Runs to Trash"
    dialog.findChild(QPushButton, "questionVerb").click()
    said(app, qtbot, "Moved 3 runs to the trash on gpu1.")
    assert {path.name for path in trash.iterdir()} == {BATCH, THERE, BOTH}
    in_trash = open_trash(app, qtbot)
    qtbot.waitUntil(lambda: len(shown_ids(in_trash)) == 3, timeout=10_000)
    in_trash.runs.select_ids([BATCH])
    trigger(app, "run.restore")
    dialog = question(app, qtbot, "restoreQuestion")
    assert dialog.windowTitle() == "Restore 1 run from the trash on gpu1?"
    dialog.findChild(CheckBox, "questionAlso").setChecked(False)
    dialog.findChild(QPushButton, "questionVerb").click()

    said(app, qtbot, f"Restored run {BATCH[:8]} from the trash on gpu1.")
    assert (there / BATCH).is_dir()
    assert {path.name for path in trash.iterdir()} == {THERE, BOTH}
    assert tree(home) == at_home


def test_trials_there_stay_with_a_running_batch_and_the_question_says_so(
    batch, start_operation, there, qtbot
):
    app, shelf_desk = batch
    process = start_operation(there / BATCH)
    trigger(app, "remote.refresh")
    value = shelf_desk.runs.columns.value
    qtbot.waitUntil(
        lambda: value("status", shelf_desk.runs.columns.slot_of(BATCH)) == "running",
        timeout=10_000,
    )

    trigger(app, "run.delete")
    dialog = question(app, qtbot, "deleteQuestion")
    words = dialog.findChild(QLabel, "questionText").text()
    assert words.endswith("It is running and stays with what belongs to it; stop it first.")
    dialog.findChild(QPushButton, "questionVerb").click()

    said(app, qtbot, "1 run is still running, and 2 that belong to it stay.")
    assert {BATCH, THERE, BOTH} <= {path.name for path in there.iterdir()}
    assert process.poll() is None


@pytest.fixture
def running(far, start_operation, there):
    """The selected run is running there, and ends when it is asked to; its process."""
    process = start_operation(there / THERE, OBEDIENT)
    threading.Thread(target=process.wait, daemon=True).start()  # as what started it does
    return process


def press_offer(app, text):
    """Press a button beside what the bar says."""
    [button] = [b for b in app.window.undo_bar.findChildren(QPushButton) if b.text() == text]
    button.click()


def test_a_running_run_there_is_deleted_when_it_may_be_stopped(far, running, there, trash, qtbot):
    app, shelf_desk = far
    trigger(app, "run.delete")
    said(app, qtbot, f"Run {SHORT} was not deleted: it is running.")

    press_offer(app, "Stop and Delete…")
    dialog = question(app, qtbot, "stopQuestion")
    assert dialog.windowTitle() == "Stop and delete 1 run on gpu1?"
    assert dialog.findChild(QPushButton, "questionVerb").text() == "Stop and Delete 1 Run"
    assert running.poll() is None
    dialog.findChild(QPushButton, "questionVerb").click()

    said(app, qtbot, f"Stopped and moved run {SHORT} to the trash on gpu1.")
    assert running.poll() is not None
    assert (trash / THERE / ".guild" / "attrs" / "exit_status").read_text() == "-15"
    qtbot.waitUntil(lambda: THERE not in shown_ids(shelf_desk))
    trigger(app, "edit.undo")
    said(app, qtbot, "Undone: move 1 run to the trash on gpu1.")
    assert (there / THERE).is_dir()


def test_a_running_batch_there_is_stopped_and_its_trials_go_along(
    batch, start_operation, there, trash, qtbot
):
    app, _shelf_desk = batch
    process = start_operation(there / BATCH, OBEDIENT)
    threading.Thread(target=process.wait, daemon=True).start()
    trigger(app, "run.delete")
    question(app, qtbot, "deleteQuestion").findChild(QPushButton, "questionVerb").click()
    said(app, qtbot, "1 run is still running, and 2 that belong to it stay.")

    press_offer(app, "Stop and Delete…")
    dialog = question(app, qtbot, "stopQuestion")
    words = dialog.findChild(QLabel, "questionText").text()
    assert words.endswith("A stopped run cannot be continued. 2 trials and steps go along.")
    dialog.findChild(QPushButton, "questionVerb").click()

    said(app, qtbot, "Stopped and moved 3 runs to the trash on gpu1.")
    assert {path.name for path in trash.iterdir()} == {BATCH, THERE, BOTH}


def test_a_run_there_that_cannot_be_stopped_stays_and_it_is_said_why(
    far, start_operation, there, qtbot
):
    app, _shelf_desk = far
    other = start_operation(there / BOTH)
    (there / THERE / ".guild" / "LOCK").write_text(str(other.pid))
    trigger(app, "run.delete")
    said(app, qtbot, "it is running.")

    press_offer(app, "Stop and Delete…")
    question(app, qtbot, "stopQuestion").findChild(QPushButton, "questionVerb").click()

    said(app, qtbot, "was not stopped: its process has ended, or is not evidently its own.")
    assert other.poll() is None
    assert (there / THERE).is_dir()


def test_erasing_a_batch_there_offers_its_trials_which_stay_unless_they_are_wanted(
    batch, there, qtbot
):
    app, _shelf_desk = batch

    trigger(app, "run.purge")
    dialog = question(app, qtbot, "purgeQuestion")
    also = dialog.findChild(CheckBox, "questionAlso")
    assert (also.text(), also.isChecked()) == ("Take 2 trials along", False)
    dialog.findChild(QPushButton, "questionVerb").click()

    said(app, qtbot, f"Deleted run {BATCH[:8]} permanently on gpu1.")
    assert {path.name for path in there.iterdir()} == {THERE, BOTH}


def test_a_host_that_answers_late_is_waited_for_with_a_word_and_can_be_left(
    batch, server, there, qtbot
):
    app, _shelf_desk = batch
    server.freeze()

    trigger(app, "run.delete")
    said(app, qtbot, "Looking for trials and steps on gpu1…")
    app.window.undo_bar.findChild(QPushButton).click()

    qtbot.waitUntil(app.window.undo_bar.isHidden)
    server.thaw()
    assert (there / BATCH).is_dir()


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


def test_undo_in_the_trash_is_about_the_same_remote(far, there, trash, qtbot):
    app, _shelf_desk = far
    trigger(app, "run.delete")
    said(app, qtbot, f"Moved run {SHORT} to the trash on gpu1.")
    in_trash = open_trash(app, qtbot)
    qtbot.waitUntil(lambda: shown_ids(in_trash) == {THERE})

    trigger(app, "edit.undo")

    qtbot.waitUntil(lambda: (there / THERE).is_dir(), timeout=10_000)
    qtbot.waitUntil(lambda: shown_ids(in_trash) == set(), timeout=10_000)


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


def status_shown(shelf_desk, run_id):
    """The words in the table's row."""
    columns, texts = shelf_desk.shelf.columns, shelf_desk.runs.model.texts
    slot = columns.slot_of(run_id)
    return f"{columns.value('status', slot)} {texts.note(0, slot)}".strip()


def stop(app, qtbot):
    """Agree to stop the selected runs, as soon as the table knows that they are running."""
    qtbot.waitUntil(lambda: app.window.actions_by_id["run.stop"].isEnabled(), timeout=20_000)
    trigger(app, "run.stop")
    dialog = question(app, qtbot, "stopQuestion")
    dialog.findChild(QPushButton, "questionVerb").click()


def test_a_run_there_is_stopped_and_waited_for_and_its_row_tells_it(far, running, there, qtbot):
    app, shelf_desk = far
    trigger(app, "remote.refresh")

    stop(app, qtbot)

    said(app, qtbot, f"Stopped run {SHORT} on gpu1.")
    assert running.poll() is not None
    assert not (there / THERE / ".guild" / "LOCK").exists()
    qtbot.waitUntil(lambda: status_shown(shelf_desk, THERE) == "terminated", timeout=10_000)


def test_while_a_run_there_does_not_end_others_are_changed_and_its_row_says_stopping(
    far, start_operation, there, qtbot
):
    app, shelf_desk = far
    process = start_operation(there / THERE, STUBBORN)
    threading.Thread(target=process.wait, daemon=True).start()
    trigger(app, "remote.refresh")
    stop(app, qtbot)
    assert status_shown(shelf_desk, THERE) == "running stopping…"
    assert "being stopped" in app.window.actions_by_id["run.stop"].toolTip()

    trigger(app, "run.mark")

    said(app, qtbot, f"Marked run {SHORT} on gpu1.")
    assert process.poll() is None
    jobs = app.window.jobs.jobs
    qtbot.waitUntil(lambda: any("Stop" in row.job.title for row in jobs), timeout=10_000)
    [row] = [row for row in jobs if "Stop" in row.job.title]
    row.job.cancel()
    said(app, qtbot, f"Run {SHORT} on gpu1 was asked to end, and is not waited for.")
    assert status_shown(shelf_desk, THERE) == "running"


def test_a_run_there_whose_process_is_another_one_is_not_stopped_and_it_is_said(
    far, start_operation, there, qtbot
):
    app, shelf_desk = far
    other = start_operation(there / BOTH)
    (there / THERE / ".guild" / "LOCK").write_text(str(other.pid))
    trigger(app, "remote.refresh")

    stop(app, qtbot)

    said(app, qtbot, "was not stopped: its process has ended, or is not evidently its own.")
    assert other.poll() is None
    assert status_shown(shelf_desk, THERE) == "running"


def test_a_run_that_is_not_running_cannot_be_stopped(far):
    app, _shelf_desk = far

    action = app.window.actions_by_id["run.stop"]
    assert not action.isEnabled()
    assert "None of the selected runs is running." in action.toolTip()


def test_at_home_the_actions_are_about_the_home_again(far, there, home, qtbot):
    app, _shelf_desk = far
    app.window.places.setCurrentIndex(app.window.places_model.index_of((PlaceKind.RUNS, "")))
    app.sessions[0].desk.runs.select_ids([HERE])

    trigger(app, "run.mark")

    qtbot.waitUntil(lambda: attr(home / "runs", HERE, "marked") == "true\n")
    assert attr(there, THERE, "marked") is None
