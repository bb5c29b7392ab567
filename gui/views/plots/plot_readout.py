"""A small sheet beside the pointer that says which run is there and what its values are."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from msgspec import Struct
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QWidget

from gui.theme import Theme

DISTANCE = 12
MOST_NAME, FEWEST_LETTERS = 48, 8
AROUND, BOLD = 52, 1.1  # pixels beside name and value; how much wider bold letters are


class ReadoutRow(Struct, frozen=True):
    """One line of a readout.

    Attributes:
        name: What has the value.
        value: Its text.
        colour: Of its sign; None for no sign.
        is_strong: The run under the pointer.
    """

    name: str
    value: str
    colour: QColor | None = None
    is_strong: bool = False


class PlotReadout(QLabel):
    """Shows names and values over a plot; the pointer goes through it."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self._plot = parent
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.hide()

    def show_rows(self, title: str, rows: Sequence[ReadoutRow], *, more: int = 0) -> None:
        """Show these under a title, and how many are left out."""
        muted = self._theme.colour("muted").name()
        parts = [f'<tr><td colspan="2" style="color:{muted}">{escape(title)}</td></tr>']
        parts += [_row_html(row, self._letters(rows)) for row in rows]
        if more:
            parts.append(f'<tr><td colspan="2" style="color:{muted}">and {more:,} more</td></tr>')
        self.setStyleSheet(
            f"background: {self._theme.colour('header').name()};"
            f" color: {self._theme.colour('text').name()};"
            f" border: 1px solid {self._theme.colour('field-line').name()};"
            " border-radius: 4px; padding: 3px 6px;"
        )
        table = "".join(parts)
        self.setText(f'<table cellspacing="0" style="white-space:nowrap">{table}</table>')
        self.adjustSize()

    def _letters(self, rows: Sequence[ReadoutRow]) -> int:
        """How long names may be, so that the values beside them are inside of the plot."""
        metrics = self.fontMetrics()
        values = max((metrics.horizontalAdvance(row.value) for row in rows), default=0)
        room = self._plot.width() - values * BOLD - AROUND
        return max(FEWEST_LETTERS, min(MOST_NAME, int(room / (metrics.averageCharWidth() * BOLD))))

    def place(self, at: QPoint) -> None:
        """Stand beside a point of the plot, on the side that has room."""
        width, height = self._plot.width(), self._plot.height()
        left = at.x() + DISTANCE
        if left + self.width() > width:
            left = at.x() - DISTANCE - self.width()
        top = min(at.y() + DISTANCE, height - self.height() - 2)
        self.move(max(0, min(left, width - self.width())), max(0, top))
        self.show()
        self.raise_()


def short_name(name: str, most: int = MOST_NAME) -> str:
    """A name of bearable length."""
    return name if len(name) <= most else f"{name[: most - 1]}…"


def _row_html(row: ReadoutRow, letters: int) -> str:
    sign = ""
    if row.colour is not None:
        sign = f'<span style="color:{row.colour.name()}">&#9632;</span> '
    name, value = escape(short_name(row.name, letters)), escape(row.value)
    if row.is_strong:
        name, value = f"<b>{name}</b>", f"<b>{value}</b>"
    return f'<tr><td>{sign}{name}&nbsp;&nbsp;</td><td align="right">{value}</td></tr>'
