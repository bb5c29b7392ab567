"""A real SSH server that the user of a command line knows as the remote "box"."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.home import Home
from tests.support.command_line import CommandLine
from tests.support.ssh_server import SshServer


def know(desk: CommandLine, **servers: SshServer) -> None:
    """Write servers into the configurations of the user, Guild's and OpenSSH's."""
    guild, ssh = desk.user_home / ".guild", desk.user_home / ".ssh"
    guild.mkdir(exist_ok=True)
    ssh.mkdir(mode=0o700, exist_ok=True)
    remotes = "".join(f"  {name}:\n    type: ssh\n    host: {name}\n" for name in servers)
    (guild / "config.yml").write_text(f"remotes:\n{remotes}")
    (ssh / "config").write_text("".join(s.ssh_config(name) for name, s in servers.items()))


@pytest.fixture
def far_user(desk, monkeypatch) -> CommandLine:
    """The command line of a user with no remote and no agent."""
    monkeypatch.delenv("GUILD_CONFIG", raising=False)
    monkeypatch.setenv("SSH_AUTH_SOCK", "")
    monkeypatch.chdir(desk.user_home)
    return desk


@pytest.fixture
def far_runs(far_user, ssh_server) -> Path:
    """The runs of the remote "box", as this computer sees them."""
    know(far_user, box=ssh_server)
    runs_dir = Home(ssh_server.login / ".guild").runs_dir
    runs_dir.mkdir(parents=True)
    return runs_dir
