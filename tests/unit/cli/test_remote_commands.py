"""`remotes` and `remote add|edit|test|remove`, on a configuration and a real sshd."""

from __future__ import annotations

import pytest
import yaml

from tests.support.answers import Terminal
from tests.support.ssh_server import make_key


@pytest.fixture
def config(desk, monkeypatch):
    """Guild's configuration of the user."""
    monkeypatch.delenv("GUILD_CONFIG", raising=False)
    monkeypatch.setenv("SSH_AUTH_SOCK", "")
    monkeypatch.chdir(desk.user_home)
    path = desk.user_home / ".guild" / "config.yml"
    path.parent.mkdir()
    return path


@pytest.fixture
def ssh_folder(desk):
    folder = desk.user_home / ".ssh"
    folder.mkdir(mode=0o700)
    return folder


@pytest.fixture
def box(desk, config, ssh_folder, ssh_server):
    """A server that is the host `box` of ~/.ssh/config and the remote `box`, and is known."""
    (ssh_folder / "config").write_text(ssh_server.ssh_config("box"))
    desk("remote", "add", "box")
    return ssh_server


def test_no_remotes_are_said_so(desk, config):
    outcome = desk("remotes")

    assert outcome.out == ""
    assert str(config) in outcome.err


def test_a_host_of_the_ssh_configuration_is_added_by_its_name(desk, config, ssh_folder):
    (ssh_folder / "config").write_text("Host gpu1\n  HostName 10.0.0.1\n")

    desk("remote", "add", "gpu1")

    assert yaml.safe_load(config.read_text()) == {
        "remotes": {"gpu1": {"type": "ssh", "host": "gpu1"}}
    }


def test_a_remote_is_added_with_all_that_can_be_said(desk, config):
    outcome = desk(
        *("remote", "add", "gpu", "me@gpu.example:2222", "--guild-home", "/data/guild"),
        *("--private-key", "~/.ssh/gpu", "--connect-timeout", "5", "--description", "two A100"),
        *("--venv-activate", ". v/bin/activate", "--use-prerelease", "true"),
    )

    assert outcome.err == f"Added gpu (me@gpu.example:2222 /data/guild) to {config}.\n"
    assert yaml.safe_load(config.read_text())["remotes"]["gpu"] == {
        "type": "ssh",
        "host": "gpu.example",
        "port": 2222,
        "user": "me",
        "private-key": "~/.ssh/gpu",
        "connect-timeout": 5,
        "guild-home": "/data/guild",
        "venv-activate": ". v/bin/activate",
        "use-prerelease": True,
        "description": "two A100",
    }


def test_remotes_are_listed_those_of_other_types_too(desk, config):
    config.write_text(
        "remotes:\n"
        "  gpu: {type: ssh, host: gpu.example, user: me, port: 22, description: two A100}\n"
        "  store: {type: s3, bucket: b}\n"
        "  wrong: {type: ssh}\n"
    )

    text = desk("remotes").lines
    facts = desk("remotes", "--json").json

    assert text[0].split() == ["gpu", "ssh", "me@gpu.example:22", "two", "A100"]
    assert text[1].split() == ["store", "s3", "not", "supported"]
    assert "“host” is missing" in text[2]
    assert facts[0] == {
        "name": "gpu",
        "type": "ssh",
        "supported": True,
        "problem": None,
        "description": "two A100",
        "host": "gpu.example",
        "user": "me",
        "port": 22,
        "guild_home": ".guild",
    }
    assert [fact["supported"] for fact in facts] == [True, False, True]
    assert "“host” is missing" in facts[2]["problem"]


def test_a_remote_is_changed_and_its_comments_stay(desk, config):
    config.write_text("# mine\nremotes:\n  gpu:  # big\n    type: ssh\n    host: a\n    port: 1\n")

    desk("remote", "edit", "gpu", "--host", "b", "--unset", "port", "--user", "me")

    assert config.read_text() == (
        "# mine\nremotes:\n  gpu:  # big\n    type: ssh\n    host: b\n    user: me\n"
    )


def test_a_remote_is_removed_after_a_question(desk, config):
    desk("remote", "add", "gpu")

    declined = desk.call("remote", "remove", "gpu")
    assert declined.code == 4
    assert declined.err.endswith("-y says yes.\n")
    desk("remote", "remove", "-y", "gpu")

    assert desk("remotes", "--json").json == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["remote", "edit", "nope", "--host", "x"], "There is no remote nope"),
        (["remote", "remove", "-y", "nope"], "There is no remote nope"),
        (["remote", "test", "nope"], "There is no remote nope"),
        (["remote", "add", "gpu"], "There is a remote gpu already"),
        (["remote", "add", "a/b", "host"], "cannot be the name of a remote"),
        (["remote", "add", "x", "--host", "a;b"], "cannot be the name of a host"),
        (["remote", "edit", "gpu", "--port", "0"], "must be a whole number"),
        (["remote", "test", "store"], "which Rundesk does not speak"),
    ],
)
def test_what_cannot_be_is_told_in_a_sentence(desk, config, arguments, words):
    config.write_text("remotes:\n  gpu: {type: ssh, host: a}\n  store: {type: s3, bucket: b}\n")

    assert words in desk.fails(*arguments).err


@pytest.mark.parametrize(
    "arguments", [["remote", "edit", "gpu"], ["remote", "add", "x", "a:b:c"], ["remote", "nope"]]
)
def test_what_is_not_understood_is_a_usage_error(desk, config, arguments):
    desk.fails(*arguments, code=2)


def test_testing_shows_every_step(desk, box):
    lines = desk("remote", "test", "box").lines

    assert lines[0].startswith("The remote box is in ")
    assert f"{desk.user_home}/.ssh/config is followed." in lines
    assert f"The way there: {box.user}@127.0.0.1, port {box.port}." in lines
    assert f"Connecting to 127.0.0.1, port {box.port}." in lines
    assert f"Its key is ssh-ed25519 {box.fingerprint()}." in lines
    assert f"Offering the key {box.key}." in lines
    assert lines[-1] == f"It works (shell, tar); {box.login}/.guild holds no runs yet."


def test_testing_counts_the_runs_there(desk, box):
    (box.login / ".guild" / "runs" / ("ab" * 16)).mkdir(parents=True)

    assert desk("remote", "test", "box", "--json").json["runs"] == 1


def test_testing_tells_why_it_does_not_work(desk, box, tmp_path):
    make_key(tmp_path / "other")
    desk("remote", "edit", "box", "--private-key", str(tmp_path / "other"))
    box.authorized_keys.write_text("")

    outcome = desk.call("remote", "test", "box", "--json")

    assert outcome.code == 1
    assert outcome.json["ok"] is False
    assert "the host refused 2 keys" in outcome.json["error"]
    assert f"Offering the key {tmp_path / 'other'}." in outcome.json["log"]


def test_without_a_terminal_an_unknown_host_key_is_accepted_by_its_fingerprint(desk, box):
    box.known_hosts.write_text("")

    err = desk.call("remote", "test", "box").err
    command = err.partition("“rundesk ")[2].partition("”")[0].split()

    assert f"--accept-host-key {box.fingerprint()}" in err
    desk(*command)
    assert desk("remote", "test", "box").code == 0


def test_on_a_terminal_a_host_key_is_asked_about(desk, box):
    box.known_hosts.write_text("")

    with Terminal(desk) as terminal:
        terminal.start("remote", "test", "box")
        shown = terminal.wait_for("(y/N)")
        terminal.type("y\n")

        assert terminal.finish() == 0
        assert f"ssh-ed25519  {box.fingerprint()}" in shown
        assert "It works" in terminal.seen


def test_on_a_terminal_a_passphrase_is_asked_and_not_shown(desk, box, tmp_path):
    key = make_key(tmp_path / "locked", passphrase="open sesame")
    box.authorized_keys.write_text(key.with_suffix(".pub").read_text())
    desk("remote", "edit", "box", "--private-key", str(key))

    with Terminal(desk) as terminal:
        terminal.start("remote", "test", "box")
        terminal.wait_for(f"Passphrase of {key}: ")
        terminal.type("wrong\n")
        terminal.wait_for("That was wrong.")
        terminal.wait_for(f"Passphrase of {key}: ")
        terminal.type("open sesame\n")

        assert terminal.finish() == 0
        assert "open sesame" not in terminal.seen
