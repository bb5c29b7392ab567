"""A login begins with a key before the host said what it takes: hosts that mind, and odd ones."""

from __future__ import annotations

import select
import struct
import time

import pytest
from paramiko.auth_handler import AuthHandler

from core.errors import Cancelled
from remote.errors import AuthenticationFailed, RemoteUnreachable
from remote.private_keys import Agent
from remote.ssh_library import paramiko
from tests.support.odd_server import PlainInterface
from tests.support.patience import PATIENCE
from tests.support.ssh_client import go_on, run_command
from tests.support.ssh_server import make_key


def session_to(user, server, **values):
    user.known_hosts.write_text(server.known_line())
    return user.session(user.remote(server, **values))


def failure_of(user, server, **values):
    """Why the login does not work."""
    with pytest.raises((AuthenticationFailed, RemoteUnreachable)) as caught:
        session_to(user, server, **values).connection(go_on)
    return caught.value


# Hosts that want no proof


@pytest.mark.parametrize("allowed", ["none", "password", "publickey,password"])
def test_a_host_that_wants_no_proof_is_entered_and_nobody_asked(
    ssh_user, start_odd_server, allowed
):
    server = start_odd_server(lambda: PlainInterface("none", allowed))

    assert session_to(ssh_user, server).connection(go_on).is_alive
    assert server.interfaces[0].seen == ["publickey", "none"]
    assert ssh_user.answers.asked == []


def test_where_the_first_key_was_refused_it_is_asked_first_next_time(ssh_user, start_odd_server):
    server = start_odd_server(lambda: PlainInterface("none", "publickey"))
    session = session_to(ssh_user, server)
    session.connection(go_on)

    session.close()
    session.connection(go_on)

    assert [interface.seen for interface in server.interfaces] == [["publickey", "none"], ["none"]]


# Hosts that end a login that was begun in haste


class Slow(AuthHandler):
    """Grants the service after a while, and wants to hear nothing before."""

    def _parse_service_request(self, message):
        if select.select([self.transport.sock], [], [], 0.3)[0]:
            self.transport.close()
            return
        super()._parse_service_request(message)


def test_a_host_that_wants_to_grant_the_service_first_is_treated_with_care(
    ssh_user, start_odd_server
):
    server = start_odd_server(lambda: PlainInterface("publickey", "publickey"), handler=Slow)
    session = session_to(ssh_user, server)

    assert session.connection(go_on).is_alive
    assert [interface.seen for interface in server.interfaces] == [[], ["none", "publickey"]]

    session.close()
    session.connection(go_on)

    assert len(server.interfaces) == 3


@pytest.mark.parametrize("tries", [1, 2, 3])
def test_a_password_is_taken_by_a_host_that_counts_keys_it_does_not_take(
    ssh_user, account_name, open_dir, start_ssh_server, tries
):
    name, password = account_name
    methods = ("PubkeyAuthentication no", "PasswordAuthentication yes")
    server = start_ssh_server(open_dir, lines=(f"MaxAuthTries {tries}", *methods))
    ssh_user.knows(server)
    ssh_user.answers.passwords = [password]

    session = ssh_user.session(ssh_user.remote(server, user=name))

    assert run_command(session, "id -un") == f"{name}\n"
    assert len(ssh_user.answers.asked) == 1


@pytest.mark.parametrize(
    ("tries", "end"),
    [(1, ", saying “Too many authentication failures”"), (2, " after too many attempts")],
)
def test_what_a_host_says_when_it_has_enough_is_told(
    ssh_user, start_ssh_server, tmp_path, tries, end
):
    server = start_ssh_server(lines=(f"MaxAuthTries {tries}",))
    keys = [make_key(tmp_path / f"other{number}") for number in range(tries)]
    ssh_user.config.write_text("".join(f"IdentityFile {key}\n" for key in keys))
    ssh_user.knows(server)

    with pytest.raises(AuthenticationFailed) as caught:
        ssh_user.session(ssh_user.remote(server, private_key=None)).connection(go_on)

    assert str(caught.value).endswith(f"the host ended the login{end}")
    assert "no method" not in caught.value.hint


def test_no_passphrase_is_asked_once_the_host_has_enough(ssh_user, start_ssh_server, tmp_path):
    server = start_ssh_server(lines=("MaxAuthTries 1",))
    key = make_key(tmp_path / "other", passphrase="open sesame")
    ssh_user.knows(server)

    with pytest.raises(AuthenticationFailed, match="Too many authentication failures"):
        ssh_user.session(ssh_user.remote(server, private_key=str(key))).connection(go_on)

    assert ssh_user.answers.asked == []


def test_a_connection_that_ends_instead_of_an_answer_is_lost_and_not_refused(
    ssh_user, start_odd_server
):
    class Leaving(AuthHandler):
        def _parse_userauth_request(self, _message):
            self.transport.close()

    server = start_odd_server(lambda: PlainInterface("publickey", "publickey"), handler=Leaving)

    error = failure_of(ssh_user, server)

    assert str(error).endswith("the connection was lost")
    assert error.retryable


# How the service is granted


def granting(times):
    """Grants the service so many times for each request."""

    class Granting(AuthHandler):
        def _parse_service_request(self, message):
            for _ in range(times):
                super()._parse_service_request(paramiko.Message(message.asbytes()))

    return Granting


@pytest.mark.parametrize("times", [0, 1, 3])
def test_each_key_is_shown_once_however_often_the_service_is_granted(
    ssh_user, start_odd_server, ssh_agent, tmp_path, times
):
    for number in range(2):
        ssh_agent.add(make_key(tmp_path / f"mine{number}"))
    ssh_user.use_agent(ssh_agent)
    server = start_odd_server(lambda: PlainInterface("", "publickey"), handler=granting(times))

    failure_of(ssh_user, server, private_key=None)

    assert server.interfaces[0].seen == ["publickey", "publickey", "none"]


def test_a_host_that_does_not_grant_the_service_is_told(ssh_user, start_odd_server):
    class Refusing(AuthHandler):
        def _parse_service_request(self, _message):
            self._disconnect_service_not_available()

    server = start_odd_server(lambda: PlainInterface("publickey", "publickey"), handler=Refusing)

    assert "saying “Service not available”" in str(failure_of(ssh_user, server))


def test_an_rsa_key_waits_for_what_the_host_says_of_signatures(
    ssh_user, start_odd_server, tmp_path
):
    order = []

    class Noting(AuthHandler):
        def _parse_service_request(self, message):
            patience = PATIENCE if order else 0.3  # nothing may come for the first of the keys
            order.append(bool(select.select([self.transport.sock], [], [], patience)[0]))
            super()._parse_service_request(message)

    server = start_odd_server(lambda: PlainInterface("publickey", "publickey"), handler=Noting)

    for kind in ("rsa", "ed25519"):
        key = make_key(tmp_path / kind, kind)
        assert session_to(ssh_user, server, private_key=str(key)).connection(go_on).is_alive

    assert order == [False, True]


# Hosts that answer what makes no sense


def text(data):
    return struct.pack(">I", len(data)) + data


STRANGE = {
    "refusal-not-utf8": b"\x33" + text(b"\xff\xfe") + b"\0",
    "goodbye-not-utf8": b"\x01\0\0\0\2" + text(b"\xff\xff") + text(b""),
    "goodbye-cut-off": b"\x01",
    "request-not-utf8": b"\x50" + text(b"\xff") + b"\1",
    "unknown": b"\xc8x",
    "question": b"\x3c" + text(b"\xff") + text(b"\xff") + text(b"") + b"\0\0\0\1",
    "nothing-named": b"\x33" + text(b"") + b"\0",
    "tricks": b"\x33" + text(b"\x1b[2J\n,\xc2\x9b," + b"x" * 3000 + b",other") + b"\0",
}


@pytest.mark.parametrize("answer", STRANGE.values(), ids=STRANGE)
def test_an_answer_that_makes_no_sense_costs_a_sentence(ssh_user, start_odd_server, answer):
    class Strange(AuthHandler):
        def _parse_userauth_request(self, _message):
            reply = paramiko.Message()
            reply.add_bytes(answer)
            self.transport._send_message(reply)

    server = start_odd_server(lambda: PlainInterface("publickey", "publickey"), handler=Strange)

    error = failure_of(ssh_user, server)

    assert str(error).startswith("Cannot log in to somebody@127.0.0.1: ")
    shown = [str(error), error.hint, *ssh_user.said]
    assert all(line.isprintable() and len(line) < 500 for line in shown)


def test_a_key_that_is_not_enough_was_not_refused(ssh_user, start_odd_server):
    class Insatiable(AuthHandler):
        def _parse_userauth_request(self, _message):
            reply = paramiko.Message()
            reply.add_bytes(b"\x33" + text(b"publickey") + b"\1")
            self.transport._send_message(reply)

    server = start_odd_server(lambda: PlainInterface("publickey", "publickey"), handler=Insatiable)

    assert str(failure_of(ssh_user, server)).endswith("there is nothing more to offer")


# Agents


def test_an_agent_is_not_asked_for_a_key_that_the_host_does_not_take(
    ssh_user, ssh_server, start_odd_agent, tmp_path
):
    agent = start_odd_agent(make_key(tmp_path / "other"))
    ssh_user.config.write_text(f"IdentityAgent {agent.path}\n")
    ssh_user.knows(ssh_server)

    with pytest.raises(AuthenticationFailed, match="refused 1 key"):
        ssh_user.session(ssh_user.remote(ssh_server, private_key=None)).connection(go_on)

    assert agent.asked == 0


def test_a_login_that_waits_for_an_agent_can_be_left_at_once(ssh_user, ssh_server, start_odd_agent):
    agent = start_odd_agent(ssh_server.key)
    ssh_user.config.write_text(f"IdentityAgent {agent.path}\n")
    ssh_user.knows(ssh_server)
    took = []

    def leave():
        began, before = [], agent.asked

        def check():
            if agent.asked > before:
                began.append(time.monotonic())
                raise Cancelled

        with pytest.raises(Cancelled):
            ssh_user.session(ssh_user.remote(ssh_server, private_key=None)).connection(check)
        return time.monotonic() - began[0]

    while len(took) < 10 and min(took, default=1.0) >= 0.8:  # beside other programs, not always
        took.append(leave())
    assert min(took) < 0.8


def test_a_comment_that_is_not_utf8_is_no_hindrance(start_odd_agent, ssh_server):
    odd = start_odd_agent(ssh_server.key, b"caf\xe9\x1b[2J")

    agent = Agent(odd.path)

    (key,) = agent.keys()
    assert key.comment == "caf\N{REPLACEMENT CHARACTER}[2J"
    agent.close()


def test_an_agent_that_is_locked_is_no_matter_where_no_keys_are_taken(
    ssh_user, start_odd_server, ssh_agent
):
    ssh_agent.lock()
    ssh_user.use_agent(ssh_agent)
    ssh_user.answers.passwords = ["a", "b", "c"]
    server = start_odd_server(lambda: PlainInterface("secret", "password"))

    error = failure_of(ssh_user, server, private_key=None)

    assert error.hint == "The host takes: password."


# What is told, and remembered


def test_usual_keys_that_are_not_there_are_not_mentioned(ssh_user, start_odd_server):
    server = start_odd_server(lambda: PlainInterface("", "publickey"))

    assert failure_of(ssh_user, server).hint == "The host takes: publickey."


def test_a_password_that_was_refused_to_the_end_is_not_sent_again(ssh_user, start_odd_server):
    server = start_odd_server(lambda: PlainInterface("right", "password"))
    session = session_to(ssh_user, server)
    ssh_user.answers.passwords = ["a", "b", "c"]
    with pytest.raises(AuthenticationFailed):
        session.connection(go_on)
    ssh_user.answers.passwords = ["right"]

    assert session.connection(go_on).is_alive
    assert server.interfaces[1].seen == ["publickey", "none", "right"]
