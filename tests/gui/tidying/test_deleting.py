"""Runs that go to the trash and come back, with those that belong to them."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QDialog, QPushButton

from core.runs.attrs import read_attr
from gui.places.place_catalogue import TRASH
from tests.support.tidying import (
    dialog,
    go,
    idle,
    names_in,
    plain_ids,
    press,
    press_in_bar,
    select,
    shown,
)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_deleting_moves_to_the_trash_at_once_and_says_so(desk, home, bar, trigger, qtbot):
    ids = plain_ids(desk)[1:4]
    select(desk, ids)

    trigger("run.delete")

    qtbot.waitUntil(lambda: not set(ids) & set(shown(desk)))
    assert set(ids) <= names_in(home.trash_dir)
    qtbot.waitUntil(lambda: bar.sentence == "Moved 3 runs to the trash.")
    assert bar.button("Undo") is not None


def test_the_neighbour_of_what_was_deleted_is_selected(desk, trigger, qtbot):
    before = shown(desk)
    ids = [run_id for run_id in plain_ids(desk) if run_id != before[-1]][:1]
    below = before[before.index(ids[0]) + 1]
    select(desk, ids)

    trigger("run.delete")

    qtbot.waitUntil(lambda: ids[0] not in shown(desk))
    qtbot.waitUntil(lambda: desk.runs.selected_ids() == [below])


def test_undo_brings_back_what_was_deleted_and_selects_it(desk, home, bar, trigger, qtbot):
    ids = plain_ids(desk)[1:4]
    select(desk, ids)
    trigger("run.delete")
    qtbot.waitUntil(lambda: not set(ids) & set(shown(desk)))

    press_in_bar(bar, "Undo", qtbot)

    qtbot.waitUntil(lambda: set(desk.runs.selected_ids()) == set(ids))
    assert set(ids) <= names_in(home.runs_dir)
    current = desk.runs.model.order[desk.table.currentIndex().row()]
    assert desk.runs.columns.value("id", current) in ids, "keys go on from there"
    qtbot.waitUntil(lambda: bar.sentence == "Undone: move 3 runs to the trash.")
    assert bar.button("Redo") is not None
    assert not desk.table.news  # nor did they come just now


def test_redo_deletes_again(desk, home, trigger, qtbot):
    ids = plain_ids(desk)[:2]
    select(desk, ids)
    trigger("run.delete")
    trigger("edit.undo")
    qtbot.waitUntil(lambda: idle(desk))
    assert set(ids) <= names_in(home.runs_dir)

    trigger("edit.redo")

    qtbot.waitUntil(lambda: set(ids) <= names_in(home.trash_dir))


def test_undo_pressed_while_it_goes_on_takes_that_back(desk, home, trigger, qtbot):
    ids = plain_ids(desk)[:3]
    select(desk, ids)

    trigger("run.mark")
    trigger("edit.undo")

    qtbot.waitUntil(lambda: idle(desk))
    assert all(read_attr(home.runs_dir / run_id, "marked") is None for run_id in ids)
    assert desk.tidying.changer.history.redo_step is not None


def test_what_is_marked_meanwhile_is_deleted_when_that_is_done(desk, home, trigger, qtbot):
    ids = plain_ids(desk)[:3]
    select(desk, ids)

    trigger("run.mark")
    trigger("run.delete")

    qtbot.waitUntil(lambda: set(ids) <= names_in(home.trash_dir))
    assert all(read_attr(home.trash_dir / run_id, "marked") is True for run_id in ids)


def test_restoring_from_the_trash_can_be_undone(app, desk, home, bar, trigger, qtbot):
    go(qtbot, app, TRASH)
    run_id = plain_ids(desk)[0]
    select(desk, [run_id])

    trigger("run.restore")
    qtbot.waitUntil(lambda: run_id not in shown(desk))
    assert run_id in names_in(home.runs_dir)
    qtbot.waitUntil(lambda: bar.sentence == f"Restored run {run_id[:8]} from the trash.")

    trigger("edit.undo")
    qtbot.waitUntil(lambda: run_id in shown(desk))
    assert run_id in names_in(home.trash_dir)


def test_a_batch_offers_to_take_its_trials_along(desk, home, window, trigger, qtbot):
    value = desk.runs.columns.value
    slot = next(s for s in desk.runs.model.order if value("is_batch", s))
    trials = {run_id for _, run_id in value("links", slot)} & set(shown(desk))
    running = {i for i in trials if value("status", desk.runs.columns.slot_of(i)) == "running"}
    assert trials - running
    select(desk, [value("id", slot)])

    trigger("run.delete")
    qtbot.waitUntil(lambda: window.findChild(QDialog, "deleteQuestion") is not None)
    question = dialog(window, "deleteQuestion")
    also = question.findChild(QCheckBox, "questionAlso")
    verb = question.findChild(QPushButton, "questionVerb")
    assert also.isChecked()
    assert verb.text() == f"Move {1 + len(trials)} Runs to Trash"
    also.setChecked(False)
    assert verb.text() == "Move 1 Run to Trash"
    also.setChecked(True)
    press(question, "questionVerb", qtbot)

    qtbot.waitUntil(lambda: idle(desk))
    assert trials - running <= names_in(home.trash_dir)


def test_refusals_are_counted_and_listed(desk, home, window, bar, trigger, qtbot):
    ids = plain_ids(desk)[:4]
    select(desk, ids)
    for run_id in ids[:2]:
        shutil.rmtree(home.runs_dir / run_id)

    trigger("run.delete")

    qtbot.waitUntil(lambda: bar.sentence != "")
    assert bar.sentence == "Moved 2 runs to the trash; 2 are not there any more."
    press_in_bar(bar, "Show", qtbot)
    listed = dialog(window, "refusalsDialog")
    table = listed.findChild(object, "refusalsTable")
    assert {table.model().index(row, 0).data() for row in range(2)} == {i[:8] for i in ids[:2]}
    assert {table.model().index(row, 1).data() for row in range(2)} == {"It is not there any more."}
    press(listed, "copyRefusals", qtbot)
    copied = QGuiApplication.clipboard().text()
    listed.reject()
    said = [f"{i}\tRun {i[:8]} cannot be deleted: it is not there any more." for i in ids[:2]]
    assert copied.splitlines() == said


def test_a_click_through_after_the_home_is_closed_does_nothing(app, desk, window, trigger):
    app.sessions[0]._close_desk()

    for id_ in ("run.delete", "run.mark", "edit.undo", "run.empty-trash"):
        assert not window.actions_by_id[id_].isEnabled()
    assert window.undo_bar.isHidden()
