from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QPushButton

from core.archives.export import ExportOptions
from core.errors import Error
from core.jobs import Job, JobState
from gui.archives.export_choice import ExportWanted
from gui.jobs.job_list import JobQuestion
from tests.support.patience import PATIENCE
from tests.support.runs import make_run

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def app(open_app, sample_home):
    app = open_app(sample_home)
    app.window.show()
    return app


@pytest.fixture
def going(app, window, qtbot) -> Job:
    """A job of the user's that goes on until it is stopped."""

    return begin(app, window, qtbot, threading.Event())


def begin(app, window, qtbot, is_done, error=None) -> Job:
    """A job that goes on until it is stopped or told that it is done."""

    def work(context):
        while not is_done.wait(0.02):
            context.check()
        if error is not None:
            raise error

    job = Job("Export 12 runs to paper.zip", "test", work)
    window.jobs.follow(job, "export")
    app.sessions[0]._services.bridge.submit(job)
    qtbot.waitUntil(lambda: job.state is JobState.RUNNING)
    return job


@pytest.fixture
def no_quitting():
    """Leaves the application as it was, whatever is decided about its last window."""
    before = QApplication.quitOnLastWindowClosed()
    yield
    QApplication.setQuitOnLastWindowClosed(before)


def question(window) -> QDialog | None:
    found = window.findChild(QDialog, "closeQuestion")
    return found if found is not None and found.isVisible() else None


def press(qtbot, dialog, text: str) -> None:
    button = next(b for b in dialog.findChildren(QPushButton) if text in b.text())
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_a_window_in_which_nothing_goes_on_closes_at_once(app, window):
    assert window.close()

    assert app.sessions == []


def test_a_window_with_a_job_asks_and_names_it(app, window, going):
    assert not window.close()

    dialog = question(window)
    assert dialog is not None
    said = [label.text() for label in dialog.findChildren(QLabel)]
    assert "Export 12 runs to paper.zip" in said
    assert not any("they" in words.split() for words in said)  # it is one
    assert going.state is JobState.RUNNING
    assert len(app.sessions) == 1
    assert not window.close()  # asking twice opens no second question
    assert len(window.findChildren(QDialog, "closeQuestion")) == 1


@pytest.mark.parametrize(
    ("resumed", "rest"),
    [
        ([False], "and the rest is not done."),
        ([True], "and the next start offers to go on with the rest."),
        ([True, True], "and the next start offers to go on with the rest."),
        ([True, False], "offers to go on with what was copied."),
    ],
)
def test_the_question_says_what_the_next_start_offers_to_go_on_with(
    app, window, qtbot, resumed, rest
):
    is_done = threading.Event()
    for number, is_resumed in enumerate(resumed):
        job = Job("Push 1 run to gpu1", f"test {number}", lambda _context: is_done.wait(PATIENCE))
        window.jobs.follow(job, "push", is_resumed=is_resumed)
        app.sessions[0]._services.bridge.submit(job)

    window.close()

    said = question(window).findChild(QLabel, "questionText").text()
    assert said.endswith(rest)
    is_done.set()
    press(qtbot, question(window), "Keep Open")
    qtbot.waitUntil(lambda: all(row.end is not None for row in window.jobs.jobs))


def test_cancelling_keeps_the_window_and_the_job(window, going, qtbot):
    window.close()

    press(qtbot, question(window), "Keep Open")

    assert window.isVisible()
    assert question(window) is None
    assert going.state is JobState.RUNNING


def test_agreeing_stops_the_job_and_closes(app, window, going, qtbot):
    window.close()

    press(qtbot, question(window), "Stop 1 Job and Close")

    assert app.sessions == []
    assert going.state is JobState.CANCELLED


@pytest.mark.parametrize("form", ["zip", "tar.zst"])
def test_a_window_that_closes_while_it_packs_leaves_nothing(app, window, qtbot, tmp_path, form):
    desk, target = app.sessions[0].desk, tmp_path / "target"
    run_dir = make_run(desk.home.runs_dir, "c" * 32)
    with (run_dir / "large").open("wb") as file:
        file.truncate(4 << 30)  # holes take no room, and seconds to pack
    target.mkdir()
    options = ExportOptions(format=form)
    desk.exporting.begin(ExportWanted((run_dir.name,), target / f"a.{form}", options))
    qtbot.waitUntil(lambda: any(target.iterdir()))  # the part file

    assert not window.close()
    press(qtbot, question(window), "Stop 1 Job and Close")

    assert app.sessions == []
    assert list(target.iterdir()) == []  # it did not go on until all was packed
    assert not (desk.home.path / "incoming").exists()


def test_a_job_that_has_ended_needs_no_question(app, window, going, qtbot):
    going.cancel()
    qtbot.waitUntil(lambda: window.jobs.jobs[0].end is not None)

    assert window.close()
    assert app.sessions == []


def test_the_end_of_the_program_does_not_ask(app, going):
    assert app.shutdown()

    assert going.state is JobState.CANCELLED


def test_in_the_background_the_window_is_away_until_the_job_is_done(
    app, window, qtbot, no_quitting
):
    is_done = threading.Event()
    job = begin(app, window, qtbot, is_done)
    window.close()

    press(qtbot, question(window), "Go On in Background")

    assert not window.isVisible()
    assert job.state is JobState.RUNNING
    assert not QApplication.quitOnLastWindowClosed()
    is_done.set()
    qtbot.waitUntil(lambda: app.sessions == [])
    assert job.state is JobState.DONE
    assert QApplication.quitOnLastWindowClosed()


def test_a_failure_in_the_background_brings_the_window_back(app, window, qtbot, no_quitting):
    is_done = threading.Event()
    begin(app, window, qtbot, is_done, Error("Cannot write paper.zip", hint="The disk is full."))
    window.close()
    press(qtbot, question(window), "Go On in Background")

    is_done.set()

    qtbot.waitUntil(window.isVisible)
    assert len(app.sessions) == 1
    assert "The disk is full." in window.jobs.jobs[0].look.text
    assert QApplication.quitOnLastWindowClosed()


def test_a_question_in_the_background_brings_the_window_back(
    app, window, going, qtbot, no_quitting
):
    window.close()
    press(qtbot, question(window), "Go On in Background")
    row = window.jobs.jobs[0]

    window.jobs.set_question(row, JobQuestion("passphrase for id_ed25519", "Enter…", lambda: None))

    assert window.isVisible()
    assert going.state is JobState.RUNNING


def test_no_button_of_the_question_is_cut(window, going):
    window.close()

    buttons = question(window).findChildren(QPushButton)
    assert [button.text() for button in buttons if button.width() < button.sizeHint().width()] == []
