"""What becomes of runs that are here with other content: one choice for some of them or for all."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QWidget

from core.archives.importing import Choice
from core.text import plural
from gui.models.import_model import CHOICES
from gui.naming import named
from gui.tool_tip import plain

TITLES: dict[Choice, str] = {
    "mine": "&Keep Mine",
    "theirs": "Take &Theirs",
    "merge": "&Merge",
    "both": "Keep &Both",
}
_TIPS: dict[Choice, str] = {
    "mine": "The run here stays as it is",
    "theirs": "The run here goes to the trash, and theirs takes its place",
    "merge": "Add their label, tags, comments and mark to mine; no file changes",
    "both": "Import theirs beside mine, under a new id",
}


class ConflictBar(QWidget):
    """A sentence and a button a choice; the one that is chosen for all of them is pressed.

    Signals:
        chosen: The user chose (a Choice).
    """

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "conflictBar")
        self._text = named(plain(QLabel()), "conflictText")
        self._buttons: dict[Choice, QToolButton] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self._text)
        row.addSpacing(6)
        for choice in CHOICES:
            button = named(QToolButton(), f"conflict-{choice}")
            button.setText(TITLES[choice])
            button.setToolTip(_TIPS[choice])
            button.setCheckable(True)
            button.clicked.connect(lambda _on=False, choice=choice: self.chosen.emit(choice))
            self._buttons[choice] = button
            row.addWidget(button)
        row.addStretch(1)

    def show_conflicts(self, count: int, *, is_selection: bool, choices: set[Choice]) -> None:
        """Say for how many runs a choice counts, and which ones they have by now."""
        if is_selection:
            said = f"{plural(count, 'selected run')} that differ{'s' if count == 1 else ''}:"
        else:
            said = "The run that differs:" if count == 1 else f"All {count:,} runs that differ:"
        self._text.setText(said)
        for choice, button in self._buttons.items():
            button.setChecked(choices == {choice})
        self.setVisible(count > 0)
