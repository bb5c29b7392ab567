"""Stopping runs: never the wrong process, and all of the right ones."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time

import psutil
import pytest

from core.errors import Cancelled, RunNotFound, StopRefused
from core.runs import stop as stop_module
from core.runs.stop import Stopped, stop
from core.runs.store import Store
from tests.support.patience import PATIENCE
from tests.support.processes import SLEEP, STUBBORN, wait_until
from tests.support.runs import make_run

RUN = "a" * 32
FAMILY = (
    "import subprocess, sys; "
    "child = subprocess.Popen([sys.executable, '-c', {child!r}], cwd={cwd!r}); "
    "open('child', 'w').write(str(child.pid)); "
)


def has_ended(pid):
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture
def run(tmp_path):
    return make_run(tmp_path / "runs", RUN, attrs={"host": socket.gethostname()})


@pytest.fixture
def store(run):
    return Store(run.parent)


@pytest.fixture(autouse=True)
def nobody_writes_the_end(monkeypatch):
    """Here no supervisor writes how a run ended, so that it is not waited for long."""
    monkeypatch.setattr(stop_module, "SETTLE_SECONDS", 0.1)


def test_a_process_that_ends_when_it_is_asked_is_not_killed(run, store, start_operation):
    process = start_operation(run)

    stopped = stop(store, RUN)

    assert stopped.killed == 0
    assert process.wait(PATIENCE) == -signal.SIGTERM
    assert stopped.status == "error"  # nobody wrote an exit status


def test_what_the_supervisor_writes_is_waited_for(run, store, start_operation, monkeypatch):
    monkeypatch.setattr(stop_module, "SETTLE_SECONDS", 30.0)
    process = start_operation(run)

    def supervise():
        code = process.wait()
        time.sleep(0.2)
        (run / ".guild" / "attrs" / "exit_status").write_text(f"{code}\n")
        (run / ".guild" / "LOCK").unlink()

    supervisor = threading.Thread(target=supervise)
    supervisor.start()

    assert stop(store, RUN) == Stopped(RUN, "terminated", -15)
    supervisor.join()


@pytest.mark.parametrize("grace", [0.0, 0.3])
def test_a_process_that_does_not_listen_is_killed(run, store, start_operation, grace):
    process = start_operation(run, STUBBORN)

    assert stop(store, RUN, grace=grace).killed == 1
    assert process.wait(PATIENCE) == -signal.SIGKILL


def test_children_end_too_when_their_parent_just_goes(run, store, start_operation):
    start_operation(run, FAMILY.format(child="import time; time.sleep(100)", cwd="/") + SLEEP)
    child = int((run / "child").read_text())

    assert stop(store, RUN).killed == 0

    assert has_ended(child)


def test_children_that_do_not_listen_are_killed(run, store, start_operation):
    (run / "sub").mkdir()
    code = FAMILY.format(child=STUBBORN, cwd=str(run / "sub")) + SLEEP
    parent = start_operation(run, code)
    wait_until(lambda: (run / "sub" / "ready").exists())
    child = int((run / "child").read_text())

    assert stop(store, RUN, grace=0.5, check=lambda: parent.wait(PATIENCE)).killed == 1

    assert has_ended(child)


def test_a_parent_that_ends_its_children_itself_is_left_to_do_so(run, store, start_operation):
    tidy = (
        "import signal, sys\n"
        "def end(number, frame):\n"
        "    child.terminate()\n"
        "    open('told', 'w').write(str(child.wait()))\n"
        "    sys.exit(7)\n"
        "signal.signal(signal.SIGTERM, end)\n"
    )
    family = FAMILY.format(child="import time; time.sleep(100)", cwd="/")
    process = start_operation(run, f"{family}\n{tidy}\n{SLEEP}")

    stop(store, RUN)

    assert process.wait(PATIENCE) == 7
    assert (run / "told").read_text() == "-15"


def test_without_waiting_the_run_is_only_asked(run, store, start_operation):
    process = start_operation(run, STUBBORN)

    assert stop(store, RUN, wait=False) == Stopped(RUN, "running")
    assert process.poll() is None


def test_waiting_can_be_cancelled(run, store, start_operation):
    process = start_operation(run, STUBBORN)
    calls = []

    def check():
        calls.append(1)
        if len(calls) > 3:
            raise Cancelled

    with pytest.raises(Cancelled):
        stop(store, RUN, check=check)
    assert process.poll() is None


def refusal(store, run_id=RUN):
    with pytest.raises(StopRefused) as refused:
        stop(store, run_id)
    return str(refused.value)


def test_a_run_that_does_not_run_cannot_be_stopped(run, store):
    assert refusal(store) == f"Run {RUN[:8]} cannot be stopped: it is not running."

    (run / ".guild" / "LOCK").write_text(str((1 << 22) + 1))
    assert "it is not running" in refusal(store)


def test_a_process_that_works_elsewhere_is_not_sent_a_signal(run, store, tmp_path, start_operation):
    process = start_operation(run, cwd=tmp_path)

    assert f"process {process.pid}, which its LOCK names, is not evidently" in refusal(store)
    assert process.poll() is None


def test_a_process_that_began_after_the_lock_was_written_is_not_sent_a_signal(
    run, store, start_operation
):
    process = start_operation(run)
    os.utime(run / ".guild" / "LOCK", (1, 1))

    assert "is not evidently its own" in refusal(store)
    assert process.poll() is None


def test_this_very_process_is_not_stopped(run, store):
    (run / ".guild" / "LOCK").write_text(str(os.getpid()))

    assert "is not evidently its own" in refusal(store)


def test_a_run_of_another_machine_is_not_stopped_here(run, store, start_operation):
    process = start_operation(run)
    (run / ".guild" / "attrs" / "host").write_text("gpu7\n")

    assert "it was started on gpu7; stop it there" in refusal(store)
    assert process.poll() is None


def test_a_run_last_seen_on_a_remote_is_not_stopped_here(run, store, start_operation):
    process = start_operation(run)
    (run / ".guild" / "LOCK.remote").write_text("gpu1:x")

    assert "it was last seen running on gpu1; stop it there" in refusal(store)
    assert process.poll() is None


def test_a_run_that_is_not_there_cannot_be_stopped(store):
    with pytest.raises(RunNotFound):
        stop(store, "b" * 32)
