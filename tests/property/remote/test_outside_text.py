"""Whatever is in files of people and other programs: reading them ends in a value or a word."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from remote.config import RemoteList
from remote.errors import RemoteConfigError, RemoteError
from remote.host_keys import HostKey, KnownHosts
from remote.host_text import shown
from remote.local_user import LocalUser
from remote.ssh_config import SshConfig
from remote.ssh_config_lines import split_arguments

KEYWORDS = (
    *("Host", "Match", "Include", "Port", "User", "HostName", "IdentityFile", "ProxyJump"),
    *("ProxyCommand", "StrictHostKeyChecking", "ConnectTimeout", "UserKnownHostsFile"),
    *("IdentityAgent", "HostKeyAlias", "ServerAliveInterval"),
)
line = st.one_of(
    st.tuples(st.sampled_from(KEYWORDS), st.sampled_from(" =\t"), st.text(max_size=20)).map(
        "".join
    ),
    st.text(max_size=30),
    st.sampled_from(["Match all", "Match final", "Match host *", "Host *", "Match !user x"]),
)
names = st.text("abcdefgh0123-_", min_size=1, max_size=10).filter(lambda n: n[0] != "-")
texts = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=40)


def refuse(question):
    raise RemoteError(question.fingerprint)


@pytest.fixture(scope="module")
def local(tmp_path_factory):
    home = tmp_path_factory.mktemp("user")
    (home / ".ssh").mkdir()
    return LocalUser("me", home, {}, home / "system")


@given(st.lists(line, max_size=15))
def test_any_lines_of_ssh_config_are_understood_or_refused_in_a_sentence(local, lines):
    text = "\n".join(lines).encode("utf-8", "replace")
    (local.ssh_folder / "config").write_bytes(text)

    try:
        options = SshConfig(local).resolve("box", lambda _command, _place: False)
    except RemoteConfigError as e:
        assert str(e)
        return

    assert 1 <= options.port <= 65535
    assert not options.host.startswith("-")
    assert not set(options.host) & set(" ;&|`$<>'\"\n")
    assert not options.user.startswith("-")


@given(st.binary(max_size=300))
def test_any_bytes_of_ssh_config_are_understood_or_refused_in_a_sentence(local, data):
    (local.ssh_folder / "config").write_bytes(data)

    try:
        SshConfig(local).resolve("box", lambda _command, _place: False)
    except RemoteConfigError as e:
        assert str(e)


@given(st.text(max_size=60))
def test_arguments_are_split_or_refused(text):
    try:
        words = split_arguments(text)
    except ValueError:
        return

    assert sum(map(len, words)) <= len(text)


@given(st.lists(st.text("ab\\'\" #=", max_size=8), max_size=5))
def test_quoted_arguments_come_back(words):
    quoted = " ".join('"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"' for word in words)

    assert list(split_arguments(quoted)) == words


@given(st.binary(max_size=400))
def test_any_bytes_of_known_hosts_vouch_for_no_key(local, data):
    known_hosts = local.ssh_folder / "known_hosts"
    (local.ssh_folder / "config").write_text("")
    known_hosts.write_bytes(data)
    options = SshConfig(local).resolve("box", lambda _command, _place: False)

    with pytest.raises(RemoteError):
        KnownHosts(options).verify(HostKey("ssh-ed25519", b"a key"), "box", refuse)


@given(st.binary(max_size=200).filter(lambda data: b"\n" not in data[-1:]))
def test_a_key_that_was_added_is_known_whatever_was_there(local, data):
    known_hosts = local.ssh_folder / "known_hosts"
    (local.ssh_folder / "config").write_text("")
    known_hosts.write_bytes(data)
    options = SshConfig(local).resolve("box", lambda _command, _place: False)
    key = HostKey("ssh-ed25519", b"a key")

    KnownHosts(options).add(key)

    assert known_hosts.read_bytes().startswith(data)
    assert KnownHosts(options).verify(key, "box", refuse) is False


@settings(max_examples=15)  # each writes three times, down to the disk
@given(
    st.dictionaries(names, st.dictionaries(names, texts, max_size=3), max_size=4),
    names,
    texts,
)
def test_a_change_keeps_everything_else(tmp_path_factory, others, name, description):
    path = tmp_path_factory.mktemp("config") / "config.yml"
    data = {"remotes": {f"x{other}": value for other, value in others.items()}, "diff": others}
    path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    remotes = RemoteList(path)

    remotes.add(name, {"host": "h", "description": description})
    remotes.edit(name, {"port": 22, "description": None})
    found = remotes.find(name)
    remotes.remove(name)

    assert (found.host, found.port, found.description) == ("h", 22, "")
    expected = data if others else {key: value for key, value in data.items() if key != "remotes"}
    assert yaml.safe_load(path.read_text(encoding="utf-8")) == expected


@given(st.binary(max_size=300))
def test_any_bytes_of_the_configuration_are_understood_or_refused(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("config") / "config.yml"
    path.write_bytes(data)

    try:
        remotes = RemoteList(path).all()
    except RemoteConfigError as e:
        assert str(path) in str(e)
        with pytest.raises(RemoteConfigError):
            RemoteList(path).add("new", {"host": "h"})
        assert path.read_bytes() == data
        return

    assert all(isinstance(remote.name, str) for remote in remotes)


@given(st.one_of(st.text(), st.binary()))
def test_what_a_host_says_can_be_shown(text):
    assert all(letter == "\n" or letter.isprintable() or letter.isspace() for letter in shown(text))
