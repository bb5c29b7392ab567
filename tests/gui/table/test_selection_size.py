"""The size of the selected runs in the status bar follows the runs."""

from __future__ import annotations

import os

import pytest

from core.home import Home
from tests.support.runs import make_run

RUN = "a" * 32
OLD = 1_600_000_000


@pytest.fixture
def home(tmp_path) -> Home:
    home = Home(tmp_path / "project" / ".guild")
    make_run(home.runs_dir, RUN, attrs={"label": "grows", "started": "1600000000000000"})
    return home


def said(app) -> str:
    return app.window.status.selection.text()


def select(app, qtbot) -> str:
    desk = app.sessions[0].desk
    desk.runs.select_ids([RUN])
    qtbot.waitUntil(lambda: "·" in said(app))
    return said(app)


def test_a_size_that_is_found_out_anew_is_said(open_app, home, qtbot, monkeypatch):
    monkeypatch.setattr("gui.table.size_feed.LOOK_SECONDS", 0.1)
    app = open_app(home.path)
    before = select(app, qtbot)

    (home.runs_dir / RUN / "weights").write_bytes(b"x" * 3_000_000)
    (home.runs_dir / RUN / ".guild" / "attrs" / "exit_status").write_text("1\n")

    qtbot.waitUntil(lambda: "3.0 MB" in said(app), timeout=10_000)
    assert before != said(app)


def test_the_size_of_a_running_run_is_counted_again(open_app, home, qtbot, monkeypatch):
    monkeypatch.setattr("gui.table.selection_size.AGAIN_MS", 50)
    (home.runs_dir / RUN / ".guild" / "LOCK").write_text(str(os.getpid()))
    app = open_app(home.path)
    before = select(app, qtbot)

    (home.runs_dir / RUN / "weights").write_bytes(b"x" * 3_000_000)

    qtbot.waitUntil(lambda: "3.0 MB" in said(app), timeout=10_000)
    assert before != said(app)
