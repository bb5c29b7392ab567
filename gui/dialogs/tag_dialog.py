"""Renames a tag on every run that has it."""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from core.text import plural
from gui.models.label_preview_model import one_line
from gui.naming import in_role, named
from gui.theme import Theme
from gui.tool_tip import plain
from gui.views.check_box import CheckBox

LONGEST = 1_000


class TagDialog(QDialog):
    """Asks for the new name of a tag.

    Args:
        tag: Its name now.
        counts: All tags of the home with the number of runs of each.
        theme: Colours.
        parent: The window.

    Signals:
        chosen: The new name, and whether labels are to follow.
    """

    chosen = Signal(str, bool)

    def __init__(
        self, tag: str, counts: Mapping[str, int], theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        named(self, "tagDialog")
        self.setWindowTitle("Rename tag")
        self._tag = tag
        self._counts = counts
        caption = plain(QLabel(f"New name of “\u2068{_short(tag)}\u2069”"))
        self.field = named(QLineEdit(tag), "tagName", "New name of the tag")
        self.field.setMaxLength(max(LONGEST, len(tag)))
        self.field.selectAll()
        self.sync = named(CheckBox("Also in the &label", theme), "tagRenameSync")
        self.sync.setToolTip("Replace the old name by the new one in labels too")
        self._note = in_role(named(plain(QLabel()), "tagRenameNote"), "muted")
        self._note.setWordWrap(True)
        self._apply = named(QPushButton(), "tagRenameApply")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        buttons.addButton(self._apply, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        self.field.textChanged.connect(self._show_state)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(9)
        for widget in (caption, self.field, self.sync, self._note):
            layout.addWidget(widget)
        layout.addStretch(1)
        layout.addWidget(buttons)
        self.setMinimumWidth(400)
        self._note.setMinimumHeight(self.fontMetrics().lineSpacing() * 2)
        self._apply.setDefault(True)  # not before it is in the dialog: that would choose another
        self._show_state()

    def name(self) -> str:
        """The new name; empty while it is none, or the old one."""
        text = self.field.text().strip()
        return "" if text == self._tag else text

    @Slot()
    def _show_state(self) -> None:
        runs = plural(self._counts.get(self._tag, 0), "Run")
        self._apply.setText(f"Rename on {runs}")
        self._apply.setEnabled(bool(self.name()))
        there = self._counts.get(self.name(), 0)
        self._note.setText(
            f"{plural(there, 'run')} have this tag already: both become one." if there else ""
        )

    # Qt overrides

    def accept(self) -> None:
        if self.name():
            super().accept()
            self.chosen.emit(self.name(), self.sync.isChecked())


def _short(tag: str) -> str:
    return one_line(tag if len(tag) <= 60 else f"{tag[:60]}…")
