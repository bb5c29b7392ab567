"""The run table by itself, offscreen: frames, sorts, filters, and gaps of the GUI thread.

The peer of a frame is Qt's own table view over the same model: standard delegate, nothing drawn
by us.
"""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from msgspec import Struct, field
from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent, QEventLoop, Qt, QTimer
from PySide6.QtWidgets import QApplication, QHeaderView, QTableView

from benchmarks.report import Figure
from benchmarks.setting import Setting, runs_of
from core.directories import Directories
from core.home import Home
from core.index.arrange import NEWEST_FIRST, SortKey
from core.index.columns import RunColumns
from core.index.filters import Filters
from core.jobs import JobQueue
from core.runs.run import Run, ScalarSummary
from gui.job_bridge import JobBridge
from gui.services import HomeRuns, Services
from gui.table.columns import BASE_KEYS
from gui.table.run_list import RunList
from gui.theme import Theme
from gui.views.table.run_table import RunTable

FRAME_MS, FRAME_P95_MS = 10.0, 16.0
SORT_MS = {100_000: 60.0}
FILTER_MS = {10_000: 10.0, 100_000: 30.0}
GAP_P99_MS, GAP_MAX_MS = 16.0, 50.0
NOW = 1_763_900_000_000_000
FLAGS = 20
FRAMES = 150
REST_MS = 30
KEYS = (
    *BASE_KEYS,
    *(f"flag:flag{number}" for number in range(FLAGS)),
    *(f"scalar:last:{tag}" for tag in ("loss", "acc", "val_loss", "val_acc")),
)
SORTS = {
    "scalar": (SortKey("scalar:last:loss"),),
    "label": (SortKey("label"),),
    "flag, then time": (SortKey("flag:flag3", descending=True), SortKey("started")),
}
FILTERS = {
    "flag": Filters(expression="flag1 > 0.5"),
    "status": Filters(statuses=("error",)),
    "text": Filters(text="paper"),
    "two words": Filters(text="restart paper"),
}


class Bench(Struct):
    """A visible table of 30 columns and what it takes to wait for it."""

    runs: RunList
    table: RunTable
    queue: JobQueue
    keep: list[object] = field(default_factory=list)

    def settle(self) -> None:
        """Wait until what was asked is on screen."""
        loop = QEventLoop()
        self.runs.arranged.connect(loop.quit)
        while self.runs.is_arranging:
            loop.exec()
        self.runs.arranged.disconnect(loop.quit)
        # What is to be painted is painted now, unless the loop came to it already.
        QCoreApplication.sendPostedEvents(self.table, QEvent.Type.UpdateRequest)


def figures(setting: Setting) -> Iterator[Figure]:
    """Frames, sorts, filters and gaps at each size."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    for size in setting.sizes:
        columns = make_columns(size)
        with bench(columns, setting.scratch("table")) as (found, seconds):
            yield Figure("table: first paint with 30 columns", runs_of(size), seconds * 1000, "ms")
            yield from _frames(found, size)
            yield from _latencies(found, size, "sort", SORTS, SORT_MS)
            yield from _latencies(found, size, "filter", FILTERS, FILTER_MS)
            yield from _gaps(size, "re-sorting", found, lambda: _sort_often(found))
            yield from _gaps(size, "all selected", found, lambda: _sort_all_selected(found))
            yield from _gaps(size, "rows arrive", found, lambda: _add_often(found))
    del app


def make_columns(count: int) -> RunColumns:
    """Invented runs with 20 flags and four scalars each."""
    chance = random.Random(1)
    columns = RunColumns(clock=lambda: NOW)
    for number in range(count):
        columns.put(make_run(number, chance))
    return columns


def make_run(number: int, chance: random.Random) -> Run:
    """One of them."""
    started = NOW - number * 60_000_000 - chance.randrange(50_000_000)
    flags: dict[str, object] = {f"flag{n}": round(chance.random(), 4) for n in range(FLAGS)}
    flags["flag3"] = chance.choice((1, 0.5, "auto", "10", None))
    last = chance.random()
    summary = ScalarSummary(last, 99, 1.0, 0, last / 2, 60, 1.0, 0, 30.0, 100)
    return Run(
        id=f"{chance.getrandbits(128):032x}",
        path=Path("/nowhere"),
        operation=chance.choice(("train", "evaluate", "prepare")),
        status=chance.choice(("completed", "completed", "error", "terminated")),
        started=started,
        stopped=started + chance.randrange(10**10),
        label=f"{chance.choice(('baseline', 'for the paper', 'warm restart'))} {number % 97}",
        tags=tuple(chance.sample(("paper", "ablation", "seed 2"), chance.randrange(3))),
        marked=chance.random() < 0.05,
        flags=flags,
        scalars=dict.fromkeys(("loss", "acc", "val_loss", "val_acc"), summary),
    )


@contextmanager
def bench(columns: RunColumns, directory: Path) -> Iterator[tuple[Bench, float]]:
    """A visible table over the columns, and the seconds from its making to its first rows."""
    queue = JobQueue()
    bridge = JobBridge(queue)
    services = Services(bridge, Theme("light"), Directories.within(directory))
    for key in KEYS:
        columns.values(key)
    begin = time.perf_counter()
    runs = RunList(HomeRuns(Home(directory)), columns, bridge, clock=lambda: NOW)
    table = RunTable(runs, services)
    table.restore({"version": 1, "columns": list(KEYS), "widths": dict.fromkeys(KEYS, 80)})
    table.resize(1600, 900)
    table.show()
    found = Bench(runs, table, queue, [bridge, services])
    found.settle()
    seconds = time.perf_counter() - begin
    try:
        yield found, seconds
    finally:
        table.close()
        runs.close()
        queue.close(30)
        table.deleteLater()
        runs.deleteLater()
        QApplication.processEvents()


def _frames(found: Bench, size: int) -> Iterator[Figure]:
    ours, peer = _scroll(found.table), _scroll(_plain_table(found))
    yield Figure(
        "table: frame while scrolling, median", runs_of(size), statistics.median(ours), "ms",
        peer=statistics.median(peer), peer_name="Qt's own delegate", at_most=FRAME_MS,
    )  # fmt: skip
    yield Figure(
        "table: frame while scrolling, p95", runs_of(size), _quantile(ours, 0.95), "ms",
        peer=_quantile(peer, 0.95), peer_name="Qt's own delegate", at_most=FRAME_P95_MS,
    )  # fmt: skip


def _plain_table(found: Bench) -> QTableView:
    view = QTableView()
    view.setModel(found.runs.model)
    view.setWordWrap(False)
    view.setShowGrid(False)
    view.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
    view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
    view.verticalHeader().setDefaultSectionSize(found.table.rowHeight(0))
    view.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    for section in range(len(KEYS)):
        view.setColumnWidth(section, 80)
    view.resize(1600, 900)
    view.show()
    QApplication.processEvents()
    found.keep.append(view)
    return view


def _scroll(table: QTableView) -> list[float]:
    """Milliseconds of each frame while jumping through the rows: every cell is new."""
    bar, chance = table.verticalScrollBar(), random.Random(2)
    times = []
    for _ in range(FRAMES):
        begin = time.perf_counter()
        bar.setValue(chance.randrange(max(1, bar.maximum())))
        table.viewport().repaint()
        times.append((time.perf_counter() - begin) * 1000)
    bar.setValue(0)
    if not isinstance(table, RunTable):
        table.close()
    return times


def _latencies(
    found: Bench, size: int, what: str, questions: dict[str, object], targets: dict[int, float]
) -> Iterator[Figure]:
    for name, question in questions.items():
        times = []
        for _ in range(5):
            found.runs.show(filters=Filters(), sort=NEWEST_FIRST)
            found.settle()
            _wait(REST_MS)  # Qt may paint those rows once more, which is no part of the answer
            begin = time.perf_counter()
            found.runs.show(**{f"{what}s" if what == "filter" else what: question})
            found.settle()
            times.append((time.perf_counter() - begin) * 1000)
        yield Figure(
            f"table: {what} by {name}, until painted", runs_of(size), statistics.median(times),
            "ms", at_most=targets.get(size),
        )  # fmt: skip


def _gaps(size: int, when: str, found: Bench, work: Callable[[], None]) -> Iterator[Figure]:
    found.runs.show(filters=Filters(), sort=NEWEST_FIRST)
    found.settle()
    gaps = gaps_during(work)
    for name, value, target in (
        ("p99", _quantile(gaps, 0.99), GAP_P99_MS),
        ("longest", max(gaps), GAP_MAX_MS),
    ):
        what = f"table: gap of the GUI thread, {when}: {name}"
        yield Figure(what, runs_of(size), value, "ms", at_most=target)


def gaps_during(work: Callable[[], None]) -> list[float]:
    """Milliseconds between the beats of a timer of 1 ms while `work` goes on."""
    clock, gaps = QElapsedTimer(), []
    clock.start()
    last = [clock.nsecsElapsed()]

    def beat() -> None:
        now = clock.nsecsElapsed()
        gaps.append((now - last[0]) / 1e6)
        last[0] = now

    timer = QTimer(interval=1, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(beat)
    timer.start()
    work()
    timer.stop()
    return gaps


def _wait(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


def _sort_often(found: Bench) -> None:
    for number in range(12):
        found.runs.show(sort=list(SORTS.values())[number % len(SORTS)])
        while found.runs.is_arranging:
            _wait(5)


def _sort_all_selected(found: Bench) -> None:
    found.table.selectAll()
    _sort_often(found)
    found.runs.show(filters=FILTERS["status"])
    while found.runs.is_arranging:
        _wait(5)
    found.runs.show(filters=Filters())
    while found.runs.is_arranging:
        _wait(5)
    found.table.clearSelection()


def _add_often(found: Bench) -> None:
    """Twenty batches of 25 new runs, 50 ms apart, scattered over the order."""
    chance = random.Random(3)
    total = len(found.runs.model.order)
    for _ in range(20):
        runs = [make_run(chance.randrange(total), chance) for _ in range(25)]
        found.runs.refresh([found.runs.columns.put(run) for run in runs])
        _wait(50)


def _quantile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
