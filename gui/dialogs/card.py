"""The forms that small dialogs have in common: words or fields, and buttons below."""

from __future__ import annotations

from PySide6.QtCore import QMargins, Qt
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

from gui.theme import Theme

_SIGN = 24  # pixels
_FIELDS_WIDTH = 420
MARGINS = QMargins(18, 16, 18, 14)


def sign_of(theme: Theme, icon: str, token: str, name: str) -> QLabel:
    """The sign of a question.

    Args:
        theme: Draws it.
        icon: Its icon.
        token: Role of its colour.
        name: What a screen reader says of it.
    """
    sign = QLabel()
    sign.setPixmap(theme.icon(icon, token).pixmap(_SIGN, _SIGN))
    sign.setAccessibleName(name)
    return sign


def lay_out_card(
    dialog: QDialog, sign: QWidget, words: QVBoxLayout, buttons: QDialogButtonBox
) -> None:
    """Put a sign, words and buttons into a dialog; what is too high leaves room below the words."""
    words.addStretch(1)
    top = QHBoxLayout()
    top.setSpacing(12)
    top.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
    top.addLayout(words, 1)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(MARGINS)
    layout.setSpacing(16)
    layout.addLayout(top)
    layout.addWidget(buttons)


def lay_out_fields(
    dialog: QDialog, fields: QFormLayout, note: QLabel, buttons: QDialogButtonBox
) -> None:
    """Put some fields, what is to be said of them, and buttons into a dialog."""
    note.setWordWrap(True)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(MARGINS)
    layout.setSpacing(12)
    layout.addLayout(fields)
    layout.addWidget(note)
    layout.addWidget(buttons)
    dialog.setMinimumWidth(_FIELDS_WIDTH)
