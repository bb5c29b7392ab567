"""Connections that die in ways nobody announces, and servers that do not behave."""

from __future__ import annotations

import logging
import socket
import threading
import time

import paramiko
import pytest

from core.errors import Cancelled
from remote import exchange
from remote.errors import (
    RemoteBusy,
    RemoteError,
    RemoteIncompatible,
    RemoteTimeout,
    RemoteUnreachable,
)
from remote.transport import CHANNEL_SECONDS, Packets
from remote.watch import INTERVAL_SECONDS, PATIENCE_SECONDS, watch_times
from tests.support.odd_server import OddInterface
from tests.support.patience import PATIENCE
from tests.support.processes import wait_until
from tests.support.ssh_client import go_on, run_command


@pytest.fixture
def alive(ssh_user, ssh_server):
    """A connected session that gives its plain server up after four seconds of silence."""
    ssh_user.knows(ssh_server)
    ssh_user.config.write_text("ServerAliveInterval 1\nServerAliveCountMax 3\n")
    session = ssh_user.session(ssh_user.remote(ssh_server))
    session.connection(go_on)
    return session


def test_a_frozen_server_is_noticed(alive, ssh_server):
    ssh_server.freeze()

    wait_until(lambda: not alive.is_connected)

    assert alive.was_silent


def test_by_default_a_frozen_server_is_noticed_within_half_a_minute():
    assert watch_times(0, 3) == (INTERVAL_SECONDS, PATIENCE_SECONDS)
    assert INTERVAL_SECONDS * 2 + PATIENCE_SECONDS <= 32
    assert sum(watch_times(600, 100)) <= 24


def test_a_command_on_a_frozen_server_ends_with_an_error(alive, ssh_server):
    connection = alive.connection(go_on)
    threading.Timer(0.2, ssh_server.freeze).start()

    with pytest.raises(RemoteUnreachable) as caught:
        connection.run("sleep 60")

    assert caught.value.retryable


def test_a_server_that_goes_on_in_time_keeps_its_connection(ssh_user, ssh_server):
    ssh_user.knows(ssh_server)
    ssh_user.config.write_text("ServerAliveInterval 1\nServerAliveCountMax 10\n")
    session = ssh_user.session(ssh_user.remote(ssh_server))
    connection = session.connection(go_on)
    ssh_server.freeze()
    time.sleep(2.5)  # a sign of life is asked for, and stays unanswered

    ssh_server.thaw()

    assert run_command(session, "echo hello") == "hello\n"
    assert session.connection(go_on) is connection


def test_a_busy_connection_is_not_taken_for_a_dead_one(alive):
    connection = alive.connection(go_on)

    done = connection.run("for n in 1 2 3 4 5 6; do sleep 0.9; echo $n; done")

    assert done.output == b"1\n2\n3\n4\n5\n6\n"
    assert alive.is_connected


def test_a_silent_but_living_connection_is_kept(alive):
    connection = alive.connection(go_on)

    assert connection.run("sleep 5; echo done").output == b"done\n"


def test_a_frozen_login_times_out(ssh_user, ssh_server):
    ssh_user.knows(ssh_server)
    ssh_server.freeze()
    session = ssh_user.session(ssh_user.remote(ssh_server, connect_timeout=1))

    with pytest.raises(RemoteTimeout, match="did not answer in time"):
        session.connection(go_on)


def test_a_server_with_one_session_says_when_it_is_taken(ssh_user, start_ssh_server):
    server = start_ssh_server(lines=("MaxSessions 1",))
    ssh_user.knows(server)
    connection = ssh_user.session(ssh_user.remote(server)).connection(go_on)
    taken = connection.start("cat")

    with pytest.raises(RemoteBusy, match="opens no further session") as caught:
        connection.run("true")
    taken.close()

    assert caught.value.retryable
    assert connection.run("echo free").output == b"free\n"


def test_a_banner_is_kept_apart_and_a_noisy_shell_does_not_hurt(ssh_user, start_ssh_server):
    server = start_ssh_server(banner="Authorised use only\n\x1b[2J", noisy=True)
    ssh_user.knows(server)
    session = ssh_user.session(ssh_user.remote(server))

    assert run_command(session, "echo hello").endswith("hello\n")
    assert "The host says: Authorised use only [2J" in ssh_user.said


# New keys while channels end (paramiko's issue 822)


@pytest.fixture
def often_new_keys(monkeypatch):
    """Wants new keys every 64 KiB."""
    monkeypatch.setattr(Packets, "REKEY_BYTES", 2**16)


def test_channels_that_end_while_keys_change_do_not_lock_the_connection(
    often_new_keys, ssh_user, ssh_server
):
    ssh_user.knows(ssh_server)
    connection = ssh_user.session(ssh_user.remote(ssh_server)).connection(go_on)

    for _ in range(60):
        assert len(connection.run("head -c 100000 /dev/zero").output) == 100_000

    assert connection.is_alive


def test_a_server_that_wants_new_keys_often_is_no_trouble(ssh_user, start_ssh_server):
    server = start_ssh_server(lines=("RekeyLimit 100K",))
    ssh_user.knows(server)
    connection = ssh_user.session(ssh_user.remote(server)).connection(go_on)

    failures = []

    def load():
        for _ in range(15):
            if len(connection.run("head -c 300000 /dev/zero").output) != 300_000:
                failures.append("short")

    threads = [threading.Thread(target=load) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert connection.is_alive


# Servers that are none, or hostile


def session_to(user, server):
    user.known_hosts.write_text(server.known_line())
    return user.session(user.remote(server, connect_timeout=2))


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-1.5-old\r\n",
        b"\x00" * 1000,
        b"SSH-2.0-trick\r\n" + b"\xff" * 100_000,
        b"SSH-2.0-trick\r\n" + b"\x00\x00\x00\x0c\x0a\x15" + b"\x00" * 50,
    ],
)
def test_what_is_no_ssh_server_is_told_in_a_sentence(ssh_user, start_odd_server, said):
    def talk(sock):
        sock.sendall(said)
        sock.close()

    server = start_odd_server(raw=talk)

    with pytest.raises(RemoteError, match=r"^Cannot connect to box"):
        session_to(ssh_user, server).connection(go_on)


def test_an_endless_greeting_ends(ssh_user, start_odd_server):
    def talk(sock):
        for _ in range(1000):
            sock.sendall(b"hello, who are you?\r\n" * 100)

    server = start_odd_server(raw=talk)

    with pytest.raises(RemoteError, match=r"^Cannot connect to box"):
        session_to(ssh_user, server).connection(go_on)


def test_a_server_with_old_algorithms_alone_is_said_to_be_old(ssh_user, start_ssh_server):
    server = start_ssh_server(lines=("KexAlgorithms sntrup761x25519-sha512@openssh.com",))
    ssh_user.knows(server)

    with pytest.raises(RemoteIncompatible) as caught:
        ssh_user.session(ssh_user.remote(server)).connection(go_on)

    assert "very old or very strict" in caught.value.hint


def test_nothing_of_a_lost_connection_reaches_the_terminal(ssh_user, start_odd_server, capfd):
    server = start_odd_server(raw=lambda sock: sock.close())
    root = logging.getLogger()
    handlers, root.handlers = root.handlers, []
    try:
        with pytest.raises(RemoteError):
            session_to(ssh_user, server).connection(go_on)
    finally:
        root.handlers = handlers

    assert capfd.readouterr() == ("", "")


def test_leaving_a_frozen_server_takes_no_time(ssh_user, ssh_server):
    ssh_user.knows(ssh_server)
    session = ssh_user.session(ssh_user.remote(ssh_server))
    session.connection(go_on)
    ssh_server.freeze()
    start = time.monotonic()

    session.close()

    assert time.monotonic() - start < INTERVAL_SECONDS + PATIENCE_SECONDS


# Servers that stop half-way; nobody waits for them longer than wanted


class Stalling(OddInterface):
    """Never answers: to what is offered, or to who wants to go on from there."""

    def __init__(self, at):
        super().__init__([("", "", [("Code: ", False)])], [["1"]], "")
        self.at = at
        self.ended = threading.Event()

    def get_allowed_auths(self, username):
        if self.at == "login":
            self.ended.wait(PATIENCE)
        return super().get_allowed_auths(username)

    def check_channel_direct_tcpip_request(self, chanid, origin, destination):
        self.ended.wait(PATIENCE)
        return paramiko.OPEN_FAILED_CONNECT_FAILED


@pytest.fixture
def stalling(start_odd_server):
    servers = []

    def start(at):
        servers.append(start_odd_server(lambda: Stalling(at)))
        return servers[-1]

    yield start
    for server in servers:
        for interface in server.interfaces:
            interface.ended.set()


def test_a_login_that_is_never_answered_times_out(ssh_user, stalling, monkeypatch):
    monkeypatch.setattr(exchange, "ANSWER_SECONDS", 1.0)
    server = stalling("login")

    with pytest.raises(RemoteTimeout, match=r"Cannot log in to somebody@.* in time"):
        session_to(ssh_user, server).connection(go_on)


def cancelled_after(seconds):
    end = time.monotonic() + seconds

    def check():
        if time.monotonic() > end:
            raise Cancelled

    return check


def test_a_login_that_is_never_answered_can_be_cancelled(ssh_user, stalling):
    session = session_to(ssh_user, stalling("login"))
    start = time.monotonic()

    with pytest.raises(Cancelled):
        session.connection(cancelled_after(0.5))

    assert time.monotonic() - start < exchange.ANSWER_SECONDS


def test_a_jump_that_is_never_answered_can_be_cancelled(ssh_user, stalling):
    hop = stalling("jump")
    ssh_user.known_hosts.write_text(hop.known_line())
    ssh_user.answers.prompts = [["1"]]
    ssh_user.config.write_text(
        f"Host box\n  ProxyJump hop\nHost hop\n  HostName 127.0.0.1\n  Port {hop.port}\n"
    )
    session = ssh_user.session(ssh_user.named({"host": "box"}))
    start = time.monotonic()

    with pytest.raises(Cancelled):
        session.connection(cancelled_after(1))

    assert time.monotonic() - start < CHANNEL_SECONDS
    assert any(line.startswith("Going on to box") for line in ssh_user.said)


def test_an_agent_that_never_answers_can_be_cancelled(ssh_user, ssh_server, tmp_path):
    ssh_user.knows(ssh_server)
    path = tmp_path / "agent"
    ssh_user.config.write_text(f"IdentityAgent {path}\n")
    session = ssh_user.session(ssh_user.remote(ssh_server))

    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(str(path))
        silent.listen()
        with pytest.raises(Cancelled):
            session.connection(cancelled_after(1))
