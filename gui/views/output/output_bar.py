"""The line above the output: how much there is, and how it is shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from core.runs.output import OutputState
from core.text import format_bytes, plural
from gui.naming import in_role, named
from gui.theme import Theme
from gui.views.elided_label import ElidedLabel
from gui.views.output.output_paint import TimeMode

_TIMES: tuple[tuple[TimeMode, str], ...] = (
    ("none", "No Time"),
    ("relative", "Time Since the Start"),
    ("clock", "Time of Day"),
)
_ICONS = {
    "output.follow": "follow",
    "output.wrap": "wrap",
    "output.next-stderr": "next-stderr",
    "output.find": "search",
}


class OutputBar(QWidget):
    """Status on the left, buttons on the right; its actions are also in the view's menu.

    An action's object name is its id. Shortcuts are handled by the tab, since some of them mean
    something else in the rest of the window; here they are only told of.

    Signals:
        times_changed: Another time is to be shown beside each line.
    """

    times_changed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.status = named(in_role(ElidedLabel(), "muted"), "outputStatus", "State of the output")
        self.follow = self._action("output.follow", "&Follow", "Stay at the end as the run goes on")
        self.wrap = self._action("output.wrap", "&Wrap Lines", "Break long lines at the edge")
        self.numbers = self._action("output.numbers", "Line &Numbers", "Show line numbers")
        self.next_stderr = self._action(
            "output.next-stderr", "Next &Stderr", "Next stderr lines", "F4"
        )
        self.previous_stderr = self._action(
            "output.previous-stderr", "&Previous Stderr", "Previous stderr lines", "Shift+F4"
        )
        self.search = self._action("output.find", "S&earch…", "Search in the output", "Ctrl+F")
        self.read_all = self._action(
            "output.read-all", "&Read All", "Read the beginning too, which was left out"
        )
        self.read_all.setVisible(False)
        self.copy = self._action("output.copy", "&Copy", "Copy the selected text", "Ctrl+C")
        self.select_all = self._action("output.select-all", "Select &All", "Select all", "Ctrl+A")
        for action in (self.follow, self.wrap, self.numbers):
            action.setCheckable(True)
            action.setIconVisibleInMenu(False)  # its place is the tick's there
        self.times = QActionGroup(self)
        for mode, text in _TIMES:
            action = self._action(f"output.time-{mode}", text, f"{text} beside each line")
            action.setCheckable(True)
            action.setData(mode)
            action.setChecked(mode == "none")
            action.toggled.connect(self._on_time_toggled)
            self.times.addAction(action)
        self._lay_out()
        theme.changed.connect(self._dress)
        self._dress()

    @property
    def time_mode(self) -> TimeMode:
        """Which time is to be shown beside each line."""
        return cast("TimeMode", self.times.checkedAction().data())

    def choices(self) -> dict[str, Any]:
        """What the user chose, as plain values; following is about one run and not among them."""
        return {
            "wrap": self.wrap.isChecked(),
            "numbers": self.numbers.isChecked(),
            "times": self.time_mode,
        }

    def set_choices(self, choices: Mapping[str, Any]) -> None:
        """Take what `choices` gave; what is not understood is left as it is."""
        for action, name in ((self.wrap, "wrap"), (self.numbers, "numbers")):
            if isinstance(is_on := choices.get(name), bool):
                action.setChecked(is_on)
        for action in self.times.actions():
            if action.data() == choices.get("times"):
                action.setChecked(True)

    def show_state(self, state: OutputState) -> None:
        """Say how much output there is."""
        self.read_all.setVisible(bool(state.left_out))
        for action in (self.next_stderr, self.previous_stderr, self.times):
            action.setEnabled(not state.left_out)  # nobody knows which line is the first one here
        if state.problem:
            self.say("")
        elif state.left_out:
            left, shown = format_bytes(state.left_out), format_bytes(state.size)
            self.say(_joined(f"{left} left out before the last {shown}", state.note))
        elif state.is_counted:
            lines, size = plural(state.lines, "line"), format_bytes(state.size)
            self.say(_joined(lines, size, state.note))
        else:
            share = 100 * state.counted // max(1, state.size)
            self.say(f"{format_bytes(state.size)} · counting lines, {share} %")

    def say(self, text: str) -> None:
        """Show a sentence in place of the status, until that changes."""
        self.status.setText(text)

    def fill_menu(self, menu: QMenu) -> None:
        """Add everything that can be done with the output."""
        menu.addActions([self.read_all, self.copy, self.select_all])
        menu.addSeparator()
        menu.addActions([self.search, self.next_stderr, self.previous_stderr])
        menu.addSeparator()
        menu.addActions([self.follow, self.wrap, self.numbers])
        menu.addSeparator()
        menu.addActions(self.times.actions())

    def _lay_out(self) -> None:
        layout = QHBoxLayout(self)
        layout.setContentsMargins(12, 4, 8, 4)
        layout.setSpacing(2)
        layout.addWidget(self.status, 1)
        self._all = named(QToolButton(), "outputReadAll", "Read all of the output")
        self._all.setDefaultAction(self.read_all)
        self._all.setVisible(False)
        self.read_all.visibleChanged.connect(
            lambda: self._all.setVisible(self.read_all.isVisible())
        )
        layout.addWidget(self._all)
        for action in (self.next_stderr, self.search, self.wrap, self.follow):
            button = QToolButton()
            button.setDefaultAction(action)
            button.setAccessibleName(action.toolTip())
            layout.addWidget(button)
        self._more = named(QToolButton(), "outputOptions", "Columns and more")
        self._more.setToolTip("Line numbers, times and more")
        self._more.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self._more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._menu = QMenu(self._more)
        self.fill_menu(self._menu)
        self._more.setMenu(self._menu)
        layout.addWidget(self._more)

    def _action(self, name: str, text: str, tip: str, keys: str = "") -> QAction:
        action = QAction(text, self)
        action.setObjectName(name)
        action.setToolTip(f"{tip} ({keys})" if keys else tip)
        if keys:
            action.setShortcut(QKeySequence(keys))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)  # shown, not in force
            action.setShortcutVisibleInContextMenu(True)
        return action

    def _on_time_toggled(self, is_on: bool) -> None:
        if is_on:
            self.times_changed.emit()

    def _dress(self) -> None:
        for action in self.findChildren(QAction, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if action.objectName() in _ICONS:
                action.setIcon(self._theme.icon(_ICONS[action.objectName()], "muted"))
        self._more.setIcon(self._theme.icon("more", "muted"))


def _joined(*facts: str) -> str:
    return " · ".join(filter(None, facts))
