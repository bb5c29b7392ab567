"""The files of a run as a tree whose directories are filled when they are first opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from msgspec import Struct, field
from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QIcon

from core.runs.files import FileEntry, Listing, shown
from core.text import format_bytes
from gui.models.any_index import NOWHERE, AnyIndex
from gui.time_text import exact_time, relative_time
from gui.tool_tip import plain_tip

EntryRole = Qt.ItemDataRole.UserRole + 1
NAME, KIND, SIZE, MODIFIED = range(4)
TITLES = ("Name", "Kind", "Size", "Modified")

# Icon and role of its colour for each kind of entry.
_SIGNS = {
    "source": ("file-source", "accent"),
    "dependency": ("file-dependency", "staged"),
    "generated": ("file-generated", "completed"),
    "internal": ("file-internal", "muted"),
    "directory": ("folder", "muted"),
    "run": ("run-link", "accent"),
}
_WORDS = {"directory": "folder"}
_TOLD = {
    "source": "Source code that Guild copied into the run",
    "dependency": "A dependency that Guild put into the run",
    "generated": "Written by the run",
    "internal": "Guild's own",
    "directory": "A folder",
    "run": "A link to another run",
}


class _Node(Struct, eq=False):
    """One entry in the tree; the root has none."""

    entry: FileEntry | None
    parent: _Node | None
    row: int = 0
    children: list[_Node] = field(default_factory=list)
    listing: Listing | None = None
    is_asked: bool = False

    @property
    def path(self) -> str:
        return self.entry.path if self.entry is not None else ""

    @property
    def is_directory(self) -> bool:
        return self.entry is None or self.entry.is_directory


class FilesModel(QAbstractItemModel):
    """Rows are the entries of directories, in the order they are given.

    Args:
        icon: Icon by name and role of its colour, from the theme.
        colour: Colour of a role, from the theme.
        now: The present in microseconds since 1970-01-01 UTC.
        parent: Owner.

    Signals:
        wanted: A directory was opened and is not filled yet (its path; "" is the run).
    """

    wanted = Signal(object)  # Qt's own text would lose bytes of a name that is no UTF-8

    def __init__(
        self,
        icon: Callable[[str, str], QIcon],
        colour: Callable[[str], QColor],
        now: Callable[[], int],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon = icon
        self._colour = colour
        self._now = now
        self._root = _Node(None, None)

    def clear(self) -> None:
        """Forget everything."""
        self.beginResetModel()
        self._root = _Node(None, None)
        self.endResetModel()

    def asked_paths(self) -> list[str]:
        """Directories that were opened, outer ones first."""
        paths = []
        waiting = [self._root]
        for node in waiting:  # grows while it is walked
            if node.is_asked:
                paths.append(node.path)
                waiting += [child for child in node.children if child.is_directory]
        return paths

    def listing(self, path: str) -> Listing | None:
        """What a directory was filled with last; None before."""
        node = self._node_at(path)
        return None if node is None else node.listing

    def fill(self, path: str, listing: Listing) -> None:
        """Show the entries of a directory; those that stay keep their place, open or not."""
        node = self._node_at(path)
        if node is None:
            return
        node.is_asked = True
        node.listing = listing
        if node.children:
            self._merge(node, listing)
        elif listing.entries:
            self.beginInsertRows(self._index_of(node), 0, len(listing.entries) - 1)
            node.children = [_Node(entry, node, row) for row, entry in enumerate(listing.entries)]
            self.endInsertRows()

    def _merge(self, node: _Node, listing: Listing) -> None:
        index = self._index_of(node)
        wanted = {_key(entry) for entry in listing.entries}
        for row in range(len(node.children) - 1, -1, -1):
            entry = node.children[row].entry
            if entry is None or _key(entry) not in wanted:
                self.beginRemoveRows(index, row, row)
                del node.children[row]
                self._number(node)
                self.endRemoveRows()
        for row, entry in enumerate(listing.entries):
            self._put(node, index, row, entry)

    def index_of_path(self, path: str) -> QModelIndex:
        """The index of an entry; an invalid one when it is not in the tree (yet)."""
        node = self._node_at(path)
        return NOWHERE if node is None else self._index_of(node)

    def entry(self, index: AnyIndex) -> FileEntry | None:
        """The entry at an index; None for an invalid one."""
        return self._node(index).entry

    def repaint(self) -> None:
        """Colours, or how long ago something was, are others now."""
        last = len(self._root.children) - 1
        if last >= 0:
            self.dataChanged.emit(self.index(0, 0), self.index(last, MODIFIED))

    def _put(self, node: _Node, index: QModelIndex, row: int, entry: FileEntry) -> None:
        old = node.children[row].entry if row < len(node.children) else None
        if old is None or _key(old) != _key(entry):
            self.beginInsertRows(index, row, row)
            node.children.insert(row, _Node(entry, node))
            self._number(node)
            self.endInsertRows()
        elif old != entry:
            node.children[row].entry = entry
            self.dataChanged.emit(self.index(row, 0, index), self.index(row, MODIFIED, index))

    def _number(self, node: _Node) -> None:
        for row, child in enumerate(node.children):
            child.row = row

    def _node(self, index: AnyIndex) -> _Node:
        if not index.isValid():
            return self._root
        node: _Node = index.internalPointer()
        return node

    def _index_of(self, node: _Node) -> QModelIndex:
        return NOWHERE if node.parent is None else self.createIndex(node.row, 0, node)

    def _node_at(self, path: str) -> _Node | None:
        node = self._root
        for name in path.split("/") if path else ():
            found = next((c for c in node.children if c.entry and c.entry.name == name), None)
            if found is None:
                return None
            node = found
        return node

    # Qt overrides

    def index(self, row: int, column: int, parent: AnyIndex = NOWHERE) -> QModelIndex:
        node = self._node(parent)
        if not (0 <= row < len(node.children) and 0 <= column < len(TITLES)):
            return QModelIndex()
        return self.createIndex(row, column, node.children[row])

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        flags = super().flags(index)
        entry = self._node(index).entry
        may_leave = entry is not None and not entry.problem
        return flags | Qt.ItemFlag.ItemIsDragEnabled if may_leave else flags

    def supportedDragActions(self) -> Qt.DropAction:
        return Qt.DropAction.CopyAction

    # Qt has a second method of this name, without arguments, for QObjects.
    def parent(self, index: AnyIndex) -> QModelIndex:  # type: ignore[override]
        parent = self._node(index).parent
        return QModelIndex() if parent is None else self._index_of(parent)

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 0 if parent.column() > 0 else len(self._node(parent).children)

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return len(TITLES)

    def hasChildren(self, parent: AnyIndex = NOWHERE) -> bool:
        node = self._node(parent)
        if parent.column() > 0 or not node.is_directory:
            return False
        return bool(node.children) or not node.is_asked

    def canFetchMore(self, parent: AnyIndex) -> bool:
        node = self._node(parent)
        return node.entry is not None and node.is_directory and not node.is_asked

    def fetchMore(self, parent: AnyIndex) -> None:
        node = self._node(parent)
        if self.canFetchMore(parent):
            node.is_asked = True
            self.wanted.emit(node.path)

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation != Qt.Orientation.Horizontal or not 0 <= section < len(TITLES):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return TITLES[section]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(section)
        return None

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        entry = self._node(index).entry
        if entry is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(entry, index.column())
        if role == Qt.ItemDataRole.DecorationRole:
            return self._sign(entry) if index.column() == NAME else None
        if role == Qt.ItemDataRole.ForegroundRole:
            is_quiet = index.column() != NAME or entry.problem
            return self._colour("muted") if is_quiet else None
        if role == Qt.ItemDataRole.ToolTipRole:
            return _tool_tip(entry)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _alignment(index.column())
        return entry if role == EntryRole else None

    def _text(self, entry: FileEntry, column: int) -> str:
        if column == NAME:
            return shown(entry.name)
        if column == KIND:
            return entry.problem or _WORDS.get(entry.kind, entry.kind)
        if column == SIZE:
            return "" if entry.size is None else format_bytes(entry.size)
        return "" if entry.modified is None else relative_time(entry.modified, self._now())

    def _sign(self, entry: FileEntry) -> QIcon:
        if entry.problem:
            return self._icon("broken-link" if entry.target else "warning", "warning")
        name, role = _SIGNS[entry.kind]
        return self._icon("folder" if entry.is_directory else name, role)


def _key(entry: FileEntry) -> tuple[str, bool]:
    return entry.name, entry.is_directory


def _alignment(column: int) -> Qt.AlignmentFlag:
    is_right = column in (SIZE, MODIFIED)
    side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter


def _tool_tip(entry: FileEntry) -> str:
    lines = [shown(entry.path), _TOLD[entry.kind]]
    if entry.target:
        lines.append(f"Link to {shown(entry.target)}")
    if entry.problem:
        lines.append(entry.problem[:1].upper() + entry.problem[1:])
    if entry.size is not None:
        lines.append(f"{entry.size:,} bytes")
    if entry.modified is not None:
        lines.append(exact_time(entry.modified))
    return plain_tip("\n".join(lines))
