"""Lines of curves: as wide as they are meant to be, and quick however noisy they are."""

from __future__ import annotations

import random
import time
from array import array

import numpy as np
import pytest
from PySide6.QtCore import QBuffer, QRectF, QSize
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from core.compare.series import RunSeries
from core.curves import CurveOptions, lay_out
from gui.plots.plot_paint import View
from gui.plots.plot_strokes import DOT, Stroke, paint_strokes, thinned

WIDTH, HEIGHT = 700, 400
COLOUR = QColor("#0072b2")


def stroke(values, **more) -> Stroke:
    count = len(values)
    times = array("d", bytes(8 * count))
    points = RunSeries(range(count), array("d", values), times, (0,))
    return Stroke(lay_out(points, CurveOptions()), COLOUR, **more)


def painted(qapp, *strokes) -> QImage:
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    last = len(strokes[0].curve.xs) - 1
    paint_strokes(painter, strokes, View(0, last, 0, 1), QRectF(0, 0, WIDTH, HEIGHT))
    painter.end()
    return image


def ink(image: QImage, x: int) -> float:
    """How many pixels of a column are covered."""
    return sum(image.pixelColor(x, y).alphaF() for y in range(image.height()))


def noise(count: int) -> list[float]:
    chance = random.Random(1)
    return [chance.random() for _ in range(count)]


@pytest.mark.parametrize("values", [[0.5, 0.5], [0.3, 0.7]])
def test_a_curve_is_wider_than_a_pixel(qapp, values):
    image = painted(qapp, stroke(values))

    assert 1.4 < ink(image, WIDTH // 2) < 2.2


def test_a_raw_curve_behind_a_smoothed_one_is_thin(qapp):
    image = painted(qapp, stroke([0.5, 0.5], is_faint=True))

    assert ink(image, WIDTH // 2) < 1


def test_a_broken_line_has_gaps(qapp):
    image = painted(qapp, stroke([0.5, 0.5], is_dashed=True))
    covered = [ink(image, x) > 0.5 for x in range(20, WIDTH - 20)]

    assert 0.4 < sum(covered) / len(covered) < 0.9


def test_a_single_point_is_a_dot_at_its_place(qapp):
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    view = View(-0.5, 0.5, 0, 1)  # so narrow that a 63rd of it is many pixels
    paint_strokes(painter, [stroke([0.5])], view, QRectF(0, 0, WIDTH, HEIGHT))
    painter.end()

    inked = [x for x in range(WIDTH) if ink(image, x) > 0.2]
    assert inked
    assert abs((inked[0] + inked[-1]) / 2 - WIDTH / 2) <= 1
    assert inked[-1] - inked[0] <= DOT + 1


def test_noise_does_not_stop_the_window(qapp):
    strokes = [stroke(noise(4 * WIDTH)) for _ in range(3)]
    begin = time.thread_time()

    painted(qapp, *strokes)

    assert time.thread_time() - begin < 0.5  # three lines that are wide by themselves take 3 s


def test_a_picture_of_lines_holds_each_curve_once(qapp):
    buffer = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(QSize(WIDTH, HEIGHT))
    painter = QPainter(generator)
    curve = stroke([0.2, 0.8, 0.4])
    paint_strokes(painter, [curve], View(0, 2, 0, 1), QRectF(0, 0, WIDTH, HEIGHT))
    painter.end()

    text = bytes(buffer.data().data()).decode()
    assert text.count("<polyline") == 1
    assert 'stroke-width="1.7"' in text


def test_a_spike_between_pixels_is_kept():
    ys = np.zeros(100_000)
    ys[54_321], ys[77_777] = 9, -9

    xs, thin = thinned(np.arange(100_000.0), ys, View(0, 100_000, -10, 10), 50)

    assert (max(thin), min(thin)) == (9, -9)
    assert len(xs) <= 4 * 50 + 4


def test_a_view_keeps_the_points_just_outside_it():
    xs = np.arange(1000.0)

    assert list(thinned(xs, xs, View(500.5, 503.5, 0, 1), 100)[0]) == [500, 501, 502, 503, 504]
