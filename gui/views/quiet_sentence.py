"""A sentence in the middle of a list that shows nothing."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractScrollArea, QLabel, QVBoxLayout

from gui.naming import in_role
from gui.tool_tip import plain


def quiet_sentence(view: QAbstractScrollArea, text: str) -> QLabel:
    """A label in the middle of a view, hidden until whoever fills the view shows it.

    Args:
        view: A list, a tree or a table.
        text: Why there is nothing in it.
    """
    label = in_role(plain(QLabel(text)), "muted")
    label.setAlignment(Qt.AlignmentFlag.AlignCenter)
    label.setWordWrap(True)
    layout = QVBoxLayout(view.viewport())
    layout.addWidget(label)
    label.hide()
    return label
