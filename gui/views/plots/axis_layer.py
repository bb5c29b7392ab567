"""The axes of a plot with their numbers and names as one picture, for as long as they look so.

Why: while a brush moves, a frame is painted for each step of the pointer, and a hundred texts are
a hundred waits for Python's lock, which the worker that draws the lines wants too (measured: 7 and
1 ms a frame).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import is_not

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPixmap
from PySide6.QtWidgets import QWidget

from core.compare.axes import ValueAxis

Paint = Callable[[QPainter, Sequence[ValueAxis]], None]


class AxisLayer:
    """Paints axes anew only where they look otherwise.

    Args:
        plot: On which they stand.
        paint: Paints them.
    """

    def __init__(self, plot: QWidget, paint: Paint) -> None:
        self._plot = plot
        self._paint = paint
        self._axes: tuple[ValueAxis, ...] = ()
        self._look: tuple[object, ...] = ()
        self._image = QPixmap()

    def image(self, axes: Sequence[ValueAxis], *look: object) -> QPixmap:
        """The axes on a transparent ground, as large as the plot.

        Args:
            axes: The axes; the same ones look the same.
            look: What else decides how they look, beside size and font.
        """
        plot = self._plot
        wanted = (plot.size(), plot.devicePixelRatioF(), plot.font().key(), *look)
        is_known = wanted == self._look and len(axes) == len(self._axes)
        if not is_known or any(map(is_not, axes, self._axes)):
            self._axes, self._look = tuple(axes), wanted
            self._image = self._painted(plot.devicePixelRatioF())
        return self._image

    def _painted(self, ratio: float) -> QPixmap:
        image = QPixmap(self._plot.size() * ratio)
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint(painter, self._axes)
        painter.end()
        return image
