"""The whole log of a test of a connection, line by line, and what came of it."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from gui.naming import in_role, named
from gui.theme import Theme, mono_font
from gui.tool_tip import plain

_MOST_LINES = 5_000
_LINES = 8


class ConnectionLog(QWidget):
    """A sentence with a sign, and the lines below.

    Args:
        theme: Colours and icons.
        parent: Owner.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._sign = QLabel()
        self._sentence = named(plain(QLabel()), "connectionEnd")
        self._sentence.setWordWrap(True)
        self._lines = named(QPlainTextEdit(), "connectionLog", "Log of the test")
        self._lines.setReadOnly(True)
        self._lines.setMaximumBlockCount(_MOST_LINES)
        self._lines.setFont(mono_font())
        self._lines.setMinimumHeight(_LINES * self._lines.fontMetrics().lineSpacing() + 16)
        self._lines.setTabChangesFocus(True)
        top = QHBoxLayout()
        top.setSpacing(8)
        top.addWidget(self._sign)
        top.addWidget(self._sentence, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(top)
        layout.addWidget(self._lines, 1)

    def begin(self) -> None:
        """A test begins."""
        self._lines.clear()
        self._say("status-running", "running", "Connecting…")

    def wait_for(self, text: str) -> None:
        """The test waits for an answer."""
        self._say("state-asking", "warning", text)

    def go_on(self) -> None:
        """The answer is there."""
        self._say("status-running", "running", "Connecting…")

    def add(self, line: str) -> None:
        """One more line."""
        self._lines.appendPlainText(line)
        self._lines.moveCursor(QTextCursor.MoveOperation.End)

    def end(self, sentence: str, *, is_good: bool) -> None:
        """The test is over."""
        icon, token = ("status-completed", "completed") if is_good else ("status-error", "error")
        self._say(icon, token, sentence)

    def text(self) -> str:
        """All lines."""
        return self._lines.toPlainText()

    def _say(self, icon: str, token: str, sentence: str) -> None:
        self._sign.setPixmap(self._theme.icon(icon, token).pixmap(16, 16))
        self._sentence.setText(sentence)
        in_role(self._sentence, token if token == "error" else "")
        self._sentence.style().polish(self._sentence)
