"""Keys and certificates log in to a real sshd."""

from __future__ import annotations

import getpass
import subprocess
from pathlib import Path

import pytest

from remote.errors import AuthenticationFailed
from remote.transport import Packets
from tests.support.ssh_client import go_on, run_command
from tests.support.ssh_server import make_key


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_keys_of_each_kind_log_in(ssh_user, ssh_server, tmp_path, kind):
    key = make_key(tmp_path / "mine", kind)
    ssh_server.allow(key)
    ssh_user.knows(ssh_server)

    session = ssh_user.session(ssh_user.remote(ssh_server, private_key=str(key)))

    assert run_command(session, "echo hello") == "hello\n"


def test_the_usual_keys_are_found(ssh_user, ssh_server):
    ssh_server.allow(make_key(ssh_user.local.ssh_folder / "id_ed25519"))
    ssh_user.knows(ssh_server)

    session = ssh_user.session(ssh_user.remote(ssh_server, private_key=None))

    assert run_command(session, "echo hello") == "hello\n"


def test_keys_of_the_configuration_are_found(ssh_user, ssh_server):
    ssh_user.config.write_text(ssh_server.ssh_config("there"))

    session = ssh_user.session(ssh_user.named({"host": "there"}))

    assert run_command(session, "echo hello") == "hello\n"


def test_a_file_that_is_no_key_is_passed_over_with_a_note(ssh_user, ssh_server, tmp_path):
    (tmp_path / "text").write_text("no key\n")
    ssh_user.knows(ssh_server)

    with pytest.raises(AuthenticationFailed, match="there is nothing to offer") as caught:
        ssh_user.session(
            ssh_user.remote(ssh_server, private_key=str(tmp_path / "text"))
        ).connection(go_on)

    assert f"{tmp_path / 'text'} is no private key" in caught.value.hint


def test_a_key_that_is_named_and_missing_is_told(ssh_user, ssh_server, tmp_path):
    ssh_user.knows(ssh_server)

    with pytest.raises(AuthenticationFailed) as caught:
        ssh_user.session(
            ssh_user.remote(ssh_server, private_key=str(tmp_path / "gone"))
        ).connection(go_on)

    assert f"{tmp_path / 'gone'} cannot be read: no such file" in caught.value.hint


def certified(key, authority, *options):
    """Let an authority sign a key, as ssh-keygen does."""
    subprocess.run(
        [
            *("ssh-keygen", "-q", "-s", str(authority), "-I", "me", "-n", getpass.getuser()),
            *options,
            str(key.with_suffix(".pub")),
        ],
        check=True,
    )


def test_a_certificate_logs_in(ssh_user, start_ssh_server, tmp_path):
    authority, key = make_key(tmp_path / "authority"), make_key(tmp_path / "mine")
    certified(key, authority)
    server = start_ssh_server(lines=(f"TrustedUserCAKeys {authority}.pub",))
    ssh_user.knows(server)

    session = ssh_user.session(ssh_user.remote(server, private_key=str(key)))

    assert run_command(session, "echo hello") == "hello\n"


def test_a_key_whose_certificate_has_run_out_is_offered_alone(ssh_user, ssh_server, tmp_path):
    authority, key = make_key(tmp_path / "authority"), make_key(tmp_path / "mine")
    certified(key, authority, "-V", "20200101:20200102")
    ssh_server.allow(key)
    ssh_user.knows(ssh_server)

    session = ssh_user.session(ssh_user.remote(ssh_server, private_key=str(key)))

    assert run_command(session, "echo hello") == "hello\n"


@pytest.fixture
def authority(tmp_path):
    return make_key(tmp_path / "authority")


@pytest.fixture
def certifying_server(start_ssh_server, authority):
    """A server that takes keys with a certificate by the authority, and no others."""
    server = start_ssh_server(lines=(f"TrustedUserCAKeys {authority}.pub",))
    server.authorized_keys.write_text("")
    return server


def apart(key, folder):
    """Move the certificate of a key to where nobody looks unless told; where it is then."""
    folder.mkdir(exist_ok=True)
    return Path(f"{key}-cert.pub").rename(folder / f"{key.name}-cert.pub")


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_a_certificate_that_the_configuration_names_logs_in(
    ssh_user, certifying_server, authority, tmp_path, kind
):
    keys = [make_key(tmp_path / name, kind) for name in ("other", "mine")]
    for key in keys:
        certified(key, authority, *(("-V", "20200101:20200102") if key.name == "other" else ()))
    files = [apart(key, tmp_path / "certificates") for key in keys]
    ssh_user.config.write_text("".join(f"CertificateFile {file}\n" for file in files))
    ssh_user.knows(certifying_server)

    session = ssh_user.session(ssh_user.remote(certifying_server, private_key=str(keys[1])))

    assert run_command(session, "echo hello") == "hello\n"
    assert f"Offering a certificate of the key {keys[1]}." in ssh_user.said


@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_named_certificate_goes_with_a_key_of_the_agent(
    ssh_user, certifying_server, authority, ssh_agent, tmp_path, kind
):
    for number in range(8):  # more than the host takes: the one with the certificate goes first
        ssh_agent.add(make_key(tmp_path / f"other{number}"))
    key = make_key(tmp_path / "mine", kind)
    ssh_agent.add(key)
    certified(key, authority)
    file = apart(key, tmp_path / "certificates")
    ssh_user.use_agent(ssh_agent)
    ssh_user.config.write_text(f"CertificateFile {file}\n")
    ssh_user.knows(certifying_server)

    session = ssh_user.session(ssh_user.remote(certifying_server, private_key=None))

    assert run_command(session, "echo hello") == "hello\n"


@pytest.mark.parametrize("kind", ["ed25519", "rsa", "ecdsa"])
def test_a_certificate_that_the_agent_holds_logs_in(
    ssh_user, certifying_server, authority, ssh_agent, tmp_path, kind
):
    key = make_key(tmp_path / "mine", kind)
    certified(key, authority)
    ssh_agent.add(key)  # with the certificate that lies beside
    apart(key, tmp_path / "apart")
    ssh_user.use_agent(ssh_agent)
    ssh_user.knows(certifying_server)

    session = ssh_user.session(ssh_user.remote(certifying_server, private_key=None))

    assert run_command(session, "echo hello") == "hello\n"


@pytest.mark.parametrize("is_named", [True, False])
@pytest.mark.parametrize("kind", ["ed25519", "rsa"])
def test_a_passphrase_is_asked_where_the_host_takes_the_certificate_alone(
    ssh_user, certifying_server, authority, tmp_path, kind, is_named
):
    key = make_key(tmp_path / "mine", kind, passphrase="open sesame")
    certified(key, authority)
    if is_named:
        ssh_user.config.write_text(f"CertificateFile {apart(key, tmp_path / 'apart')}\n")
    ssh_user.answers.passphrases = ["open sesame"]
    ssh_user.knows(certifying_server)

    session = ssh_user.session(ssh_user.remote(certifying_server, private_key=str(key)))

    assert run_command(session, "echo hello") == "hello\n"


@pytest.mark.parametrize("text", [None, "no certificate", "public"])
def test_a_named_certificate_that_is_none_is_told(ssh_user, ssh_server, tmp_path, text):
    key = make_key(tmp_path / "mine")
    file = Path(f"{key}.pub") if text == "public" else tmp_path / "certificate"
    if text == "no certificate":
        file.write_text(text)
    ssh_user.config.write_text(f"CertificateFile {file}\n")
    ssh_user.knows(ssh_server)

    with pytest.raises(AuthenticationFailed) as caught:
        ssh_user.session(ssh_user.remote(ssh_server, private_key=str(key))).connection(go_on)

    assert str(file) in caught.value.hint
    assert "no such file" in caught.value.hint or "is no certificate" in caught.value.hint


def test_two_keys_log_in_where_two_are_wanted(ssh_user, start_ssh_server, tmp_path):
    server = start_ssh_server(lines=("AuthenticationMethods publickey,publickey",))
    second = make_key(tmp_path / "second")
    server.allow(second)
    ssh_user.config.write_text(f"IdentityFile {second}\n")
    ssh_user.knows(server)

    session = ssh_user.session(ssh_user.remote(server))

    assert run_command(session, "echo hello") == "hello\n"
    assert "Accepted, and more is wanted: publickey." in ssh_user.said


# What it costs


@pytest.fixture
def sent(monkeypatch):
    """The kinds of the messages of logins, in the order in which they went out and came."""
    kinds = {5: "service", 6: "granted", 50: "offer", 51: "refused", 52: "in", 60: "wanted"}
    seen = []
    send, read = Packets.send_message, Packets.read_message

    def note(kind):
        if kind in kinds:
            seen.append(kinds[kind])

    def sending(packets, data):
        note(data.asbytes()[0])  # first: once it is sent, another thread may read the answer
        return send(packets, data)

    def reading(packets):
        told = read(packets)
        note(told[0])
        return told

    monkeypatch.setattr(Packets, "send_message", sending)
    monkeypatch.setattr(Packets, "read_message", reading)
    return seen


def without_granted(sent):
    """The same; that the service is granted comes once, before or behind the first offer."""
    assert sent.count("granted") == 1
    return [kind for kind in sent if kind != "granted"]


def test_a_key_logs_in_within_one_breath(ssh_user, ssh_server, sent):
    ssh_user.knows(ssh_server)

    ssh_user.session(ssh_user.remote(ssh_server)).connection(go_on)

    assert without_granted(sent) == ["service", "offer", "in"]


def test_each_further_key_takes_one_more(ssh_user, ssh_server, tmp_path, sent):
    other = make_key(tmp_path / "other")
    ssh_user.config.write_text(f"IdentityFile {other}\nIdentityFile {ssh_server.key}\n")
    ssh_user.knows(ssh_server)

    ssh_user.session(ssh_user.remote(ssh_server, private_key=None)).connection(go_on)

    assert without_granted(sent) == ["service", "offer", "refused", "offer", "in"]


def test_an_agent_signs_when_the_host_would_take_the_key(ssh_user, ssh_server, ssh_agent, sent):
    ssh_agent.add(ssh_server.key)
    ssh_user.use_agent(ssh_agent)
    ssh_user.knows(ssh_server)

    ssh_user.session(ssh_user.remote(ssh_server, private_key=None)).connection(go_on)

    assert without_granted(sent) == ["service", "offer", "wanted", "offer", "in"]


def test_a_host_that_takes_no_keys_is_not_told_to_have_refused_one(
    ssh_user, start_ssh_server, tmp_path
):
    server = start_ssh_server(
        lines=("PubkeyAuthentication no", "PasswordAuthentication yes", "UsePAM no")
    )
    ssh_user.knows(server)
    ssh_user.answers.passwords = ["no", "no", "no"]

    with pytest.raises(AuthenticationFailed) as caught:
        ssh_user.session(ssh_user.remote(server)).connection(go_on)

    assert "refused 3 passwords" in str(caught.value)
