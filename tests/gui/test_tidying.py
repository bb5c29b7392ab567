from __future__ import annotations

import os
import shutil
import signal
import socket
import threading
import time

import pytest
from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QCheckBox, QDialog, QLabel, QPushButton

from core.errors import Cancelled
from core.home import Home
from core.runs.attrs import read_attr
from core.runs.busy import find_busy
from core.runs.refusal import Refusal, RefusalKind
from core.sample import make_sample_store
from core.text import format_bytes
from gui.commands import MARKING, Result, Wording
from gui.history import Step
from gui.place_catalogue import RUNS, TRASH
from tests.support.application import wait_until_settled
from tests.support.processes import OBEDIENT, STUBBORN
from tests.support.runs import make_run

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


@pytest.fixture
def home(tmp_path) -> Home:
    """A home with runs that have ended, some of them trials of a batch, and one running."""
    path = tmp_path / "project" / ".guild"
    path.parent.mkdir()
    make_sample_store(path, runs=24, seed=3)
    return Home(path)


@pytest.fixture
def app(open_app, home):
    return open_app(home.path)


@pytest.fixture
def window(app):
    return app.window


@pytest.fixture
def desk(app):
    return app.sessions[0].desk


@pytest.fixture
def bar(window):
    return window.undo_bar


@pytest.fixture
def trigger(window):
    return lambda id_: window.actions_by_id[id_].trigger()


def shown(desk) -> list[str]:
    ids = desk.runs.columns.stored("id")
    return [ids[slot] for slot in desk.runs.model.order]


def plain_ids(desk) -> list[str]:
    """Shown runs that have ended and neither start nor belong to others."""
    value = desk.runs.columns.value
    return [
        value("id", slot)
        for slot in desk.runs.model.order
        if value("status", slot) not in ("running", "staged", "pending")
        and not value("links", slot)
        and not value("problem", slot)
    ]


def idle(desk) -> bool:
    return not desk.tidying.changer.is_busy and not desk.runs.is_arranging


def select(desk, ids) -> None:
    assert desk.runs.select_ids(ids)


def go(qtbot, app, place) -> None:
    app.sessions[0].desk.navigation.go(place)
    wait_until_settled(qtbot, app)


def names_in(directory) -> set[str]:
    return {entry.name for entry in directory.iterdir()} if directory.is_dir() else set()


def dialog(window, name: str) -> QDialog:
    found = window.findChild(QDialog, name)
    assert found is not None
    assert found.isVisible()
    return found


def text_of(question, name: str) -> str:
    return question.findChild(QLabel, name).text()


def press(widget, name: str, qtbot) -> None:
    qtbot.mouseClick(widget.findChild(QPushButton, name), Qt.MouseButton.LeftButton)


def press_in_bar(bar, text, qtbot) -> None:
    qtbot.waitUntil(lambda: bar.button(text) is not None)
    qtbot.mouseClick(bar.button(text), Qt.MouseButton.LeftButton)


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


def test_mark_toggles(desk, home, bar, trigger, qtbot):
    run_id = next(i for i in plain_ids(desk) if read_attr(home.runs_dir / i, "marked") is None)
    other = next(i for i in plain_ids(desk) if i != run_id)
    columns = desk.runs.columns
    select(desk, [run_id])
    trigger("run.mark")
    qtbot.waitUntil(lambda: columns.value("marked", columns.slot_of(run_id)))
    qtbot.waitUntil(lambda: bar.sentence == f"Marked run {run_id[:8]}.")

    select(desk, [run_id, other])
    trigger("run.mark")
    qtbot.waitUntil(lambda: columns.value("marked", columns.slot_of(other)))
    trigger("run.mark")

    qtbot.waitUntil(lambda: not columns.value("marked", columns.slot_of(run_id)))
    qtbot.waitUntil(lambda: bar.sentence == "Unmarked 2 runs.")
    assert read_attr(home.runs_dir / other, "marked") is None


def test_an_undo_leaves_what_somebody_else_wrote_since(desk, home, bar, trigger, qtbot):
    ids = [i for i in plain_ids(desk) if read_attr(home.runs_dir / i, "marked") is None][:2]
    select(desk, ids)
    trigger("run.mark")
    qtbot.waitUntil(lambda: idle(desk))
    (home.runs_dir / ids[0] / ".guild" / "attrs" / "marked").unlink()

    trigger("edit.undo")

    qtbot.waitUntil(lambda: bar.sentence.startswith("Undone"))
    assert ids[0][:8] in bar.sentence
    assert "meanwhile" in bar.sentence
    assert read_attr(home.runs_dir / ids[1], "marked") is None


def test_undo_and_redo_name_what_they_would_do(desk, window, trigger, qtbot):
    undo, redo = window.actions_by_id["edit.undo"], window.actions_by_id["edit.redo"]
    assert not undo.isEnabled()
    assert not redo.isEnabled()
    assert "Nothing was done yet." in undo.toolTip()
    select(desk, plain_ids(desk)[:2])

    trigger("run.delete")
    qtbot.waitUntil(lambda: idle(desk))
    assert undo.isEnabled()
    assert undo.text() == "&Undo “Move 2 runs to the trash”"

    trigger("edit.undo")
    qtbot.waitUntil(lambda: idle(desk))
    assert not undo.isEnabled()
    assert redo.isEnabled()
    assert redo.text() == "&Redo “Move 2 runs to the trash”"


def test_something_new_ends_what_could_be_done_again(desk, window, trigger, qtbot):
    select(desk, plain_ids(desk)[:1])
    trigger("run.mark")
    trigger("edit.undo")
    qtbot.waitUntil(lambda: idle(desk))

    trigger("run.mark")
    qtbot.waitUntil(lambda: idle(desk))

    assert not window.actions_by_id["edit.redo"].isEnabled()


def test_actions_say_why_they_cannot_be_used(app, desk, window, qtbot):
    actions = window.actions_by_id
    desk.runs.selection.clearSelection()
    for id_ in ("run.mark", "run.delete", "run.purge", "run.stop"):
        assert not actions[id_].isEnabled()
        assert "Select a run first." in actions[id_].toolTip()
    assert "Only runs in the trash" in actions["run.restore"].toolTip()

    go(qtbot, app, TRASH)
    select(desk, shown(desk)[:1])

    assert actions["run.restore"].isEnabled()
    assert actions["run.purge"].isEnabled()
    assert actions["run.empty-trash"].isEnabled()
    assert "restore them first" in actions["run.mark"].toolTip()
    assert "in the trash already" in actions["run.delete"].toolTip()
    assert "restore them first" in actions["run.stop"].toolTip()


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


def test_a_click_on_the_star_marks_that_run_alone(desk, home, qtbot):
    desk.table.show_columns(["status", "marked", "label"])
    qtbot.waitUntil(lambda: desk.runs.model.keys == ["status", "marked", "label"] and idle(desk))
    run_id = next(i for i in plain_ids(desk) if read_attr(home.runs_dir / i, "marked") is None)
    columns, model = desk.runs.columns, desk.runs.model
    cell = desk.table.visualRect(model.index(model.row_of(columns.slot_of(run_id)), 1))

    qtbot.mouseClick(desk.table.viewport(), Qt.MouseButton.LeftButton, pos=cell.center())

    qtbot.waitUntil(lambda: columns.value("marked", columns.slot_of(run_id)))
    assert read_attr(home.runs_dir / run_id, "marked") is True


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
    monkeypatch.setattr("gui.size_feed.LOOK_SECONDS", 3600)
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
    monkeypatch.setattr("gui.size_feed.LOOK_SECONDS", 3600)
    monkeypatch.setattr("gui.size_count.MOST_AGAIN", 1)
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


class Slow:
    """A command that does one run and then waits to be stopped."""

    wording = Wording("Water", "Watering", "Watered")

    kind = "change"

    def __init__(self, ids):
        self.ids = tuple(ids)
        self.began = threading.Event()

    def run(self, advance):
        try:
            advance(1)
            self.began.set()
            while True:
                advance(0)
                time.sleep(0.001)
        except Cancelled:
            return Result(done=self.ids[:1], cancelled=True)

    def without(self, ids):
        return self


def test_a_window_that_closes_meanwhile_says_later_what_was_left(app, home, open_app, desk, qtbot):
    command = Slow(shown(desk)[:3])
    desk.tidying.changer.do(command)
    qtbot.waitUntil(command.began.is_set)

    app.window.close()

    again = open_app(home.path)
    notice = again.window.centre.notices.text()
    assert notice.startswith("“Water 3 runs” was stopped when the window closed: 1 of 3 runs")
    again.window.close()
    assert not open_app(home.path).window.centre.notices.text()


def test_what_takes_long_shows_how_far_it_is_and_can_be_cancelled(desk, bar, qtbot):
    command = Slow(shown(desk)[:3])
    desk.tidying.changer.do(command)
    qtbot.waitUntil(lambda: bar.sentence == "Watering 3 runs… 1 of 3")

    press_in_bar(bar, "Cancel", qtbot)

    qtbot.waitUntil(lambda: bar.sentence.startswith("Stopped: watered run"))
    assert bar.sentence.endswith("2 runs left as they were.")


@pytest.fixture
def running(desk, home, start_operation, qtbot) -> str:
    """A run whose process lives on this machine."""
    run_id = "f" * 32
    run_dir = make_run(home.runs_dir, run_id, attrs={"host": socket.gethostname()})
    start_operation(run_dir, OBEDIENT)
    columns = desk.runs.columns
    qtbot.waitUntil(lambda: columns.slot_of(run_id) is not None)
    desk.feed.look_now()
    qtbot.waitUntil(lambda: columns.value("status", columns.slot_of(run_id)) == "running")
    qtbot.waitUntil(lambda: run_id in shown(desk))
    return run_id


def test_stopping_asks_shows_it_and_says_what_became_of_it(
    running, desk, window, bar, trigger, qtbot
):
    select(desk, [running])
    trigger("run.stop")
    question = dialog(window, "stopQuestion")
    assert question.findChild(QPushButton, "questionVerb").text() == "Stop 1 Run"
    assert not question.findChild(QPushButton, "questionVerb").isDefault()

    press(question, "questionVerb", qtbot)

    slot = desk.runs.columns.slot_of(running)
    section = desk.runs.model.keys.index("status")
    assert desk.runs.model.texts.note(section, slot) == "stopping…"
    assert not window.actions_by_id["run.stop"].isEnabled()
    # The process is gone a moment before the job has said so.
    value = desk.runs.columns.value
    qtbot.waitUntil(lambda: value("status", slot) != "running", timeout=20_000)
    assert desk.runs.model.texts.note(section, slot) == ""
    qtbot.waitUntil(lambda: bar.sentence == f"Stopped run {running[:8]}.", timeout=20_000)
    assert desk.runs.model.texts.note(section, slot) == ""


@pytest.fixture
def elsewhere(desk, home, qtbot) -> list[str]:
    """Two runs that are running on another machine."""
    ids = ["d" * 32, "c" * 32]
    for run_id in ids:
        make_run(home.runs_dir, run_id, files={".guild/LOCK.remote": "gpu1"})
    columns = desk.runs.columns
    desk.feed.look_now()
    qtbot.waitUntil(lambda: set(ids) <= set(shown(desk)))
    assert [columns.value("status", columns.slot_of(i)) for i in ids] == ["running"] * 2
    return ids


def test_only_what_runs_here_is_counted_where_it_is_stopped(
    running, elsewhere, desk, window, trigger
):
    select(desk, [running, *elsewhere])
    trigger("run.stop")

    question = dialog(window, "stopQuestion")
    assert text_of(question, "questionTitle") == "Stop 1 run?"
    assert question.findChild(QPushButton, "questionVerb").text() == "Stop 1 Run"
    assert [label.text()[:8] for label in question.findChildren(QLabel, "questionName")] == [
        running[:8]
    ]
    said = text_of(question, "questionText")
    assert said.endswith("continued. 2 more run on gpu1 and can be stopped only there.")
    question.reject()


def test_runs_of_another_machine_cannot_be_stopped_and_it_is_said_why(elsewhere, desk, window):
    action = window.actions_by_id["run.stop"]

    select(desk, elsewhere)
    assert not action.isEnabled()
    assert "They run on gpu1 and can be stopped only there." in action.toolTip()

    select(desk, elsewhere[:1])
    assert "It runs on gpu1 and can be stopped only there." in action.toolTip()


def test_the_question_before_erasing_says_what_is_running(
    running, elsewhere, desk, window, trigger, qtbot
):
    select(desk, [running, *elsewhere])
    trigger("run.purge")
    qtbot.waitUntil(lambda: window.findChild(QDialog, "purgeQuestion") is not None)
    question = dialog(window, "purgeQuestion")

    # What LOCK.remote says of another machine bars nothing: this copy does not run.
    said = text_of(question, "questionText")
    question.reject()
    assert said.endswith("undone. 1 of them is running and stays; stop it first.")


def test_a_running_run_is_not_deleted_but_may_be_stopped_first(
    running, desk, home, window, bar, trigger, qtbot
):
    select(desk, [running])
    trigger("run.delete")
    press_in_bar(bar, "Stop and Delete…", qtbot)
    assert running in names_in(home.runs_dir)

    press(dialog(window, "stopQuestion"), "questionVerb", qtbot)

    qtbot.waitUntil(lambda: running in names_in(home.trash_dir), timeout=20_000)
    qtbot.waitUntil(lambda: bar.sentence == f"Moved run {running[:8]} to the trash.")


def test_a_run_that_ended_before_it_was_to_be_stopped_is_deleted(
    running, desk, home, window, bar, trigger, qtbot
):
    select(desk, [running])
    trigger("run.delete")
    press_in_bar(bar, "Stop and Delete…", qtbot)
    question = dialog(window, "stopQuestion")
    lock = home.runs_dir / running / ".guild" / "LOCK"
    os.kill(int(lock.read_text()), signal.SIGKILL)
    qtbot.waitUntil(lambda: find_busy(home.runs_dir / running) is None)

    press(question, "questionVerb", qtbot)

    qtbot.waitUntil(lambda: bar.sentence == f"Moved run {running[:8]} to the trash.")
    assert running in names_in(home.trash_dir)


def test_in_a_large_selection_stop_is_for_running_runs_too(
    running, desk, window, qtbot, monkeypatch
):
    monkeypatch.setattr("gui.change_actions.MOST_LOOKED_AT", 1)
    action = window.actions_by_id["run.stop"]

    select(desk, plain_ids(desk)[:3])
    assert not action.isEnabled()
    assert "None of the selected runs is running." in action.toolTip()

    select(desk, [*plain_ids(desk)[:3], running])
    assert action.isEnabled()


def test_a_run_that_does_not_end_keeps_no_other_waiting(desk, home, start_operation, qtbot):
    codes = {"1" * 32: OBEDIENT, "2" * 32: STUBBORN, "3" * 32: OBEDIENT}
    for run_id, code in codes.items():
        run_dir = make_run(home.runs_dir, run_id, attrs={"host": socket.gethostname()})
        start_operation(run_dir, code)
    first, stubborn, third = codes
    stopper = desk.tidying.stopper
    stopper.stop([first, stubborn])
    qtbot.waitUntil(lambda: stopper.stopping == {stubborn}, timeout=20_000)

    stopper.stop([third])

    qtbot.waitUntil(lambda: stopper.stopping == {stubborn}, timeout=20_000)
    assert read_attr(home.runs_dir / third, "exit_status") == -15


def test_what_is_being_stopped_is_not_asked_for_again(
    running, desk, home, window, trigger, start_operation, qtbot
):
    other = "7" * 32
    start_operation(make_run(home.runs_dir, other, attrs={"host": socket.gethostname()}), STUBBORN)
    columns = desk.runs.columns
    desk.feed.look_now()
    qtbot.waitUntil(lambda: {running, other} <= set(shown(desk)))
    qtbot.waitUntil(lambda: columns.value("status", columns.slot_of(other)) == "running")
    desk.tidying.stopper.stop([other])
    select(desk, [running, other])

    trigger("run.stop")

    question = dialog(window, "stopQuestion")
    assert text_of(question, "questionTitle") == "Stop 1 run?"
    assert text_of(question, "questionName").startswith(running[:8])
    question.reject()


@pytest.fixture
def doubtful(desk, home, qtbot) -> str:
    """A run that another machine began, with a LOCK that says nothing here."""
    run_id = "b" * 32
    attrs, files = {"host": "box.example"}, {".guild/LOCK": "4711", "weights": "x" * 2_000_000}
    make_run(home.runs_dir, run_id, attrs=attrs, files=files)
    desk.feed.look_now()
    qtbot.waitUntil(lambda: run_id in shown(desk))
    return run_id


def test_a_run_that_may_be_running_elsewhere_goes_when_one_insists(
    doubtful, desk, home, window, bar, trigger, qtbot
):
    select(desk, [doubtful])
    trigger("run.delete")
    press_in_bar(bar, "Delete Anyway…", qtbot)
    question = dialog(window, "insistQuestion")
    assert text_of(question, "questionTitle") == "Move 1 run that may be running to the trash?"
    assert question.findChild(QLabel, "questionSize").isHidden()

    press(question, "questionVerb", qtbot)

    qtbot.waitUntil(lambda: doubtful in names_in(home.trash_dir))


def test_insisting_on_erasing_says_how_much_and_that_it_is_for_good(
    doubtful, desk, home, window, bar, trigger, qtbot
):
    select(desk, [doubtful])
    trigger("run.purge")
    qtbot.waitUntil(lambda: window.findChild(QDialog, "purgeQuestion") is not None)
    press(dialog(window, "purgeQuestion"), "questionVerb", qtbot)
    press_in_bar(bar, "Delete Anyway…", qtbot)

    question = dialog(window, "insistQuestion")
    assert text_of(question, "questionTitle") == "Permanently delete 1 run that may be running?"
    assert text_of(question, "questionText").endswith("This cannot be undone.")
    verb = question.findChild(QPushButton, "questionVerb")
    assert (verb.text(), verb.isDefault()) == ("Delete 1 Run Permanently", False)
    size = question.findChild(QLabel, "questionSize")
    qtbot.waitUntil(lambda: size.text() == "2.0 MB on disk")
    press(question, "questionVerb", qtbot)

    qtbot.waitUntil(lambda: doubtful not in names_in(home.runs_dir))
    assert doubtful not in names_in(home.trash_dir)


@pytest.fixture
def running_batch(running, desk, home, qtbot) -> tuple[str, str]:
    """A batch whose process lives on this machine, and its pending trial."""
    trial = "e" * 32
    make_run(home.runs_dir, trial, files={".guild/PENDING": ""})
    make_run(home.runs_dir / running / ".guild", "proto")
    (home.runs_dir / running / trial).symlink_to(f"../{trial}")
    columns = desk.runs.columns
    desk.feed.look_now()
    qtbot.waitUntil(
        lambda: (
            columns.slot_of(trial) is not None
            and bool(columns.stored("links")[columns.slot_of(running)])
        )
    )
    return running, trial


def test_pending_trials_stay_with_their_running_batch_until_it_is_stopped(
    running_batch, desk, home, window, bar, trigger, qtbot
):
    running, trial = running_batch
    select(desk, [running])
    trigger("run.delete")
    qtbot.waitUntil(lambda: window.findChild(QDialog, "deleteQuestion") is not None)
    question = dialog(window, "deleteQuestion")
    assert text_of(question, "questionText").endswith(
        "It is running and stays with what belongs to it; stop it first."
    )
    press(question, "questionVerb", qtbot)

    said = "1 run is still running, and 1 that belongs to it stays."
    qtbot.waitUntil(lambda: bar.sentence == said)
    assert {running, trial} <= set(names_in(home.runs_dir))

    press_in_bar(bar, "Stop and Delete…", qtbot)
    question = dialog(window, "stopQuestion")
    assert text_of(question, "questionTitle") == "Stop and delete 1 run?"
    assert text_of(question, "questionText").endswith(" 1 trial or step goes along.")
    press(question, "questionVerb", qtbot)

    qtbot.waitUntil(lambda: bar.sentence == "Moved 2 runs to the trash.", timeout=20_000)
    assert {running, trial} <= set(names_in(home.trash_dir))


def test_what_a_killed_import_left_is_finished_at_the_start_and_said(open_app, home, qtbot):
    waiting = home.path / "incoming" / "import-abcdefgh"
    make_run(waiting / "swap", "f" * 32)
    make_run(waiting / "part", "e" * 32)

    bar = open_app(home.path).window.undo_bar

    qtbot.waitUntil(lambda: "An interrupted import was finished: 1 run (ffffffff)." in bar.sentence)
    assert (home.runs_dir / ("f" * 32)).is_dir()
    assert not (home.path / "incoming").exists()


class NeedsRoom(Struct, frozen=True):
    """A step back that is refused for all runs but the first until there is room, or a right."""

    ids: tuple[str, ...]
    room: threading.Event
    lacks: RefusalKind = "full"
    wording: Wording = MARKING

    kind = "change"

    def run(self, _advance) -> Result:
        if self.room.is_set():
            return Result(done=self.ids)
        first, *others = self.ids
        why = "Run cannot be changed."
        return Result(done=(first,), refused=tuple(Refusal(i, why, self.lacks) for i in others))

    def without(self, ids) -> NeedsRoom:
        return replace(self, ids=tuple(i for i in self.ids if i not in ids))


def test_what_a_full_disk_refused_to_take_back_can_be_tried_again(qtbot, desk):
    ids, room = tuple(plain_ids(desk)[:3]), threading.Event()
    changer = desk.tidying.changer
    history = changer.history
    history.add(Step("Mark 3 runs", NeedsRoom(ids, room)))

    changer.undo()
    qtbot.waitUntil(lambda: bool(history.undo_step) and history.undo_step.command.ids == ids[1:])

    room.set()
    changer.undo()
    qtbot.waitUntil(lambda: history.undo_step is None and idle(desk))


@pytest.mark.parametrize("lacks", ["full", "denied", "gone"])
def test_the_bar_offers_what_was_refused_for_now_once_more(qtbot, desk, bar, lacks):
    ids, room = tuple(plain_ids(desk)[:3]), threading.Event()
    history = desk.tidying.changer.history
    history.add(Step("Mark 3 runs", NeedsRoom(ids, room, lacks)))
    desk.tidying.changer.undo()
    qtbot.waitUntil(lambda: bar.button("Try Again") is not None and idle(desk))

    room.set()
    press_in_bar(bar, "Try Again", qtbot)

    qtbot.waitUntil(lambda: bar.sentence == "Marked 2 runs." and idle(desk))
    assert history.undo_step is None


def test_an_undo_that_lacks_a_right_does_not_bar_the_steps_before(qtbot, desk, bar):
    ids, room = tuple(plain_ids(desk)[:3]), threading.Event()
    history = desk.tidying.changer.history
    history.add(Step("Mark 1 run", NeedsRoom(ids[:1], room)))
    history.add(Step("Mark 3 runs", NeedsRoom(ids, room, "denied")))

    desk.tidying.changer.undo()
    qtbot.waitUntil(lambda: bool(bar.sentence) and idle(desk))

    assert history.undo_step.title == "Mark 1 run"


def test_an_undo_while_the_home_is_away_can_be_tried_again(qtbot, desk, home, bar, trigger):
    run_id = plain_ids(desk)[0]
    select(desk, [run_id])
    trigger("run.delete")
    qtbot.waitUntil(lambda: (home.trash_dir / run_id).exists() and idle(desk))

    away = home.path.rename(home.path.with_name("away"))
    trigger("edit.undo")
    qtbot.waitUntil(lambda: idle(desk) and "is not there now" in bar.sentence)
    assert not home.path.exists()

    away.rename(home.path)
    trigger("edit.undo")
    qtbot.waitUntil(lambda: (home.runs_dir / run_id).exists() and idle(desk))


def test_an_undo_on_a_run_that_was_deleted_can_be_tried_again(qtbot, desk, home, bar, trigger):
    run_id = next(i for i in plain_ids(desk) if read_attr(home.runs_dir / i, "marked") is None)
    select(desk, [run_id])
    trigger("run.mark")
    qtbot.waitUntil(lambda: idle(desk) and read_attr(home.runs_dir / run_id, "marked") is not None)
    (home.runs_dir / run_id).rename(home.path / run_id)
    trigger("edit.undo")
    qtbot.waitUntil(lambda: idle(desk) and "is not there any more" in bar.sentence)

    (home.path / run_id).rename(home.runs_dir / run_id)
    press_in_bar(bar, "Try Again", qtbot)

    qtbot.waitUntil(lambda: idle(desk) and read_attr(home.runs_dir / run_id, "marked") is None)
