"""Directories for what is only needed while the program runs: removed at its end, or at the next.

Each process has a directory of its own below one parent, locked as long as it lives. Killed at any
moment it leaves that directory unlocked, and the next process removes it; nothing
in it is ever the only copy of anything. On a full disk whoever writes there fails with what was
written so far, which goes with the rest. Programs that were started on such a directory are ended
before it is removed; killed between the two, the next process finds the directory and does both.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.runs.aside import random_suffix
from core.runs.erase import erase
from core.runs.guild_files import open_directory
from core.runs.held_directory import Directory

_PREFIX, _NEW = "scratch-", "new-"
_OLD = 3600.0  # seconds; nobody takes so long to lock what was just made


class Scratch:
    """Gives out directories; any thread may ask.

    Args:
        parent: Where the process's own one is made when it is first needed.
        end_users: Ends the programs that still use a directory which a killed process left.
    """

    def __init__(self, parent: Path, end_users: Callable[[Path], None] = lambda _: None) -> None:
        self._parent = parent
        self._end_users = end_users
        self._lock = threading.Lock()
        self._held: Directory | None = None
        self._own: Path | None = None
        self._is_closed = False

    def make(self) -> Path:
        """A new directory that nobody else can read.

        Raises:
            OSError: It cannot be made, or everything was removed already.
        """
        with self._lock:
            path = self._own_directory() / random_suffix()
        path.mkdir(0o700)
        return path

    def clear_abandoned(self) -> None:
        """Remove what killed processes left; what cannot be removed stays for the next."""
        try:
            found = list(self._parent.iterdir())
        except OSError:
            return
        for path in found:
            with suppress(OSError):
                is_old = path.name.startswith(_NEW) and time.time() - path.stat().st_mtime > _OLD
                if is_old or path.name.startswith(_PREFIX):
                    self._erase_if_abandoned(path)

    def close(self) -> None:
        """Remove everything; what others still read is gone for them."""
        with self._lock:
            self._is_closed = True
            own, held = self._own, self._held
            self._own = self._held = None
        if own is not None:
            with suppress(OSError):  # the next process takes it up
                erase(os.fspath(own))
        if held is not None:
            held.close()

    def _own_directory(self) -> Path:
        if self._is_closed:
            raise FileNotFoundError(2, "the program is ending", os.fspath(self._parent))
        if self._own is None:
            self._parent.mkdir(0o700, parents=True, exist_ok=True)
            self.clear_abandoned()
            name = random_suffix()
            new, own = self._parent / f"{_NEW}{name}", self._parent / f"{_PREFIX}{name}"
            new.mkdir(0o700)
            self._held = open_directory(os.fspath(new))
            with suppress(OSError):  # a file system without locks: nobody takes it up there
                self._held.lock()
            new.rename(own)  # not before it is locked: another process would take it for left
            self._own = own
        return self._own

    def _erase_if_abandoned(self, path: Path) -> None:
        held = open_directory(os.fspath(path))
        try:
            if held.lock():
                self._end_users(path)
                erase(os.fspath(path))
        finally:
            held.close()
