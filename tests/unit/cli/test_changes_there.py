"""Commands with `-r REMOTE` that take runs of a real sshd away and bring them back."""

from __future__ import annotations

import pytest

from tests.support.answers import Terminal
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
