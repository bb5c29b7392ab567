"""Runs that are running, here and elsewhere, and what happens to them first."""

from __future__ import annotations

import os
import signal
import socket

import pytest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton

from core.runs.attrs import read_attr
from core.runs.busy import find_busy
from tests.support.processes import OBEDIENT, STUBBORN
from tests.support.runs import make_run
from tests.support.tidying import (
    dialog,
    names_in,
    plain_ids,
    press,
    press_in_bar,
    select,
    shown,
    text_of,
)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def running(desk, home, start_operation, qtbot) -> str:
    """A run whose process lives on this machine."""
    run_id = "f" * 32
    run_dir = make_run(home.runs_dir, run_id, attrs={"host": socket.gethostname()})
    start_operation(run_dir, OBEDIENT)
    columns = desk.runs.columns
    qtbot.waitUntil(lambda: columns.slot_of(run_id) is not None)
    desk.feed.look_now()
    qtbot.waitUntil(lambda: columns.value("status", columns.slot_of(run_id)) == "running")
    qtbot.waitUntil(lambda: run_id in shown(desk))
    return run_id


def test_stopping_asks_shows_it_and_says_what_became_of_it(
    running, desk, window, bar, trigger, qtbot
):
    select(desk, [running])
    trigger("run.stop")
    question = dialog(window, "stopQuestion")
    assert question.findChild(QPushButton, "questionVerb").text() == "Stop 1 Run"
    assert not question.findChild(QPushButton, "questionVerb").isDefault()

    press(question, "questionVerb", qtbot)

    slot = desk.runs.columns.slot_of(running)
    section = desk.runs.model.keys.index("status")
    assert desk.runs.model.texts.note(section, slot) == "stopping…"
    assert not window.actions_by_id["run.stop"].isEnabled()
    # The process is gone a moment before the job has said so.
    value = desk.runs.columns.value
    qtbot.waitUntil(lambda: value("status", slot) != "running", timeout=20_000)
    assert desk.runs.model.texts.note(section, slot) == ""
    qtbot.waitUntil(lambda: bar.sentence == f"Stopped run {running[:8]}.", timeout=20_000)
    assert desk.runs.model.texts.note(section, slot) == ""


@pytest.fixture
def elsewhere(desk, home, qtbot) -> list[str]:
    """Two runs that are running on another machine."""
    ids = ["d" * 32, "c" * 32]
    for run_id in ids:
        make_run(home.runs_dir, run_id, files={".guild/LOCK.remote": "gpu1"})
    columns = desk.runs.columns
    desk.feed.look_now()
    qtbot.waitUntil(lambda: set(ids) <= set(shown(desk)))
    # They may have been read before they were whole.
    slots = [columns.slot_of(run_id) for run_id in ids]
    qtbot.waitUntil(lambda: {columns.value("remote", slot) for slot in slots} == {"gpu1"})
    return ids


def test_only_what_runs_here_is_counted_where_it_is_stopped(
    running, elsewhere, desk, window, trigger
):
    select(desk, [running, *elsewhere])
    trigger("run.stop")

    question = dialog(window, "stopQuestion")
    assert text_of(question, "questionTitle") == "Stop 1 run?"
    assert question.findChild(QPushButton, "questionVerb").text() == "Stop 1 Run"
    assert [label.text()[:8] for label in question.findChildren(QLabel, "questionName")] == [
        running[:8]
    ]
    said = text_of(question, "questionText")
    assert said.endswith("continued. 2 more run on gpu1 and can be stopped only there.")
    question.reject()


def test_runs_of_another_machine_cannot_be_stopped_and_it_is_said_why(elsewhere, desk, window):
    action = window.actions_by_id["run.stop"]

    select(desk, elsewhere)
    assert not action.isEnabled()
    assert "They run on gpu1 and can be stopped only there." in action.toolTip()

    select(desk, elsewhere[:1])
    assert "It runs on gpu1 and can be stopped only there." in action.toolTip()


def test_the_question_before_erasing_says_what_is_running(
    running, elsewhere, desk, window, trigger, qtbot
):
    select(desk, [running, *elsewhere])
    trigger("run.purge")
    qtbot.waitUntil(lambda: window.findChild(QDialog, "purgeQuestion") is not None)
    question = dialog(window, "purgeQuestion")

    # What LOCK.remote says of another machine bars nothing: this copy does not run.
    said = text_of(question, "questionText")
    question.reject()
    assert said.endswith("undone. 1 of them is running and stays; stop it first.")


def test_a_running_run_is_not_deleted_but_may_be_stopped_first(
    running, desk, home, window, bar, trigger, qtbot
):
    select(desk, [running])
    trigger("run.delete")
    press_in_bar(bar, "Stop and Delete…", qtbot)
    assert running in names_in(home.runs_dir)

    press(dialog(window, "stopQuestion"), "questionVerb", qtbot)

    qtbot.waitUntil(lambda: running in names_in(home.trash_dir), timeout=20_000)
    qtbot.waitUntil(lambda: bar.sentence == f"Moved run {running[:8]} to the trash.")


def test_a_run_that_ended_before_it_was_to_be_stopped_is_deleted(
    running, desk, home, window, bar, trigger, qtbot
):
    select(desk, [running])
    trigger("run.delete")
    press_in_bar(bar, "Stop and Delete…", qtbot)
    question = dialog(window, "stopQuestion")
    lock = home.runs_dir / running / ".guild" / "LOCK"
    os.kill(int(lock.read_text()), signal.SIGKILL)
    qtbot.waitUntil(lambda: find_busy(home.runs_dir / running) is None)

    press(question, "questionVerb", qtbot)

    qtbot.waitUntil(lambda: bar.sentence == f"Moved run {running[:8]} to the trash.")
    assert running in names_in(home.trash_dir)


def test_in_a_large_selection_stop_is_for_running_runs_too(
    running, desk, window, qtbot, monkeypatch
):
    monkeypatch.setattr("gui.changing.change_actions.MOST_LOOKED_AT", 1)
    action = window.actions_by_id["run.stop"]

    select(desk, plain_ids(desk)[:3])
    assert not action.isEnabled()
    assert "None of the selected runs is running." in action.toolTip()

    select(desk, [*plain_ids(desk)[:3], running])
    assert action.isEnabled()


def test_a_run_that_does_not_end_keeps_no_other_waiting(desk, home, start_operation, qtbot):
    codes = {"1" * 32: OBEDIENT, "2" * 32: STUBBORN, "3" * 32: OBEDIENT}
    for run_id, code in codes.items():
        run_dir = make_run(home.runs_dir, run_id, attrs={"host": socket.gethostname()})
        start_operation(run_dir, code)
    first, stubborn, third = codes
    stopper = desk.tidying.stopper
    stopper.stop([first, stubborn])
    qtbot.waitUntil(lambda: stopper.stopping == {stubborn}, timeout=20_000)

    stopper.stop([third])

    qtbot.waitUntil(lambda: stopper.stopping == {stubborn}, timeout=20_000)
    assert read_attr(home.runs_dir / third, "exit_status") == -15


def test_what_is_being_stopped_is_not_asked_for_again(
    running, desk, home, window, trigger, start_operation, qtbot
):
    other = "7" * 32
    start_operation(make_run(home.runs_dir, other, attrs={"host": socket.gethostname()}), STUBBORN)
    columns = desk.runs.columns
    desk.feed.look_now()
    qtbot.waitUntil(lambda: {running, other} <= set(shown(desk)))
    qtbot.waitUntil(lambda: columns.value("status", columns.slot_of(other)) == "running")
    desk.tidying.stopper.stop([other])
    select(desk, [running, other])

    trigger("run.stop")

    question = dialog(window, "stopQuestion")
    assert text_of(question, "questionTitle") == "Stop 1 run?"
    assert text_of(question, "questionName").startswith(running[:8])
    question.reject()


@pytest.fixture
def doubtful(desk, home, qtbot) -> str:
    """A run that another machine began, with a LOCK that says nothing here."""
    run_id = "b" * 32
    attrs, files = {"host": "box.example"}, {".guild/LOCK": "4711", "weights": "x" * 2_000_000}
    make_run(home.runs_dir, run_id, attrs=attrs, files=files)
    desk.feed.look_now()
    qtbot.waitUntil(lambda: run_id in shown(desk))
    return run_id


def test_a_run_that_may_be_running_elsewhere_goes_when_one_insists(
    doubtful, desk, home, window, bar, trigger, qtbot
):
    select(desk, [doubtful])
    trigger("run.delete")
    press_in_bar(bar, "Delete Anyway…", qtbot)
    question = dialog(window, "insistQuestion")
    assert text_of(question, "questionTitle") == "Move 1 run that may be running to the trash?"
    assert question.findChild(QLabel, "questionSize").isHidden()

    press(question, "questionVerb", qtbot)

    qtbot.waitUntil(lambda: doubtful in names_in(home.trash_dir))


def test_insisting_on_erasing_says_how_much_and_that_it_is_for_good(
    doubtful, desk, home, window, bar, trigger, qtbot
):
    select(desk, [doubtful])
    trigger("run.purge")
    qtbot.waitUntil(lambda: window.findChild(QDialog, "purgeQuestion") is not None)
    press(dialog(window, "purgeQuestion"), "questionVerb", qtbot)
    press_in_bar(bar, "Delete Anyway…", qtbot)

    question = dialog(window, "insistQuestion")
    assert text_of(question, "questionTitle") == "Permanently delete 1 run that may be running?"
    assert text_of(question, "questionText").endswith("This cannot be undone.")
    verb = question.findChild(QPushButton, "questionVerb")
    assert (verb.text(), verb.isDefault()) == ("Delete 1 Run Permanently", False)
    size = question.findChild(QLabel, "questionSize")
    qtbot.waitUntil(lambda: size.text() == "2.0 MB on disk")
    press(question, "questionVerb", qtbot)

    qtbot.waitUntil(lambda: doubtful not in names_in(home.runs_dir))
    assert doubtful not in names_in(home.trash_dir)


@pytest.fixture
def running_batch(running, desk, home, qtbot) -> tuple[str, str]:
    """A batch whose process lives on this machine, and its pending trial."""
    trial = "e" * 32
    make_run(home.runs_dir, trial, files={".guild/PENDING": ""})
    make_run(home.runs_dir / running / ".guild", "proto")
    (home.runs_dir / running / trial).symlink_to(f"../{trial}")
    columns = desk.runs.columns
    desk.feed.look_now()
    qtbot.waitUntil(
        lambda: (
            columns.slot_of(trial) is not None
            and bool(columns.stored("links")[columns.slot_of(running)])
        )
    )
    return running, trial


def test_pending_trials_stay_with_their_running_batch_until_it_is_stopped(
    running_batch, desk, home, window, bar, trigger, qtbot
):
    running, trial = running_batch
    select(desk, [running])
    trigger("run.delete")
    qtbot.waitUntil(lambda: window.findChild(QDialog, "deleteQuestion") is not None)
    question = dialog(window, "deleteQuestion")
    assert text_of(question, "questionText").endswith(
        "It is running and stays with what belongs to it; stop it first."
    )
    press(question, "questionVerb", qtbot)

    said = "1 run is still running, and 1 that belongs to it stays."
    qtbot.waitUntil(lambda: bar.sentence == said)
    assert {running, trial} <= set(names_in(home.runs_dir))

    press_in_bar(bar, "Stop and Delete…", qtbot)
    question = dialog(window, "stopQuestion")
    assert text_of(question, "questionTitle") == "Stop and delete 1 run?"
    assert text_of(question, "questionText").endswith(" 1 trial or step goes along.")
    press(question, "questionVerb", qtbot)

    qtbot.waitUntil(lambda: bar.sentence == "Moved 2 runs to the trash.", timeout=20_000)
    assert {running, trial} <= set(names_in(home.trash_dir))
