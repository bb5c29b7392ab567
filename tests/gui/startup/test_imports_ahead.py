import sys

import pytest

from core.jobs import JobQueue
from gui.job_bridge import JobBridge
from gui.startup import imports_ahead
from gui.startup.imports_ahead import MODULES, MOST_RUNS, ImportsAhead
from tests.support.patience import PATIENCE


@pytest.fixture
def modules(tmp_path, monkeypatch):
    """Two modules that nobody imported yet."""
    monkeypatch.setattr(imports_ahead, "WAIT_MS", 0)
    monkeypatch.setattr(imports_ahead, "REST_SECONDS", 0.0)
    monkeypatch.syspath_prepend(tmp_path)
    names = ("ahead_one", "ahead_two")
    for name in names:
        (tmp_path / f"{name}.py").write_text("VALUE = 1\n")
    yield names
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture
def bridge(qtbot):
    queue = JobQueue()
    yield JobBridge(queue)
    assert queue.close(PATIENCE)


def test_modules_are_imported_once_there_is_nothing_else_to_do(modules, bridge, qtbot):
    ahead = ImportsAhead(bridge, bridge, modules)
    assert not any(name in sys.modules for name in modules)

    ahead.start(24)

    qtbot.waitUntil(lambda: all(name in sys.modules for name in modules))


def test_they_are_imported_once(modules, bridge, qtbot):
    jobs = []
    bridge.state_changed.connect(jobs.append)
    ahead = ImportsAhead(bridge, bridge, modules)
    ahead.start(24)
    qtbot.waitUntil(lambda: any(job.state.is_final for job in jobs))
    sys.modules.pop(modules[0])

    ahead.start(24)
    other = ImportsAhead(bridge, bridge, modules[1:])
    other.start(24)
    qtbot.wait(20)

    assert len(set(jobs)) == 1


def test_beside_very_many_runs_they_wait_until_they_are_wanted(modules, bridge, qtbot):
    jobs = []
    bridge.state_changed.connect(jobs.append)
    ahead = ImportsAhead(bridge, bridge, modules)

    ahead.start(MOST_RUNS + 1)
    qtbot.wait(20)
    assert not jobs
    ahead.start(MOST_RUNS)

    qtbot.waitUntil(lambda: all(name in sys.modules for name in modules))


def test_a_window_that_ends_imports_nothing_more(modules, bridge, qtbot):
    ahead = ImportsAhead(bridge, bridge, modules)
    ahead.start(24)

    ahead.close()
    ahead.start(24)
    qtbot.wait(20)

    assert not any(name in sys.modules for name in modules)


@pytest.mark.parametrize("name", MODULES)
def test_what_is_imported_ahead_exists(name):
    assert __import__(name) is not None
