"""The command palette: any command by a few letters of its name."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Slot
from PySide6.QtGui import QAction, QIcon, QKeyEvent, QKeySequence, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from gui.actions import AREAS, plain_text, specs
from gui.dialogs.dialog_size import text_size
from gui.naming import named
from gui.views.two_column_delegate import RightRole, TwoColumnDelegate

_ActionRole = Qt.ItemDataRole.UserRole
_BEHIND_NAMES = 100_000
_FULL_TEXTS = {spec.id: spec.full_text for spec in specs() if spec.full_text}
_KEYS_OF_LIST = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


class CommandPalette(QDialog):
    """Lists every command; Enter does the one that is marked, if it can be done now.

    Args:
        actions: Every action; disabled ones come last and grey.
        delegate: Draws name and shortcut.
        parent: The window.
    """

    def __init__(
        self, actions: Iterable[QAction], delegate: TwoColumnDelegate, parent: QWidget
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("commandPalette")
        self.setWindowTitle("Commands")
        self._actions = list(actions)
        self._edit = named(QLineEdit(), "commandEdit", "Command")
        self._edit.setPlaceholderText("Type a command")
        self._list = named(QListWidget(), "commandList", "Commands")
        self._list.setItemDelegate(delegate)
        self._list.setUniformItemSizes(True)
        side = max(16, self.fontMetrics().height())
        self._list.setIconSize(QSize(side, side))
        self._nothing = named(QLabel("No command has this name."), "commandNothing")
        self._nothing.setContentsMargins(4, 6, 4, 0)
        empty = QPixmap(side, side)
        empty.fill(Qt.GlobalColor.transparent)
        self._no_icon = QIcon(empty)
        delegate.setParent(self._list)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addWidget(self._edit)
        layout.addWidget(self._list)
        layout.addWidget(self._nothing, 1, Qt.AlignmentFlag.AlignTop)
        self._edit.textChanged.connect(self._refresh)
        self._edit.returnPressed.connect(self._run_current)
        self._edit.installEventFilter(self)
        self._list.itemClicked.connect(self._run_current)
        wanted = text_size(self, 70, 26)
        self._greatest_height = min(wanted.height(), parent.height() - 80)
        self.resize(min(wanted.width(), parent.width() - 40), self._greatest_height)
        self._refresh("")

    def show_over(self, window: QWidget) -> None:
        """Open near the top of the window, in its middle."""
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - self.width()) // 2, corner.y() + 70)
        self.show()
        self._edit.setFocus()

    def shown_actions(self) -> list[QAction]:
        """What the list offers, best first."""
        return [self._list.item(row).data(_ActionRole) for row in range(self._list.count())]

    @Slot(str)
    def _refresh(self, text: str) -> None:
        self._list.clear()
        ranked = [(_rank(text, action), action) for action in self._actions]
        found = [(rank, action) for rank, action in ranked if rank is not None]
        order = _order if text.strip() else _order_of_all
        for _, action in sorted(found, key=order):
            item = QListWidgetItem(self._icon_of(action), _title(action))
            item.setData(_ActionRole, action)
            shortcut = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            item.setData(RightRole, shortcut)
            item.setToolTip(action.statusTip())
            if not action.isEnabled():
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self._list.addItem(item)
        self._nothing.setVisible(not found)
        self._list.setVisible(bool(found))
        self._list.setCurrentRow(0)
        self._fit_height()

    def _icon_of(self, action: QAction) -> QIcon:
        """Its icon, or nothing of the same size: names stand below each other."""
        return self._no_icon if action.icon().isNull() else action.icon()

    def _fit_height(self) -> None:
        """As high as what was found needs, so that an empty list does not hide the runs."""
        rows = max(1, self._list.count()) * max(24, self._list.sizeHintForRow(0))
        self.resize(self.width(), min(self._greatest_height, rows + self._edit.height() + 34))

    @Slot()
    def _run_current(self) -> None:
        item = self._list.currentItem()
        if item is not None and item.flags() & Qt.ItemFlag.ItemIsEnabled:
            action: QAction = item.data(_ActionRole)
            self.close()
            action.trigger()

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        is_press = event.type() == QEvent.Type.KeyPress
        if is_press and isinstance(event, QKeyEvent) and event.key() in _KEYS_OF_LIST:
            self._list.event(event)
            return True
        return super().eventFilter(watched, event)


def rank_match(typed: str, title: str) -> int | None:
    """How well letters fit a title, 0 best; None when they do not occur in it in that order."""
    wanted, text = "".join(typed.split()).casefold(), title.casefold()
    if typed.strip().casefold() in text:
        return text.index(typed.strip().casefold())
    place, first, gaps = -1, -1, 0
    for letter in wanted:
        found = text.find(letter, place + 1)
        if found < 0:
            return None
        gaps += found - place - 1 if place >= 0 else 0
        first = found if first < 0 else first
        place = found
    return 100 + gaps + first


def _rank(typed: str, action: QAction) -> int | None:
    """By the name; words that stand only in the explanation come after all names."""
    rank = rank_match(typed, _title(action))
    if rank is not None:
        return rank
    tip = action.statusTip().casefold()
    return _BEHIND_NAMES if all(word in tip for word in typed.casefold().split()) else None


def _order(found: tuple[int, QAction]) -> tuple[bool, int, str]:
    rank, action = found
    return (not action.isEnabled(), rank, _title(action))


def _order_of_all(found: tuple[int, QAction]) -> tuple[bool, bool, int]:
    """Before anything is typed: what concerns runs comes first, closing and quitting last."""
    action = found[1]
    prefixes = [area.prefix for area in AREAS]
    prefix = action.objectName().partition(".")[0]
    place = prefixes.index(prefix) if prefix in prefixes else len(prefixes)
    return not action.isEnabled(), prefix != "run", place


def _title(action: QAction) -> str:
    prefix = action.objectName().partition(".")[0]
    area = next((area.title for area in AREAS if area.prefix == prefix), "")
    return f"{area}: {_FULL_TEXTS.get(action.objectName()) or plain_text(action.text())}"
