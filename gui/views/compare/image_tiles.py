"""The pictures of many runs as tiles, all zoomed and moved together.

Only tiles in view are drawn, and only their pictures are wanted. A few tiles share the whole room
between them; of many, each has a size that the user may change.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil

from msgspec import Struct
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QToolTip, QWidget

from gui.compare.picture_store import PictureKey, StoredPicture
from gui.compare.picture_zoom import MOVES, STEP, PictureZoom, draw_picture
from gui.theme import Theme
from gui.tool_tip import plain_tip

FEW = 12
"""So many tiles, or fewer, share the room between them."""
SIZES = (140, 180, 240, 320, 440, 600)
"""Widths of tiles that the user may choose from."""
USUAL = 2
"""The one at first; up to it two are beside each other where the least one has room twice."""
_GAP = 10
_SHAPE = 0.72  # height of a picture's room, for its width
_DRAG = 4  # pixels; less is a click


class Tile(Struct, frozen=True):
    """One run.

    Attributes:
        run_id: Its id.
        name: For people.
        colour: That it has everywhere.
        key: Its picture; None where it has none.
    """

    run_id: str
    name: str
    colour: QColor
    key: PictureKey | None


class LateTiles:
    """Tiles that are made when they are seen: of 10,000 runs that is some dozen.

    Args:
        ids: Ids of the runs in the order of the tiles.
        make: Makes the tile at a place.
    """

    def __init__(self, ids: Sequence[str], make: Callable[[int], Tile]) -> None:
        self._ids = ids
        self._make = make
        self._made: dict[int, Tile] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def __getitem__(self, place: int) -> Tile:
        if place not in self._made:
            self._made[place] = self._make(place)
        return self._made[place]

    def place_of(self, run_id: str) -> int:
        """Where the tile of a run is; -1 where it has none."""
        return self._ids.index(run_id) if run_id in self._ids else -1


class ImageTiles(QAbstractScrollArea):
    """Draws tiles.

    Args:
        theme: The colours.
        picture: Gives a picture that is there.
        parent: Owner.

    Signals:
        seen_changed: Other tiles are in view: their pictures are wanted.
        run_selected: A tile was clicked, or gone to (id of its run).
        run_activated: The user wants to go to a run (its id).
    """

    seen_changed = Signal()
    run_selected = Signal(str)
    run_activated = Signal(str)

    def __init__(
        self,
        theme: Theme,
        picture: Callable[[PictureKey], StoredPicture | None],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._theme = theme
        self._picture = picture
        self._tiles = LateTiles((), _no_tile)
        self._current = ""
        self._press: QPointF | None = None
        self._is_dragging = False
        self._columns, self._size = 1, QSize(1, 1)
        self.size_number = USUAL
        self.zoom = PictureZoom(self)
        self.zoom.changed.connect(self._on_zoomed)
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        theme.changed.connect(self.viewport().update)

    # What is shown

    def show_tiles(self, tiles: LateTiles) -> None:
        """Show other tiles; zoom and place stay."""
        self._tiles = tiles
        self._lay_out()

    def mark(self, run_id: str) -> None:
        """Have a run as the current one."""
        if run_id != self._current:
            self._current = run_id
            self.viewport().update()

    def set_size_number(self, number: int) -> None:
        """Have tiles of another size, one of SIZES."""
        self.size_number = min(len(SIZES) - 1, max(0, number))
        self._lay_out()

    @property
    def shares_room(self) -> bool:
        """Whether the tiles are few enough to share the room between them."""
        return len(self._tiles) <= FEW

    @property
    def pixels(self) -> int:
        """Pixels of the longer side that a picture is worth decoding to."""
        side = max(self._size.width(), self._size.height()) * self.devicePixelRatioF()
        return 4096 if not self.zoom.is_fitted else min(4096, 256 * ceil(side / 256))

    def seen(self) -> list[Tile]:
        """The tiles in view, from the top."""
        return [self._tiles[place] for place in self._places_seen()]

    def zoom_by(self, factor: float) -> None:
        """Show all pictures larger or smaller, about the middle."""
        size = self._any_size()
        room = QRectF(QPointF(0, 0), self._room(QRectF(QPointF(0, 0), self._size)).size())
        if not size.isEmpty():
            self.zoom.zoom_at(room.center(), factor, size, room)

    # Inside

    def _lay_out(self) -> None:
        width, height = self.viewport().width(), self.viewport().height()
        count = max(1, len(self._tiles))
        if self.shares_room:
            self._columns = _best_columns(count, width, height)
        else:
            self._columns = max(1, (width - _GAP) // (SIZES[self.size_number] + _GAP))
            if self.size_number <= USUAL and (width - _GAP) // (SIZES[0] + _GAP) > 1:
                self._columns = max(2, self._columns)  # to be compared
        self._columns = min(self._columns, count)
        rows = ceil(count / self._columns)
        tile = (width - _GAP) // self._columns - _GAP
        head = self._caption()
        tall = int(tile * _SHAPE) + head
        if self.shares_room:
            tall = max(120, (height - _GAP) // rows - _GAP)
        self._size = QSize(max(60, tile), tall)
        bar = self.verticalScrollBar()
        bar.setRange(0, max(0, rows * (tall + _GAP) + _GAP - height))
        bar.setPageStep(height)
        bar.setSingleStep(max(20, tall // 4))
        self.viewport().update()
        self.seen_changed.emit()

    def _places_seen(self) -> range:
        top = self.verticalScrollBar().value()
        bottom = top + self.viewport().height()
        height = self._size.height() + _GAP
        first = max(0, (top - _GAP) // height) * self._columns
        last = (bottom // height + 1) * self._columns
        return range(min(first, len(self._tiles)), min(last, len(self._tiles)))

    def _caption(self) -> int:
        return self.fontMetrics().height() + 8

    def _rect(self, index: int) -> QRectF:
        row, column = divmod(index, self._columns)
        x = _GAP + column * (self._size.width() + _GAP)
        y = _GAP + row * (self._size.height() + _GAP) - self.verticalScrollBar().value()
        return QRectF(x, y, self._size.width(), self._size.height())

    def _room(self, rect: QRectF) -> QRectF:
        return rect.adjusted(1, 1, -1, -self._caption())

    def _index_at(self, point: QPointF) -> int:
        """The tile at a point of the viewport; -1 between tiles."""
        for index in self._places_seen():
            if self._rect(index).contains(point):
                return index
        return -1

    def _any_size(self) -> QSize:
        """The size of a picture that is there: one that is in view, if any."""
        for tile in self.seen():
            found = self._picture(tile.key) if tile.key is not None else None
            if found is not None and not found.image.isNull():
                return found.image.size()
        return QSize()

    def _draw(self, painter: QPainter, tile: Tile, rect: QRectF) -> None:
        room = self._room(rect)
        painter.fillRect(room, self._theme.colour("code"))
        found = self._picture(tile.key) if tile.key is not None else None
        if found is not None and not found.image.isNull():
            draw_picture(painter, found.image, self.zoom.place(found.image.size(), room), room)
        else:
            self._draw_words(painter, _reason(tile, found), room)
        is_current = tile.run_id == self._current
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(self._theme.colour("accent" if is_current else "line"))
        painter.drawRect(room.adjusted(-0.5, -0.5, 0.5, 0.5))
        if is_current:
            painter.drawRect(room.adjusted(-1.5, -1.5, 1.5, 1.5))
        self._draw_caption(painter, tile, rect)

    def _draw_words(self, painter: QPainter, text: str, room: QRectF) -> None:
        painter.setPen(self._theme.colour("muted"))
        flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
        painter.drawText(room.adjusted(8, 4, -8, -4), flags, text)

    def _draw_caption(self, painter: QPainter, tile: Tile, rect: QRectF) -> None:
        head = QRectF(rect.x(), rect.bottom() - self._caption() + 2, rect.width(), 0)
        head.setBottom(rect.bottom())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(tile.colour)
        painter.drawEllipse(QPointF(head.x() + 6, head.center().y()), 4.5, 4.5)
        painter.restore()
        painter.setPen(self._theme.colour("text" if tile.key is not None else "muted"))
        place = head.adjusted(16, 0, 0, 0)
        text = self.fontMetrics().elidedText(
            tile.name, Qt.TextElideMode.ElideRight, int(place.width())
        )
        painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)

    def _go_to(self, index: int) -> None:
        """Make a tile the current one and bring it into view."""
        if not 0 <= index < len(self._tiles):
            return
        rect, bar = self._rect(index), self.verticalScrollBar()
        if rect.top() < _GAP:
            bar.setValue(bar.value() + int(rect.top()) - _GAP)
        elif rect.bottom() > self.viewport().height() - _GAP:
            bar.setValue(bar.value() + int(rect.bottom()) - self.viewport().height() + _GAP)
        self.mark(self._tiles[index].run_id)
        self.run_selected.emit(self._current)

    def _current_index(self) -> int:
        return self._tiles.place_of(self._current)

    def _copy(self) -> None:
        index = self._current_index()
        key = self._tiles[index].key if index >= 0 else None
        found = self._picture(key) if key is not None else None
        if found is not None and not found.image.isNull():
            QGuiApplication.clipboard().setImage(found.image)

    def _on_scrolled(self) -> None:
        self.viewport().update()
        self.seen_changed.emit()

    def _on_zoomed(self) -> None:
        self.viewport().update()
        self.seen_changed.emit()

    # Qt overrides

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), self._theme.colour("window"))
        painter.setFont(self.font())
        for index in self._places_seen():
            self._draw(painter, self._tiles[index], self._rect(index))
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    def wheelEvent(self, event: QWheelEvent) -> None:
        is_zoom = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if not is_zoom and self.verticalScrollBar().maximum():
            super().wheelEvent(event)
            return
        index = self._index_at(event.position())
        size = self._any_size()
        if index >= 0 and not size.isEmpty():
            room = self._room(self._rect(index))
            factor = STEP ** (event.angleDelta().y() / 120)
            self.zoom.zoom_at(event.position(), factor, size, room)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press, self._is_dragging = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        delta = event.position() - self._press
        if not self._is_dragging and delta.manhattanLength() < _DRAG:
            return
        self._is_dragging = True
        index = self._index_at(event.position())
        room = self._room(self._rect(max(0, index)))
        self.zoom.move_by(delta, self._any_size(), room)
        self._press = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._is_dragging and self._press is not None:
            self._go_to(self._index_at(event.position()))
        self._press = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        index = self._index_at(event.position())
        if index >= 0:
            self.run_activated.emit(self._tiles[index].run_id)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: -1,
            Qt.Key.Key_Right: 1,
            Qt.Key.Key_Up: -self._columns,
            Qt.Key.Key_Down: self._columns,
        }
        key, index = Qt.Key(event.key()), self._current_index()
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        elif key in MOVES and event.modifiers() == Qt.KeyboardModifier.ShiftModifier:
            room = self._room(QRectF(QPointF(0, 0), self._size))
            self.zoom.move_by(MOVES[key], self._any_size(), room)
        elif key in steps and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self._go_to(0 if index < 0 else index + steps[key])
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus):
            self.zoom_by(1 / STEP if key == Qt.Key.Key_Minus else STEP)
        elif key == Qt.Key.Key_0:
            self.zoom.reset()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and index >= 0:
            self.run_activated.emit(self._current)
        else:
            super().keyPressEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            self._show_tip(event.pos(), event.globalPos())
            return True
        return super().viewportEvent(event)

    def _show_tip(self, point: QPoint, place: QPoint) -> None:
        index = self._index_at(QPointF(point))
        text = ""
        if index >= 0:
            tile = self._tiles[index]
            found = self._picture(tile.key) if tile.key is not None else None
            size = found.size if found is not None and not found.image.isNull() else None
            text = tile.name
            if size is not None:
                text += f"\n{size.width()} × {size.height()}"
        QToolTip.showText(place, plain_tip(text), self)


def _no_tile(place: int) -> Tile:
    raise IndexError(place)


def _reason(tile: Tile, found: StoredPicture | None) -> str:
    if tile.key is None:
        return "This run has no such picture"
    return "…" if found is None else found.problem


def _best_columns(count: int, width: int, height: int) -> int:
    """How many columns give the tiles the largest pictures."""

    def picture(columns: int) -> float:
        rows = ceil(count / columns)
        return min(width / columns, height / rows / _SHAPE)

    return max(range(1, count + 1), key=picture)
