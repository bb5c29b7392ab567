"""The places on the left: one click, or the arrow keys, change what the table shows."""

from __future__ import annotations

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPoint,
    QRectF,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDragMoveEvent,
    QDropEvent,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QTreeView, QWidget

from gui.models.any_index import AnyIndex
from gui.models.places_model import (
    PASSED_OVER,
    Place,
    PlaceKind,
    PlacesModel,
    Section,
)
from gui.theme import Theme
from gui.views.sidebar.place_delegate import PlaceDelegate, place_width
from gui.views.sidebar.place_drops import PlaceDrop, read_drop

_USUAL_TITLE, _USUAL_COUNT = "seed × lr  17 Dec 2025", "12 / 13"
_EDGES = 12  # the padding of the style sheet
_Move = QTreeView.CursorAction
_UPWARDS = frozenset({_Move.MoveUp, _Move.MovePageUp, _Move.MovePrevious, _Move.MoveEnd})


class PlacesView(QTreeView):
    """A tree that is always open and remembers its current place by name.

    Args:
        model: What it shows.
        theme: Its colours.
        parent: Owner.

    Signals:
        place_chosen: The user went to a place that shows runs of this home.
        home_chosen: The user clicked, or pressed Enter on, another home.
        command_chosen: The user clicked, or pressed Enter on, a command (the id of its action).
        menu_requested: The user wants the menu of a place (place, global position).
        name_requested: The user wants to give a place another name (F2).
        dropped: Something was dropped on a place, or beside all of them (a PlaceDrop).
        subject_changed: Actions on a place are about another one (see `subject`).
    """

    place_chosen = Signal(object)
    home_chosen = Signal(object)
    command_chosen = Signal(str)
    menu_requested = Signal(object, QPoint)
    name_requested = Signal(object)
    dropped = Signal(object)
    subject_changed = Signal()

    def __init__(self, model: PlacesModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("placesTree")
        self.setAccessibleName("Places")
        self._places = model
        self.setModel(model)
        self.setItemDelegate(PlaceDelegate(theme, self))
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setItemsExpandable(False)
        self.setIndentation(0)
        self.setMouseTracking(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setEditTriggers(QTreeView.EditTrigger.NoEditTriggers)
        self.setAcceptDrops(True)
        self._theme = theme
        self._target: tuple[PlaceKind, str] | None = None
        self._wanted = (PlaceKind.RUNS, "")
        self._asked: Place | None = None
        self._is_following = False
        self.customContextMenuRequested.connect(self._on_menu_requested)
        self.clicked.connect(self._on_clicked)
        model.rowsInserted.connect(self._on_rows_changed)
        model.rowsRemoved.connect(self._on_rows_changed)
        theme.changed.connect(self.viewport().update)
        self._on_rows_changed()

    def current_place(self) -> Place | None:
        """The place that is marked; None when it went away."""
        return self._places.place(self.currentIndex())

    def subject(self) -> Place | None:
        """What actions on a place are about: the one whose menu is open, else the marked one."""
        return self._asked or self.current_place()

    def ask_about(self, place: Place | None) -> None:
        """Let actions be about a place that need not be the marked one; None ends that."""
        if place is not self._asked:
            self._asked = place
            self.subject_changed.emit()

    def choose(self, place: Place) -> None:
        """Go to a place, as a click on it does."""
        self.setCurrentIndex(self._places.index_of(place.name))

    def usual_width(self) -> int:
        """The width in which a batch is shown whole with its day, beside a scroll bar."""
        scroll_bar = self.verticalScrollBar().sizeHint().width()
        place = place_width(self.fontMetrics(), _USUAL_TITLE, _USUAL_COUNT)
        return place + scroll_bar + _EDGES

    def mark(self, name: tuple[PlaceKind, str]) -> None:
        """Mark a place as the current one, as soon as it is shown, without choosing it."""
        self._wanted = name
        self._follow_wanted()

    @Slot()
    def _on_rows_changed(self) -> None:
        for section in Section:
            index = self._places.section_index(section)
            is_empty = self._places.rowCount(index) == 0
            self.setRowHidden(index.row(), QModelIndex(), is_empty)
            if not is_empty and not self.isExpanded(index):
                self.expand(index)
        self._follow_wanted()

    def _follow_wanted(self) -> None:
        index = self._places.index_of(self._wanted)
        self._is_following = True
        if index.isValid():
            flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
            self.selectionModel().setCurrentIndex(index, flag)
        else:
            self.selectionModel().clear()
        self._is_following = False

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        place = self._places.place(index)
        if place is not None and (place.kind in PASSED_OVER or place.name == self._wanted):
            self._choose(place)  # again, where it is the current one: its filter may have changed

    def _choose(self, place: Place) -> None:
        if place.kind is PlaceKind.HOME:
            self.home_chosen.emit(place)
        elif place.kind is PlaceKind.COMMAND:
            self._follow_wanted()
            self.command_chosen.emit(place.key)
        else:
            self.place_chosen.emit(place)

    @Slot(QPoint)
    def _on_menu_requested(self, position: QPoint) -> None:
        place = self._places.place(self.indexAt(position))
        if place is not None:
            self.menu_requested.emit(place, self.viewport().mapToGlobal(position))

    def _drop_of(self, event: QDropEvent) -> PlaceDrop | None:
        """What would be dropped where the pointer is; shows the place that takes it."""
        position = event.position().toPoint()
        place = self._places.place(self.indexAt(position))
        source, at = event.source(), self.viewport().mapToGlobal(position)
        is_own = isinstance(source, QWidget) and source.window() is self.window()
        drop = read_drop(event.mimeData(), place, at, is_own=is_own)
        is_taken = drop is not None and (drop.is_for_home or bool(drop.remote))
        self._show_target(place.name if place is not None and is_taken else None)
        return drop

    def _show_target(self, target: tuple[PlaceKind, str] | None) -> None:
        if target != self._target:
            self._target = target
            self.viewport().update()

    # Qt overrides

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        self.dragMoveEvent(event)
        event.accept()  # else the moves over other places would not be told

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        if self._drop_of(event) is None:
            event.ignore()
        else:
            event.setDropAction(Qt.DropAction.CopyAction)
            event.accept()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self._show_target(None)

    def dropEvent(self, event: QDropEvent) -> None:
        drop = self._drop_of(event)
        self._show_target(None)
        if drop is None:
            event.ignore()
            return
        event.setDropAction(Qt.DropAction.CopyAction)
        event.accept()
        self.dropped.emit(drop)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.RightButton:
            event.accept()  # it asks for the menu of a place and goes nowhere
        else:
            super().mousePressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if self._target is not None:
            painter = QPainter(self.viewport())
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._theme.colour("accent"), 1.5))
            area = self.visualRect(self._places.index_of(self._target))
            painter.drawRoundedRect(QRectF(area).adjusted(1, 1, -1, -1), 6, 6)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Qt makes the first place current where none is; the user has not chosen it by that.

        None is while the place that is shown is not counted yet, as a tag that just got its name.
        """
        self._is_following = True
        super().focusInEvent(event)
        self._is_following = False

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:
        super().currentChanged(current, previous)
        self.subject_changed.emit()
        place = self._places.place(current)
        if place is None or place.kind in PASSED_OVER:
            return
        if self._is_following or self._places.is_changing:
            return
        if place.name != self._wanted:
            self._wanted = place.name
            self.place_chosen.emit(place)

    def moveCursor(
        self, action: QTreeView.CursorAction, modifiers: Qt.KeyboardModifier
    ) -> QModelIndex:
        """Keys pass over headings; at either end they stay on the last place."""
        look = self.indexAbove if action in _UPWARDS else self.indexBelow
        here = self.currentIndex()
        index = super().moveCursor(action, modifiers)
        while index.isValid() and self._places.place(index) is None:
            index = look(index)
        return index if index.isValid() else here

    def keyPressEvent(self, event: QKeyEvent) -> None:
        place = self.current_place()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and place is not None:
            self._choose(place)
            return
        if event.key() == Qt.Key.Key_F2 and place is not None:
            self.name_requested.emit(place)
            return
        super().keyPressEvent(event)
