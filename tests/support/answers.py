"""A person at a terminal: starts commands of `rundesk`, reads what they ask, types answers."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

from tests.support.patience import PATIENCE

ROOT = Path(__file__).parents[2]


class Terminal:
    """A terminal of its own for one command at a time.

    Args:
        desk: The command line whose home and user are taken.
    """

    def __init__(self, desk) -> None:
        self._desk = desk
        self._seen = ""
        self._process = None
        self._screen = -1

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        if self._screen >= 0:
            os.close(self._screen)

    def start(self, *arguments: str) -> None:
        """Start `rundesk -H HOME ARGUMENTS` on the terminal."""
        self._screen, inner = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "cli", "-H", str(self._desk.home), *arguments],
            cwd=ROOT,
            env=os.environ | {"TERM": "dumb"},
            stdin=inner,
            stdout=inner,
            stderr=inner,
            start_new_session=True,
        )
        os.close(inner)

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_for(self, *texts: str) -> str:
        """Read until one of the texts is on the screen; returns all that was."""
        end = time.monotonic() + PATIENCE
        while not any(text in self._seen for text in texts):
            assert self._read(end - time.monotonic()), self._seen
        return self._seen

    def type(self, text: str) -> None:
        """Type something."""
        self._seen = ""
        os.write(self._screen, text.encode())

    def finish(self) -> int:
        """Read to the end; returns the exit code."""
        end = time.monotonic() + PATIENCE
        while self._read(end - time.monotonic()):
            continue
        return self._process.wait(PATIENCE)

    @property
    def seen(self) -> str:
        """What was on the screen since something was typed."""
        return self._seen

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self._screen], [], [], max(0.0, seconds))
        if not ready:
            return False
        try:
            data = os.read(self._screen, 65536)
        except OSError:  # Linux says so when the program has ended
            return False
        self._seen += data.decode("utf-8", "replace").replace("\r\n", "\n")
        return bool(data)
