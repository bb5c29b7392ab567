"""The columns on offer as a list with headings and check boxes, for the chooser.

Why an own model: 5,000 scalars are offered in twelve ways, and 60,000 item objects take seconds
where a list of rows that match the search takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)

from core.text import plural
from gui.table.column_offers import ColumnOffer
from gui.tool_tip import plain_tip

AnyIndex = QModelIndex | QPersistentModelIndex

CountRole = 257  # text at the right: the number of runs
HeadingRole = 258  # whether the row is a heading

_DISPLAY, _TOOLTIP, _CHECK, _ACCESSIBLE = 0, 3, 10, 11
_TOP = QModelIndex()


class ColumnChoiceModel(QAbstractListModel):
    """Rows of offers that match a search, under their headings.

    Signals:
        toggled: The user checked or unchecked a column (its key, whether it is checked now).
    """

    toggled = Signal(str, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._offers: Sequence[ColumnOffer] = ()
        self._texts: list[str] = []
        self._rows: list[ColumnOffer | str] = []
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
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1))

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
        self.beginResetModel()
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
        self._rows = rows
        self.endResetModel()

    # Qt overrides

    def rowCount(self, parent: AnyIndex = _TOP) -> int:
        return 0 if parent.isValid() else len(self._rows)

    def flags(self, index: AnyIndex) -> Qt.ItemFlag:
        if not index.isValid():
            return Qt.ItemFlag.NoItemFlags
        if self.offer(index.row()) is None:
            return Qt.ItemFlag.ItemIsEnabled
        flag = Qt.ItemFlag
        return flag.ItemIsEnabled | flag.ItemIsSelectable | flag.ItemIsUserCheckable

    def data(self, index: AnyIndex, role: int = _DISPLAY) -> Any:
        if not index.isValid():
            return None
        row = self._rows[index.row()]
        if isinstance(row, str):
            return row if role in (_DISPLAY, _ACCESSIBLE) else role == HeadingRole or None
        if role == _DISPLAY:
            return row.name
        if role == _CHECK:
            is_chosen = row.key in self._chosen
            return Qt.CheckState.Checked if is_chosen else Qt.CheckState.Unchecked
        if role == CountRole:
            return "" if row.count is None else f"{row.count:,}"
        if role == _TOOLTIP:
            return plain_tip(f"{row.title}\n{row.key}")
        if role == _ACCESSIBLE:
            runs = "" if row.count is None else f", {plural(row.count, 'run')}"
            return f"{row.title}{runs}"
        return None

    def setData(self, index: AnyIndex, value: Any, role: int = _DISPLAY) -> bool:
        offer = self.offer(index.row()) if index.isValid() else None
        if offer is None or role != _CHECK:
            return False
        self.toggled.emit(offer.key, Qt.CheckState(value) == Qt.CheckState.Checked)
        return True
