"""What every test shares: an offscreen Qt, a derandomised hypothesis in CI, a hunt for leaks."""

from __future__ import annotations

import os
import signal
import threading

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

# No example has a deadline, and none is too slow to be made: that would be the machine's fault.
LATE = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("ci", derandomize=True, print_blob=True, **LATE)
settings.register_profile("local", **LATE)
settings.load_profile("ci" if os.environ.get("CI") else "local")

pytest_plugins = [
    # First: the others import these two, and their asserts are to be rewritten.
    "tests.support.patience",  # its qtbot takes the place of pytest-qt's
    "tests.support.peer",
    "tests.support.application",
    "tests.support.command_line",
    "tests.support.run_tables",  # before those that import it
    "tests.support.comparisons",
    "tests.support.desktop",
    "tests.support.directory_ways",
    "tests.support.guild_session",
    "tests.support.guild_store",
    "tests.support.ordinary_user",
    "tests.support.other_disk",
    "tests.support.plot_pages",
    "tests.support.plotted",
    "tests.support.processes",
    "tests.support.ssh_server",
    "tests.support.ssh_client",
    "tests.support.ssh_account",
    "tests.support.odd_agent",
    "tests.support.odd_server",
    "tests.support.connections",  # on top of the server
    "tests.support.far_box",
    "tests.support.tabs",
    "tests.support.two_homes",
]

# A shell ignores Ctrl+C for what it starts in the background, and everything below inherits that.
signal.signal(signal.SIGINT, signal.default_int_handler)

IN_CI = bool(os.environ.get("CI"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """In CI a skipped test is a failure: nothing may pass there by not being run."""
    report = yield
    return fail_if_skipped(report)


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector):
    """The same for a whole module that skips itself."""
    report = yield
    return fail_if_skipped(report)


def fail_if_skipped(report):
    """The report, turned into a failure where it says "skipped" and nobody expected a failure."""
    if IN_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"A test may not be skipped in CI. {reason}"
    return report


@pytest.fixture(autouse=True)
def no_stray_threads():
    """Fail a test that leaves one of our worker threads running."""
    yield
    strays = [t.name for t in threading.enumerate() if t.name.startswith("lane-")]
    assert not strays


@pytest.fixture(autouse=True)
def no_stray_widgets(request):
    """Fail a test that leaves a visible window or an active timer of ours behind."""
    yield
    if "qtbot" not in request.fixturenames:
        return
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance()
    left = [w for w in app.topLevelWidgets() if w.isVisible()] if app else []
    assert not left


@pytest.fixture(autouse=True)
def no_held_keys(request):
    """Let go of Shift and Ctrl, which Qt takes for held after a click that was made with them."""
    yield
    if "qtbot" not in request.fixturenames:
        return
    from PySide6.QtCore import Qt
    from PySide6.QtGui import QGuiApplication, QWindow
    from PySide6.QtTest import QTest

    if QGuiApplication.keyboardModifiers() != Qt.KeyboardModifier.NoModifier:
        QTest.keyRelease(QWindow(), Qt.Key.Key_Shift)
    assert QGuiApplication.keyboardModifiers() == Qt.KeyboardModifier.NoModifier
