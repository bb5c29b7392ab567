"""Which runs of a home are shown: the place on the left and the text of the filter box together.

Why the place is more than a filter text: the trash and the trials of a batch cannot be written as
an expression. Everything that can (tags, smart lists) is, so that the user sees and may change it.
"""

from __future__ import annotations

from pathlib import Path

from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal, Slot

from core.index.filters import Filters
from gui.models.places_model import Place, PlaceKind
from gui.places.place_catalogue import RUNS, TRASH, tag_filter
from gui.table.run_list import RunList
from gui.views.filter.filter_edit import FilterEdit
from gui.views.sidebar.places import PlacesView

PlaceName = tuple[PlaceKind, str]

_TEXTS = (PlaceKind.LIST, PlaceKind.OWN_LIST, PlaceKind.TAG)
"""Places that are nothing but the text they put into the box."""


class Navigation(QObject):
    """Keeps places, filter box and run list of one home in step.

    Args:
        runs: What is shown.
        places: The places on the left.
        filter_box: The text above the table.
        parent: Owner.

    Signals:
        run_missing: A run that was asked for is not in this home (its id).
        archive_wanted: The user went to an archive (its path), which is none of the home's runs.
        remote_wanted: The user went to a remote (its name).
        remote_trash_wanted: The user went to the trash of a remote (the remote's name).
        shown: Runs of this home are what is looked at now.
    """

    run_missing = Signal(str)
    archive_wanted = Signal(object)
    remote_wanted = Signal(str)
    remote_trash_wanted = Signal(str)
    shown = Signal()

    def __init__(
        self, runs: RunList, places: PlacesView, filter_box: FilterEdit, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._runs = runs
        self._places = places
        self._filter_box = filter_box
        self._place: PlaceName = RUNS
        self._text_of_place = ""
        self._wanted_run: str | None = None
        places.place_chosen.connect(self.go_to)
        filter_box.filters_changed.connect(self._on_filters_changed)
        runs.arranged.connect(self._on_arranged)

    @property
    def place(self) -> PlaceName:
        """The place that is shown."""
        return self._place

    @property
    def is_narrowed(self) -> bool:
        """Whether a filter or a batch hides some runs of the home, or of the trash."""
        return not self._runs.view.filters.is_empty

    def start(self, place: PlaceName, text: str) -> None:
        """Show what was shown the last time."""
        self._place = place
        self._set_text(text)
        if place[0] not in _TEXTS:
            self._text_of_place = ""  # the user typed it
        self._show()

    @Slot(object)
    def go_to(self, place: Place) -> None:
        """Show the runs of a place; a text that another place put into the box goes."""
        if place.kind is PlaceKind.ARCHIVE:
            self.archive_wanted.emit(Path(place.key))
            return
        if place.kind is PlaceKind.REMOTE:
            self.remote_wanted.emit(place.key)
            return
        if place.kind is PlaceKind.REMOTE_TRASH:
            self.remote_trash_wanted.emit(place.key)
            return
        if place.filter is None:
            self.go(place.name)
            return
        self._place = place.name
        self._set_text(place.filter)
        self._show()

    def go(self, name: PlaceName) -> None:
        """Show the runs or the trash, without what another place put into the box."""
        self._place = name
        if self._text_of_place:
            self._set_text("")
        self._show()

    def clear_filter(self) -> None:
        """Show every run of the home, or of the trash."""
        self._place = TRASH if self._runs.view.deleted else RUNS
        self._set_text("")
        self._show()

    def show_filter(self, text: str) -> None:
        """Show the runs of a text, as if the user had typed it."""
        self._filter_box.set_text(text)
        self._on_filters_changed()

    def show_tag(self, tag: str) -> None:
        """Show the runs with a tag; within the trash, if that is shown."""
        if self._runs.view.deleted:
            self._set_text(tag_filter(tag))
            self._show()
        else:
            self.go_to(Place(PlaceKind.TAG, tag, tag, filter=tag_filter(tag)))

    def show_trials(self, batch_id: str) -> None:
        """Show only the trials of a batch."""
        self._place = (PlaceKind.BATCH, batch_id)
        self._set_text("")
        self._show()

    def go_to_run(self, run_id: str) -> None:
        """Select a run, wherever it is; a filter that hides it goes."""
        columns = self._runs.columns
        is_deleted = columns.slot_of(run_id) is None
        if is_deleted and columns.slot_of(run_id, deleted=True) is None:
            self.run_missing.emit(run_id)
            return
        if is_deleted == self._runs.view.deleted and self._runs.select_ids([run_id]):
            self.shown.emit()
            return
        self.want_run(run_id)
        self._place = TRASH if is_deleted else RUNS
        self._set_text("")
        self._show()

    def want_run(self, run_id: str) -> None:
        """Select a run as soon as it is shown."""
        self._wanted_run = run_id

    def _set_text(self, text: str) -> None:
        self._filter_box.set_text(text)
        self._text_of_place = text

    def _show(self) -> None:
        kind, key = self._place
        filters = Filters.of_box(self._filter_box.text())
        if kind is PlaceKind.BATCH:
            filters = replace(filters, trials_of=key)
        self._places.mark(self._place)
        self.shown.emit()
        self._runs.show(deleted=kind is PlaceKind.TRASH, filters=filters)

    @Slot()
    def _on_filters_changed(self) -> None:
        """The user typed: the place stays unless it was nothing but the text it put there."""
        kind, _ = self._place
        if kind in _TEXTS and self._filter_box.text() != self._text_of_place:
            self._place, self._text_of_place = RUNS, ""
        self._show()

    @Slot()
    def _on_arranged(self) -> None:
        wanted, runs = self._wanted_run, self._runs
        slot = None if wanted is None else runs.columns.slot_of(wanted, runs.view.deleted)
        if wanted is None or slot is None:
            return
        is_shown = runs.model.row_of(slot) is not None
        if is_shown:
            runs.select_ids([wanted])
        # What is known may be ahead of what is shown; only a filter hides a run for good.
        is_hidden = self.is_narrowed and bool(runs.model.order)
        if not runs.is_arranging and (is_shown or is_hidden):
            self._wanted_run = None
