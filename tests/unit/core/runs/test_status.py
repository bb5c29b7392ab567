import os
import socket
import subprocess
import time

import pytest

from core.runs.status import Markers, State, is_alive, read_markers, status_of, status_of_exit

HERE = socket.gethostname()


def live(lock_time=None):
    return Markers(lock=str(os.getpid()), lock_time=lock_time or time.time())


@pytest.mark.parametrize(
    ("markers", "exit_status", "expected"),
    [
        (Markers(remote="gpu1", pending=True), 0, State("running", remote="gpu1")),
        (Markers(remote="gpu1:extra"), None, State("running", remote="gpu1")),
        (Markers(remote=""), None, State("running", remote="another machine")),
        (Markers(pending=True, staged=True), 0, State("pending")),
        (Markers(staged=True), 1, State("staged")),
        (Markers(), 0, State("completed")),
        (Markers(), -15, State("terminated")),
        (Markers(), 2, State("error")),
        (Markers(), None, State("error")),
        (Markers(lock="garbage"), None, State("error")),
        (Markers(lock=""), 0, State("completed")),
        (Markers(lock="-1"), None, State("error")),
        (Markers(lock="0"), 0, State("completed")),
    ],
)
def test_first_marker_that_applies_decides(markers, exit_status, expected):
    assert status_of(markers, exit_status, None, HERE) == expected


def test_run_with_a_live_process_is_running():
    assert status_of(live(), None, None, HERE) == State("running", pid=os.getpid())
    assert status_of(live(), None, None, "") == State("running", pid=os.getpid())


def test_restarted_run_is_running_although_it_has_an_exit_status():
    now = time.time()

    assert status_of(live(now), 0, now - 60, HERE).status == "running"
    assert status_of(live(now - 60), 0, now, HERE).status == "completed"


def test_lock_older_than_its_process_belongs_to_nobody():
    assert status_of(live(time.time() - 10**8), None, None, HERE) == State("error")


def test_lock_of_another_machine_is_running_there():
    assert status_of(live(), None, None, "elsewhere") == State("running", remote="elsewhere")
    assert status_of(Markers(lock="1", lock_time=1.0), 0, 2.0, "elsewhere").status == "completed"


@pytest.mark.parametrize("lock", ["-1", "0", "garbage", ""])
def test_lock_without_a_process_id_says_nothing_wherever_it_was_written(lock):
    assert status_of(Markers(lock=lock, lock_time=2.0), 1, 1.0, "elsewhere") == State("error")


def test_process_that_ended_is_not_alive():
    process = subprocess.Popen(["true"])
    process.wait()

    assert not is_alive(process.pid, time.time())
    assert not is_alive(0, time.time())
    assert not is_alive(10**15, time.time())


def test_zombie_is_not_alive():
    process = subprocess.Popen(["true"])
    try:
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert not is_alive(process.pid, time.time())
    finally:
        process.wait()


def test_exit_codes_mean_what_guild_means():
    assert [status_of_exit(code) for code in (0, -16, 1, None)] == [
        "completed",
        "terminated",
        "error",
        "error",
    ]


def test_markers_are_read_within_bounds(tmp_path):
    (tmp_path / "LOCK").write_text("123456789012345")
    (tmp_path / "LOCK.remote").write_bytes(b"\xff\n")
    (tmp_path / "PENDING").touch()

    markers = read_markers(str(tmp_path), {"LOCK", "LOCK.remote", "PENDING"})

    assert markers.lock == "1234567890"
    assert markers.remote == "\ufffd"
    assert (markers.pending, markers.staged) == (True, False)
    assert markers.lock_time == (tmp_path / "LOCK").stat().st_mtime


def test_pipe_in_place_of_a_marker_does_not_hang(tmp_path):
    os.mkfifo(tmp_path / "LOCK")
    os.mkfifo(tmp_path / "LOCK.remote")

    markers = read_markers(str(tmp_path), {"LOCK"})

    assert status_of(markers, 0, None, HERE) == State("completed")
    assert read_markers(str(tmp_path), {"LOCK.remote"}).remote == ""
