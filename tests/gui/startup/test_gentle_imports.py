from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.jobs import JobQueue
from gui.job_bridge import JobBridge
from gui.startup import gentle_imports
from gui.startup.gentle_imports import GentleImports, import_plain
from gui.startup.imports_ahead import MODULES
from tests.support.patience import PATIENCE

ROOT = Path(__file__).parents[3]

WATCHED = """
import sys, threading
from pathlib import Path

executed = []  # files of modules that another thread than the first one imported

def watch(event, details):
    if event == "exec" and details[0].co_name == "<module>":
        if threading.current_thread() is not threading.main_thread():
            executed.append(details[0].co_filename)

sys.addaudithook(watch)
"""


def in_a_new_process(code: str, *args: object) -> str:
    """What a program prints that nobody imported anything for before."""
    done = subprocess.run(
        [sys.executable, "-c", WATCHED + code, *map(str, args)], cwd=ROOT, capture_output=True,
        text=True, timeout=2 * PATIENCE, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_no_worker_imports_what_has_classes_of_qt(tmp_path):
    """Neither ahead nor with the first run that is selected: the process may die of it."""
    code = """
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QTableView
from core.sample import make_sample_store
from gui.app import App
from gui.startup import imports_ahead
imports_ahead.WAIT_MS = 0
home = Path(sys.argv[1]) / "home"
make_sample_store(home, runs=12)
app = App(home, Path(sys.argv[1]) / "config")
def look():
    table = app.window.findChild(QTableView, "runTable")
    if table.model().rowCount() and table.currentIndex().row() < 0:
        table.selectRow(4)
    wanted = (*imports_ahead.MODULES, "gui.views.details.overview_tab")
    if all(name in sys.modules for name in wanted):
        app.qt.exit()
timer = QTimer(interval=20); timer.timeout.connect(look); timer.start()
QTimer.singleShot(100_000, lambda: app.qt.exit(3))
assert app.run() == 0
app.shutdown()
rooms = {"__init__.py", "gui"}  # of our rooms these hold a sentence, and nothing of Qt
parts = [set(Path(file).parts) for file in executed]
parts = [each for each in parts if not rooms <= each]
print([each for each in parts if each & {"gui", "PySide6"}])
print(any("numpy" in each for each in parts))
"""

    assert in_a_new_process(code, tmp_path).splitlines() == ["[]", "True"]


def test_modules_are_imported_one_by_one_what_others_need_first():
    code = """
from gui.startup.gentle_imports import import_parts, import_plain
left = import_plain(["gui.plots.curve_panels"])
assert "numpy" in sys.modules
assert "gui.plots.curve_panels" not in sys.modules
print(left.index("gui.plots.plot_strokes") < left.index("gui.plots.curve_panels"))
print(sum(1 for _ in import_parts(left)) == len(left))
print("gui.plots.curve_panels" in sys.modules)
"""

    assert in_a_new_process(code).split() == ["True"] * 3


def test_types_alone_are_not_imported(monkeypatch, tmp_path):
    package = tmp_path / "gui_like"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "page.py").write_text(
        "from typing import TYPE_CHECKING\n"
        "from gui_like.first import A\n"
        "if TYPE_CHECKING:\n    from gui_like.other import B\n"
        "import gui_like.last\n"
    )
    for name in ("first", "other", "last"):
        (package / f"{name}.py").write_text("A = B = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(gentle_imports, "_OURS", "gui_like")

    left = import_plain(["gui_like.page"])

    assert left == ["gui_like.first", "gui_like.last", "gui_like.page"]
    for name in [name for name in sys.modules if name.startswith("gui_like")]:
        sys.modules.pop(name)


@pytest.fixture
def bridge(qtbot):
    queue = JobQueue()
    yield JobBridge(queue)
    assert queue.close(PATIENCE)


def test_who_wanted_a_module_hears_when_it_is_there(bridge, qtbot):
    heard: list[str] = []
    imports = GentleImports(bridge, bridge)

    imports.want(
        ["gui.views.plots.curve_overlay"], lambda: heard.append(threading.current_thread().name)
    )
    assert imports.is_busy

    qtbot.waitUntil(lambda: bool(heard))
    assert heard == [threading.main_thread().name]
    assert not imports.is_busy


def test_who_stops_waiting_hears_nothing(bridge, qtbot):
    heard: list[int] = []
    imports = GentleImports(bridge, bridge)
    imports.want(MODULES, lambda: heard.append(1))

    imports.stop()

    qtbot.wait(50)
    assert not heard
    assert not imports.is_busy
