"""The menu that groups compared runs: all flags but one at a click, any others by choice."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QMenu

from core.compare.column_spec import ColumnSpec
from core.compare.group_spec import all_flags_but, flags_left_out
from core.compare.groups import flags_but
from core.errors import QueryError
from gui.compare.chosen_runs import ChosenRuns
from gui.compare.compare_columns import GroupColumns, spec_name
from gui.compare.comparison import LANE, Comparison
from gui.job_bridge import Latest
from gui.services import Services
from gui.views.compare.compare_bar import CompareBar

MOST_FLAGS = 15
"""Flags that the menu offers by name; the dialog offers all."""

_SEED = re.compile(r"seed|random[_-]?state|\brep(eat|lica)?\b|fold", re.IGNORECASE)
_ATTRIBUTES = (("operation", "&Operation"), ("status", "&Status"), ("tags", "&Tags"))


class GroupMenu(QObject):
    """Fills the menu each time it is opened, and does what it says.

    Args:
        bar: Has the menu.
        chosen: The runs that are compared.
        comparison: Groups them.
        services: Shared services of the window.
        set_open: Shows the runs of all groups, or the headings alone.
        parent: Owner.
    """

    def __init__(
        self,
        bar: CompareBar,
        chosen: ChosenRuns,
        comparison: Comparison,
        services: Services,
        set_open: Callable[[bool], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._bar = bar
        self._chosen = chosen
        self._comparison = comparison
        self._services = services
        self._set_open = set_open
        self._question = Latest(services.bridge, LANE, self)
        bar.group_menu.aboutToShow.connect(self.fill)
        comparison.view_changed.connect(self._show)
        self._show()

    @Slot()
    def fill(self) -> None:
        """Offer what the runs can be grouped by now."""
        menu, present = self._bar.group_menu, self._comparison.view.group_by
        menu.clear()
        none = menu.addAction("&No Groups", partial(self._group_by, ()))
        none.setCheckable(True)
        none.setChecked(not present)
        flags = self._flags()
        self._offer_all_but(menu, flags)
        if flags:
            menu.addSection("Flags")
        for name in flags[:MOST_FLAGS]:
            self._offer(menu, ColumnSpec("flag", name), name.replace("&", "&&"))
        menu.addSection("Attributes")
        for name, text in _ATTRIBUTES:
            self._offer(menu, ColumnSpec("attr", name), text)
        menu.addSeparator()
        menu.addAction("&Choose…", self.choose)
        for text, is_on in (("&Expand All", True), ("Co&llapse All", False)):
            action = menu.addAction(text, partial(self._set_open, is_on))
            action.setEnabled(bool(present))

    def choose(self) -> None:
        """Ask for anything that runs can be grouped by."""
        from gui.dialogs.columns_dialog import ColumnsDialog

        source = GroupColumns(self._chosen.columns, self._comparison.view.group_by)
        dialog = ColumnsDialog(source, self._services, self._bar.window())
        dialog.keys_chosen.connect(self._group_by)
        dialog.reset_chosen.connect(partial(self._group_by, ()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()

    def group_by_all_but(self, name: str) -> None:
        """Put runs together that differ in nothing but one flag."""
        self._group_by([all_flags_but([name])])

    # Inside

    def _flags(self) -> list[str]:
        """Flags of the compared runs that differ."""
        answer = self._comparison.answer
        return list(answer.built.flags) if answer is not None else []

    def _offer_all_but(self, menu: QMenu, flags: Sequence[str]) -> None:
        """What most want first: the flags that only number repetitions."""
        likely = [name for name in flags if _SEED.search(name)]
        for name in likely[:3]:
            text = f"&All Flags But “{name}”".replace("&", "&&").replace("&&All", "&All")
            menu.addAction(text, partial(self.group_by_all_but, name))
        others = [name for name in flags if name not in likely][:MOST_FLAGS]
        if others:
            sub = menu.addMenu("All Flags &But")
            for name in others:
                sub.addAction(name.replace("&", "&&"), partial(self.group_by_all_but, name))

    def _offer(self, menu: QMenu, spec: ColumnSpec, text: str) -> None:
        left_out = self._left_out()
        is_flag = spec.kind == "flag" and left_out is not None
        is_on = spec.name not in (left_out or ()) if is_flag else str(spec) in self._keys
        action = menu.addAction(text)
        action.setCheckable(True)
        action.setChecked(is_on)
        action.toggled.connect(partial(self._turn, spec))

    def _turn(self, spec: ColumnSpec, is_on: bool) -> None:
        key, left_out = str(spec), self._left_out()
        if spec.kind == "flag" and left_out is not None:
            names = [name for name in left_out if name != spec.name]
            self._leave_out(names if is_on else [*names, spec.name])
            return
        present = [each for each in self._keys if each != key]
        self._group_by([*present, key] if is_on else present)

    def _leave_out(self, names: Sequence[str]) -> None:
        """Group by all flags but these, and by what else is there."""
        others = [key for key in self._keys if _left_out_by(key) is None]
        if names:
            self._group_by([all_flags_but(names), *others])
            return
        columns, slots = self._chosen.columns, list(self._chosen.slots())
        self._question.ask(
            "List flags",
            lambda _context: [str(spec) for spec in flags_but(columns, slots, ())],
            lambda keys: self._group_by([*keys, *others]),
        )

    @property
    def _keys(self) -> tuple[str, ...]:
        return self._comparison.view.group_by

    def _left_out(self) -> list[str] | None:
        """The flags that are left out, where all others make the groups."""
        found = (left_out for key in self._keys if (left_out := _left_out_by(key)))
        return next(found, None)

    def _group_by(self, keys: Sequence[str]) -> None:
        self._comparison.change(group_by=tuple(keys))

    @Slot()
    def _show(self) -> None:
        names = [spec_name(text) for text in self._keys]
        tip = f"Grouped by {', '.join(names)}" if names else ""
        text = ", ".join(name.replace("all flags but", "all but", 1) for name in names)
        self._bar.show_group(text, tip)


def _left_out_by(key: str) -> list[str] | None:
    try:
        return flags_left_out(key)
    except QueryError:
        return None
