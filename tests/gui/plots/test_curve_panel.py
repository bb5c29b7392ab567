from __future__ import annotations

from array import array
from math import nan

import numpy as np
import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent
from PySide6.QtTest import QTest

from core.compare.series import RunSeries
from core.curves import CurveOptions
from gui.plots.curve_panels import RunLine
from gui.plots.plot_paint import View
from gui.views.plots.curve_panel import CurvePanel

RED, GREEN = QColor("#c00000"), QColor("#008000")


def series(values, starts=(0,), times=None):
    zeros = array("d", bytes(8 * len(values)))
    return RunSeries(range(len(values)), array("d", values), times or zeros, starts)


def line(slot, values, colour=GREEN, **more):
    return RunLine(slot, series(values), colour, **more)


@pytest.fixture
def panel(services, show_in_window):
    panel = CurvePanel("loss", services, lambda slot: f"run {slot}")
    show_in_window(panel, 600, 400)
    return panel


@pytest.fixture
def draw(panel, qtbot):
    def draw(*lines, averages=False, **options):
        panel.set_way(CurveOptions(**options), averages=averages)
        with qtbot.waitSignal(panel.drawn, timeout=20_000):
            panel.show_lines(lines)
        return panel.picture

    return draw


def on_screen(panel):
    """How many pixels of the plot are red, and how many green."""
    image = panel.canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(-1, 4).astype(int)
    blue, green, red = pixels[:, 0], pixels[:, 1], pixels[:, 2]
    return int(((red - green > 90) & (red - blue > 90)).sum()), int(
        ((green - red > 60) & (green - blue > 60)).sum()
    )


def point(panel, x, y):
    """Move the pointer to a place of the plane."""
    spot = panel.canvas.to_widget(x, y)
    QTest.mouseMove(panel.canvas, QPoint(round(spot.x()), round(spot.y())))
    panel.canvas.pointed.emit(spot)


def test_its_name_is_known_to_tests_from_outside(panel):
    assert panel.objectName() == "curvePlot"


def test_all_of_every_curve_is_in_view(panel, draw):
    draw(line(0, [1, 5, 2]), line(1, [0, 1, 2, 9]))

    view = panel.canvas.view
    assert view.left <= 0
    assert view.right >= 3
    assert view.bottom <= 0
    assert view.top >= 9


def test_each_run_is_drawn_in_its_colour(panel, draw):
    draw(line(0, [0, 1, 0], RED), line(1, [1, 0, 1], GREEN))

    red, green = on_screen(panel)
    assert red > 500
    assert green > 500


def test_values_that_are_no_numbers_are_told(panel, draw):
    picture = draw(line(0, [1, nan, 2]))

    assert picture.hidden == 1
    assert "1 value cannot be drawn" in panel.canvas.accessibleDescription()


def test_one_point_is_a_dot(panel, draw):
    draw(line(0, [3], RED))

    red, _ = on_screen(panel)
    assert 10 < red < 150


def test_a_panel_without_any_point_says_so(panel, draw):
    draw(line(0, [nan]))

    assert "no values that can be drawn" in panel.canvas.accessibleDescription()


def test_the_pointer_names_the_run_and_sorts_the_values(panel, draw):
    draw(line(0, [1, 1, 1]), line(1, [3, 3, 3]), line(2, [2, 2, 2]))

    point(panel, 1, 2.9)

    assert panel.pointed_key == 1
    text = panel._readout.text()
    assert text.index("run 1") < text.index("run 2") < text.index("run 0")
    assert "<b>run 1</b>" in text
    assert "step 1" in text


def test_of_many_runs_the_readout_tells_those_around_the_pointer(panel, draw):
    draw(*(line(slot, [slot, slot]) for slot in range(40)))

    point(panel, 0, 20)

    text = panel._readout.text()
    assert "<b>run 20</b>" in text
    assert "and 28 more" in text


def test_the_readout_leaves_some_of_a_low_panel_in_sight(panel, draw):
    panel.resize(600, 200)
    draw(*(line(slot, [slot, slot]) for slot in range(40)))

    point(panel, 0, 20)

    assert "<b>run 20</b>" in panel._readout.text()
    assert panel._readout.height() < 0.75 * panel.height()


def test_a_click_at_a_curve_selects_its_run(panel, draw, qtbot):
    draw(line(0, [1, 1, 1]), line(1, [3, 3, 3]))
    spot = panel.canvas.to_widget(1, 3)

    with qtbot.waitSignal(panel.runs_wanted) as wanted:
        QTest.mouseClick(
            panel.canvas, Qt.MouseButton.LeftButton, pos=QPoint(round(spot.x()), round(spot.y()))
        )

    assert wanted.args == [[1]]


def test_selected_runs_stand_out(panel, draw):
    draw(line(0, [0, 1, 0], RED), line(1, [1, 0, 1], GREEN))
    red_before, green_before = on_screen(panel)

    panel.stand_out([0])

    red, green = on_screen(panel)
    assert green < green_before / 4
    assert red > red_before / 2


def test_new_values_do_not_move_what_the_user_zoomed_into(panel, draw, qtbot):
    draw(line(0, [1, 2, 3, 4]))
    with qtbot.waitSignal(panel.drawn):
        panel.canvas.set_view(View(1, 2, 2, 3))

    draw(line(0, [1, 2, 3, 4, 50]))

    assert panel.canvas.view == View(1, 2, 2, 3)
    panel.reset_view()
    assert panel.canvas.view.top >= 50
    assert not panel.is_zoomed


def test_dragging_pans(panel, draw):
    draw(line(0, [0, 10]))
    before = panel.canvas.view
    start, end = QPoint(200, 200), QPoint(300, 260)

    QTest.mousePress(panel.canvas, Qt.MouseButton.LeftButton, pos=start)
    QTest.mouseMove(panel.canvas, end)
    QTest.mouseRelease(panel.canvas, Qt.MouseButton.LeftButton, pos=end)

    assert panel.canvas.view.left < before.left
    assert panel.canvas.view.bottom > before.bottom
    assert panel.canvas.view.width == pytest.approx(before.width)


def test_dragging_with_shift_zooms_into_a_rectangle(panel, draw):
    draw(line(0, [0, 10]))
    before = panel.canvas.view
    start, end, shift = QPointF(200, 200), QPointF(300, 260), Qt.KeyboardModifier.ShiftModifier

    for kind, at in (("Press", start), ("Move", end), ("Release", end)):
        event = QMouseEvent(
            getattr(QEvent.Type, f"MouseButton{kind}" if kind != "Move" else "MouseMove"),
            at,
            panel.canvas.mapToGlobal(at),
            Qt.MouseButton.LeftButton,
            Qt.MouseButton.LeftButton,
            shift,
        )
        QCoreApplication.sendEvent(panel.canvas, event)

    view = panel.canvas.view
    assert view.width == pytest.approx(before.width * 100 / panel.canvas.area.width(), rel=0.05)
    assert view.height == pytest.approx(before.height * 60 / panel.canvas.area.height(), rel=0.05)


def test_keys_zoom_pan_and_show_everything(panel, draw):
    draw(line(0, [0, 10, 5]))
    full = panel.canvas.view

    QTest.keyClick(panel.canvas, Qt.Key.Key_Plus)
    assert panel.canvas.view.width < full.width
    QTest.keyClick(panel.canvas, Qt.Key.Key_Right, Qt.KeyboardModifier.ShiftModifier)
    assert panel.canvas.view.left > full.left
    QTest.keyClick(panel.canvas, Qt.Key.Key_0)
    assert panel.canvas.view == full


def test_keys_step_along_a_curve_and_from_curve_to_curve(panel, draw, qtbot):
    draw(line(0, [1, 2, 3]), line(1, [4, 5, 6]))
    point(panel, 1, 2)

    QTest.keyClick(panel.canvas, Qt.Key.Key_Right)
    assert panel._pointed == (2, 0)
    QTest.keyClick(panel.canvas, Qt.Key.Key_Up)
    assert panel._pointed == (2, 1)
    with qtbot.waitSignal(panel.runs_wanted) as wanted:
        QTest.keyClick(panel.canvas, Qt.Key.Key_Return)
    assert wanted.args == [[1]]


def test_keys_that_leave_the_part_that_is_looked_at_take_it_along(panel, draw):
    draw(line(0, range(100)), line(1, [50 + n for n in range(100)]))
    panel.canvas.set_view(View(40, 60, 40, 60))
    point(panel, 60, 60)

    QTest.keyClick(panel.canvas, Qt.Key.Key_Right)
    view = panel.canvas.view
    assert view.left < 61 < view.right
    assert view.bottom < 61 < view.top
    assert view.width == pytest.approx(20)

    QTest.keyClick(panel.canvas, Qt.Key.Key_Up)
    assert panel._pointed == (61, 1)
    assert panel.canvas.view.bottom < 111 < panel.canvas.view.top


def test_what_is_told_at_the_crosshair_follows_zoom_and_values(panel, draw, qtbot):
    draw(line(0, [1, 2, 3]))
    point(panel, 0, 1)
    before = panel._readout.pos()

    with qtbot.waitSignal(panel.drawn):
        panel.canvas.zoom(0.8, panel.canvas.to_widget(1, 2))
    assert panel._readout.pos() != before

    draw(line(0, [7, 2, 3]))
    assert ">7<" in panel._readout.text() or "<b>7</b>" in panel._readout.text()

    draw(line(0, [7, 2, 3]), log_x=True)
    assert not panel._readout.isVisible()
    assert panel.pointed_key is None


def test_a_group_is_its_mean_and_a_band(panel, draw):
    picture = draw(
        line(0, [1, 1], RED, group=0),
        line(1, [3, 3], RED, group=0),
        line(2, [9, 9], GREEN, group=1),
        averages=True,
    )

    means = [list(stroke.curve.smoothed) for stroke in picture.strokes]
    assert means == [[2, 2], [9, 9]]
    (area,) = picture.areas.values()
    assert area.low[0] == pytest.approx(2 - 2**0.5)


def test_the_mean_of_a_group_is_taken_before_the_logarithm(draw):
    picture = draw(line(0, [1], RED), line(1, [19], RED), averages=True, log_y=True)

    assert picture.strokes[0].curve.smoothed[0] == pytest.approx(1)


def test_the_smoothed_curve_has_the_raw_one_faintly_behind(draw):
    picture = draw(line(0, [0, 1] * 20), smoothing=0.9)

    faint, strong = picture.strokes
    assert faint.is_faint
    assert max(faint.ys) - min(faint.ys) == 1
    assert max(strong.ys) - min(strong.ys) < 1


def test_restarts_are_marked_and_lines_do_not_go_back(draw):
    points = RunSeries([0, 1, 2, 1, 2], array("d", [5, 4, 3, 4, 2]), array("d", bytes(40)), (0, 3))

    picture = draw(RunLine(0, points, RED))

    assert [x for x, _ in picture.restarts] == [1]
    assert picture.curves[0].curve.pieces == ((0, 3), (3, 5))


def test_what_is_known_is_not_laid_out_again(draw):
    lines = [line(slot, [1, 2, 3]) for slot in range(3)]
    first = draw(*lines)

    again = draw(*lines, line(3, [4]))

    assert all(again.curves[slot] is first.curves[slot] for slot in range(3))


def test_a_zoom_draws_a_picture_that_fits_it(panel, draw, qtbot):
    draw(line(0, range(1000)))

    with qtbot.waitSignal(panel.drawn):
        panel.canvas.zoom(0.1, QPointF(300, 200))

    drawn = panel.picture.raster.view
    assert drawn.left < panel.canvas.view.left
    assert drawn.width == pytest.approx(1.5 * panel.canvas.view.width, rel=0.01)


def test_a_few_curves_that_run_away_do_not_flatten_all_others(panel, draw):
    picture = draw(*(line(n, [1, 2]) for n in range(40)), line(40, [1, 1e30]))

    assert picture.full.top < 3
    assert picture.outside == 1
    assert "1 curve beyond this view" in panel.canvas.accessibleDescription()


def test_of_few_curves_each_is_in_view(draw):
    picture = draw(line(0, [1, 2]), line(1, [1, 1e30]))

    assert picture.full.top > 1e30
    assert picture.outside == 0


def test_a_mean_is_named_and_a_click_at_it_selects_its_runs(panel, draw, qtbot):
    panel.name_of_group = lambda number: ("adam", "sgd")[number]
    draw(
        *(line(slot, [value] * 3, RED, group=slot // 2) for slot, value in enumerate((1, 3, 7, 9))),
        averages=True,
    )

    point(panel, 1, 8)
    with qtbot.waitSignal(panel.runs_wanted) as wanted:
        QTest.keyClick(panel.canvas, Qt.Key.Key_Return)

    assert "<b>sgd</b>" in panel._readout.text()
    assert "<b>8 ± 1.4</b>" in panel._readout.text()
    assert wanted.args == [[2, 3]]


def test_the_readout_of_a_mean_on_a_logarithmic_axis_tells_the_mean(panel, draw):
    draw(line(0, [10, 10], RED), line(1, [30, 30], RED), averages=True, log_y=True)

    point(panel, 0, 1.3)

    assert "<b>20 ± 14</b>" in panel._readout.text()


def test_a_group_with_a_single_step_is_a_dot_on_an_upright_line(panel, draw):
    draw(line(0, [1.0], RED), line(1, [19.0], RED), averages=True)
    alone, _ = on_screen(panel)

    draw(line(0, [10.0], RED), line(1, [10.0], RED), averages=True)
    without_spread, _ = on_screen(panel)

    assert alone > 3 * without_spread > 0
