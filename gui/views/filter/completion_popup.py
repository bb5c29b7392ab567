"""The list of completions under the filter box.

Why not QCompleter: it completes a whole line, and takes Enter and Down for itself, which here
apply the filter and go to the table unless a completion was chosen.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, Signal, Slot
from PySide6.QtGui import QHideEvent, QPainter, QPalette, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from core.index.completion import Suggestion
from gui.models.any_index import AnyIndex
from gui.theme import Theme

MOST_ROWS = 9
_GAP = 3
_PADDING = 10
_LEAST_WIDTH = 260
_FRAME = 1  # of the border, and as much within it


SuggestionRole = Qt.ItemDataRole.UserRole


class CompletionPopup(QFrame):
    """Shows completions; never has the focus.

    Args:
        theme: For the colours.
        parent: The field it belongs to.

    Signals:
        chosen: The user took a completion (a core.index.completion.Suggestion).
        closed: It covers nothing any more.
    """

    chosen = Signal(object)
    closed = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.ToolTip | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("completionPopup")
        self.setAttribute(Qt.WidgetAttribute.WA_ShowWithoutActivating)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._model = QStandardItemModel(self)
        self.list = QListView(self)
        self.list.setObjectName("completionList")
        self.list.setAccessibleName("Completions")
        self.list.setModel(self._model)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setItemDelegate(_SuggestionDelegate(theme, self))
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.clicked.connect(self._on_clicked)
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(_FRAME, _FRAME, _FRAME, _FRAME)
        self._layout.addWidget(self.list)

    @property
    def current(self) -> Suggestion | None:
        """The completion the user moved to; None while they have not."""
        return self._at(self.list.currentIndex())

    @property
    def first(self) -> Suggestion | None:
        """The completion at the top."""
        return self._at(self._model.index(0, 0))

    def suggestions(self) -> list[Suggestion]:
        """All completions on offer."""
        rows = range(self._model.rowCount())
        return [self._model.item(row).data(SuggestionRole) for row in rows]

    def offer(self, suggestions: Sequence[Suggestion], below: QPoint) -> None:
        """Show completions at a place on the screen, none of them chosen yet."""
        self._model.clear()
        for suggestion in suggestions:
            item = QStandardItem(suggestion.text)
            item.setData(suggestion, SuggestionRole)
            item.setData(
                f"{suggestion.text}, {suggestion.detail or suggestion.kind}",
                Qt.ItemDataRole.AccessibleTextRole,
            )
            self._model.appendRow(item)
        self.list.setCurrentIndex(QModelIndex())
        self.list.scrollToTop()
        self._fit()
        self.move(self._on_screen(below))
        self.show()

    def step(self, by: int) -> None:
        """Move up or down; from none to the first or last, and past the ends to none."""
        count = self._model.rowCount()
        row = self.list.currentIndex().row()
        if row < 0:
            row = 0 if by > 0 else count - 1
        else:
            row = min(max(row + by, 0), count - 1) if abs(by) > 1 else row + by
        index = self._model.index(row, 0) if 0 <= row < count else QModelIndex()
        self.list.setCurrentIndex(index)
        if index.isValid():
            self.list.scrollTo(index)

    def _fit(self) -> None:
        rows = self._model.rowCount()
        metrics = self.list.fontMetrics()
        widths = [metrics.horizontalAdvance(f"{s.text}    {s.detail}") for s in self.suggestions()]
        shown = min(rows, MOST_ROWS)
        height = shown * self.list.sizeHintForRow(0)
        self.list.setFixedHeight(height)  # or one or two rows would get the room of three
        width = min(max([*widths, _LEAST_WIDTH]) + 4 * _PADDING, 520)
        self._layout.activate()  # or it would hold the height of the completions before
        self.resize(QSize(width, height + 4 * _FRAME))

    def _on_screen(self, below: QPoint) -> QPoint:
        area = self.screen().availableGeometry()
        x = min(below.x(), area.right() - self.width())
        return QPoint(max(area.left(), x), below.y() + _GAP)

    def _at(self, index: QModelIndex) -> Suggestion | None:
        suggestion = index.data(SuggestionRole) if index.isValid() else None
        return suggestion if isinstance(suggestion, Suggestion) else None

    @Slot(QModelIndex)
    def _on_clicked(self, index: QModelIndex) -> None:
        suggestion = self._at(index)
        if suggestion is not None:
            self.chosen.emit(suggestion)

    # Qt overrides

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.closed.emit()


class _SuggestionDelegate(QStyledItemDelegate):
    """The text on the left, what it is on the right in a quiet colour."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    # Qt overrides

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        size: QSize = super().sizeHint(option, index)
        return QSize(size.width(), option.fontMetrics.height() + 9)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        suggestion = index.data(SuggestionRole)
        is_current = bool(option.state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if is_current or is_hovered:
            painter.fillRect(
                option.rect, self._theme.colour("selection" if is_current else "hover")
            )
        area = option.rect.adjusted(_PADDING, 0, -_PADDING, 0)
        painter.setFont(option.font)
        detail_width = option.fontMetrics.horizontalAdvance(suggestion.detail)
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(
            area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, suggestion.detail
        )
        area.setRight(area.right() - detail_width - _PADDING)
        painter.setPen(option.palette.color(QPalette.ColorRole.Text))
        text = option.fontMetrics.elidedText(
            suggestion.text, Qt.TextElideMode.ElideMiddle, area.width()
        )
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter, text)
