"""The small controls of the plots: switches, menus of columns, and what is saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from gui.plots.plot_columns import key_title

_FAMILIES = {"flag": "Flags", "scalar": "Scalars", "attr": "Attributes", "": "Fields"}


def switch(text: str, name: str, parent: QWidget) -> QToolButton:
    """A button that is on or off."""
    button = QToolButton(parent)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setText(text)
    button.setCheckable(True)
    button.setAccessibleName(name)
    button.setToolTip(name)
    return button


def command(text: str, tip: str, parent: QWidget) -> QToolButton:
    """A button that does something at once; as high as those beside it: the plot keeps its size."""
    button = QToolButton(parent)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setText(text)
    button.setToolTip(tip)
    return button


class KeyButton(QToolButton):
    """Shows which column is chosen, and lets the user choose another.

    Args:
        caption: What the column decides, e.g. "Colour".
        parent: Owner.

    Signals:
        chosen: The user chose this key.
    """

    chosen = Signal(str)

    def __init__(self, caption: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._caption = caption
        self._key = ""
        self._titles: dict[str, str] = {}
        self._menu = QMenu(self)
        self._group = QActionGroup(self)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.setMenu(self._menu)

    @property
    def key(self) -> str:
        """The chosen key."""
        return self._key

    def offer(self, first: Sequence[tuple[str, str]], keys: Sequence[str]) -> None:
        """Offer some named choices first, then columns by family.

        Args:
            first: Key and title of each.
            keys: Columns; those of a family are in a menu of their own, which is filled when it is
                opened: runs may have thousands of them.
        """
        self._menu.clear()
        self._titles = dict(first)
        for key, title in first:
            self._add(self._menu, key, title)
        families: dict[str, list[str]] = {}
        for key in keys:
            families.setdefault(key.partition(":")[0] if ":" in key else "", []).append(key)
        for family, members in families.items():
            menu = self._menu.addMenu(_FAMILIES.get(family, family))
            menu.setStyleSheet("QMenu { menu-scrollable: 1; }")
            menu.aboutToShow.connect(lambda menu=menu, keys=members: self._fill(menu, keys))
        self.show_key(self._key)

    def show_key(self, key: str, title: str = "") -> None:
        """Show this as chosen."""
        self._key = key
        text = title or self._titles.get(key) or key_title(key)
        shown = text if len(text) <= 24 else f"{text[:23]}…"
        self.setText(f"{self._caption}: {shown} ▾")
        self.setAccessibleName(f"{self._caption}: {text}")
        self.setToolTip(f"{self._caption}: {text}")
        for action in self._group.actions():
            action.setChecked(action.data() == key)

    def show_none(self) -> None:
        """Show the caption alone: what is chosen is done at once and not kept here."""
        self.show_key("")
        self.setText(f"{self._caption} ▾")
        self.setAccessibleName(self._caption)
        self.setToolTip(self._caption)

    def _fill(self, menu: QMenu, keys: Sequence[str]) -> None:
        """Have the columns of a family in its menu, which was empty until now."""
        for key in keys if menu.isEmpty() else ():
            self._add(menu, key, key_title(key))

    def _add(self, menu: QMenu, key: str, title: str) -> None:
        action = QAction(title.replace("&", "&&"), menu)
        action.setCheckable(True)
        action.setChecked(key == self._key)
        action.setData(key)
        action.triggered.connect(lambda _=False, key=key: self.choose(key))
        self._group.addAction(action)
        menu.addAction(action)

    def choose(self, key: str) -> None:
        """Do as if the user chose this."""
        self.show_key(key)
        self.chosen.emit(key)


def menu_button(
    text: str, name: str, entries: Sequence[tuple[str, Callable[[], None]]], parent: QWidget
) -> QToolButton:
    """A button that opens a menu of commands."""
    button = QToolButton(parent)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    button.setText(f"{text} ▾")
    button.setAccessibleName(name)
    button.setToolTip(name)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setStyleSheet("QToolButton::menu-indicator { image: none; }")
    menu = QMenu(button)
    for title, do in entries:
        menu.addAction(title).triggered.connect(lambda _=False, do=do: do())
    button.setMenu(menu)
    return button
