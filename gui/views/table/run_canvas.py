"""The drawn part of the run table: rows, hovering, the mark on new runs. No keys, no changes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRect, QRectF, Qt, Signal
from PySide6.QtGui import (
    QHideEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from gui.models.any_index import AnyIndex
from gui.table.new_runs import NewRuns
from gui.table.run_list import RunList
from gui.theme import Theme
from gui.views.table.run_header import RunHeader
from gui.views.table.run_painter import Frame, RunPainter, draw_message

_Hint = QAbstractItemView.ScrollHint
_DOT = 5  # pixels across


class RunCanvas(QTableView):
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
        super().__init__(parent)
        self._run_list = run_list
        self._theme = theme
        self._painter = RunPainter(run_list.model, theme, self.font())
        self._hovered = -1
        self._empty_text = ("", "")
        self.news = NewRuns(self._slots_looked_at, self)
        self._header = self._set_up_view()
        self.news.changed.connect(self.viewport().update)
        theme.changed.connect(self._on_theme_changed)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        run_list.applied.connect(self._on_applied)
        run_list.arranged.connect(self._on_applied)  # columns may have been read meanwhile
        run_list.selection_changed.connect(self.viewport().update)

    def _set_up_view(self) -> RunHeader:
        header = RunHeader(self._theme, self)
        self.setHorizontalHeader(header)
        self.setModel(self._run_list.model)
        self.setSelectionModel(self._run_list.selection)
        _set_up(self)
        self._use_row_height()
        return header

    @property
    def run_list(self) -> RunList:
        """What is shown."""
        return self._run_list

    def show_cell(self, index: AnyIndex) -> None:
        """Bring a run into view, and one of its columns."""
        super().scrollTo(index, _Hint.EnsureVisible)

    def show_empty_text(self, title: str, hint: str = "") -> None:
        """Say this in the middle while there are no rows."""
        self._empty_text = (title, hint)
        self.viewport().update()

    # Slots

    def _on_theme_changed(self) -> None:
        self._painter.use_theme()
        self._header.viewport().update()
        self.viewport().update()

    def _on_scrolled(self) -> None:
        first, last = self._rows_in(0, self.viewport().height() - 1)
        self._run_list.model.set_visible(first, last)
        self.news.look()
        self.rows_on_screen.emit()

    def _on_applied(self) -> None:
        self._on_scrolled()
        self.viewport().update()

    # Inside

    def _use_row_height(self) -> None:
        header = self.verticalHeader()
        header.setMinimumSectionSize(self._painter.row_height)
        header.setDefaultSectionSize(self._painter.row_height)

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

    def _hover(self, row: int) -> None:
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

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        area = event.rect()
        painter.fillRect(area, self._theme.colour("window"))
        if self._run_list.model.order:
            frame = self._frame(area)
            self._painter.paint(painter, frame)
            self._draw_news(painter, frame)
        else:
            area = self.viewport().rect()
            draw_message(painter, area, self._theme, self.font(), self._empty_text)
        painter.end()

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

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.rowAt(int(event.position().y())))
        super().mouseMoveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.ActivationChange:
            self.news.look()
        elif event.type() == QEvent.Type.FontChange:
            self._painter.use_font(self.font())
            self._use_row_height()

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


def _set_up(view: QTableView) -> None:
    """Rows are selected whole, scrolled by pixels, equally high; nothing is edited or wrapped."""
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
    view.setWordWrap(False)
    view.setShowGrid(False)
    view.setTabKeyNavigation(False)
    view.setCornerButtonEnabled(False)
    view.setMouseTracking(True)
    view.setDragEnabled(True)
    view.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
    view.setFrameShape(QTableView.Shape.NoFrame)
    view.verticalHeader().hide()
    view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
