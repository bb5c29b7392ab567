"""Names and roles of widgets: for tests and tools from outside, for people who hear the screen."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtGui import QFont
from PySide6.QtWidgets import QLabel, QWidget

W = TypeVar("W", bound=QWidget)


def named(widget: W, object_name: str, accessible_name: str = "") -> W:
    """The same widget, with its object name and what a screen reader calls it."""
    widget.setObjectName(object_name)
    if accessible_name:
        widget.setAccessibleName(accessible_name)
    return widget


def in_role(widget: W, role: str) -> W:
    """The same widget, looking like its role in the style sheet, e.g. "muted" or "heading"."""
    widget.setProperty("role", role)
    return widget


def as_title(label: QLabel) -> QLabel:
    """The same label as the title of a dialog: a size larger, and in bold."""
    font = label.font()
    font.setPointSizeF(font.pointSizeF() * 1.2)
    font.setWeight(QFont.Weight.DemiBold)
    label.setFont(font)
    return label
