"""What carries an SSH connection: TCP, or the stdin and stdout of a command."""

from __future__ import annotations

import contextlib
import os
import socket
import struct
import subprocess
import sys
import tempfile
from typing import Any

import psutil

from core.check import Check
from remote.host_text import shown
from remote.interruptible import interruptible

_END_SECONDS = 2.0
_AT_ONCE = 256 << 10
_LITTLE = 32 << 10
_TIMEVAL = struct.Struct("@ll")
_WAITS_ITSELF = sys.platform == "linux"
_QUICK_ACK = getattr(socket, "TCP_QUICKACK", None)  # Linux
_FIRST = 40
_MOST_WORDS = 2000


def connect_tcp(host: str, port: int, timeout: float, check: Check) -> socket.socket:
    """A TCP connection to a host, by any of its addresses.

    Args:
        host: Name or address.
        port: TCP port.
        timeout: Seconds for each address.
        check: Called many times a second; what it raises gives the attempt up.

    Raises:
        OSError: It could not be made.
    """
    return interruptible(
        lambda: socket.create_connection((host, port), timeout),
        socket.socket.close,
        (OSError,),
        check,
    )


class ReadAhead:
    """A socket that is read in large pieces, and given on in the small ones that are asked for.

    Why: paramiko reads each packet in two parts and waits before each of them; every wait lets
    other threads go on, and has to wait for them afterwards. A push of twelve thousand small files
    is told up to two thousand times how much more it may send.

    Where the system can, one call waits and reads, or writes: the time limit is the socket's own.

    The first pieces are confirmed at once. OpenSSH sends small packets one by one until something
    runs in a session, each when the last one was confirmed.

    Args:
        sock: A connected socket, which belongs to this object; read by one thread.
    """

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._taken = memoryview(bytearray(_AT_ONCE))
        self._at = self._end = 0
        is_tcp = sock.family in (socket.AF_INET, socket.AF_INET6)
        self._first = _FIRST if _QUICK_ACK and is_tcp else 0

    @property
    def comes_in_drops(self) -> bool:
        """Whether all is taken that came, and the last of it was little."""
        return self._at == self._end < _LITTLE

    def settimeout(self, seconds: float | None) -> None:
        """How long a call waits; None for ever."""
        if not _WAITS_ITSELF or seconds is None or seconds <= 0:
            self._sock.settimeout(seconds)
            return
        limit = _TIMEVAL.pack(int(seconds), int(seconds % 1 * 1e6))
        self._sock.settimeout(None)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, limit)
        self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, limit)

    def recv(self, size: int) -> bytes:
        """At most so many bytes; none at the end.

        Raises:
            TimeoutError: Nothing came in time.
            OSError: The connection is broken.
        """
        if self._at == self._end:
            try:
                self._at, self._end = 0, self._sock.recv_into(self._taken)
                if self._first:
                    self._confirm()
            except BlockingIOError as e:
                raise TimeoutError from e
        begin = self._at
        self._at = min(begin + size, self._end)
        return bytes(self._taken[begin : self._at])

    def send(self, data: bytes) -> int:
        """Send some of it; how much.

        Raises:
            TimeoutError: Nothing was taken in time.
            OSError: The connection is broken.
        """
        try:
            return self._sock.send(data)
        except BlockingIOError as e:
            raise TimeoutError from e

    def _confirm(self) -> None:
        """Tell the host at once that something came; the system would wait for 40 ms."""
        self._first -= 1
        self._sock.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK or 0, 1)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


class ProxyProcess:
    """A command whose stdin and stdout are the connection (ProxyCommand).

    The shell runs it, as OpenSSH does and as people's commands need; what is put into it was
    checked by `remote/host_options.py`.

    Args:
        command: For the shell.

    Raises:
        OSError: There is no shell, or no socket for it.

    Attributes:
        sock: Our end.
    """

    def __init__(self, command: str) -> None:
        self.sock, theirs = socket.socketpair()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed by close()
        shell = os.environ.get("SHELL") or "/bin/sh"
        try:
            with theirs:
                self._process = subprocess.Popen(
                    [shell, "-c", f"exec {command}"],
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=self._said.fileno(),
                    start_new_session=True,
                )
        except OSError:
            self.sock.close()
            self._said.close()
            raise

    def said(self) -> str:
        """The last line of what the command wrote to stderr; empty for none."""
        if self._said.closed:
            return ""
        end = self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, end - _MOST_WORDS))
        lines = shown(self._said.read()).split("\n")
        return next((line.strip() for line in reversed(lines) if line.strip()), "")

    def close(self) -> None:
        """End the command and all it started."""
        self.sock.close()
        processes = self._processes()
        for process in processes:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.terminate()
        _, stubborn = psutil.wait_procs(processes, _END_SECONDS)
        for process in stubborn:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self._process.wait()
        self._said.close()

    def _processes(self) -> list[psutil.Process]:
        try:
            first = psutil.Process(self._process.pid)
            return [*first.children(recursive=True), first]
        except psutil.NoSuchProcess:
            return []
