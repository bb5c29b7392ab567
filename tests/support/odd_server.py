"""An SSH server that does what OpenSSH cannot be told to do: asks odd questions, or plays tricks.

It is paramiko's server side on a real socket, in threads of this process.
"""

from __future__ import annotations

import contextlib
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import paramiko
import pytest
from paramiko.auth_handler import AuthHandler

from tests.support.ssh_server import SFTP_SERVER, make_key

Round = tuple[str, str, Sequence[tuple[str, bool]]]


class OddInterface(paramiko.ServerInterface):
    """A login by questions.

    Args:
        rounds: Title, text and prompts of each round of questions.
        wanted: The answers to each round.
        first: What must be done before: "publickey", or "" for nothing.
        folder: The login directory that SFTP shows to whoever is in; None for no SFTP.
    """

    def __init__(
        self,
        rounds: Sequence[Round],
        wanted: Sequence[Sequence[str]],
        first: str = "",
        folder: Path | None = None,
    ) -> None:
        self._rounds = rounds
        self._wanted = wanted
        self._first = first
        self._folder = folder
        self._now = 0
        self.given: list[list[str]] = []

    def get_allowed_auths(self, username):
        return self._first or "keyboard-interactive"

    def check_auth_publickey(self, username, key):
        if self._first != "publickey":
            return paramiko.AUTH_FAILED
        self._first = ""
        return paramiko.AUTH_PARTIALLY_SUCCESSFUL

    def check_auth_interactive(self, username, submethods):
        self._now = 0
        return self._query()

    def check_auth_interactive_response(self, responses):
        self.given.append(list(responses))
        if list(responses) != list(self._wanted[self._now]):
            return paramiko.AUTH_FAILED
        self._now += 1
        if self._now == len(self._rounds):
            return paramiko.AUTH_SUCCESSFUL
        return self._query()

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED

    def check_channel_subsystem_request(self, channel, name):
        if name != "sftp" or self._folder is None:
            return False
        threading.Thread(target=_serve_files, args=(channel, self._folder), daemon=True).start()
        return True

    def _query(self):
        title, text, prompts = self._rounds[self._now]
        return paramiko.InteractiveQuery(title, text, *prompts)


class PlainInterface(paramiko.ServerInterface):
    """A login by keys, passwords or nothing.

    Args:
        takes: What lets somebody in: "none", "publickey" or the password.
        allowed: The methods that it names when it refuses.

    Attributes:
        seen: What was offered, in order.
    """

    def __init__(self, takes: str, allowed: str) -> None:
        self._takes = takes
        self._allowed = allowed
        self.seen: list[str] = []

    def get_allowed_auths(self, username):
        return self._allowed

    def check_auth_none(self, username):
        return self._answer("none")

    def check_auth_publickey(self, username, key):
        return self._answer("publickey")

    def check_auth_password(self, username, password):
        return self._answer(password)

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED

    def _answer(self, offered):
        self.seen.append(offered)
        return paramiko.AUTH_SUCCESSFUL if offered == self._takes else paramiko.AUTH_FAILED


class _OddTransport(paramiko.Transport):
    """A server's end whose login may be handled otherwise; it names no kinds of signatures then."""

    def __init__(self, sock: socket.socket, handler: type[AuthHandler] | None) -> None:
        super().__init__(sock, server_sig_algs=handler is None)
        self._odd_handler = handler

    def _parse_newkeys(self, message):
        if self._odd_handler is not None and self.auth_handler is None:
            self.auth_handler = self._odd_handler(self)
        super()._parse_newkeys(message)


class OddServer:
    """A server on a free port of this machine.

    Args:
        key: Its host key.
        interface: Makes what answers each connection; None for one that talks raw bytes.
        raw: What such a one does with the socket.
        handler: How it answers messages of a login; None for paramiko's way.
    """

    def __init__(
        self,
        key: Path,
        interface: Callable[[], paramiko.ServerInterface] | None = None,
        raw: Callable[[socket.socket], None] | None = None,
        handler: type[AuthHandler] | None = None,
    ) -> None:
        self.host = "127.0.0.1"
        self.user = "somebody"
        self.key = key
        self.interfaces: list[paramiko.ServerInterface] = []
        self._interface = interface
        self._raw = raw
        self._handler = handler
        self._transports: list[paramiko.Transport] = []
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server((self.host, 0))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, name="odd-server", daemon=True)
        self._thread.start()

    def known_line(self) -> str:
        """The line of known_hosts for it."""
        return f"[{self.host}]:{self.port} {self.key.with_suffix('.pub').read_text()}"

    def close(self) -> None:
        """End it and its connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for transport in self._transports:
            transport.close()
            transport.join()
        for sock in self._sockets:
            sock.close()

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(sock)
            if self._raw is not None:
                with contextlib.suppress(OSError):
                    self._raw(sock)
                continue
            transport = _OddTransport(sock, self._handler)
            transport.add_server_key(paramiko.PKey.from_path(self.key))
            self.interfaces.append(self._interface())
            self._transports.append(transport)
            with contextlib.suppress(paramiko.SSHException, EOFError):
                transport.start_server(threading.Event(), self.interfaces[-1])


def _serve_files(channel: paramiko.Channel, folder: Path) -> None:
    """Let a real SFTP server talk over a channel until the client has enough."""
    ours, theirs = socket.socketpair()
    with theirs:
        program = subprocess.Popen(
            [SFTP_SERVER, "-d", str(folder)], stdin=theirs, stdout=theirs, start_new_session=True
        )
    with ours, program:
        back = threading.Thread(target=_pass_on, args=(ours, channel), daemon=True)
        back.start()
        _pass_on(channel, ours)
        back.join()


def _pass_on(source: Any, sink: Any) -> None:
    """Bytes from one to the other until one of them ends; then both are told."""
    with contextlib.suppress(OSError, EOFError):
        while data := source.recv(65536):
            sink.sendall(data)
    for end in (source, sink):
        with contextlib.suppress(OSError, EOFError):
            end.shutdown(socket.SHUT_RDWR)


StartOddServer = Callable[..., OddServer]


@pytest.fixture
def start_odd_server(tmp_path) -> Iterator[StartOddServer]:
    """Starts such servers; all end with the test."""
    started: list[OddServer] = []

    def start(interface=None, raw=None, handler=None) -> OddServer:
        key = make_key(tmp_path / f"odd{len(started)}")
        started.append(OddServer(key, interface, raw, handler))
        return started[-1]

    yield start
    for server in started:
        server.close()
