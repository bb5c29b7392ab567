from __future__ import annotations

import threading

import pytest
from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QPushButton

from core.home import Home
from core.runs.attrs import read_attr
from core.runs.change_typed import TypeLabel
from core.runs.refusal import Refusal
from core.sample import make_sample_store
from gui.changing import changer_shelf
from gui.changing.commands import LABELLING, Advance, ChangeRuns, Command, DeleteRuns, Result
from gui.changing.history import Step
from gui.changing.home_runs import HomeRuns
from gui.window_state import group_of
from tests.support.application import wait_until_settled
from tests.support.tidying import press_in_bar

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


class Held(Struct, frozen=True):
    """A command that waits until it is let go, and may be refused for one more run."""

    inner: Command
    may_go: threading.Event
    refused: tuple[Refusal, ...] = ()

    @property
    def ids(self):
        return self.inner.ids

    @property
    def kind(self):
        return self.inner.kind

    @property
    def wording(self):
        return self.inner.wording

    @property
    def change(self):
        return self.inner.change

    def run(self, advance: Advance) -> Result:
        while not self.may_go.wait(0.02):
            advance(0)
        result = self.inner.run(advance)
        return replace(result, refused=(*result.refused, *self.refused))

    def without(self, ids):
        return replace(self, inner=self.inner.without(ids))


@pytest.fixture
def other_home(tmp_path) -> Home:
    path = tmp_path / "other"
    make_sample_store(path, runs=6, seed=5)
    return Home(path)


@pytest.fixture
def session(app):
    return app.sessions[0]


@pytest.fixture
def bar(app):
    return app.window.undo_bar


@pytest.fixture
def may_go():
    event = threading.Event()
    yield event
    event.set()


@pytest.fixture
def labelled(session, may_go):
    """Begins to label a run, as soon as it is let go; gives its directory."""

    def begin(refused=()):
        desk = session.desk
        slot = desk.runs.model.order[3]
        run_id = desk.runs.columns.value("id", slot)
        command = label_command(desk, run_id)
        desk.tidying.changer.do(Held(command, may_go, refused))
        return desk.home.runs_dir / run_id

    return begin


def label_command(desk, run_id) -> ChangeRuns:
    label = desk.runs.columns.value("label", desk.runs.columns.slot_of(run_id)) or ""
    return ChangeRuns(HomeRuns(desk.home), (run_id,), TypeLabel("new", label), LABELLING)


def label_of(run_dir):
    return read_attr(run_dir, "label")


def go_to(qtbot, app, home) -> None:
    app.sessions[0].open_home(home)
    wait_until_settled(qtbot, app)


def test_a_change_that_ends_in_another_home_is_told_and_taken_back_from_there(
    app, session, bar, labelled, other_home, may_go, qtbot
):
    run_dir = labelled()
    before = label_of(run_dir)
    go_to(qtbot, app, other_home)

    may_go.set()

    said = f"In {run_dir.parents[1]}: labelled run {run_dir.name[:8]}."
    qtbot.waitUntil(lambda: bar.sentence == said)
    assert label_of(run_dir) == "new"
    press_in_bar(bar, "Undo", qtbot)
    qtbot.waitUntil(lambda: bar.sentence.endswith(": undone: label 1 run."))
    assert label_of(run_dir) == before


def test_undo_is_there_again_with_its_home(
    app, session, bar, labelled, other_home, sample_home, may_go, qtbot
):
    run_dir = labelled()
    before = label_of(run_dir)
    may_go.set()
    qtbot.waitUntil(lambda: label_of(run_dir) == "new")
    go_to(qtbot, app, other_home)
    assert not app.window.actions_by_id["edit.undo"].isEnabled()

    go_to(qtbot, app, Home(sample_home))
    undo = app.window.actions_by_id["edit.undo"]
    assert undo.isEnabled()
    undo.trigger()

    qtbot.waitUntil(lambda: bar.sentence == "Undone: label 1 run.")
    assert label_of(run_dir) == before


def test_who_comes_back_while_it_goes_on_sees_how_far_it_is(
    app, session, bar, labelled, other_home, sample_home, may_go, qtbot
):
    run_dir = labelled()
    go_to(qtbot, app, other_home)
    go_to(qtbot, app, Home(sample_home))

    qtbot.waitUntil(lambda: bar.sentence == "Labelling 1 run… 0 of 1")
    assert len(app.window.jobs.jobs) == 1
    may_go.set()

    qtbot.waitUntil(lambda: bar.sentence == f"Labelled run {run_dir.name[:8]}.")
    assert [row.end.grade for row in app.window.jobs.jobs] == ["done"]


def test_what_was_refused_in_another_home_is_listed(
    app, session, bar, labelled, other_home, may_go, qtbot
):
    refused = (Refusal("a" * 32, "Run aaaaaaaa cannot be changed: it is gone.", "gone"),)
    labelled(refused)
    go_to(qtbot, app, other_home)

    may_go.set()

    press_in_bar(bar, "Show", qtbot)
    dialog = app.window.findChild(QDialog, "refusalsDialog")
    assert dialog.isVisible()
    assert dialog.findChild(QPushButton, "selectRefused") is None
    dialog.reject()


def test_a_typed_label_that_is_refused_in_another_home_is_not_lost(
    app, session, bar, other_home, may_go, qtbot
):
    desk = session.desk
    run_id = desk.runs.columns.value("id", desk.runs.model.order[3])
    change = TypeLabel("a text of some length", "not what it was")
    runs = HomeRuns(desk.home)
    desk.tidying.changer.do(Held(ChangeRuns(runs, (run_id,), change, LABELLING), may_go))
    go_to(qtbot, app, other_home)

    may_go.set()

    qtbot.waitUntil(lambda: bar.button("Copy What You Typed") is not None)
    assert "press Enter again" not in bar.sentence
    press_in_bar(bar, "Copy What You Typed", qtbot)
    assert QGuiApplication.clipboard().text() == "a text of some length"


def test_a_typed_label_that_was_written_is_not_offered_again(
    app, bar, labelled, other_home, may_go, qtbot
):
    labelled()
    go_to(qtbot, app, other_home)

    may_go.set()

    qtbot.waitUntil(lambda: bar.button("Undo") is not None)
    assert bar.button("Copy What You Typed") is None


def test_what_was_left_undone_is_told_when_its_home_is_opened_again(
    open_app, app, labelled, other_home, sample_home, qtbot
):
    labelled()
    go_to(qtbot, app, other_home)
    assert app.shutdown()

    again = open_app(sample_home)

    assert (
        again.window.centre.notices.text() == "“Label 1 run” was not done: the window was closed."
    )


def test_homes_that_were_left_long_ago_are_forgotten(app, tmp_path, monkeypatch):
    monkeypatch.setattr(changer_shelf, "MOST_KEPT", 2)
    shelf, homes = app.window.changers, [Home(tmp_path / name) for name in "abc"]
    feed = app.sessions[0].desk.feed
    for home in homes:
        changer = shelf.take(home, feed)
        changer.history.add(Step(home.name, DeleteRuns(HomeRuns(home), ("a" * 32,))))
        shelf.park()

    steps = [shelf.take(home, feed).history.undo_step for home in reversed(homes)]

    assert [step.title if step else None for step in steps] == ["c", "b", None]


def test_who_was_killed_during_a_change_of_many_is_told_once(open_app, app, sample_home, tmp_path):
    assert app.shutdown()
    note = tmp_path / "config" / "going" / f"{group_of(sample_home)}-1@0"
    note.parent.mkdir(exist_ok=True)
    note.write_text("Mark 500 runs")

    again = open_app(sample_home)

    assert again.window.centre.notices.text().startswith("“Mark 500 runs” was going on when")
    assert again.shutdown()
    assert not open_app(sample_home).window.centre.notices.text()


def test_a_change_of_many_is_noted_while_it_goes_on(
    app, session, bar, labelled, sample_home, may_go, monkeypatch, qtbot, tmp_path
):
    monkeypatch.setattr(changer_shelf, "MANY", 1)
    going = tmp_path / "config" / "going"
    labelled()
    qtbot.waitUntil(lambda: [note.read_text() for note in going.glob("*")] == ["Label 1 run"])
    assert app.shared.window_state.of_home(sample_home).take_killed() == ""

    may_go.set()

    qtbot.waitUntil(lambda: not any(going.iterdir()))
