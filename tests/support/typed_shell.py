"""An interactive shell on a terminal of its own, typed into as by somebody."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType

import pytest

from tests.support.patience import PATIENCE

_READY = "ready-to-type"
_ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\\\)|[()=>][0-9A-Za-z]?)")
# What fish asks a terminal before it begins: which it is.
_QUESTION, _ANSWER = "\x1b[c", b"\x1b[?62;22c"


class TypedShell:
    """Started with `with`, when it has done what it is to do first; ended at the end of that.

    Args:
        argv: The shell.
        environ: Its environment.
        first: A line that it runs before it is typed into.
    """

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str], first: str) -> None:
        self._seen, self._read = "", b""
        self._terminal, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
        self._shell = subprocess.Popen(
            ["setsid", "--ctty", *argv], env={**environ, "TERM": "xterm", "PS1": "$ "},
            stdin=theirs, stdout=theirs, stderr=theirs, cwd=environ["HOME"],
        )  # fmt: skip
        os.close(theirs)
        # In two parts, so that the line itself is not taken for what it prints.
        self.send(f"{first}; printf '%s%s\\n' {_READY[:5]} {_READY[5:]}\r")

    def send(self, text: str) -> None:
        """Type a text, in which a tabulator is the key."""
        os.write(self._terminal, text.encode())

    def wait_for(self, wanted: str) -> None:
        """Wait until the terminal was told this; fails after `PATIENCE` seconds."""
        end = time.monotonic() + PATIENCE
        while wanted not in self.text:
            if time.monotonic() > end:
                pytest.fail(f"{wanted!r} is not on the terminal:\n{self.text}")
            if select.select([self._terminal], [], [], 0.1)[0]:
                before = self._seen.count(_QUESTION)
                self._read += os.read(self._terminal, 65536)
                # Whole: a letter or a question may come in two pieces.
                self._seen = self._read.decode(errors="replace")
                if self._seen.count(_QUESTION) > before:
                    os.write(self._terminal, _ANSWER)

    @property
    def text(self) -> str:
        """All that the terminal was told to show, without colours and movements."""
        return _ESCAPES.sub("", self._seen)

    def __enter__(self) -> TypedShell:
        self.wait_for(_READY)
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._shell.kill()
        self._shell.wait()
        os.close(self._terminal)
