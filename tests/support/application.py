"""A whole application on a store of sample runs, for tests of the window."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from core.sample import make_sample_store
from gui.app import App
from tests.support.patience import PATIENCE

RUNS = 24


@pytest.fixture
def sample_home(tmp_path) -> Path:
    """A home with some runs of every kind."""
    home = tmp_path / "project" / ".guild"
    home.parent.mkdir()
    make_sample_store(home, runs=RUNS, seed=3)
    return home


_FEATURE = sys.modules["shibokensupport.feature"]
_LOOK = _FEATURE._mod_uses_pyside


@pytest.fixture
def pyside_look(monkeypatch):
    """PySide6's look into what is imported: the program changes it, and the next test wants it."""
    monkeypatch.setattr(_FEATURE, "_mod_uses_pyside", _LOOK)
    return _FEATURE


@pytest.fixture
def open_app(qtbot, tmp_path, monkeypatch):
    """Opens applications as a user does and ends them after the test."""
    user_home = tmp_path / "user"
    user_home.mkdir()
    monkeypatch.setenv("HOME", str(user_home))
    monkeypatch.delenv("GUILD_HOME", raising=False)
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    monkeypatch.delenv("CONDA_PREFIX", raising=False)
    monkeypatch.chdir(user_home)
    for module in ("app", "window_session"):  # what ends late is busy, and no work is left
        monkeypatch.setattr(f"gui.{module}.CLOSE_SECONDS", PATIENCE)
    # An application looks through all there is for garbage when a window closes, and in a process
    # of thousands of tests that is most of what a test takes: what was there before stays aside.
    monkeypatch.setattr(gc, "unfreeze", lambda: None)
    apps: list[App] = []

    def open_(home: Path | None, config: str = "config", *, settled: bool = True) -> App:
        app = App(home, tmp_path / config)
        apps.append(app)
        if settled and app.sessions[0].desk is not None:
            wait_until_settled(qtbot, app)
        return app

    yield open_
    for app in apps:
        assert app.shutdown()
    QApplication.processEvents()  # while what was there before is still aside


def wait_until_settled(qtbot, app: App) -> None:
    """Wait until the window shows what is on disk."""
    desk = app.sessions[0].desk
    qtbot.waitUntil(lambda: desk.feed.is_settled and not desk.runs.is_arranging, timeout=10_000)


def lanes() -> list[str]:
    """Names of the worker threads that live."""
    return [t.name for t in threading.enumerate() if t.name.startswith("lane-")]


Condition = Callable[[], bool]
