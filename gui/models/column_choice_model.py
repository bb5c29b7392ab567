"""The columns on offer as a list with headings and boxes, for the chooser."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from core.text import plural
from gui.models.roles import ACCESSIBLE, DISPLAY, TOOLTIP
from gui.models.tick_list_model import TickListModel
from gui.table.column_offers import ColumnOffer
from gui.tool_tip import plain_tip

CountRole = 257  # text at the right: the number of runs
HeadingRole = 258  # whether the row is a heading


class ColumnChoiceModel(TickListModel[ColumnOffer | str]):
    """Rows of offers that match a search, under their headings.

    Signals:
        toggled: The user checked or unchecked a column (its key, whether it is checked now).
    """

    toggled = Signal(str, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._offers: Sequence[ColumnOffer] = ()
        self._texts: list[str] = []
        self._chosen: frozenset[str] = frozenset()
        self._words: list[str] = []
        self._heading = ""

    def show_offers(self, offers: Sequence[ColumnOffer]) -> None:
        """Offer these columns."""
        self._offers = offers
        self._texts = [f"{offer.title} {offer.name} {offer.key}".casefold() for offer in offers]
        self._refresh()

    def show_chosen(self, keys: Collection[str]) -> None:
        """Check exactly these columns."""
        self._chosen = frozenset(keys)
        self._show_all_anew()

    def search(self, text: str, heading: str = "") -> None:
        """Show only what has all words of `text`, and, if given, stands under `heading`."""
        self._words, self._heading = text.casefold().split(), heading
        self._refresh()

    def headings(self) -> list[str]:
        """All headings, in order."""
        return list(dict.fromkeys(offer.heading for offer in self._offers))

    def offer(self, row: int) -> ColumnOffer | None:
        """The offer of a row; None for a heading."""
        found = self._rows[row]
        return None if isinstance(found, str) else found

    def _refresh(self) -> None:
        rows: list[ColumnOffer | str] = []
        heading = None
        for offer, text in zip(self._offers, self._texts, strict=True):
            if self._heading not in ("", offer.heading):
                continue
            if all(word in text for word in self._words):
                if offer.heading != heading:
                    heading = offer.heading
                    rows.append(heading)
                rows.append(offer)
        self._show_rows(rows)

    # What the list says

    def state(self, row: ColumnOffer | str) -> Qt.CheckState | None:
        if isinstance(row, str):
            return None
        return Qt.CheckState.Checked if row.key in self._chosen else Qt.CheckState.Unchecked

    def tick(self, row: ColumnOffer | str, *, on: bool) -> None:
        if not isinstance(row, str):
            self.toggled.emit(row.key, on)

    def says(self, row: ColumnOffer | str, role: int) -> Any:
        if isinstance(row, str):
            return row if role in (DISPLAY, ACCESSIBLE) else role == HeadingRole or None
        if role == DISPLAY:
            return row.name
        if role == CountRole:
            return "" if row.count is None else f"{row.count:,}"
        if role == TOOLTIP:
            return plain_tip(f"{row.title}\n{row.key}")
        if role == ACCESSIBLE:
            runs = "" if row.count is None else f", {plural(row.count, 'run')}"
            return f"{row.title}{runs}"
        return None
