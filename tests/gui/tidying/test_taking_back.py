"""Marks, undo and redo, and what is in their way."""

from __future__ import annotations

import threading
import time

import pytest
from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import Qt

from core.errors import Cancelled
from core.runs.attrs import read_attr
from core.runs.refusal import Refusal, RefusalKind
from gui.changing.commands import MARKING, Result, Wording
from gui.changing.history import Step
from gui.places.place_catalogue import TRASH
from tests.support.runs import make_run
from tests.support.tidying import (
    go,
    idle,
    plain_ids,
    press_in_bar,
    select,
    shown,
)

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


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
    run_id, columns = plain_ids(desk)[0], desk.runs.columns
    redo = window.actions_by_id["edit.redo"]
    was_marked = columns.value("marked", columns.slot_of(run_id))
    select(desk, [run_id])
    trigger("run.mark")
    trigger("edit.undo")
    qtbot.waitUntil(redo.isEnabled)

    # What "mark" does is the reverse of what is shown, which is late by what the index reads.
    qtbot.waitUntil(lambda: columns.value("marked", columns.slot_of(run_id)) == was_marked)
    trigger("run.mark")

    qtbot.waitUntil(lambda: not redo.isEnabled())


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


def test_a_click_on_the_star_marks_that_run_alone(desk, home, qtbot):
    desk.table.show_columns(["status", "marked", "label"])
    qtbot.waitUntil(lambda: desk.runs.model.keys == ["status", "marked", "label"] and idle(desk))
    run_id = next(i for i in plain_ids(desk) if read_attr(home.runs_dir / i, "marked") is None)
    columns, model = desk.runs.columns, desk.runs.model
    cell = desk.table.visualRect(model.index(model.row_of(columns.slot_of(run_id)), 1))

    qtbot.mouseClick(desk.table.viewport(), Qt.MouseButton.LeftButton, pos=cell.center())

    qtbot.waitUntil(lambda: columns.value("marked", columns.slot_of(run_id)))
    assert read_attr(home.runs_dir / run_id, "marked") is True


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


def test_what_a_killed_import_left_is_finished_at_the_start_and_said(open_app, home, qtbot):
    waiting = home.path / "incoming" / "import-abcdefgh"
    make_run(waiting / "swap", "f" * 32)
    make_run(waiting / "part", "e" * 32)

    bar = open_app(home.path, settled=False).window.undo_bar  # it is not said for ever

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
