"""One sentence on what could not be read, or is just being done, above what can be seen."""

from __future__ import annotations

from html import escape

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gui.theme import Theme
from gui.views.details.fact_text import FactText, coloured, icon


class ProblemLine(QWidget):
    """A sign and a sentence that can be selected; hidden where there is nothing to say.

    Args:
        theme: Colours and icons.
        parent: Owner.
        margin: Room around, in pixels; a page that has its own margins gives 0.
    """

    def __init__(self, theme: Theme, parent: QWidget | None = None, *, margin: int = 12) -> None:
        super().__init__(parent)
        self._theme = theme
        self._problem = self._note = ""
        self.text = FactText(theme, self, name="Problem")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(margin, margin * 2 // 3, margin, 4)
        layout.addWidget(self.text)
        theme.changed.connect(self._dress)
        self.hide()

    @property
    def problem(self) -> str:
        """The sentence on what is wrong; empty when nothing is."""
        return self._problem

    @property
    def note(self) -> str:
        """The sentence on what is being done; empty when there is none."""
        return self._note

    def show_problem(self, problem: str) -> None:
        """Show a sentence on what is wrong; an empty one hides the line."""
        self._show(problem, "")

    def show_note(self, note: str) -> None:
        """Show a sentence on what is being done, or is done; an empty one hides the line."""
        self._show("", note)

    def _show(self, problem: str, note: str) -> None:
        self._problem, self._note = problem, note
        self._dress()
        self.setVisible(bool(problem or note))

    def _dress(self) -> None:
        if self._problem:
            sign = icon("warning", "warning", self._theme)
            self.text.show_html(f"{sign}&nbsp; {coloured(self._problem, 'warning', self._theme)}")
        elif self._note:
            sign = icon("info", "muted", self._theme)
            self.text.show_html(f"{sign}&nbsp; {escape(self._note)}")
