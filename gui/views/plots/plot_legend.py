"""What the colours of the plots mean: names in their colours, or the ends of a scale."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from gui.plots.run_colours import LegendEntry, RunStyle
from gui.theme import Theme

SIGN, GAP, BETWEEN = 18.0, 6.0, 18.0
MOST_ROWS = 3
WIDEST_NAME = 200.0
SCALE_WIDTH = 180.0
DOT = 4.0  # half of a dot's width


class PlotLegend(QWidget):
    """Signs and names, wrapping into few rows; a click at a run's name selects it.

    Signals:
        run_wanted: The name of this run was clicked at (its slot).
    """

    run_wanted = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("plotLegend")
        self._theme = theme
        self._title = ""
        self._entries: tuple[LegendEntry, ...] = ()
        self._are_dots = False
        self._places: list[tuple[QRectF, LegendEntry]] = []
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.update)

    def show_entries(self, title: str, entries: Sequence[LegendEntry]) -> None:
        """Show what colours mean; nothing where there is nothing to tell."""
        self._title, self._entries = title, tuple(entries)
        names = ", ".join(entry.name for entry in entries)
        self.setAccessibleName(f"Colours: {title} {names}".strip())
        self.setVisible(bool(entries))
        self.updateGeometry()
        self.update()

    def show_dots(self, *, on: bool) -> None:
        """Whether the plot draws dots, which the signs are then too, and not lines."""
        self._are_dots = on
        self.update()

    @property
    def text(self) -> str:
        """What it says, for people who hear the screen and for tests."""
        return self.accessibleName()

    def place(self, width: float) -> tuple[list[tuple[QRectF, LegendEntry]], float]:
        """Where each entry stands in a width, and the height of all."""
        return lay_out_legend(self._title, self._entries, QFontMetricsF(self.font()), width)

    # Qt overrides

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(self.place(width)[1])

    def sizeHint(self) -> QSize:
        return QSize(200, self.heightForWidth(max(self.width(), 200)))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        self._places, _ = self.place(self.width())
        paint_legend(painter, self._title, self._places, self._theme, are_dots=self._are_dots)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        for box, entry in self._places:
            if entry.slot is not None and box.contains(event.position()):
                self.run_wanted.emit(entry.slot)


def lay_out_legend(
    title: str, entries: Sequence[LegendEntry], metrics: QFontMetricsF, width: float
) -> tuple[list[tuple[QRectF, LegendEntry]], float]:
    """Where each entry stands in a width, and the height of all; what has no room is left out."""
    line = metrics.height() + 4
    left = metrics.horizontalAdvance(title) + BETWEEN if title else 8.0
    is_scale = any(entry.style.is_scale for entry in entries)
    if is_scale:
        return [(QRectF(left, 2, SCALE_WIDTH, line), entry) for entry in entries], line + 6
    places: list[tuple[QRectF, LegendEntry]] = []
    x, row = left, 0
    share = (width - left) * MOST_ROWS / (len(entries) + 1) - SIGN - GAP - BETWEEN
    widest = max(WIDEST_NAME, share)
    for entry in entries:
        wide = SIGN + GAP + min(metrics.horizontalAdvance(entry.name) + 2, widest)
        if x + wide > width and x > left:
            x, row = left, row + 1
        if row >= MOST_ROWS:
            break
        places.append((QRectF(x, row * line + 2, wide, line), entry))
        x += wide + BETWEEN
    return places, (row + 1 if row < MOST_ROWS else MOST_ROWS) * line + 6


def paint_legend(
    painter: QPainter,
    title: str,
    places: Sequence[tuple[QRectF, LegendEntry]],
    theme: Theme,
    *,
    are_dots: bool = False,
) -> None:
    """Paint what `lay_out_legend` found.

    Args:
        painter: Where.
        title: What decides colours.
        places: What was found.
        theme: Colours.
        are_dots: Whether the plot draws dots and no lines.
    """
    metrics = QFontMetricsF(painter.font())
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if title and places:
        painter.setPen(theme.colour("muted"))
        first = places[0][0]
        box = QRectF(0, first.top(), first.left() - BETWEEN / 2, first.height())
        painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, title)
    if places and places[0][1].style.is_scale:
        _paint_scale(painter, places, theme, metrics)
        return
    for box, entry in places:
        sign = _paint_dot if are_dots else _paint_sign
        sign(painter, box, entry.style, entry.style.colour(theme))
        painter.setPen(theme.colour("text"))
        rest = box.adjusted(SIGN + GAP, 0, 0, 0)
        name = metrics.elidedText(entry.name, Qt.TextElideMode.ElideMiddle, rest.width())
        painter.drawText(rest, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)


def _paint_sign(painter: QPainter, box: QRectF, style: RunStyle, colour: QColor) -> None:
    pen = QPen(colour, 2.4)
    if style.is_dashed:
        pen.setDashPattern([2.6, 1.6])
    painter.setPen(pen)
    y = box.center().y()
    painter.drawLine(QPointF(box.left(), y), QPointF(box.left() + SIGN, y))


def _paint_dot(painter: QPainter, box: QRectF, _style: RunStyle, colour: QColor) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawEllipse(QPointF(box.left() + SIGN / 2, box.center().y()), DOT, DOT)


def _paint_scale(
    painter: QPainter,
    places: Sequence[tuple[QRectF, LegendEntry]],
    theme: Theme,
    metrics: QFontMetricsF,
) -> None:
    """The steps of a scale between its least and greatest value."""
    box = places[0][0]
    low, high = places[0][1].name, places[-1][1].name
    x = box.left() + metrics.horizontalAdvance(low) + GAP
    width = SCALE_WIDTH / 12
    painter.setPen(theme.colour("text"))
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    painter.drawText(QRectF(box.left(), box.top(), 999, box.height()), flags, low)
    end = QRectF(x + SCALE_WIDTH + GAP, box.top(), 999, box.height())
    painter.drawText(end, flags, high)
    painter.setPen(Qt.PenStyle.NoPen)
    for step in range(12):
        painter.setBrush(theme.scale_colour(step))
        painter.drawRect(QRectF(x + step * width, box.center().y() - 4, width + 0.5, 8))
