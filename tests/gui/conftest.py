"""The application on sample runs and its window, for tests that have no home of their own."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest

from gui.app import App


@pytest.fixture(scope="session", autouse=True)
def imported_ahead() -> None:
    """Every test of the window finds what the window imports later there already.

    Else the first test of a process that opens a page would get it a moment later than the others
    (`tests/gui/test_late_page.py` is about that moment).
    """
    from gui.startup.imports_ahead import MODULES

    for name in MODULES:
        import_module(name)


@pytest.fixture(scope="session", autouse=True)
def emptied_clipboard(qapp) -> Iterator[None]:
    """What was copied last is let go while Python is there.

    Without a real clipboard Qt keeps it until the very end of the process, and crashes when it then
    takes apart what Python made.
    """
    yield
    qapp.clipboard().clear()


@pytest.fixture
def app(open_app, sample_home) -> App:
    """The application on the sample runs; a module with another home has an `app` of its own."""
    return open_app(sample_home)


@pytest.fixture
def window(app):
    """The first window of the application."""
    return app.window


@pytest.fixture
def desk(app):
    """What the first window shows of its home."""
    return app.sessions[0].desk


@pytest.fixture
def trigger(window):
    """Does what a press of a command does, which has to be offered."""

    def trigger_(id_: str) -> None:
        action = window.actions_by_id[id_]
        assert action.isEnabled(), f"{id_}: {action.toolTip()}"
        action.trigger()

    return trigger_
