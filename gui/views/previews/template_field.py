"""The line in which a label is typed: flags in colour, mistakes underlined, names completed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtWidgets import QWidget

from core.index.completion import Suggestion
from core.runs.label_template import (
    FILTERS,
    OTHER_NAMES,
    TemplateProblem,
    TemplateSpot,
    check_template,
    references,
    spot_at,
)
from core.text import plural
from gui.theme import Theme
from gui.views.filter.completion_popup import MOST_ROWS, CompletionPopup
from gui.views.filter.filter_field import FilterField, Paint

LONGEST = 1_000_000
"""Characters; a label of more is refused where it is written."""
MOST_PAINTED = 2_000
_STEPS = {"up": -1, "down": 1, "page-up": -MOST_ROWS, "page-down": MOST_ROWS}


class TemplateField(FilterField):
    """A line edit for a template.

    Args:
        theme: Colours.
        parent: Owner.

    Attributes:
        popup: The completions.

    Signals:
        changed: The text is another one, or what is known of the flags.
        entered: Enter, where no completion was chosen.
    """

    changed = Signal()
    entered = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._flags: Mapping[str, int] = {}
        self._problems: Sequence[TemplateProblem] = ()
        self._is_template = True
        self._is_painted = False
        self.setMaxLength(LONGEST)
        self.popup = CompletionPopup(theme, self)
        self.popup.chosen.connect(self._take)
        self.key_asked.connect(self._on_key)
        self.textEdited.connect(self._on_edited)
        self.textChanged.connect(self._on_changed)
        self.unfocused.connect(self._hide_popup)
        theme.changed.connect(self._paint)

    def show_flags(self, flags: Mapping[str, int]) -> None:
        """Offer these flags, each with the number of runs that have it."""
        self._flags = flags
        self._on_changed()

    def use_templates(self, *, on: bool) -> None:
        """Whether `${…}` means something in the text now."""
        self._is_template = on
        self._hide_popup()

    def problem(self) -> TemplateProblem | None:
        """The first thing that is wrong with the text; None when nothing is."""
        return self._problems[0] if self._problems else None

    def show_problem(self, problem: TemplateProblem | None) -> None:
        """Underline what somebody else found wrong with the text; None for nothing."""
        self._problems = [problem] if problem is not None else []
        self._paint()

    # Completion

    def complete(self) -> None:
        """Offer what may be meant at the cursor."""
        spot = self._spot()
        found = self._suggestions(spot) if spot else []
        if spot is None or not found or not self.hasFocus():
            self._hide_popup()
            return
        opened = self.text().rfind("${", 0, spot.start)
        place = self.cursorRect().bottomLeft()
        letters = self.text()[max(opened, 0) : self.cursorPosition()]
        back = min(self.fontMetrics().horizontalAdvance(letters), place.x())
        self.popup.offer(found, self.mapToGlobal(QPoint(place.x() - back, self.height())))
        self._on_changed()

    def _hide_popup(self) -> None:
        self.popup.hide()
        self._on_changed()

    def _spot(self) -> TemplateSpot | None:
        return spot_at(self.text(), self.cursorPosition()) if self._is_template else None

    def _suggestions(self, spot: TemplateSpot) -> list[Suggestion]:
        typed = spot.typed.lower()
        if spot.expected == "filter":
            offers = [Suggestion(text, "keyword", told) for text, told in FILTERS.items()]
        else:
            counted = sorted(self._flags.items(), key=lambda item: (-item[1], item[0].casefold()))
            offers = [Suggestion(n, "flag", f"flag · {plural(c, 'run')}") for n, c in counted]
            offers += [Suggestion(n, "keyword", told) for n, told in OTHER_NAMES.items()]
        fitting = [offer for offer in offers if typed in offer.text.lower()]
        fitting.sort(key=lambda offer: not offer.text.lower().startswith(typed))
        if len(fitting) == 1 and fitting[0].text == spot.typed:
            return []
        return fitting

    @Slot(object)
    def _take(self, suggestion: Suggestion) -> None:
        spot = self._spot()
        self.popup.hide()
        if spot is None:
            return
        text = suggestion.text
        is_whole = spot.is_closed or text.endswith(":")
        put = text if is_whole else f"{text}}}"
        if self.text()[spot.start : spot.end] == "$":
            put = f"${{{put}"
        self.setSelection(spot.start, spot.end - spot.start)
        self.insert(put)
        if spot.is_closed and not text.endswith(":"):
            self.setCursorPosition(min(self.cursorPosition() + 1, len(self.text())))

    # Slots

    @Slot(str)
    def _on_key(self, key: str) -> None:
        if key == "complete":
            self.take_key()
            self._complete_anywhere()
        elif self.popup.isVisible() and self._is_for_popup(key):
            self.take_key()
        elif key == "enter":
            self.take_key()
            self.entered.emit()

    def _is_for_popup(self, key: str) -> bool:
        chosen = self.popup.current or (self.popup.first if key == "tab" else None)
        if key in _STEPS:
            self.popup.step(_STEPS[key])
        elif key == "escape":
            self._hide_popup()
        elif key in ("tab", "enter") and chosen is not None:
            self._take(chosen)
        else:
            return False
        return True

    def _complete_anywhere(self) -> None:
        if self._is_template and self._spot() is None:
            self.insert("${")
        self.complete()

    @Slot()
    def _on_edited(self) -> None:
        self.complete()

    @Slot()
    def _on_changed(self) -> None:
        found = check_template(self.text(), self._flags) if self._is_template else []
        self._problems = [problem for problem in found if not self._is_being_typed(problem)]
        self._paint()
        self.changed.emit()

    def _is_being_typed(self, problem: TemplateProblem) -> bool:
        """What lacks its end is left in peace while that is on offer."""
        cursor = self.cursorPosition()
        is_here = problem.position < cursor <= problem.position + problem.length
        return is_here and self.popup.isVisible()

    def _paint(self) -> None:
        if len(self.text()) > MOST_PAINTED:
            self._show_paints([])
            return
        accent, error = self._theme.colour("accent"), self._theme.colour("error")
        warning = self._theme.colour("warning")
        found = references(self.text()) if self._is_template else ()
        letters = accent if self._is_template else None
        paints = [Paint(start, end, accent) for start, end in found]
        paints += [
            Paint(p.position, p.position + p.length, letters, error if p.is_error else warning)
            for p in self._problems
        ]
        self._show_paints(paints)

    def _show_paints(self, paints: list[Paint]) -> None:
        """Painting lays the whole line out anew, which a long one should not be for nothing."""
        if paints or self._is_painted:
            self.paint_words(paints)
        self._is_painted = bool(paints)
