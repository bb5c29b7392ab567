"""Notes on the disk of what goes on, for a program that is killed: the next one tells the user.

Why files of their own beside what Qt's settings keep: those are forced to the disk at each writing,
on the window's thread, which then waits for all that a change of ten thousand runs has just
written. A note needs to outlive the program and not the machine, so it is only written.

Why one a process: two windows that are programs of their own may change runs of the same home.
"""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from functools import cache
from pathlib import Path

from core.runs.busy import find_process

_MOST_CHARACTERS = 200

log = logging.getLogger(__name__)


class GoingNotes:
    """What goes on, by process and subject.

    Args:
        directory: Where the notes are; made with the first one.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def write(self, subject: str, title: str) -> None:
        """Keep that something goes on; on a failure nothing is kept.

        Args:
            subject: What it concerns, good for the name of a file.
            title: What the user asked for; empty when it has ended.
        """
        note = self._directory / f"{subject}-{own_process()}"
        try:
            if title:
                self._directory.mkdir(parents=True, exist_ok=True)
                note.write_text(title, "utf-8")
            else:
                note.unlink(missing_ok=True)
        except OSError as e:
            log.warning("%s is not noted: %s", title or "The end of a change", e)

    def take_killed(self, subject: str) -> str:
        """What a program that was killed had begun, once; empty for nothing."""
        for note in sorted(self._directory.glob(f"{subject}-*")):
            if is_alive(note.name.rpartition("-")[2]):
                continue
            with suppress(OSError):
                with note.open("rb") as file:
                    title = file.read(4 * _MOST_CHARACTERS).decode("utf-8", "replace")
                note.unlink()
                if title := " ".join(title.split())[:_MOST_CHARACTERS]:
                    return title
        return ""


@cache
def own_process() -> str:
    """This process, told apart from all that had its number before."""
    return process_name(os.getpid())


def is_alive(process: str) -> bool:
    """Whether a process, as `own_process` names it, is there."""
    number = process.partition("@")[0]
    return number.isdecimal() and process_name(int(number)) == process


def process_name(pid: int) -> str:
    """Number and second of the start of a process; empty while there is none."""
    process = find_process(pid)
    return f"{pid}@{process.create_time():.0f}" if process is not None else ""
