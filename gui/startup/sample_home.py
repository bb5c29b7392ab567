"""The sample store: made when it is first asked for, and gone when the application ends.

Why it is not kept: it is for looking around, each is made anew with times before now, and nobody
wants to find out later which of two homes is the invented one. Why not in the system's directory
for temporary files: what a killed program left there would stay until the next start of the
computer, or for ever; a scratch directory is removed by the next start of the application.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from core.clock import now_us
from core.errors import HomeError
from core.home import Home
from core.scratch import Scratch


class SampleHome:
    """A temporary home with sample runs, shared by all windows.

    Args:
        scratch: The directory below which it is made.
    """

    def __init__(self, scratch: Path) -> None:
        self._lock = threading.Lock()
        self._parent = scratch
        self._scratch: Scratch | None = None
        self._home: Home | None = None

    @property
    def home(self) -> Home | None:
        """The sample store; None while there is none."""
        return self._home

    def make(self, check: Callable[[], None]) -> Home:
        """The home, made if need be; on a worker's thread.

        Killed at any moment, what there is of it is removed by the next start.

        Args:
            check: Called between runs; raises to stop.

        Raises:
            HomeError: It cannot be written.
        """
        from core.sample import make_sample_store  # 30 ms that only this needs

        with self._lock:
            if self._home is not None and self._home.runs_dir.is_dir():
                return self._home
            self._clean_up()
            self._scratch = Scratch(self._parent)
            home = Home(_made_in(self._scratch) / "sample-store")
            now = now_us()
            make_sample_store(home.path, now=now, story=True, check=check)
            self._home = home
            return home

    def holds(self, home: Home | None) -> bool:
        """Whether `home` is the sample store."""
        return home is not None and home == self._home

    def close(self) -> None:
        """Delete the sample store."""
        with self._lock:
            self._clean_up()

    def _clean_up(self) -> None:
        if self._scratch is not None:
            self._scratch.close()
        self._scratch = self._home = None


def _made_in(scratch: Scratch) -> Path:
    try:
        return scratch.make()
    except OSError as e:
        raise HomeError(
            f"No directory for a sample store can be made in {e.filename}: {e.strerror}",
            hint="Make room there, or let it be written.",
        ) from e
