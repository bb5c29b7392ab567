from __future__ import annotations

import csv

import numpy as np
import pytest
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest

from gui.run_colours import AUTOMATIC, run_colours
from gui.views import plots_page
from gui.views.parallel_view import ParallelView
from gui.views.scatter_view import ScatterView
from tests.support.plotted import run_id, write_events


def run(number, **scalars):
    """Flags and scalars of an invented run."""
    curves = {name: [value, value / 2, value / 3] for name, value in scalars.items()}
    flags = {"lr": 0.1 / (number + 1), "opt": ("adam", "sgd")[number % 2], "seed": number}
    return flags, curves


@pytest.fixture
def page_of(services, show_in_window, chosen_of, qtbot):
    def make(*runs, mode="curves"):
        chosen = chosen_of(*runs)
        page = plots_page.make(chosen, services)
        page.show_mode(mode)
        show_in_window(page, 1000, 640)
        return page, chosen

    return make


def wait_for_curves(qtbot, page, count):
    """Wait until each panel has drawn so many runs."""
    qtbot.waitUntil(
        lambda: (
            bool(page.curves.panels)
            and all(
                panel.picture is not None and len(panel.picture.curves) == count
                for panel in page.curves.panels.values()
            )
        ),
        timeout=10_000,
    )


def test_there_is_a_panel_for_each_scalar_that_the_runs_have(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0, acc=0.5), run(1, loss=2.0, acc=0.7))

    wait_for_curves(qtbot, page, 2)

    assert page.objectName() == "plotsPage"
    assert sorted(page.curves.panels) == ["acc", "loss"]
    assert all(panel.objectName() == "curvePlot" for panel in page.curves.panels.values())


def test_only_scalars_of_the_chosen_runs_are_offered(page_of, qtbot):
    page, chosen = page_of(run(0, loss=1.0), run(1, reward=2.0), run(2, loss=3.0))
    qtbot.waitUntil(lambda: len(page.curves.panels) == 2)

    slots = [chosen.columns.slot_of(run_id(n)) for n in (0, 2)]
    chosen.choose(slots)

    qtbot.waitUntil(lambda: list(page.curves.panels) == ["loss"])
    assert list(page.curves.feed.scalars) == ["loss"]


def test_the_user_chooses_scalars_and_finds_them_by_a_part_of_their_name(page_of, qtbot):
    page, _ = page_of(run(0, **{f"metric{n}": 1.0 for n in range(30)}))
    chooser = page.curves.scalars
    qtbot.waitUntil(lambda: len(chooser.keys) == 4)

    chooser.search.setText("METRIC2")
    assert chooser.list.model().rowCount() == 11
    chooser._tick_none()
    assert page.curves.panels == {}
    chooser._tick_found()

    assert len(page.curves.panels) == 11


def test_two_runs_have_their_own_colours_which_stay(page_of, qtbot, services):
    page, chosen = page_of(*(run(n, loss=1.0) for n in range(4)))
    colours = run_colours(chosen, services)
    slots = chosen.columns.slots()
    before = {slot: colours.style(slot).number for slot in slots}

    chosen.choose(slots[2:])

    assert sorted(before.values()) == [0, 1, 2, 3]
    assert {slot: colours.style(slot).number for slot in slots[2:]} == {
        slot: before[slot] for slot in slots[2:]
    }
    assert colours is page._colours


def test_many_runs_are_coloured_by_a_flag_that_tells_them_apart(page_of, qtbot):
    page, _ = page_of(*(run(n, loss=1.0) for n in range(14)))

    qtbot.waitUntil(lambda: page._colours.key == "flag:opt")

    assert page.legend.text == "Colours: opt adam, sgd"
    assert page.colour_by.text() == "Colour: opt ▾"


def test_groups_of_all_flags_but_one_have_a_mean_each(page_of, qtbot):
    runs = [({"opt": opt, "seed": seed}, {"loss": [seed]}) for opt in "ab" for seed in (1, 2, 3)]
    page, _ = page_of(*runs)
    wait_for_curves(qtbot, page, 6)

    page.colour_by.choose("but:seed")
    qtbot.waitUntil(lambda: page._colours.key == "but:seed")
    page.curves.averages.setChecked(True)

    panel = page.curves.panels["loss"]
    qtbot.waitUntil(lambda: len(panel.picture.strokes) == 2)
    assert [stroke.curve.smoothed[0] for stroke in panel.picture.strokes] == [2, 2]
    assert page.legend.text == "Colours: all flags but seed opt=a, opt=b"


def test_a_click_at_a_curve_selects_the_run_and_the_selected_run_stands_out(page_of, qtbot):
    page, chosen = page_of(run(0, loss=1.0), run(1, loss=9.0))
    wait_for_curves(qtbot, page, 2)
    panel = page.curves.panels["loss"]
    slot = chosen.columns.slot_of(run_id(1))

    panel.runs_wanted.emit([slot])

    assert chosen.selected == [run_id(1)]
    assert panel._standing_out == (slot,)
    assert panel.canvas.opacity < 1


def test_a_run_that_goes_on_is_drawn_as_it_writes(page_of, qtbot):
    page, chosen = page_of(run(0, loss=1.0))
    wait_for_curves(qtbot, page, 1)
    slot = chosen.columns.slot_of(run_id(0))
    write_events(
        chosen.runs_dir / run_id(0), {"loss": [5, 6]}, name="events.out.tfevents.0000000002.h"
    )

    chosen.values_changed.emit(frozenset([slot]))

    panel = page.curves.panels["loss"]
    qtbot.waitUntil(lambda: len(panel.picture.curves[slot].curve.xs) == 5)
    assert [x for x, _ in panel.picture.restarts] == [0]


def test_runs_that_vanish_while_they_are_plotted_are_left_out(page_of, qtbot):
    page, chosen = page_of(run(0, loss=1.0), run(1, loss=2.0))
    wait_for_curves(qtbot, page, 2)
    path = chosen.runs_dir / run_id(0) / ".guild" / "events.out.tfevents.0000000001.h"
    path.unlink()

    chosen.values_changed.emit(frozenset(chosen.slots()))

    wait_for_curves(qtbot, page, 1)


def test_only_runs_that_wrote_are_read_again(page_of, qtbot):
    page, chosen = page_of(*(run(n, loss=1.0) for n in range(5)))
    wait_for_curves(qtbot, page, 5)
    totals = []
    page.curves.feed.reading_changed.connect(lambda: totals.append(page.curves.feed._total))

    chosen.values_changed.emit(frozenset(list(chosen.slots())[:2]))

    qtbot.waitUntil(lambda: bool(totals) and page.curves.feed.progress is None)
    assert set(totals) == {2}


def test_reading_goes_on_when_somebody_looks_again(page_of, qtbot):
    page, _ = page_of(*(run(n, loss=1.0) for n in range(3)))
    page.hide()
    page.show()

    wait_for_curves(qtbot, page, 3)


def test_nothing_is_read_while_nobody_looks(page_of, qtbot):
    page, chosen = page_of(run(0, loss=1.0))
    wait_for_curves(qtbot, page, 1)
    page.hide()
    read = page.curves.feed._cache.bytes_read

    chosen.changed.emit()
    chosen.values_changed.emit(frozenset(chosen.slots()))

    assert page.curves.feed.progress is None
    assert page.curves.feed._cache.bytes_read == read


def test_without_runs_a_sentence_says_so(page_of):
    page, _ = page_of()

    assert page._message.isVisible()
    assert page._message.text() == "There are no runs to plot."


def test_runs_without_scalars_are_said_to_have_none(page_of, qtbot):
    page, _ = page_of(run(0), run(1))

    qtbot.waitUntil(page.curves._nothing.isVisible)
    assert page.curves._nothing.text() == "These runs have logged no scalars."


def test_wall_time_is_offered_only_where_runs_have_it(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0))
    wait_for_curves(qtbot, page, 1)

    assert "wall" not in page.curves.axis.offered
    assert page.curves.axis.axis == "step"


def test_what_was_chosen_is_there_after_a_restart(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0, acc=1.0), run(1, loss=1.0, acc=1.0))
    wait_for_curves(qtbot, page, 2)
    page.curves.scalars._take(["acc"])
    page.curves.smoothing.setValue(40)
    page.curves.log_y.setChecked(True)
    page.colour_by.choose("flag:opt")
    page.show_mode("scatter")
    state = page.state()

    other, _ = page_of()
    other.restore(state)

    assert other.mode == "scatter"
    assert other.curves._wish == ("acc",)
    assert other.curves.smoothing.value() == 40
    assert other.curves.log_y.isChecked()
    assert other._colours.wish == "flag:opt"
    other.restore({"mode": 3, "views": {"curves": {"smoothing": "much"}}, "colour_by": None})
    assert other.mode == "scatter"


@pytest.mark.parametrize("mode", ["curves", "scatter", "parallel"])
def test_what_is_on_screen_is_saved_as_png_and_svg(page_of, qtbot, tmp_path, mode):
    page, _ = page_of(*(run(n, loss=1.0 + n) for n in range(3)), mode=mode)
    qtbot.waitUntil(lambda: bool(page.sheet().panels), timeout=10_000)
    if mode == "curves":
        wait_for_curves(qtbot, page, 3)

    for name in ("plot.png", "plot.svg"):
        with qtbot.waitSignal(page.saved, timeout=10_000):
            page.save(tmp_path / name)

    image = QImage(str(tmp_path / "plot.png")).convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(-1, 4)  # lives as the image does
    assert len(np.unique(pixels[:, :3], axis=0)) > 20
    text = (tmp_path / "plot.svg").read_text()
    assert "<svg" in text
    assert "<polyline" in text or "<path" in text or "<circle" in text or mode == "scatter"


def test_what_is_on_screen_is_copied_as_a_picture(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0))
    wait_for_curves(qtbot, page, 1)
    QGuiApplication.clipboard().clear()

    page.copy()

    qtbot.waitUntil(lambda: not QGuiApplication.clipboard().image().isNull())
    assert QGuiApplication.clipboard().image().width() >= 1200
    assert page._said.text() == "Copied."


def test_a_picture_that_cannot_be_written_is_said(page_of, qtbot, tmp_path):
    page, _ = page_of(run(0, loss=1.0))
    wait_for_curves(qtbot, page, 1)

    page.save(tmp_path / "no" / "plot.png")

    qtbot.waitUntil(page._problem.isVisible)
    assert "Cannot write" in page._problem.text()


def test_every_step_of_the_curves_is_saved_as_csv(page_of, qtbot, tmp_path):
    page, _ = page_of(run(0, loss=6.0, acc=1.0), run(1, loss=3.0))
    qtbot.waitUntil(lambda: len(page.curves.panels) == 2)
    page.curves.scalars._take(["loss"])

    with qtbot.waitSignal(page.values.saved, timeout=10_000):
        page.values.save(tmp_path / "out.csv")

    with (tmp_path / "out.csv").open() as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["run", "path", "tag", "value", "step"]
    assert sorted(row[3] for row in rows[1:]) == ["1.0", "1.5", "2.0", "3.0", "3.0", "6.0"]


# Kinds of plots


def kinds_made(page):
    return [kind for kind in (ScatterView, ParallelView) if page.findChild(kind) is not None]


def test_a_kind_of_plot_is_made_when_it_is_looked_at(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0), run(1, loss=2.0))
    wait_for_curves(qtbot, page, 2)
    before = kinds_made(page)

    page.show_mode("parallel")

    assert before == []
    assert kinds_made(page) == [ParallelView]
    assert page.stack.currentWidget() is page.parallel


def test_what_a_kind_was_like_is_kept_though_nobody_looked_at_it(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0), run(1, loss=2.0))
    views = {"scatter": {"x": "flag:seed"}, "parallel": {"axes": ["flag:seed", "flag:lr"]}}

    page.restore({"views": views})
    kept = page.state()["views"]
    page.show_mode("parallel")

    assert kinds_made(page) == [ParallelView]
    assert kept["scatter"] == views["scatter"]
    assert kept["parallel"] == views["parallel"]
    assert page.parallel.keys == ("flag:seed", "flag:lr")
    qtbot.waitUntil(lambda: page.parallel.picture is not None, timeout=10_000)


def test_values_of_curves_are_saved_where_curves_are_looked_at(page_of):
    page, _ = page_of(run(0, loss=1.0), run(1, loss=2.0))
    entry = next(a for a in page._save.menu().actions() if "CSV" in a.text())
    during_curves = entry.isEnabled()

    page.show_mode("scatter")

    assert during_curves
    assert not entry.isEnabled()


# The scatter plot


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
    with qtbot.waitSignal(view.only_wanted) as wanted:
        view.only.click()
    slots, keys = wanted.args
    assert sorted(chosen.columns.value("id", slot) for slot in slots) == [run_id(1), run_id(2)]
    assert keys == [view.x_key.key, "scalar:last:loss"]


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


def test_what_suits_decides_colours_until_the_user_does(page_of, qtbot):
    page, _ = page_of(*(run(n, loss=1.0) for n in range(14)))
    qtbot.waitUntil(lambda: page._colours.key == "flag:opt")

    page.colour_by.choose("")
    assert page._colours.key == ""
    page.colour_by.choose(AUTOMATIC)
    qtbot.waitUntil(lambda: page._colours.key == "flag:opt")


def test_the_menu_asks_for_tensorboard(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0))
    (entry,) = [e for e in page._save.menu().actions() if e.text() == "Open in TensorBoard"]

    with qtbot.waitSignal(page.board_wanted):
        entry.trigger()


def test_signs_of_colours_are_dots_where_dots_are_drawn(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0), run(1, loss=2.0))
    page.colour_by.choose("")
    qtbot.waitUntil(lambda: bool(page._colours.legend()))
    lines = page.legend.grab().toImage()

    page.show_mode("scatter")

    assert page.legend.grab().toImage() != lines
    assert page.sheet().are_dots
    page.show_mode("curves")
    assert page.legend.grab().toImage() == lines
    assert not page.sheet().are_dots


def test_the_button_that_adds_an_axis_says_only_that(page_of, qtbot):
    page, _ = page_of(run(0, loss=1.0), run(1, loss=2.0))
    page.show_mode("parallel")
    add = page.parallel.add
    qtbot.waitUntil(lambda: bool(add.menu().actions()))

    assert add.text() == "Add Axis ▾"
    assert add.accessibleName() == "Add Axis"


def test_names_in_plots_begin_with_what_tells_runs_apart(page_of, qtbot):
    runs = [({"lr": n / 10, "opt": "adam", "seed": 7}, {"loss": [1.0, n]}) for n in range(8)]
    page, chosen = page_of(*runs)
    wait_for_curves(qtbot, page, 8)
    columns = chosen.columns
    columns.decode_flags()
    for slot in chosen.slots():
        flags = columns.known_flags(slot)
        label = " ".join(f"{name}={flags[name]}" for name in sorted(flags))
        columns.put(replace(columns.run(slot), label=label))

    colours = run_colours(chosen, page._services)

    assert {colours.name(slot).partition(" · ")[2] for slot in chosen.slots()} == {
        f"lr={n / 10} …" for n in range(8)
    }


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
