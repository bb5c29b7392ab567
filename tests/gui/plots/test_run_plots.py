"""A dot a run, and a line a run across parallel axes: pointed at, brushed, put in order."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest

from gui.plots.plot_paint import View
from tests.support.plot_pages import run
from tests.support.plotted import run_id


@pytest.fixture
def scatter_of(page_of, qtbot):
    def make(*runs):
        page, chosen = page_of(*runs, mode="scatter")
        view = page.scatter
        qtbot.waitUntil(lambda: view.picture is not None, timeout=10_000)
        return view, chosen

    return make


def test_a_scatter_plot_begins_with_a_flag_that_varies_and_a_scalar(scatter_of):
    view, _ = scatter_of(*(run(n, loss=1.0 + n) for n in range(5)))

    assert view.canvas.objectName() == "scatterPlot"
    assert view.x_key.key.startswith("flag:")
    assert view.y_key.key == "scalar:last:loss"
    assert len(view.picture.places) == 5
    assert view.picture.missing == 0


def test_keys_lead_from_dot_to_dot_and_to_the_run(scatter_of, qtbot):
    view, chosen = scatter_of(
        ({"lr": 3}, {"loss": [1.0]}), ({"lr": 1}, {"loss": [2.0]}),
        ({"lr": 2}, {"loss": [3.0]}), ({"lr": 4}, {}),
    )  # fmt: skip
    view.x_key.choose("flag:lr")
    with qtbot.waitSignal(view.drawn):
        pass

    def name_after(*keys) -> str:
        for key in keys:
            QTest.keyClick(view.canvas, key)
        return re.search(r"run (\d)", view._readout.text())[1]

    keys = Qt.Key
    assert name_after(keys.Key_Right) == "1"
    assert [name_after(keys.Key_Right), name_after(keys.Key_Right)] == ["2", "0"]
    assert name_after(keys.Key_Right) == "0"  # there is none further on the right
    assert name_after(keys.Key_Up) == "1"
    assert name_after(keys.Key_Up) == "2"
    with qtbot.waitSignal(view.runs_wanted) as wanted:
        QTest.keyClick(view.canvas, keys.Key_Return)
    assert wanted.args == [[chosen.columns.slot_of(run_id(2))]]


def test_keys_lead_to_dots_beyond_the_part_that_is_looked_at(scatter_of, qtbot):
    view, _ = scatter_of(*(({"lr": n}, {"loss": [n * 10.0]}) for n in (1, 2, 3, 4)))
    view.x_key.choose("flag:lr")
    with qtbot.waitSignal(view.drawn):
        pass
    view.canvas.set_view(View(1.5, 2.5, 15, 25))

    for _ in range(4):
        QTest.keyClick(view.canvas, Qt.Key.Key_Right)

    shown = view.canvas.view
    assert shown.left < 4 < shown.right
    assert shown.bottom < 40 < shown.top
    assert shown.width == pytest.approx(1)


def test_the_name_of_a_dot_goes_with_it(scatter_of, qtbot):
    view, _ = scatter_of(*(({"lr": n}, {"loss": [n * 10.0]}) for n in (1, 2, 3)), ({"x": 1}, {}))
    view.x_key.choose("flag:lr")
    with qtbot.waitSignal(view.drawn):
        pass
    QTest.keyClick(view.canvas, Qt.Key.Key_Right)
    before = view._readout.pos()

    with qtbot.waitSignal(view.drawn):
        view.canvas.zoom(0.8, view.canvas.to_widget(3, 30))
    assert view._readout.pos() != before

    view.x_key.choose("flag:x")
    with qtbot.waitSignal(view.drawn):
        pass
    assert not view._readout.isVisible()  # it has no dot any more


def test_words_are_an_axis_too_and_logarithms_are_where_they_can_be(scatter_of, qtbot):
    view, _ = scatter_of(*(run(n, loss=1.0 + n) for n in range(5)))

    view.x_key.choose("flag:opt")
    with qtbot.waitSignal(view.drawn):
        pass

    assert view.picture.x.words == ("adam", "sgd")
    assert not view.log_x.isEnabled()
    view.log_y.click()
    with qtbot.waitSignal(view.drawn):
        pass
    assert view.picture.y.is_log


def test_a_dot_names_its_run_and_a_click_selects_it(scatter_of, qtbot):
    view, chosen = scatter_of(*(run(n, loss=1.0 + n) for n in range(3)))
    place = view.picture.wish.slots.index(chosen.columns.slot_of(run_id(1)))
    x, y = view.picture.places[place]
    spot = view.canvas.to_widget(float(x), float(y))

    view.canvas.pointed.emit(spot)
    assert "run 1" in view._readout.text()

    QTest.mouseClick(
        view.canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(spot.x()), round(spot.y()))
    )
    assert chosen.selected == [run_id(1)]


def test_a_brushed_rectangle_selects_the_runs_in_it(scatter_of, qtbot):
    view, chosen = scatter_of(*(run(n, loss=3.0 * (n + 1)) for n in range(4)))
    lows = sorted(view.picture.places[:, 1])

    view.canvas.brushed.emit(QRectF(QPointF(-9, lows[1] - 0.01), QPointF(99, lows[2] + 0.01)))

    assert sorted(chosen.selected) == [run_id(1), run_id(2)]
    assert view._note.text() == "2 of 4 runs"
    with qtbot.waitSignal(view.only_wanted) as wanted:
        view.only.click()
    slots, keys = wanted.args
    assert sorted(chosen.columns.value("id", slot) for slot in slots) == [run_id(1), run_id(2)]
    assert keys == [view.x_key.key, "scalar:last:loss"]
    view.forget_brushes()
    assert view._note.text() == "4 runs"


def test_sizes_grow_with_a_column(scatter_of, qtbot):
    view, chosen = scatter_of(*(run(n, loss=1.0 + n) for n in range(3)))

    view.sizes.choose("scalar:last:loss")
    with qtbot.waitSignal(view.drawn):
        pass

    order = [chosen.columns.value("label", slot) for slot in view.picture.wish.slots]
    sizes = dict(zip(order, view.picture.diameters, strict=True))
    assert sizes["run 0"] < sizes["run 1"] < sizes["run 2"]


def test_runs_without_a_value_are_counted(scatter_of):
    view, _ = scatter_of(run(0, loss=1.0), run(1, loss=1.0), run(2, acc=1.0))

    assert view.picture.missing == 1
    assert view._note.text() == "2 runs · 1 without a value"


# Parallel coordinates


@pytest.fixture
def parallel_of(page_of, qtbot):
    def make(*runs):
        page, chosen = page_of(*runs, mode="parallel")
        view = page.parallel
        qtbot.waitUntil(lambda: view.picture is not None, timeout=10_000)
        return view, chosen

    return make


def test_axes_on_which_runs_differ_come_first_and_the_scalar_last(parallel_of):
    view, _ = parallel_of(*(({"same": 1, "lr": 0.1 * n}, {"loss": [n]}) for n in range(3)))

    assert view.plot.objectName() == "parallelPlot"
    assert view.keys == ("flag:lr", "scalar:last:loss")


def test_a_brush_selects_the_runs_in_it_in_the_table(parallel_of, qtbot):
    view, chosen = parallel_of(*(({"n": n}, {"loss": [n]}) for n in range(11)))

    view.plot.set_brushes({"flag:n": [(0.25, 0.55)]})

    qtbot.waitUntil(lambda: sorted(chosen.selected) == [run_id(n) for n in (3, 4, 5)])
    assert view._note.text() == "3 of 11 runs"
    assert view.only.isVisible()
    view.clear.click()
    qtbot.waitUntil(lambda: chosen.selected == [])
    assert view._note.text() == "11 runs"
    assert not view.only.isVisible()


def test_a_run_that_was_pointed_at_is_none_among_others(parallel_of, qtbot):
    view, chosen = parallel_of(*(({"n": n}, {"loss": [n]}) for n in range(11)))
    view.plot.pointed.emit(QPointF(view.plot.x_of(0) + 30, view.plot.y_of(0.5)))
    before = view.plot.highlighted, view._readout.isVisible()

    chosen.choose(list(chosen.slots())[3:])

    qtbot.waitUntil(lambda: len(view.picture.kept) == 8)
    assert before[0] is not None
    assert before[1]
    assert view.plot.highlighted is None
    assert not view._readout.isVisible()


def test_no_run_is_named_while_a_brush_is_drawn(parallel_of):
    view, _ = parallel_of(*(({"n": n}, {"loss": [n]}) for n in range(11)))
    plot = view.plot
    plot.pointed.emit(QPointF(plot.x_of(0) + 30, plot.y_of(0.5)))
    before = view._readout.isVisible()

    place = QPoint(round(plot.x_of(0)), round(plot.y_of(0.5)))
    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=place)

    assert before
    assert not view._readout.isVisible()
    assert plot.highlighted is None


def test_the_keyboard_goes_to_the_plot_after_a_filter_by_brush(parallel_of, qtbot):
    view, _ = parallel_of(*(({"n": n}, {"loss": [n]}) for n in range(11)))
    view.plot.set_brushes({"flag:n": [(0.25, 0.55)]})
    qtbot.waitUntil(view.only.isVisible)
    view.only.setFocus()

    view.forget_brushes()

    assert view.window().focusWidget() is view.plot


def test_a_drag_along_an_axis_brushes_it(parallel_of, qtbot):
    view, chosen = parallel_of(*(({"n": n}, {"loss": [n]}) for n in range(11)))
    plot = view.plot
    x = round(plot.x_of(0))
    start, end = QPoint(x, round(plot.y_of(0.45))), QPoint(x, round(plot.y_of(0.75)))

    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(plot, end)
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=end)

    qtbot.waitUntil(lambda: sorted(chosen.selected) == [run_id(n) for n in (5, 6, 7)])


def test_a_drag_of_its_name_moves_an_axis(parallel_of):
    view, _ = parallel_of(*(({"a": n, "b": -n, "c": n * n}, {}) for n in range(3)))
    plot, keys = view.plot, view.keys
    start = QPoint(round(plot.x_of(0)), 8)
    end = QPoint(round(plot.x_of(2)), 8)

    QTest.mousePress(plot, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(plot, end)
    QTest.mouseRelease(plot, Qt.MouseButton.LeftButton, pos=end)

    assert view.keys == (keys[1], keys[2], keys[0], *keys[3:])


def test_keys_move_axes_and_brushes_and_choose_colours(parallel_of, qtbot):
    view, chosen = parallel_of(*(({"a": n, "b": -n}, {}) for n in range(11)))
    plot, keys = view.plot, view.keys

    QTest.keyClick(plot, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert view.keys == (keys[1], keys[0], *keys[2:])
    QTest.keyClick(plot, Qt.Key.Key_Down)
    assert plot.brushes == {keys[0]: [(0.8, 1.0)]}
    QTest.keyClick(plot, Qt.Key.Key_Down)
    assert plot.brushes[keys[0]][0] == pytest.approx((0.75, 0.95))
    qtbot.waitUntil(lambda: sorted(chosen.selected) == [run_id(8), run_id(9)])
    QTest.keyClick(plot, Qt.Key.Key_Delete)
    assert plot.brushes == {}
    QTest.keyClick(plot, Qt.Key.Key_C)
    qtbot.waitUntil(lambda: view._colours.key == keys[0])


def test_an_axis_is_logarithmic_on_request_and_can_be_hidden(parallel_of, qtbot):
    view, _ = parallel_of(*(({"a": n + 1, "b": -n}, {}) for n in range(5)))

    view.plot.log_wanted.emit("flag:a")
    qtbot.waitUntil(lambda: view.plot.axes[0].is_log)
    view.plot.hiding_wanted.emit("flag:b")

    assert "flag:b" not in view.keys
    view.add.choose("flag:b")
    assert view.keys[-1] == "flag:b"


def test_a_line_names_its_run_and_shows_what_it_says(parallel_of):
    view, chosen = parallel_of(*(({"a": n, "b": 10 - n}, {"loss": [n]}) for n in range(3)))
    plot = view.plot
    place = view.picture.wish.slots.index(chosen.columns.slot_of(run_id(2)))

    plot.pointed.emit(QPointF(plot.x_of(0) + 3, plot.y_of(0.995)))

    assert plot.highlighted == place
    assert "run 2" in view._readout.text()


def test_runs_without_a_value_on_an_axis_are_broken_lines(parallel_of):
    view, _ = parallel_of(*(({"a": n} | ({"b": n} if n != 1 else {}), {}) for n in range(3)))

    assert np.isnan(view.picture.heights[:, :2]).sum() == 1
    assert view.picture.raster is not None


def test_the_button_that_adds_an_axis_says_only_that(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0), run(1, loss=2.0))
    page.show_mode("parallel")
    add = page.parallel.add
    qtbot.waitUntil(lambda: bool(add.menu().actions()))

    assert add.text() == "Add Axis ▾"
    assert add.accessibleName() == "Add Axis"


def test_axes_are_painted_anew_where_they_look_otherwise_only(parallel_of, qtbot):
    view, _ = parallel_of(*(({"n": n, "m": n % 3}, {"loss": [n]}) for n in range(11)))
    plot = view.plot
    painted = []
    paint = plot._layer._paint
    plot._layer._paint = lambda painter, axes: (painted.append(axes), paint(painter, axes))
    plot.grab()
    before = len(painted)

    plot.set_brushes({"flag:n": [(0.25, 0.55)]})
    qtbot.waitUntil(lambda: view.picture.kept.sum() == 3)
    plot.grab()
    after_brush = len(painted)
    plot.log_wanted.emit("flag:n")
    qtbot.waitUntil(lambda: any(axis.is_log for axis in view.picture.axes))
    plot.grab()
    after_log = len(painted)
    plot.resize(plot.width() - 40, plot.height())
    plot.grab()

    assert after_brush == before
    assert after_log == before + 1
    assert len(painted) > after_log
