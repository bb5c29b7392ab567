"""An SSH agent that does what OpenSSH's cannot be told to do: takes its time, or answers oddly."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import paramiko
import pytest

_LIST, _LISTED, _SIGN = 11, 12, 13


class OddAgent:
    """An agent with one key that never signs before somebody allows it.

    Args:
        path: Its socket.
        key: The private half of its key.
        comment: What it calls it.

    Attributes:
        asked: How often it was asked to sign.
    """

    def __init__(self, path: Path, key: Path, comment: bytes) -> None:
        self.path = path
        self.asked = 0
        self._blob = paramiko.PKey.from_path(key).asbytes()
        self._comment = comment
        self._sockets: list[socket.socket] = []
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._threads = [threading.Thread(target=self._serve, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        """End it."""
        for sock in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()
        for sock in (self._listener, *self._sockets):
            sock.close()

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._sockets.append(sock)
            self._threads.append(threading.Thread(target=self._talk, args=(sock,), daemon=True))
            self._threads[-1].start()

    def _talk(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while head := sock.recv(4):
                message = sock.recv(*struct.unpack(">I", head))
                if message[0] == _LIST:
                    held = _text(self._blob) + _text(self._comment)
                    sock.sendall(_text(struct.pack(">BI", _LISTED, 1) + held))
                elif message[0] == _SIGN:
                    self.asked += 1  # and nobody allows it


def _text(data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + data


StartOddAgent = Callable[..., OddAgent]


@pytest.fixture
def start_odd_agent(tmp_path) -> Iterator[StartOddAgent]:
    """Starts such agents; all end with the test."""
    started: list[OddAgent] = []

    def start(key: Path, comment: bytes = b"mine") -> OddAgent:
        started.append(OddAgent(tmp_path / f"odd-agent{len(started)}", key, comment))
        return started[-1]

    yield start
    for agent in started:
        agent.close()
