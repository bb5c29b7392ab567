"""A program that changes all runs of a home in the real window, and prints JSON.

    python -m benchmarks.bulk_probe HOME CONFIG

Everything is taken back at the end, so that the home is as it was: labels by the undo of the
label, places by the undo of the delete.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.probe import Gaps, settle, wait_until
from core.runs.change import SetLabel
from gui.app import App
from gui.changing.commands import LABELLING

QUIET_SECONDS = 4.0
LONGEST_WAIT_SECONDS = 60.0
ONCE = 9
"""How often one run is marked and unmarked; the median counts."""


def main() -> None:
    """Open the window, measure, close it."""
    print_measured(_measure)


def print_measured(measure: Callable[[App], dict[str, float]]) -> None:
    """Print what is measured in a window on the home and settings that the arguments name."""
    app = App(Path(sys.argv[1]), Path(sys.argv[2]))
    try:
        found = measure(app)
    finally:
        app.shutdown()  # else the window's threads would keep the program alive after an error
    print(json.dumps(found))


def _measure(app: App) -> dict[str, float]:
    desk = app.sessions[0].desk
    assert desk is not None
    app.window.resize(1600, 950)
    wait_until(lambda: desk.feed.is_settled)
    settle()
    probe = _BulkProbe(app.window, desk)
    probe.measure()
    return probe.found


class OwnGaps(Gaps):
    """Gaps, and the GUI thread's own work in the longest: other programs do not add to that."""

    def __init__(self) -> None:
        super().__init__()
        self.begin()

    def begin(self) -> None:
        """Forget what was before."""
        self.work: list[float] = []
        self._cpu = time.thread_time()

    def _tick(self) -> None:
        super()._tick()
        now = time.thread_time()
        self.work.append((now - self._cpu) * 1000)
        self._cpu = now


class _BulkProbe:
    """Does one thing after another to all runs."""

    def __init__(self, window: Any, desk: Any) -> None:
        self.found: dict[str, float] = {}
        self._window = window
        self._desk = desk
        self._changer = desk.tidying.changer
        self._gaps = OwnGaps()
        self._ended = 0
        self._changer.ended.connect(self._on_ended)

    def measure(self) -> None:
        """All figures."""
        desk, actions = self._desk, self._window.actions_by_id
        count = len(desk.runs.model.order)
        self.found["mark_seen"] = self._mark_seen()
        self._time("idle", settle, lambda: True, does_change=False)
        self._time("select all", desk.table.selectAll, lambda: True, does_change=False)
        ids = desk.runs.selected_ids()
        assert len(ids) == count
        change = SetLabel("bulk ${label}")
        self._time("label", lambda: self._changer.apply(ids, change, LABELLING), self._is_labelled)
        self._time("unlabel", actions["edit.undo"].trigger, lambda: not self._is_labelled())
        self._time("delete", actions["run.delete"].trigger, lambda: self._shown() == 0)
        self._time("restore", actions["edit.undo"].trigger, lambda: self._shown() == count)
        selected = desk.runs.selection.count()
        assert selected == count, f"{selected} of {count} are selected after the undo"

    def _time(
        self,
        name: str,
        begin: Callable[[], object],
        is_shown: Callable[[], bool],
        *,
        does_change: bool = True,
    ) -> None:
        """Seconds until it is written, and until the table shows it; and the gaps meanwhile."""
        before = time.perf_counter()
        self._gaps.begin()
        with self._gaps.of(f"{name}_gap", self.found):
            ended = self._ended
            begin()
            wait_until(lambda: self._ended > ended or not does_change)
            self.found[name] = time.perf_counter() - before
            wait_until(is_shown)
            self.found[f"{name}_shown"] = time.perf_counter() - before
            wait_until(lambda: not self._desk.runs.is_arranging)
            settle()
        work = sorted(self._gaps.work)
        self.found[f"{name}_work_max"] = work[-1]
        self.found[f"{name}_work_p99"] = work[int(len(work) * 0.99)]
        self._wait_for_quiet()

    def _wait_for_quiet(self) -> None:
        """Until the index has told of nothing new for a while; a running run never is quiet."""
        told = [begin := time.perf_counter()]
        self._desk.feed.changed.connect(lambda _changes: told.append(time.perf_counter()))
        wait_until(
            lambda: (
                time.perf_counter() - told[-1] > QUIET_SECONDS
                or time.perf_counter() - begin > LONGEST_WAIT_SECONDS
            )
        )

    def _on_ended(self, _report: object) -> None:
        self._ended += 1

    def _shown(self) -> int:
        return len(self._desk.runs.model.order)

    def _is_labelled(self) -> bool:
        """Whether the first and the last row have the new label."""
        model = self._desk.runs.model
        slots = (model.order[0], model.order[-1])
        return all(str(model.columns.value("label", s)).startswith("bulk") for s in slots)

    def _mark_seen(self) -> float:
        """Milliseconds from the key to the row that shows it; the median of a few."""
        model, action = self._desk.runs.model, self._window.actions_by_id["run.mark"]
        slot = model.order[3]
        self._desk.runs.select_ids([model.columns.value("id", slot)])
        settle()
        times: list[float] = []
        changed: list[float] = []
        model.dataChanged.connect(lambda *_: changed.append(time.perf_counter()))
        for _ in range(ONCE + 1):
            was_marked = bool(model.columns.value("marked", slot))
            begin = time.perf_counter()
            action.trigger()
            self._wait_for_mark(slot, was_marked=was_marked)
            wait_until(lambda: changed and changed[-1] > begin, interval=1)  # noqa: B023 - at once
            times.append((changed[-1] - begin) * 1000)
            settle()
        if len(times) % 2:
            action.trigger()
            settle()
        return sorted(times)[len(times) // 2]

    def _wait_for_mark(self, slot: int, *, was_marked: bool) -> None:
        columns = self._desk.runs.columns
        wait_until(lambda: bool(columns.value("marked", slot)) is not was_marked, interval=1)
        wait_until(lambda: not self._changer.is_busy, interval=1)


if __name__ == "__main__":
    main()
