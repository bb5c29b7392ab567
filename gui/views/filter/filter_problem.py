"""The sentence under the filter box that says what is wrong with the text, or probably is.

Why it floats over the table's heading: a row of its own would push the table down and up while
somebody types.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget

_GAP = 3
_LEAST_WIDTH = 200


class FilterProblem(QLabel):
    """Hidden until there is something to explain; never in the way of the mouse.

    Args:
        box: The filter box it belongs to.
    """

    def __init__(self, box: QWidget) -> None:
        super().__init__(box)
        self._box = box
        self.setObjectName("filterProblem")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        box.destroyed.connect(self.deleteLater)

    def explain(self, sentence: str, *, is_hint: bool = False) -> None:
        """Show a sentence below the box; a hint is quieter than what is wrong."""
        if is_hint != self.property("isHint"):
            self.setProperty("isHint", is_hint)
            self.style().unpolish(self)
            self.style().polish(self)
        window = self._box.window()
        if self.parent() is not window:
            self.setParent(window)
        self.setText(sentence)
        self.setWordWrap(False)
        self.adjustSize()
        widest = max(self._box.width(), _LEAST_WIDTH)
        if self.width() > widest:
            self.setWordWrap(True)
            self.resize(widest, self.heightForWidth(widest))
        self.move(self._box.mapTo(window, QPoint(0, self._box.height() + _GAP)))
        self.show()
        self.raise_()

    @property
    def sentence(self) -> str:
        """What is shown; empty when nothing is."""
        return "" if self.isHidden() else self.text()
