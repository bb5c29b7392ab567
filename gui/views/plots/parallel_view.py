"""Parallel coordinates of the chosen runs, with controls; brushes select runs in the table."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from core.text import plural
from gui.plots.parallel_lines import ParallelPicture, ParallelWish, line_at, make_parallel
from gui.plots.picture_feed import Work
from gui.plots.plot_columns import AxisKeys
from gui.plots.plot_file import SheetPanel
from gui.plots.plot_paint import AxisLook, View
from gui.plots.plotted import Plotted
from gui.views.plots.parallel_plot import ParallelPlot
from gui.views.plots.plot_buttons import KeyButton, command
from gui.views.plots.run_plot import RunPlot
from gui.views.wrap_bar import WrapBar

FIRST_AXES, FEWEST_AXES = 7, 3
LEAST_ROOM = 72.0
"""Pixels between two axes, below which fewer are shown at first."""
FEW_RUNS, FEW_SHARE, MANY_SHARE = 200, 0.45, 0.24
"""How strong the lines of others are: many together are strong by themselves."""
REACH = 7.0
"""Pixels that a line may be away from the pointer."""


class ParallelView(RunPlot):
    """Parallel coordinates with their controls (see RunPlot)."""

    def __init__(self, plotted: Plotted, parent: QWidget | None = None) -> None:
        super().__init__(plotted, parent)
        self._keys: tuple[str, ...] = ()
        self._offered: AxisKeys | None = None
        self._is_chosen_by_user = False
        self._logs: dict[str, bool] = {}
        self._picture: ParallelPicture | None = None
        self._selects = self._is_selecting = False
        self._build()

    def _build(self) -> None:
        self.add = KeyButton("Add Axis", self)
        self.add.show_none()
        self.add.chosen.connect(self._on_added)
        self.clear = command("Clear Brushes", "Show all runs as strongly again", self)
        self.clear.clicked.connect(self._clear_brushes)
        self.clear.hide()
        bar = WrapBar(self)
        bar.add(self.add)
        bar.add_at_right(self._note, self.only, self.clear)
        self.plot = ParallelPlot(self._services.theme, self)
        self.plot.brushed.connect(self._on_brushed)
        self.plot.ordered.connect(self._take_keys)
        self.plot.pointed.connect(self._on_pointed)
        self.plot.left.connect(self._unpoint)
        self.plot.clicked.connect(self._on_clicked)
        self.plot.log_wanted.connect(self._on_log)
        self.plot.colour_wanted.connect(self._colours.colour_by)
        self.plot.hiding_wanted.connect(self._on_hiding)
        self.plot.resized.connect(self._on_resized)
        self._lay_out(bar, self.plot)

    # What is shown

    @property
    def picture(self) -> ParallelPicture | None:
        """What is drawn now."""
        return self._picture

    @property
    def keys(self) -> tuple[str, ...]:
        """Columns of the axes from left to right."""
        return self._keys

    def sheet_panels(self) -> list[SheetPanel]:
        """What is on screen, for a file: axes are painted as part of the plane."""
        picture = self._picture
        if picture is None:
            return []
        plot = self.plot

        def paint(painter: QPainter, _: View, area: QRectF) -> None:
            painter.save()
            painter.setClipping(False)
            painter.translate(area.topLeft())
            painter.scale(area.width() / plot.width(), area.height() / plot.height())
            plot.paint_on(painter, as_lines=True)
            painter.restore()

        bare = AxisLook("words")
        return [SheetPanel("", View(0, 1, 0, 1), (bare, bare), paint)]

    def state(self) -> dict[str, Any]:
        """What the user chose, as plain values."""
        keys = list(self._keys) if self._is_chosen_by_user else []
        return {"axes": keys, "logs": dict(self._logs)}

    def restore(self, state: Mapping[str, Any]) -> None:
        """Take what `state` gave; what is not understood is left as it is."""
        if isinstance(axes := state.get("axes"), list) and axes:
            self._keys = tuple(dict.fromkeys(str(key) for key in axes))
            self._is_chosen_by_user = True
        if isinstance(logs := state.get("logs"), Mapping):
            self._logs = {str(key): bool(log) for key, log in logs.items()}

    # Asking

    def _on_keys(self, keys: AxisKeys) -> None:
        self.add.offer((), keys.all)
        self.add.show_none()
        self._offered = keys
        self._choose_axes()
        self._feed.want()

    def _choose_axes(self) -> None:
        """Have the axes that say most, as many as there is room for, until the user chose."""
        keys = self._offered
        if keys is None or self._is_chosen_by_user:
            return
        most = max(FEWEST_AXES, min(FIRST_AXES, int(self.plot.area.width() / LEAST_ROOM) + 1))
        flags = (keys.varying or keys.flags or ("operation",))[: most - 1]
        brushed = [key for key in self.plot.brushes if key in self._keys and key not in flags]
        self._keys = tuple(dict.fromkeys((*flags, *brushed, keys.scalar or "duration")))

    def _on_resized(self) -> None:
        self._choose_axes()
        self._feed.want()

    def _on_values(self, slots: object) -> None:
        self._picture = None  # its axes are those of other values
        super()._on_values(slots)

    def _work(self) -> Work | None:
        if not self._keys:
            return None
        slots = tuple(self._chosen.slots())
        standing_out = () if self.plot.brushes else self._chosen.standing_out()
        faint = self._services.theme.faint(FEW_SHARE if len(slots) <= FEW_RUNS else MANY_SHARE)
        wish = ParallelWish(
            columns=self._chosen.columns,
            slots=slots,
            keys=self._keys,
            logs=dict(self._logs),
            numbers=self._colours.numbers(slots),
            colours=self._colours.palette(),
            faint=faint,
            size=self.plot.area.size(),
            ratio=self.plot.devicePixelRatioF(),
            brushes={key: tuple(ranges) for key, ranges in self.plot.brushes.items()},
            strong=self._places_of(standing_out, slots),
            known=self._picture,
        )
        return lambda context: make_parallel(wish, context.check)

    def _on_picture(self, picture: ParallelPicture) -> None:
        if self.plot.picture is not None and self.plot.picture.wish.slots != picture.wish.slots:
            self._unpoint()  # what is under the pointer is counted among the runs of before
        self._picture = picture
        self.plot.show_picture(picture)
        total, kept = len(picture.kept), int(picture.kept.sum())
        is_brushed = bool(self.plot.brushes)
        runs = plural(total, "run")
        self._note.setText(f"{kept:,} of {runs}" if is_brushed else runs)
        self.clear.setVisible(is_brushed)

    def _on_settled(self) -> None:
        if self._selects and self._picture is not None:
            self._selects = False
            self._select(self._picture)
        super()._on_settled()

    def _select(self, picture: ParallelPicture) -> None:
        """Select the brushed runs in the table; without brushes nothing."""
        ids, slots = self._chosen.columns.stored("id"), picture.wish.slots
        brushes = picture.wish.brushes
        kept = [slots[at] for at in picture.kept.nonzero()[0]] if brushes else []
        self._is_selecting = True
        self._chosen.select([ids[slot] for slot in kept])
        self._is_selecting = False
        self._offer_only(kept, tuple(brushes))

    def forget_brushes(self) -> None:
        """What was brushed is all that there is now."""
        super().forget_brushes()
        self.plot.brushes = {}
        self._feed.want()

    # Slots

    def _clear_brushes(self) -> None:
        self.plot.set_brushes({})

    def _on_brushed(self, is_over: bool) -> None:
        self._selects = self._selects or is_over
        self._feed.want_now()

    def _on_standing_out(self) -> None:
        if not self._is_selecting:
            self._feed.want()

    def _take_keys(self, keys: list[str]) -> None:
        self._keys = tuple(keys)
        self._is_chosen_by_user = True
        self._feed.want()

    def _on_added(self, key: str) -> None:
        self.add.show_none()
        self._take_keys([*(each for each in self._keys if each != key), key])

    def _on_hiding(self, key: str) -> None:
        if len(self._keys) > 1:
            self.plot.brushes.pop(key, None)
            self._take_keys([each for each in self._keys if each != key])

    def _on_log(self, key: str) -> None:
        axis = next((each for each in self.plot.axes if each.key == key), None)
        if axis is not None and axis.can_be_log:
            self._logs[key] = not axis.is_log
            self.plot.brushes.pop(key, None)
            self._feed.want()

    def _on_pointed(self, at: QPointF) -> None:
        place = self._line_at(at)
        picture = self._picture
        if place is None or picture is None:
            self._unpoint()
            return
        self.plot.highlighted = place
        keys = [axis.key for axis in picture.axes]
        self._name_run(picture.wish.slots[place], keys, at.toPoint())
        self.plot.update()

    def _line_at(self, at: QPointF) -> int | None:
        picture, area = self._picture, self.plot.area
        if picture is None or not area.adjusted(-REACH, 0, REACH, 0).contains(at):
            return None
        count = max(1, len(picture.axes) - 1)
        scale = area.width() / count, abs(self.plot.y_of(0) - self.plot.y_of(1))
        x = (at.x() - area.left()) / scale[0]
        return line_at(picture, x, self.plot.height_of(at.y()), scale, REACH)

    def _unpoint(self) -> None:
        self.plot.highlighted = None
        self._readout.hide()
        self.plot.update()

    def _on_clicked(self, at: QPointF) -> None:
        place = self._line_at(at)
        if place is not None and self._picture is not None:
            self.runs_wanted.emit([self._picture.wish.slots[place]])
