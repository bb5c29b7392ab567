"""The small curves in the run table: read for the rows on screen only, and kept.

Why not with the index: a curve costs a reading of the run's event files (0.1 to 10 ms), and of
100,000 runs at most some hundred are ever looked at.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QWidget

from core.errors import Error
from core.jobs import JobContext
from core.runs.contents import RunContents
from core.runs.scalars import Series
from gui.job_bridge import JobBridge, Latest
from gui.models.run_table_model import Curve
from gui.table.run_list import RunList

LANE = "sparklines"
POINTS = 40
MOST_READ = 20_000
SETTLE_MS = 60  # while the user scrolls fast, rows that flew by are not read
BATCH = 8

Wanted = tuple[str, int, RunContents, str]  # column key, slot, run, scalar key


class Sparklines(QObject):
    """Brings the curves of the sparkline cells on screen into the table's model.

    Args:
        run_list: Whose cells.
        bridge: Runs the readings.
        table: Owner; nothing is read while it is hidden.
    """

    def __init__(self, run_list: RunList, bridge: JobBridge, table: QWidget) -> None:
        super().__init__(table)
        self._table = table
        self._run_list = run_list
        self._question = Latest(bridge, LANE, self)
        self._asked: list[tuple[str, int]] = []
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._ask)
        run_list.model.dataChanged.connect(lambda *_: self.look())

    def look(self) -> None:
        """Other rows may be on screen, or runs changed: see what is missing, in a moment."""
        if any(column.kind == "spark" for column in self._run_list.model.layout):
            self._settle.start()

    def _ask(self) -> None:
        if not self._table.isVisible():
            return
        missing = self._run_list.model.missing_curves()
        if not missing or (self._question.is_waiting and missing == self._asked):
            return
        self._asked = missing
        wanted = [self._wanted(key, slot) for key, slot in missing]

        def work(context: JobContext) -> None:
            _read_all(wanted, context)

        model = self._run_list.model
        self._question.ask("Read small curves", work, lambda _: None, on_item=model.set_curves)

    def _wanted(self, key: str, slot: int) -> Wanted:
        return key, slot, self._run_list.ref(slot).contents, key.partition(":")[2]


def thin_curve(steps: Sequence[int], values: Sequence[float], most: int = POINTS) -> Curve:
    """At most `most` heights from 0 (lowest) to 1, in the order of the steps.

    Neighbours are averaged, so that noise does not hide the trend at this size; a flat curve
    runs in the middle. Values that are not finite are left out.
    """
    pairs = sorted(zip(steps, values, strict=False), key=lambda pair: pair[0])
    finite = [value for _, value in pairs if math.isfinite(value)]
    if not finite:
        return ()
    size = max(1.0, len(finite) / most)
    count = min(len(finite), most)
    edges = [round(number * size) for number in range(count)] + [len(finite)]
    means = [
        math.fsum(finite[start:stop]) / (stop - start)
        for start, stop in pairwise(edges)
        if stop > start
    ]
    low, high = min(means), max(means)
    if not high > low or not math.isfinite(high - low):
        return (0.5,) * len(means)
    return tuple((mean - low) / (high - low) for mean in means)


def _read_all(wanted: Sequence[Wanted], context: JobContext) -> None:
    found: dict[tuple[str, int], Curve] = {}
    for key, slot, contents, scalar in wanted:
        context.check()
        found[key, slot] = _read(contents, scalar, context)
        if len(found) >= BATCH:
            context.publish(found)
            found = {}
    context.publish(found)


def _read(contents: RunContents, scalar: str, context: JobContext) -> Curve:
    """The curve of one run; one that cannot be read has no points (the details say why)."""
    try:
        series: Series = contents.series(scalar, context.check, MOST_READ)
    except (Error, OSError):
        return ()
    return thin_curve(series.steps, series.values)
