"""Draws the cells of the comparison, in one go as the run table draws its own.

What stands out does so twice, for those who tell colours badly: the best value is bold, what is
better or worse than the baseline has its sign, the baseline has a ground and a pin in its head.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct, field
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPen

from core.runs.run import STATUSES
from gui.compare.compare_look import Tone
from gui.models.compare_model import Cell, CompareModel
from gui.theme import Theme, mono_font, tabular
from gui.views.table.run_painter import ICON, PAD, ROW_MARGIN

GAP = 8  # between a value and what stands small beside it
_ICON_GAP = 6
_MOST_KEPT = 20_000
_TONES: dict[Tone, str] = {
    "plain": "muted",
    "same": "muted",
    "better": "completed",
    "worse": "error",
}


class Grid(Struct, frozen=True):
    """What is to be drawn.

    Attributes:
        rows: Row, y and height of each row in view.
        sections: Section, x and width of each column in view.
        width: Of the rows, in pixels.
        selected: Lines that are selected.
        current: The current line, -1 for none.
        hovered: The line under the pointer, -1 for none.
        has_focus: Whether the table has the keyboard.
    """

    rows: Sequence[tuple[int, int, int]]
    sections: Sequence[tuple[int, int, int]]
    width: int
    selected: frozenset[int] = field(default_factory=frozenset)
    current: int = -1
    hovered: int = -1
    has_focus: bool = False


class ComparePainter:
    """Draws cells in the look of the theme.

    Args:
        model: What the cells say.
        theme: Colours and icons.
        font: Of ordinary text.
    """

    def __init__(self, model: CompareModel, theme: Theme, font: QFont) -> None:
        self._model = model
        self._theme = theme
        self._fits: dict[tuple[str, int, bool, bool], tuple[str, int]] = {}
        self.use_font(font)

    def use_font(self, font: QFont) -> None:
        """Draw in this font from now on."""
        self._font = tabular(font)
        self._bold = QFont(self._font)
        self._bold.setWeight(QFont.Weight.Bold)
        self._small = QFont(self._font)
        if font.pointSizeF() > 0:
            self._small.setPointSizeF(font.pointSizeF() * 0.88)
        self._mono = mono_font()
        self._metrics = QFontMetrics(self._font)
        self._bold_metrics = QFontMetrics(self._bold)
        self._small_metrics = QFontMetrics(self._small)
        self._mono_metrics = QFontMetrics(self._mono)
        self.row_height = self._metrics.height() + ROW_MARGIN
        self.use_theme()

    def use_theme(self) -> None:
        """The theme's colours are others now."""
        self._fits.clear()
        names = ("text", "muted", "accent", "line", "window", "selection", "hover", "header")
        self._colours = {name: self._theme.colour(name) for name in (*names, "field-line")}
        pens = (*names, *STATUSES, *_TONES.values())
        self._pens = {name: QPen(self._theme.colour(name)) for name in pens}

    # Drawing

    def paint(self, painter: QPainter, grid: Grid) -> None:
        """Draw the cells of a grid, background and all."""
        self._draw_grounds(painter, grid)
        is_turned = self._model.is_turned
        for section, x, width in grid.sections:
            for row, y, _height in grid.rows:
                line, fact = (section, row) if is_turned else (row, section)
                self._draw_cell(painter, (line, fact), (x, y, width))
        self._draw_focus(painter, grid)

    def _draw_grounds(self, painter: QPainter, grid: Grid) -> None:
        bottom = sum(height for _, _, height in grid.rows)
        top = grid.rows[0][1] if grid.rows else 0
        if self._model.is_turned:
            for line, x, width in grid.sections:
                if ground := self._ground(line, grid):
                    painter.fillRect(x, top, width, bottom, self._colours[ground])
        for row, y, height in grid.rows:
            ground = "" if self._model.is_turned else self._ground(row, grid)
            if ground:
                painter.fillRect(0, y, grid.width, height, self._colours[ground])
            painter.setPen(self._pens["line"])
            painter.drawLine(0, y + height - 1, grid.width, y + height - 1)

    def _ground(self, line: int, grid: Grid) -> str:
        """The colour below a line; empty for none."""
        if line in grid.selected:
            return "selection"
        if line == grid.hovered:
            return "hover"
        is_head = self._model.lines[line].row is None
        return "header" if is_head or self._model.is_baseline(line) else ""

    def _draw_focus(self, painter: QPainter, grid: Grid) -> None:
        if not grid.has_focus:
            return
        accent = self._colours["accent"]
        if self._model.is_turned:
            for line, x, width in grid.sections:
                if line == grid.current:
                    painter.fillRect(x, 0, width, 3, accent)
        for row, y, height in () if self._model.is_turned else grid.rows:
            if row == grid.current:
                painter.fillRect(0, y, 3, height - 1, accent)

    def _draw_cell(
        self, painter: QPainter, place: tuple[int, int], area: tuple[int, int, int]
    ) -> None:
        """One cell: the value, and what stands small beside it where there is room."""
        line, fact = place
        cell = self._model.cell(line, fact)
        if not cell.text:
            return
        look = self._model.facts[fact].look
        x, y, width = area
        room = width - 2 * PAD
        if look.kind == "status" and cell.text in STATUSES:
            self._draw_status(painter, cell.text, area)
            return
        is_mono = look.kind == "mono"
        shown, advance = self._fit(cell.text, room, is_bold=cell.is_best, is_mono=is_mono)
        is_quiet = look.kind in ("mono", "quiet") or cell.tone == "same"
        painter.setPen(self._pens["muted" if is_quiet else "text"])
        painter.setFont(self._bold if cell.is_best else self._mono if is_mono else self._font)
        # Runs as columns: values of one run stand below each other, whatever they are.
        is_right = look.is_right and not self._model.is_turned
        left = x + width - PAD - advance if is_right else x + PAD
        painter.drawText(left, y + self._baseline(is_mono=is_mono), shown)
        if cell.note and advance + GAP + self._small_metrics.horizontalAdvance(cell.note) <= room:
            note = self._small_metrics.horizontalAdvance(cell.note)
            self._draw_note(
                painter, cell, left - GAP - note if is_right else left + advance + GAP, y
            )

    def _draw_note(self, painter: QPainter, cell: Cell, left: int, y: int) -> None:
        painter.setPen(self._pens[_TONES[cell.tone]])
        painter.setFont(self._small)
        painter.drawText(left, y + self._baseline(), cell.note)

    def _draw_status(self, painter: QPainter, status: str, area: tuple[int, int, int]) -> None:
        x, y, width = area
        ratio = painter.device().devicePixelRatio()
        icon = self._theme.icon(f"status-{status}", status).pixmap(QSize(ICON, ICON), ratio)
        painter.drawPixmap(x + PAD, y + (self.row_height - ICON) // 2, icon)
        room = width - 2 * PAD - ICON - _ICON_GAP
        shown, _ = self._fit(status, room, is_bold=False, is_mono=False)
        painter.setFont(self._font)
        painter.setPen(self._pens[status])
        painter.drawText(x + PAD + ICON + _ICON_GAP, y + self._baseline(), shown)

    # Sizes

    def natural_width(self, line: int, fact: int) -> int:
        """The width in which a cell is shown whole."""
        cell, look = self._model.cell(line, fact), self._model.facts[fact].look
        if look.kind == "mono":
            width = self._mono_metrics.horizontalAdvance(cell.text)
        elif look.kind == "status":
            width = self._metrics.horizontalAdvance(cell.text) + ICON + _ICON_GAP
        else:
            width = self._bold_metrics.horizontalAdvance(cell.text)
        if cell.note:
            width += GAP + self._small_metrics.horizontalAdvance(cell.note)
        return width + 2 * PAD + 2

    def forget_fits(self) -> None:
        """Widths or texts were others: elide anew."""
        self._fits.clear()

    # Inside

    def _baseline(self, *, is_mono: bool = False) -> int:
        metrics = self._mono_metrics if is_mono else self._metrics
        return (self.row_height - 1 - metrics.height()) // 2 + metrics.ascent()

    def _fit(self, text: str, room: int, *, is_bold: bool, is_mono: bool) -> tuple[str, int]:
        """The text as far as there is room, and its width; remembered."""
        key = (text, room, is_bold, is_mono)
        found = self._fits.get(key)
        if found is None:
            if len(self._fits) > _MOST_KEPT:
                self._fits.clear()
            metrics = self._mono_metrics if is_mono else self._metrics
            metrics = self._bold_metrics if is_bold else metrics
            shown, advance = text, metrics.horizontalAdvance(text)
            if advance > room:
                shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, max(0, room))
                advance = metrics.horizontalAdvance(shown)
            found = self._fits[key] = shown, advance
        return found
