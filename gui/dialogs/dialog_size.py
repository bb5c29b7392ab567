"""Sizes of dialogs in letters and lines, so that they grow with the font."""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QWidget

_MARGIN = 60  # pixels of the screen that stay free for title bar and panels


def text_size(widget: QWidget, letters: int, lines: int) -> QSize:
    """The size of so many letters and lines in a widget's font, as far as the screen allows."""
    metrics = widget.fontMetrics()
    wanted = QSize(letters * metrics.averageCharWidth(), lines * metrics.height())
    return wanted.boundedTo(widget.screen().availableSize() - QSize(_MARGIN, _MARGIN))
