"""A table of runs with boxes to tick, signs, and a button where something is to be chosen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QFont, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui.models.any_index import AnyIndex
from gui.models.tick_model import BOX_COLUMN, ButtonRole, QuietRole, SignRole, TickModel
from gui.theme import Theme, tabular
from gui.views.check_paint import box_size, draw_check
from gui.views.pill_paint import draw_pill, pill_area, pill_width
from gui.views.plain_table import make_plain
from gui.views.row_delegate import ROW_PADDING

_INSET = 8
_ICON = 14
_GAP = 8
_Role = Qt.ItemDataRole


class TickTable(QTableView):
    """Rows of runs; Space ticks what is selected.

    Args:
        model: What it shows.
        theme: Colours and icons.
        widths: Usual widths of the columns, in digits.
        stretch: The column that takes what room is left.
        parent: Owner.

    Attributes:
        rows: The model.
        theme: Colours and icons.

    Signals:
        selected: Other rows are selected.
        button_clicked: The button in a row was clicked (row, position on the screen).
    """

    selected = Signal()
    button_clicked = Signal(int, QPoint)

    def __init__(
        self,
        model: TickModel[Any],
        theme: Theme,
        widths: Mapping[int, int],
        stretch: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.rows = model
        self.theme = theme
        self._delegate = _TickDelegate(theme, self)
        self.setModel(model)
        self.setItemDelegate(self._delegate)
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        make_plain(self)
        self.setMouseTracking(True)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + ROW_PADDING)
        self._set_up_header(widths, stretch)
        theme.changed.connect(self.viewport().update)

    def selected_rows(self) -> list[int]:
        """The rows that are selected."""
        selection = self.selectionModel().selection()  # selectedRows() is slow for 10,000
        parts = [selection.at(number) for number in range(selection.count())]
        return sorted({row for part in parts for row in range(part.top(), part.bottom() + 1)})

    def sort_again(self, usual: int) -> None:
        """Put all rows into order, by the heading that was clicked; not while some are selected.

        Args:
            usual: The column that counts while none was clicked.
        """
        header = self.horizontalHeader()
        if self.selected_rows():
            return
        if not header.isSortIndicatorShown():
            header.setSortIndicator(usual, Qt.SortOrder.AscendingOrder)
            header.setSortIndicatorShown(True)
        self.rows.sort(header.sortIndicatorSection(), header.sortIndicatorOrder())

    def _set_up_header(self, widths: Mapping[int, int], stretch: int) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSortIndicatorClearable(False)
        digit = self.fontMetrics().horizontalAdvance("0")
        for column, digits in widths.items():
            header.resizeSection(column, digits * digit + 2 * _INSET)
        header.setSectionResizeMode(stretch, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(6 * digit)
        header.sectionClicked.connect(self._on_heading_clicked)
        # With the table's own, each paint of a heading asks every selected row (measured: 200 ms
        # for 10,000); headings show no selection.
        header.setSelectionModel(QItemSelectionModel(self.rows, header))

    def _button_at(self, place: QPoint) -> QModelIndex:
        """The cell whose button is at a place; invalid where there is none."""
        index = self.indexAt(place)
        if index.isValid() and index.data(ButtonRole):
            area = self._delegate.button_area(self.fontMetrics(), self.visualRect(index), index)
            if area.contains(place):
                return index
        return QModelIndex()

    def _point_at(self, index: QModelIndex) -> None:
        if index != self._delegate.pointed:
            self._delegate.pointed = QPersistentModelIndex(index)
            self.viewport().update()

    def press_button(self, row: int) -> None:
        """Do what a click on the button of a row does; nothing where it has none."""
        for column in range(self.rows.columnCount()):
            index = self.rows.index(row, column)
            if index.data(ButtonRole):
                cell = self.visualRect(index)
                area = self._delegate.button_area(self.fontMetrics(), cell, index)
                place = self.viewport().mapToGlobal(area.bottomLeft())
                self.button_clicked.emit(row, place)

    @Slot(int)
    def _on_heading_clicked(self, column: int) -> None:
        header = self.horizontalHeader()
        header.setSortIndicatorShown(True)
        self.rows.sort(column, header.sortIndicatorOrder())

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows = self.selected_rows()
        if event.key() == Qt.Key.Key_Space and rows:
            boxes = [self.rows.index(row, BOX_COLUMN).data(_Role.CheckStateRole) for row in rows]
            self.rows.take(rows, on=Qt.CheckState.Unchecked in boxes)
            return
        if event.key() == Qt.Key.Key_F4 and self.currentIndex().isValid():
            self.press_button(self.currentIndex().row())
            return
        super().keyPressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(self._button_at(event.position().toPoint()))
        super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self._button_at(event.position().toPoint())
        super().mouseReleaseEvent(event)
        if index.isValid() and event.button() == Qt.MouseButton.LeftButton:
            self.press_button(index.row())

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._point_at(QModelIndex())
        return super().viewportEvent(event)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.selected.emit()


class _TickDelegate(QStyledItemDelegate):
    """Draws the box, the sign and the text of a cell; rows to which nothing happens are quiet."""

    def __init__(self, theme: Theme, parent: QTableView) -> None:
        super().__init__(parent)
        self._theme = theme
        self.pointed = QPersistentModelIndex()
        self._font, self._tabular = QFont(), QFont()

    def button_area(self, metrics: Any, cell: QRect, index: AnyIndex) -> QRect:
        """Where the button of a cell is: after its text, within the cell."""
        text, inner = str(index.data(ButtonRole)), _inner(cell, index)
        after = inner.left() + metrics.horizontalAdvance(index.data() or "") + _GAP
        return pill_area(metrics, inner, after, text)

    def _tabular_font(self, font: QFont) -> QFont:
        """Made once for all cells: it takes as long as their texts."""
        if font != self._font:
            self._font, self._tabular = QFont(font), tabular(font)
        return self._tabular

    def _token(self, index: AnyIndex, sign: tuple[str, str] | None) -> str:
        if sign is not None:
            return sign[1]
        return "muted" if index.data(QuietRole) else "text"

    # Qt overrides

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        painter.save()
        is_on = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_on or option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, self._theme.colour("selection" if is_on else "hover"))
        box = index.data(_Role.CheckStateRole) if index.column() == BOX_COLUMN else None
        if box is not None:
            draw_check(painter, _box_in(option.rect), Qt.CheckState(box), self._theme)
        sign, area = index.data(SignRole), _inner(option.rect, index)
        if sign is not None:
            place = QRect(area.left() - _ICON - 6, area.center().y() - _ICON // 2, _ICON, _ICON)
            self._theme.icon(*sign).paint(painter, place)
        painter.setFont(self._tabular_font(option.font))
        button = index.data(ButtonRole)
        if button:
            self._draw_button(painter, option, index, button)
            area.setWidth(area.width() - pill_width(option.fontMetrics, button) - _GAP)
        painter.setPen(self._theme.colour(self._token(index, sign)))
        text = painter.fontMetrics().elidedText(
            index.data() or "", Qt.TextElideMode.ElideRight, area.width()
        )
        painter.drawText(area, index.data(_Role.TextAlignmentRole), text)
        painter.setPen(self._theme.colour("line"))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        painter.restore()

    def _draw_button(
        self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex, text: str
    ) -> None:
        area = self.button_area(option.fontMetrics, option.rect, index)
        draw_pill(painter, area, text, self._theme, is_pointed=self.pointed == index)

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        return QSize(60, option.fontMetrics.height() + ROW_PADDING)

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: AnyIndex,
    ) -> bool:
        """A click on the box turns it."""
        box = index.data(_Role.CheckStateRole) if index.column() == BOX_COLUMN else None
        if box is None or not isinstance(event, QMouseEvent):
            return False
        around = _box_in(option.rect).adjusted(-_INSET, -_INSET, _INSET, _INSET)
        if not around.contains(event.position().toPoint()):
            return False
        if event.type() == QEvent.Type.MouseButtonRelease:
            is_on = Qt.CheckState(box) == Qt.CheckState.Checked
            state = Qt.CheckState.Unchecked if is_on else Qt.CheckState.Checked
            return model.setData(index, state, _Role.CheckStateRole)
        return event.type() == QEvent.Type.MouseButtonDblClick


def _box_in(cell: QRect) -> QRect:
    side = box_size()
    return QRect(cell.left() + _INSET, cell.center().y() - side // 2, side, side)


def _inner(cell: QRect, index: AnyIndex) -> QRect:
    """Where the text of a cell is: right of its box and its sign."""
    area = cell.adjusted(_INSET, 0, -_INSET, 0)
    if index.column() == BOX_COLUMN:
        area.setLeft(area.left() + box_size() + _INSET)
    if index.data(SignRole) is not None:
        area.setLeft(area.left() + _ICON + 6)
    return area
