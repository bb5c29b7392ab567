"""Ways to a host: jumps, proxy commands, and configurations that lead there."""

from __future__ import annotations

import pytest

from remote.errors import (
    AnswerNeeded,
    HostKeyUnknown,
    RemoteConfigError,
    RemoteIncompatible,
    RemoteUnreachable,
    RemoteUnsupported,
)
from remote.prompts import CommandQuestion
from remote.remote import Remote
from tests.support.processes import wait_until
from tests.support.ssh_client import go_on, run_command
from tests.support.ssh_server import free_port


@pytest.fixture
def three(start_ssh_server):
    """Three servers, which the user's configuration calls a, b and c."""
    return [start_ssh_server() for _ in range(3)]


def write_config(user, servers, *extra):
    sections = [server.ssh_config(name) for server, name in zip(servers, "abc", strict=False)]
    user.config.write_text("\n".join((*extra, *sections)))


def test_two_hops_lead_to_a_third_host(ssh_user, three):
    write_config(ssh_user, three, "Host c\n  ProxyJump a,b\n")
    session = ssh_user.session(ssh_user.named({"host": "c"}))

    assert run_command(session, "echo $HOME") == f"{three[2].login}\n"
    assert [server.connections() for server in three] == [1, 1, 1]

    session.close()
    for server in three:
        wait_until(lambda server=server: server.connections() == 0)


def test_a_jump_host_may_have_a_jump_host_of_its_own(ssh_user, three):
    write_config(ssh_user, three, "Host c\n  ProxyJump b\nHost b\n  ProxyJump a\n")
    session = ssh_user.session(ssh_user.named({"host": "c"}))

    assert run_command(session, "echo $HOME") == f"{three[2].login}\n"
    assert [server.connections() for server in three] == [1, 1, 1]


def test_each_hop_must_prove_who_it_is(ssh_user, three):
    write_config(ssh_user, three, "Host c\n  ProxyJump a,b\n")
    three[1].known_hosts.write_text("")

    with pytest.raises(HostKeyUnknown):
        ssh_user.session(ssh_user.named({"host": "c"})).connection(go_on)

    assert [question.host for question in ssh_user.answers.asked] == [
        f"[127.0.0.1]:{three[1].port}"
    ]


def test_jump_hosts_that_lead_in_a_circle_are_told(ssh_user, three):
    write_config(ssh_user, three, "Host c\n  ProxyJump b\nHost b\n  ProxyJump c\n")

    with pytest.raises(RemoteConfigError, match="lead in a circle"):
        ssh_user.session(ssh_user.named({"host": "c"})).connection(go_on)


def test_a_cut_hop_ends_the_connection_and_the_next_call_makes_it_again(ssh_user, three):
    write_config(ssh_user, three, "Host c\n  ProxyJump a,b\n")
    session = ssh_user.session(ssh_user.named({"host": "c"}))
    session.connection(go_on)

    three[0].kill_sessions()

    wait_until(lambda: not session.is_connected)
    assert run_command(session, "echo again") == "again\n"


def test_a_jump_host_that_cannot_reach_the_next_is_told(ssh_user, three):
    write_config(ssh_user, three[:1], f"Host c\n  HostName 127.0.0.1\n  Port {free_port()}")
    text = ssh_user.config.read_text()
    ssh_user.config.write_text(f"Host c\n  ProxyJump a\n{text}")

    with pytest.raises(RemoteUnreachable, match=r"the host in between cannot reach 127\.0\.0\.1"):
        ssh_user.session(ssh_user.named({"host": "c"})).connection(go_on)


def test_a_jump_host_that_forwards_nothing_is_told(ssh_user, start_ssh_server, ssh_server):
    hop = start_ssh_server(lines=("AllowTcpForwarding no",))
    write_config(ssh_user, [hop, ssh_server], "Host b\n  ProxyJump a\n")

    with pytest.raises(RemoteIncompatible, match="does not permit it"):
        ssh_user.session(ssh_user.named({"host": "b"})).connection(go_on)


# Proxy commands


def test_a_proxy_command_carries_the_connection(ssh_user, three):
    write_config(ssh_user, three[:2])
    proxy = f"ssh -F {ssh_user.config} -oBatchMode=yes a -W %h:%p 2>/dev/null"
    write_config(ssh_user, three[:2], f"Host b\n  ProxyCommand {proxy}\n")
    session = ssh_user.session(ssh_user.named({"host": "b"}))

    assert run_command(session, "echo $HOME") == f"{three[1].login}\n"

    session.close()
    wait_until(lambda: three[0].connections() == 0)


def test_what_a_failing_proxy_command_says_is_told(ssh_user, ssh_server):
    remote = ssh_user.remote(ssh_server, proxy="echo 'no way through' >&2; exit 3; :")

    with pytest.raises(RemoteUnreachable, match="said “no way through”"):
        ssh_user.session(remote).connection(go_on)


def test_the_proxy_of_the_remote_goes_before_the_configuration(ssh_user, three):
    write_config(ssh_user, three[:2])
    proxy = f"ssh -F {ssh_user.config} -oBatchMode=yes a -W 127.0.0.1:{three[1].port}"
    write_config(ssh_user, three[:2], "Host b\n  ProxyJump c\n")

    session = ssh_user.session(ssh_user.named({"host": "b", "proxy": proxy}))

    assert run_command(session, "echo $HOME") == f"{three[1].login}\n"


# Commands of the configuration


def test_the_command_of_a_match_is_asked_first_and_once(ssh_user, ssh_server, tmp_path):
    mark = tmp_path / "ran"
    ssh_user.config.write_text(f'Match exec "touch {mark}"\n  User {ssh_server.user}\n')
    ssh_user.knows(ssh_server)
    ssh_user.answers.commands = True
    session = ssh_user.session(ssh_user.remote(ssh_server, user=None))

    session.connection(go_on)
    session.close()
    session.connection(go_on)

    assert mark.exists()
    assert ssh_user.answers.asked == [
        CommandQuestion("box", f"touch {mark}", ssh_user.config, 1, "match")
    ]


def test_a_command_that_is_not_allowed_does_not_run(ssh_user, ssh_server, tmp_path):
    mark = tmp_path / "ran"
    ssh_user.config.write_text(f'Match exec "touch {mark}"\n  Port 1\n')
    ssh_user.knows(ssh_server)

    ssh_user.session(ssh_user.remote(ssh_server)).connection(go_on)

    assert not mark.exists()


# Values that are not what they should be


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("host", "-oProxyCommand=touch /tmp/x"),
        ("host", "a;touch x"),
        ("host", "$(touch x)"),
        ("host", "a b"),
        ("host", "a\nb"),
        ("host", "a" * 100_000),
        ("host", ""),
        ("user", "-l"),
        ("user", "a;b"),
        ("user", "`id`"),
        ("user", "a" * 100_000),
        ("port", "22; touch x"),
        ("port", 0),
        ("port", 70000),
        ("connect-timeout", "soon"),
        ("private-key", ["a"]),
    ],
)
def test_values_with_pieces_of_shell_in_them_are_refused(ssh_user, key, value):
    remote = ssh_user.named({"host": "box.example", key: value})

    with pytest.raises(RemoteConfigError) as caught:
        ssh_user.session(remote).connection(go_on)

    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 300


def test_a_remote_of_another_type_is_refused_by_name(ssh_user):
    remote = Remote("bucket", "s3", ssh_user.local.home / "config.yml", {"bucket": "x"})

    with pytest.raises(RemoteUnsupported, match="bucket is of type “s3”"):
        ssh_user.session(remote).connection(go_on)


def test_a_proxy_of_a_file_that_lay_around_is_asked_about_first(ssh_user, ssh_server, tmp_path):
    mark = tmp_path / "ran"
    values = {"host": "box", "proxy": f"touch {mark}"}
    session = ssh_user.session(Remote("box", "ssh", tmp_path / "guild-config.yml", values))

    with pytest.raises(AnswerNeeded, match="not allowed to run"):
        session.connection(go_on)

    assert not mark.exists()
    assert ssh_user.answers.asked == [
        CommandQuestion("box", f"touch {mark}", tmp_path / "guild-config.yml", 1, "proxy")
    ]
