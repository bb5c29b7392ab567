"""The drawn part of the run table: rows, hovering, the mark on new runs. No keys, no changes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QHideEvent,
    QPainter,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from gui.models.any_index import AnyIndex
from gui.table.new_runs import NewRuns
from gui.table.run_list import RunList
from gui.theme import Theme
from gui.views.drawn_table import DrawnTable
from gui.views.table.run_header import RunHeader
from gui.views.table.run_painter import Frame, RunPainter

_Hint = QAbstractItemView.ScrollHint
_DOT = 5  # pixels across


class RunCanvas(DrawnTable):
    """Shows the runs of a RunList.

    Args:
        run_list: What is shown.
        theme: Its colours.
        parent: Owner.

    Attributes:
        news: Which runs are marked as new.

    Signals:
        rows_on_screen: Other rows are on screen, or others of their values are known.
    """

    rows_on_screen = Signal()

    def __init__(self, run_list: RunList, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._run_list = run_list
        self._painter: RunPainter = RunPainter(run_list.model, theme, self.font())
        self.news = NewRuns(self._slots_looked_at, self)
        self._header = self._set_up_view()
        self.news.changed.connect(self.viewport().update)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        run_list.applied.connect(self._on_applied)
        run_list.arranged.connect(self._on_applied)  # columns may have been read meanwhile
        run_list.selection_changed.connect(self.viewport().update)

    def _set_up_view(self) -> RunHeader:
        header = RunHeader(self._theme, self)
        self.setHorizontalHeader(header)
        self.setModel(self._run_list.model)
        self.setSelectionModel(self._run_list.selection)
        self.setDragEnabled(True)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.verticalHeader().hide()
        self._set_up_rows()
        return header

    @property
    def run_list(self) -> RunList:
        """What is shown."""
        return self._run_list

    def show_cell(self, index: AnyIndex) -> None:
        """Bring a run into view, and one of its columns."""
        super().scrollTo(index, _Hint.EnsureVisible)

    # Slots

    def _on_scrolled(self) -> None:
        first, last = self._rows_in(0, self.viewport().height() - 1)
        self._run_list.model.set_visible(first, last)
        self.news.look()
        self.rows_on_screen.emit()

    def _on_applied(self) -> None:
        self._on_scrolled()
        self.viewport().update()

    # Inside

    def _rows_in(self, top: int, bottom: int) -> tuple[int, int]:
        """First and last row that touch these heights of the viewport; last < first for none."""
        height = self._painter.row_height
        offset = self.verticalScrollBar().value()
        last = min((bottom + offset) // height, len(self._run_list.model.order) - 1)
        return max(0, (top + offset) // height), last

    def _frame(self, area: QRect) -> Frame:
        first, last = self._rows_in(area.top(), area.bottom())
        return Frame(
            first=first,
            slots=self._run_list.model.order[first : last + 1],
            top=first * self._painter.row_height - self.verticalScrollBar().value(),
            width=self.viewport().width(),
            sections=self._header.sections_between(area.left(), area.right()),
            selected=self._run_list.selection.rows_between(first, last),
            current=self.currentIndex().row(),
            hovered=self._hovered,
            has_focus=self.hasFocus(),
        )

    def _draw(self, painter: QPainter, area: QRect) -> bool:
        if not self._run_list.model.order:
            return False
        frame = self._frame(area)
        self._painter.paint(painter, frame)
        self._draw_news(painter, frame)
        return True

    def _draw_news(self, painter: QPainter, frame: Frame) -> None:
        """A dot before each run that came while nobody looked."""
        if not self.news:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("accent"))
        height = self._painter.row_height
        for number, slot in enumerate(frame.slots):
            if slot in self.news:
                y = frame.top + number * height + (height - 1 - _DOT) / 2
                painter.drawEllipse(QRectF(1.5, y, _DOT, _DOT))

    def _slots_looked_at(self) -> list[int]:
        """The rows on screen, while the window is in front."""
        is_looked_at = self.isVisible() and self.isActiveWindow()
        return self._run_list.model.visible_slots() if is_looked_at else []

    def _thing_at(self, place: QPoint) -> int:
        return self.rowAt(place.y())

    def hover(self, row: int) -> None:
        """Draw this row as the one under the pointer, -1 for none."""
        if row != self._hovered:
            for changed in (row, self._hovered):
                if changed >= 0:
                    self._update_row(changed)
            self._hovered = row

    def _update_row(self, row: int) -> None:
        height = self._painter.row_height
        y = row * height - self.verticalScrollBar().value()
        self.viewport().update(0, y, self.viewport().width(), height)

    # Qt overrides

    def scrollTo(self, index: AnyIndex, hint: _Hint = _Hint.EnsureVisible) -> None:
        """Bring a run into view. The columns stay where they are: see `show_cell`.

        Qt comes here after a sort, a key, and half a second after a click, each time with the
        column of the current cell, of which nothing is drawn here.
        """
        bar = self.horizontalScrollBar()
        left = bar.value()
        super().scrollTo(index, hint)
        bar.setValue(left)

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:
        super().currentChanged(current, previous)
        self._update_row(previous.row())
        self._update_row(current.row())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self.news.look()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._on_scrolled()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._run_list.set_ticking(on=True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.news.stop()
        self._run_list.set_ticking(on=False)
