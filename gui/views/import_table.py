"""The table of runs that could be imported: boxes to tick, signs, and choices where runs differ."""

from __future__ import annotations

from PySide6.QtCore import (
    QAbstractItemModel,
    QEvent,
    QItemSelection,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QHeaderView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui.models.import_model import (
    HAPPENS,
    HERE,
    LABEL,
    OPERATION,
    RUN,
    SIZE,
    STATUS,
    ImportModel,
    QuietRole,
    SignRole,
)
from gui.naming import named
from gui.theme import Theme
from gui.views.check_paint import BOX, draw_check
from gui.views.row_delegate import ROW_PADDING

_INSET = 8
_ICON = 14
_Role = Qt.ItemDataRole
_Index = QModelIndex | QPersistentModelIndex
_WIDTHS = {RUN: 11, OPERATION: 13, LABEL: 10, STATUS: 11, SIZE: 7, HERE: 11, HAPPENS: 12}
"""Usual widths of the columns, in digits."""
_ENOUGH = 90
"""In a narrower table, in digits, the operation gives its room to the label."""


class ImportTable(QTableView):
    """Rows of runs; Space ticks what is selected.

    Args:
        model: What it shows.
        theme: Colours and icons.
        parent: Owner.

    Signals:
        choice_wanted: The user clicked on what happens to a run that differs (row, position on
            the screen).
        selected: Other rows are selected.
    """

    choice_wanted = Signal(int, QPoint)
    selected = Signal()

    def __init__(self, model: ImportModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "importTable", "Runs to import")
        self._runs = model
        self.setModel(model)
        self.setItemDelegate(_ImportDelegate(theme, self))
        self.setSelectionBehavior(QTableView.SelectionBehavior.SelectRows)
        self.setEditTriggers(QTableView.EditTrigger.NoEditTriggers)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setVerticalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + ROW_PADDING)
        self._set_up_header()
        self.clicked.connect(self._on_clicked)
        theme.changed.connect(self.viewport().update)

    def selected_rows(self) -> list[int]:
        """The rows that are selected."""
        selection = self.selectionModel().selection()  # selectedRows() is slow for 10,000
        parts = [selection.at(number) for number in range(selection.count())]
        return sorted({row for part in parts for row in range(part.top(), part.bottom() + 1)})

    def _set_up_header(self) -> None:
        header = self.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsClickable(True)
        header.setSortIndicatorClearable(False)
        digit = self.fontMetrics().horizontalAdvance("0")
        for column, digits in _WIDTHS.items():
            header.resizeSection(column, digits * digit + 2 * _INSET)
        header.setSectionResizeMode(LABEL, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(6 * digit)
        header.sectionClicked.connect(self._on_heading_clicked)

    @Slot(int)
    def _on_heading_clicked(self, column: int) -> None:
        header = self.horizontalHeader()
        header.setSortIndicatorShown(True)
        self._runs.sort(column, header.sortIndicatorOrder())

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        if index.column() == HAPPENS and self._runs.conflict_rows([index.row()]):
            below = self.visualRect(index).bottomLeft()
            self.choice_wanted.emit(index.row(), self.viewport().mapToGlobal(below))

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        rows = self.selected_rows()
        if event.key() == Qt.Key.Key_Space and rows:
            boxes = [self._runs.index(row, RUN).data(_Role.CheckStateRole) for row in rows]
            self._runs.take(rows, on=Qt.CheckState.Unchecked in boxes)
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        room = self.width() // max(1, self.fontMetrics().horizontalAdvance("0"))
        self.setColumnHidden(OPERATION, room < _ENOUGH)

    def selectionChanged(self, selected: QItemSelection, deselected: QItemSelection) -> None:
        super().selectionChanged(selected, deselected)
        self.selected.emit()


class _ImportDelegate(QStyledItemDelegate):
    """Draws the box, the sign and the text of a cell; rows to which nothing happens are quiet."""

    def __init__(self, theme: Theme, parent: QTableView) -> None:
        super().__init__(parent)
        self._theme = theme

    def _token(self, index: _Index, sign: tuple[str, str] | None) -> str:
        if sign is not None:
            return sign[1]
        return "muted" if index.data(QuietRole) else "text"

    # Qt overrides

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        painter.save()
        is_on = bool(option.state & QStyle.StateFlag.State_Selected)
        if is_on or option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, self._theme.colour("selection" if is_on else "hover"))
        area = option.rect.adjusted(_INSET, 0, -_INSET, 0)
        if index.column() == RUN:
            box = index.data(_Role.CheckStateRole)
            if box is not None:
                draw_check(painter, _box_in(option.rect), Qt.CheckState(box), self._theme)
            area.setLeft(area.left() + BOX + _INSET)
        sign = index.data(SignRole)
        if sign is not None:
            place = QRect(area.left(), area.center().y() - _ICON // 2, _ICON, _ICON)
            self._theme.icon(*sign).paint(painter, place)
            area.setLeft(area.left() + _ICON + 6)
        painter.setFont(option.font)
        painter.setPen(self._theme.colour(self._token(index, sign)))
        text = option.fontMetrics.elidedText(
            index.data() or "", Qt.TextElideMode.ElideRight, area.width()
        )
        painter.drawText(area, index.data(_Role.TextAlignmentRole), text)
        painter.restore()

    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(60, option.fontMetrics.height() + ROW_PADDING)

    def editorEvent(
        self,
        event: QEvent,
        model: QAbstractItemModel,
        option: QStyleOptionViewItem,
        index: _Index,
    ) -> bool:
        """A click on the box turns it."""
        box = index.data(_Role.CheckStateRole)
        if index.column() != RUN or box is None or not isinstance(event, QMouseEvent):
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
    return QRect(cell.left() + _INSET, cell.center().y() - BOX // 2, BOX, BOX)
