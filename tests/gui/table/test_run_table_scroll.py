"""Where the rows of the table are, and which of them stay in sight."""

from __future__ import annotations

from PySide6.QtCore import QObject, QPointF, Signal
from PySide6.QtGui import QEnterEvent
from PySide6.QtWidgets import QApplication

from core.index.arrange import SortKey
from core.index.changes import Changes
from tests.support.run_tables import NOW, SECOND, click, make_run


def test_the_row_a_reader_scrolled_to_stays_at_its_height(rig):
    bar = rig.table.verticalScrollBar()
    bar.setValue(1_005)
    before = rig.table.rowAt(0), rig.table.visualRect(rig.runs.model.index(40, 0)).top()
    slot_at_top = rig.runs.model.order[before[0]]

    added = tuple(rig.columns.put(make_run(n, started=NOW + n * SECOND)) for n in (901, 902, 903))
    rig.runs.on_changes(Changes(added=added))
    rig.wait_until(lambda: len(rig.shown_ids()) == 303)

    assert rig.runs.model.order[rig.table.rowAt(0)] == slot_at_top
    assert rig.table.visualRect(rig.runs.model.index(43, 0)).top() == before[1]


class Pass(QObject):
    settled = Signal()


def test_rows_under_the_pointer_stay_once_all_runs_are_known(rig):
    first_pass = Pass()
    rig.table.anchor.wait_for_all(first_pass.settled)
    point = QPointF(40, 40)
    QApplication.sendEvent(rig.table.viewport(), QEnterEvent(point, point, point))
    assert rig.table.viewport().underMouse()

    rig.runs.on_changes(Changes(added=(rig.columns.put(make_run(901, started=NOW + SECOND)),)))
    rig.wait_until(lambda: len(rig.shown_ids()) == 301)
    assert rig.table.verticalScrollBar().value() == 0

    first_pass.settled.emit()
    rig.settle()
    rig.runs.on_changes(Changes(added=(rig.columns.put(make_run(902, started=NOW + 2 * SECOND)),)))
    rig.wait_until(lambda: len(rig.shown_ids()) == 302)
    assert rig.table.rowAt(0) == 1


def test_another_order_begins_at_the_top_also_when_columns_change_meanwhile(rig):
    rig.table.clearSelection()
    rig.table.setCurrentIndex(rig.runs.model.index(-1, -1))
    rig.table.verticalScrollBar().setValue(1_005)

    rig.runs.show(sort=[SortKey("scalar:last:loss")])
    rig.runs.show_columns(["label", "scalar:last:loss"])
    rig.settle()

    assert rig.table.verticalScrollBar().value() == 0


def test_a_column_that_was_added_comes_into_view(rig):
    rig.table.resize(300, 300)

    rig.table.show_columns([*rig.table.column_keys(), "scalar:max:acc"])
    rig.settle()

    header = rig.table.horizontalHeader()
    section = rig.table.column_keys().index("scalar:max:acc")
    right = header.sectionViewportPosition(section) + header.sectionSize(section)
    assert 0 < right <= rig.table.viewport().width()


def test_another_order_shows_its_first_runs_to_those_who_looked_at_the_first(rig):
    click(rig, 2)

    rig.runs.show(sort=[SortKey("started")])
    rig.settle()

    assert rig.table.verticalScrollBar().value() == 0
    assert rig.runs.current_ref().id == make_run(2).id


def test_other_columns_leave_the_first_runs_in_sight_of_those_who_look_at_them(rig):
    click(rig, 2)
    rig.runs.show(sort=[SortKey("started")])
    rig.settle()

    rig.table.show_columns([*rig.table.column_keys()[1:], rig.table.column_keys()[0]])
    rig.settle()

    assert rig.table.verticalScrollBar().value() == 0
    assert rig.runs.current_ref().id == make_run(2).id


def test_another_order_keeps_the_current_run_in_view_of_those_who_had_scrolled(rig):
    click(rig, 2)
    current = rig.runs.model.order[2]
    rig.table.verticalScrollBar().setValue(20)

    rig.runs.show(sort=[SortKey("started")])
    rig.settle()

    top = rig.table.visualRect(rig.runs.model.index(rig.runs.model.row_of(current), 0)).top()
    assert 0 <= top < rig.table.viewport().height()


def test_new_runs_show_up_at_the_top_when_nobody_reads_there(rig):
    slot = rig.columns.put(make_run(901, started=NOW + SECOND))
    rig.runs.on_changes(Changes(added=(slot,)))
    rig.wait_until(lambda: len(rig.shown_ids()) == 301)

    assert rig.table.verticalScrollBar().value() == 0
    assert rig.runs.model.order[rig.table.rowAt(0)] == slot
    assert rig.runs.current_ref().id == make_run(0).id
