"""One sentence above the table about the home, with at most one thing to do about it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from gui.naming import named
from gui.theme import Theme

Gravity = Literal["info", "warning"]

FADE_MS = 10_000


class NoticeBar(QFrame):
    """Shows the newest of the sentences that are still true; hidden without any.

    Each sentence belongs to a topic: saying something new about it replaces the old sentence,
    and the topic is dropped when it is settled.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("noticeBar")
        self._theme = theme
        self._notices: dict[str, tuple[str, Gravity, str, Callable[[], object] | None]] = {}
        self._sign = QLabel()
        self._text = named(QLabel(), "noticeText")
        self._text.setWordWrap(True)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._button = named(QPushButton(), "noticeButton")
        self._close = named(QToolButton(), "noticeClose", "Close this message")
        self._close.setToolTip("Close this message")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 6, 8, 6)
        layout.setSpacing(9)
        layout.addWidget(self._sign, 0)
        layout.addWidget(self._text, 1)
        layout.addWidget(self._button)
        layout.addWidget(self._close)
        self._button.clicked.connect(self._on_button_clicked)
        self._close.clicked.connect(self._on_close_clicked)
        theme.changed.connect(self._refresh)
        self._refresh()

    def say(
        self,
        topic: str,
        sentence: str,
        gravity: Gravity = "warning",
        button: str = "",
        do: Callable[[], object] | None = None,
        *,
        fades: bool = False,
    ) -> None:
        """Show a sentence.

        Args:
            topic: What it is about.
            sentence: What is the case, and what to do; empty where the topic is settled.
            gravity: Its sign.
            button: Text of the button; empty for none.
            do: Called by the button, which also drops the topic.
            fades: Whether it is settled by itself after a while: something was done as asked.
        """
        self.drop(topic)
        if sentence:
            self._notices[topic] = (sentence, gravity, button, do)
            self._refresh()
        if fades:
            QTimer.singleShot(FADE_MS, self, lambda: self._fade(topic, sentence))

    def drop(self, topic: str) -> None:
        """A topic is settled; does nothing when nothing was said about it."""
        if self._notices.pop(topic, None) is not None:
            self._refresh()

    def text(self) -> str:
        """The sentence shown now; empty when hidden."""
        return next(reversed(self._notices.values()))[0] if self._notices else ""

    def _fade(self, topic: str, sentence: str) -> None:
        """The sentence was read, unless the topic has another one by now."""
        if topic in self._notices and self._notices[topic][0] == sentence:
            self.drop(topic)

    def _refresh(self) -> None:
        self.setVisible(bool(self._notices))
        self._close.setIcon(self._theme.icon("close", "muted"))
        if not self._notices:
            return
        sentence, gravity, button, _ = next(reversed(self._notices.values()))
        colour = "warning" if gravity == "warning" else "accent"
        self._sign.setPixmap(self._theme.icon(gravity, colour).pixmap(16, 16))
        self._sign.setAccessibleName(gravity.capitalize())
        self._text.setText(sentence)
        self._button.setText(button)
        self._button.setVisible(bool(button))

    def _on_button_clicked(self) -> None:
        topic, (_, _, _, do) = next(reversed(self._notices.items()))
        self.drop(topic)
        if do is not None:
            do()

    def _on_close_clicked(self) -> None:
        self.drop(next(reversed(self._notices)))
