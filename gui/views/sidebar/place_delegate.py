"""Draws places: headings, quiet counts at the right, tags as chips."""

from __future__ import annotations

from PySide6.QtCore import QObject, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from gui.models.any_index import AnyIndex
from gui.models.places_model import Place, PlaceKind, PlaceRole
from gui.theme import Theme, tabular
from gui.views.chip_painter import chip_text

_LEAST_ICON = 16
_GAP = 7
_LEAST_LETTERS = 8


class PlaceDelegate(QStyledItemDelegate):
    """Sizes follow the font; colours follow the theme."""

    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self._theme = theme

    def _draw_section(self, painter: QPainter, option: QStyleOptionViewItem, title: str) -> None:
        font = QFont(option.font)
        font.setPointSizeF(option.font.pointSizeF() * 0.92)
        font.setWeight(QFont.Weight.DemiBold)
        painter.setFont(font)
        painter.setPen(self._theme.colour("muted"))
        rect = option.rect.adjusted(_GAP, 0, -_GAP, -4)
        painter.drawText(rect, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom, title)

    def _draw_ground(self, painter: QPainter, option: QStyleOptionViewItem) -> None:
        is_selected = bool(option.state & QStyle.StateFlag.State_Selected)
        is_hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
        if not is_selected and not is_hovered:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("selection" if is_selected else "hover"))
        rect = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
        if is_selected and option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(QPen(self._theme.colour("accent"), 1))
        painter.drawRoundedRect(rect, 6, 6)

    def _draw_place(self, painter: QPainter, option: QStyleOptionViewItem, place: Place) -> None:
        self._draw_ground(painter, option)
        rect = option.rect.adjusted(_GAP, 0, -_GAP - 1, 0)
        if place.is_below:
            rect.setLeft(rect.left() + icon_size(option.fontMetrics) + _GAP)
        painter.setFont(tabular(option.font))
        metrics = painter.fontMetrics()
        painter.setPen(self._theme.colour("muted"))
        painter.drawText(
            rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, place.count
        )
        rect.setRight(rect.right() - metrics.horizontalAdvance(place.count) - _GAP)
        if place.icon:
            size = icon_size(metrics)
            icon = self._theme.icon(place.icon, place.token)
            top = rect.center().y() - size // 2 + 1
            icon.paint(painter, QRect(rect.left(), top, size, size))
            rect.setLeft(rect.left() + size + _GAP)
        if place.kind is PlaceKind.TAG:
            self._draw_chip(painter, rect, place.title)
            return
        self._draw_title(painter, rect, place)

    def _draw_title(self, painter: QPainter, rect: QRect, place: Place) -> None:
        """The title, and beside it what tells it from its like; both are cut in a narrow place."""
        metrics = painter.fontMetrics()
        side = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        note_width = metrics.horizontalAdvance(place.note) + _GAP if place.note else 0
        room = max(rect.width() - note_width, min(rect.width(), _least_title(metrics)))
        title = metrics.elidedText(place.title, Qt.TextElideMode.ElideRight, room)
        is_command = place.kind is PlaceKind.COMMAND
        painter.setPen(self._theme.colour("muted" if is_command else "text"))
        painter.drawText(rect, side, title)
        if place.note:
            painter.setPen(self._theme.colour("muted"))
            rect.setLeft(rect.left() + metrics.horizontalAdvance(title) + _GAP)
            note = metrics.elidedText(place.note, Qt.TextElideMode.ElideRight, rect.width())
            painter.drawText(rect, side, note)

    def _draw_chip(self, painter: QPainter, rect: QRect, text: str) -> None:
        metrics = painter.fontMetrics()
        room = rect.width() - 16
        title = metrics.elidedText(chip_text(text), Qt.TextElideMode.ElideRight, room)
        chip = QRectF(rect)
        chip.setWidth(metrics.horizontalAdvance(title) + 16)
        height = metrics.height() + 3
        chip.setTop(rect.center().y() - height / 2 + 1)
        chip.setHeight(height)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.tag_colour(text))
        painter.drawRoundedRect(chip, height / 2, height / 2)
        painter.setPen(self._theme.colour("chip-text"))
        painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, title)

    # Qt overrides

    def sizeHint(self, option: QStyleOptionViewItem, index: AnyIndex) -> QSize:
        height = QFontMetrics(option.font).height()
        is_section = index.data(PlaceRole) is None
        return QSize(80, height + (20 if is_section and index.row() else 10))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: AnyIndex) -> None:
        place = index.data(PlaceRole)
        painter.save()
        if place is None:
            self._draw_section(painter, option, index.data())
        else:
            self._draw_place(painter, option, place)
        painter.restore()


def place_width(metrics: QFontMetrics, title: str, count: str) -> int:
    """The width in which a place with an icon is shown whole."""
    texts = metrics.horizontalAdvance(title) + metrics.horizontalAdvance(count)
    return texts + icon_size(metrics) + 4 * _GAP + 2


def _least_title(metrics: QFontMetrics) -> int:
    """The width that a title has at least, whatever is beside it."""
    return metrics.averageCharWidth() * _LEAST_LETTERS


def icon_size(metrics: QFontMetrics) -> int:
    """How large an icon beside a text is, in pixels."""
    return max(_LEAST_ICON, metrics.ascent())
