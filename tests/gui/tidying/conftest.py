"""A window on a home whose runs are tidied."""

from __future__ import annotations

import pytest

from core.home import Home
from core.sample import make_sample_store


@pytest.fixture
def home(tmp_path) -> Home:
    """A home with runs that have ended, some of them trials of a batch, and one running."""
    path = tmp_path / "project" / ".guild"
    path.parent.mkdir()
    make_sample_store(path, runs=24, seed=3)
    return Home(path)


@pytest.fixture
def app(open_app, home):
    return open_app(home.path)


@pytest.fixture
def bar(window):
    return window.undo_bar
