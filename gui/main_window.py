"""The main window: toolbar, places, runs, details, status bar; what they show is the desk's.

Why splitters and no docks: three panes that never float need no title bars, and a pane is hidden
and shown by one key.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QKeyEvent
from PySide6.QtWidgets import (
    QMainWindow,
    QMenu,
    QSizePolicy,
    QSplitter,
    QToolBar,
    QVBoxLayout,
    QWidget,
)

from gui.action_set import ActionSet, fill_menu_bar, fill_toolbar
from gui.changing.changer_shelf import ChangerShelf
from gui.jobs.close_question import CloseQuestion
from gui.jobs.job_actions import JobActions
from gui.jobs.job_list import JobList
from gui.models.places_model import PlacesModel
from gui.naming import named
from gui.services import Services
from gui.views.centre import Centre
from gui.views.details.details import Details
from gui.views.jobs.jobs_panel import JobsPanel
from gui.views.menu_key import ask_for_menu, is_menu_key
from gui.views.overflow_button import dress_overflow
from gui.views.pane_splitter import PaneSplitter
from gui.views.return_key import press_by_return
from gui.views.sidebar.places import PlacesView
from gui.views.status_line import StatusLine
from gui.views.undo_bar import UndoBar
from gui.window_state import HomeState, geometry_of, splitter_of

USUAL_SIZE = QSize(1280, 800)
_DETAILS_WIDTH = 22  # times the height of a line
_PANES = {"toolbar": "true", "places": "true", "details": "true", "jobs": "false"}
"""Whether each is shown at the first start."""


class MainWindow(QMainWindow):
    """The frame and its panes. Knows no home: a desk is put into it.

    Args:
        services: Shared services.

    Attributes:
        actions_by_id: Every action.
        places_model: What the places show.
        places: The places on the left.
        centre: Filter, sentences and table.
        undo_bar: Floats above the table after runs were changed.
        changers: What changes the runs of each home that was open here.
        jobs: The jobs that the user asked for in this window.
        jobs_panel: Shows them below the runs.
        job_actions: What can be done about them.
        close_question: Is asked before the window closes.
        details: About the current run.
        status: The status bar.
        recent_menu: Filled by whoever knows the recent homes.

    Signals:
        closing: The window is about to close; its state can still be read.
        folders_dropped: Folders were dropped on the window (a list of paths).
    """

    closing = Signal()
    folders_dropped = Signal(list)

    def __init__(self, services: Services) -> None:
        super().__init__()
        self.setObjectName("mainWindow")
        self.setWindowTitle("Rundesk")
        self.setAcceptDrops(True)
        self.actions_by_id = ActionSet(services.theme, self)
        self.places_model = PlacesModel(self)
        self.places = PlacesView(self.places_model, services.theme)
        self.centre = Centre(
            services, self.actions_by_id["list.save"], self.actions_by_id["view.columns"]
        )
        self.undo_bar = UndoBar(services.theme, self.centre, self.focus_runs)
        self.jobs = JobList(services.bridge, self)
        self.changers = ChangerShelf(services.bridge, self.undo_bar, self)
        self.jobs_panel = JobsPanel(
            self.jobs,
            services.theme,
            self.actions_by_id["job.limit"],
            self.actions_by_id["job.clear"],
            self.actions_by_id["view.toggle-jobs"],
        )
        self.details = Details(services)
        self.status = StatusLine()
        self.toolbar = self._make_toolbar(services)
        self.recent_menu: QMenu = fill_menu_bar(self.menuBar(), self.actions_by_id)["recent"]
        self.setStatusBar(self.status)
        self._places_pane = named(QWidget(), "placesPane")
        self._middle = self._make_middle()
        self.splitter = self._make_splitter()
        self.setCentralWidget(self.splitter)
        self.job_actions = JobActions(
            self.actions_by_id, self.jobs, self.jobs_panel, self.status, self
        )
        self.close_question = CloseQuestion(self.jobs, services.theme, self)
        self._connect()
        self.setMinimumSize(QSize(640, 400))

    def show_state(self, state: HomeState) -> None:
        """Be where and as large as the last time."""
        state.restore_geometry(self, USUAL_SIZE)
        if not state.restore_splitter(self.splitter):
            places, details = self._usual_widths()
            self.splitter.setSizes([places, max(1, self.width() - places - details), details])
        self.splitter.wanted = self._wanted_widths(state)
        self.splitter.share()
        if not state.restore_splitter(self._middle):
            height = self.jobs_panel.usual_height()
            self._middle.setSizes([max(1, self.height() - height), height])
        self.details.set_choices(state.read_map("details"))
        for name, usually in _PANES.items():
            is_on = state.read(f"panes/{name}", usually) != "false"
            self.actions_by_id[f"view.toggle-{name}"].setChecked(is_on)
            self._show_pane(name, is_on)

    def look(self) -> dict[str, str]:
        """Where it is, how large and set up how, by the names `show_state` reads."""
        toggles = {name: self.actions_by_id[f"view.toggle-{name}"] for name in _PANES}
        shown = {name: "true" if toggle.isChecked() else "false" for name, toggle in toggles.items()}
        return {
            **geometry_of(self),
            **splitter_of(self.splitter),
            **splitter_of(self._middle),
            "panes/widths": " ".join(map(str, self.splitter.wanted)),
            "details": json.dumps(self.details.choices()),
            **{f"panes/{name}": is_on for name, is_on in shown.items()},
        }

    def step_pane(self, by: int) -> None:
        """Move the focus to the next visible pane, or the one before, round the ends."""
        panes = self._panes()
        focus = self.focusWidget()
        inside = [pane is focus or pane.isAncestorOf(focus) for pane in panes] if focus else []
        here = inside.index(True) if True in inside else -min(by, 0) - 1
        for step in range(1, len(panes) + 1):
            if _focus_in(panes[(here + by * step) % len(panes)]):
                return

    def focus_details(self) -> None:
        """Show the details and put the focus there."""
        self.actions_by_id["view.toggle-details"].setChecked(True)
        _focus_in(self.details)

    def focus_runs(self) -> None:
        """Put the focus on the runs."""
        _focus_in(self.centre.stack)

    def _usual_widths(self) -> tuple[int, int]:
        """Of the places and of the details."""
        return self.places.usual_width(), _DETAILS_WIDTH * self.fontMetrics().height()

    def _wanted_widths(self, state: HomeState) -> tuple[int, int]:
        """The widths that were wanted last, which a small window may not have given."""
        known = str(state.read("panes/widths", "")).split()
        if len(known) == 2 and all(width.isdecimal() and len(width) < 6 for width in known):
            return int(known[0]), int(known[1])
        return self._usual_widths()

    def _panes(self) -> list[QWidget]:
        centre = self.centre
        middle = [centre.filter_row, centre.stack, self.undo_bar, self.jobs_panel]
        return [self._places_pane, *middle, self.details]

    def _make_toolbar(self, services: Services) -> QToolBar:
        toolbar = named(QToolBar("Toolbar"), "mainToolbar", "Toolbar")
        toolbar.setMovable(False)
        size = max(16, self.fontMetrics().height())
        toolbar.setIconSize(QSize(size, size))
        toolbar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        toolbar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        fill_toolbar(toolbar, self.actions_by_id)
        spacer = QWidget()
        spacer.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        toolbar.addWidget(spacer)
        toolbar.addAction(self.actions_by_id["app.commands"])
        dress_overflow(toolbar, services.theme)
        self.addToolBar(toolbar)
        return toolbar

    def _make_middle(self) -> QSplitter:
        """The runs, and the jobs below them."""
        self.centre.setMinimumHeight(120)
        middle = named(QSplitter(Qt.Orientation.Vertical), "jobsSplitter")
        middle.addWidget(self.centre)
        middle.addWidget(self.jobs_panel)
        middle.setHandleWidth(1)
        middle.setChildrenCollapsible(False)
        middle.setStretchFactor(0, 1)
        middle.setMinimumWidth(280)
        return middle

    def _make_splitter(self) -> PaneSplitter:
        pane_layout = QVBoxLayout(self._places_pane)
        pane_layout.setContentsMargins(0, 4, 0, 0)
        pane_layout.addWidget(self.places)
        self._places_pane.setMinimumWidth(130)
        self.details.setMinimumWidth(230)
        return named(PaneSplitter(self._places_pane, self._middle, self.details), "mainSplitter")

    def _connect(self) -> None:
        actions = self.actions_by_id
        for name in _PANES:
            actions.on_toggled(f"view.toggle-{name}", partial(self._show_pane, name))
        actions.on("view.next-pane", partial(self.step_pane, 1))
        actions.on("view.previous-pane", partial(self.step_pane, -1))
        actions.on("view.next-tab", partial(self.details.step_tab, 1))
        actions.on("view.previous-tab", partial(self.details.step_tab, -1))
        actions.on("app.close-window", self.close)

    def _show_pane(self, name: str, is_on: bool) -> None:
        panes: dict[str, QWidget] = {
            "toolbar": self.toolbar, "places": self._places_pane,
            "details": self.details, "jobs": self.jobs_panel,
        }  # fmt: skip
        panes[name].setVisible(is_on)
        self.splitter.share()  # what was hidden may have had its width in another window

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys that nothing else wanted: Escape leads back to the runs, Shift+F10 opens a menu.

        Return presses the button that has the keyboard.
        """
        if event.key() == Qt.Key.Key_Escape:
            self.focus_runs()
        elif press_by_return(event, self.focusWidget()):
            event.accept()
        elif is_menu_key(event) and (widget := self.focusWidget()) is not None:
            ask_for_menu(widget)
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        if not self.close_question.may_close():
            event.ignore()
            return
        self.closing.emit()
        super().closeEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if self._folders(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        folders = self._folders(event)
        if folders:
            event.acceptProposedAction()
            self.folders_dropped.emit(folders)

    def _folders(self, event: QDropEvent) -> list[Path]:
        """What may be folders: whether they are is found out by a job, not while dragging.

        What was taken out of this window is not dropped into it.
        """
        source = event.source()
        if isinstance(source, QWidget) and source.window() is self:
            return []
        return [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]


def _focus_in(pane: QWidget) -> bool:
    """Focus the first thing in a pane that takes the focus by Tab; False when there is none."""
    inside = sorted(pane.findChildren(QWidget), key=lambda child: _place_in(pane, child))
    for widget in (pane, *inside):
        takes_tab = bool(widget.focusPolicy().value & Qt.FocusPolicy.TabFocus.value)
        if takes_tab and widget.isVisible() and widget.isEnabled():
            widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return True
    return False


def _place_in(pane: QWidget, child: QWidget) -> tuple[int, int]:
    """Where a reader comes to it: what is further up comes first, then what is further left."""
    place = child.mapTo(pane, QPoint())
    return place.y() + child.height() // 2, place.x()
