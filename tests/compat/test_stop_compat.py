"""Stopping runs that the real Guild started."""

from __future__ import annotations

import contextlib
import subprocess

import psutil
import pytest

from core.home import Home
from core.runs.stop import stop
from core.runs.store import Store
from core.runs.trash import delete
from tests.support.patience import PATIENCE, comes_true

SLEEPER = """
import os, signal, time
x = 1
stubborn = False

def end(*_):
    open("told", "w").close()
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)

signal.signal(signal.SIGTERM, signal.SIG_IGN if stubborn else end)
open("ready", "w").close()
while True:
    time.sleep(1)
"""


@pytest.fixture(autouse=True)
def slow_guild(monkeypatch):
    """Guild is given long to write how a run ended."""
    monkeypatch.setattr("core.runs.stop.SETTLE_SECONDS", PATIENCE)


@pytest.fixture
def start(peer, tmp_path):
    """Starts `guild run ARGS` in the background; whatever is left of it ends with the test."""
    project = tmp_path / "project"
    project.mkdir()
    (project / "sleeper.py").write_text(SLEEPER)
    home = Home(tmp_path / "home")
    home.runs_dir.mkdir(parents=True)
    started = []

    def start(*args):
        started.append(
            subprocess.Popen(
                [str(peer.bin / "guild"), "-H", str(home.path), "run", "-y", *args],
                cwd=project,
                env={"HOME": str(tmp_path), "PATH": f"{peer.bin}:/usr/bin:/bin"},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        )
        return home

    yield start
    for process in started:
        end_with_children(process)


def end_with_children(process):
    if process.poll() is None:
        for member in psutil.Process(process.pid).children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):
                member.kill()
        process.kill()
    process.wait()


def wait_until(condition):
    found = comes_true(condition, every=0.02)
    assert found, "it did not come to that"
    return found


def ready_runs(home):
    """Ids of runs whose script has begun."""
    return [path.name for path in home.runs_dir.iterdir() if (path / "ready").exists()]


def test_a_stopped_run_is_terminated_and_guild_says_so(peer, start):
    home = start("sleeper.py")
    (run_id,) = wait_until(lambda: ready_runs(home))
    store = Store(home.runs_dir)
    assert store.read(run_id).status == "running"
    assert delete(home, [run_id]).refused[0].kind == "running"

    stopped = stop(store, run_id)

    assert (stopped.status, stopped.exit_status, stopped.killed) == ("terminated", -15, 0)
    assert not (home.runs_dir / run_id / ".guild" / "LOCK").exists()
    (told,) = peer.json(home.path, "runs", "--json")
    assert (told["status"], told["exit_status"]) == ("terminated", -15)
    assert len(delete(home, [run_id]).moves) == 1


def test_a_run_that_does_not_listen_is_killed(start):
    home = start("sleeper.py", "stubborn=yes")
    (run_id,) = wait_until(lambda: ready_runs(home))

    stopped = stop(Store(home.runs_dir), run_id, grace=0.5)

    assert (stopped.status, stopped.exit_status, stopped.killed) == ("terminated", -9, 1)


def test_stopping_a_batch_stops_its_trial_and_leaves_the_others_pending(start):
    """A batch is told, and tells its trial.

    How Guild records the trial's end is a race within Guild: one of its threads waits for the
    trial by subprocess, the other by psutil. Where the latter comes first, the former cannot learn
    the exit status any more, and Python takes 0 for it: the trial is "completed".
    """
    home = start("sleeper.py", "x=[1,2,3]")
    (trial,) = wait_until(lambda: ready_runs(home))
    store = Store(home.runs_dir)
    runs = {run_id: store.read(run_id) for run_id in store.ids()}
    (batch,) = [run_id for run_id, run in runs.items() if run.is_batch]

    stopped = stop(store, batch)

    assert (stopped.status, stopped.killed) == ("terminated", 0)
    after = {run_id: store.read(run_id).status for run_id in store.ids()}
    assert after.pop(batch) == "terminated"
    assert after.pop(trial) in ("terminated", "completed")
    assert (home.runs_dir / trial / "told").exists()
    assert not (home.runs_dir / trial / ".guild" / "LOCK").exists()
    assert sorted(after.values()) == ["pending", "pending"]


def test_stopping_a_trial_lets_its_batch_go_on(start):
    home = start("sleeper.py", "x=[1,2]")
    (trial,) = wait_until(lambda: ready_runs(home))
    store = Store(home.runs_dir)

    assert stop(store, trial).status == "terminated"

    (second,) = wait_until(lambda: [run_id for run_id in ready_runs(home) if run_id != trial])
    assert store.read(second).status == "running"
