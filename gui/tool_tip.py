"""Tool tips and labels that show what runs say, as plain text.

Why: Qt takes a text that looks like HTML for HTML. A label, a tag or a file name may hold
`<img src=…>`, and hovering over it would load that.
"""

from __future__ import annotations

from html import escape
from textwrap import wrap

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

LONGEST = 4000
"""Characters of a tool tip; more would not fit on a screen."""
WIDEST = 100
"""Characters of a line of it: Qt would show a long one across the whole screen."""
MOST_LINES = 24


def plain_tip(text: str) -> str:
    """The text of a tool tip such that Qt shows `text` as it is, in lines that fit on a screen."""
    cut = text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
    if len(cut) > WIDEST:
        cut = _in_lines(cut)
    if "<" not in cut:  # without a tag Qt never takes it for HTML
        return cut
    return f'<span style="white-space:pre-wrap">{escape(cut)}</span>'


def _in_lines(text: str) -> str:
    lines: list[str] = []
    for line in text.splitlines():
        parts = [line] if len(line) <= WIDEST else wrap(line, WIDEST, break_on_hyphens=False)
        lines += parts or [""]
    if len(lines) > MOST_LINES:
        lines[MOST_LINES - 1 :] = ["…"]
    return "\n".join(lines)


def plain(label: QLabel) -> QLabel:
    """The same label, which shows its text as it is."""
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
