"""A search box over a small table: what the flags and the scalars of a run are shown in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLabel,
    QLineEdit,
    QMenu,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from core.text import plural
from gui.models.fact_table_model import FactTableModel
from gui.theme import Theme
from gui.tool_tip import plain
from gui.views.clear_button import add_clear_button
from gui.views.plain_table import make_plain

MARGIN = 10
ROW_PADDING = 12


class FactTable(QWidget):
    """Search box, table, and a line that says when there is nothing to see.

    Args:
        model: The rows.
        theme: Colours and icons.
        noun: What a row is called, e.g. "flag".
        stretched: The column that takes the room that is left.
        least: Pixels that column has where no room is left.
        parent: Owner.

    Signals:
        selected: Other rows are selected.
    """

    selected = Signal()

    def __init__(
        self,
        model: FactTableModel,
        theme: Theme,
        *,
        noun: str,
        stretched: int,
        least: int = 90,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.model = model
        self._theme = theme
        self._noun = noun
        self._stretched = stretched
        self._least = least
        self._has_problem = False
        self._build()
        self._connect()
        self._dress()

    def _build(self) -> None:
        self.search_edit = QLineEdit(self)
        self.search_edit.setPlaceholderText(f"Search {self._noun}s")
        self.search_edit.setAccessibleName(f"Search {self._noun}s")
        add_clear_button(self.search_edit, self._theme)
        self._search_icon = self.search_edit.addAction(
            self._theme.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition
        )
        self._build_table()
        self._nothing = plain(QLabel(self))
        self._nothing.setProperty("role", "muted")
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._nothing.setWordWrap(True)
        self._nothing.hide()
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        top.addWidget(self.search_edit)
        layout.addLayout(top)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._nothing, 1)

    def _build_table(self) -> None:
        table = self.table = QTableView(self)
        table.setModel(self.model)
        table.setAccessibleName(f"{self._noun.capitalize()}s")
        table.setStyleSheet("QTableView::item { padding: 0px 6px; }")  # as in the header
        make_plain(table)
        table.setSortingEnabled(True)
        table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        table.verticalHeader().hide()
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionsMovable(True)
        header.setMinimumSectionSize(36)
        header.setStretchLastSection(False)

    def _connect(self) -> None:
        self.search_edit.textChanged.connect(self._on_search)
        self.table.customContextMenuRequested.connect(self._on_menu_requested)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self.selected.emit())
        self._theme.changed.connect(self._dress)
        copy = QAction("&Copy as Table", self)
        copy.setShortcut(QKeySequence.StandardKey.Copy)
        copy.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        copy.triggered.connect(self.copy_tsv)
        self.table.addAction(copy)

    def add_action(self, action: QAction) -> None:
        """Offer another action in the menu of the rows."""
        self.table.addAction(action)

    def clear(self) -> None:
        """Show no rows, and say nothing about that: what is to be shown is not known yet."""
        self.model.show(())
        self._nothing.hide()
        self.table.show()

    def show_rows(self, rows: Sequence[Any], *, problem: str = "") -> None:
        """Show these rows; selected ones stay selected by the text of their first column.

        Args:
            rows: What to show.
            problem: Why rows are missing, said elsewhere; then "none" would be a lie.
        """
        self._has_problem = bool(problem)
        chosen = set(self.selected_names())
        is_first = self.model.total == 0
        self.model.show(rows)
        self._select_names(chosen)
        self._say_if_empty()
        if is_first:
            self._layout.activate()  # a table that was hidden has no width yet
            self._fit_columns()

    def selected_numbers(self) -> list[int]:
        """Places of the selected rows, from the top."""
        return sorted(index.row() for index in self.table.selectionModel().selectedRows())

    def selected_names(self) -> list[str]:
        """Texts of the first column of the selected rows, from the top."""
        column = self.model.columns[0]
        return [column.text(self.model.row(number)) for number in self.selected_numbers()]

    def select_name(self, name: str) -> None:
        """Select the row whose first column reads so."""
        self._select_names({name})

    def chosen_numbers(self) -> list[int]:
        """What a copy is about: the selected rows, or all when none is."""
        return self.selected_numbers() or list(range(self.model.rowCount()))

    def copy_tsv(self) -> None:
        """Copy the selected rows, or all, with a header line."""
        QGuiApplication.clipboard().setText(self.model.tsv(self.chosen_numbers()))

    def _select_names(self, names: set[str]) -> None:
        selection = self.table.selectionModel()
        column = self.model.columns[0]
        flag = QItemSelectionModel.SelectionFlag
        for number, row in enumerate(self.model.rows()):
            index = self.model.index(number, 0)
            if column.text(row) in names and not selection.isRowSelected(number):
                selection.select(index, flag.Select | flag.Rows)

    def _on_search(self, text: str) -> None:
        chosen = set(self.selected_names())
        self.model.search(text)
        self._select_names(chosen)
        self._say_if_empty()

    def _say_if_empty(self) -> None:
        is_empty = self.model.rowCount() == 0
        total = self.model.total
        none = "" if self._has_problem else f"This run has no {self._noun}s."
        self._nothing.setText(f"None of {plural(total, self._noun)} matches." if total else none)
        self._nothing.setVisible(is_empty)
        self.table.setVisible(not is_empty)
        self.search_edit.setVisible(bool(total))

    def _fit_columns(self) -> None:
        """Give columns the width of their texts, and the stretched one what is left."""
        header = self.table.horizontalHeader()
        count = self.model.columnCount()
        most = max(110, int(self.width() * 0.4))
        widths = {}
        for column in range(count):
            self.table.resizeColumnToContents(column)
            widths[column] = min(most, header.sectionSize(column) + 4)
        least = min(most, widths.pop(self._stretched))
        room = self.table.viewport().width() - sum(widths.values())
        for column, width in widths.items():
            header.resizeSection(column, width)
        header.resizeSection(self._stretched, max(min(least, self._least), room))

    def _on_menu_requested(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.addActions(self.table.actions())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.table.viewport().mapToGlobal(place))

    def _dress(self) -> None:
        self._search_icon.setIcon(self._theme.icon("search", "muted"))
        rows = self.table.verticalHeader()
        rows.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        rows.setDefaultSectionSize(self.fontMetrics().height() + ROW_PADDING)
        self.model.repaint()

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._fit_columns()
