"""What differs between two runs, as a tree: a row a section, and below it the files of sections.

Sections of values have no rows of their own here: they are shown whole, as one table.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractItemModel,
    QModelIndex,
    QObject,
    Qt,
)

from core.compare.diff_facts import Change
from core.compare.diff_runs import SECTIONS, FilePair, RunDiff, Section, SectionName
from core.runs.files import shown
from core.text import format_bytes
from gui.models.any_index import NOWHERE, AnyIndex
from gui.tool_tip import plain_tip

TITLES: dict[SectionName, str] = {
    "flags": "Flags",
    "attributes": "Attributes",
    "environment": "Environment",
    "packages": "Packages",
    "source": "Source code",
    "dependencies": "Dependencies",
    "files": "Files",
    "output": "Output",
}
CHANGE_SIGNS: dict[Change, str] = {
    "same": "",
    "changed": "~",
    "removed": "−",
    "added": "+",
    "unsure": "?",
}
CHANGE_WORDS: dict[Change, str] = {
    "same": "the same on both sides",
    "changed": "changed",
    "removed": "only on the left",
    "added": "only on the right",
    "unsure": "of the same size and too large to compare here: look at it",
}

SectionRole = Qt.ItemDataRole.UserRole
FileRole = Qt.ItemDataRole.UserRole + 1
ChangeRole = Qt.ItemDataRole.UserRole + 2

_TREES: tuple[SectionName, ...] = ("source", "files")


class DiffListModel(QAbstractItemModel):
    """Two columns: names, and how many differ."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._only_differences = True
        self._sections: dict[SectionName, Section] = {}
        self._rows: list[SectionName] = []
        self._files: dict[SectionName, list[FilePair]] = {}

    def clear(self) -> None:
        """Be about no runs."""
        self.beginResetModel()
        self._sections, self._rows, self._files = {}, [], {}
        self.endResetModel()

    def add(self, section: Section) -> None:
        """Have a further section, or another state of one."""
        self.beginResetModel()
        self._sections[section.name] = section
        self._arrange()
        self.endResetModel()

    def show_diff(self, diff: RunDiff) -> None:
        """Have these sections."""
        self.beginResetModel()
        self._sections = {section.name: section for section in diff.sections}
        self._arrange()
        self.endResetModel()

    def show_only_differences(self, *, on: bool) -> None:
        """Leave out files that are the same, or have them too."""
        self.beginResetModel()
        self._only_differences = on
        self._arrange()
        self.endResetModel()

    def section(self, name: SectionName) -> Section | None:
        """The section of that name, if it is known."""
        return self._sections.get(name)

    def index_of(self, section: SectionName, file: str = "") -> QModelIndex:
        """The row of a section, or of a file in it; an invalid index where there is none."""
        if section not in self._rows:
            return QModelIndex()
        parent = self.index(self._rows.index(section), 0)
        if not file:
            return parent
        names = [pair.name for pair in self._files.get(section, ())]
        return self.index(names.index(file), 0, parent) if file in names else QModelIndex()

    def targets(self) -> list[QModelIndex]:
        """All rows that have something to look at and differ, from top to bottom."""
        found = []
        for row, name in enumerate(self._rows):
            index = self.index(row, 0)
            if name in _TREES:
                children = (self.index(i, 0, index) for i in range(self.rowCount(index)))
                found += [child for child in children if child.data(ChangeRole) != "same"]
            elif self._sections[name].differing:
                found.append(index)
        return found

    def _arrange(self) -> None:
        self._rows = [name for name in SECTIONS if name in self._sections]
        self._files = {
            name: [
                pair
                for pair in self._sections[name].files
                if pair.change != "same" or not self._only_differences
            ]
            for name in self._rows
            if name in _TREES
        }

    # Qt overrides

    def index(self, row: int, column: int, parent: AnyIndex = NOWHERE) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, child: AnyIndex = NOWHERE) -> Any:  # the base class has a second meaning
        owner = child.internalId() if child.isValid() else 0
        return self.createIndex(owner - 1, 0, 0) if owner else QModelIndex()

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        if not parent.isValid():
            return len(self._rows)
        if parent.internalId() or parent.column():
            return 0
        return len(self._files.get(self._rows[parent.row()], ()))

    def columnCount(self, _parent: AnyIndex = NOWHERE) -> int:
        return 2

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        owner = index.internalId()
        if owner:
            name = self._rows[owner - 1]
            return _file_data(name, self._files[name][index.row()], index.column(), role)
        return _section_data(self._sections[self._rows[index.row()]], index.column(), role)


def _section_data(section: Section, column: int, role: int) -> Any:
    count = section.differing
    if role == Qt.ItemDataRole.DisplayRole:
        return TITLES[section.name] if column == 0 else (f"{count:,}" if count else "same")
    if role == SectionRole:
        return section.name
    if role == ChangeRole:
        return "changed" if count else "same"
    if role == Qt.ItemDataRole.ToolTipRole:
        return plain_tip(_section_tip(section))
    if role == Qt.ItemDataRole.AccessibleTextRole and column == 0:
        return _section_tip(section)
    return _alignment(column) if role == Qt.ItemDataRole.TextAlignmentRole else None


def _section_tip(section: Section) -> str:
    parts = [
        f"{section.counts[change]:,} {CHANGE_WORDS[change].partition(':')[0]}"
        for change in CHANGE_SIGNS
        if section.counts[change]
    ]
    text = f"{TITLES[section.name]}: {', '.join(parts) or 'nothing on either side'}"
    return f"{text}. {section.problem}" if section.problem else text


def _file_data(section: SectionName, pair: FilePair, column: int, role: int) -> Any:
    if role == Qt.ItemDataRole.DisplayRole:
        return shown(pair.name) if column == 0 else CHANGE_SIGNS[pair.change]
    if role == SectionRole:
        return section
    if role == FileRole:
        return pair
    if role == ChangeRole:
        return pair.change
    if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
        return plain_tip(_file_tip(pair))
    return _alignment(column) if role == Qt.ItemDataRole.TextAlignmentRole else None


def _file_tip(pair: FilePair) -> str:
    sizes = [format_bytes(size) for size in pair.sizes if size is not None]
    was = f", was {shown(pair.moved_from)}" if pair.moved_from else ""
    text = f"{shown(pair.name)} — {CHANGE_WORDS[pair.change]}{was}"
    return f"{text} · {' → '.join(dict.fromkeys(sizes))}" if sizes else text


def _alignment(column: int) -> Qt.AlignmentFlag:
    side = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
    return side | Qt.AlignmentFlag.AlignVCenter
