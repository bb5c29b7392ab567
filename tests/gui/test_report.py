from __future__ import annotations

import faulthandler
import logging
import sys
import threading

import pytest
from PySide6.QtCore import qWarning
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from core.jobs import Job, JobQueue
from core.log_file import FAULT_NAME
from gui.dialogs.report_dialog import ReportDialog
from gui.job_bridge import JobBridge
from gui.report import MAX_KEPT, Reporter, about_lines
from gui.theme import Theme
from tests.support.patience import PATIENCE


@pytest.fixture
def reporter(qtbot, tmp_path):
    reporter = Reporter(tmp_path)
    yield reporter
    reporter.uninstall()


@pytest.fixture
def installed(reporter, monkeypatch):
    """A reporter in charge, with nobody before it who would fail the test."""
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)
    was_enabled = faulthandler.is_enabled()
    reporter.install()
    yield reporter
    reporter.uninstall()
    if was_enabled:
        faulthandler.enable()


def raised(message: str) -> ValueError:
    try:
        int(message)
    except ValueError as e:
        return e
    raise AssertionError(message)


def test_an_exception_nobody_caught_is_told_and_logged(installed, qtbot, caplog):
    error = raised("oops")

    with qtbot.waitSignal(installed.failed), caplog.at_level(logging.ERROR, "gui.report"):
        sys.excepthook(ValueError, error, error.__traceback__)

    (failure,) = installed.failures
    assert "ValueError: invalid literal" in failure.summary
    assert "in raised" in failure.details
    assert "oops" in caplog.text


def test_an_exception_in_a_thread_is_told(installed, qtbot):
    def work() -> None:
        raise raised("from a thread")

    with qtbot.waitSignal(installed.failed):
        thread = threading.Thread(target=work, name="reader")
        thread.start()
        thread.join()

    assert "reader" in installed.failures[0].summary


def test_an_interrupt_is_no_failure(installed, qtbot):
    with qtbot.assertNotEmitted(installed.failed, wait=20):
        sys.excepthook(KeyboardInterrupt, KeyboardInterrupt(), None)


def test_a_job_that_breaks_is_told_by_its_title(reporter, qtbot):
    queue = JobQueue()
    bridge = JobBridge(queue)
    bridge.broke.connect(reporter.report_job)

    with qtbot.waitSignal(reporter.failed):
        bridge.submit(Job("Read the moon", "x", lambda _: 1 / 0))

    assert reporter.failures[0].summary.startswith("Read the moon: ZeroDivisionError")
    assert queue.close(PATIENCE)


def test_equal_failures_are_counted_and_there_are_never_too_many(reporter, qtbot):
    same = raised("again")
    for _ in range(3):
        reporter.report("Draw", same)
    for number in range(2 * MAX_KEPT):
        reporter.report(f"Try {number}", raised(f"number {number}"))
    qtbot.waitUntil(lambda: len(reporter.failures) == MAX_KEPT)

    assert reporter.failures[0].count == 3


@pytest.mark.qt_log_ignore("a warning of Qt")
def test_what_qt_says_reaches_the_log_and_who_listened_before(reporter, qtlog, caplog):
    reporter.install()
    with caplog.at_level(logging.WARNING, "gui.qt"):
        qWarning("a warning of Qt")

    assert "a warning of Qt" in caplog.text
    assert [record.message for record in qtlog.records] == ["a warning of Qt"]


def test_the_hooks_are_put_back(reporter):
    before = (sys.excepthook, threading.excepthook)

    reporter.install()
    reporter.install()
    assert sys.excepthook != before[0]
    reporter.uninstall()

    assert (sys.excepthook, threading.excepthook) == before


def test_a_crash_would_be_written_to_the_state_directory(installed, tmp_path):
    assert faulthandler.is_enabled()
    assert (tmp_path / FAULT_NAME).read_text() == ""


def test_a_state_directory_that_cannot_be_made_is_no_obstacle(qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "excepthook", lambda *_: None)
    (tmp_path / "state").write_text("")
    reporter = Reporter(tmp_path / "state")
    before = sys.excepthook

    reporter.install()
    try:
        with qtbot.waitSignal(reporter.failed):
            sys.excepthook(ZeroDivisionError, ZeroDivisionError("by hand"), None)
    finally:
        reporter.uninstall()

    assert "by hand" in reporter.failures[0].summary
    assert sys.excepthook is before


@pytest.fixture
def dialog(reporter, qtbot):
    dialog = ReportDialog(reporter, Theme("light"), "/state/rundesk.log")
    qtbot.addWidget(dialog)
    return dialog


def test_one_dialog_collects_all_failures(reporter, dialog, qtbot):
    for number in range(3):
        reporter.report(f"Try {number}", raised(f"reason {number}"))
    qtbot.waitUntil(lambda: len(reporter.failures) == 3)

    text = dialog.details()

    assert all(f"reason {number}" in text for number in range(3))
    assert "/state/rundesk.log" in text
    assert all(line in text for line in about_lines())


def test_the_details_can_be_copied(reporter, dialog, qtbot):
    reporter.report("Try", raised("reason"))
    qtbot.waitUntil(lambda: bool(reporter.failures))

    dialog.findChild(QPushButton, "copyDetails").click()

    assert QGuiApplication.clipboard().text() == dialog.details()


def test_failures_that_were_seen_are_not_shown_again(reporter, dialog, qtbot):
    reporter.report("Try", raised("reason"))
    qtbot.waitUntil(lambda: bool(reporter.failures))

    dialog.done(0)

    assert reporter.failures == ()
