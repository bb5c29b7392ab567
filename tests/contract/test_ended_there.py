"""Runs of a real server are ended: asked, waited for, and killed where they do not end."""

from __future__ import annotations

import threading

import psutil
import pytest

from core.check import go_on
from core.errors import Cancelled
from remote.stopping import end_there
from tests.support.patience import PATIENCE
from tests.support.processes import STUBBORN, wait_until
from tests.support.runs import make_run

A, B = "a" * 32, "b" * 32
PARENT = f"""
import subprocess, sys, time

child = subprocess.Popen([sys.executable, "-c", {STUBBORN!r}])
open("child", "w").write(str(child.pid))
time.sleep(100)
"""


@pytest.fixture
def there(make_two_homes):
    """The home of a server with one run."""
    homes = make_two_homes()
    make_run(homes.there.runs_dir, A)
    return homes


def begin(there, start_operation, *code, **more):
    """A run with what started it, which waits for its end and then removes the LOCK."""
    run_dir = there.there.runs_dir / A
    process = start_operation(run_dir, *code, **more)

    def wait():
        process.wait()
        (run_dir / ".guild" / "LOCK").unlink(missing_ok=True)

    threading.Thread(target=wait, daemon=True).start()
    return process


def test_a_run_is_asked_to_end_and_waited_for(there, start_operation, monkeypatch):
    monkeypatch.setattr("remote.stopping.SETTLE_SECONDS", PATIENCE)
    process = begin(there, start_operation)

    assert end_there(there.remote(), [A], go_on) == []

    assert process.wait(PATIENCE) == -15
    assert not (there.there.runs_dir / A / ".guild" / "LOCK").exists()


def test_what_does_not_end_is_killed_after_the_grace(there, start_operation):
    process = begin(there, start_operation, STUBBORN)

    assert end_there(there.remote(), [A], go_on, grace=0.5) == []

    assert process.wait(PATIENCE) == -9


def test_without_a_grace_it_is_killed_at_once(there, start_operation):
    process = begin(there, start_operation)

    assert end_there(there.remote(), [A], go_on, grace=0) == []

    assert process.wait(PATIENCE) == -9


def test_of_a_host_that_answers_late_it_is_not_said_that_nothing_ended(
    there, start_operation, monkeypatch
):
    monkeypatch.setattr("remote.stopping.CHILD_SECONDS", 0.0)  # it has passed at the first look
    process = begin(there, start_operation)

    assert end_there(there.remote(), [A], go_on, grace=0) == []

    assert process.wait(PATIENCE) == -9


def test_what_a_run_started_ends_with_it(there, start_operation):
    process = begin(there, start_operation, PARENT, environ={"RUN_ID": A})
    said = there.there.runs_dir / A / "child"
    wait_until(lambda: said.exists() and said.read_text())
    child = psutil.Process(int(said.read_text()))

    assert end_there(there.remote(), [A], go_on, grace=3) == []

    assert process.wait(PATIENCE) == -15
    wait_until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE)


def test_what_another_run_started_goes_on(there, start_operation):
    make_run(there.there.runs_dir, B)
    other = start_operation(there.there.runs_dir / B, environ={"RUN_ID": B, "OF": f"RUN_ID={A}"})
    begin(there, start_operation, environ={"RUN_ID": A})

    assert end_there(there.remote(), [A], go_on, grace=3) == []

    assert other.poll() is None


def test_runs_that_cannot_be_stopped_are_told(there, start_operation):
    make_run(there.there.runs_dir, B)
    other = start_operation(there.there.runs_dir / B, lock=False)
    (there.there.runs_dir / A / ".guild" / "LOCK").write_text(str(other.pid))

    refused = end_there(there.remote(), [A, B], go_on)

    assert [each.run_id for each in refused] == [A, B]
    assert refused[0].reason.endswith("its process has ended, or is not evidently its own.")
    assert refused[1].reason == "Run bbbbbbbb is not running on box."
    assert other.poll() is None


def test_the_wait_can_be_ended(there, start_operation):
    process = begin(there, start_operation, STUBBORN)
    home = there.remote()
    asked = threading.Event()
    threading.Timer(1.5, asked.set).start()

    def check():
        if asked.is_set():
            raise Cancelled

    with pytest.raises(Cancelled):
        end_there(home, [A], check)

    assert process.poll() is None
