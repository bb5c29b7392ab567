"""Runs of a remote are deleted, restored and erased where they are, batches with their trials."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QDialog, QLabel, QPushButton

from gui.views.check_box import CheckBox
from tests.support.far_desk import (
    BATCH,
    BOTH,
    HERE,
    SHORT,
    THERE,
    attr,
    front,
    label_of,
    open_trash,
    places,
    question,
    said,
    shown_ids,
    trigger,
)
from tests.support.runs import make_run
from tests.support.trees import tree

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_the_trash_of_a_remote_is_a_place_below_it_once_the_remote_is_looked_at(
    open_desk, configure, server, there, trash, qtbot
):
    make_run(trash, "d" * 32, attrs={"label": "gone"})
    configure(server)
    app, _desk = open_desk()
    assert "Trash" not in places(app)

    front(app, qtbot)
    shelf_desk = open_trash(app, qtbot)

    qtbot.waitUntil(lambda: shown_ids(shelf_desk) == {"d" * 32})
    place = places(app)["Trash"]
    assert (place.count, place.spoken, place.is_below) == ("1", "of gpu1", True)
    assert label_of(shelf_desk, "d" * 32) == "gone"
    actions = app.window.actions_by_id
    shelf_desk.runs.select_ids(["d" * 32])
    for id_ in ("run.label", "run.tag", "run.delete", "run.pull", "run.push", "run.export"):
        assert not actions[id_].isEnabled()
        assert "restore them first" in actions[id_].toolTip()
    assert not shelf_desk.runs.current_ref().can_change


def test_a_run_that_is_deleted_there_is_in_its_trash_and_comes_back(far, there, home, trash, qtbot):
    app, shelf_desk = far
    in_trash = open_trash(app, qtbot)
    assert shown_ids(in_trash) == set()
    front(app, qtbot)
    qtbot.waitUntil(lambda: shelf_desk.runs.select_ids([THERE]))

    trigger(app, "run.delete")
    said(app, qtbot, f"Moved run {SHORT} to the trash on gpu1.")
    assert shelf_desk.runs.selected_ids() == [BOTH]  # its neighbour
    assert (trash / THERE).is_dir()
    assert (home / "runs" / HERE).is_dir()
    qtbot.waitUntil(lambda: shown_ids(shelf_desk) == {BOTH}, timeout=10_000)
    open_trash(app, qtbot)
    qtbot.waitUntil(lambda: shown_ids(in_trash) == {THERE}, timeout=10_000)
    in_trash.runs.select_ids([THERE])
    trigger(app, "run.restore")

    said(app, qtbot, f"Restored run {SHORT} from the trash on gpu1.")
    assert (there / THERE).is_dir()
    qtbot.waitUntil(lambda: shown_ids(in_trash) == set(), timeout=10_000)
    front(app, qtbot)
    qtbot.waitUntil(lambda: shown_ids(shelf_desk) == {THERE, BOTH}, timeout=10_000)


def test_a_name_that_was_taken_in_the_trash_is_shown_and_restored(
    open_desk, configure, server, there, trash, qtbot
):
    other = f"{THERE}_abcd1234"
    make_run(trash, other, attrs={"label": "an older one"})
    configure(server)
    app, _desk = open_desk()
    front(app, qtbot)
    in_trash = open_trash(app, qtbot)
    qtbot.waitUntil(lambda: in_trash.runs.select_ids([other]))

    trigger(app, "run.restore")

    said(app, qtbot, "from the trash on gpu1.")
    assert attr(there, other, "label") == "an older one\n"


def test_erasing_from_the_trash_there_is_asked_with_names_and_bytes(
    open_desk, configure, server, there, trash, home, qtbot
):
    for digit in "de":
        make_run(trash, digit * 32, attrs={"label": digit}, files={"model.bin": "x" * 5_000})
    configure(server)
    app, _desk = open_desk()
    front(app, qtbot)
    in_trash = open_trash(app, qtbot)
    qtbot.waitUntil(lambda: shown_ids(in_trash) == {"d" * 32, "e" * 32})

    in_trash.runs.select_ids(["d" * 32])
    trigger(app, "run.purge")
    dialog = question(app, qtbot, "purgeQuestion")
    assert dialog.windowTitle() == "Delete 1 run on gpu1 permanently?"
    size = dialog.findChild(QLabel, "questionSize")
    qtbot.waitUntil(lambda: size.text().endswith("KB on the host"), timeout=10_000)
    assert size.text().startswith("5.")
    dialog.findChild(QPushButton, "questionVerb").click()
    said(app, qtbot, "Deleted run dddddddd permanently on gpu1.")
    assert [path.name for path in trash.iterdir()] == ["e" * 32]

    qtbot.waitUntil(lambda: shown_ids(in_trash) == {"e" * 32}, timeout=10_000)
    trigger(app, "run.empty-trash")
    dialog = app.window.findChild(QDialog, "purgeQuestion")
    dialog.findChild(QPushButton, "questionVerb").click()
    said(app, qtbot, "Deleted run eeeeeeee permanently on gpu1.")
    assert list(trash.iterdir()) == []
    assert (there / THERE).is_dir()
    assert (home / "runs" / HERE).is_dir()


def test_an_empty_trash_there_says_so(open_desk, configure, server, there, qtbot):
    configure(server)
    app, _desk = open_desk()
    front(app, qtbot)

    in_trash = open_trash(app, qtbot)

    qtbot.waitUntil(in_trash.tabs.empty.isVisible)
    words = " ".join(label.text() for label in in_trash.tabs.empty.findChildren(QLabel))
    assert "The trash of gpu1 is empty" in words
    assert not app.window.actions_by_id["run.empty-trash"].isEnabled()


def test_erasing_there_is_asked_and_done_there_alone(far, there, home, qtbot):
    app, _shelf_desk = far

    trigger(app, "run.purge")
    dialog = question(app, qtbot, "purgeQuestion")
    words = dialog.findChild(QLabel, "questionText").text()
    assert "not moved to the trash" in words
    dialog.findChild(QPushButton, "questionVerb").click()

    said(app, qtbot, f"Deleted run {SHORT} permanently on gpu1.")
    assert not (there / THERE).exists()
    assert (home / "runs" / HERE).is_dir()


def test_undo_in_the_trash_is_about_the_same_remote(far, there, trash, qtbot):
    app, _shelf_desk = far
    trigger(app, "run.delete")
    said(app, qtbot, f"Moved run {SHORT} to the trash on gpu1.")
    in_trash = open_trash(app, qtbot)
    qtbot.waitUntil(lambda: shown_ids(in_trash) == {THERE})

    trigger(app, "edit.undo")

    qtbot.waitUntil(lambda: (there / THERE).is_dir(), timeout=10_000)
    qtbot.waitUntil(lambda: shown_ids(in_trash) == set(), timeout=10_000)


# Trials and steps


def test_a_batch_there_offers_to_take_its_trials_along_into_the_trash_and_back(
    batch, there, trash, home, qtbot
):
    app, _shelf_desk = batch
    at_home = tree(home)

    trigger(app, "run.delete")
    dialog = question(app, qtbot, "deleteQuestion")
    assert dialog.windowTitle() == "Move 1 run on gpu1 to the trash?"
    assert "2 trials that nothing else uses" in dialog.findChild(QLabel, "questionText").text()
    assert dialog.findChild(QPushButton, "questionVerb").text() == "Move 3 Runs to Trash"
    dialog.findChild(QPushButton, "questionVerb").click()
    said(app, qtbot, "Moved 3 runs to the trash on gpu1.")
    assert {path.name for path in trash.iterdir()} == {BATCH, THERE, BOTH}
    in_trash = open_trash(app, qtbot)
    qtbot.waitUntil(lambda: len(shown_ids(in_trash)) == 3, timeout=10_000)
    in_trash.runs.select_ids([BATCH])
    trigger(app, "run.restore")
    dialog = question(app, qtbot, "restoreQuestion")
    assert dialog.windowTitle() == "Restore 1 run from the trash on gpu1?"
    dialog.findChild(CheckBox, "questionAlso").setChecked(False)
    dialog.findChild(QPushButton, "questionVerb").click()

    said(app, qtbot, f"Restored run {BATCH[:8]} from the trash on gpu1.")
    assert (there / BATCH).is_dir()
    assert {path.name for path in trash.iterdir()} == {THERE, BOTH}
    assert tree(home) == at_home


def test_erasing_a_batch_there_offers_its_trials_which_stay_unless_they_are_wanted(
    batch, there, qtbot
):
    app, _shelf_desk = batch

    trigger(app, "run.purge")
    dialog = question(app, qtbot, "purgeQuestion")
    also = dialog.findChild(CheckBox, "questionAlso")
    assert (also.text(), also.isChecked()) == ("Take 2 trials along", False)
    dialog.findChild(QPushButton, "questionVerb").click()

    said(app, qtbot, f"Deleted run {BATCH[:8]} permanently on gpu1.")
    assert {path.name for path in there.iterdir()} == {THERE, BOTH}


def test_a_host_that_answers_late_is_waited_for_with_a_word_and_can_be_left(
    batch, server, there, qtbot
):
    app, _shelf_desk = batch
    server.freeze()

    trigger(app, "run.delete")
    said(app, qtbot, "Looking for trials and steps on gpu1…")
    app.window.undo_bar.findChild(QPushButton).click()

    qtbot.waitUntil(app.window.undo_bar.isHidden)
    server.thaw()
    assert (there / BATCH).is_dir()
