"""The tags of some runs and of the home, each on all, some or none of the runs.

A row says what is so and what is wanted; nothing is written here. The tags of the runs come
first, then what else the home knows, then what the user made up.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from core.text import natural_key, plural
from gui.changing.tag_counts import TagCounts
from gui.models.roles import ACCESSIBLE, DISPLAY, TOOLTIP
from gui.models.tick_list_model import TickListModel
from gui.tool_tip import plain_tip

NoteRole = 257  # text at the right: how many of the runs have it
NewsRole = 258  # whether something else is wanted than what is so

_WORDS = {
    Qt.CheckState.Checked: "on all runs",
    Qt.CheckState.PartiallyChecked: "on some runs",
    Qt.CheckState.Unchecked: "on no run",
}


class TagChoiceModel(TickListModel[str]):
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
        self._show_rows(list(self._tags))

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
        if found != self._rows:
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
        return self.state(tag) == Qt.CheckState.Checked

    # Inside

    def _has(self, tag: str) -> int:
        return self._having.get(tag, 0)

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

    def _tell(self, tag: str) -> None:
        row = self.row_of(tag)
        if row is not None:
            self.dataChanged.emit(self.index(row), self.index(row))
        self.changed.emit()

    def _tell_all(self) -> None:
        self._show_all_anew()
        self.changed.emit()

    # What the list says

    def state(self, row: str) -> Qt.CheckState:
        wanted = self._wanted.get(row)
        if wanted is None and 0 < self._has(row) < self._total:
            return Qt.CheckState.PartiallyChecked
        is_on = self._has(row) == self._total if wanted is None else wanted
        return Qt.CheckState.Checked if is_on else Qt.CheckState.Unchecked

    def tick(self, row: str, *, on: bool) -> None:
        """The next of the three states, whichever box it was that Qt drew."""
        self.turn(self._rows.index(row))

    def says(self, row: str, role: int) -> Any:
        if role == DISPLAY:
            return row
        if role == NoteRole:
            return self._note(row)
        if role == NewsRole:
            return self._is_news(row)
        if role == TOOLTIP:
            return plain_tip(row)
        if role == ACCESSIBLE:
            note = self._note(row)
            return ", ".join(part for part in (row, _WORDS[self.state(row)], note) if part)
        return None
