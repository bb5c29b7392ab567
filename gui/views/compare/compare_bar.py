"""What is above the comparison: how it is shown, how runs are grouped, which view that is."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QAction, QPainter, QPaintEvent, QPolygonF, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QToolButton, QWidget

from gui.actions import plain_text
from gui.naming import in_role, named
from gui.theme import Theme
from gui.tool_tip import plain_tip
from gui.views.elided_label import ElidedLabel

_LONGEST = 28  # letters of what stands on a button


class CompareBar(QWidget):
    """Buttons for the actions of a comparison, and how much differs.

    Args:
        theme: For the icons.
        parent: Owner.

    Attributes:
        group_menu: Filled by whoever knows what runs can be grouped by.
        view_menu: Filled by whoever knows the views.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("compareBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._theme = theme
        self._whole_summary = ""
        self.group_menu = named(QMenu(self), "compareGroupMenu")
        self.view_menu = named(QMenu(self), "compareViewMenu")
        self._group = _MenuButton("compareGroup", "Group", self.group_menu, theme)
        self._view = _MenuButton("compareView", "View", self.view_menu, theme)
        self._buttons: list[QToolButton] = [self._group, self._view]
        self._rare: list[QToolButton] = []
        summary = ElidedLabel(side=Qt.AlignmentFlag.AlignRight)
        self._summary = in_role(named(summary, "compareSummary"), "muted")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 5, 12, 5)
        self._row.setSpacing(4)
        self._row.addWidget(self._group)
        self._row.addWidget(self._view)
        self._row.addWidget(self._summary, 1)
        theme.changed.connect(self._dress)
        self._dress()

    def use_actions(self, first: list[QAction], last: list[QAction]) -> None:
        """Have a button for each action: some before those with menus, some after."""
        before = [self._button(action) for action in first]
        after = [self._button(action) for action in last]
        self._buttons = [*before, *self._buttons, *after]
        self._rare = before[1:]
        for place, button in enumerate(self._buttons):
            self._row.insertWidget(place, button)
        for one, next_one in pairwise(self._buttons):
            QWidget.setTabOrder(one, next_one)
        self._fit()

    def show_group(self, text: str, tip: str) -> None:
        """Say what the runs are grouped by; empty for nothing."""
        self._label(self._group, "Group", text, tip or "Put runs together and show their means")
        self._fit()

    def show_view(self, name: str) -> None:
        """Say which view this is; empty for none."""
        self._label(self._view, "View", name, "Named views of the comparison")
        self._fit()

    def show_summary(self, text: str) -> None:
        """Say how much is compared, as much of it as there is room for."""
        self._whole_summary = text
        self._fit_summary()

    def open_group_menu(self) -> None:
        """Drop the menu of groups down, for the keyboard."""
        self._group.showMenu()

    def open_view_menu(self) -> None:
        """Drop the menu of views down, for the keyboard."""
        self._view.showMenu()

    def _fit(self) -> None:
        """Texts on the buttons where there is room.

        Else what is rarely clicked is its icon, as the names of groups and views say more; else
        those are single words; else all are icons.
        """
        icon, text = (
            Qt.ToolButtonStyle.ToolButtonIconOnly,
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon,
        )
        for icons, is_short in (
            ([], False), (self._rare, False), ([], True), (self._rare, True), (self._buttons, True),
        ):  # fmt: skip
            for button in self._buttons:
                button.setToolButtonStyle(icon if button in icons else text)
            for named_button in (self._group, self._view):
                named_button.be_short(on=is_short)
            if self._has_room():
                break
        self._row.activate()
        self._fit_summary()

    def _has_room(self) -> bool:
        room = sum(button.sizeHint().width() + self._row.spacing() for button in self._buttons)
        return room + 2 * self._row.contentsMargins().left() <= self.width()

    def _fit_summary(self) -> None:
        whole, label = self._whole_summary, self._summary
        first = whole.partition(" · ")[0]
        advance = label.fontMetrics().horizontalAdvance
        texts = (whole, first, first.partition(" of ")[0])
        label.setText(next((text for text in texts if advance(text) <= label.width()), ""))
        label.setToolTip(plain_tip(whole))

    @staticmethod
    def _label(button: _MenuButton, word: str, text: str, tip: str) -> None:
        shown = text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
        button.show_texts(f"{word}: {shown}".replace("&", "&&") if text else word, word)
        button.setAccessibleName(f"{word}: {text}" if text else word)
        button.setToolTip(tip)
        button.setProperty("chosen", bool(text))
        button.style().unpolish(button)
        button.style().polish(button)

    def _button(self, action: QAction) -> QToolButton:
        button = QToolButton()
        button.setDefaultAction(action)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAccessibleName(plain_text(action.text()))
        return button

    def _dress(self) -> None:
        size = max(14, self.fontMetrics().height() - 2)
        for button, icon in ((self._group, "batch"), (self._view, "list")):
            button.setIcon(self._theme.icon(icon, "muted"))
            button.setIconSize(QSize(size, size))

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()


class _MenuButton(QToolButton):
    """A button that drops a menu down, and shows so by a quiet sign of its own."""

    def __init__(self, name: str, text: str, menu: QMenu, theme: Theme) -> None:
        super().__init__()
        named(self, name, text)
        self._theme = theme
        self.setText(text)
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._texts = (text, text)

    def show_texts(self, text: str, short: str) -> None:
        """Say this, or only a word where there is no room."""
        self._texts = (text, short)
        self.setText(text)

    def be_short(self, *, on: bool) -> None:
        """Whether there is room for a word only."""
        self.setText(self._texts[on])

    # Qt overrides

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("muted"))
        x, y = self.width() - 11.0, self.height() / 2
        painter.drawPolygon(
            QPolygonF([QPointF(x - 3.5, y - 1.5), QPointF(x + 3.5, y - 1.5), QPointF(x, y + 2.5)])
        )
