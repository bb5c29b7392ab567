"""How wide texts are, each measured once: shaping a text costs some fifty times a look-up."""

from __future__ import annotations

from PySide6.QtGui import QFontMetrics

_MOST_KEPT = 20_000


class TextWidths:
    """Widths of texts in one font, in pixels.

    Args:
        metrics: Measures them.

    Attributes:
        metrics: The same, for all else.
    """

    def __init__(self, metrics: QFontMetrics) -> None:
        self.metrics = metrics
        self._known: dict[str, int] = {}

    def of(self, text: str) -> int:
        """The width that a text takes."""
        width = self._known.get(text)
        if width is None:
            if len(self._known) >= _MOST_KEPT:
                self._known.clear()
            width = self._known[text] = self.metrics.horizontalAdvance(text)
        return width
