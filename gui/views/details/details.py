"""The details on the right: one tab a subject, each made when it is first looked at.

Why made late: some tabs import numpy or Pygments, which take longer than the whole window,
and many people look at two tabs a day.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from typing import Any

from msgspec import Struct
from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QLabel,
    QMenu,
    QStackedWidget,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.naming import named
from gui.services import RunRef, Services
from gui.startup.gentle_imports import GentleImports
from gui.views.details.details_tab import DetailsTab, RunLookup
from gui.views.fitting_tabs import FittingTabBar
from gui.views.tab_order import lead_through
from gui.views.theme_follower import follow


class _TabSpec(Struct, frozen=True):
    """A tab by name: its module is `gui.views.details.NAME_tab`, its class `NameTab`."""

    name: str
    title: str

    @property
    def module(self) -> str:
        """Where the class of the tab is."""
        return f"gui.views.details.{self.name}_tab"

    def make(self, services: Services, parent: QWidget) -> DetailsTab:
        """The tab, whose module is imported now, if it was not before."""
        kind: type[DetailsTab] = getattr(import_module(self.module), f"{self.name.capitalize()}Tab")
        return kind(services, parent)


_TABS: tuple[_TabSpec, ...] = (
    _TabSpec("overview", "Overview"),
    _TabSpec("flags", "Flags"),
    _TabSpec("scalars", "Scalars"),
    _TabSpec("output", "Output"),
    _TabSpec("files", "Files"),
    _TabSpec("source", "Source"),
    _TabSpec("comments", "Comments"),
    _TabSpec("attributes", "Environment"),
)


class _Holder(QWidget):
    """Stands on the tab bar in the place of a tab until that is made, and around it then."""

    def __init__(self) -> None:
        super().__init__()
        self.box = QVBoxLayout(self)
        self.box.setContentsMargins(0, 0, 0, 0)


def _nothing() -> QLabel:
    """What is shown without a run."""
    label = QLabel("Select a run to see its details.", wordWrap=True)
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setProperty("role", "muted")
    return label


class Details(QWidget):
    """Everything about the current run.

    Args:
        services: Given to the tabs.
        parent: Owner.

    Signals:
        run_requested: The user followed a link to another run (its id).
        tab_changed: Another tab is looked at.
        tag_requested: The user asked for the runs with a tag (its name).
        action_requested: The user asked for an action of the window (its id).
        change_wanted: The user edited something in a tab (gui.changing.wanted_change.WantedChange).
        label_typed: The user typed a label there (a gui.views.table.label_editor.TypedLabel).
    """

    run_requested = Signal(str)
    tab_changed = Signal()
    tag_requested = Signal(str)
    action_requested = Signal(str)
    change_wanted = Signal(object)
    label_typed = Signal(object)

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("detailsPane")
        self._services = services
        self._run: RunRef | None = None
        self._lookup: RunLookup | None = None
        self._selected: tuple[int, Callable[[], Sequence[str]]] | None = None
        self._made: dict[str, DetailsTab] = {}
        self._unplaced: dict[int, DetailsTab] = {}  # made, and not on the page yet
        self._choices: dict[str, Mapping[str, Any]] = {}
        self._making = self._making_timer()
        self._loading = GentleImports(services.bridge, self)
        self.tabs = named(QTabWidget(), "detailsTabs", "Details of the run")
        self._bar = named(FittingTabBar(), "qt_tabwidget_tabbar")
        self.tabs.setTabBar(self._bar)
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setExpanding(False)
        self.tabs.tabBar().setAccessibleName("Tabs of the details")
        self.tabs.tabBar().setElideMode(Qt.TextElideMode.ElideNone)
        self._holders = [_Holder() for _ in _TABS]
        for spec, holder in zip(_TABS, self._holders, strict=True):
            self.tabs.addTab(holder, spec.title)
        self._all_tabs = self._all_tabs_button()
        self.tabs.setCornerWidget(self._all_tabs, Qt.Corner.TopRightCorner)
        self._nothing = _nothing()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._nothing)
        self._stack.addWidget(self.tabs)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._stack)
        self.tabs.currentChanged.connect(self._on_tab_changed)

    @property
    def run(self) -> RunRef | None:
        """The run the details are about."""
        return self._run

    def show_run(self, run: RunRef | None) -> None:
        """Be about `run` from now on; None shows nothing."""
        self._run = run
        self._stack.setCurrentWidget(self.tabs if run else self._nothing)
        for tab in self._made.values():
            tab.show_run(run)
        if run is not None:
            self._making.start()

    def set_lookup(self, lookup: RunLookup) -> None:
        """Ask this index about other runs from now on."""
        self._lookup = lookup
        for tab in self._made.values():
            tab.lookup = lookup

    def show_selected(self, count: int, ids: Callable[[], Sequence[str]]) -> None:
        """So many runs are selected; `ids` gives them when they are needed."""
        self._selected = (count, ids)
        for tab in self._made.values():
            tab.show_selected(count, ids)

    def refresh(self) -> None:
        """The run changed on disk."""
        for tab in self._made.values():
            tab.refresh()

    def tab(self, name: str) -> DetailsTab:
        """The tab of that name, made if need be; a KeyError names an unknown one."""
        place = {spec.name: place for place, spec in enumerate(_TABS)}[name]
        return self._make(place)

    def tab_name(self) -> str:
        """Name of the tab that is looked at."""
        return _TABS[self.tabs.currentIndex()].name

    def show_tab(self, name: str) -> None:
        """Look at the tab of that name; does nothing when there is none."""
        for place, spec in enumerate(_TABS):
            if spec.name == name:
                self.tabs.setCurrentIndex(place)

    def choices(self) -> dict[str, Mapping[str, Any]]:
        """How the user set the tabs up, by their names; also of those not looked at this time."""
        return self._choices | {name: tab.choices() for name, tab in self._made.items()}

    def set_choices(self, choices: Mapping[str, Any]) -> None:
        """Take what `choices` gave; a tab that is not made yet takes it then."""
        self._choices = {name: each for name, each in choices.items() if isinstance(each, dict)}
        for name, tab in self._made.items():
            tab.set_choices(self._choices.get(name, {}))

    def step_tab(self, by: int) -> None:
        """Look at the next tab, or the one before, round the ends."""
        self.tabs.setCurrentIndex((self.tabs.currentIndex() + by) % self.tabs.count())

    def _all_tabs_button(self) -> QToolButton:
        """Every tab by its name: at usual widths not all of them fit on the bar."""
        button = named(QToolButton(), "detailsAllTabs", "All details")
        menu = QMenu(button)
        for spec in _TABS:
            menu.addAction(spec.title, partial(self.show_tab, spec.name))
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        theme = self._services.theme

        def dress() -> None:
            button.setIcon(theme.icon("more", "muted"))

        follow(theme, button, dress)
        return button

    @Slot(int)
    def _on_tab_changed(self, _place: int) -> None:
        self._make_current()
        self.tab_changed.emit()

    def _making_timer(self) -> QTimer:
        """Makes the tab: that takes 50 ms, and the row that was selected is drawn before it."""
        timer = QTimer(self, singleShot=True, interval=1)  # 0 would come before what is painted
        timer.timeout.connect(self._load_current)
        return timer

    def _load_current(self) -> None:
        """Make the tab when its module was imported: that takes a while."""
        place = self.tabs.currentIndex()
        spec = _TABS[place]
        if spec.name in self._made or place in self._unplaced:
            self._make_current()
        elif spec.module in sys.modules:
            # Each in a turn of its own, as the last import is: together they stop the window.
            self._unplaced[place] = spec.make(self._services, self._holders[place])
            self._making.start()
        else:
            self._loading.want([spec.module], self._making.start)

    def _make_current(self) -> None:
        if self._run is not None:
            self._make(self.tabs.currentIndex())

    def _make(self, place: int) -> DetailsTab:
        spec = _TABS[place]
        if spec.name not in self._made:
            holder = self._holders[place]
            tab = self._unplaced.pop(place, None) or spec.make(self._services, holder)
            tab.lookup = self._lookup
            tab.run_requested.connect(self.run_requested)
            tab.tab_requested.connect(self.show_tab)
            tab.tag_requested.connect(self.tag_requested)
            tab.action_requested.connect(self.action_requested)
            tab.change_wanted.connect(self.change_wanted)
            tab.label_typed.connect(self.label_typed)
            if self._selected is not None:
                tab.show_selected(*self._selected)
            holder.box.addWidget(tab)
            lead_through(self._all_tabs, tab)
            self._made[spec.name] = tab
            tab.set_choices(self._choices.get(spec.name, {}))
            tab.show_run(self._run)
        return self._made[spec.name]

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._bar.fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.StyleChange):
            self._bar.fit()
