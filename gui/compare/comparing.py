"""Connects the actions that compare runs with the pages beside the table of runs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, cast

from msgspec import Struct
from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from gui.bound_actions import BoundActions
from gui.compare.board_opener import BoardOpener
from gui.compare.brush_filtering import BrushFiltering
from gui.compare.chosen_runs import LEAST, ChosenRuns
from gui.compare.diffing import Diffing
from gui.main_window import MainWindow
from gui.menus import COMPARE_MENU, MenuSpec
from gui.services import Services
from gui.table.table_choices import pop_up
from gui.views.centre_tabs import RUNS, CentreTabs
from gui.views.filter.filter_edit import FilterEdit
from gui.views.table.run_table import RunTable

if TYPE_CHECKING:  # the page is made late: the window shows its runs sooner
    from gui.views.compare.compare_page import ComparePage
    from gui.views.plots.plots_page import PlotsPage

_TOO_FEW = "Two runs or more are needed to compare."
_NO_PAGE = "This is about the comparison: look at that first."
_NO_RUN = "Select a run first."
_TOO_MANY = "So many runs cannot be columns: one could not find any of them."
_NO_RUNS = "There are no runs to look at."
_NO_HOME = "No home is open."
_NO_COLUMNS = "Only the runs and their comparison have columns: look at one of these first."
_COMPARE, _PLOTS = "compare", "plots"
_ON_ROWS = ("run.delete", "run.purge")
"""What the keys of the run table do here too; copies are those of the comparison."""
_ON_RUNS = ("view.plots", "compare.tensorboard")
_ON_PAGE = (
    *("compare.only-different", "compare.group", "compare.export", "compare.save-view"),
    *("compare.views", "compare.turn"),
)


class Place(Struct, frozen=True):
    """Whose runs are compared: the home's, or those of an archive or a remote.

    Attributes:
        tabs: The table of runs and the pages beside it.
        table: The table of runs.
        filter_box: Views keep its text.
        go_to_run: Selects a run (its id), wherever a filter hides it.
        show_filter: Shows the runs of a text.
        menu: For the rows of the comparison.
    """

    tabs: CentreTabs
    table: RunTable
    filter_box: FilterEdit
    go_to_run: Callable[[str], object]
    show_filter: Callable[[str], object]
    menu: MenuSpec = COMPARE_MENU


class Comparing(QObject):
    """Shows the pages about the chosen runs, and lets the actions work on them once it is bound.

    Args:
        window: Its actions.
        place: Whose runs.
        services: Shared services.
        parent: Owner.

    Attributes:
        chosen: The runs that the pages are about.
        board: Shows them in TensorBoard.
    """

    def __init__(
        self, window: MainWindow, place: Place, services: Services, parent: QObject
    ) -> None:
        super().__init__(parent)
        runs = self._runs = place.table.run_list
        chosen = self.chosen = ChosenRuns(runs, self)
        self._actions = window.actions_by_id
        self._place = place
        self._tabs = place.tabs
        self._window = window
        self.board = BoardOpener(runs.columns, services, self)
        self._brushing = BrushFiltering(
            runs, place.filter_box, place.show_filter, services.bridge, self
        )
        self._bound = BoundActions(
            self._actions,
            {
                "view.runs": self.show_runs,
                "view.column-menu": self._open_column_menu,
                "compare.open": self.compare,
                "view.plots": partial(self.show_page, _PLOTS),
                "compare.pin": self.pin,
                "compare.only-different": self._show_only_different,
                "compare.turn": self._turn,
                "compare.group": self._open_groups,
                "compare.export": self._export,
                "compare.save-view": self._save_view,
                "compare.views": self._open_views,
                "compare.tensorboard": self.open_board,
            },
        )
        notices = window.centre.notices
        self.board.said.connect(lambda text: notices.say("tensorboard", text, "info"))
        self.board.answered.connect(
            lambda text, address: notices.say(
                "tensorboard",
                text,
                "info",
                "Copy Address",
                partial(QGuiApplication.clipboard().setText, address),
            )
        )
        self.board.failed.connect(lambda text: notices.say("tensorboard", text))
        self._brushing.failed.connect(lambda text: notices.say("brush", text, "info"))
        self._diffing = Diffing(self._actions, self._tabs, chosen, self)
        self._tabs.page_made.connect(self._on_page_made)
        self._tabs.page_changed.connect(self.refresh)
        chosen.run_wanted.connect(self._on_run_wanted)
        for signal in (runs.arranged, runs.current_changed, chosen.changed, chosen.pinned_changed):
            signal.connect(self.refresh)

    def bind(self) -> None:
        """Take the actions: these runs are in front."""
        self._bound.bind()
        self._diffing.bind()
        self.refresh()

    def unbind(self, why_not: str) -> None:
        """Let go of the actions: other runs are in front, or none.

        Args:
            why_not: Why nothing can be done with them, until somebody else takes them.
        """
        self._bound.unbind(why_not)
        self._diffing.unbind(why_not)

    def close(self) -> None:
        """Let go of everything: the tabs outlive the home."""
        self.unbind(_NO_HOME)
        self._tabs.page_made.disconnect(self._on_page_made)
        self._tabs.page_changed.disconnect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Enable what can be done with the runs that are shown."""
        if not self._bound.is_bound:
            return
        page, actions = self._page(), self._actions
        count = len(self._runs.model.order)
        is_enough = count >= LEAST
        actions.set_enabled("view.runs", "")
        actions.set_enabled("compare.open", "" if is_enough else _TOO_FEW)
        for id_ in _ON_RUNS:
            actions.set_enabled(id_, "" if count else _NO_RUNS)
        actions.set_enabled("view.column-menu", self._why_no_columns(count))
        current = self._current_id()
        actions.set_enabled("compare.pin", "" if current else _NO_RUN)
        is_pinned = current is not None and current == self.chosen.pinned
        actions["compare.pin"].setText("Unpin &Baseline" if is_pinned else "Pin as &Baseline")
        why_not = _NO_PAGE if page is None else "" if is_enough else _TOO_FEW
        for id_ in _ON_PAGE:
            actions.set_enabled(id_, why_not)
        if page is not None:
            actions["compare.only-different"].setChecked(page.comparison.view.only_different)
            actions["compare.turn"].setChecked(page.is_turned)
            if not why_not and not page.can_turn:
                actions.set_enabled("compare.turn", _TOO_MANY)

    # What the actions do

    @Slot()
    def show_runs(self) -> None:
        """Look at the table of runs."""
        self._tabs.show_page(RUNS)
        self._window.focus_runs()

    @Slot()
    def compare(self) -> None:
        """Compare the selected runs, or all that are shown."""
        self.chosen.take_selection()
        self.show_page(_COMPARE)

    def show_page(self, name: str) -> None:
        """Look at a page, with the keyboard in it."""
        self._tabs.show_page(name, lambda _page: self._give_keyboard())

    @Slot()
    def pin(self) -> None:
        """Make the current run the baseline, or no run when it is that already."""
        current = self._current_id()
        if current is not None:
            self.chosen.pin(None if current == self.chosen.pinned else current)

    @Slot(bool)
    def _show_only_different(self, is_on: bool) -> None:
        if page := self._page():
            page.show_only_different(on=is_on)

    @Slot(bool)
    def _turn(self, is_on: bool) -> None:
        if page := self._page():
            page.turn(on=is_on)

    @Slot()
    def _open_groups(self) -> None:
        if page := self._page():
            page.bar.open_group_menu()

    @Slot()
    def _open_views(self) -> None:
        if page := self._page():
            page.bar.open_view_menu()

    @Slot()
    def _export(self) -> None:
        if page := self._page():
            page.export()

    @Slot()
    def _save_view(self) -> None:
        from gui.compare.compare_views import Beside  # with the page, which is made late

        if page := self._page():
            plots = self._tabs.page_state(_PLOTS)
            page.save_view(Beside(self._place.filter_box.text(), plots))

    def choose_columns(self) -> bool:
        """Open the choice of columns of the page that is looked at; False where it has none."""
        choose = getattr(self._tabs.current(), "choose_columns", None)
        if choose is None:
            return False
        choose()
        return True

    @Slot()
    def _open_column_menu(self) -> None:
        """Open the menu of the column that the keyboard is in."""
        page = self._page()
        (self._place.table if page is None else page.table).open_column_menu()

    @Slot()
    def open_board(self) -> None:
        """Show runs in TensorBoard: those of the page that is looked at, else the selected ones."""
        slots = self._runs.selected_slots() if self._tabs.page_name() == RUNS else []
        slots = slots or list(self.chosen.slots())
        self.board.open([self.chosen.ref(slot) for slot in slots])

    # Inside

    def _give_keyboard(self) -> None:
        """Have the keyboard in the page that is looked at."""
        page = self._page()
        if page is None:
            self._window.focus_runs()
        else:
            page.table.setFocus()

    def _why_no_columns(self, count: int) -> str:
        if self._tabs.page_name() not in (RUNS, _COMPARE):
            return _NO_COLUMNS
        page = self._page()
        if page is not None and not page.is_comparing:
            return _TOO_FEW
        return "" if count else _NO_RUNS

    def _page(self) -> ComparePage | None:
        is_page = self._tabs.page_name() == _COMPARE
        return cast("ComparePage | None", self._tabs.current()) if is_page else None

    def _current_id(self) -> str | None:
        page = self._page()
        current = page.current_id() if page is not None else None
        ref = self._runs.current_ref()
        return current or (ref.id if ref is not None else None)

    @Slot(str, QWidget)
    def _on_page_made(self, name: str, widget: QWidget) -> None:
        if name == _PLOTS:
            plots = cast("PlotsPage", widget)
            plots.board_wanted.connect(self.open_board)
            plots.only_wanted.connect(
                lambda slots, keys: self._brushing.narrow(slots, keys, plots.forget_brushes)
            )
        if name != _COMPARE:
            return
        page, actions = cast("ComparePage", widget), self._actions
        notices = self._window.centre.notices
        page.bar.use_actions(
            [actions["compare.only-different"], actions["compare.turn"]],
            [actions["compare.export"]],
        )
        for id_ in _ON_ROWS:
            page.table.addAction(actions[id_])
        page.context_requested.connect(self._on_context_requested)
        page.shown_changed.connect(self.refresh)
        page.comparison.view_changed.connect(self.refresh)
        page.views.saving_wanted.connect(actions["compare.save-view"].trigger)
        page.views.filter_wanted.connect(self._place.show_filter)
        page.views.plots_wanted.connect(partial(self._tabs.restore_page, _PLOTS))
        page.said.connect(self._say)
        page.views.deleted.connect(
            lambda text, undo: notices.say("compare", text, "info", "Undo", undo)
        )

    @Slot(str)
    def _say(self, text: str) -> None:
        notices = self._window.centre.notices
        if text:
            notices.say("compare", text, "info", fades=True)
        else:
            notices.drop("compare")

    @Slot(str)
    def _on_run_wanted(self, run_id: str) -> None:
        self.chosen.keep_selection()
        self._place.go_to_run(run_id)
        self.show_runs()

    @Slot(QPoint)
    def _on_context_requested(self, position: QPoint) -> None:
        pop_up(self._place.menu, self._window, position)
