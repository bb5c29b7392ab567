"""One open shelf in a window: its runs in a table of their own, which takes the home's place.

The home's table stays as it is behind it, and everything that changes runs stays the home's: on a
shelf it is disabled and its tip says why. What is here shows, finds, copies and hands out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QObject, QPoint, Signal, Slot

from core.archives.shelf import Shelf
from core.index.changes import Changes
from core.index.filters import Filters
from gui.archives.shelf_feed import Look, ShelfFeed, Told
from gui.compare.comparing import Comparing, Place
from gui.main_window import MainWindow
from gui.menus import SHELF_COMPARE_MENU, SHELF_MENU
from gui.places.place_catalogue import tag_filter
from gui.run_actions import RunActions
from gui.services import Services, ShelfRuns
from gui.table.run_list import RunList
from gui.table.table_choices import choose_columns, pop_up, show_largest_first
from gui.views.centre_tabs import CentreTabs
from gui.views.filter.filter_edit import FilterEdit
from gui.views.table.run_table import RunTable

NOTICE = "shelf"

_CHANGING = (
    *("run.mark", "run.label", "run.edit-label", "run.tag", "run.comment", "run.stop"),
    *("run.delete", "run.restore", "run.purge", "run.empty-trash"),
    *("tag.rename", "tag.delete"),
)
_READ_ONLY = "The runs of {title} are only looked at here: import them to change them."


class ShelfDesk(QObject):
    """Puts a shelf into a window in front of the home, and takes it out again.

    Args:
        shelf: The shelf; closed when the desk is.
        look: Tells whether it changed; None where that cannot be seen.
        window: Where it is shown.
        services: Shared services of that window.
        parent: Owner.

    Attributes:
        feed: Reads the shelf.
        runs: Its runs as they are shown.
        table: Shows them.
        tabs: Has the table, and the pages that compare and plot the runs.
        comparing: Lets the actions work on those pages.
        filter_box: What is typed to find some of them.

    Signals:
        counted: So many runs are on it.
        filter_changed: The text of the filter box is another one.
    """

    counted = Signal(int)
    filter_changed = Signal()
    compare_menu = SHELF_COMPARE_MENU

    def __init__(
        self,
        shelf: Shelf,
        look: Look | None,
        window: MainWindow,
        services: Services,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.shelf = shelf
        self._window = window
        self._services = services
        self._is_front = False
        self._trials_of: str | None = None
        self._wanted_run: str | None = None
        self.feed = ShelfFeed(services.bridge, shelf, look, self)
        self.runs = RunList(ShelfRuns(shelf), shelf.columns, services.bridge, self)
        self.table = RunTable(self.runs, services)
        self.filter_box = FilterEdit(shelf.columns, services)
        self.tabs = CentreTabs(services)
        self.comparing = self._make_comparing()
        self.tabs.put(self.table, self.comparing.chosen)
        window.actions_by_id.bind_to_table(self.table)
        self._actions = RunActions(window.actions_by_id, self.table, services.bridge, self)
        self._actions.unbind()
        self._connect()

    # Life

    def start(self, state: Mapping[str, Any]) -> None:
        """Begin to read.

        Args:
            state: What `state` gave the last time.
        """
        table = state.get("table")
        self.table.restore(table if isinstance(table, dict) else {})
        pages = state.get("pages")
        self.tabs.restore(pages if isinstance(pages, dict) else {})
        self.feed.start()
        self.runs.refresh()

    def state(self) -> dict[str, Any]:
        """What the next start restores, as plain values."""
        return {"table": self.table.state(), "pages": self.tabs.state()}

    def show(self) -> None:
        """Come to the front."""
        window, details = self._window, self._window.details
        if self._is_front:
            return
        self._is_front = True
        is_in_centre = self._has_keyboard_near()
        window.centre.lend(self.filter_box, self.tabs)
        why_not = _READ_ONLY.format(title=self.shelf.title)
        held = _CHANGING if self.shelf.file is not None else (*_CHANGING, "run.export")
        window.actions_by_id.hold(held, why_not)
        self._actions.bind()
        self.comparing.bind()
        details.set_lookup(self.shelf.columns)
        details.run_requested.connect(self.go_to_run)
        details.tag_requested.connect(self.show_tag)
        details.show_selected(1, self.runs.selected_ids)
        details.show_run(self.runs.current_ref())
        self.runs.set_ticking(on=True)
        self._show_status()
        self._say()
        self._show_emptiness()
        if is_in_centre:
            window.focus_runs()

    def leave(self) -> None:
        """Let the home come back to the front; goes on reading."""
        if not self._is_front:
            return
        self._is_front = False
        window, details = self._window, self._window.details
        self.runs.set_ticking(on=False)
        details.run_requested.disconnect(self.go_to_run)
        details.tag_requested.disconnect(self.show_tag)
        self._actions.unbind()
        self.comparing.unbind("These runs are not shown any more.")
        window.actions_by_id.release()
        window.centre.notices.drop(NOTICE)
        is_in_centre = self._has_keyboard_near()
        window.centre.give_back()
        if is_in_centre:
            window.focus_runs()

    def close(self) -> None:
        """Look at it no more."""
        self.leave()
        self.feed.stop()
        self.runs.close()
        self.comparing.close()
        for widget in (self.filter_box, self.tabs):
            widget.deleteLater()
        self.deleteLater()

    # What others ask for

    def choose_columns(self) -> None:
        """Open the choice of columns of what is looked at."""
        if not self.comparing.choose_columns():
            choose_columns(self.table, self._services, self._window)

    def show_largest_first(self) -> None:
        """Sort by size, and show it, from the largest run on."""
        show_largest_first(self.table)

    def look_now(self) -> None:
        """Read everything again."""
        self.feed.read_again()

    def clear_filter(self) -> None:
        """Show every run."""
        self._trials_of = None
        self.filter_box.set_text("")
        self._show_filtered()

    @Slot(str)
    def show_tag(self, tag: str) -> None:
        """Show the runs with a tag."""
        self.show_filter(tag_filter(tag))

    @Slot(str)
    def show_filter(self, text: str) -> None:
        """Show the runs of a text, as if the user had typed it."""
        self.filter_box.set_text(text)
        self._show_filtered()

    @Slot(str)
    def go_to_run(self, run_id: str) -> None:
        """Select a run; a filter that hides it goes."""
        if self.shelf.columns.slot_of(run_id) is None:
            self._window.centre.notices.say(
                "desk", f"Run {run_id[:8]} is not in {self.shelf.title}."
            )
        elif not self.runs.select_ids([run_id]):
            self._wanted_run = run_id
            self.clear_filter()

    # Inside

    def _make_comparing(self) -> Comparing:
        place = Place(
            self.tabs,
            self.table,
            self.filter_box,
            self.go_to_run,
            self.show_filter,
            self.compare_menu,
        )
        return Comparing(self._window, place, self._services, self)

    def _connect(self) -> None:
        self.feed.changed.connect(self._on_changed)
        self.feed.progressed.connect(self._on_progressed)
        self.feed.told.connect(self._on_told)
        self.runs.arranged.connect(self._on_arranged)
        self.runs.selection_changed.connect(self._on_selection_changed)
        self.runs.current_changed.connect(self._on_current_changed)
        self.runs.failed.connect(self.filter_box.show_error)
        self.runs.view_changed.connect(self.filter_changed)
        self.filter_box.filters_changed.connect(self._on_filters_changed)
        self.filter_box.field.textChanged.connect(lambda _text: self.filter_changed.emit())
        self.filter_box.table_requested.connect(self._window.focus_runs)
        self.table.context_requested.connect(self._on_context_requested)
        self.table.columns_requested.connect(self.choose_columns)
        self.table.run_activated.connect(lambda _id: self._window.focus_details())
        self.table.tag_clicked.connect(self.show_tag)
        self._actions.run_wanted.connect(self.go_to_run)
        self._actions.trials_wanted.connect(self._on_trials_wanted)
        self._actions.failed.connect(lambda text: self._window.centre.notices.say("desk", text))

    def _has_keyboard_near(self) -> bool:
        """Whether what goes into the background has the keyboard; the places keep it."""
        focus = self._window.focusWidget()
        return focus is not None and self._window.centre.isAncestorOf(focus)

    def _show_filtered(self) -> None:
        filters = Filters.of_box(self.filter_box.text())
        if self._trials_of is not None:
            filters = replace(filters, trials_of=self._trials_of)
        self.runs.show(filters=filters)

    def _show_status(self) -> None:
        status, total = self._window.status, self.shelf.columns.count()
        status.show_counts(len(self.runs.model.order), total)
        status.show_selection(self.runs.selection.count(), self._selected_size())
        status.show_place(self._state_text())

    def _selected_size(self) -> int | None:
        """Bytes of the selected runs; None while some are not known."""
        sizes = [self.shelf.columns.sizes.value("", s) for s in self.runs.selected_slots()]
        known = [size for size in sizes if size is not None]
        return sum(known) if sizes and len(known) == len(sizes) else None

    def _state_text(self) -> str:
        if not self.feed.is_settled:
            return f"Opening {self.shelf.title}…"
        return f"{self.shelf.title} · read only" if self.feed.last.is_read else ""

    def _say(self) -> None:
        """The sentence above the table, unless the table's place says it."""
        told, notices = self.feed.last, self._window.centre.notices
        if told.problem and self.shelf.columns.count():
            notices.say(NOTICE, told.problem)
        elif told.is_again:
            notices.say(NOTICE, f"{self.shelf.title} changed and was read again.", "info")
        else:
            notices.drop(NOTICE)

    def _show_emptiness(self) -> None:
        is_empty = not self.runs.model.order and not self.runs.is_arranging
        if is_empty:
            self._explain_emptiness()
        self.tabs.show_table(is_empty=is_empty)

    def _explain_emptiness(self) -> None:
        show, actions = self.tabs.empty.show_state, self._window.actions_by_id
        title, told = self.shelf.title, self.feed.last
        if not self.feed.is_settled:
            show("archive", f"Opening {title}…", "The first runs appear in a moment.")
        elif not told.is_read and told.problem:
            close = [actions["archive.close"]]
            show("warning", f"{title} cannot be read", told.problem, close)
        elif not self.runs.view.filters.is_empty:
            sentence = f"No run of {title} matches the filter."
            show("search", "Nothing matches", sentence, [actions["view.clear-filter"]])
        else:
            sentence = told.problem or "It has the form of an export, but holds no run."
            show("archive", f"No runs in {title}", sentence, [actions["archive.close"]])

    # Slots

    @Slot(object)
    def _on_changed(self, changes: Changes) -> None:
        self.runs.on_changes(changes)
        self.comparing.chosen.tell_changes(changes.changed)
        self.counted.emit(self.shelf.columns.count())
        if self._is_front and self.runs.current_slot() in changes.changed:
            self._window.details.refresh()

    @Slot(int, int)
    def _on_progressed(self, checked: int, total: int) -> None:
        if self._is_front and total and not self.feed.is_settled:
            text = f"Reading {self.shelf.title}: {checked:,} of {total:,}"
            self._window.status.show_place(text)

    @Slot(object)
    def _on_told(self, told: Told) -> None:
        if told.is_read:
            self.counted.emit(self.shelf.columns.count())
        if self._is_front:
            self._say()
            self._show_status()
            self._show_emptiness()
            if told.is_again:
                self._window.details.refresh()

    @Slot(int, int)
    def _on_arranged(self, shown: int, total: int) -> None:
        wanted = self._wanted_run
        if wanted is not None and self.runs.select_ids([wanted]):
            self._wanted_run = None
        if self._is_front:
            self._window.status.show_counts(shown, total)
            self._show_emptiness()

    @Slot()
    def _on_selection_changed(self) -> None:
        if self._is_front:
            count = self.runs.selection.count()
            self._window.status.show_selection(count, self._selected_size())
            self._window.details.show_selected(max(1, count), self.runs.selected_ids)

    @Slot(object)
    def _on_current_changed(self, _slot: int | None) -> None:
        if self._is_front:
            self._window.details.show_run(self.runs.current_ref())

    @Slot()
    def _on_filters_changed(self) -> None:
        self._show_filtered()

    @Slot(str)
    def _on_trials_wanted(self, batch_id: str) -> None:
        self._trials_of = batch_id
        self.filter_box.set_text("")
        self._show_filtered()

    @Slot(QPoint)
    def _on_context_requested(self, position: QPoint) -> None:
        pop_up(SHELF_MENU, self._window, position)
