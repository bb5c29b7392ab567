"""Real Guild understands the configuration that we write, and we the one that it understands."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from remote.config import RemoteList

READ = """
import json
from guild import config, remote
found = config.user_config().get("remotes", {})
homes = {
    name: remote.for_name(name).guild_home
    for name, item in found.items() if item.get("type") == "ssh"
}
print(json.dumps([found, homes]))
"""


@pytest.fixture
def path(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    file = tmp_path / ".guild" / "config.yml"
    file.parent.mkdir()
    return file


def as_guild_reads(peer, path: Path):
    """The remotes of the configuration and their homes there, by real Guild."""
    return json.loads(peer.python(READ, cwd=path.parent).stdout)


def as_we_read(path: Path):
    remotes = RemoteList(path).all()
    return [
        {remote.name: {"type": remote.type, **remote.values} for remote in remotes},
        {remote.name: remote.guild_home for remote in remotes if remote.is_supported},
    ]


def test_guild_reads_every_value_as_it_was_meant(peer, path):
    values = {
        "host": "gpu.example",
        "port": 2222,
        "user": "me",
        "private-key": "~/.ssh/gpu",
        "connect-timeout": 5,
        "guild-home": "0e1",
        "venv-activate": ". v/bin/activate  # 'x' \"y\"",
        "use-prerelease": True,
        "init": "one\ntwo: three\n",
        "proxy": "ssh -W %h:%p bastion",
        "description": "yes",
    }
    remotes = RemoteList(path)
    remotes.add("first", {"host": "other"})
    remotes.add("10", values)
    remotes.edit("first", {"description": "~", "port": 22})

    found, homes = as_guild_reads(peer, path)

    assert found["10"] == {"type": "ssh", **values}
    assert found["first"] == {"type": "ssh", "host": "other", "description": "~", "port": 22}
    assert homes == {"10": "0e1", "first": ".guild"}
    assert as_we_read(path) == [found, homes]


def test_guild_lists_what_we_added(peer, path, tmp_path):
    RemoteList(path).add("gpu", {"host": "gpu.example", "description": "two A100"})

    shown = peer.run([str(peer.bin / "guild"), "remotes"], tmp_path).stdout

    assert shown.split() == ["gpu", "ssh", "two", "A100"]


def test_what_is_extended_means_the_same(peer, path):
    path.write_text(
        "config:\n  slow: {connect-timeout: 60, port: 1, type: ssh}\n"
        "remotes:\n"
        "  base: {type: ssh, host: base.example, user: me, venv-path: /v/}\n"
        "  a: {extends: base, host: a.example}\n"
        "  b: {extends: [a, slow], port: 7}\n"
        "  c: {extends: slow, host: c, guild-home: x}\n"
    )

    assert as_we_read(path) == as_guild_reads(peer, path)
