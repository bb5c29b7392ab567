"""Tool tips and labels that show what runs say, as plain text.

Why: Qt takes a text that looks like HTML for HTML. A label, a tag or a file name may hold
`<img src=…>`, and hovering over it would load that.
"""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

LONGEST = 4000
"""Characters of a tool tip; more would not fit on a screen."""


def plain_tip(text: str) -> str:
    """The text of a tool tip such that Qt shows exactly `text`, cut where it is very long."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    if "<" not in cut:  # without a tag Qt never takes it for HTML
        return cut
    return f'<span style="white-space:pre-wrap">{escape(cut)}</span>'


def plain(label: QLabel) -> QLabel:
    """The same label, which shows its text as it is."""
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
