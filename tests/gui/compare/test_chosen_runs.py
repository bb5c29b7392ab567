from __future__ import annotations

from contextlib import ExitStack

import pytest

from core.index.arrange import SortKey
from core.index.changes import Changes
from core.index.filters import Filters
from gui.compare.chosen_runs import ChosenRuns
from tests.support.run_tables import make_columns, make_run, table_rig


@pytest.fixture
def open_rig(qtbot, tmp_path):
    """Open a table over columns; closed with the test."""
    with ExitStack() as stack:
        yield lambda columns: stack.enter_context(table_rig(qtbot, columns, tmp_path))


@pytest.fixture
def rig(open_rig):
    return open_rig(make_columns(12))


@pytest.fixture
def chosen(rig):
    return ChosenRuns(rig.runs, rig.table)


def ids(*numbers: int) -> list[str]:
    return [make_run(number).id for number in numbers]


def count(signal) -> list:
    """Grows by one whenever the signal is emitted."""
    told: list = []
    signal.connect(lambda *values: told.append(values))
    return told


def test_all_runs_are_meant_while_fewer_than_two_are_selected(rig, chosen):
    rig.runs.select_ids(ids(3))

    assert chosen.ids() == ids(*range(12))
    assert not chosen.is_selection


def test_two_selected_runs_are_meant_in_the_tables_order(rig, chosen):
    told = count(chosen.changed)

    rig.runs.select_ids(ids(7, 2))

    assert chosen.ids() == ids(2, 7)
    assert [ref.id for ref in chosen.refs()] == ids(2, 7)
    assert chosen.is_selection
    assert told


def test_a_filter_decides_which_are_all(rig, chosen):
    rig.runs.show(filters=Filters(statuses=("error",)))
    rig.settle()

    assert chosen.ids() == ids(2, 6, 10)


def test_another_order_is_told(rig, chosen):
    told = count(chosen.changed)

    rig.runs.show(sort=[SortKey("started")])
    rig.settle()

    assert chosen.ids() == ids(*reversed(range(12)))
    assert len(told) == 1


def test_selected_runs_that_a_filter_hides_come_back_after_it(rig, chosen):
    rig.runs.select_ids(ids(1, 2, 6, 7))

    rig.runs.show(filters=Filters(statuses=("error",)))
    rig.settle()
    during = chosen.ids()
    rig.runs.show(filters=Filters())
    rig.settle()

    assert during == ids(2, 6)
    assert chosen.ids() == ids(1, 2, 6, 7)


def test_a_selection_that_a_filter_hides_leaves_all_that_it_shows(rig, chosen):
    rig.runs.select_ids(ids(1, 3))

    rig.runs.show(filters=Filters(statuses=("error",)))
    rig.settle()

    assert chosen.ids() == ids(2, 6, 10)
    assert not chosen.is_selection


def test_runs_stay_chosen_when_one_of_them_is_selected_in_a_page(rig, chosen):
    rig.runs.select_ids(ids(1, 2, 3))
    chosen.hold(on=True)
    told = count(chosen.changed)

    chosen.select(ids(2))

    assert chosen.ids() == ids(1, 2, 3)
    assert chosen.current_slot() == 2
    assert chosen.standing_out() == [2]
    assert told == []


def test_none_stands_out_where_all_are_selected(rig, chosen):
    rig.runs.select_ids(ids(1, 2, 3))

    assert chosen.standing_out() == []


def test_back_in_the_table_the_next_selection_is_meant(rig, chosen):
    rig.runs.select_ids(ids(1, 2, 3))
    chosen.hold(on=True)
    chosen.select(ids(2))
    chosen.hold(on=False)
    after_return = chosen.ids()

    rig.runs.select_ids(ids(5, 6))

    assert after_return == ids(1, 2, 3)
    assert chosen.ids() == ids(5, 6)


def test_what_is_selected_in_a_page_is_taken_when_asked_for(rig, chosen):
    chosen.hold(on=True)
    chosen.select(ids(4, 9))
    before = len(chosen.ids())

    chosen.take_selection()

    assert before == 12
    assert chosen.ids() == ids(4, 9)


def test_a_chosen_run_that_goes_is_chosen_no_more(rig, chosen):
    rig.runs.select_ids(ids(1, 2, 3))

    slot = rig.columns.slot_of(make_run(2).id)
    rig.columns.remove(slot)
    rig.runs.on_changes(Changes(removed=(slot,)))
    rig.settle()

    assert chosen.ids() == ids(1, 3)


def test_only_changes_of_chosen_runs_are_told(rig, chosen):
    rig.runs.select_ids(ids(1, 2))
    told = count(chosen.values_changed)

    chosen.tell_changes([5, 6])
    chosen.tell_changes([2, 6])

    assert told == [(frozenset({2}),)]


def test_the_baseline_is_told_of_though_it_is_not_chosen(rig, chosen):
    rig.runs.select_ids(ids(1, 2))
    pins = count(chosen.pinned_changed)
    told = count(chosen.values_changed)

    chosen.pin(make_run(8).id)
    chosen.pin(make_run(8).id)
    chosen.tell_changes([8])

    assert chosen.pinned == make_run(8).id
    assert len(pins) == 1
    assert told == [(frozenset({8}),)]


def test_a_baseline_that_goes_is_none_any_more(rig, chosen):
    chosen.pin(make_run(3).id)

    rig.columns.remove(rig.columns.slot_of(make_run(3).id))

    assert chosen.pinned is None


def test_a_baseline_in_the_trash_is_still_measured_against(rig, chosen):
    chosen.pin(make_run(3).id)

    (moved,) = rig.columns.move([rig.columns.slot_of(make_run(3).id)], deleted=True)

    assert chosen.pinned == make_run(3).id
    assert chosen.pinned_slot() == moved


def test_one_run_selected_in_a_page_is_no_wish_for_all(rig, chosen):
    rig.runs.select_ids(ids(1, 2, 3))
    chosen.hold(on=True)
    chosen.select(ids(2))

    chosen.take_selection()

    assert chosen.ids() == ids(1, 2, 3)


def test_runs_that_were_deleted_are_not_chosen_in_the_trash(rig, chosen):
    rig.runs.select_ids(ids(1, 2, 3))
    columns = rig.columns
    moved = columns.move([columns.slot_of(run_id) for run_id in ids(1, 2, 3)], deleted=True)
    rig.runs.on_changes(Changes(removed=(1, 2, 3), added=tuple(moved)))
    rig.settle()

    rig.runs.show(deleted=True)
    rig.settle()

    assert rig.runs.selected_ids() == []
    assert sorted(chosen.ids()) == ids(1, 2, 3)
    assert not chosen.is_selection


def test_a_choice_is_there_again_after_a_look_into_the_trash(rig, chosen):
    rig.runs.select_ids(ids(1, 2))

    rig.runs.show(deleted=True)
    rig.settle()
    during = chosen.is_selection
    rig.runs.show(deleted=False)
    rig.settle()

    assert not during
    assert chosen.is_selection
    assert chosen.ids() == rig.runs.selected_ids() == ids(1, 2)


def test_a_chosen_run_that_is_deleted_and_restored_is_chosen_again(rig, chosen):
    rig.runs.select_ids(ids(1, 2, 3))
    chosen.hold(on=True)
    columns = rig.columns

    (gone,) = columns.move([columns.slot_of(make_run(2).id)], deleted=True)
    rig.runs.on_changes(Changes(removed=(2,)))
    rig.settle()
    during = chosen.ids()
    (back,) = columns.move([gone], deleted=False)
    rig.runs.on_changes(Changes(added=(back,)))
    rig.settle()

    assert during == ids(1, 3)
    assert chosen.ids() == ids(1, 2, 3)


# Back in the table of runs


def test_a_run_that_was_looked_at_in_a_page_leaves_the_selection_of_the_user(rig, chosen):
    rig.runs.select_ids(ids(1, 2, 3))
    told = count(chosen.changed)
    chosen.hold(on=True)
    chosen.select(ids(2))

    chosen.hold(on=False)

    assert rig.runs.selected_ids() == ids(1, 2, 3)
    assert rig.runs.current_ref().id == make_run(2).id
    assert told == []


def test_all_runs_stay_selected_after_a_look_at_one(rig, chosen):
    rig.runs.select_ids(ids(*range(12)))
    chosen.hold(on=True)
    chosen.select(ids(7))
    chosen.select(())

    chosen.hold(on=False)

    assert len(rig.runs.selected_ids()) == 12
    assert chosen.is_selection


def test_a_look_where_nothing_was_selected_selects_that_run(rig, chosen):
    chosen.hold(on=True)
    chosen.select(ids(7))

    chosen.hold(on=False)

    assert rig.runs.selected_ids() == ids(7)


def test_several_runs_selected_in_a_page_are_a_choice(rig, chosen):
    rig.runs.select_ids(ids(1, 2, 3, 4))
    chosen.hold(on=True)
    chosen.select(ids(2, 3))

    chosen.hold(on=False)

    assert rig.runs.selected_ids() == ids(2, 3)
    assert chosen.ids() == ids(1, 2, 3, 4)


def test_a_run_that_the_user_went_to_is_the_selected_one(rig, chosen):
    rig.runs.select_ids(ids(1, 2, 3))
    chosen.hold(on=True)
    chosen.select(ids(2))

    chosen.keep_selection()
    chosen.hold(on=False)

    assert rig.runs.selected_ids() == ids(2)


def test_a_selection_that_a_filter_hides_in_part_is_whole_again_after_a_look(rig, chosen):
    rig.runs.select_ids(ids(1, 2, 6, 7))
    rig.runs.show(filters=Filters(statuses=("error",)))
    rig.settle()
    chosen.hold(on=True)
    chosen.select(ids(2))

    chosen.hold(on=False)
    during = rig.runs.selected_ids()
    rig.runs.show(filters=Filters())
    rig.settle()

    assert during == ids(2, 6)
    assert rig.runs.selected_ids() == ids(1, 2, 6, 7)
    assert chosen.ids() == ids(1, 2, 6, 7)


def test_a_run_that_was_deleted_after_a_look_comes_not_back_selected(rig, chosen):
    rig.runs.select_ids(ids(1, 2, 3))
    chosen.hold(on=True)
    chosen.select(ids(2))
    slot = rig.columns.slot_of(make_run(2).id)
    rig.columns.remove(slot)
    rig.runs.on_changes(Changes(removed=(slot,)))
    rig.settle()

    chosen.hold(on=False)

    assert rig.runs.selected_ids() == ids(1, 3)
