"""A button with a searchable list of scalars to tick: thousands of them are no trouble."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gui.models.scalar_choice_model import ScalarChoiceModel
from gui.naming import named

WIDTH, HEIGHT = 340, 380
MOST_AT_ONCE = 24  # "All shown" ticks no more than can be looked at


class ScalarChooser(QToolButton):
    """Says how many scalars are shown, and lets the user choose others.

    Signals:
        chosen: The user ticked others.
    """

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("scalarChooser")
        self._offered: dict[str, int] = {}
        self._keys: list[str] = []
        self._is_short = False
        self._popup = self._make_popup()
        self.clicked.connect(self._open)
        self._tell()

    @property
    def keys(self) -> tuple[str, ...]:
        """The ticked scalars, in the order in which they are offered."""
        return tuple(self._keys)

    def offer(self, scalars: Mapping[str, int]) -> None:
        """Offer these, with the number of runs that have each."""
        self._offered = dict(scalars)
        self._keys = [key for key in self._keys if key in self._offered]
        self._model.show_scalars(self._offered)
        self._tell()

    def set_keys(self, keys: Iterable[str]) -> None:
        """Tick exactly these, as far as they are offered."""
        wanted = set(keys)
        self._keys = [key for key in self._offered if key in wanted]
        self._tell()

    def be_short(self, *, on: bool) -> None:
        """Take little room."""
        if on != self._is_short:
            self._is_short = on
            self._tell()

    def _make_popup(self) -> QFrame:
        popup = QFrame(self, Qt.WindowType.Popup)
        popup.setFrameShape(QFrame.Shape.StyledPanel)
        self.search = named(QLineEdit(popup), "scalarSearch", "Find scalars")
        self.search.setPlaceholderText("Find scalars")
        self.search.setClearButtonEnabled(True)
        self._model = ScalarChoiceModel(popup)
        self._model.toggled.connect(self._on_toggled)
        self.search.textChanged.connect(self._model.search)
        self.search.installEventFilter(self)
        self.list = named(QListView(popup), "scalarList", "Scalars")
        self.list.setModel(self._model)
        self.list.setUniformItemSizes(True)
        self.list.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        buttons = QHBoxLayout()
        for text, slot in (("Tick Found", self._tick_found), ("None", self._tick_none)):
            button = QPushButton(text, popup)
            button.clicked.connect(slot)
            buttons.addWidget(button)
        buttons.addStretch(1)
        layout = QVBoxLayout(popup)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self.search)
        layout.addWidget(self.list, 1)
        layout.addLayout(buttons)
        popup.resize(WIDTH, HEIGHT)
        return popup

    def _open(self) -> None:
        corner = self.mapToGlobal(QPoint(0, self.height() + 2))
        self._popup.move(corner)
        self._popup.show()
        self.search.setFocus()
        self.search.selectAll()

    def _on_toggled(self, key: str, is_on: bool) -> None:
        wanted = {*self._keys, key} if is_on else set(self._keys) - {key}
        self._keys = [each for each in self._offered if each in wanted]
        self._tell()
        self.chosen.emit()

    def _tick_found(self) -> None:
        self._take([*self._keys, *self._model.keys()[:MOST_AT_ONCE]])

    def _tick_none(self) -> None:
        self._take([])

    def _take(self, keys: Sequence[str]) -> None:
        self.set_keys(keys)
        self.chosen.emit()

    def _tell(self) -> None:
        self._model.show_ticked(self._keys)
        shown, total = len(self._keys), len(self._offered)
        name = self._keys[0] if shown == 1 else f"{shown} of {total:,} scalars"
        most = 12 if self._is_short else 28
        if self._is_short and shown != 1:
            name = f"{shown} / {total:,}"
        name = name if len(name) <= most else f"{name[: most - 1]}…"
        self.setText(f"{name} ▾")
        self.setAccessibleName(f"Scalars shown: {shown} of {total}")
        self.setToolTip("Choose which scalars are shown")
        self.setEnabled(bool(total))
        self.setMinimumWidth(self.sizeHint().width())

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrow leads from the search to what was found."""
        is_down = isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Down
        if is_down and event.type() == QEvent.Type.KeyPress and self._model.rowCount():
            self.list.setFocus()
            self.list.setCurrentIndex(self._model.index(0))
            return True
        return super().eventFilter(watched, event)
