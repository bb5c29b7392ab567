"""Connections to a real sshd: made, kept, lost and made again."""

from __future__ import annotations

import socket
import threading
import time

import pytest

from core.errors import Cancelled
from remote.errors import (
    AuthenticationFailed,
    RemoteBusy,
    RemoteTimeout,
    RemoteUnreachable,
)
from remote.prompts import Nobody
from remote.session import Session
from tests.support.patience import PATIENCE
from tests.support.processes import wait_until
from tests.support.ssh_client import NoSecrets, go_on, run_command
from tests.support.ssh_server import free_port, make_key


@pytest.fixture
def session(ssh_user, ssh_server) -> Session:
    """A session to a plain server that the user knows."""
    ssh_user.knows(ssh_server)
    return ssh_user.session(ssh_user.remote(ssh_server))


def test_a_command_runs_on_the_host(session):
    assert run_command(session, "echo hello") == "hello\n"


def test_one_connection_serves_every_call(session, ssh_server):
    first = session.connection(go_on)

    assert session.connection(go_on) is first
    assert ssh_server.connections() == 1


def test_jobs_that_need_it_at_once_share_one_connection(session, ssh_server):
    found = []
    threads = [
        threading.Thread(target=lambda: found.append(session.connection(go_on))) for _ in range(5)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(map(id, found))) == 1
    assert ssh_server.connections() == 1


def test_a_closed_session_leaves_nothing_and_may_be_used_again(session, ssh_server):
    session.connection(go_on)

    session.close()

    wait_until(lambda: ssh_server.connections() == 0)
    assert not session.is_connected
    assert run_command(session, "echo again") == "again\n"


def test_a_cut_connection_is_noticed_and_made_again(session, ssh_server):
    first = session.connection(go_on)

    ssh_server.kill_sessions()

    wait_until(lambda: not session.is_connected)
    assert session.connection(go_on) is not first
    assert run_command(session, "echo hello") == "hello\n"


def test_a_restarted_server_is_reached_again(session, ssh_server):
    session.connection(go_on)
    ssh_server.stop()
    wait_until(lambda: not session.is_connected)

    with pytest.raises(RemoteUnreachable, match="connection refused") as caught:
        session.connection(go_on)
    ssh_server.start()

    assert caught.value.retryable
    assert run_command(session, "echo hello") == "hello\n"


def test_the_fast_cipher_is_agreed_on(session, ssh_user):
    session.connection(go_on)

    assert any("OpenSSH" in line and "aes128-gcm" in line for line in ssh_user.said)


def test_a_host_that_nobody_listens_on_is_unreachable(ssh_user, ssh_server):
    session = ssh_user.session(ssh_user.remote(ssh_server, port=free_port()))

    with pytest.raises(RemoteUnreachable, match=r"Cannot connect to box .* connection refused"):
        session.connection(go_on)


def test_a_name_that_cannot_be_resolved_is_said_so(ssh_user, ssh_server):
    session = ssh_user.session(ssh_user.remote(ssh_server, host="no-such-host.invalid"))

    with pytest.raises(RemoteUnreachable, match="name of the host cannot be resolved"):
        session.connection(go_on)


def test_a_port_that_never_answers_times_out(ssh_user, ssh_server):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        remote = ssh_user.remote(ssh_server, port=silent.getsockname()[1], connect_timeout=1)

        with pytest.raises(RemoteTimeout, match="did not answer in time"):
            ssh_user.session(remote).connection(go_on)


def test_cancelling_ends_a_connection_that_hangs(ssh_user, ssh_server):
    cancelled = threading.Event()

    def check():
        if cancelled.is_set():
            raise Cancelled

    with socket.create_server(("127.0.0.1", 0)) as silent:
        session = ssh_user.session(ssh_user.remote(ssh_server, port=silent.getsockname()[1]))
        threading.Timer(0.3, cancelled.set).start()
        start = time.monotonic()

        with pytest.raises(Cancelled):
            session.connection(check)

        assert time.monotonic() - start < PATIENCE / 2  # not until the host is given up


def test_a_server_that_refuses_more_logins_is_busy(ssh_user, start_ssh_server):
    server = start_ssh_server(lines=("MaxStartups 1:100:1",))
    ssh_user.knows(server)
    session = ssh_user.session(ssh_user.remote(server))

    with socket.create_connection((server.host, server.port)) as waiting:
        waiting.recv(4)
        with pytest.raises(RemoteBusy, match="closed the connection before the login") as caught:
            session.connection(go_on)

    assert caught.value.retryable
    wait_until(lambda: server.connections() == 0)
    assert run_command(session, "echo hello") == "hello\n"


def test_a_wrong_key_is_refused_with_what_was_tried(ssh_user, ssh_server, tmp_path):
    ssh_user.knows(ssh_server)
    remote = ssh_user.remote(ssh_server, private_key=str(make_key(tmp_path / "other")))

    with pytest.raises(AuthenticationFailed, match="the host refused 1 key") as caught:
        ssh_user.session(remote).connection(go_on)

    assert "The host takes: publickey" in caught.value.hint
    assert not caught.value.retryable


def test_without_a_terminal_an_unknown_host_key_says_how_to_accept_it(ssh_user, ssh_server):
    session = Session(
        ssh_user.remote(ssh_server), Nobody(), local=ssh_user.local, secrets=NoSecrets()
    )

    with pytest.raises(Exception, match="is not known") as caught:
        session.connection(go_on)

    assert f"--accept-host-key {ssh_server.fingerprint()}" in caught.value.hint
