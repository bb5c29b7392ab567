"""Runs in memory, and a list and a table that show them, for tests of the run table."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QCursor, QGuiApplication
from PySide6.QtTest import QTest

from core.directories import Directories
from core.home import Home
from core.index.columns import RunColumns
from core.jobs import JobQueue
from core.runs.run import Run, ScalarSummary
from gui.job_bridge import JobBridge
from gui.services import HomeRuns, Services
from gui.table.run_list import RunList
from gui.theme import Theme
from gui.views.table.run_table import RunTable
from tests.support.patience import PATIENCE

NOW = 1_763_900_000_000_000
SECOND = 1_000_000
LABELS = ("baseline", "warm restart", "final for the paper", "lr=0.1 opt=adamw", "Größe ☃", "")
TAGS = ("paper", "ablation", "seed 2")


def make_run(number: int, **changes: Any) -> Run:
    """An invented run; the same number gives the same run."""
    chance = random.Random(number)
    started = NOW - number * 600 * SECOND
    loss = chance.random()
    fields: dict[str, Any] = {
        "id": f"{number:032x}",
        "path": Path("/nowhere") / f"{number:032x}",
        "opref": "gpkg:. '' '' train",
        "operation": ("train", "evaluate", "prepare")[number % 3],
        "status": ("completed", "completed", "error", "terminated")[number % 4],
        "exit_status": 0,
        "started": started,
        "stopped": started + chance.randrange(1, 9_000) * SECOND,
        "initialized": started,
        "label": LABELS[number % len(LABELS)],
        "tags": TAGS[: number % 4],
        "marked": number % 10 == 0,
        "flags": {"lr": chance.choice([0.1, 0.01, 0.003]), "opt": chance.choice(["sgd", "adam"])},
        "scalars": {"loss": make_summary(loss), "acc": make_summary(1 - loss)},
    }
    return Run(**(fields | changes))


def make_summary(last: float) -> ScalarSummary:
    """The summary of a scalar that ended at `last`."""
    return ScalarSummary(last, 99, 1.0, 0, min(last, 1.0), 50, max(last, 1.0), 0, last * 100, 100)


def make_columns(count: int, **changes: Any) -> RunColumns:
    """Columns of `count` invented runs, the newest in slot 0."""
    columns = RunColumns(clock=lambda: NOW)
    for number in range(count):
        columns.put(make_run(number, **changes))
    return columns


class TableRig(Struct):
    """A run table with all it needs, and how to wait for it."""

    columns: RunColumns
    bridge: JobBridge
    services: Services
    runs: RunList
    table: RunTable
    wait_until: Callable[[Callable[[], bool]], None]

    def settle(self) -> None:
        """Wait until what is shown is what was asked for."""
        self.wait_until(lambda: not self.runs.is_arranging)

    def shown_ids(self) -> list[str]:
        """Ids of the rows from top to bottom."""
        return [self.columns.value("id", slot) for slot in self.runs.model.order]

    def selected_ids(self) -> list[str]:
        """Ids of the selected runs, sorted."""
        return sorted(ref.id for ref in self.runs.selected_refs())

    def text(self, row: int, key: str) -> str:
        """What a cell shows."""
        section = self.table.column_keys().index(key)
        return str(self.runs.model.index(row, section).data())


@contextmanager
def table_rig(qtbot: Any, columns: RunColumns, tmp_path: Path) -> Iterator[TableRig]:
    """A visible table over `columns`, away from the pointer, arranged; closed at the end."""
    QCursor.setPos(QPoint(0, 0))
    QCursor.setPos(QGuiApplication.primaryScreen().geometry().bottomRight())
    queue = JobQueue()
    bridge = JobBridge(queue)
    broken: list[Any] = []
    bridge.broke.connect(broken.append)
    services = Services(bridge, Theme("light"), Directories.within(tmp_path / "own"))
    runs = RunList(HomeRuns(Home(tmp_path / "home")), columns, bridge, clock=lambda: NOW)
    table = RunTable(runs, services)
    rig = TableRig(
        columns,
        bridge,
        services,
        runs,
        table,
        lambda wanted: qtbot.waitUntil(wanted, timeout=10_000),
    )
    qtbot.addWidget(table)
    table.resize(1000, 600)
    table.show()
    qtbot.waitExposed(table)
    with qtbot.waitSignal(runs.arranged, timeout=20_000):
        runs.refresh()
    rig.settle()
    try:
        yield rig
    finally:
        table.close()
        runs.close()
        bridge.deleteLater()
        assert queue.close(PATIENCE), "jobs of the table were still busy"
        assert not broken, broken[0].error


@pytest.fixture
def open_rig(qtbot, tmp_path):
    """Open a table over columns; closed with the test."""
    with ExitStack() as stack:
        yield lambda columns: stack.enter_context(table_rig(qtbot, columns, tmp_path))


@pytest.fixture
def rig(open_rig):
    """A table of 300 runs with the first row current."""
    rig = open_rig(make_columns(300))
    rig.runs.select_ids([make_run(0).id])
    rig.table.setFocus()
    return rig


def click(rig, row, held=Qt.KeyboardModifier.NoModifier):
    """Click the first cell of a row with the left button."""
    area = rig.table.visualRect(rig.runs.model.index(row, 0))
    QTest.mouseClick(rig.table.viewport(), Qt.MouseButton.LeftButton, held, area.center())


def press(rig, key, held=Qt.KeyboardModifier.NoModifier):
    """Press a key in the table."""
    QTest.keyClick(rig.table, key, held)


def current_row(rig):
    """The row that keys start from."""
    return rig.table.currentIndex().row()
