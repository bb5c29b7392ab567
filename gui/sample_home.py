"""The sample store: made when it is first asked for, and gone when the application ends."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path

from core.home import Home


class SampleHome:
    """A temporary home with sample runs, shared by all windows."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._directory: tempfile.TemporaryDirectory[str] | None = None
        self._home: Home | None = None

    def make(self, check: Callable[[], None]) -> Home:
        """The home, made if need be; on a worker's thread.

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
            self._directory = tempfile.TemporaryDirectory(
                prefix="rundesk-sample-", ignore_cleanup_errors=True
            )
            home = Home(Path(self._directory.name) / "sample-store")
            now = time.time_ns() // 1000
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
        if self._directory is not None:
            self._directory.cleanup()
        self._directory = self._home = None
