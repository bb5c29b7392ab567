"""A dot for each chosen run over two columns; dots are pointed at, clicked and brushed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from typing import Any

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from core.text import plural
from gui.naming import named
from gui.plots.picture_feed import Work
from gui.plots.plot_columns import AxisKeys, key_title
from gui.plots.plot_file import SheetPanel
from gui.plots.plot_paint import View
from gui.plots.plotted import Plotted
from gui.plots.scatter_points import (
    ScatterPicture,
    ScatterWish,
    dots_in_order,
    make_scatter,
    paint_scatter,
    run_at,
    runs_in,
)
from gui.views.plots.plot_buttons import KeyButton, switch
from gui.views.plots.plot_canvas import ENTER, STEPS, PlotCanvas
from gui.views.plots.run_plot import RunPlot
from gui.views.tab_order import lead_through
from gui.views.wrap_bar import WrapBar

ONE_SIZE = ""


class ScatterView(RunPlot):
    """A scatter plot under its controls (see RunPlot)."""

    def __init__(self, plotted: Plotted, parent: QWidget | None = None) -> None:
        super().__init__(plotted, parent)
        self._picture: ScatterPicture | None = None
        self._logs: dict[str, bool | None] = {"x": None, "y": None}
        self._pointed: int | None = None
        self._build()

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
        bar = WrapBar(self)
        bar.add(self.x_key, self.log_x, self.y_key, self.log_y, self.sizes)
        bar.add_at_right(self._note, self.only)
        self._make_canvas()
        self._lay_out(bar, self.canvas)
        controls = (self.log_x, self.y_key, self.log_y, self.sizes)
        lead_through(self.x_key, *controls, self.canvas)

    def _make_canvas(self) -> None:
        self.canvas = named(
            PlotCanvas(self._services.theme, self, brushes=True), "scatterPlot", "Scatter plot"
        )
        self.canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.canvas.zooms_by_wheel = True
        self.canvas.overlay = self._paint_over
        self.canvas.view_moved.connect(self._feed.want)
        self.canvas.resized.connect(self._feed.want)
        self.canvas.pointed.connect(self._on_pointed)
        self.canvas.left.connect(self._unpoint)
        self.canvas.clicked.connect(self._on_clicked)
        self.canvas.brushed.connect(self._on_brushed)
        self.canvas.reset_asked.connect(self.reset_view)

    # What is shown

    @property
    def picture(self) -> ScatterPicture | None:
        """What is drawn now."""
        return self._picture

    def reset_view(self) -> None:
        """Show everything."""
        self.canvas.be_whole(self._picture.full if self._picture is not None else None)
        self._feed.want()

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

    def _on_keys(self, keys: AxisKeys) -> None:
        for button in (self.x_key, self.y_key):
            button.offer((), keys.all)
        self.sizes.offer(((ONE_SIZE, "one size"),), keys.all)
        if not self.x_key.key:
            self.x_key.show_key(keys.varying[0] if keys.varying else "started")
        if not self.y_key.key:
            self.y_key.show_key(keys.scalar or "duration")
        self._feed.want()

    def _on_key(self, _key: str) -> None:
        self._logs = {"x": None, "y": None}
        self.canvas.be_whole()
        self._feed.want()

    def _on_log(self, axis: str, is_on: bool) -> None:
        self._logs[axis] = is_on
        self.canvas.be_whole()
        self._feed.want()

    def _work(self) -> Work | None:
        if not self.x_key.key or not self.y_key.key:
            return None
        slots = tuple(self._chosen.slots())
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
            view=self.canvas.chosen_view,
            strong=self._places_of(self._chosen.standing_out(), slots),
        )
        return lambda context: make_scatter(wish, context.check)

    def _on_picture(self, picture: ScatterPicture) -> None:
        if self._picture is not None and self._picture.wish.slots != picture.wish.slots:
            self._unpoint()  # what is under the pointer is counted among the runs of before
        self._picture = picture
        for box, axis in ((self.log_x, picture.x), (self.log_y, picture.y)):
            box.setChecked(axis.is_log)
            box.setEnabled(axis.can_be_log)
        self.canvas.show_picture(picture.looks, picture.full, picture.raster)
        self._point_again()
        self._describe(picture)

    def _describe(self, picture: ScatterPicture) -> None:
        """Say how many runs there are, and of those how many are brushed."""
        count = len(picture.places) - picture.missing
        brushed = len(self._brushed[0])
        runs = f"{brushed:,} of {plural(count, 'run')}" if brushed else plural(count, "run")
        parts = [runs] if picture.full is not None else ["no run has both values"]
        if picture.missing and picture.full is not None:
            parts.append(f"{picture.missing:,} without a value")
        self._note.setText(" · ".join(parts))
        names = f"{key_title(picture.x.key)} and {key_title(picture.y.key)}"
        self.canvas.setAccessibleDescription(f"{names}: {' · '.join(parts)}")

    def _offer_only(self, slots: Sequence[int], keys: Sequence[str]) -> None:
        super()._offer_only(slots, keys)
        if self._picture is not None:
            self._describe(self._picture)

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
        self._point_at(place, at)

    def _point_at(self, place: int, at: QPointF) -> None:
        """Name the run at a place among all, whose dot is at a point of the plane."""
        picture = self._picture
        if picture is None:
            return
        self._pointed = place
        keys = dict.fromkeys((picture.x.key, picture.y.key, self.sizes.key, self._colours.key))
        shown = [key for key in keys if key and not key.startswith("but:")]
        self._name_run(picture.wish.slots[place], shown, at.toPoint())
        self.canvas.update()

    def _point_again(self) -> None:
        """What is pointed at may be elsewhere now, or say something else."""
        if self._picture is None or self._pointed is None:
            return
        x, y = map(float, self._picture.places[self._pointed])
        if isfinite(x) and isfinite(y):
            self._point_at(self._pointed, self.canvas.to_widget(x, y))
        else:
            self._unpoint()

    def step_pointer(self, along: int, over: int) -> None:
        """Go to the next dot to the right (1) or left (-1), or to the next one above or below."""
        picture = self._picture
        if picture is None or picture.full is None:
            return
        order = dots_in_order(picture, vertical=bool(over))
        here = order.index(self._pointed) if self._pointed in order else None
        by = along + over
        place = order[0 if here is None else max(0, min(here + by, len(order) - 1))]
        x, y = map(float, picture.places[place])
        self.canvas.reach(x, y)
        self._point_at(place, self.canvas.to_widget(x, y))

    def _unpoint(self) -> None:
        self._pointed = None
        self._readout.hide()
        self.canvas.update()

    def _want_pointed(self) -> None:
        if self._pointed is not None and self._picture is not None:
            self.runs_wanted.emit([self._picture.wish.slots[self._pointed]])

    def _on_clicked(self, at: QPointF) -> None:
        self._on_pointed(at)
        self._want_pointed()
        if self._pointed is None:
            self._chosen.select(())
            self.forget_brushes()

    def _on_brushed(self, box: QRectF) -> None:
        """Select the runs inside of the rectangle."""
        if self._picture is not None:
            ids = self._chosen.columns.stored("id")
            slots = self._picture.wish.slots
            found = [slots[place] for place in runs_in(self._picture, box)]
            self._chosen.select([ids[slot] for slot in found])
            self._offer_only(found, (self._picture.x.key, self._picture.y.key))

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What the plane leaves: from dot to dot, and to the run."""
        key = Qt.Key(event.key())
        if key in STEPS and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.step_pointer(*STEPS[key])
        elif key in ENTER:
            self._want_pointed()
        else:
            super().keyPressEvent(event)
