"""Draws the rows of the jobs panel: signs, progress bars, and the buttons at their end.

Why the buttons are drawn: a widget a row would take the keyboard from the table, and all they do
is also in the menus and on the table's keys.
"""

from __future__ import annotations

from typing import Literal

from msgspec import Struct
from PySide6.QtCore import QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from gui.jobs.job_list import UserJob
from gui.jobs.job_text import Grade
from gui.models.any_index import AnyIndex
from gui.models.jobs_model import ACTS, JOB, LEFT, PROGRESS, RATE, STATE, JobRole, fraction_of
from gui.theme import Theme, tabular
from gui.views.pill_paint import draw_pill, pill_area
from gui.views.row_delegate import ROW_PADDING

ActName = Literal["answer", "pause", "resume", "cancel", "retry", "show", "drop"]

BAR_WIDTH = 92
_BAR_HEIGHT = 5
_INSET = 8
_ICON = 14
_GAP = 6
_BOX = 22  # a button's width
_MOST_HEIGHTS = 1000  # that are remembered
_MOST_LINES = 6  # of a sentence on what came of a job
_HEADING = 14  # so much wider are as many buttons of the heading
_TIPS: dict[ActName, str] = {
    "answer": "Answer, or try again now",
    "pause": "Pause this job",
    "resume": "Let this job go on",
    "cancel": "Cancel this job",
    "retry": "Try again",
    "show": "Show the result",
    "drop": "Take this job off the list",
}
_ICONS: dict[ActName, str] = {
    "pause": "pause",
    "resume": "resume",
    "cancel": "close",
    "retry": "refresh",
    "drop": "close",
}
_BAR_TOKENS: dict[Grade, str] = {"done": "completed", "partly": "completed"}


class RowButton(Struct, frozen=True):
    """A button that is drawn at the end of a row.

    Attributes:
        name: What it does.
        area: Where it is, in the viewport.
    """

    name: ActName
    area: QRect

    @property
    def tip(self) -> str:
        """What it does, in words."""
        return _TIPS[self.name]


def acts_of(row: UserJob) -> tuple[ActName, ...]:
    """What can be done about a job, from left to right."""
    if row.end is None:
        if row.job.context.is_cancelled:
            return ()
        return ("resume" if row.job.context.is_held else "pause", "cancel")
    found: list[ActName] = ["show"] if row.end.show is not None else []
    if row.retry_act is not None:
        found.append("retry")
    return (*found, "drop")


class JobsDelegate(QStyledItemDelegate):
    """Draws one cell.

    Args:
        theme: Colours and icons.
        parent: The table.
    """

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.pointed: tuple[int, ActName] | None = None
        self._heights: dict[tuple[str, int, str], int] = {}

    def acts_width(self) -> int:
        """The width of the widest buttons that a row can have, and of those in the heading."""
        return 3 * _BOX + 2 * _INSET + _HEADING

    def buttons(self, row: UserJob, area: QRect) -> list[RowButton]:
        """The buttons of a row, in the area of its last cell."""
        names = acts_of(row)
        left = area.right() - _INSET + 1 - _BOX * len(names)
        boxes = (QRect(left + n * _BOX, area.top(), _BOX, area.height()) for n in range(len(names)))
        return [RowButton(name, box) for name, box in zip(names, boxes, strict=True)]

    def button_at(self, row: UserJob, area: QRect, place: QPoint) -> RowButton | None:
        """The button at a place of the viewport."""
        return next((b for b in self.buttons(row, area) if b.area.contains(place)), None)

    def answer_area(self, row: UserJob, cell: QRect, font: QFont) -> QRect:
        """Where the button beside the state of a row is; empty without one."""
        look = row.look
        if not look.button:
            return QRect()
        metrics = QFontMetrics(tabular(font))
        area = cell.adjusted(_INSET + _ICON + _GAP, 0, -_INSET, -1)
        after = area.left() + metrics.horizontalAdvance(" ".join(look.text.split())) + _INSET
        return pill_area(metrics, area, after, look.button)

    def row_height(self, row: UserJob, width: int, font: QFont) -> int:
        """How high a row is whose state has this width: what came of a job is read as a whole."""
        key = row.look.text, width, font.key()
        if key not in self._heights:  # all rows are asked when one comes or goes
            metrics = QFontMetrics(tabular(font))
            room = QRect(0, 0, width - 2 * _INSET - _ICON - _GAP, _MOST_LINES * metrics.height())
            flags = int(Qt.TextFlag.TextWordWrap)
            text = metrics.boundingRect(room, flags, " ".join(row.look.text.split()))
            if len(self._heights) > _MOST_HEIGHTS:
                self._heights.clear()
            self._heights[key] = min(text.height(), room.height()) + ROW_PADDING
        return self._heights[key]

    # Inside

    def _draw_sign(self, painter: QPainter, area: QRect, icon: str, token: str) -> QRect:
        """Draw the sign of a cell; returns what is left for its text."""
        top = area.top() + (area.height() - _ICON) // 2
        self._theme.icon(icon, token).paint(painter, QRect(area.left(), top, _ICON, _ICON))
        return area.adjusted(_ICON + _GAP, 0, 0, 0)

    def _draw_text(
        self, painter: QPainter, area: QRect, text: str, token: str, *, is_right: bool = False
    ) -> None:
        painter.setPen(self._theme.colour(token))
        side = Qt.AlignmentFlag.AlignRight if is_right else Qt.AlignmentFlag.AlignLeft
        mode = Qt.TextElideMode.ElideRight
        shown = painter.fontMetrics().elidedText(" ".join(text.split()), mode, area.width())
        flags = side | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine
        painter.drawText(area, int(flags), shown)

    def _draw_progress(self, painter: QPainter, area: QRect, row: UserJob, text: str) -> None:
        grade = row.end.grade if row.end is not None else None
        width = min(BAR_WIDTH, area.width())
        groove = QRectF(
            area.left(), area.top() + (area.height() - _BAR_HEIGHT) / 2, width, _BAR_HEIGHT
        )
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("line"))
        painter.drawRoundedRect(groove, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
        token = "accent" if grade is None else _BAR_TOKENS.get(grade, "disabled")
        if row.end is None and row.job.context.is_held:
            token = "warning"
        done = fraction_of(row) * width
        if done > 0:
            groove.setWidth(max(done, _BAR_HEIGHT))
            painter.setBrush(self._theme.colour(token))
            painter.drawRoundedRect(groove, _BAR_HEIGHT / 2, _BAR_HEIGHT / 2)
        beside = area.adjusted(width + _INSET, 0, 0, 0)
        if beside.width() > 0:  # in a narrow table the bar is alone
            self._draw_text(painter, beside, text, "muted")

    def _draw_buttons(self, painter: QPainter, area: QRect, row: UserJob, number: int) -> None:
        for button in self.buttons(row, area):
            box = QRect(0, 0, _BOX - 2, _BOX - 2)
            box.moveCenter(button.area.center())
            if self.pointed == (number, button.name):
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(self._theme.colour("line"))
                painter.drawRoundedRect(box, 4, 4)
            name = _ICONS.get(button.name, "reveal")
            inner = box.adjusted(3, 3, -3, -3)
            self._theme.icon(name, "text").paint(painter, inner)

    # Qt overrides

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        metrics = QFontMetrics(tabular(option.font))
        width = metrics.horizontalAdvance(str(index.data() or "")) + 2 * _INSET + 1
        if index.column() in (JOB, STATE):
            width += _ICON + _GAP
        return QSize(width, option.fontMetrics.height() + ROW_PADDING)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        row = index.data(JobRole)
        if row is None:
            return
        style = option.widget.style()
        style.drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )
        painter.save()
        painter.setFont(tabular(option.font))
        self._draw_cell(painter, option.rect, row, index)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.setPen(self._theme.colour("line"))
        painter.drawLine(option.rect.bottomLeft(), option.rect.bottomRight())
        painter.restore()

    def _draw_cell(self, painter: QPainter, cell: QRect, row: UserJob, index: AnyIndex) -> None:
        area = cell.adjusted(_INSET, 0, -_INSET, -1)
        column, text = index.column(), str(index.data() or "")
        if column == JOB:
            rest = self._draw_sign(painter, area, row.icon, "muted")
            self._draw_text(painter, rest, text, "text")
        elif column == STATE:
            look = row.look
            rest = self._draw_sign(painter, area, look.icon, look.token)
            if look.button:
                place = self.answer_area(row, cell, painter.font())
                is_pointed = self.pointed == (index.row(), "answer")
                draw_pill(painter, place, look.button, self._theme, is_pointed=is_pointed)
                rest.setRight(place.left() - _GAP)
            if row.end is not None and not look.button:
                painter.setPen(self._theme.colour(look.token))
                flags = Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(rest, int(flags), " ".join(text.split()))
            else:
                self._draw_text(painter, rest, text, look.token)
        elif column == PROGRESS:
            self._draw_progress(painter, area, row, text)
        elif column in (RATE, LEFT):
            self._draw_text(painter, area, text, "text", is_right=True)
        elif column == ACTS:
            self._draw_buttons(painter, cell, row, index.row())
