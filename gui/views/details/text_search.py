"""Finds and marks a text in a CodeView, and goes from match to match."""

from __future__ import annotations

import re

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit

from gui.theme import Theme
from gui.views.details.code_view import CodeView

MOST_MATCHES = 10_000
_MARKED = 20_000  # letters after the first one in view that can be in view as well


class TextSearch(QObject):
    """The search in one view; regardless of case. Only matches in view are marked.

    Signals:
        changed: There are other matches, or another current one.
    """

    changed = Signal()

    def __init__(self, view: CodeView, theme: Theme) -> None:
        super().__init__(view)
        self._view = view
        self._theme = theme
        self._wanted = ""
        self._matches: list[tuple[int, int]] = []
        self._current = -1
        view.text_replaced.connect(lambda: self.search(self._wanted))
        view.moved.connect(self._mark)
        theme.changed.connect(self._mark)

    @property
    def count(self) -> int:
        """How many matches there are, at most MOST_MATCHES."""
        return len(self._matches)

    @property
    def current(self) -> int:
        """Number of the match that was gone to last, from 0; -1 before any."""
        return self._current

    def search(self, wanted: str) -> None:
        """Mark every place of `wanted`; an empty one marks nothing."""
        self._wanted = wanted
        self._matches = find_places(self._view.text, wanted)
        self._current = -1
        self._mark()
        self.changed.emit()

    def go(self, by: int) -> None:
        """Go to the next match (1) or the one before (-1), round the ends."""
        if not self._matches:
            return
        if self._current < 0:
            self._current = self._match_from_here(by)
        else:
            self._current = (self._current + by) % len(self._matches)
        self._view.show_place(*self._matches[self._current])
        self._mark()
        self.changed.emit()

    def _match_from_here(self, by: int) -> int:
        """The first match in view or after it; the one before when going back."""
        here = self._view.first_position()
        after = next((n for n, match in enumerate(self._matches) if match[0] >= here), 0)
        return after if by > 0 else (after - 1) % len(self._matches)

    def _mark(self) -> None:
        first = self._view.first_position()
        marks = [
            self._selection(start, end, is_current=number == self._current)
            for number, (start, end) in enumerate(self._matches)
            if end >= first and start <= first + _MARKED
        ]
        if marks or self._view.extraSelections():
            self._view.setExtraSelections(marks)

    def _selection(self, start: int, end: int, *, is_current: bool) -> QTextEdit.ExtraSelection:
        mark = QTextEdit.ExtraSelection()
        cursor = QTextCursor(self._view.document())
        limit = self._view.document().characterCount() - 1
        cursor.setPosition(min(start, limit))
        cursor.setPosition(min(end, limit), QTextCursor.MoveMode.KeepAnchor)
        shape = QTextCharFormat()
        shape.setBackground(self._theme.colour("accent" if is_current else "match"))
        if is_current:
            shape.setForeground(self._theme.colour("on-accent"))
        mark.cursor = cursor
        mark.format = shape
        return mark


def find_places(text: str, wanted: str) -> list[tuple[int, int]]:
    """Begin and end of each place of `wanted`, counted in UTF-16 units as Qt does."""
    if not wanted:
        return []
    places: list[tuple[int, int]] = []
    for found in re.finditer(re.escape(wanted), text, re.IGNORECASE):
        places.append(found.span())
        if len(places) == MOST_MATCHES:
            break
    if text.isascii() or max(text) <= "\uffff":
        return places
    return _in_utf16(text, places)


def _in_utf16(text: str, places: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same places where letters beyond the first 65,536 count as two."""
    wide = [n for n, letter in enumerate(text) if letter > "\uffff"]
    moved, passed = [], 0
    for start, end in places:
        while passed < len(wide) and wide[passed] < start:
            passed += 1
        inside = sum(letter > "\uffff" for letter in text[start:end])
        moved.append((start + passed, end + passed + inside))
    return moved
