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
        self._problems: dict[str, str] = {}
        self._note = ""
        self.text = FactText(theme, self, name="Problem")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(margin, margin * 2 // 3, margin, 4)
        layout.addWidget(self.text)
        theme.changed.connect(self._dress)
        self.hide()

    @property
    def problem(self) -> str:
        """The sentences on what is wrong; empty when nothing is."""
        return " ".join(self._problems.values())

    @property
    def note(self) -> str:
        """The sentence on what is being done; empty when there is none."""
        return self._note

    def show_problem(self, problem: str, about: str = "") -> None:
        """Show a sentence on what is wrong; without one, and without others, the line is hidden.

        Args:
            problem: The sentence; empty where nothing is wrong.
            about: What it is about: sentences about other things stay beside it.
        """
        self._problems.pop(about, None)
        if problem:
            self._problems[about] = problem
        self._note = ""
        self._show()

    def show_note(self, note: str) -> None:
        """Show a sentence on what is being done, or is done; an empty one hides the line."""
        self._problems.clear()
        self._note = note
        self._show()

    def _show(self) -> None:
        self._dress()
        self.setVisible(bool(self._problems or self._note))

    def _dress(self) -> None:
        if self._problems:
            sign = icon("warning", "warning", self._theme)
            self.text.show_html(f"{sign}&nbsp; {coloured(self.problem, 'warning', self._theme)}")
        elif self._note:
            sign = icon("info", "muted", self._theme)
            self.text.show_html(f"{sign}&nbsp; {escape(self._note)}")
