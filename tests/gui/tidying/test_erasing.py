"""Runs that go for good, and the size of what goes."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QDialog, QLabel, QPushButton

from core.text import format_bytes
from gui.places.place_catalogue import RUNS, TRASH
from tests.support.tidying import (
    dialog,
    go,
    names_in,
    plain_ids,
    press,
    select,
    shown,
)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_the_delete_key_in_the_trash_asks_to_delete_for_good(app, desk, home, window, qtbot):
    go(qtbot, app, TRASH)
    run_id = plain_ids(desk)[0]
    select(desk, [run_id])
    table = desk.table
    table.setFocus()
    qtbot.waitUntil(table.hasFocus)

    qtbot.keyClick(table, Qt.Key.Key_Delete)

    qtbot.waitUntil(lambda: window.findChild(QDialog, "purgeQuestion") is not None)
    question = dialog(window, "purgeQuestion")
    assert question.windowTitle() == "Delete 1 run permanently?"
    said = [label.text() for label in question.findChildren(QLabel)]
    assert "The files are erased. This cannot be undone." in said
    qtbot.keyClick(question, Qt.Key.Key_Return)  # Cancel is the default
    assert run_id in names_in(home.trash_dir)

    go(qtbot, app, RUNS)
    select(desk, [plain_ids(desk)[0]])
    keys = [key.toString() for key in window.actions_by_id["run.purge"].shortcuts()]
    assert keys == ["Shift+Del"], "here the key moves to the trash"


def test_purging_asks_with_count_names_and_size_and_cancel_is_the_default(
    app, desk, home, window, trigger, qtbot
):
    go(qtbot, app, RUNS)
    ids = plain_ids(desk)[:7]
    select(desk, ids)

    trigger("run.purge")

    qtbot.waitUntil(lambda: window.findChild(QDialog, "purgeQuestion") is not None)
    question = dialog(window, "purgeQuestion")
    names = [label.text() for label in question.findChildren(QLabel, "questionName")]
    size = question.findChild(QLabel, "questionSize")
    assert question.windowTitle() == "Delete 7 runs permanently?"
    said = [label.text() for label in question.findChildren(QLabel)]
    assert "The files are erased, not moved to the trash. This cannot be undone." in said
    assert len(names) == 5
    assert names[0].startswith(desk.runs.selected_ids()[0][:8])
    qtbot.waitUntil(lambda: size.text().endswith("on disk"))
    verb = question.findChild(QPushButton, "questionVerb")
    assert verb.text() == "Delete 7 Runs Permanently"
    assert not verb.isDefault()

    qtbot.keyClick(question, Qt.Key.Key_Return)

    assert not question.isVisible()
    assert set(ids) <= names_in(home.runs_dir)


def test_purging_erases_for_ever(app, desk, home, window, bar, trigger, qtbot):
    go(qtbot, app, TRASH)
    run_id = plain_ids(desk)[0]
    select(desk, [run_id])
    trigger("run.purge")
    qtbot.waitUntil(lambda: window.findChild(QDialog, "purgeQuestion") is not None)

    press(dialog(window, "purgeQuestion"), "questionVerb", qtbot)

    qtbot.waitUntil(lambda: run_id not in shown(desk))
    assert run_id not in names_in(home.trash_dir)
    qtbot.waitUntil(lambda: bar.sentence.startswith(f"Deleted run {run_id[:8]} permanently, "))
    assert bar.button("Undo") is None


def test_the_size_of_what_is_erased_counts_those_that_go_along(desk, home, window, trigger, qtbot):
    value = desk.runs.columns.value
    slot = next(s for s in desk.runs.model.order if value("is_batch", s))
    batch = value("id", slot)
    trial = next(t for _, t in value("links", slot) if t in set(shown(desk)))
    (home.runs_dir / trial / "weights").write_bytes(b"x" * 50_000_000)
    select(desk, [batch])
    trigger("run.purge")
    qtbot.waitUntil(lambda: window.findChild(QDialog, "purgeQuestion") is not None)
    question = dialog(window, "purgeQuestion")
    size, also = (question.findChild(QLabel, "questionSize"), question.findChild(QCheckBox))
    qtbot.waitUntil(lambda: size.text().endswith("on disk"))
    alone = size.text()

    also.setChecked(True)
    qtbot.waitUntil(lambda: size.text().startswith("5") and size.text().endswith("MB on disk"))
    also.setChecked(False)
    qtbot.waitUntil(lambda: size.text() == alone)
    question.reject()


def test_emptying_the_trash_leaves_the_runs_alone(app, desk, home, window, trigger, qtbot):
    before = names_in(home.runs_dir)
    trigger("run.empty-trash")
    qtbot.waitUntil(lambda: window.findChild(QDialog, "purgeQuestion") is not None)

    press(dialog(window, "purgeQuestion"), "questionVerb", qtbot)

    qtbot.waitUntil(lambda: not desk.runs.columns.count(deleted=True))
    assert names_in(home.runs_dir) == before
    qtbot.waitUntil(lambda: not window.actions_by_id["run.empty-trash"].isEnabled())


def ask_for_size(window, trigger, qtbot) -> str:
    trigger("run.purge")
    qtbot.waitUntil(lambda: window.findChild(QDialog, "purgeQuestion") is not None)
    question = dialog(window, "purgeQuestion")
    size = question.findChild(QLabel, "questionSize")
    qtbot.waitUntil(lambda: size.text().endswith("on disk"))
    said = size.text()
    question.reject()
    qtbot.waitUntil(lambda: window.findChild(QDialog, "purgeQuestion") is None)
    return said


def test_erasing_asks_with_the_size_of_now(app, desk, home, window, trigger, qtbot, monkeypatch):
    monkeypatch.setattr("gui.table.size_feed.LOOK_SECONDS", 3600)
    go(qtbot, app, RUNS)
    run_id = plain_ids(desk)[0]
    slot = desk.runs.columns.slot_of(run_id, False)
    qtbot.waitUntil(lambda: desk.runs.columns.value("size", slot) is not None)
    known = desk.runs.columns.value("size", slot)
    select(desk, [run_id])
    before = ask_for_size(window, trigger, qtbot)

    (home.runs_dir / run_id / "weights").write_bytes(b"x" * 5_000_000)

    assert before == f"{format_bytes(known)} on disk"
    assert ask_for_size(window, trigger, qtbot) == f"{format_bytes(known + 5_000_000)} on disk"


def test_no_more_than_some_thousand_known_sizes_are_measured_again(
    app, desk, home, window, trigger, qtbot, monkeypatch
):
    monkeypatch.setattr("gui.table.size_feed.LOOK_SECONDS", 3600)
    monkeypatch.setattr("gui.table.size_count.MOST_AGAIN", 1)
    go(qtbot, app, RUNS)
    ids = plain_ids(desk)[:3]
    columns = desk.runs.columns
    slots = [columns.slot_of(run_id, False) for run_id in ids]
    qtbot.waitUntil(lambda: all(columns.value("size", slot) is not None for slot in slots))
    total = sum(columns.value("size", slot) for slot in slots)
    select(desk, ids)

    for run_id in ids:
        (home.runs_dir / run_id / "weights").write_bytes(b"x" * 5_000_000)

    about = f"about {format_bytes(total + 5_000_000)} on disk"
    assert ask_for_size(window, trigger, qtbot) == about


def test_sizes_are_found_out_and_the_largest_run_comes_first(desk, trigger, qtbot):
    columns = desk.runs.columns

    trigger("view.largest-first")

    slots = columns.slots()
    qtbot.waitUntil(lambda: all(columns.value("size", slot) is not None for slot in slots))
    largest = max(columns.value("size", slot) for slot in slots)
    qtbot.waitUntil(lambda: columns.value("size", desk.runs.model.order[0]) == largest)
    section = desk.runs.model.keys.index("size")
    assert desk.runs.model.index(0, section).data().endswith(("KB", "MB"))
