"""One window from its opening to its end: which home it shows, and its own queue of jobs."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

from core.archives.archive_name import is_archive_name
from core.directories import Directories
from core.errors import Error
from core.home import Home
from core.jobs import JobQueue
from core.log_file import LogFile
from core.scratch import Scratch
from gui.actions import specs
from gui.desk import Desk
from gui.desk_look import DeskLook
from gui.desk_state import take_over
from gui.file_manager import open_path
from gui.job_bridge import JobBridge
from gui.main_window import MainWindow
from gui.models.places_model import Place
from gui.places.list_actions import ListActions
from gui.places.place_catalogue import RUNS, TRASH, recent_places
from gui.places.place_menu import PlaceMenu
from gui.remotes.remote_desk import RemoteDesk
from gui.report import Reporter
from gui.services import Services
from gui.settings_file import SettingsFile
from gui.startup.home_opener import HomeOpener
from gui.startup.imports_ahead import ImportsAhead
from gui.startup.sample_home import SampleHome
from gui.theme import Theme
from gui.views.sidebar.place_drops import PlaceDrop
from gui.views.status_line import short_path
from gui.window_actions import WindowActions
from gui.window_state import WindowState

CLOSE_SECONDS = 10.0

_ON_HOME = (
    *("home.open-folder", "home.copy-path", "view.columns", "view.refresh", "view.filter"),
    *("view.largest-first", "view.runs", "view.plots"),
    *("view.clear-filter", "view.this-computer", "view.trash", "help.filter"),
)

log = logging.getLogger(__name__)


class Shared(Struct, frozen=True):
    """What all windows of the program share.

    Attributes:
        directories: The application's own files.
        theme: Colours and icons.
        settings: What the user decided for all homes.
        window_state: What windows looked like.
        log_file: The log.
        reporter: Hears of unexpected failures.
        sample: The sample store, when it was asked for.
        open_window: Shows a home in another window.
    """

    directories: Directories
    theme: Theme
    settings: SettingsFile
    window_state: WindowState
    log_file: LogFile
    reporter: Reporter
    sample: SampleHome
    open_window: Callable[[Home | None], None]


class WindowSession(QObject):
    """A window and the home in it.

    Attributes:
        window: The window.
        desk: The open home; None without one.
        opener: Finds homes to open.

    Signals:
        home_changed: The window shows another home.
        ended: The window is closed and its jobs have ended.
    """

    home_changed = Signal()
    ended = Signal()

    def __init__(self, shared: Shared) -> None:
        super().__init__()
        self._shared = shared
        self._queue = JobQueue()
        bridge = JobBridge(self._queue, self)
        bridge.broke.connect(shared.reporter.report_job)
        self._services = Services(bridge, shared.theme, shared.directories)
        self.window = MainWindow(self._services)
        self.desk: Desk | None = None
        self._look: DeskLook | None = None
        self.opener = HomeOpener(bridge, shared.sample, self.window)
        self._window_actions = WindowActions(
            self.window, self._services, shared.settings, shared.log_file
        )
        self._place_menu = PlaceMenu(self.window, self.opener, self._forget_home, self)
        self._list_actions = ListActions(self.window, shared.settings, self)
        self._scratch = Scratch(shared.directories.cache / "scratch")
        self.remote_desk = RemoteDesk(
            self.window, self._services, shared.settings, self._scratch, self
        )
        self._imports = ImportsAhead(bridge, self)
        self._is_ended = False
        self._connect()
        self._show_recent()

    @property
    def home(self) -> Home | None:
        """The home that is shown."""
        return self.desk.home if self.desk else None

    # Life

    def start(self, home: Home | None, *, is_awaited: bool = False) -> None:
        """Open the window with a home, or with what to do without one.

        Args:
            home: The home; None for none.
            is_awaited: It is not there yet, and that is no problem.
        """
        state = self._shared.window_state.of_home(home.path if home else None)
        take_over(self.window, state)
        self.window.show_state(state)
        if home is None:
            self._show_no_home()
        else:
            self.open_home(home, is_awaited=is_awaited)
        self.window.show()
        self.window.focus_runs()
        self.remote_desk.start()

    @Slot(object)
    def open_home(self, home: Home, *, is_awaited: bool = False) -> None:
        """Show a home in place of the one that is shown."""
        self.window.centre.notices.drop("open")
        if self.home == home:
            return
        self._close_desk()
        self._enable_home_actions(is_open=True)
        settings = self._shared.settings
        self.desk = Desk(
            home, self.window, self._services, lambda: settings.value.lists, self._scratch, self
        )
        self.desk.filter_changed.connect(self._on_view_changed)
        self.desk.filter_box.field.textChanged.connect(self._on_view_changed)
        self.window.setWindowTitle(f"{home.name} — Rundesk")
        is_sample = self._shared.sample.holds(home)
        self.window.status.show_home(home.path, Path.home(), is_sample=is_sample)
        if not is_awaited and not is_sample:
            self._shared.window_state.add_recent_home(home.path, settings.value.recent_homes)
        self._show_recent()
        state = self._shared.window_state.of_home(home.path)
        self.remote_desk.enter(self.desk, state)
        self.desk.importing.home_wanted.connect(lambda path: self.opener.open_folders([path]))
        desk = self.desk
        desk.feed.settled.connect(lambda: self._imports.start(len(desk.runs.columns)))
        self.desk.start(state, is_awaited=is_awaited)
        self._look = DeskLook(desk, self.window, state, self._services.bridge)
        self.home_changed.emit()

    @Slot(list)
    def take(self, paths: list[Path]) -> None:
        """Preview what was dropped as an import; without a home, open the one that was dropped."""
        if self.desk is not None:
            self.desk.importing.preview(paths)
            return
        if any(map(is_archive_name, paths)):
            sentence = "Open a home first: the runs of an archive are imported into one."
            self.window.centre.notices.say("open", sentence)
        else:
            self.opener.open_folders(paths)

    def raise_window(self) -> None:
        """Bring the window to the front, also one that was away until its jobs are done."""
        window = self.window
        window.close_question.come_back()
        window.setWindowState(window.windowState() & ~Qt.WindowState.WindowMinimized)
        window.show()
        window.raise_()
        window.activateWindow()
        QApplication.alert(window)

    def end(self) -> None:
        """Remember what is shown and end all work of the window."""
        if self._is_ended:
            return
        self._is_ended = True
        self._imports.close()
        home = self.home
        state = self._shared.window_state.of_home(home.path if home else None)
        state.write_all(self.window.look())
        far, here = self._close_desk(), self.window.changers.close()
        if not self._queue.close(CLOSE_SECONDS):
            log.warning("Still busy at the end: %s", [job.title for job in self._queue.active()])
        self.remote_desk.close()
        self._scratch.close()
        left = here()
        for path in left:
            self._shared.window_state.note_going(path, "")
        if home is not None:
            left[home.path] = " ".join(filter(None, (left.get(home.path), far())))
        for path, sentence in left.items():
            if sentence:
                log.warning("%s: %s", path, sentence)
                self._shared.window_state.of_home(path).write_own("left", sentence)
        self.window.deleteLater()
        self.ended.emit()

    def _close_desk(self) -> Callable[[], str]:
        """Take the home out; see `RemoteDesk.leave` for what is returned."""
        desk, self.desk = self.desk, None
        if desk is None:
            return str
        far = self.remote_desk.leave()
        desk.close(self._shared.window_state.of_home(desk.home.path))
        if self._look is not None:
            self._look.close()
        return far

    def _connect(self) -> None:
        window, actions = self.window, self.window.actions_by_id
        window.closing.connect(self.end)
        window.changers.going.connect(self._shared.window_state.note_going)
        window.folders_dropped.connect(self.take)
        window.places.home_chosen.connect(self._on_home_chosen)
        window.places.dropped.connect(self._on_dropped)
        self._place_menu.archive_action.connect(self._on_archive_action)
        window.recent_menu.aboutToShow.connect(self._fill_recent_menu)
        self.opener.found.connect(self.open_home)
        self.opener.found_beside.connect(self._shared.open_window)
        self.opener.began.connect(lambda text: window.centre.notices.say("open", text, "info"))
        self.opener.failed.connect(self._on_trouble)
        self._shared.settings.changed.connect(self._on_settings_changed)
        self._shared.settings.failed.connect(self._on_trouble)
        actions.on("home.open", lambda: self.opener.choose(self._near()))
        actions.on("home.open-window", lambda: self.opener.choose_beside(self._near()))
        actions.on("home.open-sample", self.opener.open_sample)
        actions.on("home.open-folder", self._open_home_folder)
        actions.on("home.copy-path", self._copy_home_path)
        actions.on("view.columns", self._on_desk(lambda desk: desk.front.choose_columns()))
        actions.on(
            "view.largest-first", self._on_desk(lambda desk: desk.front.show_largest_first())
        )
        actions.on("view.refresh", self._on_desk(lambda desk: desk.front.look_now()))
        actions.on("view.filter", self._on_desk(lambda desk: desk.front.filter_box.start_typing()))
        actions.on("help.filter", self._on_desk(lambda desk: desk.front.filter_box.show_help()))
        actions.on("view.clear-filter", self._on_desk(lambda desk: desk.front.clear_filter()))
        actions.on("view.this-computer", self._on_desk(lambda desk: desk.navigation.go(RUNS)))
        actions.on("view.trash", self._on_desk(lambda desk: desk.navigation.go(TRASH)))

    def _on_desk(self, do: Callable[[Desk], None]) -> Callable[[], None]:
        """A function that does something with the open home, if there is one by then."""

        def act() -> None:
            if self.desk is not None:
                do(self.desk)

        return act

    def _enable_home_actions(self, *, is_open: bool) -> None:
        """Commands on runs are off here; the desk turns on what the selected runs allow."""
        for id_ in _ON_HOME:
            self.window.actions_by_id[id_].setEnabled(is_open)
        for spec in specs():
            if spec.id.startswith(("run.", "edit.", "tag.", "archive.", "compare.")):
                self.window.actions_by_id[spec.id].setEnabled(False)

    # Homes

    def _near(self) -> Path | None:
        return self.home.path.parent if self.home else None

    def _open_home_folder(self) -> None:
        if self.home is not None and not open_path(self.home.path):
            self.window.centre.notices.say("desk", f"No program could open {self.home.path}.")

    def _copy_home_path(self) -> None:
        if self.home is not None:
            QGuiApplication.clipboard().setText(str(self.home.path))

    def _recent(self) -> list[Path]:
        return self._shared.window_state.recent_homes(self._shared.settings.value.recent_homes)

    def _show_recent(self) -> None:
        current = self.home.path if self.home else None
        self.window.places_model.show(recent_places(self._recent(), current, Path.home()))

    def _forget_home(self, path: Path) -> None:
        self._shared.window_state.drop_recent_home(path)
        self._show_recent()

    def _fill_recent_menu(self) -> None:
        menu = self.window.recent_menu
        menu.clear()
        others = [path for path in self._recent() if self.home is None or path != self.home.path]
        for path in others:
            text = short_path(path, Path.home()).replace("&", "&&")
            menu.addAction(text, partial(self.opener.open_folders, [path]))
        if not others:
            menu.addAction("No other home").setEnabled(False)

    def _show_no_home(self) -> None:
        self._enable_home_actions(is_open=False)
        actions = self.window.actions_by_id
        self.window.centre.empty.show_state(
            "home",
            "No home is open",
            "Open a Guild home, or a project that has one. You can also drop a folder here.",
            [actions["home.open"], actions["home.open-sample"]],
        )

    # Slots

    @Slot(object)
    def _on_home_chosen(self, place: Place) -> None:
        self.opener.open_folders([Path(place.key)])

    @Slot(object)
    def _on_dropped(self, drop: PlaceDrop) -> None:
        """Runs of an archive are imported, files too, or they become places: that is asked."""
        runs = drop.runs
        if runs is not None and (drop.remote or runs.remote):
            self.remote_desk.take(drop)
            return
        if self.desk is not None and runs is not None and runs.file is not None:
            self.desk.importing.preview_some(runs.file, runs.ids)
        elif self.desk is None or drop.is_for_home:
            self.take(list(drop.paths))
        else:
            menu = self._place_menu.make_drop_menu(drop)
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(drop.position)

    @Slot(str, object)
    def _on_archive_action(self, what: str, archive: Path) -> None:
        if self.desk is None:
            return
        archives, importing = self.desk.archives, self.desk.importing
        if what == "close":
            archives.close(archive)
        elif what == "import":
            importing.preview([archive])
        else:
            archives.open([archive])

    @Slot(object)
    def _on_trouble(self, error: Error) -> None:
        self.window.centre.notices.say("open", error.told)

    @Slot()
    def _on_view_changed(self) -> None:
        if self.desk is not None:
            self._list_actions.show_text(self.desk.front.filter_box.text())

    @Slot()
    def _on_settings_changed(self) -> None:
        if self.desk is not None:
            self.desk.show_lists()
        self._show_recent()
