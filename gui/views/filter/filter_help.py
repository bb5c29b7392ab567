"""The language of the filter box on one card; each example can be clicked into the box."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gui.naming import in_role

EXAMPLES: tuple[tuple[str, str], ...] = (
    ("best run", "all these words, anywhere in labels, tags, flags, comments"),
    ("op = train and loss < 0.5", "field, flag or scalar; joined by and, or, not, ( )"),
    ("status in [error, terminated]", "one of several values"),
    ("label contains baseline", "part of a text, regardless of case"),
    ("tags contains paper", "has this tag"),
    ("started last 7 days", "also today, this month, after 2026-01-31"),
    ("min loss < 0.1", "also max, first, last, avg, total, count; loss step > 100"),
    ("lr is undefined", "has no such value"),
    ("flag:label = 'two words'", "a prefix (attr:, flag:, scalar:) and quotes where needed"),
)
_NOTE = "“and” and “or” bind equally and group to the right: use brackets when you mix them."


class FilterHelp(QFrame):
    """A card that closes with the next click beside it or Escape.

    Args:
        parent: The box it belongs to.

    Signals:
        example_chosen: An example was clicked (its text).
    """

    example_chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setObjectName("filterHelp")
        self.setAccessibleName("How to filter")
        grid = QGridLayout()
        grid.setHorizontalSpacing(14)
        grid.setVerticalSpacing(1)
        self.examples = [self._add(grid, row, *pair) for row, pair in enumerate(EXAMPLES)]
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 12, 14, 12)
        layout.setSpacing(8)
        layout.addWidget(in_role(QLabel("Find runs"), "heading"))
        layout.addLayout(grid)
        layout.addWidget(in_role(QLabel(_NOTE), "muted"))

    def show_below(self, place: QPoint) -> None:
        """Open with the upper left corner at a place on the screen."""
        self.adjustSize()
        area = self.screen().availableGeometry()
        x = min(place.x(), area.right() - self.width())
        y = min(place.y(), area.bottom() - self.height())
        self.move(max(area.left(), x), max(area.top(), y))
        self.show()
        self.examples[0].setFocus(Qt.FocusReason.PopupFocusReason)

    def _add(self, grid: QGridLayout, row: int, example: str, meaning: str) -> QPushButton:
        button = QPushButton(example)
        button.setObjectName("filterExample")
        button.setProperty("flat", True)  # noqa: FBT003 - the value of a Qt property
        button.setAccessibleDescription(meaning)
        button.setCursor(Qt.CursorShape.PointingHandCursor)
        button.setAutoDefault(True)
        button.clicked.connect(lambda: self._choose(example))
        grid.addWidget(button, row, 0, Qt.AlignmentFlag.AlignLeft)
        grid.addWidget(in_role(QLabel(meaning), "muted"), row, 1)
        return button

    def _choose(self, example: str) -> None:
        self.close()
        self.example_chosen.emit(example)
