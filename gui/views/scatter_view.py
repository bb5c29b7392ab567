"""A dot for each chosen run over two columns; dots are pointed at, clicked and brushed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from core.text import plural
from gui.chosen_runs import ChosenRuns
from gui.job_bridge import Latest
from gui.naming import in_role, named
from gui.plot_columns import AxisKeys, axis_keys, cell_text, key_title
from gui.plot_file import SheetPanel
from gui.plot_paint import View
from gui.run_colours import RunColours
from gui.run_names import run_name
from gui.scatter_points import (
    ScatterPicture,
    ScatterWish,
    make_scatter,
    paint_scatter,
    run_at,
    runs_in,
)
from gui.services import Services
from gui.views.plot_buttons import KeyButton, switch
from gui.views.plot_canvas import PlotCanvas
from gui.views.plot_readout import PlotReadout, ReadoutRow
from gui.views.tab_order import lead_through
from gui.views.wrap_bar import WrapBar

LANE = "plots"
SETTLE_MS = 20
ONE_SIZE = ""


class ScatterView(QWidget):
    """A scatter plot under its controls.

    Args:
        chosen: The runs.
        colours: Their colours.
        services: Shared services.
        parent: Owner.

    Signals:
        runs_wanted: The user clicked at a dot: the slot of its run.
        drawn: What was asked for is on screen.
    """

    runs_wanted = Signal(list)
    drawn = Signal()

    def __init__(
        self,
        chosen: ChosenRuns,
        colours: RunColours,
        services: Services,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._chosen, self._colours, self._services = chosen, colours, services
        self._keys = AxisKeys()
        self._picture: ScatterPicture | None = None
        self._is_looked_at = self._is_zoomed = self._wants_more = False
        self._logs: dict[str, bool | None] = {"x": None, "y": None}
        self._pointed: int | None = None
        self._key_question = Latest(services.bridge, "columns", self)
        self._latest = Latest(services.bridge, LANE, self)
        self._timer = QTimer(self, interval=SETTLE_MS, singleShot=True)
        self._timer.timeout.connect(self._wish)
        self._build()
        chosen.changed.connect(self._on_chosen)
        chosen.values_changed.connect(self._on_values)
        chosen.standing_out_changed.connect(self._timer.start)
        colours.changed.connect(self._timer.start)

    def _build(self) -> None:
        self.x_key, self.y_key = KeyButton("X", self), KeyButton("Y", self)
        self.log_x = switch("log x", "Logarithmic x", self)
        self.log_y = switch("log y", "Logarithmic y", self)
        self.sizes = KeyButton("Size", self)
        self.sizes.show_key(ONE_SIZE, "one size")
        for button in (self.x_key, self.y_key, self.sizes):
            button.chosen.connect(self._on_key)
        self.log_x.clicked.connect(lambda on: self._on_log("x", on))
        self.log_y.clicked.connect(lambda on: self._on_log("y", on))
        self._note = in_role(QLabel("", self), "muted")
        bar = WrapBar(self)
        bar.add(self.x_key, self.log_x, self.y_key, self.log_y, self.sizes)
        bar.add_at_right(self._note)
        self._make_canvas()
        self._readout = PlotReadout(self._services.theme, self.canvas)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(4)
        layout.addWidget(bar)
        layout.addWidget(self.canvas, 1)
        controls = (self.log_x, self.y_key, self.log_y, self.sizes)
        lead_through(self.x_key, *controls, self.canvas)

    def _make_canvas(self) -> None:
        self.canvas = named(
            PlotCanvas(self._services.theme, self, brushes=True), "scatterPlot", "Scatter plot"
        )
        self.canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.canvas.zooms_by_wheel = True
        self.canvas.overlay = self._paint_over
        self.canvas.view_moved.connect(self._on_view_moved)
        self.canvas.pointed.connect(self._on_pointed)
        self.canvas.left.connect(self._unpoint)
        self.canvas.clicked.connect(self._on_clicked)
        self.canvas.brushed.connect(self._on_brushed)
        self.canvas.reset_asked.connect(self.reset_view)
        self.canvas.installEventFilter(self)

    # What is shown

    @property
    def picture(self) -> ScatterPicture | None:
        """What is drawn now."""
        return self._picture

    def look(self, *, on: bool) -> None:
        """Whether somebody looks at the plot."""
        self._is_looked_at = on
        if on:
            self._on_chosen()

    def reset_view(self) -> None:
        """Show everything."""
        self._is_zoomed = False
        if self._picture is not None and self._picture.full is not None:
            self.canvas.set_view(self._picture.full)
            self._is_zoomed = False

    def sheet_panels(self) -> list[SheetPanel]:
        """What is on screen, for a file."""
        picture = self._picture
        if picture is None or picture.full is None:
            return []

        def paint(painter: QPainter, view: View, area: QRectF) -> None:
            paint_scatter(picture, painter, view, area)

        return [SheetPanel("", self.canvas.view, picture.looks, paint)]

    def state(self) -> dict[str, Any]:
        """What the user chose, as plain values."""
        return {
            "x": self.x_key.key, "y": self.y_key.key, "size": self.sizes.key,
            "log_x": self._logs["x"], "log_y": self._logs["y"],
        }  # fmt: skip

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take what `state` gave; what is not understood is left as it is."""
        for button, name in ((self.x_key, "x"), (self.y_key, "y")):
            if isinstance(key := state.get(name), str) and key:
                button.show_key(key)
        if isinstance(key := state.get("size"), str) and key:
            self.sizes.show_key(key)
        for axis in ("x", "y"):
            if isinstance(log := state.get(f"log_{axis}"), bool):
                self._logs[axis] = log

    # Asking

    def _on_chosen(self) -> None:
        if not self._is_looked_at:
            return
        columns, slots = self._chosen.columns, list(self._chosen.slots())
        self._key_question.ask(
            "Look for columns",
            lambda context: axis_keys(columns, slots, context.check),
            self._on_keys,
        )

    def _on_keys(self, keys: AxisKeys) -> None:
        self._keys = keys
        for button in (self.x_key, self.y_key):
            button.offer((), keys.all)
        self.sizes.offer(((ONE_SIZE, "one size"),), keys.all)
        if not self.x_key.key:
            self.x_key.show_key(keys.varying[0] if keys.varying else "started")
        if not self.y_key.key:
            self.y_key.show_key(keys.scalar or "duration")
        self._timer.start()

    def _on_values(self, _slots: object) -> None:
        self._timer.start()

    def _on_key(self, _key: str) -> None:
        self._logs = {"x": None, "y": None}
        self._is_zoomed = False
        self._timer.start()

    def _on_log(self, axis: str, is_on: bool) -> None:
        self._logs[axis] = is_on
        self._is_zoomed = False
        self._timer.start()

    def _wish(self) -> None:
        if not self._is_looked_at or not self.x_key.key or not self.y_key.key:
            return
        if self._latest.is_waiting:
            self._wants_more = True
            return
        slots = tuple(self._chosen.slots())
        standing_out = set(self._chosen.standing_out())
        wish = ScatterWish(
            columns=self._chosen.columns,
            slots=slots,
            x=(self.x_key.key, self._logs["x"]),
            y=(self.y_key.key, self._logs["y"]),
            size_key=self.sizes.key,
            numbers=self._colours.numbers(slots),
            colours=self._colours.palette(),
            size=self.canvas.area.size(),
            ratio=self.canvas.devicePixelRatioF(),
            view=self.canvas.view if self._is_zoomed else None,
            strong=tuple(place for place, slot in enumerate(slots) if slot in standing_out),
        )
        self._latest.ask(
            "Draw runs", lambda context: make_scatter(wish, context.check), self._on_picture
        )

    def _on_picture(self, picture: ScatterPicture) -> None:
        self._picture = picture
        self.canvas.looks = picture.looks
        for box, axis in ((self.log_x, picture.x), (self.log_y, picture.y)):
            box.setChecked(axis.is_log)
            box.setEnabled(axis.can_be_log)
        if not self._is_zoomed and picture.full is not None:
            self.canvas.set_view(picture.full)
            self._is_zoomed = False
        self.canvas.show_raster(picture.raster)
        count = len(picture.places) - picture.missing
        parts = [plural(count, "run")] if picture.full is not None else ["no run has both values"]
        if picture.missing and picture.full is not None:
            parts.append(f"{picture.missing:,} without a value")
        self._note.setText(" · ".join(parts))
        names = f"{key_title(picture.x.key)} and {key_title(picture.y.key)}"
        self.canvas.setAccessibleDescription(f"{names}: {' · '.join(parts)}")
        if self._wants_more:
            self._wants_more = False
            self._timer.start()
        elif not self._timer.isActive():
            self.drawn.emit()

    # Pointing

    def _paint_over(self, painter: QPainter) -> None:
        picture = self._picture
        if picture is None or picture.full is None:
            return
        if self._pointed is not None and self._pointed < len(picture.places):
            x, y = picture.places[self._pointed]
            radius = float(picture.diameters[self._pointed]) / 2 + 2.5
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(self._services.theme.colour("text"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawEllipse(self.canvas.to_widget(float(x), float(y)), radius, radius)

    def _on_pointed(self, at: QPointF) -> None:
        picture = self._picture
        if picture is None or picture.full is None:
            return
        place = run_at(picture, self.canvas.view, self.canvas.area, at)
        if place is None:
            self._unpoint()
            return
        self._pointed = place
        slot = picture.wish.slots[place]
        columns = self._chosen.columns
        keys = dict.fromkeys((picture.x.key, picture.y.key, self.sizes.key, self._colours.key))
        rows = [
            ReadoutRow(key_title(key), cell_text(key, columns.value(key, slot)))
            for key in keys
            if key and not key.startswith("but:")
        ]
        self._readout.show_rows(run_name(columns, slot), rows)
        self._readout.place(at.toPoint())
        self.canvas.update()

    def _unpoint(self) -> None:
        self._pointed = None
        self._readout.hide()
        self.canvas.update()

    def _on_clicked(self, at: QPointF) -> None:
        self._on_pointed(at)
        if self._pointed is not None and self._picture is not None:
            self.runs_wanted.emit([self._picture.wish.slots[self._pointed]])
        else:
            self._chosen.select(())

    def _on_brushed(self, box: QRectF) -> None:
        """Select the runs inside of the rectangle."""
        if self._picture is not None:
            ids = self._chosen.columns.stored("id")
            slots = self._picture.wish.slots
            self._chosen.select([ids[slots[place]] for place in runs_in(self._picture, box)])

    def _on_view_moved(self) -> None:
        self._is_zoomed = True
        self._timer.start()

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._timer.start()
        return super().eventFilter(watched, event)
