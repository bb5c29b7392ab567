"""The places on the left as a tree of two levels: sections, and the places in them.

Some rows are no places but lead to one: another home, or the command that adds a remote. They are
chosen by a click or Enter, never by passing over them.

A place is a plain value; showing new values touches only the rows that differ, so that counts
may change every second without disturbing the current place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from enum import Enum
from typing import Any

from msgspec import Struct
from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, Qt

from gui.models.any_index import NOWHERE, AnyIndex
from gui.tool_tip import plain_tip

PlaceRole = Qt.ItemDataRole.UserRole + 1
"""The Place of a row; None for a section."""


class PlaceKind(Enum):
    """What choosing a place does."""

    RUNS = "runs"
    TRASH = "trash"
    HOME = "home"
    ARCHIVE = "archive"
    LIST = "list"
    OWN_LIST = "own-list"
    BATCH = "batch"
    TAG = "tag"
    REMOTE = "remote"
    REMOTE_TRASH = "remote-trash"
    COMMAND = "command"


PASSED_OVER = frozenset({PlaceKind.HOME, PlaceKind.COMMAND})
"""Kinds that only a click or Enter chooses."""


class Section(Enum):
    """Headings, in their order; the value is the text."""

    PLACES = "Places"
    ARCHIVES = "Archives"
    REMOTES = "Remotes"
    LISTS = "Smart lists"
    BATCHES = "Batches"
    TAGS = "Tags"
    HOMES = "Recent homes"


class Place(Struct, frozen=True):
    """Something to choose on the left.

    Attributes:
        kind: What choosing it does.
        key: Unique within its kind: a list's or remote's name, a tag, a batch's id, a home's path,
            the id of the action that a command triggers.
        title: Shown text.
        icon: Name of its icon; empty for none.
        count: Shown at the right, e.g. "12,408"; empty while unknown.
        filter: Text it puts into the filter box; None where it leaves the box alone.
        tip: Tooltip.
        note: Tells it from others of the same title.
        token: Role of the colour of its icon.
        spoken: What the icon means, for who hears the screen.
        takes_runs: Whether runs can be dropped on it (remotes).
        is_below: Whether it belongs to the place above it.
    """

    kind: PlaceKind
    key: str
    title: str
    icon: str = ""
    count: str = ""
    filter: str | None = None
    tip: str = ""
    note: str = ""
    token: str = "muted"
    spoken: str = ""
    takes_runs: bool = False
    is_below: bool = False

    @property
    def name(self) -> tuple[PlaceKind, str]:
        """What makes it the same place although its count changed."""
        return (self.kind, self.key)


class PlacesModel(QAbstractItemModel):
    """Sections that are always there (a view hides empty ones) and their places.

    Attributes:
        is_changing: True while rows come and go: the current row then moves by itself.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._sections = tuple(Section)
        self.is_changing = False
        self._places: dict[Section, tuple[Place, ...]] = dict.fromkeys(self._sections, ())

    def show(self, places: Mapping[Section, Iterable[Place]]) -> None:
        """Show these places; sections not named stay as they are."""
        for section, wanted in places.items():
            self._show_section(section, tuple(wanted))

    def places(self, section: Section) -> Sequence[Place]:
        """What a section shows."""
        return self._places[section]

    def place(self, index: AnyIndex) -> Place | None:
        """The place of a row; None for a section or no row."""
        if not index.isValid() or not index.internalId():
            return None
        return self._places[self._sections[index.internalId() - 1]][index.row()]

    def index_of(self, name: tuple[PlaceKind, str]) -> QModelIndex:
        """The row of a place; invalid when it is not shown."""
        for section, places in self._places.items():
            for row, place in enumerate(places):
                if place.name == name:
                    return self.index(row, 0, self.section_index(section))
        return QModelIndex()

    def section_index(self, section: Section) -> QModelIndex:
        """The row of a section."""
        return self.createIndex(self._sections.index(section), 0, 0)

    def _show_section(self, section: Section, wanted: tuple[Place, ...]) -> None:
        shown = self._places[section]
        parent = self.section_index(section)
        if [place.name for place in shown] == [place.name for place in wanted]:
            self._places[section] = wanted
            for row, (old, new) in enumerate(zip(shown, wanted, strict=True)):
                if old != new:
                    index = self.index(row, 0, parent)
                    self.dataChanged.emit(index, index)
            return
        self.is_changing = True
        self._replace_rows(section, parent, wanted)
        self.is_changing = False

    def _replace_rows(
        self, section: Section, parent: QModelIndex, wanted: tuple[Place, ...]
    ) -> None:
        shown = self._places[section]
        if shown:
            self.beginRemoveRows(parent, 0, len(shown) - 1)
            self._places[section] = ()
            self.endRemoveRows()
        if wanted:
            self.beginInsertRows(parent, 0, len(wanted) - 1)
            self._places[section] = wanted
            self.endInsertRows()

    # Qt overrides

    def index(self, row: int, column: int, parent: AnyIndex = NOWHERE) -> QModelIndex:
        if not self.hasIndex(row, column, parent):
            return QModelIndex()
        return self.createIndex(row, column, parent.row() + 1 if parent.isValid() else 0)

    def parent(self, index: AnyIndex = NOWHERE) -> QModelIndex:  # type: ignore[override] # Qt overloads it
        if not index.isValid() or not index.internalId():
            return QModelIndex()
        return self.createIndex(index.internalId() - 1, 0, 0)

    def rowCount(self, parent: AnyIndex = NOWHERE) -> int:
        if not parent.isValid():
            return len(self._sections)
        if parent.internalId() or parent.column():
            return 0
        return len(self._places[self._sections[parent.row()]])

    def columnCount(self, parent: AnyIndex = NOWHERE) -> int:
        return 1

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if self.place(index) is None:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: AnyIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        place = self.place(index)
        if place is None:
            is_title = role == Qt.ItemDataRole.DisplayRole
            return self._sections[index.row()].value if is_title else None
        if role == PlaceRole:
            return place
        return _place_data(place, role)


def _place_data(place: Place, role: int) -> Any:
    if role == Qt.ItemDataRole.DisplayRole:
        return place.title
    if role == Qt.ItemDataRole.ToolTipRole:
        return plain_tip(place.tip) or None
    if role == Qt.ItemDataRole.AccessibleTextRole:
        return ", ".join(
            part for part in (place.title, place.note, place.spoken, place.count) if part
        )
    return None
