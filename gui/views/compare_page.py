"""The page that compares the chosen runs: a bar, and the table below it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from core.compare.column_spec import ColumnSpec
from core.compare.view_file import CompareView, view_of, view_text
from core.errors import Error
from core.text import plural
from gui.chosen_runs import LEAST, ChosenRuns
from gui.compare_columns import CompareColumns, GroupColumns
from gui.compare_groups import GroupMenu
from gui.comparison import Comparison
from gui.models.compare_model import CompareModel
from gui.naming import in_role, named
from gui.run_colours import run_colours
from gui.services import Services
from gui.views.compare_bar import CompareBar
from gui.views.compare_column_menu import ColumnMenu
from gui.views.compare_table import CompareTable
from gui.views.empty_state import EmptyState
from gui.views.problem_line import ProblemLine

MOST_TURNED = 100
"""Runs that may be columns: of more one could not find any."""


class ComparePage(QWidget):
    """Compares the chosen runs while it is seen.

    Args:
        chosen: The runs.
        services: Shared services of the window.

    Attributes:
        comparison: How they are compared, and what was found.
        table: Shows it.
        bar: What is above it.

    Signals:
        context_requested: The user wants the menu of the selected runs at a global position.
        shown_changed: Something else is compared, or in another way: actions may be others.
    """

    context_requested = Signal(QPoint)
    shown_changed = Signal()

    def __init__(self, chosen: ChosenRuns, services: Services) -> None:
        super().__init__()
        self.setObjectName("comparePage")
        self._chosen = chosen
        self._services = services
        self._is_turned = False
        self._model = CompareModel(chosen.columns, self)
        self.comparison = Comparison(chosen, services.bridge, self)
        self.table = CompareTable(self._model, services.theme)
        self.bar = CompareBar(services.theme)
        self._colours = run_colours(chosen, services)
        self._groups = GroupMenu(self.bar, chosen, self.comparison, services, self)
        self._menu = ColumnMenu(self.table, self.comparison, self.choose_columns)
        self._build(services)
        self._connect()

    @property
    def is_turned(self) -> bool:
        """Whether runs are columns."""
        return self._is_turned

    @property
    def can_turn(self) -> bool:
        """Whether runs may be columns: there are few enough."""
        answer = self.comparison.answer
        return answer is not None and len(answer.table) <= MOST_TURNED

    # What the user asks for

    def turn(self, *, on: bool) -> None:
        """Have runs as columns, or as rows."""
        if on != self._is_turned:
            self._is_turned = on
            self._show()

    def show_only_different(self, *, on: bool) -> None:
        """Leave out columns that are the same for all runs, or show them too."""
        self.comparison.change(only_different=on)

    def choose_columns(self) -> None:
        """Open the choice of columns."""
        from gui.dialogs.columns_dialog import ColumnsDialog

        source = CompareColumns(
            self._chosen.columns, self.comparison.answer, self.comparison.find_default_columns
        )
        dialog = ColumnsDialog(source, self._services, self.window())
        dialog.keys_chosen.connect(lambda keys: self.comparison.change(columns=tuple(keys)))
        dialog.reset_chosen.connect(lambda: self.comparison.change(columns=None, added=()))
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()

    def choose_groups(self) -> None:
        """Open the choice of what runs are grouped by."""
        self._groups.choose()

    def open_group_menu(self) -> None:
        """Drop the menu of groups down."""
        self.bar.open_group_menu()

    # Between two starts

    def state(self) -> dict[str, object]:  # what the tabs keep for this home
        """What the next start restores; plain values only."""
        return {
            "view": json.loads(view_text(self.comparison.view)),
            "is_turned": self._is_turned,
            "widths": self.table.widths(),
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take what `state` gave; what is not understood is left as it is."""
        document = state.get("view")
        if isinstance(document, dict):
            view = view_of(document, Path()).view
            name = document.get("name")
            self.comparison.show(_named(view, name if isinstance(name, str) else ""))
        self._is_turned = state.get("is_turned") is True
        widths = state.get("widths")
        if isinstance(widths, dict):
            self.table.set_widths(widths)

    # Inside

    def _build(self, services: Services) -> None:
        self._empty = EmptyState(services.theme)
        self._problem = ProblemLine()
        self._stack = QStackedWidget()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self.table)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.bar)
        layout.addWidget(self._problem)
        layout.addWidget(self._stack, 1)
        self.table.rows_head.use_colours(self._colours.colour)
        self.table.columns_head.use_colours(self._colours.colour)

    def _connect(self) -> None:
        chosen, table, comparison = self._chosen, self.table, self.comparison
        comparison.found.connect(self._show)
        comparison.view_changed.connect(self._show_view)
        comparison.failed.connect(self._on_failed)
        chosen.standing_out_changed.connect(self._show_selected)
        chosen.changed.connect(self._show_emptiness)
        self._colours.changed.connect(self._repaint_heads)
        table.runs_selected.connect(self._on_runs_selected)
        table.run_activated.connect(self._on_run_activated)
        table.sort_wanted.connect(lambda sort: comparison.change(sort=sort))
        table.context_requested.connect(self.context_requested)
        table.head_menu_requested.connect(self._menu.popup)
