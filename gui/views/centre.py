"""The middle of the window: the filter row, sentences about the home, and the table under them."""

from __future__ import annotations

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from gui.actions import plain_text
from gui.naming import named
from gui.services import Services
from gui.views.empty_state import EmptyState
from gui.views.notice_bar import NoticeBar


class Centre(QWidget):
    """Holds what belongs to the open home; the table and the filter box come with it.

    Args:
        services: For the colours.
        save_list: Keeps the filter as a list.
        choose_columns: Opens the choice of columns.
        parent: Owner.
    """

    def __init__(
        self,
        services: Services,
        save_list: QAction,
        choose_columns: QAction,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("centrePane")
        self.notices = NoticeBar(services.theme)
        self.empty = EmptyState(services.theme)
        self._table: QWidget | None = None
        self._filter: QWidget | None = None
        self.filter_row = named(QWidget(), "filterRow")
        self._row = QHBoxLayout(self.filter_row)
        self._row.setContentsMargins(12, 9, 12, 9)
        self._row.setSpacing(8)
        for action in (save_list, choose_columns):
            self._row.addWidget(_button_for(action))
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.filter_row)
        layout.addWidget(self.notices)
        layout.addWidget(self.stack, 1)
        self.filter_row.hide()

    def put(self, filter_box: QWidget, table: QWidget) -> None:
        """Show the filter box and the table of another home."""
        self.clear()
        self._filter, self._table = filter_box, table
        self._row.insertWidget(0, filter_box, 1)
        self.stack.addWidget(table)
        self.filter_row.show()
        self.show_table(is_empty=True)

    def clear(self) -> None:
        """Let go of the filter box and the table: their home is closed."""
        for widget in (self._filter, self._table):
            if widget is not None:
                widget.hide()
                widget.setParent(None)
                widget.deleteLater()
        self._filter = self._table = None
        self.filter_row.hide()
        self.stack.setCurrentWidget(self.empty)

    def show_table(self, *, is_empty: bool) -> None:
        """Show the table, or why it would be empty."""
        shown = self.empty if is_empty or self._table is None else self._table
        self.stack.setCurrentWidget(shown)


def _button_for(action: QAction) -> QPushButton:
    texts = {"list.save": "Save as list", "view.columns": "Columns"}
    button = QPushButton(texts.get(action.objectName(), plain_text(action.text())))
    button.setToolTip(action.toolTip())
    button.setEnabled(action.isEnabled())
    action.enabledChanged.connect(button.setEnabled)
    button.clicked.connect(action.trigger)
    return button
