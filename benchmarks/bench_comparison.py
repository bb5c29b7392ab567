"""The comparison in the window, offscreen: how soon it is shown and sorted, and its frames."""

from __future__ import annotations

import os
import random
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtCore import QEventLoop, SignalInstance
from PySide6.QtWidgets import QApplication, QWidget

from benchmarks.bench_table import GAP_MAX_MS, NOW, gaps_during
from benchmarks.report import Figure
from benchmarks.setting import Setting, runs_of
from core.directories import Directories
from core.home import Home
from core.index.columns import RunColumns
from core.jobs import JobQueue
from core.runs.run import Run, ScalarSummary
from gui.compare.chosen_runs import ChosenRuns
from gui.job_bridge import JobBridge
from gui.services import HomeRuns, Services
from gui.table.run_list import RunList
from gui.theme import Theme
from gui.views.compare.compare_page import ComparePage, make

SHOWN_MS, SORTED_MS, FRAME_MS = 500.0, 60.0, 16.0
LARGEST = 10_000
FLAGS, SCALARS = 26, 32  # with operation, status, label and times, 60 columns and a few
FRAMES = 100
SORTS = ((("loss1", False),), (("acc2", True),), (("flag1", False), ("loss3", True)))


def figures(setting: Setting) -> Iterator[Figure]:
    """At each size up to what people compare."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    for size in (size for size in setting.sizes if size <= LARGEST):
        with bench(make_columns(size), setting.scratch("comparison")) as (page, show):
            show()  # cold: columns are decoded and fonts are read
            page.hide()
            yield from _shown(page, show, size)
            yield from _sorted(page, size)
            yield from _frames(page, size)
    del app


def make_columns(count: int) -> RunColumns:
    """Invented runs with as many flags and scalars as a comparison is promised for."""
    chance, columns = random.Random(1), RunColumns(clock=lambda: NOW)
    for number in range(count):
        columns.put(_make_run(number, chance))
    return columns


def _make_run(number: int, chance: random.Random) -> Run:
    flags: dict[str, object] = {f"flag{n}": chance.choice((0.1, 0.2, 1, "a")) for n in range(FLAGS)}
    scalars = {f"{'loss' if n % 2 else 'acc'}{n}": _summary(chance) for n in range(SCALARS)}
    return Run(
        id=f"{chance.getrandbits(128):032x}",
        path=Path("/nowhere"),
        operation=chance.choice(("train", "evaluate")),
        status=chance.choice(("completed", "error")),
        started=NOW - number * 60_000_000,
        stopped=NOW - number * 60_000_000 + chance.randrange(10**10),
        label=f"run {number}",
        flags=flags,
        scalars=scalars,
    )


def _summary(chance: random.Random) -> ScalarSummary:
    last = chance.random()
    return ScalarSummary(last, 99, 1.0, 0, last / 2, 60, 1.0, 0, 30.0, 100)


@contextmanager
def bench(columns: RunColumns, directory: Path) -> Iterator[tuple[ComparePage, Callable[[], None]]]:
    """A page over the columns, and what shows it and waits until it is painted."""
    queue = JobQueue()
    bridge = JobBridge(queue)
    services = Services(bridge, Theme("light"), Directories.within(directory))
    runs = RunList(HomeRuns(Home(directory)), columns, bridge, clock=lambda: NOW)
    runs.refresh()
    _wait_for(runs.arranged, lambda: not runs.is_arranging)
    window = QWidget()
    window.resize(1600, 900)
    window.show()
    page = make(ChosenRuns(runs, runs), services)
    page.setParent(window)
    page.resize(1600, 900)

    def show() -> None:
        page.comparison.change(name=f"{time.perf_counter()}")
        page.show()
        _settle(page)

    try:
        yield page, show
    finally:
        window.close()
        runs.close()
        queue.close(30)
        window.deleteLater()
        runs.deleteLater()
        QApplication.processEvents()


def _shown(page: ComparePage, show: Callable[[], None], size: int) -> Iterator[Figure]:
    times, gaps = [], []
    for _ in range(5):
        page.hide()
        page.comparison.change(columns=None, added=(f"max acc{len(times)}",))  # other values
        begin = time.perf_counter()
        gaps += gaps_during(show)
        times.append((time.perf_counter() - begin) * 1000)
    shown = statistics.median(times)
    yield Figure("comparison: shown with 60 columns", runs_of(size), shown, "ms", at_most=SHOWN_MS)
    what = "comparison: gap of the GUI thread while it is shown, longest"
    yield Figure(what, runs_of(size), max(gaps), "ms", at_most=GAP_MAX_MS)


def _sorted(page: ComparePage, size: int) -> Iterator[Figure]:
    times = []
    for sort in SORTS * 3:
        begin = time.perf_counter()
        page.comparison.change(sort=sort)
        _settle(page)
        times.append((time.perf_counter() - begin) * 1000)
    what = "comparison: sorted, until painted"
    yield Figure(what, runs_of(size), statistics.median(times), "ms", at_most=SORTED_MS)


def _frames(page: ComparePage, size: int) -> Iterator[Figure]:
    bar, chance, times = page.table.verticalScrollBar(), random.Random(2), []
    for _ in range(FRAMES):
        begin = time.perf_counter()
        bar.setValue(chance.randrange(max(1, bar.maximum())))
        page.table.viewport().repaint()
        times.append((time.perf_counter() - begin) * 1000)
    what = "comparison: frame while scrolling, median"
    yield Figure(what, runs_of(size), statistics.median(times), "ms", at_most=FRAME_MS)


def _settle(page: ComparePage) -> None:
    comparison = page.comparison
    _wait_for(comparison.found, lambda: bool(comparison.answer) and not comparison.is_waiting)
    page.table.viewport().repaint()


def _wait_for(signal: SignalInstance, is_so: Callable[[], bool]) -> None:
    """Sleep until a signal after which it is so."""
    loop = QEventLoop()
    signal.connect(loop.quit)
    while not is_so():
        loop.exec()
    signal.disconnect(loop.quit)
