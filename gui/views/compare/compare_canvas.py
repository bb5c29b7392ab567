"""The drawn part of the comparison: cells, heads, hovering, widths. No keys, no changes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QEvent, QPoint, QRect, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QWidget,
)

from gui.compare.compared import Compared
from gui.models.any_index import AnyIndex
from gui.models.compare_model import CompareModel
from gui.naming import named
from gui.theme import Theme
from gui.views.compare.compare_head import CompareHead
from gui.views.compare.compare_order import ColumnOrder
from gui.views.compare.compare_painter import ComparePainter, Grid
from gui.views.compare.compare_sticky import StickyRow
from gui.views.compare.measured_widths import MeasuredWidths
from gui.views.drawn_table import DrawnTable

NARROWEST, WIDEST, WIDEST_FITTED = 48, 230, 900
NARROWEST_HEAD, WIDEST_HEAD, WIDEST_GROUP = 120, 280, 420
_USUAL_LETTERS = 12
_HEAD_SHARE = 0.45  # of the table, at most, for the names of the runs
_TURNED = (140, 300)  # the least and the most of a run that is a column
AT_ONCE, IN_TURN = 24, 12
"""Columns whose cells are measured when runs are shown, and of the others in each turn after."""

MEASURED = 200
"""Columns whose cells are measured; of 5,000 that takes a second, and few are ever seen."""
SAMPLE = 30
"""Cells of a column that decide how wide it is."""

_Hint = QAbstractItemView.ScrollHint
_HORIZONTAL, _VERTICAL = Qt.Orientation.Horizontal, Qt.Orientation.Vertical


class CompareCanvas(DrawnTable):
    """Shows a comparison.

    Args:
        model: What is compared.
        theme: Colours.
        parent: Owner.

    Attributes:
        sticky: The row of the baseline, or of a group, while that is scrolled away.
        order: The columns as the user drags them about.

    Signals:
        layout_changed: The user made a column wider or narrower.
    """

    layout_changed = Signal()

    def __init__(self, model: CompareModel, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(theme, parent)
        self._compare = model
        self._painter: ComparePainter = ComparePainter(model, theme, self.font())
        self._widths: dict[str, int] = {}
        self._head_width: int | None = None
        self._is_applying = False
        self._fitted_for = 0
        self._measured = MeasuredWidths()
        self._turn = QTimer(self, singleShot=True, interval=0)
        self._turn.timeout.connect(self._measure_more)
        self._selected: frozenset[int] = frozenset()
        self.columns_head = CompareHead(_HORIZONTAL, model, theme, self)
        self.rows_head = CompareHead(_VERTICAL, model, theme, self)
        self.sticky = StickyRow(self, theme)
        self.order = ColumnOrder(self.columns_head, model, self)
        self._set_up()
        self.columns_head.sectionResized.connect(self._on_resized)
        self.rows_head.width_dragged.connect(self._on_head_dragged)

    @property
    def compare_model(self) -> CompareModel:
        """What is compared."""
        return self._compare

    @property
    def fact_head(self) -> CompareHead:
        """The head with the columns of the comparison."""
        return self.rows_head if self._compare.is_turned else self.columns_head

    def show_answer(self, answer: Compared, *, is_turned: bool) -> bool:
        """Show another answer; returns whether lines are the same and keep their selection."""
        bars = (self.horizontalScrollBar(), self.verticalScrollBar())
        before = [bar.value() for bar in bars]
        was_turned = self._compare.is_turned
        if is_turned != was_turned:
            before = [0, 0]
        is_same = self._compare.show(answer, is_turned=is_turned)
        self._painter.forget_fits()
        if is_turned != was_turned or not is_same:
            how = QAbstractItemView.SelectionBehavior
            self.setSelectionBehavior(how.SelectColumns if is_turned else how.SelectRows)
        self._corner.setText("" if is_turned else "Run")
        self.order.use_that_of_model()
        for head in (self.columns_head, self.rows_head):
            head.show_sort(answer.view.sort)
        self.fit_all()
        for bar, value in zip(bars, before, strict=True):
            bar.setValue(value)
        self.viewport().update()
        return is_same

    # Widths

    def fit_all(self) -> None:
        """Give every column its width: the user's, or what its cells need."""
        self._is_applying = True
        self._measured.forget_for(self._compare.answer, is_turned=self._compare.is_turned)
        for section in range(self._compare.columnCount()):
            self.columns_head.resizeSection(section, self._width_of(section))
        self._fit_rows_head()
        self._is_applying = False

    def fit(self, section: int) -> None:
        """Make a column as wide as its cells need, whatever that is."""
        self.columns_head.resizeSection(section, min(self._natural_width(section), WIDEST_FITTED))

    def widths(self) -> dict[str, int]:
        """Widths that the user chose, by header; the head beside the table is ""."""
        own = {} if self._head_width is None else {"": self._head_width}
        return self._widths | own

    def set_widths(self, widths: Mapping[str, Any]) -> None:
        """Take what `widths` gave; what is not understood is left out."""
        found = {
            str(key): max(NARROWEST, min(width, WIDEST_FITTED))
            for key, width in widths.items()
            if isinstance(width, int)
        }
        self._head_width = found.pop("", None)
        self._widths = found
        self.fit_all()

    def _width_of(self, section: int) -> int:
        if self._compare.is_turned:
            least, most = _TURNED
            return max(least, min(self._natural_width(section), most))
        header = self._compare.facts[section].column.header
        if own := self._widths.get(header):
            return own
        width = self._measured.of(header)
        if width is None and section < AT_ONCE:
            width = self._measured.put(header, self._natural_width(section))
        elif width is None:
            width = self._likely_width(section)
            if section < MEASURED:
                self._turn.start()
        return max(NARROWEST, min(width, WIDEST))

    def _measure_more(self) -> None:
        """Measure some of the columns further right, which were given a likely width."""
        if self._compare.is_turned:
            return
        headers = [fact.column.header for fact in self._compare.facts[:MEASURED]]
        waiting = self._measured.missing(headers)
        self._is_applying = True
        for section in waiting[:IN_TURN]:
            self._measured.put(headers[section], self._natural_width(section))
            self.columns_head.resizeSection(section, self._width_of(section))
        self._is_applying = False
        if len(waiting) > IN_TURN:
            self._turn.start()

    def _natural_width(self, section: int) -> int:
        """What the heading and a sample of the cells need."""
        width = self.columns_head.natural_width(section)
        rows = self._compare.rowCount()
        for row in range(0, rows, max(1, rows // SAMPLE)):
            line, fact = (section, row) if self._compare.is_turned else (row, section)
            width = max(width, self._painter.natural_width(line, fact))
        return width

    def _likely_width(self, section: int) -> int:
        """About what the heading and a number need, without measuring any letter."""
        letters = max(len(self._compare.title(section)) + 4, _USUAL_LETTERS)
        return letters * self.fontMetrics().averageCharWidth()

    def _fit_rows_head(self) -> None:
        width = self._head_width
        if width is None:
            rows = self._compare.rowCount()
            sample = range(0, rows, max(1, rows // SAMPLE))
            natural = self.rows_head.natural_width
            width = min(max(map(natural, sample), default=NARROWEST_HEAD), WIDEST_HEAD)
            heads = [] if self._compare.is_turned else self._compare.heads()[:SAMPLE]
            width = max([width, *(min(natural(head), WIDEST_GROUP) for head in heads)])
            width = min(width, int(self.width() * _HEAD_SHARE))  # values are why one looks
        self.rows_head.setFixedWidth(max(NARROWEST_HEAD, width))
        self.updateGeometries()

    # Setting up

    def _set_up(self) -> None:
        self.setHorizontalHeader(self.columns_head)
        self.setVerticalHeader(self.rows_head)
        self.setModel(self._compare)
        self.rows_head.setObjectName("compareRows")
        self.columns_head.setAccessibleName("Columns of the comparison")
        self.rows_head.setAccessibleName("Compared runs")
        self.columns_head.setMinimumSectionSize(36)
        self.columns_head.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self._corner_button = self.findChild(QAbstractButton)
        self._corner = named(QLabel("Run", self._corner_button), "compareCorner")
        if self._corner_button is not None:
            box = QHBoxLayout(self._corner_button)
            box.setContentsMargins(0, 0, 0, 1)
            box.addWidget(self._corner)
        self._set_up_rows()

    # Drawing

    def _draw(self, painter: QPainter, area: QRect) -> bool:
        if not self._compare.rowCount() or not self._compare.columnCount():
            return False
        self._painter.paint(painter, self._grid(area))
        return True

    def _grid(self, area: QRect) -> Grid:
        height = self._painter.row_height
        offset = self.verticalScrollBar().value()
        first = max(0, (area.top() + offset) // height)
        last = min((area.bottom() + offset) // height, self._compare.rowCount() - 1)
        rows = [(row, row * height - offset, height) for row in range(first, last + 1)]
        index = self.currentIndex()
        return Grid(
            rows,
            self._sections_between(area.left(), area.right()),
            self.viewport().width(),
            self._selected,
            self._compare.line_at(index) if index.isValid() else -1,
            self._hovered,
            self.hasFocus(),
        )

    def _sections_between(self, left: int, right: int) -> list[tuple[int, int, int]]:
        head = self.columns_head
        first, last = head.visualIndexAt(left), head.visualIndexAt(right)
        if first < 0:
            return []
        last = self._compare.columnCount() - 1 if last < 0 else last
        return [
            (section, head.sectionViewportPosition(section), head.sectionSize(section))
            for section in map(head.logicalIndex, range(first, last + 1))
        ]

    def _thing_at(self, place: QPoint) -> int:
        return self.columnAt(place.x()) if self._compare.is_turned else self.rowAt(place.y())

    def hover(self, line: int) -> None:
        """Draw this line as the one under the pointer, -1 for none."""
        if line != self._hovered:
            self._hovered = line
            self.viewport().update()

    def show_selected_lines(self, lines: frozenset[int]) -> None:
        """Draw these lines as selected, and their heads."""
        self._selected = lines
        for head in (self.columns_head, self.rows_head):
            head.selected = lines if head.shows_lines else frozenset()
            head.viewport().update()
        self.viewport().update()

    def paint_line(self, painter: QPainter, room: QRect, line: int) -> None:
        """Draw the cells of a line in an area as wide as the columns that are in view."""
        grid = self._grid(QRect(0, 0, room.width(), room.height()))
        self._painter.paint(painter, replace(grid, rows=[(line, 0, room.height())]))

    # Slots

    def _on_resized(self, section: int, _old: int, width: int) -> None:
        self._painter.forget_fits()
        is_own = not self._is_applying and not self._compare.is_turned and width > 0
        if is_own and section < len(self._compare.facts):
            self._widths[self._compare.facts[section].column.header] = width
            self.layout_changed.emit()

    def _on_head_dragged(self, width: int) -> None:
        self._head_width = max(NARROWEST_HEAD, min(width, self.width() - 100))
        self.rows_head.setFixedWidth(self._head_width)
        self.updateGeometries()
        self.layout_changed.emit()

    # Qt overrides

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        self.sticky.place()

    def scrollTo(self, index: AnyIndex, hint: _Hint = _Hint.EnsureVisible) -> None:
        """Bring a cell into view, and not below the baseline that stays."""
        super().scrollTo(index, hint)
        self.sticky.place()
        hidden = self.sticky.covered - self.visualRect(index).top()
        if index.row() > 0 and hidden > 0:
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() - hidden)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.width() != self._fitted_for:  # not for each change of the head itself
            self._fitted_for = self.width()
            self._fit_rows_head()

    def currentChanged(self, current: AnyIndex, previous: AnyIndex) -> None:
        super().currentChanged(current, previous)
        self.viewport().update()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.fit_all()
