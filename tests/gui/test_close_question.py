from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QLabel, QPushButton

from core.jobs import Job, JobState

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def app(open_app, sample_home):
    app = open_app(sample_home)
    app.window.show()
    return app


@pytest.fixture
def window(app):
    return app.window


@pytest.fixture
def going(app, window, qtbot) -> Job:
    """A job of the user's that goes on until it is stopped."""

    def work(context):
        while True:
            context.sleep(0.02)

    job = Job("Export 12 runs to paper.zip", "test", work)
    window.jobs.follow(job, "export")
    app.sessions[0]._services.bridge.submit(job)
    qtbot.waitUntil(lambda: job.state is JobState.RUNNING)
    return job


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
    assert going.state is JobState.RUNNING
    assert len(app.sessions) == 1
    assert not window.close()  # asking twice opens no second question
    assert len(window.findChildren(QDialog, "closeQuestion")) == 1


def test_cancelling_keeps_the_window_and_the_job(window, going, qtbot):
    window.close()

    press(qtbot, question(window), "Cancel")

    assert window.isVisible()
    assert question(window) is None
    assert going.state is JobState.RUNNING


def test_agreeing_stops_the_job_and_closes(app, window, going, qtbot):
    window.close()

    press(qtbot, question(window), "Stop 1 Job and Close")

    assert app.sessions == []
    assert going.state is JobState.CANCELLED


def test_a_job_that_has_ended_needs_no_question(app, window, going, qtbot):
    going.cancel()
    qtbot.waitUntil(lambda: window.jobs.jobs[0].end is not None)

    assert window.close()
    assert app.sessions == []


def test_the_end_of_the_program_does_not_ask(app, going):
    assert app.shutdown()

    assert going.state is JobState.CANCELLED
