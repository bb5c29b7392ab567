"""A program that opens the real window, measures what happens in it, and prints JSON.

    python -m benchmarks.probe start HOME CONFIG    how long until there is something to see
    python -m benchmarks.probe settle HOME CONFIG   the first index, in an open window
    python -m benchmarks.probe live HOME CONFIG     new runs, edits, gaps, memory, idle cost

Started by the benchmarks as a process of its own: what a user waits for begins with the process.
`PROBE_BEGIN` in the environment says when that was (seconds since 1970).
"""

from __future__ import annotations

import gc
import json
import os
import resource
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QApplication, QMainWindow

if TYPE_CHECKING:  # what is measured begins with its import
    from gui.app import App

MB = 1_000_000
PATIENCE = 600.0
IDLE_SECONDS = 20.0
EDITS = 5


def main() -> None:
    """Do what the arguments say."""
    what, home, config = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    if what == "start":
        found = measure_start(home, config)
    else:
        found = measure_live(home, config, only_until_settled=what == "settle")
    print(json.dumps(found))


def measure_start(home: Path, config: Path) -> dict[str, float]:
    """Seconds from the start of the process to the first window, and to the first rows."""
    from gui.startup.quick_imports import quicken_imports

    gc.disable()  # as the program itself begins
    quicken_imports()
    from gui.app import make_qt_application
    from gui.startup.start import start

    begin = float(os.environ["PROBE_BEGIN"])
    app = make_qt_application()
    witness = _PaintWitness(begin, expects_rows=any((home / "runs").iterdir()))
    app.installEventFilter(witness)
    start([home], config)
    return witness.seen


class _PaintWitness(QObject):
    """Notes when the window and when rows were painted first, then closes the window."""

    def __init__(self, begin: float, *, expects_rows: bool) -> None:
        super().__init__()
        self.seen: dict[str, float] = {}
        self._begin = begin
        self._expects_rows = expects_rows

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # The class, and not the type: an enumeration for each of 7,000 events took 5 ms of a start.
        if event.__class__ is QPaintEvent:
            # What this paint event draws is on the screen when the next turn begins.
            if isinstance(watched, QMainWindow):
                self._note("window")
            view = watched.parent()
            is_table = isinstance(view, QAbstractItemView) and view.objectName() == "runTable"
            if is_table and view.model().rowCount():
                self._note("rows")
        return False

    def _note(self, what: str) -> None:
        if what in self.seen:
            return
        self.seen[what] = 0.0
        QTimer.singleShot(0, lambda: self._finish(what))

    def _finish(self, what: str) -> None:
        self.seen[what] = time.time() - self._begin
        if what == "rows" or not self._expects_rows:
            QApplication.closeAllWindows()


def measure_live(home: Path, config: Path, *, only_until_settled: bool) -> dict[str, float]:
    """What happens in an open window, at first and while others change the home."""
    from gui.app import App

    gaps = Gaps()
    app = App(home, config)
    try:
        return _measured(app, home, gaps, only_until_settled=only_until_settled)
    finally:
        app.shutdown()  # else the window's threads would keep the program alive after an error


def _measured(app: App, home: Path, gaps: Gaps, *, only_until_settled: bool) -> dict[str, float]:
    desk = app.sessions[0].desk
    assert desk is not None
    found: dict[str, float] = {}
    with gaps.of("gap_start", found):
        wait_until(lambda: desk.feed.is_settled)
        found["settled"] = time.time() - float(os.environ["PROBE_BEGIN"])
        settle()
    if not only_until_settled:
        _measure_changes(home, desk.table, gaps, found)
    found["rss"] = rss() / MB
    found["rss_peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MB
    return found


def _measure_changes(home: Path, table: Any, gaps: Gaps, found: dict[str, float]) -> None:
    with gaps.of("gap_changes", found):
        found["new_run"] = _new_run(home, table.model())
        found["edit_visible"] = _median(_edit(home, table.model(), row) for row in range(EDITS))
        found["edit_anywhere"] = _edit(home, table.model(), table.model().rowCount() - 3)
    found["scroll_gap_max"] = _scroll(table, gaps)
    found["idle"] = _idle_percent()


def _new_run(home: Path, model: Any) -> float:
    """Seconds until a run that another program made is in the table; the run is removed again."""
    run_id = f"{time.time_ns():032x}"
    beside = home / "bench-incoming"
    shutil.rmtree(beside, ignore_errors=True)
    slot = model.order[0]
    shutil.copytree(_run_dir(home, model, slot), beside, symlinks=True)
    begin = time.perf_counter()
    beside.rename(home / "runs" / run_id)

    def is_shown() -> bool:
        new = model.columns.slot_of(run_id)
        return new is not None and model.row_of(new) is not None

    try:
        wait_until(is_shown)
        return time.perf_counter() - begin
    finally:
        new = model.columns.slot_of(run_id)
        shutil.rmtree(home / "runs" / run_id)
        wait_until(lambda: new is None or model.row_of(new) is None)
        settle()


def _edit(home: Path, model: Any, row: int) -> float:
    """Seconds until the table shows a label that was rewritten in place, as Guild does it."""
    slot = model.order[row]
    section = model.keys.index("label")
    path = _run_dir(home, model, slot) / ".guild" / "attrs" / "label"
    before = path.read_text(encoding="utf-8") if path.exists() else None
    label = f"edited {time.time_ns()}"
    begin = time.perf_counter()
    path.write_text(f"{label}\n", encoding="utf-8")
    try:
        wait_until(lambda: model.index(row, section).data() == label)
        return time.perf_counter() - begin
    finally:
        path.unlink() if before is None else path.write_text(before, encoding="utf-8")


def _run_dir(home: Path, model: Any, slot: int) -> Path:
    return home / "runs" / str(model.columns.value("id", slot))


def _scroll(table: Any, gaps: Gaps) -> float:
    """The longest gap in milliseconds while the table is scrolled through in many steps."""
    bar = table.verticalScrollBar()
    found: dict[str, float] = {}
    with gaps.of("scroll", found):
        for i in range(120):
            bar.setValue(bar.maximum() * i // 120)
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 5)
    bar.setValue(0)
    settle()
    return found["scroll_max"]


def _idle_percent() -> float:
    """Percent of one core that an open window costs while nothing happens."""
    settle()
    before, begin = time.process_time(), time.perf_counter()
    wait_until(lambda: time.perf_counter() - begin > IDLE_SECONDS, interval=1000)
    return 100 * (time.process_time() - before) / (time.perf_counter() - begin)


class Gaps:
    """How long the GUI thread was away, by a timer of one millisecond."""

    def __init__(self) -> None:
        self._clock = QElapsedTimer()
        self._found: list[float] = []

    @contextmanager
    def of(self, name: str, found: dict[str, float]) -> Iterator[None]:
        """Put the longest gap and the 99th percentile, in milliseconds, into `found`."""
        timer = QTimer(interval=1, timerType=Qt.TimerType.PreciseTimer)
        timer.timeout.connect(self._tick)
        self._found = []
        self._clock.start()
        timer.start()
        yield
        timer.stop()
        gaps = sorted(self._found) or [0.0]
        found[f"{name}_max"] = gaps[-1]
        found[f"{name}_p99"] = gaps[int(len(gaps) * 0.99)]

    def _tick(self) -> None:
        self._found.append(self._clock.nsecsElapsed() / 1e6)
        self._clock.restart()


def wait_until(is_so: Callable[[], object], *, interval: int = 2) -> None:
    """Run the event loop until something is so, looked at every `interval` milliseconds."""
    end = time.monotonic() + PATIENCE
    loop = QEventLoop()
    timer = QTimer(interval=interval)
    was_so = False

    def look() -> None:
        nonlocal was_so
        is_over = True  # also when the question itself fails: it is asked again below
        try:
            was_so = bool(is_so())
            is_over = was_so or time.monotonic() > end
        finally:
            if is_over:
                loop.quit()

    timer.timeout.connect(look)
    timer.start()
    loop.exec()
    timer.stop()
    if not was_so and not is_so():  # what was so may be otherwise by now
        raise TimeoutError(f"not so within {PATIENCE} s")


def settle() -> None:
    """Run the event loop for a second, so that what was begun is done."""
    begin = time.monotonic()
    wait_until(lambda: time.monotonic() - begin > 1)


def rss() -> int:
    """Bytes of memory that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _median(values: Iterator[float]) -> float:
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


if __name__ == "__main__":
    main()
