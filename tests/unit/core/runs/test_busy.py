"""A run with a LOCK is busy until it is proven dead."""

from __future__ import annotations

import os
import socket
import time

import psutil
import pytest

from core.home import Home
from core.runs.busy import find_busy
from core.runs.trash import delete
from tests.support.processes import wait_until
from tests.support.runs import make_run

DEAD_PID = (1 << 22) + 1  # beyond the largest pid that Linux can be set to give
RUN = "a" * 32


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "runs", RUN, attrs={"host": socket.gethostname()})


def lock(run, text, age=0.0):
    path = run / ".guild" / "LOCK"
    path.write_text(str(text))
    when = time.time() - age
    os.utime(path, (when, when))


def test_a_run_without_a_lock_is_idle(run):
    assert find_busy(run) is None


def test_a_run_whose_process_works_in_it_is_running(run, start_operation):
    process = start_operation(run)

    busy = find_busy(run)

    assert (busy.kind, busy.pid) == ("running", process.pid)
    assert busy.reason == f"is running (process {process.pid})"
    process.kill()
    process.wait()
    assert find_busy(run) is None


def test_a_process_that_ended_and_was_not_fetched_is_dead(run, start_operation):
    process = start_operation(run)
    process.kill()
    wait_until(lambda: psutil.Process(process.pid).status() == psutil.STATUS_ZOMBIE)

    assert find_busy(run) is None


def test_a_process_that_is_not_there_is_dead(run):
    lock(run, DEAD_PID)

    assert find_busy(run) is None


def test_a_process_that_works_elsewhere_is_another_one(run, tmp_path, start_operation):
    process = start_operation(run, cwd=tmp_path)
    lock(run, process.pid)

    assert find_busy(run) is None


def test_an_operation_that_changed_its_directory_is_known_by_its_environment(
    run, tmp_path, start_operation
):
    start_operation(run, cwd=tmp_path, environ={"RUN_DIR": str(run)})
    assert find_busy(run).kind == "running"

    start_operation(run, cwd=tmp_path, environ={"RUN_ID": RUN})
    assert find_busy(run).kind == "running"

    start_operation(run, cwd=tmp_path, environ={"RUN_ID": "b" * 32})
    assert find_busy(run) is None


def test_a_process_below_the_run_counts(run, start_operation):
    (run / "sub").mkdir()
    start_operation(run, cwd=run / "sub")

    assert find_busy(run).kind == "running"


def test_a_run_beside_with_a_longer_name_does_not_count(run, start_operation):
    other = make_run(run.parent, f"{RUN}_abcdefgh")
    process = start_operation(other, lock=False)
    lock(run, process.pid)

    assert find_busy(run) is None


def test_a_process_that_works_in_the_run_counts_whenever_it_began(run, start_operation):
    process = start_operation(run)
    lock(run, process.pid, age=86_400)

    assert find_busy(run).kind == "running"


def test_a_run_of_another_machine_is_not_proven_dead(run):
    (run / ".guild" / "attrs" / "host").write_text("gpu7\n")
    lock(run, DEAD_PID)

    busy = find_busy(run)

    assert (busy.kind, busy.reason) == ("elsewhere", "may still be running on gpu7")


def test_a_process_that_may_not_be_looked_at_is_not_proven_dead(run, as_ordinary_user, open_dir):
    assert os.geteuid() == 0, "a process of another user needs root's rights"
    other = make_run(open_dir, RUN)
    for path in [other, *other.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    lock(other, os.getppid())

    with as_ordinary_user():
        busy = find_busy(other)

    assert busy.kind == "elsewhere"
    assert "cannot be looked at" in busy.reason


def test_one_that_may_not_be_looked_at_but_began_later_is_another_one(
    run, as_ordinary_user, open_dir
):
    other = make_run(open_dir, RUN)
    for path in [other, *other.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    lock(other, os.getppid(), age=10 * 365 * 86_400)

    with as_ordinary_user():
        assert find_busy(other) is None


@pytest.mark.parametrize("text", ["", "abc", "12x", "0", "-1"])
def test_a_lock_without_a_number_is_one_that_is_being_written_only_while_it_is_new(run, text):
    lock(run, text)
    assert find_busy(run).kind == "running"

    lock(run, text, age=60)
    assert find_busy(run) is None


def test_a_lock_that_cannot_be_read_is_not_proven_dead(run):
    (run / ".guild" / "LOCK").symlink_to("nowhere")

    assert find_busy(run).kind == "elsewhere"


def test_a_note_that_it_ran_on_a_remote_does_not_count(run):
    (run / ".guild" / "LOCK.remote").write_text("gpu1")
    (run / ".guild" / "PENDING").touch()

    assert find_busy(run) is None


def test_one_can_insist_on_what_cannot_be_known_but_not_on_what_runs(run, start_operation):
    home = Home(run.parent.parent)
    foreign = make_run(home.runs_dir, "b" * 32, attrs={"host": "gpu7"})
    lock(foreign, DEAD_PID)
    start_operation(run)

    refused = delete(home, [RUN, foreign.name]).refused
    assert [refusal.kind for refusal in refused] == ["running", "elsewhere"]
    outcome = delete(home, [RUN, foreign.name], unproven=True)

    assert [move.run_id for move in outcome.moves] == [foreign.name]
    assert [refusal.kind for refusal in outcome.refused] == ["running"]
