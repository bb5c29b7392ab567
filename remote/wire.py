"""What carries an SSH connection: TCP, or the stdin and stdout of a command."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile

import psutil

from remote.host_text import shown
from remote.interruptible import interruptible
from remote.prompts import Check

_END_SECONDS = 2.0
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
