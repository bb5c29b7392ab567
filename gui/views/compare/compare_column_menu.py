"""The menu of a column of the comparison: order, which way is better, which columns."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QPoint
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from core.compare.direction import Direction
from gui.compare.compared import Fact
from gui.compare.comparison import Comparison
from gui.views.compare.compare_table import CompareTable

_BETTER: tuple[tuple[str, Direction | None], ...] = (
    ("&Lower Is Better", "down"),
    ("&Higher Is Better", "up"),
    ("&Neither Is Better", None),
)


class ColumnMenu:
    """Opens the menus of columns.

    Args:
        table: Whose columns.
        comparison: What they are about.
        choose: Opens the choice of columns.
    """

    def __init__(
        self, table: CompareTable, comparison: Comparison, choose: Callable[[], None]
    ) -> None:
        self._table = table
        self._comparison = comparison
        self._choose = choose

    def popup(self, number: int, position: QPoint) -> None:
        """Open the menu of a column; of none where the number is that of none."""
        facts = self._table.compare_model.facts
        menu = self.menu(facts[number] if 0 <= number < len(facts) else None, number)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(position)

    def menu(self, fact: Fact | None, number: int) -> QMenu:
        """The menu of a column."""
        menu = QMenu(self._table)
        menu.setObjectName("compareColumnMenu")
        if fact is not None:
            self._add_order(menu, fact)
            if fact.column.spec.is_number:
                self._add_directions(menu, fact)
            menu.addSeparator()
            self._add_moves(menu, number)
            if not self._table.compare_model.is_turned:
                menu.addAction("&Fit Width", partial(self._table.fit, number))
            menu.addAction(f"H&ide “{_short(fact.look.title)}”", partial(self._hide, fact))
        menu.addSeparator()
        menu.addAction("Choose &Columns…", self._choose)
        menu.addAction("&Reset Columns", partial(self._change, columns=None, added=(), order=()))
        return menu

    def _add_order(self, menu: QMenu, fact: Fact) -> None:
        header, present = fact.column.header, self._comparison.view.sort
        menu.addAction("Sort &Ascending", partial(self._change, sort=((header, False),)))
        menu.addAction("Sort &Descending", partial(self._change, sort=((header, True),)))
        if present and all(name != header for name, _ in present):
            add = partial(self._change, sort=(*present, (header, False)))
            menu.addAction("&Then by This, Ascending", add)
            add = partial(self._change, sort=(*present, (header, True)))
            menu.addAction("Then by This, D&escending", add)
        if present:
            menu.addAction("As in the R&un Table", partial(self._change, sort=()))

    def _add_moves(self, menu: QMenu, number: int) -> None:
        """What dragging a heading does, for the keyboard."""
        is_turned = self._table.compare_model.is_turned
        back, on = ("Mo&ve Up", "&Move Down") if is_turned else ("Mo&ve Left", "&Move Right")
        last = len(self._table.compare_model.facts) - 1
        menu.addAction(back, partial(self._table.order.move, number, -1)).setEnabled(number > 0)
        menu.addAction(on, partial(self._table.order.move, number, 1)).setEnabled(number < last)

    def _add_directions(self, menu: QMenu, fact: Fact) -> None:
        menu.addSeparator()
        key, chosen = fact.column.spec.name, self._comparison.view.directions
        group = QActionGroup(menu)
        for text, direction in _BETTER:
            action = menu.addAction(text, partial(self._judge, key, direction))
            action.setCheckable(True)
            action.setChecked(fact.direction == direction)
            group.addAction(action)
        if key in chosen:
            others = {name: way for name, way in chosen.items() if name != key}
            menu.addAction("&Guess What Is Better", partial(self._change, directions=others))

    def _judge(self, key: str, direction: Direction | None) -> None:
        self._change(directions={**self._comparison.view.directions, key: direction})

    def _hide(self, fact: Fact) -> None:
        """Leave a column out: from then on the columns are those that are left."""
        facts = self._comparison.answer.facts if self._comparison.answer else ()
        kept = [str(other.column.spec) for other in facts if other.place != fact.place]
        if kept:
            self._change(columns=tuple(dict.fromkeys(kept)))

    def _change(self, **changes: object) -> None:
        self._comparison.change(**changes)


def _short(title: str) -> str:
    return (title if len(title) <= 40 else f"{title[:39]}…").replace("&", "&&")
