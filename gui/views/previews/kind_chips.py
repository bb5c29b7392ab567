"""Chips above a preview: how many runs of each kind there are, and a press shows only those."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from core.text import format_bytes, plural
from gui.models.transfer_model import Group, Sum
from gui.naming import named
from gui.views.flow_row import FlowRow

_TITLES: Mapping[Group, str] = {
    "copy": "To copy",
    "pull": "Pull",
    "push": "Push",
    "new": "New",
    "newer-there": "Newer there",
    "newer-here": "Newer here",
    "conflict": "Conflict",
    "running": "Running",
    "same": "Same",
    "problem": "Not possible",
    "all": "All",
}
_TIPS: Mapping[Group, str] = {
    "copy": "What is ticked is copied",
    "pull": "What is ticked and comes from the other side",
    "push": "What is ticked and goes to the other side",
    "new": "Not on the other side",
    "newer-there": "The other side has more of them",
    "newer-here": "This side has more of them",
    "conflict": "Changed on both sides since they were equal",
    "running": "They still go on; what they have by now is copied",
    "same": "Equal on both sides",
    "problem": "Why is said in their rows",
    "all": "Everything that was compared",
}
_LOUD: frozenset[Group] = frozenset({"conflict", "problem"})


class KindChips(FlowRow):
    """A button a kind that occurs; one of them is pressed.

    Args:
        is_sync: Whether runs go both ways, which then have a button each.
        parent: Owner.

    Signals:
        chosen: Another one was pressed.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None, *, is_sync: bool = False) -> None:
        super().__init__(8, parent)
        ways: frozenset[Group] = frozenset({"pull", "push"})
        self._hidden = frozenset() if is_sync else ways
        copied: frozenset[Group] = frozenset({"copy"})
        always = copied.union(ways.difference(self._hidden))
        self._always: dict[Group, Sum] = dict.fromkeys(always, Sum())
        named(self, "kindChips", "Kinds of runs")
        self._sums: Mapping[Group, Sum] = {}
        self._buttons: dict[Group, QToolButton] = {}
        self.group: Group = "all"
        for group in _TITLES:
            self.add(self._make(group))

    def show_sums(self, sums: Mapping[Group, Sum]) -> None:
        """Show the kinds that occur, with their numbers."""
        shown = {group: sum_ for group, sum_ in sums.items() if group not in self._hidden}
        self._sums = self._always | shown
        for group, button in self._buttons.items():
            button.setVisible(group in self._sums and bool(sums))
            sum_ = self._sums.get(group, Sum())
            tip = f"{_TIPS[group]}: {plural(sum_.runs, 'run')}, {format_bytes(sum_.bytes)}"
            button.setToolTip(tip)
        self._write()
        if self.group not in self._sums:
            self.press("all")

    def press(self, group: Group) -> None:
        """Show only the runs of one kind."""
        self.group = group
        for each, button in self._buttons.items():
            button.setChecked(each == group)
        self.chosen.emit()

    def _make(self, group: Group) -> QToolButton:
        button = named(QToolButton(), f"kind-{group}")
        button.setCheckable(True)
        button.setProperty("chip", "loud" if group in _LOUD else "quiet")
        button.clicked.connect(lambda _on=False: self.press(group))
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.hide()
        self._buttons[group] = button
        return button

    def _write(self) -> None:
        for group, sum_ in self._sums.items():
            is_told = bool(sum_.bytes) and group != "all"
            amount = f" · {format_bytes(sum_.bytes)}" if is_told else ""
            self._buttons[group].setText(f"{_TITLES[group]} {sum_.runs:,}{amount}")
        self.arrange()
