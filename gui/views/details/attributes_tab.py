"""The environment and every other attribute of a run, with a search over names and values."""

from __future__ import annotations

from typing import ClassVar

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QMenu,
    QPlainTextEdit,
    QSplitter,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from core.errors import Error
from core.runs.attribute_tree import AttrNode, whole_text
from gui.job_bridge import Latest
from gui.models.attribute_tree_model import AttributeTreeModel
from gui.services import RunRef, Services
from gui.theme import mono_font
from gui.tool_tip import plain
from gui.views.clear_button import add_clear_button
from gui.views.details.details_tab import DetailsTab

MARGIN = 10
MAX_SHOWN = 200_000
EXPANDED_AT_ONCE = 300
"""A collection with more entries stays closed until it is opened."""


class AttributesTab(DetailsTab):
    """Tree of attributes over the whole text of the selected one.

    Signals:
        shown: What was read is in the tree.
    """

    name: ClassVar[str] = "attributes"
    title: ClassVar[str] = "Environment"
    shown = Signal()

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self._latest = Latest(services.bridge, "details", self)
        self.model = AttributeTreeModel(services.theme.colour, mono_font(), self)
        self._build()
        self._lay_out()
        services.theme.changed.connect(self._dress)

    def _build(self) -> None:
        self.search_edit = QLineEdit(self)
        self.search_edit.setPlaceholderText("Search names and values")
        self.search_edit.setAccessibleName("Search names and values")
        add_clear_button(self.search_edit, self.services.theme)
        self._search_icon = self.search_edit.addAction(
            self.services.theme.icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition
        )
        self.search_edit.textChanged.connect(self._on_search)
        self.tree = QTreeView(self)
        self.tree.setModel(self.model)
        self.tree.setAccessibleName("Attributes")
        self.tree.setStyleSheet("QTreeView::item { padding: 3px 2px; }")
        self.tree.setUniformRowHeights(True)
        self.tree.setIndentation(16)
        self.tree.setHorizontalScrollMode(QTreeView.ScrollMode.ScrollPerPixel)
        self.tree.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.tree.customContextMenuRequested.connect(self._on_menu_requested)
        self.tree.header().setMinimumSectionSize(60)
        self.tree.header().setStretchLastSection(True)
        self._add_action("&Copy Value", self.copy_value, QKeySequence.StandardKey.Copy)
        self._add_action("Copy &Name", self.copy_name)
        self.tree.selectionModel().currentChanged.connect(lambda *_: self._show_value())
        self.value_view = QPlainTextEdit(self)
        self.value_view.setReadOnly(True)
        self.value_view.setFont(mono_font())
        self.value_view.setMinimumHeight(60)
        self.value_view.setAccessibleName("Value")
        self.value_view.setPlaceholderText("Select an attribute to see all of it.")
        self._nothing = plain(QLabel(self, alignment=Qt.AlignmentFlag.AlignCenter))
        self._nothing.setProperty("role", "muted")
        self._nothing.setWordWrap(True)
        self._nothing.hide()

    def _lay_out(self) -> None:
        splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.addWidget(self.tree)
        bottom = QWidget(self)
        bottom_layout = QVBoxLayout(bottom)
        bottom_layout.setContentsMargins(MARGIN, 6, MARGIN, MARGIN)
        bottom_layout.addWidget(self.value_view)
        splitter.addWidget(bottom)
        splitter.setSizes([800, 200])
        splitter.setStretchFactor(0, 4)
        splitter.setStretchFactor(1, 1)
        top = QVBoxLayout()
        top.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        top.addWidget(self.search_edit)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self._nothing, 1)
        layout.addWidget(splitter, 1)
        self._splitter = splitter

    def _add_action(
        self, text: str, slot: object, shortcut: QKeySequence.StandardKey | None = None
    ) -> None:
        action = QAction(text, self.tree)
        if shortcut is not None:
            action.setShortcut(shortcut)
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.triggered.connect(slot)
        self.tree.addAction(action)

    def copy_value(self) -> None:
        """Copy all of the current value."""
        node = self._current()
        if node is not None:
            QGuiApplication.clipboard().setText(whole_text(node))

    def copy_name(self) -> None:
        """Copy the current name."""
        node = self._current()
        if node is not None:
            QGuiApplication.clipboard().setText(node.name)

    def _load(self, run: RunRef) -> None:
        contents = run.contents
        self._latest.ask(
            "Read attributes",
            lambda context: contents.attributes(context.check),
            self._on_read,
            self._on_error,
        )

    def _clear(self) -> None:
        self._latest.drop()
        self.model.show(())
        self.value_view.clear()
        self._nothing.hide()

    def _on_error(self, error: Error) -> None:
        self._clear()
        self._splitter.hide()
        self._nothing.setText(str(error))
        self._nothing.show()

    def _on_read(self, nodes: tuple[AttrNode, ...]) -> None:
        if nodes != self.model.nodes or not nodes:
            opened = self._opened()
            place = self.tree.verticalScrollBar().value()
            is_first = not self.model.nodes
            self.model.show(nodes)
            self._open({"env"} if is_first else opened)
            self._fit_columns()
            self.tree.verticalScrollBar().setValue(place)
            self._say_if_empty()
        self.shown.emit()

    def _on_search(self, text: str) -> None:
        self.model.search(text)
        if self.model.is_searching:
            self._open(None)
        else:
            self._open({"env"})
        self.value_view.clear()
        self._say_if_empty()

    def _opened(self) -> set[str]:
        """Names of the attributes that are open."""
        rows = (self.model.index(row, 0) for row in range(self.model.rowCount()))
        return {self.model.node(index).name for index in rows if self.tree.isExpanded(index)}

    def _open(self, names: set[str] | None) -> None:
        """Open these attributes; None opens whatever is not too large."""
        for row in range(self.model.rowCount()):
            index = self.model.index(row, 0)
            node = self.model.node(index)
            if names is None and len(node.children) <= EXPANDED_AT_ONCE:
                self.tree.expandRecursively(index, 3)
            elif names is not None and node.name in names:
                self.tree.expand(index)

    def _fit_columns(self) -> None:
        self.tree.resizeColumnToContents(0)
        most = max(110, int(self.width() * 0.5))
        self.tree.setColumnWidth(0, min(most, self.tree.columnWidth(0) + 8))

    def _say_if_empty(self) -> None:
        is_empty = self.model.rowCount() == 0
        self._nothing.setText(
            "No name or value matches." if self.model.nodes else "This run has no attributes."
        )
        self._nothing.setVisible(is_empty)
        self._splitter.setVisible(not is_empty)
        self.search_edit.setVisible(bool(self.model.nodes))

    def _current(self) -> AttrNode | None:
        index: QModelIndex = self.tree.currentIndex()
        return self.model.node(index) if index.isValid() else None

    def _show_value(self) -> None:
        node = self._current()
        text = whole_text(node) if node is not None else ""
        cut = f"\n… and {len(text) - MAX_SHOWN:,} characters more: copy the value to have them all."
        self.value_view.setPlainText(text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + cut)

    def _on_menu_requested(self, place: QPoint) -> None:
        menu = QMenu(self)
        menu.addActions(self.tree.actions())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.tree.viewport().mapToGlobal(place))

    def _dress(self) -> None:
        self._search_icon.setIcon(self.services.theme.icon("search", "muted"))
        self.tree.viewport().update()
