"""Asks for a password, a passphrase, or whatever a host wants to know to let somebody in.

What is typed leaves the dialog once, with its signal, and is cleared from the fields.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.dialogs.card import lay_out_card, sign_of
from gui.naming import as_title, in_role, named
from gui.remotes.question_text import Field, Form
from gui.theme import Theme
from gui.tool_tip import plain
from gui.views.check_box import CheckBox

_WIDTH = 60  # letters


class PasswordDialog(QDialog):
    """A form of one or more lines; Enter goes to the next one, and from the last one on.

    Args:
        form: What is asked for.
        theme: Colours and icons.
        can_keep: Whether there is a keyring.
        parent: The window.

    Signals:
        answered: The lines, and whether to keep them (a tuple of texts, a bool).
    """

    answered = Signal(tuple, bool)

    def __init__(
        self, form: Form, theme: Theme, *, can_keep: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        named(self, "passwordDialog")
        self.setWindowTitle(form.title)
        self._theme = theme
        self.fields = [self._field(number, field) for number, field in enumerate(form.fields)]
        self.keep: QCheckBox = named(CheckBox("&Remember in the keyring", theme), "passwordKeep")
        self.keep.setToolTip("In the keyring of this system, and nowhere else")
        self.keep.setVisible(can_keep and form.may_keep)
        self._lay_out(form)

    # Building

    def _field(self, number: int, field: Field) -> QLineEdit:
        line = named(QLineEdit(), f"passwordField-{number}", field.label)
        if not field.is_shown:
            line.setEchoMode(QLineEdit.EchoMode.Password)
            line.setInputMethodHints(
                Qt.InputMethodHint.ImhSensitiveData | Qt.InputMethodHint.ImhNoPredictiveText
            )
        return line

    def _lay_out(self, form: Form) -> None:
        title = as_title(named(plain(QLabel(form.title)), "passwordTitle"))
        facts = in_role(named(plain(QLabel(form.facts)), "passwordFacts"), "muted")
        problem = in_role(named(plain(QLabel(form.problem)), "passwordProblem"), "error")
        problem.setVisible(bool(form.problem))
        for label in (title, facts, problem):
            label.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(6)
        for widget in (title, facts, problem):
            words.addWidget(widget)
        words.addSpacing(4)
        words.addLayout(self._grid(form))
        words.addWidget(self.keep)
        lay_out_card(self, sign_of(self._theme, "key", "accent", "Key"), words, self._buttons())
        width = _WIDTH * self.fontMetrics().averageCharWidth()
        self.setFixedWidth(width)  # else Qt does not ask how high the words are in it
        self._verb.setDefault(True)  # not before it is in the dialog: that would choose another
        self.fields[0].setFocus()

    def _grid(self, form: Form) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        for row, (field, line) in enumerate(zip(form.fields, self.fields, strict=True)):
            label = plain(QLabel(field.label))
            label.setWordWrap(len(field.label) > 24)
            label.setBuddy(line)
            if len(form.fields) == 1 and len(field.label) > 24:
                grid.addWidget(label, 0, 0, 1, 2)
                grid.addWidget(line, 1, 0, 1, 2)
                continue
            grid.addWidget(label, row, 0)
            grid.addWidget(line, row, 1)
            if not field.is_shown:
                grid.addWidget(self._eye(line), row, 2)
        grid.setColumnStretch(1, 1)
        return grid

    def _eye(self, line: QLineEdit) -> QToolButton:
        """Shows what was typed, while it is pressed in."""
        button = named(QToolButton(), f"{line.objectName()}-show", "Show what is typed")
        button.setToolTip("Show what is typed")
        button.setCheckable(True)
        button.setIcon(self._theme.icon("eye", "muted"))
        modes = {True: QLineEdit.EchoMode.Normal, False: QLineEdit.EchoMode.Password}
        button.toggled.connect(lambda on: line.setEchoMode(modes[on]))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return button

    def _buttons(self) -> QDialogButtonBox:
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self._verb = named(QPushButton("&Continue"), "passwordVerb")
        buttons.addButton(self._verb, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        return buttons

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        focus = self.focusWidget()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and focus in self.fields[:-1]:
            self.fields[self.fields.index(focus) + 1].setFocus()
            return
        super().keyPressEvent(event)

    def accept(self) -> None:
        texts = tuple(line.text() for line in self.fields)
        is_kept = self.keep.isVisibleTo(self) and self.keep.isChecked()
        super().accept()
        self.answered.emit(texts, is_kept)

    def done(self, result: int) -> None:
        for line in self.fields:
            line.clear()
        super().done(result)
