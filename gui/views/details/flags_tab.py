"""The flags of a run: exact values, and which of them the user gave."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from datetime import date
from math import isnan
from typing import Any, ClassVar

from msgspec import Struct
from PySide6.QtGui import QAction, QGuiApplication
from PySide6.QtWidgets import QVBoxLayout, QWidget

from core.errors import Error
from core.jobs import JobContext
from core.runs.contents import RunContents
from core.runs.details import FlagFact, FlagOrigin, FlagReading
from core.text import flag_text, natural_key
from gui.job_bridge import Latest
from gui.models.fact_table_model import FactColumn, FactTableModel
from gui.services import RunRef, Services
from gui.theme import mono_font
from gui.views.details.details_tab import DetailsTab
from gui.views.details.fact_table import FactTable
from gui.views.problem_line import ProblemLine

ORIGINS: dict[FlagOrigin, str] = {
    "user": "by user",
    "default": "default",
    "unknown": "",
    "prototype": "prototype",
}

_TYPES: tuple[tuple[type | tuple[type, ...], str], ...] = (
    (bool, "boolean"),  # before int, which it is too
    (int, "int"),
    (float, "float"),
    (str, "string"),
    ((list, tuple, set), "list"),
    (dict, "map"),
    (date, "date"),
)


class FlagRow(Struct, frozen=True):
    """One flag of a run, as the table shows it: the text of a large value is made only once."""

    fact: FlagFact
    text: str


class FlagsTab(DetailsTab):
    """Table of flags with a search box; copies as a table or as NAME=VALUE."""

    name: ClassVar[str] = "flags"
    title: ClassVar[str] = "Flags"

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self._latest = Latest(services.bridge, "details", self)
        self._problem = ProblemLine(services.theme, self)
        model = FactTableModel(_columns(), services.theme.colour, self)
        self.table = FactTable(model, services.theme, noun="flag", stretched=1, parent=self)
        self.table.add_action(self._action("Copy as &NAME=VALUE", self.copy_assignments))
        self.table.add_action(self._action("Copy &Value", self.copy_values))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self._problem)
        layout.addWidget(self.table, 1)

    def copy_assignments(self) -> None:
        """Copy the selected flags, or all, as arguments for a command line."""
        words = [f"{row.fact.name}={row.text}" for row in self._chosen()]
        QGuiApplication.clipboard().setText(shlex.join(words))

    def copy_values(self) -> None:
        """Copy the values of the selected flags, or of all, one a line."""
        values = (value_text(row.fact.value) for row in self._chosen())
        QGuiApplication.clipboard().setText("\n".join(values))

    def _chosen(self) -> list[FlagRow]:
        return [self.table.model.row(number) for number in self.table.chosen_numbers()]

    def _action(self, text: str, slot: Callable[[], None]) -> QAction:
        action = QAction(text, self)
        action.triggered.connect(slot)
        return action

    def _load(self, run: RunRef) -> None:
        contents = run.contents
        self._latest.ask(
            "Read flags", lambda context: _read(contents, context), self._on_read, self._on_error
        )

    def _clear(self) -> None:
        self._latest.drop()
        self._problem.show_problem("")
        self.table.clear()

    def _on_error(self, error: Error) -> None:
        self._clear()
        self._problem.show_problem(str(error))

    def _on_read(self, found: tuple[FlagReading, list[FlagRow]]) -> None:
        reading, rows = found
        self._problem.show_problem(reading.problem)
        self.table.show_rows(rows, problem=reading.problem)


def _read(contents: RunContents, context: JobContext) -> tuple[FlagReading, list[FlagRow]]:
    reading = contents.flags(context.check)
    return reading, [FlagRow(fact, flag_text(fact.value)) for fact in reading.flags]


def value_text(value: Any) -> str:
    """A flag's value: a text as it is, anything else as Guild shows it."""
    return value if isinstance(value, str) else flag_text(value)


def type_name(value: Any) -> str:
    """What kind of value it is, in Guild's words."""
    if value is None:
        return "null"
    return next((name for kind, name in _TYPES if isinstance(value, kind)), type(value).__name__)


def _value_key(row: FlagRow) -> tuple[int, float, Any] | None:
    value = row.fact.value
    if value is None or (isinstance(value, float) and isnan(value)):
        return None
    if isinstance(value, (int, float)):
        return (0, float(value) if abs(value) < 1e300 else 1e300, ())
    text = value if isinstance(value, str) else row.text
    return (1, 0.0, natural_key(text[:200]))


def _columns() -> tuple[FactColumn, ...]:
    def quiet(row: FlagRow) -> str:
        return "muted" if row.fact.origin in ("default", "prototype") else ""

    def name(row: FlagRow) -> str:
        return row.fact.name

    def kind(row: FlagRow) -> str:
        return type_name(row.fact.value)

    def given(row: FlagRow) -> str:
        return ORIGINS[row.fact.origin]

    return (
        FactColumn("Name", name, lambda row: natural_key(name(row)), is_searched=True, token=quiet),
        FactColumn(
            "Value",
            lambda row: row.text,
            _value_key,
            is_searched=True,
            token=quiet,
            font=mono_font(),
        ),
        FactColumn("Type", kind, kind, token=lambda _: "muted"),
        FactColumn("Given", given, lambda row: given(row) or None, token=quiet),
    )
