"""Running runs of a remote are stopped where they run, also to be deleted."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtWidgets import QLabel, QPushButton

from tests.support.far_desk import (
    BATCH,
    BOTH,
    SHORT,
    THERE,
    question,
    said,
    shown_ids,
    trigger,
)
from tests.support.patience import PATIENCE
from tests.support.processes import OBEDIENT, STUBBORN
from tests.support.tidying import press_in_bar

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


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


def test_a_running_run_there_is_deleted_when_it_may_be_stopped(far, running, there, trash, qtbot):
    app, shelf_desk = far
    trigger(app, "run.delete")
    said(app, qtbot, f"Run {SHORT} was not deleted: it is running.")

    press_in_bar(app.window.undo_bar, "Stop and Delete…", qtbot)
    dialog = question(app, qtbot, "stopQuestion")
    assert dialog.windowTitle() == "Stop and delete 1 run on gpu1?"
    assert dialog.findChild(QPushButton, "questionVerb").text() == "Stop and Delete 1 Run"
    assert running.poll() is None
    dialog.findChild(QPushButton, "questionVerb").click()

    said(app, qtbot, f"Stopped and moved run {SHORT} to the trash on gpu1.")
    assert running.wait(PATIENCE) is not None
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

    press_in_bar(app.window.undo_bar, "Stop and Delete…", qtbot)
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

    press_in_bar(app.window.undo_bar, "Stop and Delete…", qtbot)
    question(app, qtbot, "stopQuestion").findChild(QPushButton, "questionVerb").click()

    said(app, qtbot, "was not stopped: its process has ended, or is not evidently its own.")
    assert other.poll() is None
    assert (there / THERE).is_dir()


# Stop alone


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
    assert running.wait(PATIENCE) is not None
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
