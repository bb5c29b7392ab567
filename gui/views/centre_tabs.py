"""The tabs under the filter box: the table of runs, and pages about the chosen ones.

Why pages are made late and ask nothing while hidden: most people look at the table of runs nearly
all the time, and a comparison or a plot of 10,000 runs is work.

A page is a QWidget; its module has `make(chosen, services)`, which gives it. What it may have
besides: `state()`, plain values that the next start gives to `restore(state)`, and
`choose_columns()` for the button beside the filter box.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any, cast

from msgspec import Struct
from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import (
    QHBoxLayout,
    QStackedWidget,
    QTabBar,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.compare.chosen_runs import ChosenRuns
from gui.naming import named
from gui.services import Services
from gui.startup.gentle_imports import lacking
from gui.views.empty_state import EmptyState
from gui.views.late_page import LatePage
from gui.views.tab_order import lead_through

RUNS = "runs"


class PageSpec(Struct, frozen=True):
    """One page beside the table of runs.

    Attributes:
        name: As it is remembered.
        title: On its tab.
        module: Has `make(chosen, services)`.
        is_counting: Its tab says how many runs are selected.
        parts: Modules that it imports when it is shown.
    """

    name: str
    title: str
    module: str
    is_counting: bool = False
    parts: tuple[str, ...] = ()

    @property
    def modules(self) -> tuple[str, ...]:
        """All that it needs."""
        return (self.module, *self.parts)

    def make(self, chosen: ChosenRuns, services: Services) -> QWidget:
        """The page, whose module is imported now."""
        return cast("QWidget", import_module(self.module).make(chosen, services))


PAGES: tuple[PageSpec, ...] = (
    PageSpec("compare", "Compare", "gui.views.compare.compare_page", is_counting=True),
    PageSpec(
        "plots",
        "Plots",
        "gui.views.plots.plots_page",
        parts=(
            "gui.views.plots.curves_view",
            "gui.views.plots.scatter_view",
            "gui.views.plots.parallel_view",
        ),
    ),
    PageSpec("diff", "Diff", "gui.views.compare.diff_view"),
    PageSpec("images", "Images", "gui.views.compare.image_grid"),
)
"""From left to right."""


class CentreTabs(QWidget):
    """The tab bar, and below it the table of runs, a page, or why there is nothing to show.

    Args:
        services: Given to the pages.
        pages: Those beside the table of runs.
        parent: Owner.

    Attributes:
        empty: Stands in the place of whatever would be empty.
        bar: The tabs.
        stack: What is below them.

    Signals:
        page_made: A page is looked at for the first time (its name, the page).
        page_changed: Another tab is looked at (its name), or its page is there now.
    """

    page_made = Signal(str, QWidget)
    page_changed = Signal(str)

    def __init__(
        self,
        services: Services,
        pages: Sequence[PageSpec] = PAGES,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("centreTabs")
        self._services = services
        self._pages = tuple(pages)
        self._is_empty = True
        self._table: QWidget | None = None
        self._chosen: ChosenRuns | None = None
        self._made: dict[str, QWidget] = {}
        self._states: dict[str, Any] = {}
        self._then: Callable[[QWidget], object] | None = None
        self.bar = self._make_bar()
        self.stack = QStackedWidget()
        self.empty = EmptyState(services.theme)
        self.stack.addWidget(self.empty)
        self._late = LatePage(services.bridge)
        self.stack.addWidget(self._late)
        self._head = named(QWidget(), "centreTabHead")
        self._head.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        row = QHBoxLayout(self._head)
        row.setContentsMargins(8, 0, 8, 1)  # the line below the tabs is the head's
        row.addWidget(self.bar, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._head)
        layout.addWidget(self.stack, 1)
        self._head.hide()
        self.bar.currentChanged.connect(self._on_tab_changed)

    # What is shown

    def put(self, table: QWidget, chosen: ChosenRuns | None) -> None:
        """Show the table of another home; without `chosen` there are no pages beside it."""
        self.clear()
        self._table, self._chosen = table, chosen
        self.stack.addWidget(table)
        self._head.setVisible(chosen is not None and bool(self._pages))
        if chosen is not None:
            chosen.changed.connect(self._show_counts)
        self._show_counts()

    def clear(self) -> None:
        """Let go of the table and the pages: their home is closed."""
        self.show_page(RUNS)
        self._late.stop()
        for widget in (*self._made.values(), self._table):
            if widget is not None:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        if self._chosen is not None:
            self._chosen.changed.disconnect(self._show_counts)
        self._table = self._chosen = None
        self._made, self._states = {}, {}
        self._head.hide()
        self.show_table(is_empty=True)

    def show_table(self, *, is_empty: bool) -> None:
        """Show what the tab says, or why it would be empty."""
        self._is_empty = is_empty
        self._show_current()

    def names(self) -> list[str]:
        """Names of the tabs from left to right."""
        return [RUNS, *(spec.name for spec in self._pages)]

    def page_name(self) -> str:
        """Name of the tab that is looked at."""
        return self.names()[self.bar.currentIndex()]

    def show_page(self, name: str, then: Callable[[QWidget], object] | None = None) -> None:
        """Look at the tab of that name; does nothing where there is none.

        Args:
            name: Of the page, or RUNS.
            then: Called with the page as soon as it is there, if it is still looked at.
        """
        if name in self.names() and (name == RUNS or self._chosen is not None):
            self.bar.setCurrentIndex(self.names().index(name))
            self._then = then
            self._go_on()

    def page(self, name: str) -> QWidget | None:
        """The page of that name, made if need be; None without a home, and for the runs."""
        spec = next((spec for spec in self._pages if spec.name == name), None)
        if spec is None or self._chosen is None:
            return None
        if name not in self._made:
            page = self._made[name] = spec.make(self._chosen, self._services)
            self.stack.addWidget(page)
            lead_through(self._table or self.bar, page)
            restore = getattr(page, "restore", None)
            if restore is not None:
                restore(self._state_of(name))
            self.page_made.emit(name, page)
        return self._made[name]

    def current(self) -> QWidget | None:
        """The page that is looked at; None for the table of runs, and until the page is there."""
        return self._made.get(self.page_name())

    def step(self, by: int) -> None:
        """Look at the next tab, or the one before, round the ends."""
        self.bar.setCurrentIndex((self.bar.currentIndex() + by) % self.bar.count())

    # Between two starts

    def state(self) -> dict[str, Any]:
        """What the next start restores: the tab, and what each page gave."""
        states = dict(self._states)
        for name, page in self._made.items():
            if hasattr(page, "state"):
                states[name] = page.state()
        return {"page": self.page_name(), "pages": states}

    def page_state(self, name: str) -> Mapping[str, Any]:
        """What a page has to be remembered, made or not."""
        state = getattr(self._made.get(name), "state", None)
        return self._state_of(name) if state is None else cast("Mapping[str, Any]", state())

    def restore_page(self, name: str, state: Mapping[str, Any]) -> None:
        """Give a page what it once gave; one that is not made yet takes it then."""
        self._states[name] = dict(state)
        restore = getattr(self._made.get(name), "restore", None)
        if restore is not None:
            restore(state)

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take what `state` gave; a page that is not made yet takes its part then."""
        states = state.get("pages")
        self._states = dict(states) if isinstance(states, Mapping) else {}
        self.show_page(str(state.get("page", RUNS)))

    # Inside

    def _make_bar(self) -> QTabBar:
        bar = named(QTabBar(), "centreTabBar", "Runs and what is about them")
        bar.setDrawBase(False)
        bar.setExpanding(False)
        bar.setElideMode(Qt.TextElideMode.ElideNone)
        for title in ("Runs", *(spec.title for spec in self._pages)):
            bar.addTab(title)
        for button in bar.findChildren(QToolButton):
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the arrow keys do what they do
        return bar

    def _state_of(self, name: str) -> Mapping[str, Any]:
        state = self._states.get(name)
        return state if isinstance(state, Mapping) else {}

    def _show_current(self) -> None:
        page = self._page_or_stand_in() or self._table
        if self._chosen is not None:
            self._chosen.hold(on=page is not self._table)
        shown = self.empty if self._is_empty or page is None else page
        is_held = self._is_held() and shown is not self.stack.currentWidget()
        self.stack.setCurrentWidget(shown)
        if is_held:
            self._hold(shown)

    def _page_or_stand_in(self) -> QWidget | None:
        """The page that is looked at, or what waits for its modules; None for the table."""
        name = self.page_name()
        self._late.stop()
        spec = next((spec for spec in self._pages if spec.name == name), None)
        if spec is None or name in self._made or self._chosen is None:
            return self.page(name)
        missing = lacking(spec.modules)
        if not missing:
            return self.page(name)
        self._late.wait_for(spec.title, missing, self._on_imported)
        return self._late

    def _go_on(self) -> None:
        """Do what was to be done once the page is there."""
        page = self.current()
        if page is not None and self._then is not None:
            then, self._then = self._then, None
            then(page)

    def _is_held(self) -> bool:
        """Whether the keyboard is at the table, or at what is in the place of table or page."""
        focus, here = self.window().focusWidget(), self.stack.currentWidget()
        if focus is None or here not in (self._table, self.empty, self._late):
            return False
        is_inside = focus is here or (here is not None and here.isAncestorOf(focus))
        return is_inside or (here is self.empty and focus is self.bar)

    def _hold(self, shown: QWidget) -> None:
        """Keep the keyboard where runs are, come or went, instead of leaving that to Qt."""
        button = self.empty.first_button()
        target = shown if shown is not self.empty else button or self.bar
        target.setFocus(Qt.FocusReason.OtherFocusReason)

    # Slots

    @Slot(int)
    def _on_tab_changed(self, _place: int) -> None:
        self._then = None
        self._show_current()
        self.page_changed.emit(self.page_name())

    def _on_imported(self) -> None:
        """The page that was waited for can be made: as if its tab were clicked now."""
        self._show_current()
        self.page_changed.emit(self.page_name())
        self._go_on()

    @Slot()
    def _show_counts(self) -> None:
        chosen = self._chosen
        count = len(chosen.slots()) if chosen is not None and chosen.is_selection else 0
        for place, spec in enumerate(self._pages, start=1):
            if spec.is_counting:
                self.bar.setTabText(place, f"{spec.title} ({count:,})" if count else spec.title)
