"""The middle of the window: the filter row, sentences about the home, and the table under them."""

from __future__ import annotations

from PySide6.QtGui import QAction, QIcon, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from gui.actions import plain_text
from gui.naming import named
from gui.services import Services
from gui.views.empty_state import EmptyState
from gui.views.notice_bar import NoticeBar
from gui.views.parcel_bar import ParcelBar
from gui.views.tab_order import lead_through, reached_before

_BUTTON_PADDING = 14
_LEAST_FILTER = 16  # letters that a filter box worth typing into shows


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
        self.parcel = ParcelBar(services.theme)
        self._table: QWidget | None = None
        self._filter: QWidget | None = None
        self._behind: tuple[QWidget | None, QWidget | None] | None = None
        self.filter_row = named(QWidget(), "filterRow")
        self._row = QHBoxLayout(self.filter_row)
        self._row.setContentsMargins(12, 9, 12, 9)
        self._row.setSpacing(8)
        self._buttons = [_RowButton(action) for action in (save_list, choose_columns)]
        for button in self._buttons:
            self._row.addWidget(button)
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.filter_row)
        layout.addWidget(self.notices)
        layout.addWidget(self.stack, 1)
        layout.addWidget(self.parcel)
        self.filter_row.hide()

    def put(self, filter_box: QWidget, table: QWidget) -> None:
        """Show the filter box and the table of another home."""
        self.clear()
        self._filter, self._table = filter_box, table
        self._row.insertWidget(0, filter_box, 1)
        self.stack.addWidget(table)
        self.filter_row.show()
        lead_through(reached_before(self), filter_box, *self._buttons, table)
        self.show_table(is_empty=True)

    def lend(self, filter_box: QWidget, table: QWidget) -> None:
        """Show these in front of the home's, which stay as they are until `give_back`."""
        self.give_back()
        self._behind = self._filter, self._table
        self._change_to(filter_box, table)

    def give_back(self) -> None:
        """Show the home's again; what was in front belongs to nobody here."""
        if self._behind is not None:
            behind, self._behind = self._behind, None
            for widget in (self._filter, self._table):
                if widget is not None:
                    widget.hide()
                    widget.setParent(None)
            self._filter, self._table = None, None
            self._change_to(*behind)

    def _change_to(self, filter_box: QWidget | None, table: QWidget | None) -> None:
        if self._filter is not None:
            self._filter.hide()
        self._filter, self._table = filter_box, table
        if filter_box is None or table is None:
            return
        if self._row.indexOf(filter_box) < 0:
            self._row.insertWidget(0, filter_box, 1)
            self.stack.addWidget(table)
        filter_box.show()
        lead_through(reached_before(self), filter_box, *self._buttons, table)

    def clear(self) -> None:
        """Let go of the filter box and the table: their home is closed."""
        self.give_back()
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

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        texts = sum(button.whole_width + self._row.spacing() for button in self._buttons)
        margins = self._row.contentsMargins()
        room = self.width() - margins.left() - margins.right() - texts
        is_roomy = room >= _LEAST_FILTER * self.fontMetrics().averageCharWidth() + 60
        for button in self._buttons:
            button.show_text(is_shown=is_roomy)


class _RowButton(QPushButton):
    """A button for an action: its text, or its icon alone where there is no room for that."""

    def __init__(self, action: QAction) -> None:
        texts = {"list.save": "Save as List…"}
        self._text = texts.get(action.objectName(), plain_text(action.text()))
        super().__init__(self._text)
        self._action = action
        self.setAccessibleName(self._text)
        self.setAccessibleDescription(action.statusTip())
        self.setToolTip(action.toolTip())
        self.setEnabled(action.isEnabled())
        action.enabledChanged.connect(self.setEnabled)
        action.changed.connect(self._refresh)
        self.clicked.connect(action.trigger)

    @property
    def whole_width(self) -> int:
        """The width that its text needs."""
        return self.fontMetrics().horizontalAdvance(self._text) + 2 * _BUTTON_PADDING

    def show_text(self, *, is_shown: bool) -> None:
        """Show the text or the icon."""
        self.setText(self._text if is_shown else "")
        self._refresh()

    def _refresh(self) -> None:
        self.setIcon(QIcon() if self.text() else self._action.icon())
