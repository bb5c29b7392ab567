from __future__ import annotations

import os
from math import nan

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage

from core.samples.events import event_file
from gui.views.details.scalars_tab import ScalarsTab
from tests.support.runs import make_run
from tests.support.tabs import ref

EVENTS = ".guild/events.out.tfevents.1700000000.box.1.0"


@pytest.fixture
def tab(services, show_in_window):
    tab = ScalarsTab(services)
    show_in_window(tab, 420, 700)
    return tab


@pytest.fixture
def show(tab, qtbot, tmp_path):
    def show(run_id="a" * 32, attrs=None, times=None, **curves):
        content = event_file(curves, times=times)
        run_dir = make_run(tmp_path, run_id, attrs=attrs or {"exit_status": "0"})
        (run_dir / EVENTS).write_bytes(content)
        with qtbot.waitSignal(tab.plot.drawn, timeout=20_000):
            tab.show_run(ref(run_dir))
        return run_dir

    return show


def cells(tab, column):
    model = tab.table.model
    return [model.index(row, column).data() for row in range(model.rowCount())]


def shown_keys(tab):
    return [scalar.key for scalar in tab.plot.scalars] if tab.plot.picture is not None else []


def colours_of(tab):
    """The number of the colour of each curve."""
    return {scalar.key: scalar.colour for scalar in tab.plot.scalars}


def select(tab, qtbot, *names):
    with qtbot.waitSignal(tab.plot.drawn):
        tab.table.table.clearSelection()
        for name in names:
            tab.table.select_name(name)


def test_each_scalar_is_summed_up_on_a_row(show, tab):
    show(loss=[3.0, 1.0, 2.0], acc=[0.25])

    assert cells(tab, 0) == ["acc", "loss"]
    loss = [tab.table.model.index(1, column).data() for column in range(8)]
    assert loss == ["loss", "2", "2", "1", "3", "3", "2", "3"]


def test_the_loss_is_drawn_first(show, tab):
    show(acc=[1.0, 2.0], loss=[3.0, 1.0], zeta=[1.0])

    assert shown_keys(tab) == ["loss"]
    assert tab.table.selected_names() == ["loss"]


def test_several_selected_scalars_are_drawn_each_in_a_colour_it_keeps(show, tab, qtbot):
    show(acc=[1.0, 2.0], loss=[3.0, 1.0])
    first = colours_of(tab)["loss"]

    select(tab, qtbot, "acc", "loss")

    colours = colours_of(tab)
    assert colours["loss"] == first
    assert len(set(colours.values())) == 2


def test_nothing_selected_asks_to_select(show, tab):
    show(loss=[1.0, 2.0])

    tab.table.table.clearSelection()

    assert "Select scalars" in tab.plot._message.text()


def test_times_are_not_offered_where_guild_wrote_none(show, tab):
    show(loss=[1.0, 2.0, 3.0])

    assert tab.controls.axis.offered == ("step", "order")


def test_times_are_offered_where_there_are_some(show, tab, qtbot):
    show(loss=[1.0, 2.0, 3.0], times=[1e9, 1e9 + 60, 1e9 + 90])
    assert tab.controls.axis.offered == ("step", "order", "relative", "wall")

    with qtbot.waitSignal(tab.plot.drawn):
        tab.controls.axis.choose("relative")

    assert list(tab.plot.curves["loss"].xs) == [0, 60, 90]


def test_controls_change_how_curves_are_drawn(show, tab, qtbot):
    show(loss=[1.0, 10.0, 100.0])

    with qtbot.waitSignal(tab.plot.drawn):
        tab.controls.smoothing.setValue(0)
    with qtbot.waitSignal(tab.plot.drawn):
        tab.controls.log_y.setChecked(True)

    curve = tab.plot.curves["loss"]
    assert list(curve.raw) == pytest.approx([0, 1, 2])
    assert not curve.is_smoothed
    assert tab.controls._amount.text() == "0.00"


def test_numbers_sort_as_numbers_with_nan_last(show, tab):
    show(a=[10.0], b=[9.0], c=[nan])

    tab.table.table.sortByColumn(1, Qt.SortOrder.DescendingOrder)

    assert cells(tab, 1) == ["10", "9", "nan"]


def test_the_search_keeps_the_selection(show, tab):
    show(acc=[1.0, 2.0], loss=[3.0, 1.0])

    tab.table.search_edit.setText("LO")

    assert cells(tab, 0) == ["loss"]
    assert tab.table.selected_names() == ["loss"]


def test_copies_have_every_digit(show, tab):
    show(loss=[0.1])

    tab.table.copy_tsv()

    assert "0.10000000149011612" in QGuiApplication.clipboard().text()


def test_a_run_that_goes_on_is_followed(show, tab, qtbot, monkeypatch):
    monkeypatch.setattr("gui.views.follow_timer.FOLLOW_MS", 20)
    running = {"host": os.uname().nodename}
    run_dir = show(attrs=running, loss=[3.0, 2.0])
    lock = run_dir / ".guild" / "LOCK"
    lock.write_text(str(os.getpid()))
    tab.refresh()
    (run_dir / EVENTS).write_bytes(event_file({"loss": [3.0, 2.0, 1.0, 0.5]}))

    qtbot.waitUntil(lambda: cells(tab, 7) == ["4"], timeout=10_000)
    qtbot.waitUntil(lambda: len(tab.plot.curves["loss"].xs) == 4, timeout=10_000)
    lock.unlink()
    qtbot.waitUntil(lambda: not tab._follow.isActive(), timeout=10_000)


def test_a_run_that_ended_is_not_looked_at_again(show, tab):
    show(loss=[1.0, 2.0])

    assert not tab._follow.isActive()


def test_a_run_without_scalars_says_so(tab, qtbot, tmp_path):
    tab.show_run(ref(make_run(tmp_path)))

    qtbot.waitUntil(lambda: "no scalars" in tab.plot._message.text())
    assert not tab.table.isVisible()
    assert not tab.controls.isVisible()


def test_a_damaged_event_file_is_one_sentence_and_the_rest_is_shown(show, tab, qtbot):
    run_dir = show(loss=[3.0, 2.0, 1.0])
    content = bytearray((run_dir / EVENTS).read_bytes())
    content[-6] ^= 0xFF
    (run_dir / EVENTS).write_bytes(bytes(content))
    tab.show_run(None)

    tab.show_run(ref(run_dir))

    qtbot.waitUntil(lambda: tab.problem.isVisible())
    assert tab.problem.problem.endswith(".")
    assert cells(tab, 7) == ["2"]
    qtbot.waitUntil(lambda: tab.plot.picture is not None)


def test_another_run_takes_the_place_of_the_one_before(show, tab):
    show(loss=[1.0, 2.0])

    show("b" * 32, other=[5.0, 6.0, 7.0])

    assert cells(tab, 0) == ["other"]
    assert shown_keys(tab) == ["other"]


def test_the_plot_is_saved_as_a_picture(show, tab, qtbot, tmp_path):
    show(loss=[1.0, 2.0])
    path = tmp_path / "curve.png"

    with qtbot.waitSignal(tab.controls.saved):
        tab.controls.save_image(path)

    assert QImage(str(path)).width() == 2 * tab.plot.width()


def test_a_picture_that_cannot_be_written_is_said(show, tab, qtbot, tmp_path):
    show(loss=[1.0, 2.0])

    with qtbot.waitSignal(tab.controls.failed):
        tab.controls.save_image(tmp_path / "missing" / "curve.png")

    assert "Cannot write" in tab.problem.problem


def test_the_table_model_obeys_qts_rules(show, tab, qtmodeltester):
    show(loss=[1.0, 2.0], acc=[1.0])

    qtmodeltester.check(tab.table.model)
