"""The scalars of a run: a table that sums them up, and the curves of the selected ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import count
from math import isnan
from typing import Any, ClassVar

from msgspec import Struct
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from core.curves import offered_axes
from core.errors import Error
from core.jobs import JobContext
from core.runs.contents import RunContents
from core.runs.details import main_scalar
from core.runs.run import RunStatus, ScalarSummary
from core.runs.scalars import ScalarReading, ScalarState, Series
from core.text import float_text, natural_key
from gui.job_bridge import Latest
from gui.models.fact_table_model import FactColumn, FactTableModel
from gui.services import RunRef, Services
from gui.views.details.details_tab import DetailsTab, set_sizes
from gui.views.details.fact_table import FactTable
from gui.views.follow_timer import FollowTimer
from gui.views.plots.curve_controls import CurveControls
from gui.views.plots.curve_plot import CurvePlot, Scalar
from gui.views.problem_line import ProblemLine


class ScalarRow(Struct, frozen=True):
    """One scalar of a run, as the table shows it."""

    key: str
    summary: ScalarSummary


class _Read(Struct, frozen=True):
    reading: ScalarReading
    status: RunStatus


class ScalarsTab(DetailsTab):
    """Summary table below, curves above; follows a run that is going on.

    Signals:
        curves_read: The values of the selected scalars were read.
    """

    name: ClassVar[str] = "scalars"
    title: ClassVar[str] = "Scalars"
    curves_read = Signal()

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        super().__init__(services, parent)
        self._state: ScalarState | None = None
        self._summaries: Mapping[str, ScalarSummary] = {}
        self._series: dict[str, tuple[ScalarSummary, Series]] = {}
        self._colours: dict[str, int] = {}
        self._is_running = False
        self._latest = Latest(services.bridge, "details", self)
        self._latest_series = Latest(services.bridge, "details", self)
        self._follow = FollowTimer(self, self.refresh)
        self._build()

    def _build(self) -> None:
        theme = self.services.theme
        self.problem = ProblemLine(theme, self)
        self.plot = CurvePlot(self.services)
        self.plot.setMinimumHeight(140)
        self.controls = CurveControls(self.plot, self.services)
        self.controls.failed.connect(self.problem.show_problem)
        top = QWidget(self)
        top_layout = QVBoxLayout(top)
        top_layout.setContentsMargins(12, 8, 12, 6)
        top_layout.setSpacing(6)
        top_layout.addWidget(self.controls)
        top_layout.addWidget(self.plot, 1)
        model = FactTableModel(_columns(), theme.colour, self)
        self.table = FactTable(model, theme, noun="scalar", stretched=0, least=130, parent=self)
        # Those of a batch begin with the id of a trial and end with what tells them apart.
        self.table.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.table.selected.connect(self._on_rows_selected)
        splitter = self.splitter = QSplitter(Qt.Orientation.Vertical, self)
        splitter.addWidget(top)
        splitter.addWidget(self.table)
        splitter.setSizes([580, 420])
        splitter.setStretchFactor(0, 1)
        splitter.setStretchFactor(1, 1)
        splitter.setChildrenCollapsible(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.problem)
        layout.addWidget(splitter, 1)

    def choices(self) -> dict[str, Any]:
        return self.controls.choices() | {"sizes": self.splitter.sizes()}

    def set_choices(self, choices: Mapping[str, Any]) -> None:
        self.controls.set_choices(choices)
        set_sizes(self.splitter, choices.get("sizes"))

    def _load(self, run: RunRef) -> None:
        state = self._state
        self._follow.is_far = run.is_far
        self._follow.begin()
        contents = run.contents
        self._latest.ask(
            "Read scalars",
            lambda context: _read(contents, state, context),
            self._on_read,
            self._on_error,
        )

    def _clear(self) -> None:
        self._latest.drop()
        self._latest_series.drop()
        self._follow.stop()
        self._state = None
        self._summaries = {}
        self._series = {}
        self._colours = {}
        self.problem.show_problem("")
        self.table.clear()
        self.plot.show_message("")
        self.controls.setEnabled(False)

    def _on_error(self, error: Error) -> None:
        self._clear()
        self.problem.show_problem(str(error))

    def _on_read(self, read: _Read) -> None:
        is_first = not self._summaries
        self._state = read.reading.state
        self._summaries = read.reading.summaries
        self._is_running = read.status == "running"
        self.problem.show_problem(_sentence(read.reading.problem))
        rows = [ScalarRow(key, s) for key, s in self._summaries.items()]
        self.table.show_rows(rows, problem=read.reading.problem)
        for widget in (self.table, self.controls):
            widget.setVisible(bool(rows))  # where there is nothing, one sentence says so
        if not self._summaries:
            nothing = "" if read.reading.problem else "This run has logged no scalars."
            self.plot.show_message(nothing)
            self._follow_if_running()
        elif is_first:
            self.table.select_name(main_scalar(self._summaries))
        else:
            self._read_curves()

    def _on_rows_selected(self) -> None:
        self._read_curves()

    def _selected_keys(self) -> list[str]:
        return [key for key in self.table.selected_names() if key in self._summaries]

    def _read_curves(self) -> None:
        """Read what is selected and not read yet, or grew since."""
        keys = self._selected_keys()
        if not keys:
            if self._summaries:
                self.plot.show_message("Select scalars below to see their curves.")
            self.controls.setEnabled(False)
            self._follow_if_running()
            return
        wanted = [key for key in keys if not self._is_fresh(key)]
        if not wanted or self.run is None:
            self._show_curves(keys)
            self._follow_if_running()
            return
        contents, summaries = self.run.contents, self._summaries
        self._latest_series.ask(
            "Read curves",
            lambda context: _read_series(contents, wanted, summaries, context),
            self._on_series,
        )

    def _is_fresh(self, key: str) -> bool:
        known = self._series.get(key)
        return known is not None and _same(known[0], self._summaries[key])

    def _on_series(self, series: Mapping[str, tuple[ScalarSummary, Series]]) -> None:
        keys = self._selected_keys()
        self._series = {k: v for k, v in {**self._series, **series}.items() if k in keys}
        self._show_curves(keys)
        self._follow_if_running()
        self.curves_read.emit()

    def _show_curves(self, keys: Sequence[str]) -> None:
        shown = [key for key in keys if key in self._series]
        self._choose_colours(shown)
        scalars = [Scalar(key, self._series[key][1], self._colours[key]) for key in shown]
        offered = [offered_axes(scalar.points) for scalar in scalars]
        if not offered:
            return
        common = [axis for axis in offered[0] if all(axis in each for each in offered)]
        self.controls.offer_axes(common or ["step"])
        self.controls.setEnabled(True)
        self.plot.show_scalars(scalars)

    def _choose_colours(self, keys: Sequence[str]) -> None:
        """A curve keeps its colour while it stays selected; a new one takes the first free."""
        self._colours = {k: colour for k, colour in self._colours.items() if k in keys}
        for key in keys:
            if key not in self._colours:
                taken = set(self._colours.values())
                self._colours[key] = next(n for n in count() if n not in taken)

    def _follow_if_running(self) -> None:
        if self._is_running:
            self._follow.schedule()


def _read(contents: RunContents, state: ScalarState | None, context: JobContext) -> _Read:
    status = contents.run(context.check).status
    return _Read(contents.scalars(state, context.check), status)


def _read_series(
    contents: RunContents,
    keys: Sequence[str],
    summaries: Mapping[str, ScalarSummary],
    context: JobContext,
) -> dict[str, tuple[ScalarSummary, Series]]:
    return {key: (summaries[key], contents.series(key, context.check)) for key in keys}


def _same(a: ScalarSummary, b: ScalarSummary) -> bool:
    """Whether nothing was added; the count tells also where values are not numbers."""
    return a.count == b.count and a.last_step == b.last_step


def _sentence(problem: str) -> str:
    return problem if not problem or problem.endswith(".") else f"{problem}."


def _number(value: float) -> str:
    """Six digits are more than a float32 can be trusted with in a table."""
    return f"{value:.6g}"


def _columns() -> tuple[FactColumn, ...]:
    def numbers(title: str, value: Callable[[ScalarSummary], float]) -> FactColumn:
        return FactColumn(
            title,
            lambda row: _number(value(row.summary)),
            lambda row: _missing_last(value(row.summary)),
            is_number=True,
            whole=lambda row: float_text(value(row.summary)),
        )

    def counts(title: str, value: Callable[[ScalarSummary], int]) -> FactColumn:
        return FactColumn(
            title,
            lambda row: f"{value(row.summary):,}",
            lambda row: value(row.summary),
            is_number=True,
            whole=lambda row: str(value(row.summary)),
        )

    return (
        FactColumn("Tag", lambda row: row.key, lambda row: natural_key(row.key), is_searched=True),
        numbers("Last", lambda s: s.last),
        counts("Step", lambda s: s.last_step),
        numbers("Min", lambda s: s.min),
        numbers("Max", lambda s: s.max),
        numbers("First", lambda s: s.first),
        numbers("Avg", lambda s: s.average),
        counts("Count", lambda s: s.count),
    )


def _missing_last(value: float) -> float | None:
    return None if isnan(value) else value
