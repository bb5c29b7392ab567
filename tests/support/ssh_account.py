"""An account of this machine with a password, for logins that a key does not do."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator

import pytest
from msgspec import Struct

from tests.support.ssh_server import SshServer


class Account(Struct, frozen=True):
    """A user who may log in to this machine, and the server that takes passwords.

    Attributes:
        name: The login name.
        password: What opens it; unlike anything else, so that tests can look for it.
        server: An sshd that takes the password, or the server's key.
    """

    name: str
    password: str
    server: SshServer


@pytest.fixture(scope="session")
def account_name() -> Iterator[tuple[str, str]]:
    """A new account with a random password, removed afterwards."""
    assert os.geteuid() == 0, "accounts can be made by root alone: run .ci/run"
    name, password = f"rundesk-{os.getpid()}", f"Pw-{secrets.token_hex(12)}"
    subprocess.run(
        ["useradd", "--no-create-home", "--home-dir", "/", "--shell", "/bin/bash", name], check=True
    )
    subprocess.run(["chpasswd"], input=f"{name}:{password}".encode(), check=True)
    yield name, password
    subprocess.run(["userdel", name], check=True)


@pytest.fixture
def account(account_name, open_dir, start_ssh_server) -> Account:
    """The account on a server that takes passwords."""
    name, password = account_name
    server = start_ssh_server(open_dir, lines=("PasswordAuthentication yes", "UseDNS no"))
    server.user = name
    return Account(name, password, server)
