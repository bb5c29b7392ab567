"""The curve of a run's main scalar, small, for the overview."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QToolButton, QWidget

from core.curves import CurveOptions, offered_axes
from core.jobs import JobContext
from core.runs.contents import RunContents
from core.runs.details import main_scalar
from core.runs.scalars import ScalarReading, ScalarState, Series
from gui.job_bridge import Latest
from gui.services import Services
from gui.views.details.fact_sheet import Section
from gui.views.plots.axis_button import AxisButton
from gui.views.plots.curve_plot import CurvePlot, Scalar

SMOOTHING = 0.6
BLANK_MS = 150
"""How long the page of the run before stays while the next one is read: no flicker."""
HEIGHT = 170


class _Glance(Struct, frozen=True):
    state: ScalarState
    key: str
    reading: ScalarReading
    series: Series | None


class GlanceCurve(Section):
    """Titled plot of the scalar that says most; hidden where the run has none.

    Args:
        services: Shared services.
        parent: Owner.

    Signals:
        loaded: What the run's event files say is shown now.
    """

    loaded = Signal()

    def __init__(self, services: Services, parent: QWidget | None = None) -> None:
        self.plot = CurvePlot(services, compact=True)
        super().__init__("", self.plot, parent)
        self.plot.setFixedHeight(HEIGHT)
        self._latest = Latest(services.bridge, "details", self)
        self._glance: _Glance | None = None
        self.axis_button = AxisButton(self)
        self.axis_button.chosen.connect(self._draw)
        self._log_button = QToolButton(self)
        self._log_button.setText("log")
        self._log_button.setCheckable(True)
        self._log_button.setAccessibleName("Logarithmic values")
        self._log_button.toggled.connect(lambda _: self._draw())
        self._blank = QTimer(self, interval=BLANK_MS, singleShot=True)
        self._blank.timeout.connect(self.blank)
        self.add_tool(self.axis_button)
        self.add_tool(self._log_button)
        self.hide()

    @property
    def key(self) -> str:
        """The scalar that is shown; empty when there is none."""
        return self._glance.key if self._glance is not None else ""

    def choices(self) -> dict[str, Any]:
        """What the user chose, as plain values."""
        return {"axis": self.axis_button.wish, "log": self._log_button.isChecked()}

    def set_choices(self, choices: Mapping[str, Any]) -> None:
        """Take what `choices` gave; what is not understood is left as it is."""
        self.axis_button.set_wish(choices.get("axis"))
        if isinstance(is_on := choices.get("log"), bool):
            self._log_button.setChecked(is_on)

    def load(self, contents: RunContents) -> None:
        """Read the main scalar of a run, or what was added to it."""
        state = self._glance.state if self._glance is not None else None
        before = self._glance
        self._latest.ask(
            "Read the main scalar",
            lambda context: _read(contents, state, before, context),
            self._on_read,
        )

    def clear(self) -> None:
        """Forget the run; its curve goes when the next one does not come soon."""
        self._latest.drop()
        self._glance = None
        self._blank.start()

    def blank(self) -> None:
        """Show nothing."""
        self._blank.stop()
        self.plot.show_message("")
        self.hide()

    def _on_read(self, glance: _Glance) -> None:
        self._glance = glance
        self._blank.stop()
        if not glance.key:
            self.blank()
        self.setVisible(bool(glance.key))
        if glance.series is not None:
            self.axis_button.offer(offered_axes(glance.series))
            self._draw()
        self.loaded.emit()

    def _draw(self) -> None:
        if self._glance is None or self._glance.series is None:
            return
        options = CurveOptions(
            axis=self.axis_button.axis,
            smoothing=SMOOTHING,
            log_y=self._log_button.isChecked(),
        )
        if len(self._glance.series.values) < 3:
            options = replace(options, smoothing=0.0)
        smoothed = f" · smoothed {options.smoothing:g}" if options.smoothing else ""
        self.set_title(f"{self._glance.key}{smoothed}")
        self.plot.set_options(options)
        self.plot.show_scalars([Scalar(self._glance.key, self._glance.series)])


def _read(
    contents: RunContents,
    state: ScalarState | None,
    before: _Glance | None,
    context: JobContext,
) -> _Glance:
    reading = contents.scalars(state, context.check, linked=False)
    key = main_scalar(reading.summaries)
    summary = reading.summaries.get(key)
    if before is not None and before.key == key and before.reading.summaries.get(key) == summary:
        return _Glance(reading.state, key, reading, before.series)
    series = contents.series(key, context.check) if key else None
    return _Glance(reading.state, key, reading, series)
