"""Draws tags as chips, each name always on its colour."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPixmap

from gui.theme import Theme

GAP = 4
NARROWEST, WIDEST = 36, 176
MORE = 24  # room for "+2"
_PADDING = 16
_MOST_KEPT = 500


def chip_text(tag: str) -> str:
    """What stands on a tag's chip: one line, and in quotes where nothing would be seen."""
    return " ".join(tag.split()) or f"“{tag.replace(chr(10), ' ')}”"


def rest_text(count: int, metrics: QFontMetrics, room: int) -> str:
    """The number of tags that are not drawn, whole: of "+12" a narrow column would show "+1"."""
    text = f"+{count}"
    return text if metrics.horizontalAdvance(text) <= room else "…"


class ChipPainter:
    """Draws tags in a theme's colours; chips are kept as pictures.

    Args:
        theme: Colours, as they are now.
        font: Of the tags.
    """

    def __init__(self, theme: Theme, font: QFont) -> None:
        self._theme = theme
        self._font = font
        self._metrics = QFontMetrics(font)
        self._chips: dict[tuple[str, int, float], QPixmap] = {}

    def width_of(self, tags: Sequence[str]) -> int:
        """The width that all of them take."""
        return sum(self._natural_width(tag) + GAP for tag in tags)

    def least_width_of(self, tags: Sequence[str]) -> int:
        """The width in which the first of them is read whole, with the number of the others."""
        if not tags:
            return 0
        return self._natural_width(tags[0]) + GAP + (MORE if len(tags) > 1 else 0)

    def draw(self, painter: QPainter, tags: Sequence[str], area: QRect) -> None:
        """Draw as many as there is room for (the first one in any case), then "+2"."""
        ratio = painter.device().devicePixelRatio()
        places = self._places(tags, area)
        for tag, (x, width) in zip(tags, places, strict=False):
            chip = self._chip(tag, width, ratio)
            height = chip.height() / ratio
            painter.drawPixmap(QPointF(x, area.top() + (area.height() - 1 - height) / 2), chip)
        if len(places) < len(tags):
            x, width = places[-1]
            self._draw_rest(painter, len(tags) - len(places), x + width + GAP, area)

    def chip_at(self, tags: Sequence[str], area: QRect, x: int) -> str | None:
        """The tag whose chip is at x, where all of them are drawn in `area`."""
        for tag, (left, width) in zip(tags, self._places(tags, area), strict=False):
            if left <= x < left + width:
                return tag
        return None

    def _places(self, tags: Sequence[str], area: QRect) -> list[tuple[int, int]]:
        """Left and width of the chips there is room for; the first one gets narrower for it."""
        places: list[tuple[int, int]] = []
        x = area.left()
        for number, tag in enumerate(tags):
            room = area.right() + 1 - x - (MORE if number < len(tags) - 1 else 0)
            width = self._natural_width(tag)
            if number == 0:
                width = min(width, max(room, NARROWEST))
            elif width > room:
                break
            places.append((x, width))
            x += width + GAP
        return places

    def _draw_rest(self, painter: QPainter, count: int, x: int, area: QRect) -> None:
        painter.setPen(self._theme.colour("muted"))
        rest = QRect(x, area.top(), max(0, area.right() + 1 - x), area.height())
        text = rest_text(count, painter.fontMetrics(), rest.width())
        painter.drawText(rest, int(Qt.AlignmentFlag.AlignVCenter), text)

    def _natural_width(self, tag: str) -> int:
        return min(self._metrics.horizontalAdvance(chip_text(tag)) + _PADDING, WIDEST)

    def _chip(self, tag: str, width: int, ratio: float) -> QPixmap:
        chip = self._chips.get((tag, width, ratio))
        if chip is None:
            if len(self._chips) > _MOST_KEPT:
                self._chips.clear()
            chip = self._chips[tag, width, ratio] = self._make_chip(tag, width, ratio)
        return chip

    def _make_chip(self, tag: str, width: int, ratio: float) -> QPixmap:
        height = self._metrics.height() + 3
        pixmap = QPixmap(round(width * ratio), round(height * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.tag_colour(tag))
        painter.drawRoundedRect(QRectF(0, 0, width, height), height / 2, height / 2)
        painter.setPen(self._theme.colour("chip-text"))
        painter.setFont(self._font)
        room = width - _PADDING + 2
        text = self._metrics.elidedText(chip_text(tag), Qt.TextElideMode.ElideRight, room)
        painter.drawText(QRect(0, 0, width, height), int(Qt.AlignmentFlag.AlignCenter), text)
        painter.end()
        return pixmap
