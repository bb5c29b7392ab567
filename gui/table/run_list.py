"""The runs one table shows: which, in which order, and which of them are selected.

Why a class between the index and the table: filtering, sorting and comparing with what is shown
take up to 100 ms for 100,000 runs, so they happen on a worker's thread, one after another; what
comes back is applied in one step, after which selection, current run and scroll position are the
same runs as before. Nothing is ever selected that the user did not select.
"""

from __future__ import annotations

import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from core.clock import now_us
from core.errors import Error, QueryError
from core.index.arrange import NEWEST_FIRST, SortKey, View, arrange
from core.index.columns import RunColumns
from core.index.filters import Filters
from core.jobs import JobContext
from gui.job_bridge import JobBridge, Latest
from gui.models.row_change import RowChange, row_change
from gui.models.run_table_model import RunTableModel, row_numbers
from gui.services import RunPlace, RunRef
from gui.table.columns import BASE_KEYS, Column, default_keys, glance, study
from gui.table.run_selection import RunSelection, SelectedRows, rows_of
from gui.table.selection_keeper import SelectionKeeper

if TYPE_CHECKING:
    from core.index.changes import Changes

LANE = "query"
TICK_MS = 1_000
TICKS_PER_MINUTE = 20  # relative times are looked at again every so many ticks
_REST = 3  # after an arrangement the list rests this many times as long as it took
_LONGEST_REST_MS = 1_000
_SHORTEST_REST_MS = 20


class Arrangement(Struct, frozen=True):
    """What a worker found out.

    Attributes:
        view: What was asked.
        order: Slots to show.
        rows: Row of each slot.
        chosen: The slots that were selected when the question was asked.
        selected: Their rows in `order`.
        change: What makes `order` of the order shown when the question was asked; None where
            rows change places or the view is another one: a reset is quicker then.
        total: Number of runs before filtering.
        layout: The columns, by a sample of all runs.
        took: Seconds it took.
    """

    view: View
    order: list[int]
    rows: array[int]
    chosen: frozenset[int]
    selected: SelectedRows
    change: RowChange | None
    total: int
    layout: tuple[Column, ...]
    took: float


class RunList(QObject):
    """The runs of one place as one table shows them.

    Args:
        place: Where the runs are.
        columns: What is known of them.
        bridge: Runs the questions.
        parent: Owner.
        clock: The present in microseconds since 1970-01-01 UTC.

    Attributes:
        model: The rows, for a view.
        selection: The selected rows, for a view.

    Signals:
        about_to_apply: Rows are about to come, go or move.
        applied: They have, and the selection is back.
        arranged: Number of runs shown, and of all runs of this place.
        selection_changed: Other runs are selected (by the user, or because some are gone).
        current_changed: The details are about another run now (its slot or None).
        view_changed: Place, filter or sort order are others (the arrangement follows).
        columns_changed: Other columns, or the same in another order.
        failed: The filter is not understood (a core.errors.QueryError); the last result stays.
    """

    about_to_apply = Signal()
    applied = Signal()
    arranged = Signal(int, int)
    selection_changed = Signal()
    current_changed = Signal(object)
    view_changed = Signal()
    columns_changed = Signal()
    failed = Signal(object)

    def __init__(
        self,
        place: RunPlace,
        columns: RunColumns,
        bridge: JobBridge,
        parent: QObject | None = None,
        clock: Callable[[], int] = now_us,
    ) -> None:
        super().__init__(parent)
        self._place = place
        self._columns = columns
        self._clock = clock
        self.model = RunTableModel(place, columns, clock, self)
        self.selection = RunSelection(self.model, self)
        self._keeper = SelectionKeeper(self.model, self.selection, self)
        self._view = View()
        self._applied_view: View | None = None
        self._question = Latest(bridge, LANE, self)
        self._keys_question = Latest(bridge, LANE, self)
        self._is_stale = False
        self._expected: frozenset[str] = frozenset()
        self._ticks = 0
        self._rest = QTimer(self, singleShot=True, interval=_SHORTEST_REST_MS)
        self._rest.timeout.connect(self._on_rested)
        self._ticker = QTimer(self, interval=TICK_MS)
        self._ticker.timeout.connect(self._on_tick)
        self._keeper.selection_changed.connect(self.selection_changed)
        self._keeper.current_changed.connect(self.current_changed)
        self.model.set_columns([glance(key, columns, ()) for key in BASE_KEYS])

    # What is shown

    @property
    def columns(self) -> RunColumns:
        """What is known of all runs."""
        return self._columns

    @property
    def view(self) -> View:
        """What was asked for last."""
        return self._view

    @property
    def applied_view(self) -> View | None:
        """What the rows shown answer; None before the first answer."""
        return self._applied_view

    @property
    def is_arranging(self) -> bool:
        """Whether an arrangement or a choice of columns is being computed or due."""
        return self._question.is_waiting or self._is_stale or self._keys_question.is_waiting

    def show(
        self,
        *,
        deleted: bool | None = None,
        filters: Filters | None = None,
        sort: Sequence[SortKey] | None = None,
    ) -> None:
        """Show another place, filter or order; what is not given stays as it is."""
        view = replace(
            self._view,
            deleted=self._view.deleted if deleted is None else deleted,
            filters=self._view.filters if filters is None else filters,
            sort=self._view.sort if sort is None else tuple(sort) or NEWEST_FIRST,
        )
        if view != self._view:
            self._view = view
            self.view_changed.emit()
            self._ask()

    def show_columns(self, keys: Sequence[str]) -> None:
        """Show these columns; their kinds follow when a worker has studied the values."""
        if list(keys) == self.model.keys:
            return
        slots = self.model.order[:50]
        layout = [glance(key, self._columns, slots) for key in keys]
        with self._applying():
            chosen = self._keeper.chosen()
            self.model.set_columns(layout)
            rows = self.model.rows
            self._keeper.restore(rows_of(chosen, self.model.order, rows), rows)
        self.columns_changed.emit()
        self._ask()

    def find_default_keys(self, on_found: Callable[[list[str]], None]) -> None:
        """Call `on_found` with the columns that suit these runs best."""
        columns = self._columns
        self._keys_question.ask("Choose columns", lambda _: default_keys(columns), on_found)

    @Slot(object)
    def on_changes(self, changes: Changes) -> None:
        """Runs came, changed or went: repaint them, and arrange again when there is time."""
        if self._expected:
            ids = self._columns.stored("id")
            self._keeper.expect(slot for slot in changes.added if ids[slot] in self._expected)
        self.refresh((*changes.changed, *changes.added))

    def refresh(self, changed: Iterable[int] = ()) -> None:
        """Values of these slots changed, or runs came or went."""
        self.model.changed(changed)
        self._is_stale = True
        if not self._question.is_waiting and not self._rest.isActive():
            self._ask()

    def set_ticking(self, *, on: bool) -> None:
        """Whether durations and relative times follow the clock (only while a table is seen)."""
        self._ticks = 0
        if on:
            self.model.tick()
            self._ticker.start()
        else:
            self._ticker.stop()

    def close(self) -> None:
        """Ask nothing more: the window closes."""
        self._rest.stop()
        self._ticker.stop()
        self._question.drop()
        self._keys_question.drop()
        self._is_stale = False

    # Selection

    def selected_slots(self) -> list[int]:
        """Slots of the selected runs in the table's order."""
        return self.selection.slots()

    def selected_refs(self) -> list[RunRef]:
        """The selected runs in the table's order."""
        return [self.ref(slot) for slot in self.selected_slots()]

    def selected_ids(self) -> list[str]:
        """Ids of the selected runs in the table's order."""
        ids = self._columns.stored("id")
        return [ids[slot] for slot in self.selected_slots()]

    def current_slot(self) -> int | None:
        """The run that the details are about: the selected one that was touched last."""
        return self._keeper.current_slot()

    def current_ref(self) -> RunRef | None:
        """The run that the details are about."""
        slot = self.current_slot()
        return None if slot is None else self.ref(slot)

    def ref(self, slot: int) -> RunRef:
        """Which run a slot is."""
        run_id = self._columns.value("id", slot)
        deleted = bool(self._columns.value("deleted", slot))
        return self._place.ref(run_id, deleted=deleted)

    def select_ids(self, run_ids: Iterable[str]) -> bool:
        """Select these runs and make the first current; whether all of them are shown."""
        found = [self._columns.slot_of(run_id, self._view.deleted) for run_id in run_ids]
        slots = [slot for slot in found if slot is not None]
        return self._keeper.select(slots) == len(found)

    def select_again(self, run_ids: Iterable[str], current_id: str | None) -> None:
        """Select these runs, those that a filter hides when they come, and make one current."""
        is_deleted, model = self._view.deleted, self.model
        found = [self._columns.slot_of(run_id, is_deleted) for run_id in run_ids]
        slots = [slot for slot in found if slot is not None]
        current = None if current_id is None else self._columns.slot_of(current_id, is_deleted)
        if current in slots:
            slots.remove(current)
            slots.insert(0, current)
        self._keeper.select(slots)
        self._keeper.expect(slot for slot in slots if model.row_of(slot) is None)

    def expect_ids(self, run_ids: Iterable[str]) -> None:
        """Select these runs as they come; none ends that. What is selected now is not then."""
        self._expected = frozenset(run_ids)
        if self._expected:
            self.selection.clearSelection()
            slots = (self._columns.slot_of(i, self._view.deleted) for i in self._expected)
            self._keeper.expect(slot for slot in slots if slot is not None)

    # Asking

    def _ask(self) -> None:
        """Ask for the view's runs, in place of a question that is still open."""
        self._is_stale = False
        self._rest.stop()
        columns, view, now = self._columns, self._view, self._clock()
        shown, keys, chosen = list(self.model.order), self.model.keys, self._keeper.chosen()
        is_same_view = view == self._applied_view

        def work(context: JobContext) -> Arrangement:
            return _arrange(
                columns, view, keys, shown, chosen, now, context, is_same_view=is_same_view
            )

        self._question.ask("Arrange the runs", work, self._on_arranged, self._on_failed)

    def _on_rested(self) -> None:
        if self._is_stale:
            self._ask()

    def _on_failed(self, error: Error) -> None:
        self._start_rest(0.0)
        if isinstance(error, QueryError):
            self.failed.emit(error)

    def _on_arranged(self, found: Arrangement) -> None:
        self._start_rest(found.took)
        self._applied_view = found.view
        if found.change != () or not self.model.has_layout(found.layout):
            self._apply(found)
        self.arranged.emit(len(found.order), found.total)
        self._keeper.tell_current()

    def _start_rest(self, took: float) -> None:
        rest = min(max(_SHORTEST_REST_MS, int(took * 1000 * _REST)), _LONGEST_REST_MS)
        self._rest.start(rest)

    # Applying

    def _apply(self, found: Arrangement) -> None:
        with self._applying():
            chosen = self._keeper.chosen()
            change = None if self.selection.is_scattered else found.change
            self.model.set_layout(found.layout)
            self.model.show_order(found.order, change, found.rows)
            if change is None:
                is_known = chosen is found.chosen
                selected = found.selected if is_known else rows_of(chosen, found.order, found.rows)
                self._keeper.restore(selected, found.rows)
            else:
                self._keeper.select_again(change)

    @contextmanager
    def _applying(self) -> Iterator[None]:
        self.about_to_apply.emit()
        with self._keeper.applying():
            yield
        self.applied.emit()

    def _on_tick(self) -> None:
        self._ticks += 1
        self.model.tick(with_times=self._ticks % TICKS_PER_MINUTE == 0)


def _arrange(
    columns: RunColumns,
    view: View,
    keys: Sequence[str],
    shown: list[int],
    chosen: frozenset[int],
    now: int,
    context: JobContext,
    *,
    is_same_view: bool,
) -> Arrangement:
    """On a worker's thread: everything that takes time.

    Studying the columns also makes those that were never asked for, so that cells are ready.
    """
    began = time.perf_counter()
    order = arrange(columns, view, now=now)
    context.check()
    change = row_change(shown, order) if is_same_view else None
    rows = row_numbers(order)
    context.check()
    layout = tuple(study(key, columns) for key in keys)
    selected = rows_of(chosen, order, rows)
    total = columns.count(deleted=view.deleted)
    took = time.perf_counter() - began
    return Arrangement(view, order, rows, chosen, selected, change, total, layout, took)
