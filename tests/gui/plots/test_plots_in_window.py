"""The Plots tab inside of the whole window, on a store of sample runs."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QWidget


@pytest.fixture
def window(open_app, sample_home, qtbot):
    app = open_app(sample_home)
    app.window.resize(1500, 900)
    desk = app.sessions[0].desk
    columns = desk.runs.columns
    keys = columns.stored("scalar_keys")
    found = [
        columns.value("id", slot) for slot in desk.runs.model.order if "loss" in (keys[slot] or "")
    ]
    desk.runs.select_ids(found[:2])
    app.window.actions_by_id["view.plots"].trigger()
    page = app.window.centre.tabs.current()
    qtbot.waitUntil(lambda: drawn(page) == 2, timeout=15_000)
    return app, page, found


def drawn(page):
    """How many runs the panel of the loss shows."""
    panel = page.curves.panels.get("loss")
    return len(panel.picture.curves) if panel is not None and panel.picture is not None else 0


def test_the_selected_runs_are_plotted(window):
    app, page, found = window

    assert page.objectName() == "plotsPage"
    assert page.isVisible()
    assert [entry.name[:8] for entry in page._colours.legend()] == [i[:8] for i in found[:2]]
    assert app.window.findChild(QWidget, "curvePlot") is not None


def test_nothing_is_read_while_another_tab_is_looked_at(window, qtbot):
    app, page, _ = window

    app.window.actions_by_id["view.runs"].trigger()
    qtbot.waitUntil(lambda: not page.isVisible())
    assert page.curves.feed.progress is None
    app.window.actions_by_id["view.plots"].trigger()

    qtbot.waitUntil(page.isVisible)
    assert drawn(page) == 2


def test_from_a_curve_to_the_details_of_its_run(window, qtbot):
    app, page, found = window
    desk = app.sessions[0].desk
    panel = page.curves.panels["loss"]
    slot = desk.runs.columns.slot_of(found[1])

    panel.runs_wanted.emit([slot])

    qtbot.waitUntil(lambda: desk.runs.selected_ids() == [found[1]])
    assert drawn(page) == 2
    qtbot.waitUntil(lambda: panel._standing_out == (slot,))


def test_a_brush_selects_rows_of_the_table(window, qtbot):
    app, page, _ = window
    desk = app.sessions[0].desk
    app.window.actions_by_id["view.runs"].trigger()
    desk.runs.select_ids([])
    app.window.actions_by_id["view.plots"].trigger()
    page.show_mode("parallel")
    qtbot.waitUntil(lambda: page.parallel.picture is not None, timeout=15_000)
    total = len(page.parallel.picture.kept)

    page.parallel.plot.set_brushes({page.parallel.keys[0]: [(0.0, 0.4)]})

    qtbot.waitUntil(lambda: 0 < len(desk.runs.selected_ids()) < total)
    assert len(page.parallel.picture.kept) == total


def test_only_what_was_brushed_is_shown_in_the_table_by_a_click(window, qtbot):
    app, page, _ = window
    desk = app.sessions[0].desk
    app.window.actions_by_id["view.runs"].trigger()
    desk.runs.select_ids([])
    app.window.actions_by_id["view.plots"].trigger()
    page.show_mode("parallel")
    view = page.parallel
    qtbot.waitUntil(lambda: view.picture is not None, timeout=15_000)
    total = len(desk.runs.model.order)
    view.plot.set_brushes({view.keys[0]: [(0.0, 0.4)]})
    qtbot.waitUntil(view.only.isVisible)
    brushed = set(desk.runs.selected_ids())

    view.only.click()

    qtbot.waitUntil(lambda: 0 < len(desk.runs.model.order) < total)
    ids = desk.runs.columns.stored("id")
    assert {ids[slot] for slot in desk.runs.model.order} == brushed
    assert desk.filter_box.text()
    assert view.plot.brushes == {}
    assert not view.only.isVisible()
    app.window.actions_by_id["view.clear-filter"].trigger()
    qtbot.waitUntil(lambda: len(desk.runs.model.order) == total)


def test_the_selection_is_back_after_a_look_at_one_of_its_runs(window, qtbot):
    app, page, found = window
    desk = app.sessions[0].desk

    page.curves.panels["loss"].runs_wanted.emit([desk.runs.columns.slot_of(found[1])])
    qtbot.waitUntil(lambda: desk.runs.selected_ids() == [found[1]])
    app.window.actions_by_id["view.runs"].trigger()

    assert sorted(desk.runs.selected_ids()) == sorted(found[:2])
    assert desk.runs.current_ref().id == found[1]


def test_what_was_chosen_is_remembered_for_the_home(open_app, sample_home, qtbot):
    first = open_app(sample_home)
    first.window.actions_by_id["view.plots"].trigger()
    page = first.window.centre.tabs.current()
    qtbot.waitUntil(lambda: bool(page.curves.panels), timeout=15_000)
    page.curves.smoothing.setValue(33)
    page.show_mode("scatter")
    assert first.shutdown()

    second = open_app(sample_home)

    qtbot.waitUntil(lambda: second.window.centre.tabs.page_name() == "plots")
    again = second.window.centre.tabs.current()
    assert again.mode == "scatter"
    assert again.curves.smoothing.value() == 33


def tabbed(app, count):
    """What the Tab key reaches one after the other."""
    reached = []
    for _ in range(count):
        app.window.focusNextChild()
        reached.append(app.window.focusWidget())
    return reached


def test_tab_goes_through_the_controls_and_then_the_plots(window, qtbot):
    app, page, _ = window
    page._modes.button(0).setFocus()

    reached = tabbed(app, 16)

    controls = [page.colour_by, page.curves.scalars, page.curves.axis, page.curves.smoothing]
    canvases = [panel.canvas for panel in page.curves.panels.values()]
    places = [reached.index(widget) for widget in (*controls, *canvases)]
    assert places == sorted(places)
