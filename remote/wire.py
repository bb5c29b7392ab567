"""What carries an SSH connection: TCP, or the stdin and stdout of a command.

Why connecting has a thread of its own: the resolver and connect(2) cannot be interrupted, and
whoever cancels a job is not to wait for them. What such a thread still reaches afterwards is
closed by itself.
"""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import tempfile
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import psutil

from remote.prompts import Check

Value = TypeVar("Value")

TICK_SECONDS = 0.05
_END_SECONDS = 2.0
_MOST_WORDS = 2000


class _Attempt(Generic[Value]):
    """A call in a thread of its own that may be given up."""

    def __init__(self, call: Callable[[], Value], discard: Callable[[Value], object]) -> None:
        self._call = call
        self._discard = discard
        self._lock = threading.Lock()
        self._is_given_up = False
        self._results: list[Value] = []
        self._errors: list[BaseException] = []
        self.thread = threading.Thread(target=self._run, name="ssh-connect", daemon=True)

    def give_up(self) -> None:
        with self._lock:
            self._is_given_up = True
        for result in self._results:
            self._discard(result)

    def result(self) -> Value:
        for error in self._errors:
            raise error
        return self._results[0]

    def _run(self) -> None:
        try:
            result = self._call()
        except OSError as e:
            self._errors.append(e)
            return
        with self._lock:
            if not self._is_given_up:
                self._results.append(result)
                return
        self._discard(result)


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
    attempt = _Attempt(lambda: socket.create_connection((host, port), timeout), socket.socket.close)
    attempt.thread.start()
    try:
        while attempt.thread.is_alive():
            check()
            attempt.thread.join(TICK_SECONDS)
    except BaseException:
        attempt.give_up()
        raise
    return attempt.result()


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
        lines = self._said.read().decode("utf-8", "replace").split("\n")
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
