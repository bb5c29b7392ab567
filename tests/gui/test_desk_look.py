"""What of a home is shown is noted a moment after it changed, and remembered at the end."""

from __future__ import annotations

import json

import pytest

from core.index.arrange import SortKey
from gui import desk_look
from gui.window_state import group_of

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

SORT = (SortKey("label", descending=True),)


@pytest.fixture(autouse=True)
def soon(monkeypatch):
    monkeypatch.setattr(desk_look, "KEEP_MS", 10)
    monkeypatch.setattr(desk_look, "ASK_MS", 20)


@pytest.fixture
def looks(tmp_path):
    """The notes."""

    def read():
        notes = [*(tmp_path / "config" / "looks").glob("home-*")]
        return [json.loads(note.read_text()) for note in notes]

    return read


@pytest.fixture
def noted(looks):
    """What the notes say of the table of a home."""
    return lambda: [json.loads(look["table"]) for look in looks()]


def leave(tmp_path, home, look):
    """A note as a program that was killed leaves it."""
    looks = tmp_path / "config" / "looks"
    looks.mkdir(parents=True)
    (looks / f"{group_of(home)}-1@0").write_text(json.dumps(look))


def test_nothing_is_noted_again_until_something_changes(open_app, sample_home, tmp_path, qtbot):
    app = open_app(sample_home)
    find = (tmp_path / "config" / "looks").glob
    # The screen has given the window its place: where, is noted.
    qtbot.waitUntil(lambda: app.sessions[0].desk.feed.is_settled and any(find("home-*")))
    before = {note: note.stat().st_ino for note in find("*")}

    qtbot.wait(100)  # five times as long as what tells of no change waits

    assert {note: note.stat().st_ino for note in find("*")} == before


def test_the_window_and_its_panes_are_noted_and_come_back(open_app, sample_home, looks, qtbot):
    window = open_app(sample_home).window

    window.resize(780, 560)
    window.actions_by_id["view.toggle-jobs"].trigger()
    window.splitter.wanted = (171, 333)
    window.splitter.share()

    wanted = window.look()
    assert (wanted["panes/widths"], wanted["panes/jobs"]) == ("171 333", "true")
    qtbot.waitUntil(lambda: [look | wanted == look for look in looks()] == [True])


def test_a_killed_programs_window_comes_back_and_is_so_in_other_homes(
    open_app, sample_home, tmp_path
):
    window = open_app(sample_home, "killed").window
    window.resize(780, 560)
    window.actions_by_id["view.toggle-jobs"].trigger()
    leave(tmp_path, sample_home, window.look())

    app = open_app(sample_home)

    assert app.window.size().toTuple() == (780, 560)
    assert app.window.jobs_panel.isVisible()
    assert app.shutdown()
    (tmp_path / "other" / "runs").mkdir(parents=True)
    assert open_app(tmp_path / "other").window.size().toTuple() == (780, 560)


def test_columns_widths_and_order_are_noted_and_the_note_goes_at_the_end(
    open_app, sample_home, noted, qtbot
):
    app = open_app(sample_home)
    table = app.sessions[0].desk.table

    table.show_columns(["label", "status"])
    header = table.horizontalHeader()
    width = header.sectionSize(0) + 10
    header.resizeSection(0, width)
    app.sessions[0].desk.runs.show(sort=SORT)

    def summary():
        return [(t["columns"], t["widths"].get("label"), t["sort"]) for t in noted()]

    qtbot.waitUntil(lambda: summary() == [(["label", "status"], width, [["label", True]])])
    assert app.shutdown()
    assert noted() == []


def test_the_run_that_is_looked_at_is_noted(open_app, sample_home, looks, qtbot):
    app = open_app(sample_home)
    runs = app.sessions[0].desk.runs
    qtbot.waitUntil(lambda: runs.model.rowCount() > 3)
    wanted = runs.columns.value("id", runs.model.order[3])

    runs.select_ids([wanted])

    qtbot.waitUntil(lambda: [look["selected"] for look in looks()] == [wanted])


def test_what_is_set_up_on_a_page_is_noted_while_it_is_looked_at(
    open_app, sample_home, looks, qtbot
):
    app = open_app(sample_home)
    tabs = app.window.centre.tabs
    tabs.show_page("compare")
    qtbot.waitUntil(lambda: tabs.current() is not None)
    comparison = tabs.current().comparison

    comparison.change(group_by=("=lr",))

    def groups():
        pages = [json.loads(look["pages"])["pages"] for look in looks()]
        return ["=lr" in json.dumps(page.get("compare")) for page in pages]

    qtbot.waitUntil(lambda: groups() == [True])


def test_the_baseline_is_noted_and_pinned_again(open_app, sample_home, looks, qtbot):
    app = open_app(sample_home)
    runs = app.sessions[0].desk.runs
    qtbot.waitUntil(lambda: len(runs.model.order) > 3)
    wanted = runs.columns.value("id", runs.model.order[3])

    app.sessions[0].desk.comparing.chosen.pin(wanted)

    qtbot.waitUntil(lambda: [look["pinned"] for look in looks()] == [wanted])
    assert app.shutdown()
    chosen = open_app(sample_home).sessions[0].desk.comparing.chosen
    qtbot.waitUntil(lambda: chosen.pinned == wanted)


def test_a_killed_programs_look_comes_back_and_is_remembered(
    open_app, sample_home, noted, tmp_path
):
    table = {
        "version": 1,
        "columns": ["label"],
        "widths": {"label": 200},
        "sort": [["label", True]],
    }
    look = {"table": json.dumps(table), "filter": "label:x", "version": "999", "left": "Boo"}
    leave(tmp_path, sample_home, look)

    app = open_app(sample_home)

    desk = app.sessions[0].desk
    assert desk.table.column_keys() == ["label"]
    assert desk.runs.view.sort == SORT
    assert desk.filter_box.text() == "label:x"
    assert app.window.centre.notices.text() == ""  # only what belongs to a look is taken
    assert noted() == [table]
    assert app.shutdown()
    assert noted() == []
    assert open_app(sample_home).sessions[0].desk.table.column_keys() == ["label"]


def test_another_home_in_the_window_ends_the_note_of_the_one_before(
    open_app, sample_home, tmp_path, noted, qtbot
):
    app = open_app(sample_home)
    app.sessions[0].desk.runs.show(sort=SORT)
    qtbot.waitUntil(lambda: len(noted()) == 1)
    (tmp_path / "other" / "runs").mkdir(parents=True)

    app.sessions[0].opener.open_folders([tmp_path / "other"])
    qtbot.waitUntil(lambda: app.sessions[0].home.path == tmp_path / "other")

    assert noted() == []
    app.sessions[0].opener.open_folders([sample_home])
    qtbot.waitUntil(lambda: app.sessions[0].home.path == sample_home)
    assert app.sessions[0].desk.runs.view.sort == SORT


@pytest.mark.parametrize("look", [None, [], {"table": "{"}, {"table": "[[[", "place/kind": "\0"}])
def test_a_window_opens_whatever_is_noted(open_app, sample_home, tmp_path, look):
    leave(tmp_path, sample_home, look)

    assert open_app(sample_home).sessions[0].desk.runs.model.rowCount() > 0
