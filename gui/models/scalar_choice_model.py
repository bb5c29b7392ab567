"""The scalars that can be plotted, as a list with check boxes, for the chooser.

Why an own model: of 5,000 scalars as many item objects took 40 ms of the GUI thread, each time that
runs were chosen.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
from gui.tool_tip import plain_tip

AnyIndex = QModelIndex | QPersistentModelIndex

_DISPLAY, _TOOLTIP, _CHECK, _ACCESSIBLE = 0, 3, 10, 11
_TOP = QModelIndex()


class ScalarChoiceModel(QAbstractListModel):
    """Scalars that match a search, each with the number of runs that have it.

    Signals:
        toggled: The user ticked a scalar, or took its tick off (its key, whether it is ticked now).
    """

    toggled = Signal(str, bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._scalars: Mapping[str, int] = {}
        self._rows: list[str] = []
        self._ticked: frozenset[str] = frozenset()
        self._wanted = ""

    def show_scalars(self, scalars: Mapping[str, int]) -> None:
        """Offer these, in their order: the number of runs by key."""
        self._scalars = scalars
        self._arrange()

    def show_ticked(self, keys: Collection[str]) -> None:
        """Have exactly these ticked."""
        self._ticked = frozenset(keys)
        if self._rows:
            self.dataChanged.emit(self.index(0), self.index(len(self._rows) - 1), [_CHECK])

    def search(self, text: str) -> None:
        """Show only those in whose key the text stands, regardless of case."""
        self._wanted = text.casefold()
        self._arrange()

    def keys(self) -> list[str]:
        """Those that match, in their order."""
        return list(self._rows)

    def _arrange(self) -> None:
        self.beginResetModel()
        wanted = self._wanted
        self._rows = [key for key in self._scalars if wanted in key.casefold()]
        self.endResetModel()

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
        key = self._rows[index.row()]
        if role == _DISPLAY:
            return f"{key}    {self._scalars[key]:,}"
        if role == _CHECK:
            is_ticked = key in self._ticked
            return Qt.CheckState.Checked if is_ticked else Qt.CheckState.Unchecked
        if role == _TOOLTIP:
            return plain_tip(key)
        return f"{key}, {plural(self._scalars[key], 'run')}" if role == _ACCESSIBLE else None

    def setData(self, index: AnyIndex, value: Any, role: int = _DISPLAY) -> bool:
        if not index.isValid() or role != _CHECK:
            return False
        self.toggled.emit(self._rows[index.row()], Qt.CheckState(value) == Qt.CheckState.Checked)
        return True
