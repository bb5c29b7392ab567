"""Runs of an archive that are compared and plotted, and the home's pages behind them."""

from __future__ import annotations

import csv

import pytest
from PySide6.QtTest import QTest

from core.archives.export import ExportOptions, export_runs
from core.home import Home
from core.runs.tfevents import EventWriter
from tests.support.application import wait_until_settled
from tests.support.diff_pages import png
from tests.support.runs import make_run

pytestmark = pytest.mark.qt_log_ignore("This plugin does not support")

COLOURS = ["#ff0000", "#00ff00", "#0000ff", "#ffff00"]
IDS = [f"{number:032x}" for number in range(1, 5)]
ON_PAGE = ["compare.only-different", "compare.group", "compare.export", "compare.save-view"]


@pytest.fixture
def archive(tmp_path):
    """Four runs with curves, packed."""
    there = Home(tmp_path / "there")
    for number, run_id in enumerate(IDS):
        run = make_run(
            there.runs_dir,
            run_id,
            attrs={"flags": f"lr: 0.{number + 1}\nseed: 1"},
            files={"note.txt": f"run {number}\n", "plots/a.png": png(COLOURS[number])},
        )
        with EventWriter(str(run / ".guild" / "events.out.tfevents.1.box")) as writer:
            for step in range(3):
                writer.add(step, [("loss", number + step)])
    path = tmp_path / "paper.runs.zip"
    export_runs(there, IDS, path, ExportOptions("zip"))
    return path


@pytest.fixture
def app(open_app, sample_home, qtbot):
    app = open_app(sample_home)
    app.window.resize(1300, 800)
    app.window.show()
    app.window.activateWindow()
    qtbot.waitUntil(app.window.isActiveWindow)
    return app


@pytest.fixture
def home(app):
    return app.sessions[0].desk


@pytest.fixture
def shelf(home, archive, qtbot):
    """The archive in front, with its scalars read."""
    home.archives.open([archive])
    desk = home.archives.front
    columns = desk.shelf.columns
    qtbot.waitUntil(lambda: desk.feed.is_settled and not desk.runs.is_arranging)
    qtbot.waitUntil(lambda: all("loss" in columns.scalars(slot) for slot in columns.slots()))
    return desk


@pytest.fixture
def actions(app):
    return app.window.actions_by_id


def compared(desk, qtbot):
    """Ids on the page that compares, once it is settled."""
    page = desk.tabs.page("compare")
    qtbot.waitUntil(lambda: page.comparison.answer is not None and not page.comparison.is_waiting)
    ids, model = desk.runs.columns.stored("id"), page.table.compare_model
    return [ids[model.slot(line)] for line in range(len(model.lines))]


def test_the_runs_of_an_archive_have_tabs_for_comparing_and_plots(app, shelf):
    tabs = app.window.centre.front

    assert tabs is shelf.tabs
    assert tabs.names() == ["runs", "compare", "plots", "diff", "images"]
    assert tabs.bar.isVisible()
    assert shelf.table.isVisible()


def test_all_runs_of_an_archive_are_compared_by_flags_and_scalars(shelf, actions, qtbot):
    actions["compare.open"].trigger()

    assert sorted(compared(shelf, qtbot)) == IDS
    page = shelf.tabs.page("compare")
    titles = [
        page.table.compare_model.title(n) for n in range(page.table.compare_model.columnCount())
    ]
    assert "lr" in titles
    assert "loss" in titles
    assert "seed" not in titles
    assert page.table.isVisible()
    assert all(actions[id_].isEnabled() for id_ in ON_PAGE)


def test_only_selected_runs_of_an_archive_are_compared_and_one_is_the_baseline(
    shelf, actions, qtbot
):
    shelf.runs.select_ids(IDS[1:3])
    actions["compare.open"].trigger()
    assert sorted(compared(shelf, qtbot)) == IDS[1:3]

    page = shelf.tabs.page("compare")
    page.table.setCurrentIndex(page.table.model().index(1, 0))
    QTest.qWait(0)
    actions["compare.pin"].trigger()

    assert shelf.comparing.chosen.pinned == page.current_id()


def test_a_row_that_is_activated_leads_to_the_run_in_the_archive(shelf, actions, qtbot):
    actions["compare.open"].trigger()
    compared(shelf, qtbot)

    shelf.comparing.chosen.run_wanted.emit(IDS[2])

    assert shelf.tabs.page_name() == "runs"
    assert shelf.runs.selected_ids() == [IDS[2]]


def test_curves_of_packed_runs_are_drawn(shelf, actions, qtbot):
    actions["view.plots"].trigger()
    page = shelf.tabs.current()
    page.show_mode("curves")

    feed = page.curves.feed
    qtbot.waitUntil(lambda: feed.progress is None and len(feed.series("loss")) == 4)

    slot = shelf.shelf.columns.slot_of(IDS[3])
    assert list(feed.series("loss")[slot].values) == [3, 4, 5]
    assert page.curves.panels["loss"].isVisible()


@pytest.mark.parametrize("mode", ["scatter", "parallel"])
def test_packed_runs_are_plotted_by_their_columns(shelf, actions, qtbot, mode):
    actions["view.plots"].trigger()
    page = shelf.tabs.current()
    page.show_mode(mode)

    assert page.mode == mode
    assert getattr(page, mode).isVisible()


def test_the_values_of_packed_runs_are_written_and_no_copy_is_left(
    app, shelf, actions, qtbot, tmp_path
):
    actions["view.plots"].trigger()
    page = shelf.tabs.current()
    page.show_mode("curves")
    qtbot.waitUntil(lambda: "loss" in page.curves.scalars.keys)
    path = tmp_path / "values.csv"

    with qtbot.waitSignal(page.values.saved):
        page.values.save(path)

    rows = list(csv.DictReader(path.read_text().splitlines()))
    values = {run_id: [float(r["value"]) for r in rows if r["run"] == run_id] for run_id in IDS}
    assert values == {run_id: [n, n + 1, n + 2] for n, run_id in enumerate(IDS)}
    scratch = page._services.directories.cache / "scratch"
    # The application's own stays: it may have copies of runs whose curve stands in the table.
    qtbot.waitUntil(lambda: len([path for path in scratch.iterdir() if path.is_dir()]) <= 1)


def test_two_packed_runs_are_set_side_by_side(shelf, actions, qtbot):
    shelf.runs.select_ids(IDS[1:3])
    actions["view.diff"].trigger()
    page = shelf.tabs.current()
    page.look_at("files", "note.txt")

    qtbot.waitUntil(lambda: page.pane.look == "text")
    diff = page.pane.canvas.rows
    assert page.choice.ids == (IDS[1], IDS[2])
    assert len(diff.changes) == 1
    assert "−1 +1 lines" in page.pane.note.text()


def test_another_program_is_not_given_packed_runs_and_it_says_why(shelf, actions, qtbot):
    shelf.runs.select_ids(IDS[1:3])
    actions["view.diff"].trigger()
    page = shelf.tabs.current()
    qtbot.waitUntil(lambda: page.model.rowCount() > 0)

    actions["diff.open-program"].trigger()

    assert "on this computer only: import or pull them first" in page._problem.problem
    assert page._problem.isVisible()


def test_the_pictures_of_packed_runs_are_shown(shelf, actions, qtbot):
    actions["view.images"].trigger()
    page = shelf.tabs.current()

    def colours():
        pictures = [page._store.get(tile.key) for tile in page.tiles.seen() if tile.key]
        return {p.image.pixelColor(0, 0).name() for p in pictures if p is not None}

    qtbot.waitUntil(lambda: colours() == set(COLOURS), timeout=10_000)


def test_the_home_comes_back_with_the_page_that_was_looked_at(app, home, archive, actions, qtbot):
    home.runs.select_ids(home.chosen.ids()[:3])
    actions["compare.open"].trigger()
    QTest.qWait(0)
    wait_until_settled(qtbot, app)
    page = home.comparing.chosen, app.window.centre.tabs.current()
    home.archives.open([archive])
    desk = home.archives.front
    qtbot.waitUntil(lambda: desk.feed.is_settled and not desk.runs.is_arranging)
    is_behind = not page[1].isVisible()
    pages_of_shelf = desk.tabs.page_name()

    home.archives.leave()

    assert is_behind
    assert pages_of_shelf == "runs"
    assert app.window.centre.front is app.window.centre.tabs
    assert app.window.centre.tabs.current() is page[1]
    assert page[1].isVisible()
    assert len(home.chosen.slots()) == 3
    assert all(actions[id_].isEnabled() for id_ in (*ON_PAGE, "view.diff", "view.images"))


def test_actions_are_about_one_comparison_at_a_time(app, home, shelf, actions, qtbot):
    actions["compare.open"].trigger()
    compared(shelf, qtbot)

    assert app.window.centre.tabs.page_name() == "runs"
    home.archives.leave()
    actions["compare.open"].trigger()

    assert app.window.centre.tabs.page_name() == "compare"
    assert app.window.centre.tabs.current().isVisible()


def test_an_archive_comes_back_to_the_front_with_its_page(home, shelf, archive, actions, qtbot):
    actions["compare.open"].trigger()
    compared(shelf, qtbot)

    home.archives.leave()
    home.archives.show(archive)

    assert shelf.tabs.page_name() == "compare"
    assert shelf.tabs.current().isVisible()
    assert actions["compare.group"].isEnabled()


def test_the_page_of_an_archive_is_remembered_with_its_place(shelf, actions, home, archive):
    actions["view.plots"].trigger()
    shelf.tabs.current().show_mode("parallel")

    kept = home.archives.state()["archives"][str(archive)]

    assert kept["pages"]["page"] == "plots"
    assert kept["pages"]["pages"]["plots"]["mode"] == "parallel"


def test_an_archive_that_is_closed_while_it_is_compared_gives_the_home_back(
    app, home, shelf, actions, qtbot
):
    actions["compare.open"].trigger()

    actions["archive.close"].trigger()

    assert app.window.centre.front is app.window.centre.tabs
    assert home.table.isVisible()
    assert actions["compare.open"].isEnabled()
