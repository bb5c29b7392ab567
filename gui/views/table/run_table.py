"""The table of runs: what is seen, pressed and copied."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
)
from PySide6.QtWidgets import QAbstractItemView, QWidget

from core.text import plural
from gui.changing.run_names import run_name
from gui.models.any_index import AnyIndex
from gui.run_mime import mime_of
from gui.services import Services
from gui.table.run_copy import RunCopy
from gui.table.run_list import RunList
from gui.table.sparklines import Sparklines
from gui.views.drag_out import start_drag
from gui.views.table.cell_clicks import CellClicks
from gui.views.table.label_editor import LabelEditor
from gui.views.table.run_canvas import RunCanvas
from gui.views.table.scroll_anchor import ScrollAnchor
from gui.views.table.table_layout import TableLayout
from gui.views.table.type_ahead import TypeAhead

_Flag = QItemSelectionModel.SelectionFlag
_Move = QAbstractItemView.CursorAction
_ENDS = {_Move.MoveHome: 0, _Move.MoveEnd: -1}
_WALKS = frozenset(
    (
        *(Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown),
        *(Qt.Key.Key_Home, Qt.Key.Key_End),
    )
)


class RunTable(RunCanvas):
    """The runs of a RunList, drawn, sorted, selected and copied.

    Args:
        run_list: What is shown.
        services: Shared services of the window.
        parent: Owner.

    Attributes:
        label_editor: Edits labels in their cells.
        anchor: Keeps rows where they are while runs come and go.

    Signals:
        run_activated: Enter, Space or a double click on a run (its id).
        context_requested: The user wants the menu of the selected runs at a global position.
        columns_requested: The user wants to choose columns.
        tag_clicked: The user clicked the chip of a tag (its name).
        mark_clicked: The user clicked the star of a run (its slot).
        layout_changed: Columns, widths or order are others: `state` is worth keeping.
    """

    run_activated = Signal(str)
    context_requested = Signal(QPoint)
    columns_requested = Signal()
    layout_changed = Signal()
    tag_clicked = Signal(str)
    mark_clicked = Signal(int)

    def __init__(
        self, run_list: RunList, services: Services, parent: QWidget | None = None
    ) -> None:
        super().__init__(run_list, services.theme, parent)
        self.setObjectName("runTable")
        self.setAccessibleName("Runs")
        self._scattered_press: QPoint | None = None
        self._copy = RunCopy(run_list, services.bridge, self)
        self._type_ahead = TypeAhead(run_list, services.bridge, self)
        self._sparklines = Sparklines(run_list, services.bridge, self)
        self.anchor = ScrollAnchor(self, run_list)
        self._layout = TableLayout(self, self._header, run_list, self._painter)
        self.label_editor = LabelEditor(self, run_list)
        self._clicks = CellClicks(self, run_list, self._painter)
        self._connect()

    def _connect(self) -> None:
        self._layout.changed.connect(self.layout_changed)
        self._layout.choose_requested.connect(self.columns_requested)
        self.rows_on_screen.connect(self._sparklines.look)
        self.doubleClicked.connect(self._on_activated)
        self._clicks.tag_clicked.connect(self.tag_clicked)
        self._clicks.mark_clicked.connect(self.mark_clicked)
        self._clicks.label_clicked.connect(self.label_editor.start)

    # What is shown

    def column_keys(self) -> list[str]:
        """Keys of the columns from left to right."""
        return self._run_list.model.keys

    def show_columns(self, keys: Sequence[str]) -> None:
        """Show the columns that the user chose."""
        self._layout.show(keys)

    def suggest_column(self, key: str) -> None:
        """A column has values now: show it, where it suits and the user chose no others."""
        if key not in self.column_keys():
            self._layout.suggest()

    def reset_columns(self) -> None:
        """Show the columns that suit these runs, in their natural widths."""
        self._layout.reset()

    def open_column_menu(self) -> None:
        """Show the menu of the column that the keyboard is in, below its heading."""
        if self.isVisible():  # and not behind a page beside the runs
            index = self.currentIndex()
            self.show_cell(index)
            self._layout.open_menu(max(0, index.column()))

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

    def copy_runs(self) -> None:
        """Put the selected runs on the clipboard, as directories, ids and a table."""
        self._copy.runs()

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

    def _on_activated(self, index: QModelIndex) -> None:
        if self._clicks.is_on_tag:  # a double click on a chip is one click too many on it
            return
        order = self._run_list.model.order
        if index.isValid() and index.row() < len(order):
            self.run_activated.emit(self._run_list.ref(order[index.row()]).id)

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_runs()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and plain:
            self._on_activated(self.currentIndex())
            self.activated.emit(self.currentIndex())
        elif event.key() == Qt.Key.Key_Space and plain:
            if self._type_ahead.is_typing:
                self.keyboardSearch(" ")
            else:
                self._on_activated(self.currentIndex())
        elif not (plain and event.key() in _WALKS and self._begin_at(event.key())):
            super().keyPressEvent(event)
            if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
                self.show_cell(self.currentIndex())

    def _begin_at(self, key: int) -> bool:
        """Where no run is selected, a key that walks selects the one to begin with; whether so."""
        count = len(self._run_list.model.order)
        if not count or self._run_list.selection.count():
            return False
        ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: count - 1}
        self.selectRow(ends.get(Qt.Key(key), max(0, self.currentIndex().row())))
        return True

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
        if isinstance(event, QMouseEvent) and index.isValid():
            slot = self._run_list.model.order[index.row()]
            if self._run_list.selection.has_slot(slot):
                if event.button() == Qt.MouseButton.RightButton:
                    return _Flag.NoUpdate
                if self._run_list.selection.is_scattered and not event.modifiers():
                    is_up = event.type() == QEvent.Type.MouseButtonRelease
                    return _Flag.ClearAndSelect | _Flag.Rows if is_up else _Flag.NoUpdate
        return super().selectionCommand(index, event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Remember a press on a selected run that Qt does not know to be selected."""
        place, selection = event.position().toPoint(), self._run_list.selection
        row = self.rowAt(place.y())
        is_plain = event.button() == Qt.MouseButton.LeftButton and not event.modifiers()
        if is_plain and row >= 0 and selection.is_scattered:
            is_selected = selection.has_slot(self._run_list.model.order[row])
            self._scattered_press = place if is_selected else None
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        press = self._scattered_press
        if press is None or not event.buttons():
            self._scattered_press = None
            super().mouseMoveEvent(event)
        elif (event.position().toPoint() - press).manhattanLength() > self._drag_distance():
            self._scattered_press = None
            self.startDrag(Qt.DropAction.CopyAction)

    def _drag_distance(self) -> int:
        return QGuiApplication.styleHints().startDragDistance()

    def startDrag(self, supported: Qt.DropAction) -> None:
        ids, runs = self._run_list.selected_ids(), self._run_list
        if not ids:
            return
        slot = runs.selected_slots()[0]
        text = run_name(runs.columns, slot) if len(ids) == 1 else plural(len(ids), "run")
        mime = mime_of(runs.ref(slot), ids, is_copied=False)
        start_drag(self, mime, self._theme, "run-link", text)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        position = event.globalPos()
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            area = self.visualRect(self.currentIndex())
            position = self.viewport().mapToGlobal(area.bottomLeft() + QPoint(24, 0))
        self.context_requested.emit(position)
