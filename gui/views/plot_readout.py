"""A small sheet beside the pointer that says which run is there and what its values are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QWidget

from gui.theme import Theme

DISTANCE = 12
MOST_NAME = 48


@dataclass(frozen=True, slots=True)
class ReadoutRow:
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
        parts += map(_row_html, rows)
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


def short_name(name: str) -> str:
    """A name of bearable length."""
    return name if len(name) <= MOST_NAME else f"{name[: MOST_NAME - 1]}…"


def _row_html(row: ReadoutRow) -> str:
    sign = ""
    if row.colour is not None:
        sign = f'<span style="color:{row.colour.name()}">&#9632;</span> '
    name, value = escape(short_name(row.name)), escape(row.value)
    if row.is_strong:
        name, value = f"<b>{name}</b>", f"<b>{value}</b>"
    return f'<tr><td>{sign}{name}&nbsp;&nbsp;</td><td align="right">{value}</td></tr>'
