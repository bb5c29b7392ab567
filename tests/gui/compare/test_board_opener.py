"""Runs in a real TensorBoard, by the action, from wherever they are."""

from __future__ import annotations

import json
import sys
import urllib.request

import pytest
from PySide6.QtCore import QObject, QUrl, Signal, Slot
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QPushButton

from core.archives.export import ExportOptions, export_runs
from core.home import Home
from gui.compare.board_opener import MOST_BOARDS, BoardOpener
from gui.services import HomeRuns
from tests.support.application import wait_until_settled
from tests.support.patience import PATIENCE
from tests.support.plotted import write_events
from tests.support.processes import wait_until
from tests.support.runs import make_run

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

IDS = [f"{number:032x}" for number in range(1, 5)]
START_MS = 240_000


class Browser(QObject):
    """Stands in the place of the desktop's browser."""

    opened = Signal(str)

    @Slot(QUrl)
    def show(self, address):
        self.opened.emit(address.toString())


@pytest.fixture(autouse=True)
def slow_start(monkeypatch):
    """It imports much, and beside other programs that takes long."""
    monkeypatch.setattr("core.tensorboard.PATIENCE", START_MS / 1000)


@pytest.fixture
def browser(qapp):
    browser = Browser()
    QDesktopServices.setUrlHandler("http", browser, "show")
    yield browser
    QDesktopServices.unsetUrlHandler("http")


@pytest.fixture
def in_path(peer, monkeypatch):
    monkeypatch.setenv("PATH", str(peer.bin), prepend=":")


@pytest.fixture
def not_installed(monkeypatch):
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PATH", "/nowhere")


@pytest.fixture
def home(tmp_path):
    home = Home(tmp_path / "home")
    for number, run_id in enumerate(IDS):
        path = make_run(home.runs_dir, run_id, attrs={"flags": f"lr: 0.{number + 1}"})
        write_events(path, {"loss": [3.0, 2.0, 1.0]})
    return home


@pytest.fixture
def app(open_app, home, qtbot):
    app = open_app(home.path)
    app.window.show()
    wait_until_settled(qtbot, app)
    return app


def shown(address):
    """Names of the runs that TensorBoard has read by now, without the place of their files."""
    with urllib.request.urlopen(f"{address.rstrip('/')}/data/runs", timeout=PATIENCE) as answer:
        return sorted(name.partition("/")[0] for name in json.load(answer))


def said(app):
    return app.window.centre.notices.text()


def open_board(app, browser, qtbot):
    with qtbot.waitSignal(browser.opened, timeout=START_MS) as opened:
        app.window.actions_by_id["compare.tensorboard"].trigger()
    return opened.args[0]


def test_the_selected_runs_are_shown_and_it_ends_with_the_window(
    app, desk, browser, qtbot, in_path
):
    desk.runs.select_ids(IDS[:2])

    address = open_board(app, browser, qtbot)

    wait_until(lambda: len(shown(address)) == 2)
    assert said(app) == f"TensorBoard shows 2 runs at {address} until the window is closed."
    (board,) = desk.comparing.board.boards
    app.window.close()
    qtbot.waitUntil(lambda: not board.is_running, timeout=20_000)


def test_one_selected_run_is_shown_alone_and_the_same_board_again(
    app, desk, browser, qtbot, in_path
):
    desk.runs.select_ids(IDS[1:2])

    address = open_board(app, browser, qtbot)

    wait_until(lambda: len(shown(address)) == 1)
    assert open_board(app, browser, qtbot) == address
    assert len(desk.comparing.board.boards) == 1


def test_packed_runs_are_copied_for_it(app, desk, home, browser, qtbot, in_path, tmp_path):
    path = tmp_path / "paper.runs.zip"
    export_runs(home, IDS[:3], path, ExportOptions("zip"))
    desk.archives.open([path])
    front = desk.archives.front
    qtbot.waitUntil(lambda: front.feed.is_settled and not front.runs.is_arranging)

    address = open_board(app, browser, qtbot)

    wait_until(lambda: len(shown(address)) == 3)
    copies = list(tmp_path.rglob("cache/tensorboard/**/events.out.tfevents*"))
    assert len(copies) == 3
    (board,) = front.comparing.board.boards
    app.window.close()
    qtbot.waitUntil(lambda: not board.is_running, timeout=20_000)
    qtbot.waitUntil(lambda: not any(copy.exists() for copy in copies))


def test_a_missing_tensorboard_is_said_with_how_to_get_it(app, qtbot, not_installed):
    app.window.actions_by_id["compare.tensorboard"].trigger()

    hint = "Install it into the environment that Rundesk is in: pip install tensorboard."
    told = f"TensorBoard is neither on the PATH nor beside Rundesk. {hint}"
    qtbot.waitUntil(lambda: said(app) == told)


def test_one_beside_rundesk_is_found_without_a_path(
    app, desk, browser, qtbot, not_installed, peer, monkeypatch
):
    monkeypatch.setattr(sys, "executable", str(peer.bin / "python"))

    address = open_board(app, browser, qtbot)

    wait_until(lambda: len(shown(address)) == 4)
    app.window.close()


def test_its_address_is_a_click_away_where_no_browser_comes(app, browser, qtbot, in_path):
    address = open_board(app, browser, qtbot)

    app.window.centre.notices.findChild(QPushButton, "noticeButton").click()

    assert QGuiApplication.clipboard().text() == address
    app.window.close()


def test_the_oldest_of_too_many_ends(desk, home, browser, services, qtbot, in_path):
    opener, place = BoardOpener(desk.runs.columns, services, desk), HomeRuns(home)
    try:
        started = []
        for run_id in IDS[: MOST_BOARDS + 1]:
            with qtbot.waitSignal(opener.opened, timeout=START_MS):
                opener.open([place.ref(run_id, deleted=False)])
            started.append(opener.boards[-1])
        qtbot.waitUntil(lambda: not started[0].is_running, timeout=20_000)
        assert len(opener.boards) == MOST_BOARDS
    finally:
        boards = opener.boards
        opener.deleteLater()
        qtbot.waitUntil(lambda: not any(b.is_running for b in boards), timeout=20_000)
