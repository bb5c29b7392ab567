"""Captions and values below each other, and titled sections: what the overview is made of."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.theme import Theme, mono_font
from gui.views.details.fact_text import FactText
from gui.views.elided_label import ElidedLabel


class FactSheet(QWidget):
    """Rows of a quiet caption and a value; a row without a value is not there."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._rows: dict[str, tuple[QLabel, FactText]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(5)
        self._grid.setColumnStretch(1, 1)

    def add_fact(self, caption: str) -> FactText:
        """Add a row at the end and return where its value is shown."""
        label = QLabel(caption, self)
        label.setProperty("role", "muted")
        label.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        value = FactText(self._theme, self, name=caption)
        row = len(self._rows)
        self._rows[caption] = (label, value)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(value, row, 1)
        return value

    def show_fact(self, caption: str, html: str) -> None:
        """Show the value of a row; an empty one hides it."""
        label, value = self._rows[caption]
        label.setVisible(bool(html))
        value.setVisible(bool(html))
        value.show_html(html)

    def value(self, caption: str) -> FactText:
        """Where the value of a row is shown."""
        return self._rows[caption][1]

    def fact_text(self, caption: str) -> str:
        """The value of a row as plain text; empty where it is hidden."""
        label, value = self._rows[caption]
        return value.toPlainText() if not label.isHidden() else ""


class Section(QWidget):
    """A quiet title with what can be done at the right, over a body."""

    def __init__(self, title: str, body: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.body = body
        self._title = ElidedLabel(self)
        self._title.setText(title)
        self._title.setProperty("role", "muted")
        self._tools = QHBoxLayout()
        self._tools.setSpacing(2)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.addWidget(self._title, 1)
        head.addLayout(self._tools)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(3)
        layout.addLayout(head)
        layout.addWidget(body)

    def set_title(self, title: str) -> None:
        """Show another title."""
        self._title.setText(title)

    @property
    def title(self) -> str:
        """The title on screen."""
        return self._title.text()

    def add_tool(self, tool: QWidget) -> None:
        """Put a button at the right of the title."""
        self._tools.addWidget(tool)


class CodeBlock(QFrame):
    """Fixed-width text on a ground of its own, wrapping anywhere."""

    def __init__(self, theme: Theme, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text = FactText(theme, self, name=name)
        font = mono_font()
        font.setPointSizeF(max(6.0, font.pointSizeF() - 0.5))
        self.text.setFont(font)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addWidget(self.text)


class IconButton(QToolButton):
    """A small button that is only an icon; its name is said and shown as a tooltip."""

    def __init__(self, theme: Theme, icon: str, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._icon = icon
        self.setToolTip(name)
        self.setAccessibleName(name)
        self.setAutoRaise(True)
        side = max(15, self.fontMetrics().height() - 1)
        self.setIconSize(QSize(side, side))
        theme.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        self.setIcon(self._theme.icon(self._icon, "muted"))


def heading_font(base: QFont, *, is_long: bool = False) -> QFont:
    """The font of a page's title; a long one is no larger than the text."""
    font = QFont(base)
    font.setPointSizeF(base.pointSizeF() + (0.5 if is_long else 2))
    font.setWeight(QFont.Weight.DemiBold)
    return font
