"""The tables of a diff: what differs has a ground, and a changed cell both of its texts."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QMenu,
    QStyle,
    QStyleOptionViewItem,
    QTableView,
    QWidget,
)

from gui.models.any_index import AnyIndex
from gui.models.diff_table_models import BothRole, CellsModel, ChangeRole, FactsModel, SideRole
from gui.theme import Theme
from gui.views.menu_key import ask_for_menu, is_menu_key
from gui.views.plain_table import make_plain
from gui.views.row_delegate import ROW_PADDING, RowDelegate

_WIDEST = 420  # pixels of a column until somebody makes it wider
_SIGN_WIDTH = 30
_LEAST_VALUE = 72
_ROWS_MEASURED = 200
_INSET = 8


class DiffTable(QTableView):
    """Shows a model of values or cells, and goes from difference to difference.

    Args:
        model: What is shown.
        theme: The colours.
        parent: Owner.

    Signals:
        row_changed: Another row is the current one.
    """

    row_changed = Signal()

    def __init__(
        self, model: FactsModel | CellsModel, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._rows = model
        self.setModel(model)
        self.setItemDelegate(_DiffDelegate(theme, self))
        self.setFrameShape(QFrame.Shape.NoFrame)
        make_plain(self)
        self.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ContiguousSelection)
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setStretchLastSection(isinstance(model, FactsModel))
        self.verticalHeader().setVisible(isinstance(model, CellsModel))
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + ROW_PADDING)
        self._is_fitted = False  # by us, and not changed by the user since
        self.horizontalHeader().sectionResized.connect(self._on_section_resized)
        self.selectionModel().currentChanged.connect(lambda *_: self.row_changed.emit())
        theme.changed.connect(self.viewport().update)

    def fit_columns(self) -> None:
        """Give each column the width of its texts, up to some width."""
        self._is_fitted = False
        self._fit()
        self._is_fitted = True

    def _fit(self) -> None:
        header = self.horizontalHeader()
        header.setResizeContentsPrecision(_ROWS_MEASURED)
        header.resizeSection(0, _SIGN_WIDTH)
        count = self._rows.columnCount()
        widest = _WIDEST if isinstance(self._rows, CellsModel) else self.viewport().width() // 3
        for column in range(1, count):
            wanted = max(self.sizeHintForColumn(column), header.sectionSizeHint(column))
            header.resizeSection(column, min(max(80, widest), wanted + 12))
        if isinstance(self._rows, FactsModel):
            room = self.viewport().width() - header.sectionSize(0) - header.sectionSize(1)
            header.resizeSection(2, max(_LEAST_VALUE, room // 2))

    @property
    def difference(self) -> int:
        """Which difference the current row is, from 1; 0 for none."""
        differences = self._rows.differences()
        row = self.currentIndex().row()
        return differences.index(row) + 1 if row in differences else 0

    @property
    def count(self) -> int:
        """How many rows differ."""
        return len(self._rows.differences())

    def go_to_difference(self, by: int) -> bool:
        """Go to the next row that differs, or (-1) the one before; False where there is none."""
        at = self.currentIndex().row() if self.currentIndex().isValid() else -1
        if by > 0:
            rows = [row for row in self._rows.differences() if row > at]
        else:
            rows = [row for row in reversed(self._rows.differences()) if row < at]
        if not rows:
            return False
        index = self._rows.index(rows[0], 1)
        self.setCurrentIndex(index)
        self.scrollTo(index)
        return True

    def go_to_last_difference(self) -> None:
        """Go to the last row that differs, if there is one."""
        rows = self._rows.differences()
        if rows:
            self.setCurrentIndex(self._rows.index(rows[-1], 1))

    def copy(self) -> None:
        """Put the selected cells on the clipboard, with tabs between them."""
        indexes = sorted(self.selectedIndexes(), key=lambda index: (index.row(), index.column()))
        rows: dict[int, list[str]] = {}
        for index in indexes:
            rows.setdefault(index.row(), []).append(str(index.data() or ""))
        if rows:
            QGuiApplication.clipboard().setText("\n".join(map("\t".join, rows.values())))

    def _on_section_resized(self, section: int, _old: int, _new: int) -> None:
        if section < self._rows.columnCount() - 1:  # the last one follows the window by itself
            self._is_fitted = False

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._is_fitted and isinstance(self._rows, FactsModel):
            self.fit_columns()  # both sides stay in sight

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        action = menu.addAction("&Copy\tCtrl+C")
        action.setEnabled(self.selectionModel().hasSelection())
        action.triggered.connect(self.copy)
        menu.popup(event.globalPos())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        elif is_menu_key(event):
            ask_for_menu(self)
        else:
            super().keyPressEvent(event)


class _DiffDelegate(RowDelegate):
    """Draws a ground under what differs, and both texts of a changed cell."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def _draw_ground(self, painter: QPainter, rect: QRect, index: AnyIndex) -> None:
        change, side = index.data(ChangeRole), index.data(SideRole)
        if side is None or change in ("same", "unsure", None):
            return
        if (change == "removed" and side == 1) or (change == "added" and side == 0):
            painter.fillRect(rect, self._theme.colour("no-line"))
        else:
            painter.fillRect(rect, self._theme.colour("right-only" if side else "left-only"))

    def _draw_both(
        self, painter: QPainter, option: QStyleOptionViewItem, texts: tuple[str | None, str | None]
    ) -> None:
        """The text on the left, an arrow, and the text on the right, each on its ground."""
        metrics = option.fontMetrics
        room = option.rect.adjusted(_INSET, 0, -_INSET, 0)
        x, parts = room.x(), (texts[0] or "—", " → ", texts[1] or "—")
        for text, ground in zip(parts, ("left-word", "", "right-word"), strict=True):
            width = min(metrics.horizontalAdvance(text), max(0, room.right() - x))
            place = QRect(x, room.y(), width, room.height())
            if ground:
                box = QRect(x - 2, room.center().y() - metrics.height() // 2, width + 4, 0)
                box.setHeight(metrics.height() + 1)
                painter.fillRect(box, self._theme.colour(ground))
            painter.setPen(self._theme.colour("text" if ground else "muted"))
            shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, width + 1)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, shown)
            x += width

    # Qt overrides

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        size = super().sizeHint(option, index)
        return QSize(min(size.width(), 2000), size.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        both = index.data(BothRole)
        painter.save()
        self._draw_ground(painter, option.rect, index)
        if both is not None:
            style = option.widget.style()
            style.drawPrimitive(
                QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
            )
            painter.setClipRect(option.rect)
            self._draw_both(painter, option, both)
        painter.restore()
        if both is None:
            super().paint(painter, option, index)
