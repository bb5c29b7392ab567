"""The composition root: makes the services, opens windows, ends everything in order.

Why a queue for each window: jobs of one home must not wait for the first index of another one.
Settings, colours and the log are shared by all windows of the program.
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QTimer
from PySide6.QtGui import QIcon, QPixmap
from PySide6.QtWidgets import QApplication

from core.archives.archive_name import is_archive_name
from core.claim import Claim
from core.directories import Directories
from core.errors import Error
from core.home import Home
from core.jobs import JobQueue
from core.log_file import LogFile, take_fault
from gui.job_bridge import JobBridge
from gui.report import Reporter
from gui.settings_file import SettingsFile
from gui.startup.collector import Collector
from gui.startup.first_home import first_home
from gui.startup.sample_home import SampleHome
from gui.startup.single_instance import Call, SingleInstance, server_name
from gui.theme import Theme
from gui.window_session import Shared, WindowSession
from gui.window_state import WindowState

if TYPE_CHECKING:
    from gui.dialogs.report_dialog import ReportDialog

APP_ID = "io.github.rundesk.Rundesk"
CLOSE_SECONDS = 10.0
LISTEN_MS = 250
"""After so long a window hears of further starts: its rows come first."""

log = logging.getLogger(__name__)


class App:
    """The application around the event loop, which is left to the caller.

    Args:
        home: Home of the first window; None finds one by Guild's rules, or the one used last.
        config_dir: Keeps settings, cache and log below this directory; None is the user's own.
        problem: Sentence to show in the first window; empty for none.
        claimed: Where further starts on that home are waiting already; None listens later.

    Attributes:
        qt: The QApplication, made if there was none.
        window: The first main window.
    """

    def __init__(
        self,
        home: Path | None,
        config_dir: Path | None,
        problem: str = "",
        claimed: Claim | None = None,
    ) -> None:
        self.qt = make_qt_application()
        self._collector = Collector()
        directories = Directories.within(config_dir) if config_dir else Directories.of_user()
        self._queue = JobQueue()
        bridge = JobBridge(self._queue)
        settings = SettingsFile(directories.config, bridge)
        self._log_file = LogFile(directories.state, settings.value.log_level)
        self._log_file.start()
        fault = take_fault(directories.state)
        self.reporter = Reporter(directories.state)
        self.reporter.install()
        self.reporter.failed.connect(self._show_report)
        bridge.broke.connect(self.reporter.report_job)
        scheme = settings.value.scheme
        theme = Theme(None if scheme == "system" else scheme)
        theme.dress(self.qt)
        self.shared = Shared(
            directories,
            theme,
            settings,
            WindowState(directories.config),
            self._log_file,
            self.reporter,
            SampleHome(directories.cache / "scratch"),
            self.open_window,
        )
        settings.changed.connect(self._on_settings_changed)
        self.sessions: list[WindowSession] = []
        self._report: ReportDialog | None = None
        self._is_shut_down = False
        self._claimed = claimed
        first = first_home(home, self.shared.window_state)
        self.window = self._open(first.home, is_awaited=first.is_awaited).window
        self._say_at_start(
            [problem, first.problem, *settings.problems, self._log_file.problem], fault
        )

    def run(self) -> int:
        """Enter the event loop until the last window is closed; returns the exit status."""
        return self.qt.exec()

    def open_folder(self, folder: Path) -> None:
        """Show the home that a folder means in a window of its own."""
        if self.sessions:
            self.sessions[0].opener.open_beside(folder)

    def choose_home(self) -> None:
        """Ask for a home to show in the first window."""
        if self.sessions:
            self.sessions[0].window.actions_by_id["home.open"].trigger()

    def preview(self, paths: Sequence[Path]) -> None:
        """Show in the first window what an import of these places would bring."""
        if self.sessions:
            self.sessions[0].take(list(paths))

    def open_window(self, home: Home | None) -> None:
        """Show a home in a window of its own, or raise the one that shows it already."""
        for session in self.sessions:
            if home is not None and session.home == home:
                session.raise_window()
                return
        self._open(home)

    def shutdown(self) -> bool:
        """Close all windows and end all work; False when some work would not end in time."""
        if self._is_shut_down:
            return True
        self._is_shut_down = True
        if self._report is not None:
            self._report.close()
        for session in list(self.sessions):
            session.window.close_question.agree()
            session.window.close()
        try:
            self.shared.settings.flush()
        except Error:
            log.exception("The settings are lost")
        ended = self._queue.close(CLOSE_SECONDS)
        if self._claimed is not None:
            self._claimed.close()
        if (sample := self.shared.sample.home) is not None:
            self.shared.window_state.forget_home(sample.path)
        self.shared.sample.close()
        self.shared.window_state.sync()
        self._collector.close()
        self.reporter.uninstall()
        self._log_file.close()
        return ended

    def _open(self, home: Home | None, *, is_awaited: bool = False) -> WindowSession:
        session = WindowSession(self.shared)
        self.sessions.append(session)
        instance = SingleInstance(session)
        session.ended.connect(lambda: self._on_session_ended(session))
        session.ended.connect(instance.close)
        listening = QTimer(instance, singleShot=True, interval=LISTEN_MS)
        listening.timeout.connect(lambda: self._listen(session, instance))
        session.home_changed.connect(listening.start)
        session.ended.connect(listening.stop)
        instance.called.connect(lambda call: self._on_called(session, call))
        session.start(home, is_awaited=is_awaited)
        if home is None:
            listening.start()
        return session

    def _listen(self, session: WindowSession, instance: SingleInstance) -> None:
        home = session.home.path if session.home else None
        name, claimed = server_name(self.shared.directories.config, home), self._claimed
        self._claimed = None
        if claimed is not None and claimed.path.name == name:
            is_heard = instance.adopt(claimed)
        else:
            is_heard = instance.listen(name)
        if claimed is not None:
            claimed.close()  # of another home, where that was opened meanwhile
        if not is_heard:
            log.warning("Another start on this home will open a second window")

    def _on_called(self, session: WindowSession, call: Call) -> None:
        session.raise_window()
        archives = [path for path in call.folders if is_archive_name(path)]
        if archives:
            session.take(archives)
        for folder in call.folders:
            if not is_archive_name(folder):
                session.opener.open_beside(folder)
        if call.is_choosing:
            session.window.actions_by_id["home.open-window"].trigger()

    def _on_session_ended(self, session: WindowSession) -> None:
        if session in self.sessions:
            self.sessions.remove(session)
            session.deleteLater()
            QTimer.singleShot(0, self._collector, self._collector.collect_all)

    def _say_at_start(self, sentences: Sequence[str], fault: str) -> None:
        notices = self.window.centre.notices
        for number, sentence in enumerate(filter(None, sentences)):
            notices.say(f"start-{number}", sentence)
        if fault:
            log.error("The last program crashed:\n%s", fault)
            open_log = self.window.actions_by_id["help.log"].trigger
            sentence = "Rundesk ended unexpectedly the last time; your runs are not affected."
            notices.say("crash", sentence, "warning", "Open Log Folder", open_log)

    def _show_report(self) -> None:
        """Show the failures in the one dialog there is for them; it follows further ones."""
        if self._report is not None or not self.sessions:
            return
        from gui.dialogs.report_dialog import ReportDialog

        self._report = ReportDialog(
            self.reporter, self.shared.theme, str(self._log_file.path), self.sessions[0].window
        )
        self._report.finished.connect(self._on_report_closed)
        self._report.show()

    def _on_report_closed(self) -> None:
        if self._report is not None:
            self._report.deleteLater()
            self._report = None

    def _on_settings_changed(self) -> None:
        scheme = self.shared.settings.value.scheme
        self.shared.theme.force(None if scheme == "system" else scheme)


def make_qt_application(argv: Sequence[str] = ()) -> QApplication:
    """The application object, made if there was none."""
    running = QApplication.instance()
    if isinstance(running, QApplication):
        return running
    app = QApplication([*(argv or sys.argv[:1])])
    app.setApplicationName("rundesk")
    app.setApplicationDisplayName("Rundesk")
    app.setDesktopFileName(APP_ID)
    app.setWindowIcon(_app_icon())
    return app


def _app_icon() -> QIcon:
    icon = QIcon()
    for size in (32, 128):  # more sizes cost start-up time, and every desktop scales from these
        pixmap = QPixmap()
        data = resources.files("resources").joinpath("icons", f"app-{size}.png").read_bytes()
        pixmap.loadFromData(QByteArray(data))
        icon.addPixmap(pixmap)
    return icon


def quit_when_interrupted(app: QApplication) -> QTimer:
    """Let Ctrl+C in the terminal end the program, whatever goes on, without a question.

    Keep the timer as long as that is wanted.
    """
    import signal

    signal.signal(signal.SIGINT, lambda *_: app.exit())
    signal.signal(signal.SIGTERM, lambda *_: app.exit())
    timer = QTimer(interval=500)  # Python runs signal handlers only between its own steps
    timer.timeout.connect(lambda: None)
    timer.start()
    return timer
