"""A program that pushes and pulls all runs in the real window, and prints JSON.

    python -m benchmarks.copy_probe HOME CONFIG

The remote is called "box" in Guild's configuration of whoever `$HOME` is, and has no runs. After
the push the runs here are erased, so that the pull brings all of them back.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from typing import Any

from PySide6.QtWidgets import QPushButton

from benchmarks.bulk_probe import OwnGaps, print_measured
from benchmarks.far_probe import settled_desk
from benchmarks.probe import settle, wait_until
from gui.app import App
from gui.dialogs.transfer_preview import TransferPreview


def main() -> None:
    """Open the window, measure, close it."""
    print_measured(_measure)


def _measure(app: App) -> dict[str, float]:
    desk = settled_desk(app)
    probe = _CopyProbe(app.window, desk)
    probe.found["runs"] = len(desk.runs.model.order)
    desk.table.selectAll()
    settle()  # the details of what is selected are not the copy's
    probe.copy("push", "run.push")
    shutil.rmtree(desk.home.runs_dir)
    desk.home.runs_dir.mkdir()
    wait_until(lambda: not desk.runs.model.order)
    settle()
    probe.copy("pull", "run.pull")
    wait_until(lambda: len(desk.runs.model.order) == probe.found["runs"])
    return probe.found


class _CopyProbe:
    """Copies as people do: the action, the preview, its button, and the job until its end."""

    def __init__(self, window: Any, desk: Any) -> None:
        self.found: dict[str, float] = {}
        self._window = window
        self._desk = desk
        self._gaps = OwnGaps()

    def copy(self, name: str, action: str) -> None:
        """Seconds until the preview is there and until all is copied; the gaps of both."""
        self._time(f"{name}_preview", self._window.actions_by_id[action].trigger, self._is_ready)
        before = len(self._window.jobs.jobs)
        verb = self._dialog().findChild(QPushButton, "transferVerb")
        self._time(name, verb.click, lambda: self._is_copied(before))

    def _time(self, name: str, begin: Callable[[], object], is_done: Callable[[], bool]) -> None:
        before = time.perf_counter()
        self._gaps.begin()
        with self._gaps.of(f"{name}_gap", self.found):
            begin()
            wait_until(is_done)
            self.found[name] = time.perf_counter() - before
            settle()
        self.found[f"{name}_work_max"] = max(self._gaps.work)

    def _dialog(self) -> Any:
        return self._window.findChild(TransferPreview)

    def _is_ready(self) -> bool:
        dialog = self._dialog()
        return dialog is not None and dialog.findChild(QPushButton, "transferVerb").isEnabled()

    def _is_copied(self, before: int) -> bool:
        jobs = self._window.jobs.jobs
        if len(jobs) <= before or any(row.end is None for row in jobs):
            return False
        assert jobs[-1].end.grade == "done", jobs[-1].end.sentence
        return True


if __name__ == "__main__":
    main()
