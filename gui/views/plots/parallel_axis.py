"""Paints one of the parallel axes: its name, its numbers or words, and its brushes."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from math import isfinite

from msgspec import Struct
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from core.compare.axes import ValueAxis, number_text
from core.compare.ticks import Tick, ticks
from gui.plots.plot_columns import key_title, look_of
from gui.theme import Theme

TITLE_ROOM = 30.0
"""Pixels above the axes."""

BRUSH_WIDTH = 14.0
FEW = 8
"""An axis of no more different numbers than these says each of them."""


class AxisPaint(Struct, frozen=True):
    """One axis at its place.

    Attributes:
        axis: What it shows.
        x: Where it stands.
        ends: Its lower and its upper end.
        widths: Pixels to the next axis, and of all.
        theme: Colours.
    """

    axis: ValueAxis
    x: float
    ends: tuple[float, float]
    widths: tuple[float, float]
    theme: Theme

    def paint(self, painter: QPainter, *, is_current: bool) -> None:
        """Draw it with its numbers and its name; the painter has the font of the numbers."""
        painter.setPen(QPen(self.theme.colour("field-line"), 1))
        painter.drawLine(QPointF(self.x, self.ends[1]), QPointF(self.x, self.ends[0]))
        self._paint_ticks(painter)
        self._paint_title(painter, is_current=is_current)

    def paint_brushes(self, painter: QPainter, ranges: Sequence[tuple[float, float]]) -> None:
        """Draw the brushed ranges of heights."""
        shade = self.theme.colour("accent")
        painter.setPen(QPen(shade, 1))
        shade.setAlpha(70)
        painter.setBrush(shade)
        for low, high in ranges:
            top = self._y_of(high)
            height = max(2.0, self._y_of(low) - top)
            box = QRectF(self.x - BRUSH_WIDTH / 2, top, BRUSH_WIDTH, height)
            painter.drawRoundedRect(box, 2, 2)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    def _y_of(self, height: float) -> float:
        return self.ends[0] + (self.ends[1] - self.ends[0]) * height

    def _paint_title(self, painter: QPainter, *, is_current: bool) -> None:
        font = QFont(painter.font())
        font.setBold(True)
        font.setUnderline(is_current)
        painter.save()
        painter.setFont(font)
        painter.setPen(self.theme.colour("accent" if is_current else "text"))
        metrics = QFontMetricsF(font)
        title = key_title(self.axis.key) + (" (log)" if self.axis.is_log else "")
        text = metrics.elidedText(title, Qt.TextElideMode.ElideRight, self.widths[0])
        width = metrics.horizontalAdvance(text)
        left = max(4.0, min(self.x - width / 2, self.widths[1] - width - 4))
        painter.drawText(QPointF(left, TITLE_ROOM - 14), text)
        painter.restore()

    def _paint_ticks(self, painter: QPainter) -> None:
        metrics = QFontMetricsF(painter.font())
        line = metrics.height()
        ground = self.theme.colour("window")
        ground.setAlpha(205)
        for tick in self._ticks(line):
            y = self._y_of(self._height_of(tick.place))
            painter.setPen(QPen(self.theme.colour("field-line"), 1))
            painter.drawLine(QPointF(self.x - 3, y), QPointF(self.x + 3, y))
            text = self._fitting(tick.text, metrics)
            if not text:
                continue
            width = metrics.horizontalAdvance(text)
            box = QRectF(self.x + 6, y - line / 2, width + 4, line)
            if box.right() > self.widths[1]:
                box.moveRight(self.x - 6)
            painter.fillRect(box, ground)
            painter.setPen(self.theme.colour("muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    def _fitting(self, text: str, metrics: QFontMetricsF) -> str:
        """As much of a word as there is room for; of a number all, as cut it were another one.

        Words of the last axis may have to stand before it, where those of the axis before it end.
        """
        room = self.widths[0] - 14
        if self.axis.kind == "words":
            is_last = self.x + self.widths[0] > self.widths[1]
            room = room / 2 if is_last else room
            return metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
        forms = (text, short_number(text))
        return next((form for form in forms if metrics.horizontalAdvance(form) <= room), "")

    def _height_of(self, place: float) -> float:
        span = self.axis.high - self.axis.low
        return (place - self.axis.low) / span if span > 0 else 0.5

    def _ticks(self, line: float) -> list[Tick]:
        """Round numbers, or the very values of an axis that has few."""
        axis, look = self.axis, look_of(self.axis)
        apart = line * (1.3 if axis.kind == "words" else 3.4)
        most = max(2, int((self.ends[0] - self.ends[1]) / apart))
        low, high = axis.low, axis.high
        places = sorted(set(filter(isfinite, axis.places))) if axis.different <= FEW else []
        gaps = [b - a for a, b in pairwise(places)]
        has_room = all(gap * most >= high - low for gap in gaps)
        if axis.kind == "numbers" and look.kind in ("number", "log") and places and has_room:
            return [Tick(p, number_text(10**p if axis.is_log else p)) for p in places]
        if high <= low:
            found = ticks(look.kind, low - 0.5, high + 0.5, most, look.words)
            return [tick for tick in found if tick.place == low]
        return ticks(look.kind, low, high, most, look.words)


def short_number(text: str) -> str:
    """A number in few letters: 0.00012 as 1.2e-4; other texts as they are."""
    try:
        digits, _, power = f"{float(text):e}".partition("e")
    except ValueError:
        return text
    if "0" not in text and len(text) <= 6:
        return text
    exponent = int(power) if power else 0
    return f"{float(digits):g}e{exponent}" if exponent else f"{float(digits):g}"
