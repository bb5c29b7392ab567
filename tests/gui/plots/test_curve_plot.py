from __future__ import annotations

from math import inf, nan

import pytest
from msgspec import Struct
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtTest import QTest

from core.curves import CurveOptions
from gui.plots.plot_paint import View
from gui.views.plots.curve_plot import CurvePlot, Scalar
from gui.views.plots.curve_words import x_text


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


def point(plot, x):
    """Move the pointer to a place of the x axis."""
    plot.canvas.pointed.emit(QPointF(plot.canvas.to_widget(x, 0).x(), 50))


def count_of(plot, colour, slack=40):
    """How many pixels of the plane have about this colour."""
    image = plot.canvas.grab(plot.canvas.area.toRect()).toImage()
    wanted = QColor(colour).getRgb()[:3]
    pixels = (
        image.pixelColor(x, y).getRgb() for x in range(image.width()) for y in range(image.height())
    )
    return sum(all(abs(a - b) < slack for a, b in zip(p, wanted, strict=False)) for p in pixels)


def spot_count(plot):
    """How many curves have a spot under the crosshair."""
    return len(plot._nearest())


def test_its_name_is_known_to_tests_from_outside(plot):
    assert plot.objectName() == "curvePlot"


def test_all_of_a_curve_is_in_view(plot, draw, services):
    draw(line(100))

    view = plot.canvas.view
    assert view.left <= 0
    assert view.right >= 99
    assert view.bottom <= 0
    assert view.top >= 99
    assert count_of(plot, services.theme.curve_colour(0)) > 150


def test_the_smoothed_curve_has_the_raw_one_faintly_behind(plot, draw):
    picture = draw(values([0, 1] * 20), smoothing=0.9)

    raw, smoothed = picture.strokes
    assert raw.is_faint
    assert not smoothed.is_faint
    assert max(raw.ys) - min(raw.ys) == 1
    assert max(smoothed.ys) - min(smoothed.ys) < 1


def test_a_million_points_are_drawn(plot, draw, services):
    draw(line(1_000_000))

    assert plot.canvas.view.right >= 999_999
    assert count_of(plot, services.theme.curve_colour(0)) > 150


def step_numbers(plot):
    """The numbers below the plot."""
    return [tick.text for tick in plot.canvas.axes.x_ticks]


def test_the_first_and_the_last_step_have_their_numbers(plot, draw, qtbot):
    draw(line(5))

    qtbot.waitUntil(lambda: step_numbers(plot) == ["0", "1", "2", "3", "4"])


def test_there_is_no_half_a_step(plot, draw, qtbot):
    draw(values([0.5]))

    qtbot.waitUntil(lambda: step_numbers(plot) == ["0"])


def test_a_zoom_between_steps_shows_no_parts_of_them(plot, draw, qtbot):
    draw(line(5))

    plot.canvas.set_view(View(0.4, 2.6, 0, 4))

    qtbot.waitUntil(lambda: step_numbers(plot) == ["1", "2"])


def test_a_gap_stays_a_gap(plot, draw):
    picture = draw(values([1, 2, nan, 3, 4, inf, 5]))

    (stroke,) = picture.strokes
    assert stroke.curve.pieces == ((0, 2), (2, 4), (4, 5))
    assert picture.hidden == 2
    assert "2 values cannot be drawn" in plot._legend.toPlainText()


def test_a_curve_of_many_that_would_flatten_all_others_is_said_to_be_beyond(plot, draw):
    draw(*(line(5, slope=1 + 0.1 * number) for number in range(19)), line(5, slope=1e6))

    assert plot.canvas.view.top < 100
    assert "1 curve beyond this view" in plot._legend.toPlainText()


def test_one_point_is_a_dot(plot, draw, services):
    draw(values([3.0]))

    assert 8 < count_of(plot, services.theme.curve_colour(0)) < 60
    assert plot._stack.currentWidget() is plot.canvas


def test_a_restart_is_marked(plot, draw, services):
    draw(values([1, 2, 3, 2, 1], [0, 1, 2, 1, 2]))
    plain = plot.canvas.grab().toImage()

    picture = draw(values([1, 2, 3, 2, 1], [0, 1, 2, 1, 2], starts=(3,)))

    assert [x for x, _ in picture.restarts] == [1]
    place = round(plot.canvas.to_widget(1, 0).x())
    marked = plot.canvas.grab().toImage()
    area = plot.canvas.area.toRect()
    changed = sum(
        marked.pixel(x, y) != plain.pixel(x, y)
        for x in (place - 1, place)
        for y in range(area.top(), area.bottom())
    )
    assert changed > 30


def test_values_of_which_none_is_a_number_are_said_to_be_so(plot, draw):
    draw(values([nan, nan]))

    assert plot._message.text() == "None of these values is a number."
    assert plot._stack.currentWidget() is plot._message


def test_a_log_axis_that_can_show_nothing_says_so(plot, draw):
    draw(values([-1, -2]), log_y=True)

    assert "logarithmic" in plot._message.text()


def test_a_log_axis_shows_logarithms(plot, draw):
    draw(values([1, 10, 100]), log_y=True)

    assert list(plot.picture.strokes[0].ys) == [0, 1, 2]
    assert "100" in [tick.text for tick in plot.canvas.axes.y_ticks]


def test_a_zoom_stays_while_values_are_added_and_reset_shows_all(plot, draw, qtbot):
    draw(line(100))
    with qtbot.waitSignal(plot.drawn):
        plot.canvas.zoom(0.1)
    narrow = plot.canvas.view
    assert narrow.width < 20

    with qtbot.waitSignal(plot.drawn):
        plot.show_scalars([Scalar("s0", line(200))])
    assert plot.canvas.view == narrow

    with qtbot.waitSignal(plot.drawn):
        plot.reset_view()
    assert plot.canvas.view.right >= 199


def test_without_a_zoom_added_values_come_into_view(plot, draw, qtbot):
    draw(line(100))

    with qtbot.waitSignal(plot.drawn):
        plot.show_scalars([Scalar("s0", line(300))])

    assert plot.canvas.view.right >= 299


def test_a_part_that_is_looked_at_is_painted_anew(plot, draw, qtbot):
    draw(line(200_000))

    with qtbot.waitSignal(plot.drawn):
        plot.canvas.set_view(View(1000, 1050, 1000, 1050))

    assert plot.is_zoomed
    assert plot.picture.raster.view.left < 1000
    assert plot.picture.raster.view.width < 100


def test_the_crosshair_tells_step_and_values_highest_first(plot, draw):
    draw(line(10), line(10, slope=2.0))

    point(plot, 4.2)

    assert plot._readout.isVisible()
    text = plot._readout.text()
    assert "step 4" in text
    assert text.index("s1&nbsp;") < text.index(">8<") < text.index("s0&nbsp;") < text.index(">4<")
    assert spot_count(plot) == 2


def test_the_crosshair_leaves_out_a_curve_that_ended_before(plot, draw):
    draw(line(10), line(100))

    point(plot, 50.0)

    assert spot_count(plot) == 1


def test_the_crosshair_of_a_smoothed_curve_tells_the_raw_value_too(plot, draw):
    draw(values([0, 10, 0, 10]), smoothing=0.5)

    point(plot, 1.0)

    assert "raw 10" in plot._readout.text()


def test_the_crosshair_of_a_log_axis_tells_values_not_logarithms(plot, draw):
    draw(values([1, 10, 100]), log_y=True)

    point(plot, 2.0)

    assert ">100<" in plot._readout.text()


@pytest.mark.parametrize("size", [1e-30, 1.0, 1e15, 1e30])
def test_the_crosshair_and_the_zoom_find_places_among_values_of_any_size(plot, draw, size):
    draw(line(100, slope=size))

    point(plot, 60.0)
    assert "step 60" in plot._readout.text()

    plot.canvas.zoom(0.5, plot.canvas.to_widget(60, 60 * size))
    assert plot.canvas.view.left == pytest.approx(29.5, abs=1)
    assert plot.canvas.view.bottom == pytest.approx(27 * size, rel=0.1)


def test_the_crosshair_goes_when_the_pointer_leaves(plot, draw):
    draw(line(10))
    point(plot, 4.0)

    plot.canvas.left.emit()

    assert not plot._readout.isVisible()
    assert spot_count(plot) == 0


def test_the_readout_stays_within_a_narrow_plot(plot, draw):
    plot.resize(200, 200)
    draw(values([1.23456789e-10] * 50))

    point(plot, 49.0)

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


def test_a_crosshair_that_keys_move_out_of_the_zoom_takes_it_along(plot, draw, qtbot):
    draw(line(100))
    plot.canvas.set_view(View(40, 60, 40, 60))
    point(plot, 40.0)

    plot.step_pointer(-1)

    view = plot.canvas.view
    assert view.left < 39 < view.right
    assert view.bottom < 39 < view.top
    assert view.width == pytest.approx(20)
    spot = round(plot.canvas.to_widget(39, 0).x())
    assert abs(plot._readout.geometry().center().x() - spot) < plot._readout.width()


def test_a_screen_reader_is_told_the_last_values(plot, draw):
    draw(line(10))

    assert plot.accessibleName() == "Curves of s0"
    assert "s0: 9" in plot.accessibleDescription()


def test_colours_follow_the_theme_live(plot, draw, services, qtbot):
    draw(line(10))

    with qtbot.waitSignal(plot.drawn):
        services.theme.force("dark")

    assert count_of(plot, services.theme.colour("window"), slack=3) > 10_000
    assert count_of(plot, services.theme.curve_colour(0)) > 150


def test_a_glance_is_neither_zoomed_nor_moved(services, show_in_window, qtbot):
    plot = CurvePlot(services, compact=True)
    show_in_window(plot, 400, 170)
    with qtbot.waitSignal(plot.drawn, timeout=20_000):
        plot.show_scalars([Scalar("loss", line(50))])
    view = plot.canvas.view

    middle = plot.canvas.rect().center()
    QTest.mousePress(plot.canvas, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(plot.canvas, middle + QPoint(80, 10))
    QTest.mouseRelease(plot.canvas, Qt.MouseButton.LeftButton, pos=middle + QPoint(80, 10))
    qtbot.keyClick(plot, Qt.Key.Key_Plus)

    assert plot.canvas.view == view
    assert not plot.is_zoomed


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
