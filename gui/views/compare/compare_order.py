"""The columns of the comparison, dragged about by their headings.

Why the head is put back after each drag: the order is the view's, which sends it to the model; were
the head's own kept too, a column would be moved twice.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal, Slot
from PySide6.QtWidgets import QHeaderView

from gui.models.compare_model import CompareModel


class ColumnOrder(QObject):
    """Says which order the user wants.

    Args:
        head: Its sections are the columns while runs are rows.
        model: What the columns are.
        parent: Owner.

    Signals:
        wanted: The user moved a column (headers of those that are shown, in the new order).
    """

    wanted = Signal(list)

    def __init__(self, head: QHeaderView, model: CompareModel, parent: QObject) -> None:
        super().__init__(parent)
        self._head = head
        self._model = model
        self._is_applying = False
        head.sectionMoved.connect(self._on_moved)

    def move(self, fact: int, by: int) -> None:
        """Want a column further on or back by so many places; nothing past the ends."""
        headers = [each.column.header for each in self._model.facts]
        if 0 <= fact + by < len(headers):
            headers.insert(fact + by, headers.pop(fact))
            self.wanted.emit(headers)

    def use_that_of_model(self) -> None:
        """Show the columns in the model's order: what was dragged is in that by now."""
        head = self._head
        head.setSectionsMovable(not self._model.is_turned)
        if head.sectionsMoved():
            self._is_applying = True
            for place in range(head.count()):
                head.moveSection(head.visualIndex(place), place)
            self._is_applying = False

    @Slot()
    def _on_moved(self) -> None:
        facts, head = self._model.facts, self._head
        if not self._is_applying and head.count() == len(facts):
            order = map(head.logicalIndex, range(len(facts)))
            self.wanted.emit([facts[place].column.header for place in order])
