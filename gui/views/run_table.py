"""The table of runs: what is seen, pressed and copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, QRect, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from gui.models.run_table_model import AnyIndex
from gui.run_copy import RunCopy
from gui.run_list import RunList
from gui.services import Services
from gui.sparklines import Sparklines
from gui.views.cell_clicks import CellClicks
from gui.views.label_editor import LabelEditor
from gui.views.run_header import RunHeader
from gui.views.run_painter import Frame, RunPainter, draw_message
from gui.views.scroll_anchor import ScrollAnchor
from gui.views.table_layout import TableLayout
from gui.views.type_ahead import TypeAhead

_Flag = QItemSelectionModel.SelectionFlag
_Move = QAbstractItemView.CursorAction
_ENDS = {_Move.MoveHome: 0, _Move.MoveEnd: -1}
_NO_INDEX = QModelIndex()


class RunTable(QTableView):
    """The runs of a RunList, drawn, sorted, selected and copied.

    Args:
        run_list: What is shown.
        services: Shared services of the window.
        parent: Owner.

    Attributes:
        label_editor: Edits labels in their cells.

    Signals:
        run_activated: Enter, Space or a double click on a run (its id).
        context_requested: The user wants the menu of the selected runs at a global position.
        columns_requested: The user wants to choose columns.
        tag_clicked: The user clicked the chip of a tag (its name).
        layout_changed: Columns, widths or order are others: `state` is worth keeping.
    """

    run_activated = Signal(str)
    context_requested = Signal(QPoint)
    columns_requested = Signal()
    layout_changed = Signal()
    tag_clicked = Signal(str)

    def __init__(
        self, run_list: RunList, services: Services, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("runTable")
        self.setAccessibleName("Runs")
        self._run_list = run_list
        self._theme = services.theme
        self._painter = RunPainter(run_list.model, services.theme, self.font())
        self._copy = RunCopy(run_list, services.bridge, self)
        self._type_ahead = TypeAhead(run_list, services.bridge, self)
        self._sparklines = Sparklines(run_list, services.bridge, self)
        self._hovered = -1
        self._empty_text = ("", "")
        self._header = self._set_up_view()
        self._anchor = ScrollAnchor(self, run_list)
        self._layout = TableLayout(self, self._header, run_list, self._painter)
        self.label_editor = LabelEditor(self, run_list)
        self._clicks = CellClicks(self, run_list, self._painter)
        self._connect()

    def _set_up_view(self) -> RunHeader:
        header = RunHeader(self._theme, self)
        self.setHorizontalHeader(header)
        self.setModel(self._run_list.model)
        self.setSelectionModel(self._run_list.selection)
        _set_up(self)
        self._use_row_height()
        return header

    def _connect(self) -> None:
        run_list = self._run_list
        self._layout.changed.connect(self.layout_changed)
        self._layout.choose_requested.connect(self.columns_requested)
        self._theme.changed.connect(self._on_theme_changed)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        run_list.applied.connect(self._on_applied)
        run_list.arranged.connect(self._on_applied)  # columns may have been read meanwhile
        run_list.selection_changed.connect(self.viewport().update)
        self.doubleClicked.connect(self._on_activated)
        self._clicks.tag_clicked.connect(self.tag_clicked)
        self._clicks.label_clicked.connect(self.label_editor.start)

    # What is shown

    @property
    def run_list(self) -> RunList:
        """What is shown."""
        return self._run_list

    def column_keys(self) -> list[str]:
        """Keys of the columns from left to right."""
        return self._run_list.model.keys

    def show_columns(self, keys: Sequence[str]) -> None:
        """Show the columns that the user chose."""
        self._layout.show(keys)

    def reset_columns(self) -> None:
        """Show the columns that suit these runs, in their natural widths."""
        self._layout.reset()

    def show_empty_text(self, title: str, hint: str = "") -> None:
        """Say this in the middle while there are no rows."""
        self._empty_text = (title, hint)
        self.viewport().update()

    def state(self) -> dict[str, Any]:  # type: ignore[override]  # Qt's is not virtual, for drags
        """What the next start restores (columns, widths, order), as plain values."""
        return self._layout.state()

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take what `state` gave; what is not understood is left as it is."""
        self._layout.restore(state)

    def edit_label(self) -> None:
        """Let the user type the label of the current run in its cell."""
        slot = self._run_list.current_slot()
        if slot is not None:
            self.label_editor.start(slot)

    # Copying

    def copy_rows(self) -> None:
        """Put the selected rows on the clipboard, with headings, for a spreadsheet."""
        self._copy.rows()

    def copy_ids(self) -> None:
        """Put the full ids of the selected runs on the clipboard, one a line."""
        self._copy.ids()

    def copy_paths(self) -> None:
        """Put the directories of the selected runs on the clipboard, one a line."""
        self._copy.paths()

    # Slots

    def _on_theme_changed(self) -> None:
        self._painter.use_theme()
        self._header.viewport().update()
        self.viewport().update()

    def _on_scrolled(self) -> None:
        first, last = self._rows_in(0, self.viewport().height() - 1)
        self._run_list.model.set_visible(first, last)
        self._sparklines.look()

    def _on_applied(self) -> None:
        self._on_scrolled()
        self.viewport().update()

    def _on_activated(self, index: QModelIndex) -> None:
        if self._clicks.is_on_tag:  # a double click on a chip is one click too many on it
            return
        order = self._run_list.model.order
        if index.isValid() and index.row() < len(order):
            self.run_activated.emit(self._run_list.ref(order[index.row()]).id)

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
            self._painter.paint(painter, self._frame(area))
        else:
            area = self.viewport().rect()
            draw_message(painter, area, self._theme, self.font(), self._empty_text)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_rows()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self._on_activated(self.currentIndex())
            self.activated.emit(self.currentIndex())
        elif event.key() == Qt.Key.Key_Space and plain:
            if self._type_ahead.is_typing:
                self.keyboardSearch(" ")
            else:
                self._on_activated(self.currentIndex())
        else:
            super().keyPressEvent(event)

    def keyboardSearch(self, search: str) -> None:
        self._type_ahead.type(search)

    def moveCursor(self, action: _Move, modifiers: Qt.KeyboardModifier) -> QModelIndex:
        """Home and End go to the first and last run: rows are what this table is about."""
        count = len(self._run_list.model.order)
        if action in _ENDS and count:
            column = max(0, self.currentIndex().column())
            return self._run_list.model.index(_ENDS[action] % count, column)
        return super().moveCursor(action, modifiers)

    def selectionCommand(self, index: AnyIndex, event: QEvent | None = None) -> _Flag:
        is_right = isinstance(event, QMouseEvent) and event.button() == Qt.MouseButton.RightButton
        if is_right and index.isValid():
            slot = self._run_list.model.order[index.row()]
            if self._run_list.selection.has_slot(slot):
                return _Flag.NoUpdate
        return super().selectionCommand(index, event)

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:
        super().currentChanged(current, previous)
        self._update_row(previous.row())
        self._update_row(current.row())

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        position = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            area = self.visualRect(self.currentIndex())
            position = self.viewport().mapToGlobal(area.bottomLeft() + QPoint(24, 0))
        self.context_requested.emit(position)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hover(self.rowAt(int(event.position().y())))
        super().mouseMoveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._hover(-1)
        return super().viewportEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
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
    view.setFrameShape(QTableView.Shape.NoFrame)
    view.verticalHeader().hide()
    view.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
