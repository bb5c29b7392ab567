"""Asks how much each transfer may send a second."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from gui.naming import as_title, in_role, named
from gui.tool_tip import plain

MOST = 10_000_000
"""Kilobytes a second; nobody's network is faster."""

_NOTE = "It counts at once, for transfers that go on too."


class LimitDialog(QDialog):
    """A number with its unit; the least one is no limit.

    Args:
        kilobytes: The limit now, in kilobytes a second; 0 for none.
        parent: The window.

    Attributes:
        number: Where it is typed.

    Signals:
        chosen: The user wants this limit.
    """

    chosen = Signal(int)

    def __init__(self, kilobytes: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "limitDialog")
        self.setWindowTitle("Limit bandwidth")
        self.number = named(QSpinBox(), "limitNumber", "At most, in kilobytes a second")
        self.number.setRange(0, MOST)
        self.number.setSingleStep(100)
        self.number.setGroupSeparatorShown(True)
        self.number.setSuffix(" KB/s")
        self.number.setSpecialValueText("no limit")
        self.number.setValue(kilobytes)
        self.number.setMinimumWidth(22 * self.fontMetrics().averageCharWidth())
        self.number.selectAll()
        self._none = named(QPushButton("&No Limit"), "limitNone")
        self._none.setAutoDefault(False)
        self._none.clicked.connect(lambda: self.number.setValue(0))
        self._lay_out()

    def _lay_out(self) -> None:
        title = as_title(named(plain(QLabel(self.windowTitle())), "limitTitle"))
        label = QLabel("&Each transfer sends at most")
        label.setBuddy(self.number)
        note = in_role(named(plain(QLabel(_NOTE)), "limitNote"), "muted")
        note.setWordWrap(True)
        row = QHBoxLayout()
        row.setSpacing(10)
        for widget in (label, self.number, self._none):
            row.addWidget(widget)
        row.addStretch(1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        verb = named(QPushButton("&Set Limit"), "limitVerb")
        buttons.addButton(verb, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(12)
        layout.addWidget(title)
        layout.addLayout(row)
        layout.addWidget(note)
        layout.addWidget(buttons)
        verb.setDefault(True)  # not before it is in the dialog: that would choose another
        self.number.setFocus()

    # Qt overrides

    def accept(self) -> None:
        self.number.interpretText()
        super().accept()
        self.chosen.emit(self.number.value())
