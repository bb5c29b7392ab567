"""Single files of packed runs for other programs: copied out when they are first wanted.

Why a drag may have to wait: it hands over a file that exists. A small file is copied as soon as it
is pressed, which is done before a hand has moved; a large one is copied at the first attempt, with
its progress above the files, and dragged at the second. The copies go with the window.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject

from core.errors import Error
from core.jobs import JobContext
from core.runs.contents import RunContents
from core.runs.files import FileEntry, shown
from gui.job_bridge import JobBridge, Latest
from gui.services import RunRef

AT_ONCE = 4 << 20
"""Bytes of a file that is copied when it is pressed."""

_TELL_SECONDS = 0.1

_Key = tuple[Path, str, int | None, int | None]


class PackedFiles(QObject):
    """Copies files out of packed runs, one at a time.

    Args:
        bridge: Where the jobs are submitted.
        say: Shows a sentence above the files; an empty one hides it.
        warn: Shows one on what went wrong.
        parent: Owner.
    """

    def __init__(
        self,
        bridge: JobBridge,
        say: Callable[[str], None],
        warn: Callable[[str], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._latest = Latest(bridge, "packed files", self)
        self._say = say
        self._warn = warn
        self._known: dict[_Key, Path] = {}
        self._coming: _Key | None = None

    def drop(self) -> None:
        """Stop copying: another run is shown."""
        self._latest.drop()
        self._coming = None

    def known(self, run: RunRef, entry: FileEntry) -> Path | None:
        """The copy of a file; None before there is one."""
        path = self._known.get(_key(run, entry))
        return path if path is not None and path.is_file() else None

    def press(self, run: RunRef, entry: FileEntry) -> None:
        """Copy a small file: it may be dragged in a moment."""
        if can_leave(entry) and (entry.size or 0) <= AT_ONCE and self._coming is None:
            self.fetch(run, entry, lambda _path: None, is_told=False)

    def fetch(
        self, run: RunRef, entry: FileEntry, then: Callable[[Path], None], *, is_told: bool = True
    ) -> None:
        """Copy a file, and then do something with the copy.

        Args:
            run: The run.
            entry: The file.
            then: Gets the path of the copy.
            is_told: Whether it is said that it is copied, and how far.
        """
        known = self.known(run, entry)
        if known is not None:
            then(known)
            return
        key, say = _key(run, entry), self._say if is_told else _say_nothing
        name, total = shown(entry.name), max(1, entry.size or 0)

        def copied(path: Path) -> None:
            self._coming, self._known[key] = None, path
            say("")
            then(path)

        def failed(error: Error) -> None:
            self._coming = None
            if is_told:
                self._warn(error.told)

        self._coming = key
        say(f"Unpacking {name}…")
        self._latest.ask(
            f"Unpack {name}",
            partial(_copy, run.contents, entry.path),
            copied,
            failed,
            lambda done: say(f"Unpacking {name}: {min(99, 100 * done // total)} %"),
        )


def _say_nothing(_sentence: str) -> None:
    """A file that may be dragged soon is copied in silence."""


def _copy(contents: RunContents, path: str, context: JobContext) -> Path:
    """Copy, and publish now and then how many bytes are; on a worker's thread."""
    done, told = 0, time.monotonic()

    def advance(amount: int) -> None:
        nonlocal done, told
        context.check()
        done += amount
        if time.monotonic() - told >= _TELL_SECONDS:
            told = time.monotonic()
            context.publish(done)

    return contents.file_copy(path, advance)


def can_leave(entry: FileEntry) -> bool:
    """Whether an entry of a packed run is a file that can be copied out."""
    return entry.shape == "file" and not entry.problem


def _key(run: RunRef, entry: FileEntry) -> _Key:
    """Another one when the archive was written anew with another content."""
    return run.path, entry.path, entry.size, entry.modified
