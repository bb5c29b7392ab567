"""One axis of parallel coordinates, as it is painted."""

from __future__ import annotations

from PySide6.QtGui import QImage, QPainter

from core.compare.axes import value_axis
from gui.theme import Theme
from gui.views.plots.parallel_axis import AxisPaint

GAP, WIDTH, HEIGHT = 200, 460, 200


def inked(x: float) -> set[int]:
    """The columns of pixels that an axis of long words at `x` paints, below its name."""
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    axis = value_axis("flag:data", ["c" * 80, "d" * 80])
    AxisPaint(axis, x, (HEIGHT - 20, 60), (GAP, WIDTH), Theme("light")).paint(
        painter, is_current=False
    )
    painter.end()
    return {
        c for c in range(WIDTH) for row in range(40, HEIGHT) if image.pixelColor(c, row).alpha()
    }


def test_words_of_an_axis_reach_to_the_next_one_and_no_further(qapp):
    columns = inked(40)

    assert min(columns) >= 36
    assert 40 + GAP / 2 < max(columns) < 40 + GAP


def test_words_of_the_last_axis_leave_room_for_those_of_the_axis_before_it(qapp):
    columns = inked(WIDTH - 20)

    assert min(columns) > WIDTH - 20 - GAP * 0.6
