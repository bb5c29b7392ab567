"""Whether a host is the one that is known; real sshd, real ssh-keygen and real ssh as witnesses."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time

import pytest

from remote.errors import HostKeyChanged, HostKeyRevoked, HostKeyUnknown
from remote.prompts import HostKeyQuestion, Nobody, SharedAnswers
from remote.session import Session
from tests.support.patience import PATIENCE
from tests.support.processes import wait_until
from tests.support.ssh_client import Answers, NoSecrets, go_on, run_command
from tests.support.ssh_server import fingerprint, make_key


def session_to(user, server, *lines):
    """A session to a server, under more lines of the user's configuration."""
    user.config.write_text("".join(f"{line}\n" for line in lines))
    return user.session(user.remote(server))


def name_of(server):
    return f"[{server.host}]:{server.port}"


def line_of(server, key=None):
    public = (key or server.host_key()).with_suffix(".pub").read_text()
    return f"{name_of(server)} {public}"


def knows(user, server):
    """Whether the real OpenSSH takes the server for known."""
    done = subprocess.run(
        [
            *("ssh", "-F", "none", "-oBatchMode=yes", "-oStrictHostKeyChecking=yes"),
            f"-oUserKnownHostsFile={user.known_hosts}",
            *("-oGlobalKnownHostsFile=none", "-oIdentityAgent=none", "-i", str(server.key)),
            *("-p", str(server.port), f"{server.user}@{server.host}", "true"),
        ],
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )
    return done.returncode == 0


def test_an_unknown_key_is_asked_about_with_the_fingerprint_of_ssh_keygen(ssh_user, ssh_server):
    session = session_to(ssh_user, ssh_server)

    with pytest.raises(HostKeyUnknown, match="was not accepted") as caught:
        session.connection(go_on)

    print_ = fingerprint(ssh_server.host_key())
    assert ssh_user.answers.asked == [
        HostKeyQuestion("box", name_of(ssh_server), "ssh-ed25519", print_, ssh_user.known_hosts)
    ]
    assert caught.value.facts.fingerprint == print_
    assert not ssh_user.known_hosts.exists()


def test_an_accepted_key_is_remembered_as_openssh_wants_it(ssh_user, ssh_server):
    ssh_user.answers.host_keys = True

    session_to(ssh_user, ssh_server).connection(go_on)

    assert knows(ssh_user, ssh_server)
    assert ssh_user.known_hosts.stat().st_mode & 0o777 == 0o600
    session_to(ssh_user, ssh_server).connection(go_on)
    assert len(ssh_user.answers.asked) == 1


def test_names_are_hashed_where_the_configuration_says_so(ssh_user, ssh_server):
    ssh_user.answers.host_keys = True

    session_to(ssh_user, ssh_server, "HashKnownHosts yes").connection(go_on)

    assert ssh_user.known_hosts.read_text().startswith("|1|")
    assert ssh_server.host not in ssh_user.known_hosts.read_text()
    assert knows(ssh_user, ssh_server)


def test_names_that_openssh_hashed_are_found(ssh_user, ssh_server):
    ssh_user.known_hosts.write_text(line_of(ssh_server))
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", str(ssh_user.known_hosts)], check=True)
    assert "|1|" in ssh_user.known_hosts.read_text()

    session_to(ssh_user, ssh_server).connection(go_on)

    assert ssh_user.answers.asked == []


def test_one_line_is_added_and_nothing_else_changed(ssh_user, ssh_server):
    before = "# mine\nother.example ssh-rsa AAAA\nnonsense\n\n@marker x y z\nlast without end"
    ssh_user.known_hosts.write_text(before)
    ssh_user.answers.host_keys = True

    session_to(ssh_user, ssh_server).connection(go_on)

    after = ssh_user.known_hosts.read_text()
    assert after.startswith(f"{before}\n{name_of(ssh_server)} ssh-ed25519 ")
    assert after.count("\n") == before.count("\n") + 2


def test_a_changed_key_is_a_hard_stop_that_names_both_keys_and_the_line(
    ssh_user, ssh_server, tmp_path
):
    old = make_key(tmp_path / "old")
    ssh_user.known_hosts.write_text(f"# comment\n{line_of(ssh_server, old)}")
    ssh_user.answers.host_keys = True
    session = session_to(ssh_user, ssh_server, "StrictHostKeyChecking no")

    with pytest.raises(HostKeyChanged) as caught:
        session.connection(go_on)

    assert fingerprint(old) in str(caught.value)
    assert fingerprint(ssh_server.host_key()) in str(caught.value)
    assert f"remove line 2 of {ssh_user.known_hosts}" in caught.value.hint
    facts = caught.value.facts
    assert (facts.known, facts.known_hosts, facts.line) == (
        fingerprint(old),
        ssh_user.known_hosts,
        2,
    )
    assert ssh_user.answers.asked == []
    assert not caught.value.retryable


def test_a_revoked_key_is_a_hard_stop(ssh_user, ssh_server):
    public = ssh_server.host_key().with_suffix(".pub").read_text()
    ssh_user.known_hosts.write_text(f"{line_of(ssh_server)}@revoked * {public}")
    session = session_to(ssh_user, ssh_server, "StrictHostKeyChecking no")

    with pytest.raises(HostKeyRevoked, match=r"marked as revoked in .*known_hosts, line 2"):
        session.connection(go_on)


def test_a_certificate_authority_is_said_to_be_unsupported(ssh_user, ssh_server, tmp_path):
    authority = make_key(tmp_path / "authority").with_suffix(".pub").read_text()
    ssh_user.known_hosts.write_text(f"@cert-authority {name_of(ssh_server)} {authority}")
    session = session_to(ssh_user, ssh_server, "StrictHostKeyChecking yes")

    with pytest.raises(HostKeyUnknown) as caught:
        session.connection(go_on)

    assert "names a certificate authority; these are not supported" in caught.value.hint
    assert any("certificate authority" in line for line in ssh_user.said)


def test_the_system_knows_hosts_too(ssh_user, ssh_server):
    (ssh_user.local.system / "ssh_known_hosts").write_text(line_of(ssh_server))

    session_to(ssh_user, ssh_server).connection(go_on)

    assert ssh_user.answers.asked == []


def test_a_key_that_is_known_without_the_port_is_as_good(ssh_user, ssh_server):
    public = ssh_server.host_key().with_suffix(".pub").read_text()
    ssh_user.known_hosts.write_text(f"{ssh_server.host} {public}")

    session_to(ssh_user, ssh_server).connection(go_on)

    assert ssh_user.answers.asked == []


def test_the_alias_of_the_configuration_is_looked_up(ssh_user, ssh_server):
    public = ssh_server.host_key().with_suffix(".pub").read_text()
    ssh_user.known_hosts.write_text(f"cluster {public}")

    session_to(ssh_user, ssh_server, "HostKeyAlias cluster").connection(go_on)

    assert ssh_user.answers.asked == []


def test_the_kind_of_key_that_is_known_is_negotiated(ssh_user, start_ssh_server):
    server = start_ssh_server(key_types=("ed25519", "rsa", "ecdsa"))
    ssh_user.known_hosts.write_text(line_of(server, server.host_key("rsa")))

    session_to(ssh_user, server).connection(go_on)

    assert ssh_user.answers.asked == []
    assert any(f"ssh-rsa {server.fingerprint('rsa')}" in line for line in ssh_user.said)


def test_another_kind_of_key_is_asked_about_with_the_kinds_that_are_known(
    ssh_user, start_ssh_server, tmp_path
):
    server = start_ssh_server(key_types=("ed25519",))
    known = make_key(tmp_path / "known", "ecdsa")
    ssh_user.known_hosts.write_text(line_of(server, known))

    with pytest.raises(HostKeyUnknown):
        session_to(ssh_user, server).connection(go_on)

    assert ssh_user.answers.asked[0].other_types == ("ecdsa-sha2-nistp256",)


@pytest.mark.parametrize("word", ["no", "off", "accept-new"])
def test_unknown_keys_are_taken_where_the_configuration_says_so(ssh_user, ssh_server, word):
    session_to(ssh_user, ssh_server, f"StrictHostKeyChecking {word}").connection(go_on)

    assert ssh_user.answers.asked == []
    assert knows(ssh_user, ssh_server)


def test_unknown_keys_are_refused_where_the_configuration_says_so(ssh_user, ssh_server):
    ssh_user.answers.host_keys = True

    with pytest.raises(HostKeyUnknown, match="only known ones are accepted"):
        session_to(ssh_user, ssh_server, "StrictHostKeyChecking yes").connection(go_on)

    assert ssh_user.answers.asked == []


def test_a_key_that_was_accepted_beforehand_is_taken(ssh_user, ssh_server):
    nobody = Nobody([ssh_server.fingerprint()])
    session = Session(
        ssh_user.remote(ssh_server), nobody, local=ssh_user.local, secrets=NoSecrets()
    )

    assert run_command(session, "echo hello") == "hello\n"

    session.close()
    assert knows(ssh_user, ssh_server)


def test_keys_may_go_nowhere(ssh_user, ssh_server):
    ssh_user.answers.host_keys = True

    session = session_to(ssh_user, ssh_server, "UserKnownHostsFile /dev/null")

    assert run_command(session, "echo hello") == "hello\n"
    assert not ssh_user.known_hosts.exists()


def test_a_key_that_cannot_be_remembered_is_accepted_for_this_time(ssh_user, ssh_server):
    shutil.rmtree(ssh_user.local.ssh_folder)
    folder = ssh_user.local.home / "full"
    folder.symlink_to("/proc/self")  # nothing can be made there
    ssh_user.answers.host_keys = True
    ssh_user.local.ssh_folder.mkdir()
    session = session_to(ssh_user, ssh_server, f"UserKnownHostsFile {folder}/known_hosts")

    assert run_command(session, "echo hello") == "hello\n"
    assert any("Cannot remember the host key" in line for line in ssh_user.said)


def test_a_key_is_asked_about_once_for_all_connections_that_wait(ssh_user, ssh_server):
    class Slow(Answers):
        def accept_host_key(self, question, check):
            wait_until(lambda: len(waiting) == 3)
            time.sleep(0.3)  # the others are waiting, not only on their way
            return super().accept_host_key(question, check)

    waiting = []
    ssh_user.answers = Slow(host_keys=True)
    shared = SharedAnswers()
    remote = ssh_user.remote(ssh_server)
    sessions = [ssh_user.session(remote, answers=shared) for _ in range(3)]

    def connect(session):
        waiting.append(session)
        session.connection(go_on)

    threads = [threading.Thread(target=connect, args=(session,)) for session in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(session.is_connected for session in sessions)
    assert len(ssh_user.answers.asked) == 1
    assert len(ssh_user.known_hosts.read_text().splitlines()) == 1
