"""One sentence on what could not be read, above what could."""

from __future__ import annotations

from html import escape

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.theme import Theme
from gui.views.fact_text import FactText, icon


class ProblemLine(QWidget):
    """A warning sign and a sentence that can be selected; hidden where there is no problem.

    Args:
        theme: Colours and icons.
        parent: Owner.
        margin: Room around, in pixels; a page that has its own margins gives 0.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, margin: int = 12) -> None:
        super().__init__(parent)
        self._theme = theme
        self._problem = ""
        self.text = FactText(theme, self, name="Problem")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(margin, margin * 2 // 3, margin, 4)
        layout.addWidget(self.text)
        theme.changed.connect(self._dress)
        self.hide()

    @property
    def problem(self) -> str:
        """The sentence; empty when there is none."""
        return self._problem

    def show_problem(self, problem: str) -> None:
        """Show this sentence; an empty one hides the line."""
        self._problem = problem
        self._dress()
        self.setVisible(bool(problem))

    def _dress(self) -> None:
        if self._problem:
            colour = self._theme.colour("warning").name()
            sign = icon("warning", "warning", self._theme)
            self.text.show_html(
                f'{sign}&nbsp; <span style="color:{colour}">{escape(self._problem)}</span>'
            )
