"""Completions of the filter box: when they are asked for, offered and taken."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QObject, QPoint, QTimer, Signal, Slot

from core.index.columns import RunColumns
from core.index.completion import (
    Suggestion,
    Vocabulary,
    spot_at,
    suggest,
    values_of,
    vocabulary_of,
)
from core.index.query_roles import Expected
from gui.job_bridge import Latest
from gui.services import Services
from gui.views.filter.completion_popup import MOST_ROWS, CompletionPopup
from gui.views.filter.filter_field import FilterField

LANE = "query"
FRESH_MS = 5_000
"""How long the names that runs have are not counted again."""
_STEPS = {"up": -1, "down": 1, "page-up": -MOST_ROWS, "page-down": MOST_ROWS}


class FilterCompleter(QObject):
    """Knows the names and values that may be meant, and the popup that offers them.

    Names and values are counted by jobs; until they are known there is nothing to offer.

    Args:
        field: Where the user types; the owner.
        columns: Where names and values come from.
        services: Theme, and the bridge for counting.
        clock: The present in microseconds since 1970-01-01 UTC.

    Attributes:
        words: The names that runs have, as far as counted.
        popup: The list on the screen.

    Signals:
        accepted: A completion was put into the field.
        words_changed: `words` was counted again.
    """

    accepted = Signal()
    words_changed = Signal()

    def __init__(
        self,
        field: FilterField,
        columns: RunColumns,
        services: Services,
        clock: Callable[[], int],
    ) -> None:
        super().__init__(field)
        self._field = field
        self._columns = columns
        self._clock = clock
        self.words = Vocabulary()
        self._is_wanted = False
        self._name, self._is_old = "", False
        self._values: Mapping[str, int] = {}
        self._words_question = Latest(services.bridge, LANE, self)
        self._values_question = Latest(services.bridge, LANE, self)
        self._fresh = QTimer(self)
        self._fresh.setSingleShot(True)
        self._fresh.setInterval(FRESH_MS)
        self.popup = CompletionPopup(services.theme, field)
        self.popup.chosen.connect(self._accept)
        field.focused.connect(self._count_words)
        field.unfocused.connect(self.hide)

    @property
    def is_counting(self) -> bool:
        """Whether names or values are still to come."""
        return self._words_question.is_waiting or self._values_question.is_waiting

    def hide(self) -> None:
        """Offer nothing, neither now nor when what is being counted comes."""
        self._is_wanted = False
        self.popup.hide()

    def complete(self, *, asked: bool) -> None:
        """Offer completions; unless asked only where a word or value has begun."""
        self._count_words()
        if not self._field.hasFocus():
            return
        self._is_wanted = True
        text, cursor = self._field.text(), self._field.cursorPosition()
        spot = spot_at(text, cursor)
        if spot.expected is Expected.VALUE and spot.name:
            self._count_values(spot.name, asked=asked)
        is_begun = bool(spot.prefix) or spot.expected in (Expected.VALUE, Expected.TIME)
        found = suggest(spot, self.words, self._values) if is_begun or asked else []
        if not found:
            self.popup.hide()
            return
        self.popup.offer(found, self._place_of(spot.start))

    def takes(self, key: str) -> bool:
        """Whether the open popup used a key."""
        if not self.popup.isVisible():
            return False
        if key in _STEPS:
            self.popup.step(_STEPS[key])
            return True
        if key == "escape":
            self.hide()
            return True
        chosen = self.popup.current or (self.popup.first if key == "tab" else None)
        if key not in ("enter", "tab") or chosen is None:
            return False
        self._accept(chosen)
        return True

    def _place_of(self, position: int) -> QPoint:
        """On the screen, below the letter at a position of the text."""
        field = self._field
        left = field.cursorRect().center().x() - field.fontMetrics().horizontalAdvance(
            field.text()[position : field.cursorPosition()]
        )
        x = min(max(0, left), max(0, field.width() - 80))
        return field.mapToGlobal(QPoint(x, field.height()))

    @Slot(object)
    def _accept(self, suggestion: Suggestion) -> None:
        self.hide()
        spot = spot_at(self._field.text(), self._field.cursorPosition())
        goes_on = suggestion.kind != "value" and not suggestion.text.endswith(("[", " "))
        self._field.setSelection(spot.start, spot.end - spot.start)
        self._field.insert(suggestion.text + (" " if goes_on else ""))
        self.accepted.emit()

    @Slot()
    def _count_words(self) -> None:
        if self._fresh.isActive() or self._words_question.is_waiting:
            return
        self._fresh.start()
        columns = self._columns
        self._words_question.ask(
            "Count names for completion",
            lambda _context: vocabulary_of(columns),
            self._on_words,
        )

    def _on_words(self, words: Vocabulary) -> None:
        is_first = not (self.words.flags or self.words.scalars)
        self.words, self._is_old = words, True
        self.words_changed.emit()
        if is_first and self._is_wanted:
            self.complete(asked=False)

    def _count_values(self, name: str, *, asked: bool) -> None:
        if name == self._name and not self._is_old:
            return
        if name != self._name:
            self._values = {}
        self._name, self._is_old = name, False
        columns, now = self._columns, self._clock()
        self._values_question.ask(
            "Count values for completion",
            lambda _context: values_of(columns, name, now),
            lambda values: self._on_values(values, asked=asked),
        )

    def _on_values(self, values: Mapping[str, int], *, asked: bool) -> None:
        self._values = values
        if self._is_wanted:
            self.complete(asked=asked)
