"""Connections to the real sshd of a test, made without the configuration of any user."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import paramiko
import pytest

from remote.connection import Connection
from remote.transport import TunedTransport
from tests.support.patience import PATIENCE
from tests.support.ssh_server import SshServer

Connect = Callable[[SshServer], Connection]


def connect_to(server: SshServer) -> Connection:
    """A connection, which the caller closes."""
    sock = socket.create_connection((server.host, server.port), PATIENCE)
    transport = TunedTransport(sock, PATIENCE)
    transport.start_client(timeout=PATIENCE)
    transport.auth_publickey(server.user, paramiko.PKey.from_path(server.key))
    return Connection(transport, "box")


@pytest.fixture
def connect() -> Iterator[Connect]:
    """Connects to servers; all connections end with the test."""
    made: list[Connection] = []

    def connected(server: SshServer) -> Connection:
        made.append(connect_to(server))
        return made[-1]

    yield connected
    for connection in made:
        connection.close()
