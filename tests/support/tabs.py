"""What a view needs around it in a test: services whose jobs are waited for at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtWidgets import QWidget

from core.directories import Directories
from core.jobs import JobQueue
from gui.job_bridge import JobBridge
from gui.services import RunRef, Services
from gui.theme import Theme
from tests.support.patience import PATIENCE


@pytest.fixture
def services(qtbot, tmp_path) -> Iterator[Services]:
    """Services of a light window; a job that broke fails the test."""
    queue = JobQueue()
    bridge = JobBridge(queue)
    broken: list = []
    bridge.broke.connect(broken.append)
    yield Services(bridge, Theme("light"), Directories.within(tmp_path / "own"))
    assert queue.close(PATIENCE), "jobs were still busy"
    bridge.deleteLater()
    assert not broken, broken[0].error


def ref(run_dir: Path, *, deleted: bool = False) -> RunRef:
    """The reference by which a details tab is told of a run."""
    return RunRef(run_dir.name, run_dir, deleted)


@pytest.fixture
def show_in_window(qapp) -> Iterator[Callable[..., QWidget]]:
    """Shows a view of some size inside a window, as it is in the application.

    The window has no layout: a view with one, as a window itself, would have the offscreen
    platform warn that it knows no size hints.
    """

    windows: list[QWidget] = []  # qtbot itself holds them only weakly

    def show(view: QWidget, width: int = 400, height: int = 600) -> QWidget:
        window = QWidget()
        windows.append(window)
        view.setParent(window)
        window.resize(width, height)
        view.resize(width, height)
        view.show()
        window.show()
        return window

    yield show
    for window in windows:
        window.close()
        shiboken6.delete(window)  # now: an answer that is still on its way finds nobody
