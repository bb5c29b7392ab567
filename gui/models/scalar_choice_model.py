"""The scalars that can be plotted, as a list with boxes, for the chooser."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from core.text import plural
from gui.models.roles import ACCESSIBLE, DISPLAY, TOOLTIP
from gui.models.tick_list_model import TickListModel
from gui.tool_tip import plain_tip


class ScalarChoiceModel(TickListModel[str]):
    """Scalars that match a search, each with the number of runs that have it.

    Signals:
        toggled: The user ticked a scalar, or took its tick off (its key, whether it is ticked now).
    """

    toggled = Signal(str, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scalars: Mapping[str, int] = {}
        self._ticked: frozenset[str] = frozenset()
        self._wanted = ""

    def show_scalars(self, scalars: Mapping[str, int]) -> None:
        """Offer these, in their order: the number of runs by key."""
        self._scalars = scalars
        self._arrange()

    def show_ticked(self, keys: Collection[str]) -> None:
        """Have exactly these ticked."""
        self._ticked = frozenset(keys)
        self._show_all_anew()

    def search(self, text: str) -> None:
        """Show only those in whose key the text stands, regardless of case."""
        self._wanted = text.casefold()
        self._arrange()

    def keys(self) -> list[str]:
        """Those that match, in their order."""
        return list(self._rows)

    def _arrange(self) -> None:
        self._show_rows([key for key in self._scalars if self._wanted in key.casefold()])

    # What the list says

    def state(self, row: str) -> Qt.CheckState:
        return Qt.CheckState.Checked if row in self._ticked else Qt.CheckState.Unchecked

    def tick(self, row: str, *, on: bool) -> None:
        self.toggled.emit(row, on)

    def says(self, row: str, role: int) -> Any:
        if role == DISPLAY:
            return f"{row}    {self._scalars[row]:,}"
        if role == TOOLTIP:
            return plain_tip(row)
        return f"{row}, {plural(self._scalars[row], 'run')}" if role == ACCESSIBLE else None
