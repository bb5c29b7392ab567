"""The bar that searches a text: what to look for, how often it is there, next and previous."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from core.text import plural
from gui.naming import in_role, named
from gui.theme import Theme
from gui.views.details.code_view import CodeView
from gui.views.details.text_search import MOST_MATCHES, TextSearch


class FindBar(QWidget):
    """Searches one text. Ctrl+F in `area` shows it, Escape hides it, Enter goes on.

    Args:
        view: The text.
        theme: For the icons.
        area: Where Ctrl+F means this bar.
        parent: Owner.
    """

    def __init__(
        self, view: CodeView, theme: Theme, area: QWidget, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._view = view
        self._theme = theme
        self.search = TextSearch(view, theme)
        self.edit = named(QLineEdit(), "findEdit", "Search in the text")
        self.edit.setPlaceholderText("Search")
        self.count = in_role(QLabel(), "muted")
        self._buttons: list[tuple[QToolButton, str]] = []
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setSpacing(4)
        layout.addWidget(self.edit, 1)
        layout.addWidget(self.count)
        layout.addWidget(self._button("up", "Previous match (Shift+Enter)", -1))
        layout.addWidget(self._button("down", "Next match (Enter)", 1))
        layout.addWidget(self._button("close", "Close (Escape)", 0))
        self.edit.textChanged.connect(self.search.search)
        self.edit.installEventFilter(self)
        self.search.changed.connect(self._show_count)
        theme.changed.connect(self._dress)
        self._area = area
        area.installEventFilter(self)
        self._dress()
        self.hide()

    def open(self) -> None:
        """Show the bar, looking for what is selected in the text if anything is."""
        chosen = self._view.textCursor().selectedText()
        if chosen and "\u2029" not in chosen:  # Qt's sign for the end of a line
            self.edit.setText(chosen)
        self.show()
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.edit.selectAll()
        self.search.search(self.edit.text())

    def close_bar(self) -> None:
        """Hide the bar and its marks, and give the text the keyboard."""
        self.hide()
        self.search.search("")
        self._view.setFocus(Qt.FocusReason.OtherFocusReason)

    def _button(self, icon: str, tip: str, by: int) -> QToolButton:
        button = QToolButton()
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        button.clicked.connect(lambda: self.search.go(by) if by else self.close_bar())
        self._buttons.append((button, icon))
        return button

    def _show_count(self) -> None:
        count = self.search.count
        if not self.edit.text():
            text = ""
        elif not count:
            text = "no match"
        elif self.search.current >= 0:
            text = f"{self.search.current + 1:,} of {count:,}"
        elif count == MOST_MATCHES:
            text = f"{count:,}+ matches"
        else:
            text = plural(count, "match", "matches")
        self.count.setText(text)

    def _dress(self) -> None:
        for button, icon in self._buttons:
            button.setIcon(self._theme.icon(icon, "muted"))

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent):
            handle = self._on_area_key if watched is self._area else self._on_edit_key
            if handle(event):
                return True
        return super().eventFilter(watched, event)

    def _on_area_key(self, event: QKeyEvent) -> bool:
        """Take Ctrl+F before the window's own does: two shortcuts of one key would do nothing."""
        if not event.matches(QKeySequence.StandardKey.Find):
            return False
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
        elif event.type() == QEvent.Type.KeyPress:
            self.open()
        return True

    def _on_edit_key(self, event: QKeyEvent) -> bool:
        if event.type() != QEvent.Type.KeyPress:
            return False
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            back = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            self.search.go(-1 if back else 1)
            return True
        return False
