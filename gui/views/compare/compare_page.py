"""The page that compares the chosen runs: a bar, and the table below it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QPoint, Signal, Slot
from PySide6.QtGui import QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from core.clock import now_us
from core.compare.column_order import merged
from core.compare.table_text import FORMATS, TextFormat
from core.compare.view_file import CompareView, view_of, view_text
from core.errors import Error
from core.jobs import JobContext
from core.text import plural
from core.whole_file import write_whole
from gui.compare.chosen_runs import LEAST, ChosenRuns
from gui.compare.compare_columns import CompareColumns
from gui.compare.compare_export import (
    FORMAT_NAMES,
    ExportWish,
    can_have_deltas,
    export_text,
    rows_text,
)
from gui.compare.compare_groups import GroupMenu
from gui.compare.compare_views import Beside, CompareViews
from gui.compare.compared import Compared, shown_facts
from gui.compare.comparison import LANE, Comparison
from gui.job_bridge import Latest
from gui.models.compare_model import CompareModel
from gui.plots.run_colours import run_colours
from gui.services import Services
from gui.views.compare.compare_bar import CompareBar
from gui.views.compare.compare_column_menu import ColumnMenu
from gui.views.compare.compare_table import CompareTable
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
        views: Named ways to compare.

    Signals:
        context_requested: The user wants the menu of the selected runs at a global position.
        shown_changed: Something else is compared, or in another way: actions may be others.
        said: Something was done that nobody sees otherwise (a sentence; an empty one takes the last
            one back).
    """

    context_requested = Signal(QPoint)
    shown_changed = Signal()
    said = Signal(str)

    def __init__(self, chosen: ChosenRuns, services: Services) -> None:
        super().__init__()
        self.setObjectName("comparePage")
        self._chosen = chosen
        self._services = services
        self._is_turned = False
        self._export_wish = ExportWish(has_deltas=True)
        self._model = CompareModel(chosen.columns, self, chosen.labels)
        self.comparison = Comparison(chosen, services.bridge, self)
        self.table = CompareTable(self._model, services.theme)
        self.bar = CompareBar(services.theme)
        self._colours = run_colours(chosen, services)
        self.views = CompareViews(self.bar, chosen, self.comparison, services, self)
        self._groups = GroupMenu(
            self.bar, chosen, self.comparison, services, self._open_all_groups, self
        )
        self._copying = Latest(services.bridge, LANE, self)
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

    @property
    def is_comparing(self) -> bool:
        """Whether there are runs enough, and not only a sentence on why there is no table."""
        count = len(self._chosen.slots())
        return count >= LEAST or (count == 1 and self._chosen.pinned is not None)

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
        dialog.keys_chosen.connect(
            lambda keys: self.comparison.change(columns=tuple(keys), order=())
        )
        dialog.reset_chosen.connect(
            lambda: self.comparison.change(columns=None, added=(), order=())
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.show()

    def current_id(self) -> str | None:
        """Id of the run of the current row; None on a group."""
        slot = self.table.current_slot()
        return None if slot is None else str(self._chosen.columns.value("id", slot))

    def copy_rows(self) -> None:
        """Put the selected rows on the clipboard for a spreadsheet; all where none is selected."""
        answer, columns = self.comparison.answer, self._chosen.columns
        if answer is None:
            return
        facts = shown_facts(answer)
        wanted = set(self.table.selected_slots())
        rows = [row for row, slot in enumerate(answer.table.slots) if not wanted or slot in wanted]
        self._copying.ask(
            f"Copy {plural(len(rows), 'run')}",
            lambda _context: rows_text(columns, answer.table, facts, rows),
            lambda text: QGuiApplication.clipboard().setText(text),
        )

    def export(self) -> None:
        """Ask how the comparison is to be exported."""
        from gui.dialogs.compare_export_dialog import CompareExportDialog

        answer = self.comparison.answer
        if answer is None:
            return
        can_be_whole = len(shown_facts(answer)) < len(answer.facts)
        dialog = CompareExportDialog(
            self._summary(answer),
            replace(self._export_wish, is_whole=False),
            can_be_whole=can_be_whole,
            can_have_deltas=can_have_deltas(answer),
            theme=self._services.theme,
            parent=self.window(),
        )
        dialog.wanted.connect(self._export)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def save_view(self, beside: Beside) -> None:
        """Ask for the name of a view, which keeps what is beside the comparison too."""
        from gui.dialogs.view_dialog import ViewDialog

        known, name = self.views.known, self.comparison.view.name
        theme, operation = self._services.theme, self.views.operation
        dialog = ViewDialog(name, known.names, operation, theme=theme, parent=self.window())
        dialog.default_box.setChecked(bool(name) and known.default_of(operation) == name)
        dialog.chosen.connect(
            lambda chosen, is_default: self.views.save(beside, name=chosen, is_default=is_default)
        )
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _export(self, path: Path | None, wish: ExportWish) -> None:
        """Write the comparison into a file, or onto the clipboard."""
        answer, columns, now = self.comparison.answer, self._chosen.columns, now_us()
        self._export_wish = wish
        if answer is None:
            return

        def work(_context: JobContext) -> str:
            text = export_text(columns, answer, wish, now=now)
            if path is not None:
                write_whole(path, [text])
            return text

        def done(text: str) -> None:
            self._problem.show_problem("", "export")
            if path is None:
                QGuiApplication.clipboard().setText(text)
                self.said.emit(f"The comparison is on the clipboard as {FORMAT_NAMES[wish.form]}.")
            else:
                self.said.emit(f"The comparison is in {path}.")

        def failed(error: Error) -> None:
            self.said.emit("")
            self._problem.show_problem(error.told, "export")

        self._copying.ask("Export the comparison", work, done, failed)

    # Between two starts

    def state(self) -> dict[str, object]:  # what the tabs keep for this home
        """What the next start restores; plain values only."""
        return {
            "view": json.loads(view_text(self.comparison.view)),
            "is_own": self.views.is_own,
            "is_turned": self._is_turned,
            "widths": self.table.widths(),
            "form": self._export_wish.form,
            "deltas": self._export_wish.has_deltas,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take what `state` gave; what is not understood is left as it is."""
        document = state.get("view")
        if isinstance(document, dict):
            view = view_of(document, Path()).view
            name = document.get("name")
            self.comparison.show(replace(view, name=name if isinstance(name, str) else ""))
            is_own = state.get("is_own", view != CompareView(view.name))
            self.views.keep(own=is_own is not False)
        self._is_turned = state.get("is_turned") is True
        form: TextFormat = next((each for each in FORMATS if each == state.get("form")), "csv")
        self._export_wish = ExportWish(form, has_deltas=state.get("deltas") is not False)
        widths = state.get("widths")
        if isinstance(widths, dict):
            self.table.set_widths(widths)

    # Inside

    def _build(self, services: Services) -> None:
        self._empty = EmptyState(services.theme)
        self._problem = ProblemLine(services.theme)
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
        comparison.failed.connect(self._on_failed)
        comparison.takes_long.connect(self._on_taking_long)
        chosen.standing_out_changed.connect(self._show_selected)
        chosen.changed.connect(self._show_emptiness)
        self._colours.changed.connect(self._repaint_heads)
        table.runs_selected.connect(self._on_runs_selected)
        table.run_activated.connect(self._on_run_activated)
        table.sort_wanted.connect(lambda sort: comparison.change(sort=sort))
        table.order.wanted.connect(self._on_order_wanted)
        table.context_requested.connect(self.context_requested)
        table.head_menu_requested.connect(self._menu.popup)
        table.copy_wanted.connect(self.copy_rows)
        self.views.failed.connect(lambda text: self._problem.show_problem(text, "view"))
        self._show_emptiness()

    def _open_all_groups(self, is_on: bool) -> None:
        self.table.open_groups(self._model.group_titles(), on=is_on)

    def _summary(self, answer: Compared) -> str:
        """How much is compared: "20 runs · 6 of 14 columns differ"."""
        runs = plural(len(answer.table), "run")
        groups = f"{plural(len(answer.groups), 'group')} of {runs}" if answer.groups else runs
        differing = sum(fact.differs for fact in answer.facts)
        if len(answer.table) < LEAST or not answer.facts:
            return groups
        return f"{groups} · {differing:,} of {plural(len(answer.facts), 'column')} differ"

    # Slots

    @Slot()
    def _show(self) -> None:
        answer = self.comparison.answer
        if answer is None:
            return
        if self._is_turned and not self.can_turn:
            self._is_turned = False
        self.table.show_answer(answer, is_turned=self._is_turned)
        self._problem.show_problem(" ".join(answer.built.problems))
        self.bar.show_summary(self._summary(answer))
        self._show_emptiness()
        self._show_selected()
        self.shown_changed.emit()

    @Slot()
    def _on_taking_long(self) -> None:
        self.bar.show_summary(f"Comparing {plural(len(self._chosen.slots()), 'run')}…")

    @Slot()
    def _show_selected(self) -> None:
        """The rows of the runs that are selected in the table of runs.

        All of them, too: what is done to the selected runs must never hit a run that looks
        as if it was none of them.
        """
        self.table.select_slots(self._chosen.selected(), self._chosen.current_slot())

    @Slot()
    def _show_emptiness(self) -> None:
        """Where there is nothing to compare, say why, and what to do."""
        is_enough = self.is_comparing
        self._stack.setCurrentWidget(self.table if is_enough else self._empty)
        self.bar.setVisible(is_enough)
        if not is_enough:
            sentence = "Select two runs or more in the table of runs, or let the filter show them."
            self._empty.show_state("compare", "Two runs are needed to compare", sentence)
        elif self._model.answer is not None and not self._model.facts:
            self.table.show_empty_text(
                "These runs do not differ", "Show all columns to see what they have in common."
            )

    @Slot()
    def _repaint_heads(self) -> None:
        for head in (self.table.rows_head, self.table.columns_head):
            head.viewport().update()

    @Slot(list)
    def _on_runs_selected(self, slots: list[int]) -> None:
        ids = self._chosen.columns.stored("id")
        self._chosen.select([ids[slot] for slot in slots])

    @Slot(list)
    def _on_order_wanted(self, shown: list[str]) -> None:
        """A column was dragged; those that are hidden stay behind the same ones."""
        if answer := self.comparison.answer:
            whole = [fact.column.header for fact in answer.facts]
            self.comparison.change(order=merged(whole, shown))

    @Slot(int)
    def _on_run_activated(self, slot: int) -> None:
        self._chosen.run_wanted.emit(self._chosen.columns.value("id", slot))

    def _on_failed(self, error: Error) -> None:
        self._problem.show_problem(error.told)
        answer = self.comparison.answer
        self.bar.show_summary(self._summary(answer) if answer is not None else "")

    # Qt overrides

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.comparison.set_on(on=True)
        self.views.look()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self.comparison.set_on(on=False)


def make(chosen: ChosenRuns, services: Services) -> ComparePage:
    """The page of a home."""
    return ComparePage(chosen, services)
