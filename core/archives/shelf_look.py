"""Whether what is on a shelf changed since it was read: an archive, or a directory of runs.

An archive is written anew as a whole, so its own times tell. In a directory of runs others work:
runs come and go, are labelled in place and go on running. Each look compares the signatures
(core.index.signature) of some of the runs, the next ones each time, so that a look at ten thousand
runs costs no more than one at four hundred; all were looked at after some looks.
"""

from __future__ import annotations

import os
from pathlib import Path

from core.archives.shelf import Shelf
from core.index.signature import IN_PLACE, sign

MOST_RUNS = 400
"""Runs that are compared in one look: some ten milliseconds."""

_ATTRS = "\n".join(IN_PLACE)


class ShelfLook:
    """Called again and again, gives values that differ when something changed.

    Used by the one thread that reads the shelf.

    Args:
        shelf: What is looked at.
        path: The archive or directory.
    """

    def __init__(self, shelf: Shelf, path: Path) -> None:
        self._shelf = shelf
        self._path = path
        self._signatures: dict[str, int] = {}
        self._next = 0
        self._changes = 0

    def __call__(self) -> tuple[int, ...]:
        """Numbers that are others when an archive was written anew, or a run here changed.

        Raises:
            OSError: It is not there, or cannot be reached.
        """
        found = self._path.stat()
        facts = (found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
        if not self._shelf.is_on_disk:
            return facts
        return (*facts, self._around(), self._compared())

    def _around(self) -> int:
        """When entries of the directory that holds the runs changed; it may be one of a home."""
        ids = self._ids()
        if not ids:
            return 0
        try:
            return os.stat(self._shelf.run_dir(ids[0]).parent).st_mtime_ns
        except OSError:
            return 0

    def _compared(self) -> int:
        """How many changes were seen so far."""
        ids = self._ids()
        if self._next >= len(ids):
            self._next = 0
        for run_id in ids[self._next : self._next + MOST_RUNS]:
            signature, _ = sign(os.fspath(self._shelf.run_dir(run_id)), _ATTRS, is_batch=True)
            if self._signatures.setdefault(run_id, signature) != signature:
                self._signatures[run_id] = signature
                self._changes += 1
        self._next += MOST_RUNS
        return self._changes

    def _ids(self) -> list[str]:
        stored = self._shelf.columns.stored("id")
        return [stored[slot] for slot in self._shelf.columns.slots()]
