"""Servers that the user of a screen knows by name: in Guild's configuration and OpenSSH's."""

from __future__ import annotations

from pathlib import Path

from tests.support.ssh_server import SshServer


def know_servers(user_home: Path, **servers: SshServer) -> None:
    """Write servers into the files of a user as remotes, with their host keys."""
    lines = ["remotes:"]
    for name, server in servers.items():
        lines += [f"  {name}:", "    type: ssh", f"    host: {server.host}",
                  f"    port: {server.port}", f"    user: {server.user}",
                  f"    private-key: {server.key}"]  # fmt: skip
    for folder in (".guild", ".ssh"):
        (user_home / folder).mkdir(exist_ok=True)
    (user_home / ".guild" / "config.yml").write_text("\n".join(lines) + "\n")
    known = "".join(server.known_hosts.read_text() for server in servers.values())
    (user_home / ".ssh" / "known_hosts").write_text(known)
