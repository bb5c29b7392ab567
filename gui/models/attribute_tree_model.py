"""The attributes of a run as a tree of names and values, searched where it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt
from PySide6.QtGui import QColor, QFont

from core.runs.attribute_tree import AttrNode, search_nodes
from gui.models.any_index import NOWHERE, AnyIndex

TITLES = ("Name", "Value")


class _Item:
    """A node in its place; children are made when the view asks for them."""

    __slots__ = ("_children", "node", "parent", "row")

    def __init__(self, node: AttrNode, parent: _Item | None, row: int) -> None:
        self.node = node
        self.parent = parent
        self.row = row
        self._children: list[_Item] | None = None

    @property
    def children(self) -> list[_Item]:
        if self._children is None:
            self._children = [_Item(n, self, row) for row, n in enumerate(self.node.children)]
        return self._children


class AttributeTreeModel(QAbstractItemModel):
    """Two columns, name and value, over the nodes that match the search.

    Args:
        colour: The colour of a role, from the theme.
        font: Font of the values.
        parent: Owner.
    """

    def __init__(
        self, colour: Callable[[str], QColor], font: QFont, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._colour = colour
        self._font = font
        self._nodes: tuple[AttrNode, ...] = ()
        self._words: list[str] = []
        self._root = _Item(AttrNode("", ""), None, 0)

    @property
    def nodes(self) -> tuple[AttrNode, ...]:
        """All nodes, whether they match or not."""
        return self._nodes

    @property
    def is_searching(self) -> bool:
        """Whether only some nodes are shown."""
        return bool(self._words)

    def show(self, nodes: Sequence[AttrNode]) -> None:
        """Show these nodes."""
        self._nodes = tuple(nodes)
        self._rebuild()

    def search(self, text: str) -> None:
        """Show only nodes in which every word of `text` is found, regardless of case."""
        self._words = text.casefold().split()
        self._rebuild()

    def node(self, index: AnyIndex) -> AttrNode:
        """The node at an index of this model."""
        return self._item(index).node

    def _rebuild(self) -> None:
        shown = search_nodes(self._nodes, self._words) if self._words else self._nodes
        self.beginResetModel()
        self._root = _Item(AttrNode("", "", shown), None, 0)
        self.endResetModel()

    def _item(self, index: AnyIndex) -> _Item:
        item = index.internalPointer() if index.isValid() else self._root
        assert isinstance(item, _Item)
        return item

    # Qt overrides

    def index(self, row: int, column: int, parent: AnyIndex = NOWHERE) -> QModelIndex:
        children = self._item(parent).children
        if not (0 <= row < len(children) and 0 <= column < len(TITLES)) or parent.column() > 0:
            return QModelIndex()
        return self.createIndex(row, column, children[row])

    def parent(self, index: AnyIndex = NOWHERE) -> Any:
        item = self._item(index).parent if index.isValid() else None
        if item is None or item is self._root:
            return QModelIndex()
        return self.createIndex(item.row, 0, item)

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.column() > 0 else len(self._item(parent).children)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return len(TITLES)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return TITLES[section]
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        node = self.node(index)
        is_value = index.column() == 1
        if role == Qt.ItemDataRole.DisplayRole:
            return node.text if is_value else node.name
        if role == Qt.ItemDataRole.FontRole:
            return self._font if is_value and not node.children and not node.problem else None
        if role == Qt.ItemDataRole.ForegroundRole:
            token = _token(node, is_value=is_value)
            return self._colour(token) if token else None
        return None


def _token(node: AttrNode, *, is_value: bool) -> str:
    if node.problem:
        return "warning" if is_value else ""
    return "muted" if is_value and node.children else ""
