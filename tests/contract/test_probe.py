"""What a server can is found out on any host, also where programs never end."""

import time

import psutil
import pytest

import remote.capabilities
from remote.capabilities import PROBE, Capabilities, probe_shell
from tests.support.patience import PATIENCE, at_best
from tests.support.processes import wait_until
from tests.support.ssh_server import make_programs

ENDLESS = {
    "lines": "exec yes",
    "one line": "exec tr '\\0' x < /dev/zero",
    "nothing said": "exec sleep 1000",
    "complaints": "exec yes >&2",
}
PROBED = ("tar", "find", "xargs", "grep", "perl", "uname")


def running_of(server) -> dict[int, str]:
    """What sessions of a server started and is still running: names by number."""
    found = {}
    for process in psutil.process_iter():
        try:
            if process.environ().get("TEST_SSHD") == str(server.folder):
                found[process.pid] = process.name()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


@pytest.mark.parametrize("script", ENDLESS.values(), ids=ENDLESS.keys())
def test_programs_without_end_cost_their_abilities_and_are_not_left_running(
    start_ssh_server, connect, tmp_path, monkeypatch, script
):
    # Each of six programs takes all the time it has: a tenth of what it has outside of tests.
    assert "timeout 3" in PROBE
    monkeypatch.setattr(remote.capabilities, "PROBE", PROBE.replace("timeout 3", "timeout 0.3"))
    server = start_ssh_server(first_on_path=make_programs(tmp_path / "odd", PROBED, script))

    found = probe_shell(connect(server))

    assert found.has_shell
    assert not any((found.can_tar, found.can_find, found.can_hash))
    wait_until(lambda: not running_of(server))


def test_a_host_whose_programs_stand_still_has_no_shell(
    start_ssh_server, connect, tmp_path, monkeypatch
):
    monkeypatch.setattr(remote.capabilities, "_SECONDS", 1.0)
    folder = make_programs(tmp_path / "odd", ("timeout", "uname"), "exec sleep 1000")
    server = start_ssh_server(first_on_path=folder)
    begun = time.monotonic()

    assert probe_shell(connect(server)) == Capabilities()

    assert time.monotonic() - begun < PATIENCE


def test_a_host_that_greets_in_drops_for_ever_has_no_shell(
    start_ssh_server, connect, tmp_path, monkeypatch
):
    monkeypatch.setattr(remote.capabilities, "_SECONDS", 1.0)
    server = start_ssh_server()
    (server.login / ".bashrc").write_text("while echo drop; do sleep 0.05; done\n")

    assert probe_shell(connect(server)) == Capabilities()


def test_what_sessions_left_running_ends_with_their_server(start_ssh_server):
    server = start_ssh_server()
    server.ssh("nohup sleep 1000 >/dev/null 2>&1 & exit")
    # While the shell's child becomes nohup, and that becomes sleep, its environment cannot be read.
    wait_until(lambda: "sleep" in running_of(server).values())

    server.stop()

    wait_until(lambda: not running_of(server))


@pytest.mark.parametrize("busybox", [False, True])
def test_an_ordinary_host_has_its_abilities(start_ssh_server, connect, busybox):
    found = probe_shell(connect(start_ssh_server(busybox=busybox)))

    assert found.can_untar
    assert found.can_hash
    assert found.can_tar == found.can_find == (not busybox)
    assert ("busybox" in found.abilities) == busybox
    assert found.system == "Linux"


def test_a_host_with_busybox_answers_without_waiting_for_what_its_timeout_leaves(
    start_ssh_server, connect
):
    connection = connect(start_ssh_server(busybox=True))

    # What BusyBox leaves looks once a second whether it may end.
    assert at_best(lambda: probe_shell(connection), 1.0) < 1
