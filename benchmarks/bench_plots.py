"""Plots of many runs, offscreen: frames while panning and zooming, brushing, and gaps.

A frame is what a user sees of a movement: the view moves, and the widget is painted. Beside it
stands how long the sharp picture of that view takes, which a worker's thread paints meanwhile. The
peer of a frame is pyqtgraph with one item a curve and all of its points.

Garbage is collected as in the application: Python by itself looks through all that the benchmark
made, on a worker's thread too, which stopped the GUI thread for 40 to 60 ms (measured).
"""

from __future__ import annotations

import math
import os
import random
import statistics
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from benchmarks.bench_table import make_columns
from benchmarks.report import Figure
from benchmarks.setting import Setting
from core.compare.series import RunSeries, SeriesCache
from core.curves import CurveOptions
from core.directories import Directories
from core.jobs import JobQueue
from core.runs.tfevents import EventWriter
from gui.job_bridge import JobBridge
from gui.plots.curve_panels import RunLine
from gui.plots.plotted import Plotted
from gui.plots.run_colours import run_colours
from gui.services import RunRef, Services
from gui.startup.collector import Collector
from gui.table.automatic_labels import AutomaticLabels
from gui.theme import Theme
from gui.views.plots.curve_panel import CurvePanel
from gui.views.plots.parallel_view import ParallelView

SIZES = ((200, 10_000, 1000 / 30), (2_000, 1_000, 100.0))
FRAMES = 60
BRUSHED_RUNS, BRUSH_MS = 10_000, 50.0
GAP_MAX_MS = 50.0
EVENTS = 400_000
WIDTH, HEIGHT = 1200, 800


class Chosen(QObject):
    """Stands for the chosen runs of a home: all of some columns."""

    changed = Signal()
    values_changed = Signal(object)
    pinned_changed = Signal()
    standing_out_changed = Signal()

    def __init__(self, columns: Any) -> None:
        super().__init__()
        self.columns = columns
        self.labels = AutomaticLabels(columns)
        self._slots = columns.slots()

    def slots(self) -> Sequence[int]:
        """All runs."""
        return self._slots

    def ref(self, slot: int) -> RunRef:
        """Nowhere."""
        return RunRef(self.columns.value("id", slot), Directories.of_user().cache)

    def standing_out(self) -> list[int]:
        """None of them."""
        return []

    def select(self, run_ids: Sequence[str]) -> None:
        """Nobody listens."""


def figures(setting: Setting) -> Iterator[Figure]:
    """Frames of curves, of parallel coordinates, and the reading of a large event file."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication.instance() or QApplication([])
    with _services(setting) as services:
        for runs, points, target in SIZES:
            yield from _curves(services, runs, points, target)
        yield from _parallel(services)
    yield from _reading(setting)
    del app


@contextmanager
def _services(setting: Setting) -> Iterator[Services]:
    queue, collector = JobQueue(), Collector()
    directories = Directories.within(setting.scratch("plots"))
    yield Services(JobBridge(queue), Theme("light"), directories)
    queue.close(30)
    collector.close()


def _curves(services: Services, runs: int, points: int, target: float) -> Iterator[Figure]:
    size = f"{runs:,} × {points:,}"
    lines = _lines(services.theme, runs, points)
    panel = CurvePanel("loss", services, str)
    panel.resize(WIDTH, HEIGHT)
    panel.set_way(CurveOptions(), averages=False)
    panel.show()
    gaps: list[float] = []
    began = time.perf_counter()
    panel.show_lines(lines)
    with _beats(gaps):
        _wait_for(panel.drawn)
    yield Figure("plots: curves, first picture", size, _ms(began), "ms")
    peer = _peer_frames(lines)
    for what, move in (("pan", _pan), ("zoom", _zoom)):
        yield Figure(
            f"plots: curves, frame of a {what}, median", size, _frame(panel, move, gaps), "ms",
            peer=peer, peer_name="pyqtgraph", at_most=target,
        )  # fmt: skip
    yield Figure("plots: curves, sharp again after", size, _sharpening(panel), "ms")
    yield Figure(
        "plots: curves, longest gap of the GUI thread", size, max(gaps), "ms", at_most=GAP_MAX_MS
    )
    panel.close()
    panel.deleteLater()
    QApplication.processEvents()


def _frame(panel: CurvePanel, move: Callable[[CurvePanel, int], None], gaps: list[float]) -> float:
    """Milliseconds of a frame while the view moves."""
    frames: list[float] = []
    with _beats(gaps):
        for number in range(FRAMES):
            QApplication.processEvents()
            began = time.perf_counter()
            move(panel, number)
            panel.canvas.repaint()
            frames.append(_ms(began))
    return statistics.median(frames)


def _sharpening(panel: CurvePanel) -> float:
    """Milliseconds from a zoom to the picture that was painted for it."""
    times = []
    for number in range(5):
        began = time.perf_counter()
        _zoom(panel, number)
        _wait_for(panel.drawn)
        times.append(_ms(began))
    return statistics.median(times)


def _lines(theme: Theme, runs: int, points: int) -> list[RunLine]:
    chance = np.random.default_rng(1)
    steps = np.arange(points)
    lines = []
    for number in range(runs):
        noise = chance.normal(0, 0.02, points)
        values = np.exp(-steps * (1 + number % 7) / points) + noise + number / runs / 4
        series = RunSeries(range(points), array("d", values), array("d", bytes(8 * points)), (0,))
        lines.append(RunLine(number, series, theme.curve_colour(number)))
    return lines


def _peer_frames(lines: Sequence[RunLine]) -> float:
    """Milliseconds of a zoom of pyqtgraph, one item a curve."""
    widget = pg.PlotWidget()
    widget.resize(WIDTH, HEIGHT)
    for line in lines:
        xs, ys = np.asarray(line.points.steps, float), np.asarray(line.points.values)
        widget.plotItem.addItem(pg.PlotCurveItem(xs, ys, pen=line.colour), ignoreBounds=True)
    widget.setRange(xRange=(0, len(lines[0].points.values)), yRange=(-0.2, 1.5))
    widget.show()
    QApplication.processEvents()
    times = []
    for _ in range(3):
        began = time.perf_counter()
        widget.plotItem.vb.scaleBy((0.97, 0.97))
        widget.viewport().repaint()
        times.append(_ms(began))
    widget.close()
    widget.deleteLater()
    # Now: to end thousands of items takes 100 ms, which would be in a gap that is measured later.
    QApplication.sendPostedEvents(widget, QEvent.Type.DeferredDelete)
    return statistics.median(times)


def _pan(panel: CurvePanel, number: int) -> None:
    canvas = panel.canvas
    canvas.set_view(canvas.view.moved(0.01 * math.sin(number / 5) * canvas.view.width, 0))


def _zoom(panel: CurvePanel, number: int) -> None:
    panel.canvas.zoom(0.97 if number % 40 < 20 else 1 / 0.97)


def _parallel(services: Services) -> Iterator[Figure]:
    size = f"{BRUSHED_RUNS:,} runs"
    chosen = Chosen(make_columns(BRUSHED_RUNS))
    view = ParallelView(Plotted(chosen, run_colours(chosen, services), services))  # type: ignore[arg-type]  # its interface
    view.resize(WIDTH, HEIGHT)
    view.show()
    gaps: list[float] = []
    began = time.perf_counter()
    view.look(on=True)
    with _beats(gaps):
        _wait_for(view.drawn)
    yield Figure("plots: parallel coordinates, first picture", size, _ms(began), "ms")
    frame = _brush_frame(view, gaps)
    what = "plots: parallel coordinates, frame of a brush"
    yield Figure(what, size, frame, "ms", at_most=BRUSH_MS)
    what = "plots: parallel coordinates, brushed lines painted"
    yield Figure(what, size, _brushing(view), "ms", at_most=BRUSH_MS)
    what = "plots: parallel coordinates, longest gap"
    yield Figure(what, size, max(gaps), "ms", at_most=GAP_MAX_MS)
    view.close()


def _brush_frame(view: ParallelView, gaps: list[float]) -> float:
    """Milliseconds of a frame while a brush moves."""
    frames: list[float] = []
    with _beats(gaps):
        for number in range(FRAMES):
            QApplication.processEvents()
            began = time.perf_counter()
            _brush(view, 0.4 + 0.3 * math.sin(number / 7))
            view.plot.repaint()
            frames.append(_ms(began))
    return statistics.median(frames)


def _brushing(view: ParallelView) -> float:
    """Milliseconds from a moved brush to the lines in it."""
    times = []
    for number in range(9):
        began = time.perf_counter()
        _brush(view, 0.08 * number)
        _wait_for(view.drawn)
        times.append(_ms(began))
    return statistics.median(times)


def _brush(view: ParallelView, low: float) -> None:
    view.plot.brushes = {view.keys[1]: [(low, low + 0.25)]}
    view.plot.brushed.emit(False)  # noqa: FBT003 - a signal


def _reading(setting: Setting) -> Iterator[Figure]:
    """A large event file: all of it, what the first curve takes, and what no news cost."""
    run_dir = setting.scratch("plot-events")
    path = run_dir / "events.out.tfevents.1"
    path.unlink(missing_ok=True)
    chance = random.Random(4)
    with EventWriter(str(path)) as writer:
        for step in range(EVENTS):
            writer.add(step, [("loss", chance.random())])
    size = f"{path.stat().st_size / 1e6:.0f} MB"
    cache, firsts = SeriesCache(), []
    began = time.perf_counter()
    cache.read(run_dir, ["loss"], on_part=lambda _: firsts.append(_ms(began)))
    yield Figure("plots: event file read", size, _ms(began), "ms")
    if firsts:
        yield Figure("plots: event file, first points", size, firsts[0], "ms")
    began = time.perf_counter()
    cache.read(run_dir, ["loss"])
    yield Figure("plots: event file asked for again", size, _ms(began), "ms", at_most=5.0)
    path.unlink()


@contextmanager
def _beats(gaps: list[float]) -> Iterator[None]:
    """Adds the milliseconds between the beats of a timer of the GUI thread."""
    last = time.perf_counter()

    def beat() -> None:
        nonlocal last
        gaps.append(_ms(last))
        last = time.perf_counter()

    timer = QTimer(interval=1)
    timer.timeout.connect(beat)
    timer.start()
    yield
    timer.stop()


def _wait_for(signal: Any) -> None:
    loop = QEventLoop()
    connection = signal.connect(loop.quit)
    loop.exec()
    QObject.disconnect(connection)


def _ms(began: float) -> float:
    return (time.perf_counter() - began) * 1000
