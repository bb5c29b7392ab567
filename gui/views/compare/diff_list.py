"""The left of the diff page: what differs, section by section, with the files of sections."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt
from PySide6.QtWidgets import QFrame, QHeaderView, QStyleOptionViewItem, QTreeView, QWidget

from core.compare.diff_runs import FilePair, SectionName
from gui.compare.diff_look import FilePaths
from gui.models.any_index import AnyIndex
from gui.models.diff_list_model import ChangeRole, DiffListModel, FileRole, SectionRole
from gui.theme import Theme
from gui.views.row_delegate import RowDelegate

_LEAST_LETTERS = 24  # "Dependencies", indented, beside "same"


class DiffList(QTreeView):
    """A row a section, and below it a row a file.

    Args:
        model: What differs.
        theme: The colours.
        parent: Owner.
    """

    def __init__(self, model: DiffListModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sections = model
        self.setModel(model)
        self.setItemDelegate(_ListDelegate(theme, self))
        self.setHeaderHidden(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setIndentation(16)
        self.setMinimumWidth(_LEAST_LETTERS * self.fontMetrics().averageCharWidth())
        header = self.header()
        header.setStretchLastSection(False)
        header.setMinimumSectionSize(20)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        model.modelReset.connect(self.expandAll)
        theme.changed.connect(self.viewport().update)

    def current(self) -> QModelIndex:
        """The row that is looked at, an invalid index for none."""
        return self.currentIndex().siblingAtColumn(0)

    def current_paths(self) -> FilePaths | None:
        """Paths of the file that is looked at; None for a section of values."""
        index = self.current()
        if not index.isValid():
            return None
        pair = index.data(FileRole)
        if isinstance(pair, FilePair):
            return FilePaths(pair.left, pair.right)
        section = self._sections.section(index.data(SectionRole))
        if section is not None and section.name == "output" and section.files:
            return FilePaths(section.files[0].left, section.files[0].right)
        return None

    def target(self, by: int) -> QModelIndex:
        """The next row that differs, or (-1) the one before; an invalid index for none."""
        targets = self._sections.targets()
        keys = [key_of(index) for index in targets]
        current = self.current()
        if current.isValid() and key_of(current) in keys:
            place = keys.index(key_of(current)) + by
        else:
            place = 0 if by > 0 else len(keys) - 1
        return targets[place] if 0 <= place < len(targets) else QModelIndex()

    def mark(self, section: SectionName, file: str) -> None:
        """Have a row as the current one, without a word: it is what is looked at already."""
        index = self._sections.index_of(section, file)
        if index.isValid():
            with QSignalBlocker(self.selectionModel()):
                self.setCurrentIndex(index)
            self.viewport().update()


class _ListDelegate(RowDelegate):
    """Draws what is the same quietly, and signs in their colours."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    # Qt overrides

    def initStyleOption(self, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        super().initStyleOption(option, index)
        first: Any = index.siblingAtColumn(0) if isinstance(index, QModelIndex) else index
        change, is_file = first.data(ChangeRole), first.data(FileRole) is not None
        role = "muted" if change == "same" else "text"
        if is_file:
            role = {"removed": "error", "added": "added"}.get(change, role)
            if index.column() == 1 and change in ("changed", "unsure"):
                role = "warning"
        colour = self._theme.colour(role)
        option.palette.setColor(option.palette.ColorRole.Text, colour)
        option.palette.setColor(option.palette.ColorRole.HighlightedText, colour)


def key_of(index: QModelIndex) -> tuple[SectionName, str]:
    """Section and file of a row; an empty name for the section itself."""
    first = index.siblingAtColumn(0)
    pair = first.data(FileRole)
    return first.data(SectionRole), pair.name if isinstance(pair, FilePair) else ""
