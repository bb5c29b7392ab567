"""The curves of the chosen runs: one panel a scalar, all drawn in the same way.

Why panels get their runs one after another, each in a turn of the event loop: of thousands of runs
each takes some milliseconds, and together they would be felt while files are still being read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec.structs import replace
from PySide6.QtCore import QRectF, QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QResizeEvent
from PySide6.QtWidgets import (
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from core.compare.series import RunSeries
from core.curves import AXES, Axis, CurveOptions, offered_axes
from core.text import plural
from gui.naming import in_role, named
from gui.plots.curve_panels import PanelPicture, RunLine, paint_panel
from gui.plots.plot_file import SheetPanel
from gui.plots.plot_paint import View
from gui.plots.plotted import Plotted
from gui.plots.run_colours import RunStyle
from gui.plots.series_feed import SeriesFeed
from gui.table.columns import common_scalars
from gui.tool_tip import plain, plain_tip
from gui.views.plots.axis_button import AXIS_TITLES, AxisButton
from gui.views.plots.curve_panel import CurvePanel
from gui.views.plots.plot_buttons import switch
from gui.views.plots.scalar_chooser import ScalarChooser
from gui.views.tab_order import lead_through
from gui.views.wrap_bar import WrapBar

PANEL_WIDTH, PANEL_HEIGHT = 370, 230
NARROW = 620
FIRST_PANELS = 4
SMOOTHING_STEPS, MOST_SMOOTHING = 100, 0.99
"""As in the details of one run."""

_AXES_OF = 50  # runs that are asked which axes their values have
_MOST_TOLD = 10  # runs of which a tip says why their files could not be had
_NOTHING = "These runs have logged no scalars."
_NONE_TICKED = "Choose scalars above to see their curves."
_SWITCHES = ("log_x", "log_y", "averages")


class CurvesView(QWidget):
    """Panels of curves under their controls.

    Args:
        plotted: The runs, and what drawing them needs.
        parent: Owner.

    Signals:
        runs_wanted: The user clicked at a curve, or at a mean: the slots of its runs.
    """

    runs_wanted = Signal(list)

    def __init__(self, plotted: Plotted, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        chosen, colours, services = plotted.chosen, plotted.colours, plotted.services
        self._chosen, self._colours, self._services = chosen, colours, services
        self._wish: tuple[str, ...] = ()
        self.panels: dict[str, CurvePanel] = {}
        self._due: list[str] = []
        self._styles: dict[int, RunStyle] = {}
        self._axes: dict[str, tuple[Axis, ...]] = {}
        self._turn = QTimer(self, singleShot=True, interval=0)
        self._turn.timeout.connect(self._fill_next)
        self.feed = SeriesFeed(chosen, services, self)
        self._build()
        self.feed.scalars_found.connect(self._on_scalars)
        self.feed.changed.connect(self._fill)
        self.feed.reading_changed.connect(self._tell)
        colours.changed.connect(self._fill)
        chosen.standing_out_changed.connect(self._stand_out)

    def _build(self) -> None:
        self.scalars = ScalarChooser(self)
        self.scalars.chosen.connect(self._on_scalars_chosen)
        self.axis = AxisButton(self)
        self.axis.offer(["step"])
        self.axis.chosen.connect(self._on_way)
        self.log_x = switch("log x", "Logarithmic x", self)
        self.log_y = switch("log y", "Logarithmic values", self)
        means = "Mean and standard deviation of the runs of each colour"
        self.averages = switch("mean", means, self)
        for box in (self.log_x, self.log_y, self.averages):
            box.toggled.connect(self._on_way)
        self._make_slider()
        self._status = in_role(QLabel("", self), "muted")
        self._all = QPushButton("Show All", self)
        self._all.clicked.connect(self.feed.want_all)
        self._all.hide()
        bar = WrapBar(self)
        self._caption = in_role(QLabel("Smoothing", self), "muted")
        bar.add(self.scalars, self.axis, self.log_x, self.log_y, self.averages)
        bar.add(self._caption, self.smoothing, self._amount)
        bar.add_at_right(self._status, self._all)
        self._lay_out(bar)

    def _make_slider(self) -> None:
        self.smoothing = QSlider(Qt.Orientation.Horizontal, self)
        self.smoothing.setRange(0, SMOOTHING_STEPS)
        self.smoothing.setPageStep(10)
        self.smoothing.setMinimumWidth(48)
        self.smoothing.setMaximumWidth(120)
        self.smoothing.setAccessibleName("Smoothing")
        self.smoothing.setToolTip("Smoothing")
        self.smoothing.valueChanged.connect(self._on_way)
        self._amount = QLabel("0.00", self)

    def _lay_out(self, bar: WrapBar) -> None:
        self._grid_widget = QWidget(self)
        self._grid = QGridLayout(self._grid_widget)
        self._grid.setContentsMargins(8, 0, 8, 4)
        self._grid.setSpacing(8)
        self.area = named(QScrollArea(self), "curvePanels", "Curves")
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QScrollArea.Shape.NoFrame)
        self.area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.area.setWidget(self._grid_widget)
        self.area.verticalScrollBar().valueChanged.connect(self._look)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(bar)
        layout.addWidget(self.area, 1)
        self._nothing = in_role(plain(QLabel(alignment=Qt.AlignmentFlag.AlignCenter)), "muted")
        layout.addWidget(self._nothing, 1)
        self._nothing.hide()

    # What is shown

    @property
    def options(self) -> CurveOptions:
        """How curves are drawn."""
        return CurveOptions(
            axis=self.axis.axis,
            smoothing=self.smoothing.value() / SMOOTHING_STEPS * MOST_SMOOTHING,
            log_x=self.log_x.isChecked(),
            log_y=self.log_y.isChecked(),
        )

    @property
    def is_averaging(self) -> bool:
        """Whether groups are drawn instead of runs: only where runs share colours."""
        return self.averages.isChecked() and bool(self._colours.key)

    def reset_view(self) -> None:
        """Show everything in each panel."""
        for panel in self.panels.values():
            panel.reset_view()

    def sheet_panels(self) -> list[SheetPanel]:
        """What is on screen, for a file."""
        found = []
        for key, panel in self.panels.items():
            picture = panel.picture
            if picture is not None and picture.full is not None:
                found.append(_sheet_panel(key, picture, panel))
        return found

    def state(self) -> dict[str, Any]:
        """What the user chose, as plain values."""
        return {
            "scalars": list(self._wish),
            "smoothing": self.smoothing.value(),
            "axis": self.axis.wish,
            **{name: getattr(self, name).isChecked() for name in _SWITCHES},
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take what `state` gave; what is not understood is left as it is."""
        if isinstance(scalars := state.get("scalars"), list):
            self._wish = tuple(str(key) for key in scalars)
        if isinstance(smoothing := state.get("smoothing"), int):
            self.smoothing.setValue(max(0, min(smoothing, SMOOTHING_STEPS)))
        self.axis.set_wish(state.get("axis"))
        for name in _SWITCHES:
            if isinstance(is_on := state.get(name), bool):
                getattr(self, name).setChecked(is_on)

    def look(self, *, on: bool) -> None:
        """Whether somebody looks at the curves."""
        self.feed.look(on=on)

    # Inside

    def _on_scalars(self) -> None:
        """Offer what the runs have; at first the scalars that say most."""
        found = dict(self.feed.scalars)
        with QSignalBlocker(self.scalars):
            self.scalars.offer(found)
            wanted = [key for key in self._wish if key in found]
            self.scalars.set_keys(wanted or common_scalars(found)[:FIRST_PANELS])
        self._show_panels()

    def _on_scalars_chosen(self) -> None:
        self._wish = self.scalars.keys
        self._show_panels()

    def _show_panels(self) -> None:
        keys = self.scalars.keys
        for key in [key for key in self.panels if key not in keys]:
            panel = self.panels.pop(key)
            self._grid.removeWidget(panel)
            panel.hide()
            panel.setParent(None)
            panel.deleteLater()
        for key in keys:
            if key not in self.panels:
                self.panels[key] = self._make_panel(key)
        self.panels = {key: self.panels[key] for key in keys}
        self._place_panels()
        self.feed.want(keys)
        self._fill()
        self._tell()

    def _make_panel(self, key: str) -> CurvePanel:
        panel = CurvePanel(key, self._services, self._colours.name, self._grid_widget)
        panel.setMinimumHeight(PANEL_HEIGHT)
        panel.runs_wanted.connect(self.runs_wanted)
        panel.name_of_group = self._group_name
        panel.set_way(self._options_of(key), averages=self.is_averaging)
        panel.stand_out(self._chosen.standing_out())
        return panel

    def _group_name(self, number: int) -> str:
        names = (e.name for e in self._colours.legend() if e.style.number == number)
        return next(names, f"group {number + 1}")

    def _place_panels(self) -> None:
        """As many side by side as there is room for."""
        count = len(self.panels)
        most = max(1, self.area.viewport().width() // PANEL_WIDTH)
        columns = 1 if count == 1 else min(most, 2 if count <= 4 else 3)
        for number, panel in enumerate(self.panels.values()):
            self._grid.addWidget(panel, *divmod(number, columns))
            panel.canvas.zooms_by_wheel = count <= columns
            panel.show()
        lead_through(self._all, *self.panels.values())
        for column in range(3):
            self._grid.setColumnStretch(column, 1 if column < columns else 0)

    def _fill(self) -> None:
        """Give each panel the runs that have its scalar, as soon as there is time."""
        self._due = list(self.panels)
        self._styles = {}
        for key, panel in self.panels.items():
            panel.set_way(self._options_of(key), averages=self.is_averaging)
        self.averages.setEnabled(bool(self._colours.key))
        self._turn.start()

    def _fill_next(self) -> None:
        """Give the next panel its runs."""
        key = self._due.pop(0) if self._due else ""
        if key in self.panels:
            self._fill_panel(key, self.panels[key])
        if self._due:
            self._turn.start()
        else:
            self._offer_axes()
            self._stand_out()

    def _fill_panel(self, key: str, panel: CurvePanel) -> None:
        series = self.feed.series(key)
        self._axes[key] = _common_axes(list(series.values())[:_AXES_OF])
        self._set_axis(key, panel)
        mixed = self._colours.mixed if self.is_averaging else None  # their mean would mean nothing
        theme = self._services.theme
        panel.show_lines(
            [
                RunLine(slot, points, style.colour(theme), style.is_dashed, style.number)
                for slot, points in series.items()
                if (style := self._style(slot)).number != mixed or mixed is None
            ]
        )

    def _style(self, slot: int) -> RunStyle:
        """How a run is drawn, asked for once a round; other runs may be chosen meanwhile."""
        found = self._styles.get(slot)
        if found is None:
            found = self._styles[slot] = self._colours.style(slot)
        return found

    def _offer_axes(self) -> None:
        """Offer what any panel can show; a panel that cannot is drawn by its steps, and says so."""
        known = [axes for key in self.panels if (axes := self._axes.get(key))]
        if not known:
            return
        offered = dict.fromkeys(axis for axes in known for axis in axes)
        best = "step" if any(axes[0] == "step" for axes in known) else "order"
        self.axis.offer(sorted(offered, key=lambda axis: (axis != best, AXES.index(axis))))

    def _options_of(self, key: str) -> CurveOptions:
        """How the curves of a scalar are drawn: by what x can be for them."""
        axes = self._axes.get(key, ())
        options = self.options
        return options if not axes or options.axis in axes else replace(options, axis=axes[0])

    def _set_axis(self, key: str, panel: CurvePanel) -> None:
        options = self._options_of(key)
        is_other = options.axis != self.axis.axis
        panel.set_remark(f"no times, so by {AXIS_TITLES[options.axis]}" if is_other else "")
        panel.set_way(options, averages=self.is_averaging)

    def _stand_out(self) -> None:
        slots = self._chosen.standing_out()
        for panel in self.panels.values():
            panel.stand_out(slots)

    def _on_way(self) -> None:
        self._amount.setText(f"{self.options.smoothing:.2f}")
        self._fill()

    def _tell(self) -> None:
        parts = []
        if self.feed.progress is not None:
            done, total = self.feed.progress
            if done < total:
                parts.append(f"reading {done:,} of {plural(total, 'run')}…")
        if self.feed.left_out:
            parts.append(f"the first {len(self.feed.slots):,} runs")
        unread = self.feed.unread
        if unread:
            parts.append(f"no curve of {plural(len(unread), 'run')}: its files cannot be had")
        self._status.setText(" · ".join(parts))
        self._status.setToolTip(plain_tip("\n".join(unread[:_MOST_TOLD])))
        in_role(self._status, "warning" if unread else "muted")
        self._status.style().polish(self._status)
        nothing = "" if self.panels else _NOTHING if not self.feed.scalars else _NONE_TICKED
        self._nothing.setText(nothing)
        self._nothing.setVisible(bool(nothing))
        self.area.setVisible(not nothing)
        self._all.setVisible(bool(self.feed.left_out))

    def _look(self) -> None:
        for panel in self.panels.values():
            panel.look()

    # Qt overrides

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        is_narrow = self.width() < NARROW
        self._caption.setVisible(not is_narrow)
        self.scalars.be_short(on=is_narrow)
        self._place_panels()
        self._look()


def _common_axes(some: Sequence[RunSeries]) -> tuple[Axis, ...]:
    """What x can be for all of them, what says most for any of them first."""
    offered = [offered_axes(points) for points in some]
    common = [axis for axis in AXES if all(axis in each for each in offered)] if offered else []
    best = "step" if any(each[0] == "step" for each in offered) else "order"
    return tuple(sorted(common, key=lambda axis: axis != best))


def _sheet_panel(key: str, picture: PanelPicture, panel: CurvePanel) -> SheetPanel:
    def paint(painter: QPainter, view: View, area: QRectF) -> None:
        paint_panel(picture, painter, view, area)

    return SheetPanel(key, panel.canvas.view, picture.looks, paint)
