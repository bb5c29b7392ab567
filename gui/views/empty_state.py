"""What stands where the table would be when there is nothing to show: why, and what to do."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.actions import plain_text
from gui.naming import in_role, named
from gui.theme import Theme
from gui.tool_tip import plain

_WIDEST_SENTENCE = 460


class EmptyState(QWidget):
    """An icon, a headline, a sentence, and buttons for actions of the window."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("emptyState")
        self._theme = theme
        self._icon_name = "empty-runs"
        self._sign = QLabel()
        self._title = named(plain(QLabel()), "emptyTitle")
        self._sentence = in_role(named(plain(QLabel()), "emptySentence"), "muted")
        self._shown: tuple[object, ...] = ()
        self._title.setWordWrap(True)
        self._sentence.setWordWrap(True)
        for label in (self._sign, self._title, self._sentence):
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._sentence.setMaximumWidth(_WIDEST_SENTENCE)
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons.setSpacing(8)
        layout = QVBoxLayout(self)
        layout.setSpacing(10)
        layout.addStretch(2)
        layout.addWidget(self._sign)
        layout.addWidget(self._title)
        layout.addLayout(self._centred(self._sentence))
        layout.addSpacing(6)
        layout.addLayout(self._buttons)
        layout.addStretch(3)
        theme.changed.connect(self._dress)

    def show_state(
        self, icon: str, title: str, sentence: str, actions: Sequence[QAction] = ()
    ) -> None:
        """Say why nothing is shown; the first action is the one most will want."""
        shown = (icon, title, sentence, tuple(actions))
        if shown == self._shown:  # a button that has the keyboard keeps it
            return
        self._shown = shown
        self._icon_name = icon
        self._title.setText(title)
        self._sentence.setText(sentence)
        self._fill_buttons(actions)
        self._dress()

    def title(self) -> str:
        """The headline shown now."""
        return self._title.text()

    def first_button(self) -> QPushButton | None:
        """The button that most will want; None where there is nothing to do."""
        item = self._buttons.itemAt(1)
        widget = item.widget() if item is not None else None
        return widget if isinstance(widget, QPushButton) else None

    @staticmethod
    def _centred(label: QLabel) -> QHBoxLayout:
        """The label between stretches: with an alignment Qt cuts off wrapped lines."""
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(label, 100)
        row.addStretch(1)
        return row

    def _fill_buttons(self, actions: Sequence[QAction]) -> None:
        while (item := self._buttons.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        self._buttons.addStretch()
        for number, action in enumerate(actions):
            button = QPushButton(plain_text(action.text()))
            button.setObjectName(f"empty:{action.objectName()}")
            button.setToolTip(action.toolTip())
            button.setProperty("primary", number == 0)
            button.clicked.connect(action.trigger)
            self._buttons.addWidget(button, 0, Qt.AlignmentFlag.AlignCenter)
        self._buttons.addStretch()
        self._turn_buttons()

    def _turn_buttons(self) -> None:
        """Side by side, or below each other where there is no room for that."""
        buttons = self.findChildren(QPushButton)
        widths = [button.sizeHint().width() + self._buttons.spacing() for button in buttons]
        is_narrow = sum(widths) + 2 * self._buttons.spacing() > self.width()
        ways = QBoxLayout.Direction
        self._buttons.setDirection(ways.TopToBottom if is_narrow else ways.LeftToRight)

    def _dress(self) -> None:
        """Sign and headline anew: another style sheet takes a label's own font away."""
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * 1.3)
        font.setBold(True)
        self._title.setFont(font)
        self._sign.setPixmap(self._theme.icon(self._icon_name, "muted").pixmap(40, 40))

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._turn_buttons()
