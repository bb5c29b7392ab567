from __future__ import annotations

from math import inf, nan

import pytest
from msgspec import Struct
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QPainter, QPicture

from core.curves import CurveOptions
from gui.views.plots.curve_picture import Scalar
from gui.views.plots.curve_plot import CurvePlot
from gui.views.plots.curve_readout import x_text


class Values(Struct, frozen=True):
    steps: list[int]
    values: list[float]
    wall_times: list[float]
    starts: tuple[int, ...] = ()


def values(ys, steps=None, starts=(), times=None):
    steps = list(range(len(ys))) if steps is None else steps
    return Values(steps, list(ys), times or [0.0] * len(ys), starts)


def line(count, slope=1.0):
    return values([slope * i for i in range(count)])


@pytest.fixture
def plot(services, show_in_window):
    plot = CurvePlot(services)
    show_in_window(plot, 500, 300)
    return plot


@pytest.fixture
def draw(plot, qtbot):
    def draw(*scalars, **options):
        plot.set_options(CurveOptions(**options))
        with qtbot.waitSignal(plot.drawn, timeout=20_000):
            plot.show_scalars([Scalar(f"s{i}", each, i) for i, each in enumerate(scalars)])
        return plot.picture

    return draw


def drawn_points(plot):
    """x and y of every line on screen."""
    return [curve.getData() for curve in plot._canvas._lines]


def test_its_name_is_known_to_tests_from_outside(plot):
    assert plot.objectName() == "curvePlot"


def test_all_of_a_curve_is_in_view(plot, draw):
    draw(line(100))

    low, high = plot.x_range
    assert low <= 0
    assert high >= 99
    xs, ys = drawn_points(plot)[0]
    assert list(xs) == list(ys) == list(range(100))


def test_the_smoothed_curve_has_the_raw_one_faintly_behind(plot, draw, services):
    draw(values([0, 1] * 20), smoothing=0.9)

    raw, smoothed = plot._canvas._lines
    assert raw.opts["pen"].color().alpha() < 100
    assert smoothed.opts["pen"].color() == services.theme.curve_colour(0)
    assert max(raw.getData()[1]) - min(raw.getData()[1]) == 1
    assert smoothed.zValue() > raw.zValue()


def test_a_million_points_are_drawn_as_few(plot, draw):
    draw(line(1_000_000))

    xs, ys = drawn_points(plot)[0]
    assert len(xs) < 5 * plot._canvas.columns
    assert max(ys) == 999_999


def step_numbers(plot):
    """The numbers below the plot."""
    picture = QPicture()
    painter = QPainter(picture)
    texts = plot._canvas._axes["bottom"].generateDrawSpecs(painter)[2]
    painter.end()
    return [text for _, _, text in texts if text]


def test_the_first_and_the_last_step_have_their_numbers(plot, draw, qtbot):
    draw(line(5))

    qtbot.waitUntil(lambda: step_numbers(plot) == ["0", "1", "2", "3", "4"])


def test_there_is_no_half_a_step(plot, draw, qtbot):
    draw(values([0.5]))

    qtbot.waitUntil(lambda: step_numbers(plot) == ["0"])


def test_a_zoom_between_steps_shows_no_parts_of_them(plot, draw, qtbot):
    draw(line(5))

    plot._canvas.set_view((0.4, 2.6), (0, 4))

    qtbot.waitUntil(lambda: step_numbers(plot) == ["1", "2"])


def test_a_gap_stays_a_gap(plot, draw):
    picture = draw(values([1, 2, nan, 3, 4, inf, 5]))

    ys = drawn_points(plot)[0][1]
    assert sum(y != y for y in ys) == 1
    assert picture.hidden == 2
    assert "2 values cannot be drawn" in plot._legend.toPlainText()


def test_one_point_is_a_dot(plot, draw):
    draw(values([3.0]))

    assert len(plot._canvas._dots.points()) == 1
    assert plot._stack.currentWidget() is plot._canvas


def test_a_restart_is_marked(plot, draw):
    draw(values([1, 2, 3, 2, 1], [0, 1, 2, 1, 2], starts=(3,)))

    assert [line.value() for line in plot._canvas._restarts] == [1]


def test_values_of_which_none_is_a_number_are_said_to_be_so(plot, draw):
    draw(values([nan, nan]))

    assert plot._message.text() == "None of these values is a number."
    assert plot._stack.currentWidget() is plot._message


def test_a_log_axis_that_can_show_nothing_says_so(plot, draw):
    draw(values([-1, -2]), log_y=True)

    assert "logarithmic" in plot._message.text()


def test_a_log_axis_shows_logarithms(plot, draw):
    draw(values([1, 10, 100]), log_y=True)

    assert list(drawn_points(plot)[0][1]) == [0, 1, 2]
    assert plot._canvas._axes["left"].logMode


def test_a_zoom_stays_while_values_are_added_and_reset_shows_all(plot, draw, qtbot):
    draw(line(100))
    with qtbot.waitSignal(plot.drawn):
        plot._canvas.zoom(0.1)
    narrow = plot.x_range
    assert narrow[1] - narrow[0] < 20

    with qtbot.waitSignal(plot.drawn):
        plot.show_scalars([Scalar("s0", line(200))])
    assert plot.x_range == pytest.approx(narrow)

    with qtbot.waitSignal(plot.drawn):
        plot.reset_view()
    assert plot.x_range[1] >= 199


def test_without_a_zoom_added_values_come_into_view(plot, draw, qtbot):
    draw(line(100))

    with qtbot.waitSignal(plot.drawn):
        plot.show_scalars([Scalar("s0", line(300))])

    assert plot.x_range[1] >= 299


def test_zooming_in_shows_every_point_there(plot, draw, qtbot):
    draw(line(200_000))
    plot._canvas.plotItem.vb.setXRange(1000, 1050, padding=0)

    with qtbot.waitSignal(plot.drawn):
        plot._on_view_moved()

    inside = [x for x in drawn_points(plot)[0][0] if 1000 <= x <= 1050]
    assert inside == list(range(1000, 1051))


def test_the_crosshair_tells_step_and_values_highest_first(plot, draw):
    draw(line(10), line(10, slope=2.0))

    plot._canvas.pointed.emit(4.2, 0.0)

    assert plot._readout.isVisible()
    text = plot._readout.text()
    assert "step 4" in text
    assert text.index("s1 <b>8</b>") < text.index("s0 <b>4</b>")
    assert len(plot._canvas._marks.points()) == 2


def test_the_crosshair_leaves_out_a_curve_that_ended_before(plot, draw):
    draw(line(10), line(100))

    plot._canvas.pointed.emit(50.0, 0.0)

    assert len(plot._canvas._marks.points()) == 1


def test_the_crosshair_of_a_smoothed_curve_tells_the_raw_value_too(plot, draw):
    draw(values([0, 10, 0, 10]), smoothing=0.5)

    plot._canvas.pointed.emit(1.0, 0.0)

    assert "raw 10" in plot._readout.text()


def test_the_crosshair_of_a_log_axis_tells_values_not_logarithms(plot, draw):
    draw(values([1, 10, 100]), log_y=True)

    plot._canvas.pointed.emit(2.0, 0.0)

    assert "<b>100</b>" in plot._readout.text()


def test_the_crosshair_goes_when_the_pointer_leaves(plot, draw):
    draw(line(10))
    plot._canvas.pointed.emit(4.0, 0.0)

    plot._canvas.left.emit()

    assert not plot._readout.isVisible()
    assert not plot._canvas._cross.isVisible()


def test_the_readout_stays_within_a_narrow_plot(plot, draw):
    plot.resize(200, 200)
    draw(values([1.23456789e-10] * 50))

    plot._canvas.pointed.emit(49.0, 0.0)

    assert plot._readout.geometry().left() >= 0


def test_the_keyboard_moves_the_crosshair_and_zooms(plot, draw, qtbot):
    draw(line(10))
    plot.setFocus()

    qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert "step 9" in plot._readout.text()
    qtbot.keyClick(plot, Qt.Key.Key_Left)
    assert "step 8" in plot._readout.text()

    with qtbot.waitSignal(plot.drawn):
        qtbot.keyClick(plot, Qt.Key.Key_Plus)
    assert plot.is_zoomed
    with qtbot.waitSignal(plot.drawn):
        qtbot.keyClick(plot, Qt.Key.Key_0)
    assert not plot.is_zoomed


def test_a_screen_reader_is_told_the_last_values(plot, draw):
    draw(line(10))

    assert plot.accessibleName() == "Curves of s0"
    assert "s0: 9" in plot.accessibleDescription()


def test_colours_follow_the_theme_live(plot, draw, services):
    draw(line(10))

    services.theme.force("dark")

    canvas = plot._canvas
    assert canvas.backgroundBrush().color() == services.theme.colour("window")
    assert canvas._lines[0].opts["pen"].color() == services.theme.curve_colour(0)


def test_the_plot_becomes_a_picture_at_twice_its_size(plot, draw):
    draw(line(10))

    image = plot.image()

    assert image.width() == 2 * plot.width()
    colours = {image.pixelColor(x, image.height() // 2).name() for x in range(image.width())}
    assert len(colours) > 1


def test_the_plot_can_be_copied(plot, draw):
    draw(line(10))

    plot.copy_image()

    assert not QGuiApplication.clipboard().image().isNull()


def test_wishes_while_one_is_drawn_are_all_answered_by_the_last(plot, draw, qtbot):
    draw(line(50_000))

    with qtbot.waitSignal(plot.drawn):
        for amount in (0.1, 0.2, 0.3, 0.95):
            plot.set_options(CurveOptions(smoothing=amount))

    assert plot.picture.wish.options.smoothing == 0.95


def test_a_message_takes_the_place_of_the_curves(plot, draw):
    draw(line(10))

    plot.show_message("Nothing here.")

    assert plot._stack.currentWidget() is plot._message
    assert plot.picture is None


@pytest.mark.parametrize(
    ("x", "options", "text"),
    [
        (1180.0, CurveOptions(), "step 1,180"),
        (3.0, CurveOptions(log_x=True), "step 1,000"),
        (2.0, CurveOptions(axis="order"), "value 2"),
        (3661.0, CurveOptions(axis="relative"), "after 1:01:01"),
    ],
)
def test_a_place_on_the_x_axis_is_told_in_its_unit(x, options, text):
    assert x_text(x, options) == text


def test_a_wall_time_is_told_as_date_and_time():
    assert "2023-11-14" in x_text(1_700_000_000.0, CurveOptions(axis="wall"))
