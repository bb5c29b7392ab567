"""One open home in a window: its index, its runs, and everything on screen that is about them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, QTimer, Signal, Slot

from core.home import Home
from core.index.changes import Changes
from core.index.index import RunIndex
from core.index.place_counts import PlaceCounts
from core.saved_lists import SavedList
from core.scratch import Scratch
from gui.archives.archive_places import ArchivePlaces
from gui.archives.exporting import Exporting
from gui.archives.importing import Importing
from gui.archives.parcels import Parcels
from gui.changing.home_editing import HomeEditing
from gui.changing.tidying import Tidying
from gui.compare.chosen_runs import ChosenRuns
from gui.compare.comparing import Comparing, Place
from gui.desk_state import recall, remember
from gui.main_window import MainWindow
from gui.menus import TABLE_MENU, TRASH_MENU
from gui.places.navigation import Navigation
from gui.places.place_catalogue import all_lists, filter_places, home_places
from gui.places.place_counter import PlaceCounter
from gui.run_actions import RunActions
from gui.services import HomeRuns, Services
from gui.table.emptiness import explain_emptiness
from gui.table.index_feed import IndexFeed
from gui.table.new_runs import came
from gui.table.run_list import RunList
from gui.table.selection_size import SelectionSize
from gui.table.size_feed import SizeFeed
from gui.table.table_choices import choose_columns, pop_up, show_largest_first
from gui.views.filter.filter_edit import FilterEdit
from gui.views.table.run_table import RunTable
from gui.window_state import HomeState

if TYPE_CHECKING:
    from gui.archives.shelf_desk import ShelfDesk

URGENT_MS = 300
"""How long the table must be still until the index hears which runs are on screen."""

_NOT_IN_FRONT = "The runs of this home are not in front."

_LOOKING = "Rundesk keeps looking."


class Desk(QObject):
    """Puts a home into a window, and takes it out again.

    Args:
        home: The home.
        window: Where it is shown.
        services: Shared services of that window.
        own_lists: Gives the user's smart lists.
        scratch: Keeps what is only needed while the window is open.
        parent: Owner.

    Attributes:
        other: The runs of a remote, while those are what is shown.

    Signals:
        filter_changed: The text of the filter box is another one.
    """

    filter_changed = Signal()
    other: ShelfDesk | None = None

    def __init__(
        self,
        home: Home,
        window: MainWindow,
        services: Services,
        own_lists: Callable[[], tuple[SavedList, ...]],
        scratch: Scratch,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.home = home
        self._window = window
        self._services = services
        self._own_lists = own_lists
        self._counts = PlaceCounts()
        self._problem = ""
        self._is_awaited = False
        index = RunIndex(home, services.directories.cache)
        self.feed = IndexFeed(services.bridge, index, self)
        self.runs = RunList(HomeRuns(home), index.columns, services.bridge, self)
        self.table = RunTable(self.runs, services)
        self.filter_box = FilterEdit(index.columns, services)
        self.navigation = navigation = Navigation(self.runs, window.places, self.filter_box, self)
        self.comparing = self._put_into_centre()
        window.details.set_lookup(index.columns)
        window.actions_by_id.bind_to_table(self.table)
        self.run_actions = RunActions(window.actions_by_id, self.table, services.bridge, self)
        self.tidying = Tidying(home, window, self.runs, self.feed, services, self)
        changer = self.tidying.changer
        self.editing = HomeEditing(home, window, self.table, changer, navigation, services, self)
        self.archives = archives = ArchivePlaces(window, scratch, services, self)
        self.exporting = Exporting(home, window, self.runs, self.feed, archives, services, self)
        self.importing = Importing(home, window, self.runs, self.feed, changer, services, archives)
        self.parcels = Parcels(home, window, self.runs, self.archives, scratch, services, self)
        self._counter = PlaceCounter(
            self.runs, lambda: all_lists(own_lists()), services.bridge, self
        )
        self._size_feed = SizeFeed(self.feed, self.runs, services.bridge, self)
        self._sizes = SelectionSize(self.runs, self._size_feed, services.bridge, self)
        self._urgent = QTimer(self, singleShot=True, interval=URGENT_MS)
        self._connect()

    # Life

    def start(self, state: HomeState, *, is_awaited: bool = False) -> None:
        """Show what was shown the last time, and begin to look at the disk.

        Args:
            state: What is remembered of the home.
            is_awaited: The home is not there yet, and that is no problem.
        """
        self._is_awaited = is_awaited
        self._window.places_model.show(home_places(self._counts))
        recall(self, self._window, state)
        self.show_lists()
        self._window.status.index.setText("Reading runs…")
        self._window.centre.show_table(is_empty=False)
        self.table.anchor.wait_for_all(self.feed.settled)
        self.feed.settled.connect(self.archives.clear_leftovers)
        # By now all flags are known, by which automatic labels are shortened.
        self.feed.settled.connect(self.table.viewport().update)
        self.feed.start()
        self.runs.refresh()
        self.runs.set_ticking(on=True)
        self._counter.set_running(on=True)

    def close(self, state: HomeState) -> None:
        """Remember what is shown, stop looking, and leave the window."""
        remember(self, self._window, state)
        self.parcels.unbind()
        self.archives.unbind()
        self.comparing.close()
        self.editing.unbind()
        self.exporting.unbind()
        self.importing.unbind()
        self.tidying.close()
        self.runs.set_ticking(on=False)
        self._counter.stop()
        self._sizes.stop()
        self._size_feed.stop()
        self._urgent.stop()
        self.feed.stop()
        self.run_actions.unbind()
        self._window.details.show_run(None)
        self._window.centre.notices.drop("home")
        self._window.centre.clear()
        self._window.status.clear_home()
        self.deleteLater()

    # What others ask for

    @property
    def chosen(self) -> ChosenRuns:
        """The runs that are compared, plotted and so on."""
        return self.comparing.chosen

    @property
    def is_front(self) -> bool:
        """Whether the home's runs are what is shown, and not those of an archive."""
        return self.archives.front is None and self.other is None

    @property
    def front(self) -> Desk | ShelfDesk:
        """Whose runs are shown: the home's, or those of an archive."""
        return self.archives.front or self.other or self

    def look_now(self) -> None:
        """Look for changes on disk at once."""
        self.feed.look_now()

    def clear_filter(self) -> None:
        """Show every run of the home, or of the trash."""
        self.navigation.clear_filter()

    def show_lists(self) -> None:
        """The user's lists changed."""
        self._window.places_model.show(filter_places(self._counts, self._own_lists()))
        self._counter.refresh()

    def say(self, sentence: str) -> None:
        """Show a sentence about something that could not be done."""
        self._window.centre.notices.say("desk", sentence)

    def choose_columns(self) -> None:
        """Open the choice of columns of what is looked at."""
        if not self.comparing.choose_columns():
            choose_columns(self.table, self._services, self._window)

    def show_largest_first(self) -> None:
        """Sort by size, and show it, from the largest run on."""
        show_largest_first(self.table)

    def _put_into_centre(self) -> Comparing:
        """Show the table of runs, with pages beside it that compare them."""
        centre = self._window.centre
        place = Place(
            centre.tabs,
            self.table,
            self.filter_box,
            self.navigation.go_to_run,
            self.navigation.show_filter,
        )
        comparing = Comparing(self._window, place, self._services, self)
        centre.put(self.filter_box, self.table, comparing.chosen)
        comparing.bind()
        return comparing

    def _connect(self) -> None:
        window = self._window
        self.feed.changed.connect(self._on_changed)
        self.feed.problem.connect(self._on_problem)
        self.feed.progressed.connect(self._on_progressed)
        self.feed.settled.connect(self._on_settled)
        self.runs.arranged.connect(self._on_arranged)
        self.runs.selection_changed.connect(self._on_selection_changed)
        self.runs.current_changed.connect(self._on_current_changed)
        self.runs.failed.connect(self.filter_box.show_error)
        self.runs.view_changed.connect(self.filter_changed)
        self.filter_box.table_requested.connect(window.focus_runs)
        self.navigation.run_missing.connect(self._on_run_missing)
        self.table.context_requested.connect(self._on_context_requested)
        self.table.mark_clicked.connect(self.tidying.mark)
        self.table.columns_requested.connect(self.choose_columns)
        self.table.run_activated.connect(lambda _id: window.focus_details())
        self.table.verticalScrollBar().valueChanged.connect(lambda _value: self._urgent.start())
        self._urgent.timeout.connect(self._on_table_rested)
        window.details.run_requested.connect(self._on_run_requested)
        window.details.tag_requested.connect(self._on_tag_requested)
        self.navigation.archive_wanted.connect(self.archives.show)
        self.navigation.shown.connect(self.archives.leave)
        self.archives.front_changed.connect(self.refresh_front)
        self.archives.filter_changed.connect(self.filter_changed)
        self.archives.import_wanted.connect(self.importing.preview_some)
        self.run_actions.run_wanted.connect(self.navigation.go_to_run)
        self.run_actions.trials_wanted.connect(self.navigation.show_trials)
        self.run_actions.failed.connect(self.say)
        self._counter.counted.connect(self._on_counted)
        self._sizes.counted.connect(self._on_size_counted)

    # Slots

    @Slot(object)
    def _on_changed(self, changes: Changes) -> None:
        self.runs.on_changes(changes)
        self.chosen.tell_changes(changes.changed)
        if self.feed.is_settled:
            self.table.news.add(came(changes, self.runs.columns))
            self._on_settled()
        self._counter.refresh()
        if self.is_front and self.runs.current_slot() in changes.changed:
            self._window.details.refresh()

    @Slot(str)
    def _on_problem(self, problem: str) -> None:
        self._is_awaited &= bool(problem)
        self._problem = "" if self._is_awaited else problem
        self._window.centre.notices.say("home", self._problem and f"{problem} {_LOOKING}")
        if self.is_front:
            self._window.details.refresh()  # what could not be read may be there again
        self._on_settled()

    @Slot(int, int)
    def _on_progressed(self, checked: int, total: int) -> None:
        if total and self.is_front:
            self._window.status.index.setText(f"Reading runs: {checked:,} of {total:,}")

    @Slot()
    def _on_settled(self) -> None:
        if self.is_front:
            home = self._problem and _problem_of(self.feed, deleted=False)
            self._window.status.show_settled(self.feed.index.cache_problem, home=home)
        self._show_emptiness()

    @Slot(int, int)
    def _on_arranged(self, shown: int, total: int) -> None:
        if self.is_front:
            self._window.status.show_counts(shown, total)
        self._urgent.start()
        self._show_emptiness()

    @Slot()
    def _on_selection_changed(self) -> None:
        if self.is_front:
            self._window.status.show_selection(self.runs.selection.count())
            self._sizes.count()

    @Slot(object)
    def _on_size_counted(self, size: int) -> None:
        if self.is_front:
            self._window.status.show_selection(self.runs.selection.count(), size)

    @Slot(object)
    def _on_current_changed(self, _slot: int | None) -> None:
        if self.is_front:
            self._window.details.show_run(self.runs.current_ref())

    @Slot(str)
    def _on_run_requested(self, run_id: str) -> None:
        if self.is_front:
            self.navigation.go_to_run(run_id)

    @Slot(str)
    def _on_tag_requested(self, tag: str) -> None:
        if self.is_front:
            self.navigation.show_tag(tag)

    @Slot()
    def refresh_front(self) -> None:
        """An archive came before the home's runs, or they are back."""
        is_front = self.is_front
        self.runs.set_ticking(on=is_front)
        self.editing.set_front(on=is_front)
        self.tidying.set_front(on=is_front)
        if not is_front:
            self.run_actions.unbind()
            self.comparing.unbind(_NOT_IN_FRONT)
            return
        self.run_actions.bind()
        self.comparing.bind()
        self._window.details.set_lookup(self.runs.columns)
        self._window.details.show_run(self.runs.current_ref())
        total = self.runs.columns.count(deleted=self.runs.view.deleted)
        self._window.status.show_counts(len(self.runs.model.order), total)
        self._on_selection_changed()
        if self.feed.is_settled:
            self._on_settled()
        self._show_emptiness()

    @Slot()
    def _on_table_rested(self) -> None:
        self.feed.set_urgent(self.runs.model.visible_slots())

    @Slot(str)
    def _on_run_missing(self, run_id: str) -> None:
        self.say(f"Run {run_id[:8]} is not in this home: it was deleted for good, or moved.")

    @Slot(object)
    def _on_counted(self, counts: PlaceCounts) -> None:
        self._counts = counts
        places = home_places(counts) | filter_places(counts, self._own_lists())
        self._window.places_model.show(places)

    @Slot(QPoint)
    def _on_context_requested(self, position: QPoint) -> None:
        deleted = self.runs.view.deleted
        pop_up(TRASH_MENU if deleted else TABLE_MENU, self._window, position)

    def _show_emptiness(self) -> None:
        """Where no run is shown, say why, and what to do."""
        if not self.is_front:
            return
        is_empty = self.feed.is_settled and not (self.runs.is_arranging or self.runs.model.order)
        if is_empty:
            columns, deleted = self.runs.columns, self.runs.view.deleted
            explain_emptiness(
                self._window,
                problem=self._problem and _problem_of(self.feed, deleted=deleted),
                is_narrowed=self.navigation.is_narrowed and bool(columns.count(deleted=deleted)),
                deleted=deleted,
                trashed=columns.count(deleted=True),
            )
        self._window.centre.show_table(is_empty=is_empty)


def _problem_of(feed: IndexFeed, *, deleted: bool) -> str:
    """Why the runs of a home, or those in its trash, cannot be looked at now; empty if they can."""
    return feed.index.problem_of(deleted=deleted)
