"""The runs of a remote in the table, in the details, compared and plotted."""

from __future__ import annotations

import shutil

import pytest
from PySide6.QtWidgets import QLabel

from core.runs.tfevents import EventWriter
from core.sample import make_sample_store
from gui.models.places_model import PlaceKind
from gui.views.details.fact_text import FactText
from gui.views.details.overview_tab import OverviewTab
from tests.support.far_desk import (
    BOTH,
    HERE,
    THERE,
    choose,
    front,
    go,
    places,
    preview,
    shown_ids,
    trigger,
)
from tests.support.processes import end_well
from tests.support.runs import make_run

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")


def test_choosing_a_remote_shows_its_runs_in_the_table(open_desk, configure, server, there, qtbot):
    configure(server)
    app, _desk = open_desk()

    shelf_desk = front(app, qtbot)

    qtbot.waitUntil(lambda: shown_ids(shelf_desk) == {THERE, BOTH})
    slot = shelf_desk.shelf.columns.slot_of(THERE)
    assert shelf_desk.shelf.columns.value("label", slot) == "from afar"
    qtbot.waitUntil(lambda: places(app)["gpu1"].count == "2")
    assert places(app)["gpu1"].spoken == "connected"
    qtbot.waitUntil(lambda: " · connected · shell, tar" in places(app)["gpu1"].tip)
    assert app.window.status.index.text().startswith("gpu1 · shell, tar")
    app.window.places.setCurrentIndex(app.window.places_model.index_of((PlaceKind.RUNS, "")))
    assert app.sessions[0].desk.is_front


def test_what_changed_there_is_seen_after_a_refresh(open_desk, configure, server, there, qtbot):
    configure(server)
    app, _desk = open_desk()
    shelf_desk = front(app, qtbot)
    make_run(there, "f" * 32)
    shutil.rmtree(there / BOTH)

    trigger(app, "remote.refresh")

    qtbot.waitUntil(lambda: shown_ids(shelf_desk) == {THERE, "f" * 32}, timeout=10_000)


def test_a_remote_that_is_off_says_so_in_place_of_its_runs(
    open_desk, configure, server, there, qtbot
):
    configure(server)
    server.stop()
    app, _desk = open_desk()

    choose(app, "gpu1")

    desk = app.sessions[0].desk
    qtbot.waitUntil(lambda: bool(desk.front.feed.last.problem), timeout=10_000)
    empty = app.window.centre.empty
    qtbot.waitUntil(empty.isVisible)
    said = " ".join(label.text() for label in empty.findChildren(QLabel))
    assert "gpu1 cannot be reached" in said
    server.start()
    trigger(app, "remote.refresh")
    qtbot.waitUntil(lambda: desk.front.feed.last.is_read, timeout=10_000)


def test_details_of_a_run_there_are_read_on_demand(open_desk, configure, server, there, qtbot):
    configure(server)
    app, _desk = open_desk()
    shelf_desk = front(app, qtbot)
    qtbot.waitUntil(lambda: shelf_desk.runs.select_ids([THERE]))

    ref = shelf_desk.runs.current_ref()
    assert ref.id == THERE
    assert ref.can_change
    names = [entry.name for entry in ref.contents.listing("", lambda: None, 100).entries]
    assert "model.bin" in names


def overview(app):
    """What the overview says; nothing before it is made."""
    page = app.window.findChild(OverviewTab)
    if page is None:
        return ""
    labels = [label.text() for label in page.findChildren(QLabel) if label.isVisible()]
    texts = [text.toPlainText() for text in page.findChildren(FactText) if text.isVisible()]
    return " ".join([*labels, *texts])


@pytest.mark.parametrize("sftp_only", [False, True])
def test_details_of_a_run_that_is_running_there_follow_it(
    open_desk, configure, start_ssh_server, start_operation, home, qtbot, sftp_only
):
    server = start_ssh_server(sftp_only=sftp_only)
    run_dir = make_run(server.login / ".guild" / "runs", THERE)
    process = start_operation(run_dir)
    output = run_dir / ".guild" / "output"
    output.write_text("step 1\n")
    configure(server)
    app, _desk = open_desk()
    shelf_desk = front(app, qtbot)
    texts = shelf_desk.runs.model.texts
    assert texts.note(0, shelf_desk.shelf.columns.slot_of(THERE)) == ""

    qtbot.waitUntil(lambda: shelf_desk.runs.select_ids([THERE]))
    qtbot.waitUntil(lambda: "step 1" in overview(app), timeout=20_000)
    assert "Output · following" in overview(app)
    with output.open("a") as file:
        file.write("step 2\n")

    qtbot.waitUntil(lambda: "step 2" in overview(app), timeout=20_000)
    end_well(run_dir, process)
    qtbot.waitUntil(lambda: "completed" in overview(app), timeout=20_000)


def titles(page):
    """Headings of a comparison."""
    model = page.table.compare_model
    return [model.title(place) for place in range(len(model.facts))]


def test_runs_of_a_remote_are_compared_and_their_curves_are_drawn(
    open_desk, configure, server, there, qtbot
):
    configure(server)
    for number, run_id in enumerate((THERE, BOTH)):
        with EventWriter(str(there / run_id / ".guild" / "events.out.tfevents.1.box")) as writer:
            for step in range(3):
                writer.add(step, [("loss", number + step)])
    app, _desk = open_desk()
    shelf_desk = front(app, qtbot)

    trigger(app, "compare.open")
    page = shelf_desk.tabs.page("compare")
    qtbot.waitUntil(lambda: "loss" in titles(page), timeout=20_000)
    lines = len(page.table.compare_model.lines)
    trigger(app, "view.plots")
    plots = shelf_desk.tabs.current()
    plots.show_mode("curves")

    feed, columns = plots.curves.feed, shelf_desk.shelf.columns
    qtbot.waitUntil(lambda: len(feed.series("loss")) == 2, timeout=20_000)
    assert lines == 2
    assert list(feed.series("loss")[columns.slot_of(BOTH)].values) == [1, 2, 3]
    assert app.window.actions_by_id["view.images"].isEnabled()


def test_the_plots_say_that_files_of_runs_there_cannot_be_had(
    open_desk, configure, server, there, qtbot
):
    configure(server)
    with EventWriter(str(there / THERE / ".guild" / "events.out.tfevents.1.box")) as writer:
        for step in range(3):
            writer.add(step, [("loss", step)])
    app, desk = open_desk()
    shelf_desk = front(app, qtbot)
    columns = shelf_desk.shelf.columns
    qtbot.waitUntil(lambda: "loss" in columns.scalar_keys(), timeout=10_000)
    server.stop()
    desk.remotes.session("gpu1").close()

    trigger(app, "view.plots")
    plots = shelf_desk.tabs.current()
    plots.show_mode("curves")

    status = plots.curves._status
    qtbot.waitUntil(lambda: "cannot be had" in status.text(), timeout=20_000)
    assert "no curve of 2 runs" in status.text()
    assert f"Run {THERE[:8]}: " in status.toolTip()


def where(columns, run_id):
    slot = columns.slot_of(run_id)
    return columns.value("where", slot) if slot is not None else None


def test_where_runs_are_is_known_at_the_next_start_and_the_table_is_as_it_was_left(
    open_desk, configure, server, there, home, qtbot
):
    configure(server)
    app, _desk = open_desk()
    shelf_desk = front(app, qtbot)
    here = app.sessions[0].desk.runs.columns
    qtbot.waitUntil(lambda: where(here, BOTH) == "here, gpu1")
    qtbot.waitUntil(lambda: "where" in shelf_desk.table.column_keys())
    section = shelf_desk.table.column_keys().index("where")
    shelf_desk.table.horizontalHeader().resizeSection(section, 171)
    assert app.shutdown()
    server.stop()

    again, _desk = open_desk()

    here = again.sessions[0].desk.runs.columns
    qtbot.waitUntil(lambda: where(here, BOTH) == "here, gpu1", timeout=10_000)
    qtbot.waitUntil(lambda: "where" in again.sessions[0].desk.table.column_keys())
    assert places(again)["gpu1"].spoken == "not connected"
    choose(again, "gpu1")
    table = again.sessions[0].desk.front.table
    qtbot.waitUntil(lambda: "where" in table.column_keys(), timeout=10_000)
    header = table.horizontalHeader()
    qtbot.waitUntil(lambda: header.sectionSize(table.column_keys().index("where")) == 171)


def test_a_run_that_is_pushed_to_a_remote_nobody_looks_at_is_there(
    open_desk, configure, server, there, qtbot
):
    configure(server)
    app, _desk = open_desk()
    here = app.sessions[0].desk.runs.columns
    front(app, qtbot)
    qtbot.waitUntil(lambda: where(here, BOTH) == "here, gpu1")
    assert app.shutdown()
    again, desk = open_desk()
    here = again.sessions[0].desk.runs.columns
    qtbot.waitUntil(lambda: where(here, BOTH) == "here, gpu1", timeout=10_000)
    assert where(here, HERE) == "here"

    desk.push("gpu1", [HERE])
    go(preview(again, qtbot))

    qtbot.waitUntil(lambda: where(here, HERE) == "here, gpu1", timeout=20_000)


def test_the_column_where_has_room_for_what_it_may_say(open_desk, configure, server, there, qtbot):
    configure(server)
    app, _desk = open_desk()
    front(app, qtbot)
    table = app.sessions[0].desk.table
    qtbot.waitUntil(lambda: "where" in table.column_keys())

    width = table.horizontalHeader().sectionSize(table.column_keys().index("where"))
    assert width > table.fontMetrics().horizontalAdvance("here, newer on gpu1") + 20


def test_each_run_says_where_it_is_once_a_remote_was_looked_at(
    open_desk, configure, server, there, home, qtbot
):
    configure(server)
    make_run(home / "runs", "e" * 32, attrs={"label": "mine"})
    make_run(there, "e" * 32, attrs={"label": "theirs"})
    app, _desk = open_desk()
    shelf_desk = front(app, qtbot)

    here = app.sessions[0].desk.runs.columns
    far = shelf_desk.shelf.columns
    qtbot.waitUntil(lambda: where(here, BOTH) == "here, gpu1")
    assert where(here, HERE) == "here"
    assert where(here, "e" * 32) == "here, differs on gpu1"
    assert where(far, THERE) == "on gpu1"
    assert where(far, BOTH) == "here, gpu1"
    tables = app.sessions[0].desk.table, shelf_desk.table
    qtbot.waitUntil(lambda: all("where" in table.column_keys() for table in tables))


def test_a_push_says_that_the_run_is_on_both_sides(open_desk, configure, server, there, qtbot):
    configure(server)
    app, desk = open_desk()
    desk.push("gpu1", [HERE])
    go(preview(app, qtbot))

    here = app.sessions[0].desk.runs.columns
    qtbot.waitUntil(lambda: where(here, HERE) == "here, gpu1", timeout=20_000)
    attrs = app.sessions[0].desk.home.runs_dir / HERE / ".guild" / "attrs"
    (attrs / "label").write_text("another one\n")
    qtbot.waitUntil(lambda: where(here, HERE) == "newer here, gpu1", timeout=10_000)


def test_a_run_that_was_pushed_and_then_changed_there_is_newer_there_until_it_is_pulled(
    open_desk, configure, server, there, qtbot
):
    configure(server)
    app, desk = open_desk()
    shelf_desk = front(app, qtbot)
    here, far = app.sessions[0].desk.runs.columns, shelf_desk.shelf.columns
    desk.push("gpu1", [HERE])
    go(preview(app, qtbot))
    qtbot.waitUntil(lambda: where(far, HERE) == "here, gpu1", timeout=20_000)
    attrs = there / HERE / ".guild" / "attrs"
    (attrs / "label").write_text("written there\n")

    trigger(app, "remote.refresh")

    qtbot.waitUntil(lambda: where(here, HERE) == "here, newer on gpu1", timeout=20_000)
    assert where(far, HERE) == "here, newer on gpu1"
    desk.pull("gpu1", [HERE])
    go(preview(app, qtbot))
    qtbot.waitUntil(lambda: where(here, HERE) == "here, gpu1", timeout=20_000)
    (attrs / "label").write_text("once more\n")
    own = app.sessions[0].desk.home.runs_dir / HERE / ".guild" / "attrs"
    (own / "label").write_text("another one\n")
    trigger(app, "remote.refresh")
    qtbot.waitUntil(lambda: where(here, HERE) == "here, differs on gpu1", timeout=20_000)


def test_scalars_of_the_newest_runs_alone_are_fetched_for_the_table(
    open_desk, configure, server, there, qtbot, monkeypatch
):
    monkeypatch.setattr("gui.remotes.far_remote.MOST_SWEPT", 1)
    shutil.rmtree(there)
    make_sample_store(server.login / ".guild", runs=8, seed=3)
    configure(server)
    app, _desk = open_desk()

    shelf_desk = front(app, qtbot)

    qtbot.waitUntil(lambda: len(shown_ids(shelf_desk)) == 8)
    changes = list(shelf_desk.shelf.sweep(lambda: None))
    assert [each.total for each in changes] == [1]
