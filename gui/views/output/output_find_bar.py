"""The bar that searches the output: text or regular expression, how often, next and previous."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from core.runs.output_matchers import Needle
from core.text import plural
from gui.naming import in_role, named
from gui.theme import Theme
from gui.tool_tip import plain
from gui.views.output.output_find import OutputFind

TYPING_MS = 120
MAX_LENGTH = 1000


class OutputFindBar(QWidget):
    """Says what to look for and shows how far the search is.

    Args:
        theme: Icons.
        find: The search that is shown.
        parent: Owner.

    Signals:
        needle_changed: What to look for is another one (Needle; None for nothing).
        step_wanted: Go to the next match (True) or the one before.
        closed: The user is done searching.
    """

    needle_changed = Signal(object)
    step_wanted = Signal(bool)
    closed = Signal()

    def __init__(self, theme: Theme, find: OutputFind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._find = find
        self.edit = named(QLineEdit(), "outputFindEdit", "Search in the output")
        self.edit.setPlaceholderText("Search in output")
        self.edit.setMaxLength(MAX_LENGTH)
        self.edit.installEventFilter(self)
        self.case = self._toggle("Aa", "outputFindCase", "Match case")
        self.regex = self._toggle(".*", "outputFindRegex", "Regular expression")
        self.count = named(in_role(QLabel(), "muted"), "outputFindCount", "Matches")
        self.problem = named(in_role(plain(QLabel()), "error"), "outputFindProblem", "Problem")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.previous = self._button("outputFindPrevious", "Previous match (Shift+F3)")
        self.next = self._button("outputFindNext", "Next match (F3)")
        self.close_button = self._button("outputFindClose", "Close the search (Escape)")
        self._typing = QTimer(self, singleShot=True, interval=TYPING_MS)
        self._lay_out()
        self._connect()
        self._dress()
        self.hide()

    @property
    def needle(self) -> Needle | None:
        """What to look for; None for nothing."""
        text = self.edit.text()
        if not text:
            return None
        return Needle(text, ignore_case=not self.case.isChecked(), is_regex=self.regex.isChecked())

    def open(self, text: str = "") -> None:
        """Show the bar, looking for `text` if it is not empty."""
        if text:
            self.edit.setText(text)
        self.show()
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.edit.selectAll()
        self._tell_needle()

    def step(self, *, forward: bool) -> None:
        """Go to the next or previous match; what was just typed counts."""
        if self._typing.isActive():
            self._tell_needle()
        else:
            self.step_wanted.emit(forward)

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(2)
        row.addWidget(self.edit, 1)
        for button in (self.case, self.regex):
            row.addWidget(button)
        row.addSpacing(4)
        row.addWidget(self.count)
        for button in (self.previous, self.next, self.close_button):
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(2)
        layout.addLayout(row)
        layout.addWidget(self.problem)
        self.count.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Preferred)

    def _connect(self) -> None:
        self.edit.textChanged.connect(lambda _text: self._typing.start())
        self.case.toggled.connect(lambda _on: self._tell_needle())
        self.regex.toggled.connect(lambda _on: self._tell_needle())
        self._typing.timeout.connect(self._tell_needle)
        self.previous.clicked.connect(lambda: self.step(forward=False))
        self.next.clicked.connect(lambda: self.step(forward=True))
        self.close_button.clicked.connect(self.closed)
        self._find.changed.connect(self._show_count)
        self._theme.changed.connect(self._dress)

    def _tell_needle(self) -> None:
        self._typing.stop()
        self.needle_changed.emit(self.needle)

    def _show_count(self) -> None:
        find = self._find
        self.problem.setText(find.problem)
        self.problem.setVisible(bool(find.problem))
        self.count.setText("" if find.problem or self.needle is None else count_text(find))

    def _toggle(self, text: str, name: str, tip: str) -> QToolButton:
        button = self._button(name, tip)
        button.setText(text)
        button.setCheckable(True)
        return button

    def _button(self, name: str, tip: str) -> QToolButton:
        button = named(QToolButton(), name, tip)
        button.setToolTip(tip)
        return button

    def _dress(self) -> None:
        icons = ((self.previous, "up"), (self.next, "down"), (self.close_button, "close"))
        for button, icon in icons:
            button.setIcon(self._theme.icon(icon, "muted"))

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.closed.emit()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                is_back = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.step(forward=not is_back)
                return True
        return super().eventFilter(watched, event)


def count_text(find: OutputFind) -> str:
    """How many matches there are and which is the current one: "3 of 1,204"."""
    state = find.state
    if state is None:
        return ""
    if not state.is_complete:
        share = 100 * state.searched // max(1, state.size)
        return f"{state.count:,} · {share} %"
    if not state.count:
        return "no match"
    if find.current is not None and find.current.number:
        return f"{find.current.number:,} of {state.count:,}"
    return plural(state.count, "match", "matches")
