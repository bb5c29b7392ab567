"""Notes on the disk of how a home looks in its window, for a program that is killed.

Why files of their own beside what Qt's settings keep: those are forced to the disk at each writing,
on the window's thread. A note is written by a worker, a moment after the user changed something,
and only has to outlive the program, not the machine.

Why one a process: two windows that are programs of their own may show the same home.

A note is written beside and renamed, so that a program that is killed leaves the one before or the
new one, and at worst a hidden file that goes when the home is opened next. Who takes over the note
of a program that was killed makes it its own by one rename: it lies on the disk until `drop`, so
that nothing is lost where this program is killed, too.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from core.going_notes import is_alive, own_process

MOST_BYTES = 1_000_000
"""A longer note is none of ours."""

log = logging.getLogger(__name__)


class LookNotes:
    """What is shown, as texts by name, by process and subject.

    Args:
        directory: Where the notes are; made with the first one.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._kept: set[str] = set()

    def write(self, subject: str, look: Mapping[str, str]) -> None:
        """Keep what is shown now in place of what was kept; on a failure that stays.

        Args:
            subject: What it concerns, good for the name of a file.
            look: Texts by name.
        """
        note = self._own(subject)
        beside = note.with_name(f".{note.name}")
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(look), "utf-8")
            beside.replace(note)
            self._kept.add(subject)
        except OSError as e:
            log.warning("How the window looks is not noted: %s", e)

    def drop(self, subject: str) -> None:
        """What this process noted is kept elsewhere by now, or not wanted."""
        if subject in self._kept:
            self._kept.remove(subject)
            with suppress(OSError):
                self._own(subject).unlink(missing_ok=True)

    def take_killed(self, subject: str) -> dict[str, str]:
        """What a program that was killed showed last, from now on noted by this one.

        Empty for nothing, and where the note is not understood. Of several the newest counts.
        """
        every = [*self._directory.glob(f"{subject}-*"), *self._directory.glob(f".{subject}-*")]
        found: dict[str, str] = {}
        for note in sorted(filter(_is_left, every), key=_age):
            is_whole = not note.name.startswith(".")
            try:
                if is_whole and not found and (found := _read(note)):
                    note.replace(self._own(subject))
                    self._kept.add(subject)
                else:
                    note.unlink()
            except OSError as e:
                log.warning("A note of how the window looked stays: %s", e)
        return found

    def _own(self, subject: str) -> Path:
        return self._directory / f"{subject}-{own_process()}"


def _is_left(note: Path) -> bool:
    return not is_alive(note.name.rpartition("-")[2])


def _age(note: Path) -> float:
    """Less for a newer one."""
    try:
        return -note.stat().st_mtime
    except OSError:
        return 0.0


def _read(note: Path) -> dict[str, str]:
    try:
        with note.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
        look = json.loads(data) if len(data) <= MOST_BYTES else None
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(look, dict):
        return {}
    return {name: text for name, text in look.items() if isinstance(text, str)}
