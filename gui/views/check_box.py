"""A check box drawn like those in lists: the style's own cannot be told from a dark ground."""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QCheckBox, QWidget

from gui.theme import Theme
from gui.views.check_paint import box_size, draw_check

_GAP = 8
_FLAGS = int(Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextShowMnemonic)


class CheckBox(QCheckBox):
    """A box and a text.

    Args:
        text: With its mnemonic.
        theme: Colours.
        parent: Owner.
    """

    def __init__(self, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._theme = theme

    def _text_width(self) -> int:
        return self.fontMetrics().size(_FLAGS, self.text()).width()

    # Qt overrides

    def sizeHint(self) -> QSize:
        box = box_size()
        return QSize(box + _GAP + self._text_width() + 4, self.fontMetrics().height() + 8)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def hitButton(self, pos: object) -> bool:
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        side = box_size()
        box = QRect(1, (self.height() - side) // 2, side, side)
        draw_check(painter, box, self.checkState(), self._theme)
        text = QRect(side + _GAP, 0, self.width() - side - _GAP, self.height())
        painter.setPen(self.palette().color(QPalette.ColorRole.WindowText))
        painter.drawText(text, _FLAGS, self.text())
        if self.hasFocus():
            painter.setPen(self._theme.colour("accent"))
            line = text.bottom() - 2
            painter.drawLine(text.left(), line, text.left() + self._text_width(), line)
        painter.end()
