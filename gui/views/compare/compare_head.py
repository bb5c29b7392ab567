"""The heads of the comparison: the runs along one side, the columns along the other.

Why Qt's header of rows holds the runs: it stays where it is while a wide table is scrolled, so that
one always sees whose values these are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QHeaderView, QWidget

from gui.models.compare_model import CompareModel
from gui.theme import Theme, mono_font
from gui.views.table.run_painter import PAD, ROW_MARGIN

SWATCH = 10
_TRIANGLE = 14  # what opens and closes a group
_INDENT = 14
_ARROW = 7
_GAP = 6
_PIN = 12
_EDGE = 4  # how near the pointer must be to the edge that is dragged
_Modifier = Qt.KeyboardModifier
_MIDDLE = int(Qt.AlignmentFlag.AlignVCenter)


class CompareHead(QHeaderView):
    """One of the two heads; what it shows depends on whether runs are rows or columns.

    Args:
        orientation: Whether it is above the table or beside it.
        model: What is compared.
        theme: Colours.
        parent: The table.

    Signals:
        sort_clicked: A column's heading was clicked (its number, whether as a further level).
        group_clicked: The triangle of a group was clicked (the number of its line).
        menu_requested: Right click on a section (-1 beside them) at a global position.
        width_dragged: The user made the head beside the table wider or narrower (in pixels).
    """

    sort_clicked = Signal(int, bool)
    group_clicked = Signal(int)
    menu_requested = Signal(int, QPoint)
    width_dragged = Signal(int)

    def __init__(
        self, orientation: Qt.Orientation, model: CompareModel, theme: Theme, parent: QWidget
    ) -> None:
        super().__init__(orientation, parent)
        self._model = model
        self._theme = theme
        self._colour_of: Callable[[int], QColor] | None = None
        self._sort: Sequence[tuple[str, bool]] = ()
        self._held = _Modifier.NoModifier
        self._pressed_triangle = False
        self._dragged_from: int | None = None
        self.selected: frozenset[int] = frozenset()
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        self.setMouseTracking(True)
        self.sectionClicked.connect(self._on_clicked)

    @property
    def shows_lines(self) -> bool:
        """Whether its sections are runs and groups."""
        is_beside = self.orientation() == Qt.Orientation.Vertical
        return is_beside != self._model.is_turned

    def use_colours(self, colour_of: Callable[[int], QColor]) -> None:
        """Draw the colour of each run beside its name; `colour_of` gives it by slot."""
        self._colour_of = colour_of
        self.viewport().update()

    def show_sort(self, sort: Sequence[tuple[str, bool]]) -> None:
        """Draw the arrows of this order: headers, and whether descending."""
        self._sort = sort
        self.viewport().update()

    def natural_width(self, section: int) -> int:
        """The width in which a section is shown whole."""
        if not self.shows_lines:
            metrics = QFontMetrics(self._heavy())
            marks = _ARROW + 14 + (_ARROW + 4 if self._direction(section) else 0)
            return metrics.horizontalAdvance(self._model.title(section)) + 2 * PAD + marks
        name, mark = self._name(section), self._model.mark(section)
        width = QFontMetrics(self.font()).horizontalAdvance(name) + self._left_of_name(section)
        width += _GAP + QFontMetrics(self._mono()).horizontalAdvance(mark) + 2 * PAD
        return width + 2 * self.frameWidth()

    # Drawing

    def _heavy(self) -> QFont:
        font = QFont(self.font())
        font.setWeight(QFont.Weight.DemiBold)
        return font

    def _mono(self) -> QFont:
        font = mono_font()
        font.setPointSizeF(max(6.0, self.font().pointSizeF() * 0.9))
        return font

    def _name(self, line: int) -> str:
        return self._model.name(line) or self._model.operation(line)

    def _left_of_name(self, line: int) -> int:
        """What stands before a name: a triangle, or the indent of a group and a swatch."""
        shown = self._model.lines[line]
        if shown.row is None:
            return _TRIANGLE
        left = _INDENT if shown.group is not None and not self._model.is_turned else 0
        left += _PIN + 3 if self._model.is_baseline(line) else 0
        return left + (SWATCH + _GAP if self._colour_of is not None else 0)

    def _draw_line(self, painter: QPainter, rect: QRect, line: int) -> None:
        """A run: its colour, its name, its short id; or the heading of a group."""
        is_group = self._model.lines[line].row is None
        area = rect.adjusted(PAD, 0, -PAD, -1)
        if is_group:
            self._draw_triangle(painter, area, line)
        else:
            self._draw_signs(painter, area, line)
        area.setLeft(area.left() + self._left_of_name(line))
        mark = self._model.mark(line)
        small = self.font() if is_group else self._mono()
        room = area.width() - QFontMetrics(small).horizontalAdvance(mark) - _GAP
        painter.setFont(self._heavy() if is_group else self.font())
        painter.setPen(self._theme.colour("text" if self._model.name(line) else "muted"))
        shown = painter.fontMetrics().elidedText(
            self._name(line), Qt.TextElideMode.ElideRight, max(0, room)
        )
        painter.drawText(area, _MIDDLE, shown)
        painter.setFont(small)
        painter.setPen(self._theme.colour("muted"))
        if room > 0:
            painter.drawText(area, _MIDDLE | int(Qt.AlignmentFlag.AlignRight), mark)

    def _draw_signs(self, painter: QPainter, area: QRect, line: int) -> None:
        """The pin of the baseline and the colour of the run."""
        shown = self._model.lines[line]
        x = area.left() + (_INDENT if shown.group is not None and not self._model.is_turned else 0)
        if self._model.is_baseline(line):
            ratio = painter.device().devicePixelRatio()
            pin = self._theme.icon("pin", "accent").pixmap(QSize(_PIN, _PIN), ratio)
            painter.drawPixmap(x, area.center().y() - _PIN // 2 + 1, pin)
            x += _PIN + 3
        slot = self._model.slot(line)
        if self._colour_of is not None and slot is not None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self._colour_of(slot))
            top = area.center().y() - SWATCH // 2 + 1
            painter.drawRoundedRect(QRect(x, top, SWATCH, SWATCH), 3, 3)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _draw_triangle(self, painter: QPainter, area: QRect, line: int) -> None:
        group = self._model.lines[line].group
        is_open = group is not None and self._model.is_open(group)
        middle = QPointF(area.left() + 4, area.center().y() + 0.5)
        corners = [(-3.5, -2.0), (3.5, -2.0), (0, 2.5)] if is_open else [
            (-2.0, -3.5), (-2.0, 3.5), (2.5, 0)
        ]  # fmt: skip
        self._draw_polygon(painter, middle, corners, "muted")

    def _draw_title(self, painter: QPainter, rect: QRect, fact: int) -> None:
        """A column's heading, which way is better, and its place in the order."""
        shown, level = self._model.facts[fact], self._level_of(fact)
        is_numbered = level is not None and len(self._sort) > 1
        direction = self._direction(fact)
        marks = (_ARROW + 4 + (8 if is_numbered else 0)) if level else 0
        sign = _ARROW + 4 if direction else 0
        painter.setFont(self._heavy())
        metrics = painter.fontMetrics()
        room = max(0, rect.width() - 2 * PAD - marks - sign)
        text = metrics.elidedText(shown.look.title, Qt.TextElideMode.ElideRight, room)
        advance = metrics.horizontalAdvance(text)
        is_right = shown.look.is_right and not self._model.is_turned
        whole = advance + marks + sign
        x = rect.right() + 1 - PAD - whole if is_right else rect.left() + PAD
        if direction:
            self._draw_direction(painter, QPointF(x + 3, rect.center().y() + 0.5), direction)
            x += sign
        painter.setPen(self._theme.colour("text" if level else "muted"))
        painter.drawText(QRect(x, rect.top(), advance + 2, rect.height() - 1), _MIDDLE, text)
        if level is not None:
            at = QPointF(x + advance + 4 + _ARROW / 2, rect.center().y() + 0.5)
            turn = 1 if level[1] else -1
            corners = [(-3.5, -2 * turn), (3.5, -2 * turn), (0, 2.5 * turn)]
            self._draw_polygon(painter, at, corners, "accent")
            if is_numbered:
                self._draw_number(
                    painter, QRect(int(at.x()) + 5, rect.top(), 12, rect.height()), level[0]
                )

    def _draw_number(self, painter: QPainter, area: QRect, number: int) -> None:
        small = QFont(self.font())
        small.setPointSizeF(max(6.0, small.pointSizeF() * 0.75))
        painter.setFont(small)
        painter.setPen(self._theme.colour("accent"))
        painter.drawText(area.adjusted(0, 0, 0, -6), _MIDDLE, str(number))

    def _draw_direction(self, painter: QPainter, at: QPointF, direction: str) -> None:
        """A thin arrow towards what is better."""
        turn = 1 if direction == "down" else -1
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(QPen(self._theme.colour("muted"), 1.2))
        tip = at + QPointF(0, 4 * turn)
        painter.drawLine(at - QPointF(0, 4 * turn), tip)
        painter.drawLine(tip, tip + QPointF(-2.5, -2.5 * turn))
        painter.drawLine(tip, tip + QPointF(2.5, -2.5 * turn))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _draw_polygon(
        self, painter: QPainter, middle: QPointF, corners: Sequence[tuple[float, float]], token: str
    ) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour(token))
        painter.drawPolygon(QPolygonF([middle + QPointF(*corner) for corner in corners]))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _direction(self, fact: int) -> str:
        return self._model.facts[fact].direction or ""

    def _level_of(self, fact: int) -> tuple[int, bool] | None:
        """Which level of the order a column is, and whether it is descending."""
        header = self._model.facts[fact].column.header
        found = [(n, down) for n, (name, down) in enumerate(self._sort, start=1) if name == header]
        return found[0] if found else None

    # Pressing

    def _is_on_triangle(self, place: QPoint) -> bool:
        section = self.logicalIndexAt(place)
        left = place.x()
        if self.orientation() == Qt.Orientation.Horizontal:
            left -= self.sectionViewportPosition(section)
        return self.shows_lines and self.is_on_triangle(section, left)

    def is_on_triangle(self, line: int, left: int) -> bool:
        """Whether a place, in pixels from the left of a line's heading, is its triangle."""
        lines = self._model.lines
        return 0 <= line < len(lines) and lines[line].row is None and left < PAD + _TRIANGLE

    def _is_on_edge(self, place: QPoint) -> bool:
        is_beside = self.orientation() == Qt.Orientation.Vertical
        return is_beside and place.x() >= self.width() - _EDGE

    def _on_clicked(self, section: int) -> None:
        if not self.shows_lines:
            is_added = bool(self._held & (_Modifier.ShiftModifier | _Modifier.ControlModifier))
            self.sort_clicked.emit(section, is_added)

    # Qt overrides

    def sizeHint(self) -> QSize:
        """Qt's own asks the model for a hundred headings; widths are set by the table here."""
        return QSize(self.width(), self.fontMetrics().height() + ROW_MARGIN)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        if event.button() == Qt.MouseButton.LeftButton and self._is_on_edge(place):
            self._dragged_from = self.width() - place.x()
        elif event.button() == Qt.MouseButton.LeftButton and self._is_on_triangle(place):
            self.group_clicked.emit(self.logicalIndexAt(place))
        else:
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = event.position().toPoint()
        if self._dragged_from is not None:
            self.width_dragged.emit(place.x() + self._dragged_from)
            return
        super().mouseMoveEvent(event)
        if self._is_on_edge(place):
            self.setCursor(Qt.CursorShape.SplitHCursor)
        elif self.orientation() == Qt.Orientation.Vertical:
            self.unsetCursor()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = event.modifiers()
        if self._dragged_from is not None:
            self._dragged_from = None
            return
        super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(self.logicalIndexAt(event.pos()), event.globalPos())

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803 - Qt's name
        shows_lines = self.shows_lines
        count = len(self._model.lines if shows_lines else self._model.facts)
        if logicalIndex >= count:
            return
        painter.fillRect(rect, self._theme.colour(self._ground(logicalIndex, rect)))
        painter.setPen(self._theme.colour("line"))
        painter.drawLine(rect.bottomLeft(), rect.bottomRight())
        if self.orientation() == Qt.Orientation.Vertical or self.underMouse():
            painter.drawLine(rect.topRight(), rect.bottomRight())
        if shows_lines:
            self._draw_line(painter, rect, logicalIndex)
        else:
            self._draw_title(painter, rect, logicalIndex)

    def _ground(self, section: int, rect: QRect) -> str:
        is_under = self.underMouse() and rect.contains(self.mapFromGlobal(self.cursor().pos()))
        if self.shows_lines and section in self.selected:
            return "selection"
        if is_under:
            return "hover"
        is_plain = self.shows_lines and self.orientation() == Qt.Orientation.Vertical
        is_plain = is_plain and self._model.lines[section].row is not None
        return "window" if is_plain and not self._model.is_baseline(section) else "header"
