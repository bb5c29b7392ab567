"""The tags of some runs and of the home, each on all, some or none of the runs.

A row says what is so and what is wanted; nothing is written here. The tags of the runs come
first, then what else the home knows, then what the user made up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import Struct
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from core.text import natural_key, plural
from gui.tool_tip import plain_tip

AnyIndex = QModelIndex | QPersistentModelIndex

NoteRole = 257  # text at the right: how many of the runs have it
NewsRole = 258  # whether something else is wanted than what is so

_DISPLAY, _TOOLTIP, _CHECK, _ACCESSIBLE = 0, 3, 10, 11
_TOP = QModelIndex()
_WORDS = {
    Qt.CheckState.Checked: "on all runs",
    Qt.CheckState.PartiallyChecked: "on some runs",
    Qt.CheckState.Unchecked: "on no run",
}


class TagCounts(Struct, frozen=True):
    """What is known of tags.

    Attributes:
        groups: Runs that have the same tags: the tags, and how many runs.
        home: All tags of the home with the number of runs.
    """

    groups: tuple[tuple[frozenset[str], int], ...]
    home: Mapping[str, int]

    @classmethod
    def of(cls, tags: Iterable[Sequence[str]], home: Mapping[str, int]) -> TagCounts:
        """The counts of some runs, given the tags of each."""
        return cls(tuple(Counter(frozenset(some) for some in tags).items()), home)

    @property
    def runs(self) -> int:
        """How many runs it is about."""
        return sum(count for _, count in self.groups)

    def having(self, tag: str) -> int:
        """How many of the runs have a tag."""
        return sum(count for tags, count in self.groups if tag in tags)

    def changed_by(self, add: Iterable[str], delete: Iterable[str]) -> int:
        """How many of the runs would have other tags."""
        added, deleted = frozenset(add), frozenset(delete)
        return sum(n for tags, n in self.groups if added - tags or deleted & tags)


class TagChoiceModel(QAbstractListModel):
    """Rows of tags with a box of three states.

    Signals:
        changed: Something else is wanted.
    """

    changed = Signal()

    def __init__(self, counts: TagCounts, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._counts = counts
        self._total = counts.runs
        self._having = {tag: counts.having(tag) for tags, _ in counts.groups for tag in tags}
        own = sorted(self._having, key=lambda tag: (-self._having[tag], natural_key(tag)))
        others = sorted(counts.home, key=lambda tag: (-counts.home[tag], natural_key(tag)))
        self._tags = [*own, *(tag for tag in others if tag not in self._having)]
        self._wanted: dict[str, bool] = {}
        self._rows = list(self._tags)

    # What is wanted

    def added(self) -> list[str]:
        """Tags that some run does not have and all are to have."""
        return [t for t in self._tags if self._wanted.get(t) and self._has(t) < self._total]

    def deleted(self) -> list[str]:
        """Tags that some run has and none is to have."""
        return [t for t in self._tags if self._wanted.get(t) is False and self._has(t)]

    def changes(self) -> int:
        """How many runs will have other tags."""
        return self._counts.changed_by(self.added(), self.deleted())

    def want(self, tag: str, *, on: bool | None) -> None:
        """All runs are to have a tag, or none, or (None) those that have it now."""
        if tag not in self._tags:
            self._tags.insert(0, tag)
            self._show_rows([tag, *self._rows])
        if on is None:
            self._wanted.pop(tag, None)
        else:
            self._wanted[tag] = on
        self._tell(tag)

    def turn(self, row: int) -> None:
        """The next state: on all runs, on none, and where only some have it, on those again."""
        tag = self._rows[row]
        has_some = 0 < self._has(tag) < self._total
        wanted = self._wanted.get(tag)
        if wanted is None:
            self.want(tag, on=self._has(tag) < self._total)
        elif wanted:
            self.want(tag, on=False)
        else:
            self.want(tag, on=None if has_some else True)

    def want_none(self) -> None:
        """No run is to have any tag."""
        for tag in self._tags:
            if self._has(tag) or self._wanted.get(tag):
                self._wanted[tag] = False
        self._tell_all()

    def search(self, text: str) -> None:
        """Show only tags with all words of a text, those that begin with it first."""
        words = text.casefold().split()
        found = [tag for tag in self._tags if all(word in tag.casefold() for word in words)]
        if words:
            found.sort(key=lambda tag: not tag.casefold().startswith(text.casefold()))
        self._show_rows(found)

    def completion(self, text: str) -> str:
        """The most used tag that begins with exactly this text; empty when there is none."""
        fitting = (tag for tag in self._tags if tag.startswith(text))
        return next(fitting, "") if text else ""

    def tag(self, row: int) -> str:
        """The tag of a row."""
        return self._rows[row]

    def row_of(self, tag: str) -> int | None:
        """The row of a tag; None where the search hides it."""
        return self._rows.index(tag) if tag in self._rows else None

    def having(self, tag: str) -> int:
        """How many of the runs have a tag now."""
        return self._has(tag)

    def is_on_all(self, tag: str) -> bool:
        """Whether all of the runs have a tag, or will have it."""
        return self._state(tag) == Qt.CheckState.Checked

    # Inside

    def _has(self, tag: str) -> int:
        return self._having.get(tag, 0)

    def _state(self, tag: str) -> Qt.CheckState:
        wanted = self._wanted.get(tag)
        if wanted is None and 0 < self._has(tag) < self._total:
            return Qt.CheckState.PartiallyChecked
        is_on = self._has(tag) == self._total if wanted is None else wanted
        return Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked

    def _is_news(self, tag: str) -> bool:
        return tag in self._wanted and self._has(tag) != (self._total if self._wanted[tag] else 0)

    def _note(self, tag: str) -> str:
        has, wanted = self._has(tag), self._wanted.get(tag)
        if self._is_news(tag):
            if wanted:
                return f"add to {plural(self._total - has, 'run')}"
            return f"delete from {plural(has, 'run')}"
        if has == self._total > 0:
            return "all" if self._total > 1 else ""
        if has:
            return f"{has:,} of {self._total:,}"
        known = self._counts.home.get(tag, 0)
        return plural(known, "run") if known else ""

    def _show_rows(self, rows: list[str]) -> None:
        if rows != self._rows:
            self.beginResetModel()
            self._rows = rows
            self.endResetModel()

    def _tell(self, tag: str) -> None:
        row = self.row_of(tag)
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row))
        self.changed.emit()

    def _tell_all(self) -> None:
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))
        self.changed.emit()

    # Qt overrides

    def rowCount(self, parent: AnyIndex = _TOP) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        flag = Qt.ItemFlag
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsUserCheckable

    def data(self, index: AnyIndex, role: int = _DISPLAY) -> Any:
        if not index.isValid():
            return None
        tag = self._rows[index.row()]
        if role == _DISPLAY:
            return tag
        if role == _CHECK:
            return self._state(tag)
        if role == NoteRole:
            return self._note(tag)
        if role == NewsRole:
            return self._is_news(tag)
        if role == _TOOLTIP:
            return plain_tip(tag)
        if role == _ACCESSIBLE:
            note = self._note(tag)
            return ", ".join(part for part in (tag, _WORDS[self._state(tag)], note) if part)
        return None

    def setData(self, index: AnyIndex, value: Any, role: int = _DISPLAY) -> bool:
        if not index.isValid() or role != _CHECK:
            return False
        self.turn(index.row())
        return True
