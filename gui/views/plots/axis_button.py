"""The button that says what x is, and lets the user choose another meaning."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QActionGroup
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from core.curves import Axis

AXIS_TITLES: dict[Axis, str] = {
    "step": "step",
    "order": "order of writing",
    "relative": "relative time",
    "wall": "wall time",
}


class AxisButton(QToolButton):
    """Offers the meanings of x that the values have; keeps the user's choice where it can.

    Signals:
        chosen: Another meaning is in force.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._offered: tuple[Axis, ...] = ()
        self._axis: Axis = "step"
        self._wish: Axis | None = None
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.setStyleSheet("QToolButton::menu-indicator { image: none; }")
        self.setAccessibleName("What x is")
        self.setToolTip("What x is")
        self._menu = QMenu(self)
        self._group = QActionGroup(self)
        self.setMenu(self._menu)

    @property
    def axis(self) -> Axis:
        """The meaning in force."""
        return self._axis

    @property
    def offered(self) -> tuple[Axis, ...]:
        """What can be chosen, best first."""
        return self._offered

    @property
    def wish(self) -> Axis | None:
        """What the user chose, offered now or not; None for no choice."""
        return self._wish

    def set_wish(self, wish: object) -> None:
        """Choose what the user chose another time; anything else than an axis is ignored."""
        axis = next((known for known in AXIS_TITLES if known == wish), None)
        if axis is None:
            return
        self._wish = axis
        if axis in self._offered:
            self._set(axis)

    def offer(self, axes: Sequence[Axis]) -> None:
        """Offer these, best first."""
        if tuple(axes) == self._offered:
            return
        self._offered = tuple(axes)
        self._menu.clear()
        for axis in axes:
            action = QAction(AXIS_TITLES[axis], self._menu)
            action.setCheckable(True)
            action.setData(axis)
            action.triggered.connect(lambda _=False, axis=axis: self.choose(axis))
            self._group.addAction(action)
            self._menu.addAction(action)
        self._set(self._wish if self._wish in self._offered else axes[0])

    def choose(self, axis: Axis) -> None:
        """Do as if the user chose `axis`, which must be offered."""
        self._wish = axis
        self._set(axis)

    def _set(self, axis: Axis) -> None:
        is_other = axis != self._axis
        self._axis = axis
        self.setText(f"{AXIS_TITLES[axis]} ▾")
        for action in self._menu.actions():
            action.setChecked(action.data() == axis)
        if is_other:
            self.chosen.emit()
