from __future__ import annotations

import random
import threading
from contextlib import ExitStack

import pytest
from PySide6.QtCore import QItemSelectionModel

from core.index.arrange import SortKey
from core.index.changes import Changes
from core.index.columns import RunColumns
from core.index.filters import Filters
from gui.table.run_selection import MAX_RANGES
from tests.support.patience import PATIENCE
from tests.support.run_tables import NOW, SECOND, make_columns, make_run, table_rig

Flag = QItemSelectionModel.SelectionFlag


@pytest.fixture
def open_rig(qtbot, tmp_path):
    """Open a table over columns; closed with the test."""
    with ExitStack() as stack:
        yield lambda columns: stack.enter_context(table_rig(qtbot, columns, tmp_path))


def select_rows(rig, rows):
    command = Flag.ClearAndSelect
    for row in rows:
        rig.runs.selection.select(rig.runs.model.index(row, 0), command | Flag.Rows)
        command = Flag.Select


def test_runs_are_shown_newest_first(open_rig):
    rig = open_rig(make_columns(30))

    assert rig.shown_ids() == [f"{number:032x}" for number in range(30)]


def test_selection_and_current_run_survive_a_sort(open_rig):
    rig = open_rig(make_columns(200))
    rig.runs.select_ids([make_run(n).id for n in (7, 3, 90)])
    told = []
    rig.runs.selection_changed.connect(lambda: told.append("selection"))
    rig.runs.current_changed.connect(lambda slot: told.append("current"))

    rig.runs.show(sort=[SortKey("scalar:last:loss")])
    rig.settle()

    losses = [rig.columns.value("scalar:last:loss", slot) for slot in rig.runs.model.order]
    assert losses == sorted(losses)
    assert rig.selected_ids() == [f"{n:032x}" for n in (3, 7, 90)]
    assert rig.runs.current_ref().id == make_run(7).id
    assert told == []


def test_selection_survives_a_filter_and_comes_back_after_it(open_rig):
    rig = open_rig(make_columns(60))
    rig.runs.select_ids([make_run(n).id for n in (2, 3, 4)])

    rig.runs.show(filters=Filters(statuses=("error",)))
    rig.settle()
    during = rig.selected_ids()
    rig.runs.show(filters=Filters())
    rig.settle()

    assert during == [make_run(2).id]
    assert rig.selected_ids() == [make_run(n).id for n in (2, 3, 4)]
    assert rig.runs.current_ref().id == make_run(2).id


def test_a_hidden_run_is_forgotten_once_the_user_selects_another(open_rig):
    rig = open_rig(make_columns(60))
    rig.runs.select_ids([make_run(3).id])

    rig.runs.show(filters=Filters(statuses=("error",)))
    rig.settle()
    select_rows(rig, [0])
    rig.runs.show(filters=Filters())
    rig.settle()

    assert rig.selected_ids() == [make_run(2).id]


def test_selection_survives_500_scattered_new_runs(open_rig):
    columns = make_columns(0)
    for number in range(0, 3000, 3):
        columns.put(make_run(number))
    rig = open_rig(columns)
    rig.runs.select_ids([make_run(n).id for n in (30, 33, 2700)])

    added = tuple(columns.put(make_run(n)) for n in random.Random(1).sample(range(1, 3000, 3), 500))
    rig.runs.on_changes(Changes(added=added))
    rig.settle()

    assert len(rig.shown_ids()) == 1500
    assert rig.selected_ids() == [make_run(n).id for n in (30, 33, 2700)]
    assert rig.runs.current_ref().id == make_run(30).id


def test_a_few_new_runs_come_in_as_rows_and_not_by_a_reset(open_rig, qtbot):
    rig = open_rig(make_columns(50))
    rig.runs.select_ids([make_run(10).id])
    resets = []
    rig.runs.model.modelReset.connect(lambda: resets.append(1))

    slot = rig.columns.put(make_run(1000, started=NOW + SECOND))
    rig.columns.remove(rig.columns.slot_of(make_run(20).id))
    rig.runs.on_changes(Changes(added=(slot,)))
    rig.settle()

    assert rig.shown_ids()[0] == make_run(1000).id
    assert make_run(20).id not in rig.shown_ids()
    assert rig.selected_ids() == [make_run(10).id]
    assert resets == []


def test_nothing_new_is_ever_selected(open_rig):
    rig = open_rig(make_columns(40))
    select_rows(rig, range(5, 15))
    before = rig.selected_ids()

    middle = rig.columns.value("started", 10) + SECOND
    rig.runs.on_changes(Changes(added=(rig.columns.put(make_run(999, started=middle)),)))
    rig.settle()

    assert make_run(999).id in rig.shown_ids()
    assert rig.selected_ids() == before


def test_a_selected_run_that_goes_is_no_longer_selected(open_rig, qtbot):
    rig = open_rig(make_columns(20))
    rig.runs.select_ids([make_run(4).id, make_run(5).id])

    slot = rig.columns.slot_of(make_run(4).id)
    rig.columns.remove(slot)
    with qtbot.waitSignal(rig.runs.selection_changed):
        rig.runs.on_changes(Changes(removed=(slot,)))
    rig.settle()

    assert rig.selected_ids() == [make_run(5).id]


def test_selection_scattered_over_thousands_of_rows_is_kept(open_rig):
    rig = open_rig(make_columns(9_000))
    chosen = [f"{n:032x}" for n in range(0, 9_000, 3)]
    rig.runs.select_ids(chosen)
    assert rig.runs.selection.is_scattered
    assert rig.runs.selection.count() == len(chosen) > MAX_RANGES

    rig.runs.show(sort=[SortKey("scalar:last:loss", descending=True)])
    rig.settle()
    assert rig.selected_ids() == chosen

    rig.runs.show(filters=Filters(statuses=("error",)))
    rig.settle()
    shown = set(rig.shown_ids())
    assert rig.selected_ids() == [run_id for run_id in chosen if run_id in shown]


def test_a_scattered_selection_can_be_changed_row_by_row(open_rig):
    rig = open_rig(make_columns(3_000))
    rig.runs.select_ids([f"{n:032x}" for n in range(0, 3_000, 2)])
    selection, model = rig.runs.selection, rig.runs.model

    selection.select(model.index(0, 0), Flag.Toggle | Flag.Rows)
    selection.select(model.index(1, 0), Flag.Toggle | Flag.Rows)
    selection.select(model.index(2, 0), Flag.Deselect | Flag.Rows)

    assert selection.count() == 1500 - 2 + 1
    assert [s for s in rig.runs.selected_slots() if s < 6] == [1, 4]
    selection.select(model.index(8, 0), Flag.ClearAndSelect | Flag.Rows)
    assert rig.runs.selected_slots() == [8]


def test_sort_by_several_keys_puts_missing_values_last_in_both_directions(open_rig):
    columns = make_columns(0)
    for number, value in enumerate((10, 9, "b", "a", None, 9)):
        columns.put(make_run(number, flags={} if value is None else {"x": value}))
    rig = open_rig(columns)

    orders = {}
    for descending in (False, True):
        rig.runs.show(sort=[SortKey("flag:x", descending=descending), SortKey("started")])
        rig.settle()
        orders[descending] = list(rig.runs.model.order)

    assert orders[False] == [5, 1, 0, 3, 2, 4]
    assert orders[True] == [2, 3, 0, 5, 1, 4]


def test_a_filter_that_is_not_understood_keeps_the_last_result(open_rig, qtbot):
    rig = open_rig(make_columns(20))

    with qtbot.waitSignal(rig.runs.failed) as heard:
        rig.runs.show(filters=Filters(expression="loss <"))
    rig.settle()

    assert heard.args[0].position >= 0
    assert len(rig.shown_ids()) == 20


def test_the_trash_is_another_place(open_rig):
    columns = make_columns(5)
    columns.put(make_run(70), deleted=True)
    rig = open_rig(columns)

    rig.runs.show(deleted=True)
    rig.settle()

    assert rig.shown_ids() == [make_run(70).id]
    ref = rig.runs.ref(rig.runs.model.order[0])
    assert ref.deleted
    assert ref.path.parent.parent.name == "trash"


def test_arranged_tells_how_many_of_how_many(open_rig, qtbot):
    rig = open_rig(make_columns(40))

    with qtbot.waitSignal(rig.runs.arranged) as heard:
        rig.runs.show(filters=Filters(statuses=("terminated",)))

    assert heard.args == [10, 40]


def test_many_changes_in_a_row_are_arranged_together(open_rig, qtbot):
    rig = open_rig(make_columns(10))
    rig.settle()
    arranged = []
    rig.runs.arranged.connect(lambda shown, total: arranged.append(shown))

    for number in range(100, 200):
        rig.runs.on_changes(Changes(added=(rig.columns.put(make_run(number)),)))
    qtbot.waitUntil(lambda: bool(arranged) and arranged[-1] == 110, timeout=5_000)

    assert len(arranged) < 10


def test_changing_columns_keeps_selection_and_current_run(open_rig):
    rig = open_rig(make_columns(30))
    rig.runs.select_ids([make_run(5).id, make_run(9).id])

    rig.runs.show_columns(["label", "flag:lr", "attr:host"])
    rig.settle()

    assert rig.runs.model.keys == ["label", "flag:lr", "attr:host"]
    assert rig.selected_ids() == [make_run(5).id, make_run(9).id]
    assert rig.runs.current_ref().id == make_run(5).id


def test_a_kind_of_column_follows_when_the_values_are_known(open_rig):
    rig = open_rig(make_columns(3))
    rig.runs.show_columns(["flag:lr", "flag:opt", "scalar:last_step:loss"])
    rig.settle()

    assert [column.kind for column in rig.runs.model.layout] == ["number", "text", "number"]
    assert rig.text(0, "scalar:last_step:loss") == "99"


def test_attributes_are_shown_once_a_worker_has_read_them(open_rig):
    may_read = threading.Event()

    def read_attr(run_id, deleted, name):
        may_read.wait(PATIENCE)
        return f"{name} of {run_id[-1]}"

    columns = RunColumns(read_attr, lambda: NOW)
    for number in range(3):
        columns.put(make_run(number, attr_names=("machine",)))
    rig = open_rig(columns)

    rig.runs.show_columns(["attr:machine"])
    before = rig.text(1, "attr:machine")
    may_read.set()
    rig.settle()

    assert (before, rig.text(1, "attr:machine")) == ("", "machine of 1")


def test_which_of_some_runs_are_selected_is_found_however_they_are_scattered(open_rig):
    rig = open_rig(make_columns(3 * MAX_RANGES))
    order = rig.runs.model.order
    for chosen in (order[:40], order[::2]):
        rig.runs.select_ids([rig.columns.value("id", slot) for slot in chosen])
        assert rig.runs.selection.is_scattered == (len(chosen) > 40)

        found = rig.runs.selection.chosen_of([order[0], order[1], order[40], 10**6])

        assert found == [slot for slot in (order[0], order[1], order[40]) if slot in chosen]
