"""The middle of the window: the filter row, sentences about the home, and the tabs under them."""

from __future__ import annotations

from PySide6.QtGui import QAction, QIcon, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QStackedWidget, QVBoxLayout, QWidget

from gui.actions import plain_text
from gui.compare.chosen_runs import ChosenRuns
from gui.naming import named
from gui.services import Services
from gui.views.centre_tabs import CentreTabs
from gui.views.empty_state import EmptyState
from gui.views.jobs.parcel_bar import ParcelBar
from gui.views.notice_bar import NoticeBar
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

    Attributes:
        tabs: The home's runs and what is about them, in front or not.
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
        self.parcel = ParcelBar(services.theme)
        self._filter: QWidget | None = None
        self._behind: QWidget | None = None
        self.tabs = CentreTabs(services)
        self._front = self.tabs
        self._pile = QStackedWidget()
        self._pile.addWidget(self.tabs)
        self.filter_row = named(QWidget(), "filterRow")
        self._row = QHBoxLayout(self.filter_row)
        self._row.setContentsMargins(12, 9, 12, 9)
        self._row.setSpacing(8)
        self._buttons = [_RowButton(action) for action in (save_list, choose_columns)]
        for button in self._buttons:
            self._row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.filter_row)
        layout.addWidget(self.notices)
        layout.addWidget(self._pile, 1)
        layout.addWidget(self.parcel)
        self.filter_row.hide()

    @property
    def front(self) -> CentreTabs:
        """The tabs that are shown: the home's, or those lent."""
        return self._front

    @property
    def stack(self) -> QStackedWidget:
        """What is below the tabs that are shown."""
        return self._front.stack

    @property
    def empty(self) -> EmptyState:
        """What says why there would be nothing to show."""
        return self._front.empty

    def put(self, filter_box: QWidget, table: QWidget, chosen: ChosenRuns | None = None) -> None:
        """Show the filter box and the table of another home, and pages about its chosen runs."""
        self.clear()
        self._filter = filter_box
        self._row.insertWidget(0, filter_box, 1)
        self.tabs.put(table, chosen)
        self.filter_row.show()
        lead_through(reached_before(self), filter_box, *self._buttons, self.tabs.bar, table)

    def lend(self, filter_box: QWidget, tabs: CentreTabs) -> None:
        """Show these in front of the home's, which stay as they are until `give_back`."""
        self.give_back()
        self._behind = self._filter
        self._change_filter(filter_box)
        self._front = tabs
        self._pile.addWidget(tabs)
        self._pile.setCurrentWidget(tabs)
        lead_through(reached_before(self), filter_box, *self._buttons, tabs)

    def give_back(self) -> None:
        """Show the home's again; what was in front belongs to nobody here."""
        if self._behind is None:
            return
        front, behind = self._filter, self._behind
        self._behind = None
        self._change_filter(behind)
        if front is not None:
            front.setParent(None)
        lent, self._front = self._front, self.tabs
        self._pile.setCurrentWidget(self.tabs)
        lent.setParent(None)
        lead_through(reached_before(self), behind, *self._buttons, self.tabs)

    def _change_filter(self, filter_box: QWidget) -> None:
        if self._filter is not None:
            self._filter.hide()
        self._filter = filter_box
        if self._row.indexOf(filter_box) < 0:
            self._row.insertWidget(0, filter_box, 1)
        filter_box.show()

    def clear(self) -> None:
        """Let go of the filter box and the table: their home is closed."""
        self.give_back()
        if self._filter is not None:
            self._filter.hide()
            self._filter.setParent(None)
            self._filter.deleteLater()
        self._filter = None
        self.filter_row.hide()
        self.tabs.clear()

    def show_table(self, *, is_empty: bool) -> None:
        """Show what the tab says, or why it would be empty."""
        self._front.show_table(is_empty=is_empty)

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
