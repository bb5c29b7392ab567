"""The headings of the run table: they sort by several columns and say so.

Why an own header: Qt's shows one sort indicator, and a second level of sorting that cannot be
seen is a riddle. Heading clicks are heard here because Qt's own signal does not tell whether
Shift or Ctrl was held.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QContextMenuEvent,
    QFont,
    QFontMetrics,
    QMouseEvent,
    QPainter,
    QPolygonF,
    QResizeEvent,
)
from PySide6.QtWidgets import QHeaderView, QWidget

from core.index.arrange import NEWEST_FIRST, SortKey
from gui.table.columns import Column
from gui.text_widths import TextWidths
from gui.theme import Theme
from gui.views.table.run_painter import PAD, ROW_MARGIN

DESCENDING_FIRST = frozenset(("time", "duration"))
_ARROW = 7
_Modifier = Qt.KeyboardModifier


class RunHeader(QHeaderView):
    """Headings that sort on a click and add a sort level on Shift or Ctrl and click.

    Args:
        theme: Colours.
        parent: The table.

    Signals:
        sort_requested: The user wants this order (a tuple of SortKey).
        menu_requested: Right click on a section (-1 beside them) at a global position.
        resized: The table is wider or narrower than before.
    """

    sort_requested = Signal(object)
    menu_requested = Signal(int, QPoint)
    resized = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme = theme
        self._layout: Sequence[Column] = ()
        self._sort: tuple[SortKey, ...] = NEWEST_FIRST
        self._held = _Modifier.NoModifier
        self._use_font()
        self.setSectionsMovable(True)
        self.setSectionsClickable(True)
        self.setHighlightSections(False)
        self.setMinimumSectionSize(36)
        self.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.DefaultContextMenu)
        self.setAccessibleName("Columns")
        self.sectionClicked.connect(self._on_clicked)

    def show_layout(self, layout: Sequence[Column]) -> None:
        """Draw the headings of these columns."""
        self._layout = layout
        self.viewport().update()

    def show_sort(self, sort: tuple[SortKey, ...]) -> None:
        """Draw the arrows of this order."""
        if sort != self._sort:  # a filter alone changes nothing here, and comes with each letter
            self._sort = sort
            self.viewport().update()

    def sections_between(self, left: int, right: int) -> list[tuple[int, int, int]]:
        """Section, x and width of each column between two places of the viewport."""
        places = (
            (section, self.sectionViewportPosition(section), self.sectionSize(section))
            for section in range(self.count())
        )
        return [place for place in places if place[1] <= right and place[1] + place[2] > left]

    def title_width(self, section: int) -> int:
        """The width in which a heading is shown whole, arrow and number of a level included."""
        return self._title_widths.of(self._layout[section].title) + 2 * PAD + _ARROW + 14

    def _use_font(self) -> None:
        self._title_font = QFont(self.font())
        self._title_font.setWeight(QFont.Weight.DemiBold)
        self._small_font = QFont(self._title_font)
        self._small_font.setPointSizeF(max(6.0, self._title_font.pointSizeF() * 0.75))
        self._title_widths = TextWidths(QFontMetrics(self._title_font))
        self._shown_titles: dict[tuple[str, int], str] = {}

    def next_sort(self, section: int, *, is_added: bool) -> tuple[SortKey, ...]:
        """The order after a click on a heading.

        Args:
            section: The heading.
            is_added: As the last level, below the present ones, instead of alone.
        """
        column = self._layout[section]
        present = next((level for level in self._sort if level.key == column.value_key), None)
        if present is not None:
            turned = SortKey(present.key, descending=not present.descending)
            if is_added:
                return tuple(turned if level == present else level for level in self._sort)
            return (turned,)
        added = SortKey(column.value_key, descending=column.kind in DESCENDING_FIRST)
        return (*self._sort, added) if is_added else (added,)

    def _on_clicked(self, section: int) -> None:
        if not 0 <= section < len(self._layout):
            return
        is_added = bool(self._held & (_Modifier.ShiftModifier | _Modifier.ControlModifier))
        self.sort_requested.emit(self.next_sort(section, is_added=is_added))

    def _level_of(self, section: int) -> tuple[int, SortKey] | None:
        key = self._layout[section].value_key
        found = [(n, level) for n, level in enumerate(self._sort, start=1) if level.key == key]
        return found[0] if found else None

    def _draw_arrow(self, painter: QPainter, x: int, y: int, *, descending: bool) -> None:
        turn = 1 if descending else -1
        middle = QPointF(x + _ARROW / 2, y)
        corners = (
            QPointF(middle.x() - 3.5, middle.y() - 2 * turn),
            QPointF(middle.x() + 3.5, middle.y() - 2 * turn),
            QPointF(middle.x(), middle.y() + 2.5 * turn),
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=True)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("accent"))
        painter.drawPolygon(QPolygonF(list(corners)))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)

    def _draw_level(self, painter: QPainter, x: int, rect: QRect, number: int) -> None:
        painter.setFont(self._small_font)
        painter.setPen(self._theme.colour("accent"))
        area = QRect(x, rect.top(), 12, rect.height() - 6)
        painter.drawText(area, int(Qt.AlignmentFlag.AlignVCenter), str(number))

    def _draw_title(self, painter: QPainter, rect: QRect, section: int) -> None:
        column, level = self._layout[section], self._level_of(section)
        numbered = level is not None and len(self._sort) > 1
        mark = (_ARROW + 4 + (8 if numbered else 0)) if level else 0
        text = self._shown_title(column.title, max(0, rect.width() - 2 * PAD - mark))
        metrics, advance = self._title_widths.metrics, self._title_widths.of(text)
        x = rect.right() + 1 - PAD - mark - advance if column.is_right else rect.left() + PAD
        y = rect.top() + (rect.height() - 1 - metrics.height()) // 2 + metrics.ascent()
        painter.setFont(self._title_font)
        painter.setPen(self._theme.colour("text" if level else "muted"))
        painter.drawText(x, y, text)
        if level is None:
            return
        at = x + advance + 4
        self._draw_arrow(painter, at, rect.center().y(), descending=level[1].descending)
        if numbered:
            self._draw_level(painter, at + _ARROW + 1, rect, level[0])

    def _shown_title(self, title: str, room: int) -> str:
        """A title as far as there is room; all of them are drawn at each change of the rows."""
        if self._title_widths.of(title) <= room:
            return title
        shown = self._shown_titles.get((title, room))
        if shown is None:
            elided = self._title_widths.metrics.elidedText
            shown = elided(title, Qt.TextElideMode.ElideRight, room)
            self._shown_titles[title, room] = shown
        return shown

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.resized.emit()

    def sizeHint(self) -> QSize:
        # The table asks for the height alone, at each change of the rows; Qt's own answer would
        # look at every heading.
        return QSize(self.minimumSectionSize(), self.fontMetrics().height() + ROW_MARGIN)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._use_font()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held = event.modifiers()
        super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        self.menu_requested.emit(self.logicalIndexAt(event.pos()), event.globalPos())

    def paintSection(self, painter: QPainter, rect: QRect, logicalIndex: int) -> None:  # noqa: N803 - Qt's name
        is_hovered = self.underMouse()
        is_under = is_hovered and rect.contains(self.mapFromGlobal(self.cursor().pos()))
        line = self._theme.colour("line")
        painter.fillRect(rect, self._theme.colour("hover" if is_under else "header"))
        painter.fillRect(rect.left(), rect.bottom(), rect.width(), 1, line)
        if logicalIndex < len(self._layout):
            self._draw_title(painter, rect, logicalIndex)
            if is_hovered:
                painter.setPen(line)
                painter.drawLine(rect.right(), rect.top() + 6, rect.right(), rect.bottom() - 6)
