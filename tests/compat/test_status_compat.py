"""Status is Guild's for every combination of markers, but where Guild is known to be wrong."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from msgspec import Struct

from core.runs.store import Store

DEAD_PID = str((1 << 22) + 1)  # beyond the largest pid that Linux can be set to give
LOCKS = {"none": None, "live": str(os.getpid()), "dead": DEAD_PID, "garbage": "x1", "empty": ""}
EXITS = {
    "none": None,
    "zero": "0\n",
    "one": "1\n",
    "signal": "-15\n",
    "empty": "",
    "float": "0.0\n",
}
LOCK_TIME = 1_900_000_000


class Combination(Struct, frozen=True):
    """Markers of one run."""

    lock: str
    remote: bool
    pending: bool
    staged: bool
    exit: str
    lock_is_newer: bool

    @property
    def id(self) -> str:
        words = [self.lock, self.exit, "newer" if self.lock_is_newer else "older"]
        words += [name for name in ("remote", "pending", "staged") if getattr(self, name)]
        return "-".join(words)

    @property
    def is_restarted(self) -> bool:
        """It ended once, and runs again: Guild goes on showing how it ended."""
        has_marker = self.remote or self.pending or self.staged
        is_ended = EXITS[self.exit] not in (None, "")
        return self.lock == "live" and self.lock_is_newer and is_ended and not has_marker

    def make(self, runs_dir: Path) -> None:
        run_dir = make_run(runs_dir, self.id)
        guild_dir = run_dir / ".guild"
        if LOCKS[self.lock] is not None:
            (guild_dir / "LOCK").write_text(LOCKS[self.lock])
            os.utime(guild_dir / "LOCK", (LOCK_TIME, LOCK_TIME))
        if self.remote:
            (guild_dir / "LOCK.remote").write_text("gpu1")
        if self.pending:
            (guild_dir / "PENDING").touch()
        if self.staged:
            (guild_dir / "STAGED").touch()
        if EXITS[self.exit] is not None:
            path = guild_dir / "attrs" / "exit_status"
            path.write_text(EXITS[self.exit])
            time = LOCK_TIME + (-60 if self.lock_is_newer else 60)
            os.utime(path, (time, time))


def make_run(runs_dir: Path, run_id: str) -> Path:
    run_dir = runs_dir / run_id
    (run_dir / ".guild" / "attrs").mkdir(parents=True)
    (run_dir / ".guild" / "opref").write_text("script:/p '' '' train.py")
    (run_dir / ".guild" / "attrs" / "started").write_text("1700000000000000\n")
    return run_dir


MARKERS = (False, True)
COMBINATIONS = [
    Combination(*values) for values in product(LOCKS, MARKERS, MARKERS, MARKERS, EXITS, MARKERS)
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    path = tmp_path_factory.mktemp("status") / "home"
    for combination in COMBINATIONS:
        combination.make(path / "runs")
    return path


@pytest.fixture(scope="module")
def guild_statuses(peer, home):
    return {run["id"]: run["status"] for run in peer.json(home, "runs", "list", "--json")}


@pytest.fixture(scope="module")
def our_statuses(home):
    store = Store(home / "runs")
    return {run_id: store.read(run_id).status for run_id in store.ids()}


def test_every_combination_is_a_run_for_both(guild_statuses, our_statuses):
    assert len(COMBINATIONS) == 480
    assert set(guild_statuses) == set(our_statuses) == {each.id for each in COMBINATIONS}


@pytest.mark.parametrize("combination", COMBINATIONS, ids=lambda each: each.id)
def test_status_is_guilds_unless_the_run_was_restarted(combination, guild_statuses, our_statuses):
    if combination.is_restarted:
        assert guild_statuses[combination.id] in ("completed", "error", "terminated")
        assert our_statuses[combination.id] == "running"
    else:
        assert our_statuses[combination.id] == guild_statuses[combination.id]


def test_all_statuses_occur(our_statuses):
    assert set(our_statuses.values()) == {
        *("running", "pending", "staged", "completed", "error", "terminated")
    }


def test_a_lock_whose_process_began_after_it_was_written_is_nobodys(peer, tmp_path):
    run_dir = make_run(tmp_path / "runs", "reused")
    lock = run_dir / ".guild" / "LOCK"
    lock.write_text(str(os.getpid()))
    os.utime(lock, (1_000_000_000, 1_000_000_000))

    status = Store(tmp_path / "runs").read("reused").status

    assert [run["status"] for run in peer.json(tmp_path, "runs", "--json")] == ["running"]
    assert status == "error"


def test_a_run_of_another_machine_is_running_there_whatever_runs_here(peer, tmp_path):
    run_dir = make_run(tmp_path / "runs", "far")
    (run_dir / ".guild" / "attrs" / "host").write_text("some-other-machine\n")
    (run_dir / ".guild" / "LOCK").write_text(DEAD_PID)

    run = Store(tmp_path / "runs").read("far")

    assert [each["status"] for each in peer.json(tmp_path, "runs", "--json")] == ["error"]
    assert (run.status, run.remote, run.pid) == ("running", "some-other-machine", None)


def test_a_run_of_this_machine_is_running_while_its_process_lives(peer, tmp_path):
    run_dir = make_run(tmp_path / "runs", "here")
    (run_dir / ".guild" / "attrs" / "host").write_text(f"{socket.gethostname()}\n")
    process = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    (run_dir / ".guild" / "LOCK").write_text(str(process.pid))

    run = Store(tmp_path / "runs").read("here")
    guild_status = peer.json(tmp_path, "runs", "--json")[0]["status"]
    process.communicate(b"\n")
    after = Store(tmp_path / "runs").read("here")

    assert (run.status, run.pid) == ("running", process.pid)
    assert guild_status == "running"
    assert (after.status, after.pid) == ("error", None)
