"""Commands with `-r REMOTE` that take runs of a real sshd away and bring them back."""

from __future__ import annotations

import threading

import pytest

from tests.support.answers import Terminal
from tests.support.patience import PATIENCE
from tests.support.processes import OBEDIENT, STUBBORN
from tests.support.runs import make_run

BATCH, FIRST, SECOND, OTHER = "f" * 32, "1" * 32, "2" * 32, "3" * 32


@pytest.fixture
def batch(far_runs):
    """A batch with two trials on the remote, and a run beside them."""
    for run_id in (BATCH, FIRST, SECOND, OTHER):
        make_run(far_runs, run_id)
    make_run(far_runs / BATCH / ".guild", "proto")
    for trial in (FIRST, SECOND):
        (far_runs / BATCH / trial).symlink_to(f"../{trial}")
    return far_runs


def runs_in(folder):
    return {path.name for path in folder.iterdir()} if folder.exists() else set()


def test_trials_of_a_remote_go_along_when_asked_for(desk, batch):
    trash = batch.parent / "trash" / "runs"

    desk("delete", "-y", "-r", "box", "--with-trials", BATCH[:8])
    assert runs_in(trash) == {BATCH, FIRST, SECOND}
    assert runs_in(batch) == {OTHER}

    desk("restore", "-y", "-r", "box", "--with-trials", BATCH)
    assert runs_in(trash) == set()

    desk("delete", "-y", "-r", "box", "-p", "--with-trials", BATCH)
    assert runs_in(batch) == {OTHER}
    assert runs_in(trash) == set()


def test_trials_of_a_running_batch_of_a_remote_stay_with_it(desk, batch, start_operation):
    start_operation(batch / BATCH)

    for permanently in (), ("-p",):
        outcome = desk.fails("delete", "-y", "-r", "box", "--with-trials", *permanently, BATCH)
        assert f"it belongs to run {BATCH[:8]}, which stays" in outcome.err
    assert runs_in(batch) == {BATCH, FIRST, SECOND, OTHER}


@pytest.fixture
def running(batch, start_operation):
    """One of the runs is running, and ends when it is asked to; its process."""
    process = start_operation(batch / OTHER, OBEDIENT)
    threading.Thread(target=process.wait, daemon=True).start()  # as what started it does
    return process


def test_a_running_run_of_a_remote_is_deleted_when_it_may_be_stopped(desk, batch, running):
    with Terminal(desk) as terminal:
        terminal.start("delete", "-r", "box", OTHER)
        terminal.wait_for("(Y/n)")
        terminal.type("y\n")
        terminal.wait_for("1 run is still running on box. Stop and go on? (y/N)")
        terminal.type("y\n")
        said = terminal.wait_for("Deleted 1 run.")
        terminal.finish()

    assert "Stopping 1 run on box" in said
    assert running.wait(PATIENCE) is not None
    trashed = batch.parent / "trash" / "runs" / OTHER
    assert (trashed / ".guild" / "attrs" / "exit_status").read_text() == "-15"
    assert not (batch / OTHER).exists()


def test_without_an_answer_a_running_run_of_a_remote_stays_and_it_is_said_how_to_stop_it(
    desk, batch, running
):
    said = desk.fails("delete", "-y", "-r", "box", OTHER).err

    assert "it is running" in said
    assert "stop -r box RUN." in said
    assert running.poll() is None


def test_stopping_a_run_of_a_remote_waits_for_its_end(desk, batch, running):
    said = desk("stop", "-y", "-r", "box", OTHER).err

    assert said.endswith("Stopped 1 run.\n")
    assert running.wait(PATIENCE) is not None
    assert not (batch / OTHER / ".guild" / "LOCK").exists()


def test_stopping_a_run_of_a_remote_need_not_wait(desk, batch, running):
    assert desk("stop", "-y", "-n", "-r", "box", OTHER).err == "Asked 1 run to end.\n"


def test_a_run_of_a_remote_that_does_not_end_is_killed(desk, batch, start_operation):
    process = start_operation(batch / OTHER, STUBBORN)
    threading.Thread(target=process.wait, daemon=True).start()

    assert "Stopped 1 run." in desk("stop", "-y", "--timeout", "0.5", "-r", "box", OTHER).err

    assert process.wait(PATIENCE) == -9


def test_trials_of_a_remote_stay_where_nobody_asked_for_them(desk, batch):
    desk("delete", "-y", "-r", "box", BATCH)

    assert runs_in(batch) == {FIRST, SECOND, OTHER}


def test_a_question_says_that_trials_of_a_remote_belong_to_the_runs(desk, batch):
    with Terminal(desk) as terminal:
        terminal.start("delete", "-r", "box", BATCH)
        asked = terminal.wait_for("(Y/n)")
        terminal.type("n\n")
        terminal.finish()

    assert "2 trials and steps belong to these runs only" in asked
    assert BATCH in runs_in(batch)


def test_deleted_runs_of_a_remote_are_listed_and_named_by_what_the_list_says(desk, batch):
    make_run(batch, "5" * 32, attrs={"label": "gone", "started": "1700000000000000"})
    desk("delete", "-y", "-r", "box", OTHER, "5" * 32)

    listed = desk("list", "-r", "box", "--deleted").out
    assert [line[:12] for line in listed.splitlines()] == ["[1:55555555]", "[2:33333333]"]
    assert "gone" in listed
    assert '"label": "gone"' in desk("list", "-r", "box", "-d", "--json").out
    assert "gone" in desk("info", "-r", "box", "--deleted", "1").out
    assert OTHER[:8] not in desk("list", "-r", "box").out
    desk("restore", "-y", "-r", "box", "--filter", "label = gone")
    assert "55555555" in desk("list", "-r", "box").out
    desk("purge", "-y", "-r", "box", "1")

    assert desk("list", "-r", "box", "-d").err == "The trash of box is empty.\n"
    failed = desk.fails("restore", "-y", "-r", "box", OTHER)
    assert "`rundesk list --remote box --deleted`" in failed.err


@pytest.mark.parametrize("command", ["restore", "stop"])
def test_where_a_remote_refuses_all_runs_nothing_is_said_of_none(desk, batch, command):
    if command == "restore":
        desk("delete", "-y", "-r", "box", OTHER)
        make_run(batch, OTHER)

    said = desk.fails(command, "-y", "-r", "box", OTHER).err

    assert OTHER[:8] in said
    assert " 0 runs" not in said
