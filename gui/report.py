"""Unexpected failures: each is logged, none is lost, and one dialog collects them all.

Why one dialog for many: a mistake in code that draws is repeated with every frame, and a dialog
for each would bury the window. Equal failures are counted, not listed again.
"""

from __future__ import annotations

import faulthandler
import logging
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import IO

from msgspec import Struct
from msgspec.structs import replace
from PySide6 import __version__ as pyside_version
from PySide6.QtCore import (
    QMessageLogContext,
    QObject,
    Qt,
    QtMsgType,
    Signal,
    Slot,
    qInstallMessageHandler,
    qVersion,
)

from core.jobs import Job
from core.log_file import FAULT_NAME
from core.version import program_version

log = logging.getLogger(__name__)
qt_log = logging.getLogger("gui.qt")

MAX_KEPT = 50

_LEVELS = {
    QtMsgType.QtDebugMsg: logging.DEBUG,
    QtMsgType.QtInfoMsg: logging.INFO,
    QtMsgType.QtWarningMsg: logging.WARNING,
    QtMsgType.QtCriticalMsg: logging.ERROR,
    QtMsgType.QtFatalMsg: logging.CRITICAL,
}


class Failure(Struct, frozen=True):
    """One unexpected exception.

    Attributes:
        summary: One line: what was done, and the exception.
        details: The traceback.
        count: How often it came.
    """

    summary: str
    details: str
    count: int = 1


class Reporter(QObject):
    """Hears of every exception nobody caught, on whichever thread.

    Args:
        state_dir: Where the interpreter's own crash report goes.
        parent: Owner.

    Attributes:
        failures: What happened so far, oldest first, equal ones counted.

    Signals:
        failed: `failures` changed; always on the GUI thread.
    """

    failed = Signal()
    _caught = Signal(object)

    def __init__(self, state_dir: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.failures: tuple[Failure, ...] = ()
        self._state_dir = state_dir
        self._fault_file: IO[str] | None = None
        self._before = sys.excepthook
        self._restore: list[Callable[[], object]] = []
        self._caught.connect(self._on_caught, Qt.ConnectionType.QueuedConnection)

    def install(self) -> None:
        """Take over the hooks of Python and Qt until `uninstall`."""
        if self._restore:
            return
        self._before = sys.excepthook
        before_in_thread = threading.excepthook
        sys.excepthook = self._on_exception
        threading.excepthook = self._on_exception_in_thread
        self._restore = [
            lambda: setattr(sys, "excepthook", self._before),
            lambda: setattr(threading, "excepthook", before_in_thread),
            _log_qt_messages(),
        ]
        self._open_fault_file()

    def uninstall(self) -> None:
        """Put the hooks back that were there before."""
        for restore in self._restore:
            restore()
        self._restore = []
        if self._fault_file is not None:
            faulthandler.disable()
            self._fault_file.close()
            self._fault_file = None

    def report(self, attempt: str, error: BaseException) -> None:
        """Log an exception and tell of it; may be called from any thread."""
        lines = traceback.format_exception(error)
        log.error("%s", attempt, exc_info=error)
        summary = f"{attempt}: {type(error).__name__}: {error}".splitlines()[0]
        self._caught.emit(Failure(summary, "".join(lines)))

    def report_job(self, job: Job) -> None:
        """Tell of a job that ended by a mistake of ours; it was logged by the job itself."""
        if job.error is not None:
            self.report(job.title, job.error)

    def clear(self) -> None:
        """Forget the failures: the user has seen them."""
        self.failures = ()

    @Slot(object)
    def _on_caught(self, failure: Failure) -> None:
        known = {(kept.summary, kept.details): kept for kept in self.failures}
        key = (failure.summary, failure.details)
        if key in known:
            known[key] = replace(known[key], count=known[key].count + 1)
        elif len(known) < MAX_KEPT:
            known[key] = failure
        self.failures = tuple(known.values())
        self.failed.emit()

    def _on_exception(
        self,
        kind: type[BaseException],
        error: BaseException,
        trace: TracebackType | None,
    ) -> None:
        if not issubclass(kind, KeyboardInterrupt):
            self.report("Something unexpected happened", error)
        self._before(kind, error, trace)  # who started us from a terminal sees it there, too

    def _on_exception_in_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not issubclass(args.exc_type, SystemExit):
            name = args.thread.name if args.thread else "a thread"
            self.report(f"Something unexpected happened in {name}", args.exc_value)

    def _open_fault_file(self) -> None:
        try:
            self._state_dir.mkdir(parents=True, exist_ok=True)
            self._fault_file = (self._state_dir / FAULT_NAME).open("a", encoding="utf-8")
        except OSError as e:
            log.warning("No crash report can be written: %s", e)
            return
        faulthandler.enable(self._fault_file)


def about_lines() -> list[str]:
    """What a report of a fault must say about the program and the machine."""
    import platform

    return [
        f"Rundesk {program_version()}",
        f"Python {platform.python_version()} ({sys.executable})",
        f"Qt {qVersion()}, PySide6 {pyside_version}",
        f"{platform.platform()}",
    ]


def _log_qt_messages() -> Callable[[], object]:
    """Log what Qt says, as well as whoever listened before; returns what ends that."""

    def hear(kind: QtMsgType, context: QMessageLogContext, message: str | None) -> None:
        level = _LEVELS.get(kind, logging.WARNING)
        qt_log.log(level, "%s: %s", context.category or "default", message)
        if before is not None:
            before(kind, context, message or "")
        elif level >= logging.WARNING and sys.stderr is not None:
            sys.stderr.write(f"{message}\n")

    before = qInstallMessageHandler(hear)
    return lambda: qInstallMessageHandler(before)
