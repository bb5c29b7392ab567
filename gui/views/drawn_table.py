"""A table that is drawn in one go instead of cell by cell: what the two of them share.

They are the runs (`gui.views.table`) and the comparison (`gui.views.compare`). What is drawn, and
what lies under the pointer, is their own: a row of one is a run, in the other a column may be one.
"""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEvent, QPoint, QRect, Qt
from PySide6.QtGui import QFont, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from gui.theme import Theme
from gui.views.plain_table import make_plain


class RowPainter(Protocol):
    """Draws rows that are equally high."""

    row_height: int
    """In pixels."""

    def use_font(self, font: QFont) -> None:
        """Draw in this font from now on."""

    def use_theme(self) -> None:
        """The theme's colours are others now."""


class DrawnTable(QTableView):
    """Rows that are selected whole, one of them under the pointer, or words that say why none is.

    Args:
        theme: Colours.
        parent: Owner.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._hovered = -1
        self._empty_text = ("", "")
        self._painter: RowPainter

    def show_empty_text(self, title: str, hint: str = "") -> None:
        """Say this in the middle while there is nothing to draw."""
        self._empty_text = (title, hint)
        self.viewport().update()

    # What a kind of table does

    def _draw(self, painter: QPainter, area: QRect) -> bool:
        """Draw the cells of an area; returns whether there are any."""
        raise NotImplementedError

    def _thing_at(self, place: QPoint) -> int:
        """What is under the pointer there: a row or a line, -1 for none."""
        raise NotImplementedError

    def hover(self, thing: int) -> None:
        """Draw this as what is under the pointer, -1 for none."""
        raise NotImplementedError

    # Inside

    def _set_up_rows(self) -> None:
        """Behave as such a table does, as soon as it has its painter and its headers."""
        make_plain(self)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setMouseTracking(True)
        self.setFrameShape(QTableView.Shape.NoFrame)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self._use_row_height()
        self._theme.changed.connect(self._on_theme_changed)

    def _on_theme_changed(self) -> None:
        self._painter.use_theme()
        for header in (self.horizontalHeader(), self.verticalHeader()):
            header.viewport().update()
        self.viewport().update()

    def _use_row_height(self) -> None:
        header = self.verticalHeader()
        header.setMinimumSectionSize(self._painter.row_height)
        header.setDefaultSectionSize(self._painter.row_height)

    def _draw_empty_text(self, painter: QPainter) -> None:
        """A title and a hint in the middle."""
        area, font = self.viewport().rect(), self.font()
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        title, hint = self._empty_text
        y = area.center().y() - area.height() // 10
        for text, used, token, top in (
            (title, bold, "text", y - 24),
            (hint, font, "muted", y),
        ):
            painter.setFont(used)
            painter.setPen(self._theme.colour(token))
            line = QRect(area.left() + 20, top, area.width() - 40, 22)
            painter.drawText(line, int(Qt.AlignmentFlag.AlignCenter), text)

    # Qt overrides

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(event.rect(), self._theme.colour("window"))
        if not self._draw(painter, event.rect()):
            self._draw_empty_text(painter)
        painter.end()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.hover(self._thing_at(event.position().toPoint()))
        super().mouseMoveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self.hover(-1)
        return super().viewportEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._painter.use_font(self.font())
            self._use_row_height()
