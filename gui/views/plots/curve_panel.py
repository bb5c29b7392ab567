"""One scalar of the chosen runs: their curves, a crosshair that names runs, zoom and pan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QHideEvent, QKeyEvent, QPainter, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from core.curves import CurveOptions
from core.text import plural
from gui.naming import in_role
from gui.plots.curve_panels import (
    PanelPicture,
    PanelWish,
    RunLine,
    deviation_at,
    make_panel,
    nearest_curves,
)
from gui.plots.picture_feed import PictureFeed, Work
from gui.services import Services
from gui.tool_tip import plain
from gui.views.elided_label import ElidedLabel
from gui.views.plots.curve_overlay import paint_above, paint_cross, paint_restarts, paint_spot
from gui.views.plots.curve_words import value_text, x_text
from gui.views.plots.plot_canvas import ENTER, STEPS, PlotCanvas
from gui.views.plots.plot_readout import PlotReadout, ReadoutRow

SHOWN_VALUES, FEWEST_VALUES = 12, 3
READOUT_SHARE, BESIDES_VALUES = 0.6, 2
"""Of the panel's height; and the lines that a readout has besides values."""
MOST_STANDING_OUT = 20
OTHERS_OPACITY = 0.3
MOST_POINTED = 8_000
"""Of more curves none is named under the pointer: looking for it would take longer than a frame."""


class CurvePanel(QWidget):
    """Curves of one scalar.

    Args:
        key: The scalar.
        services: Shared services.
        name_of: Names a run by its slot.
        parent: Owner.

    Attributes:
        name_of_group: Names a group by its number, while means are shown.

    Signals:
        drawn: What was asked for is on screen.
        runs_wanted: The user clicked at the curve of a run or the mean of a group: its slots.
    """

    drawn = Signal()
    runs_wanted = Signal(list)

    def __init__(
        self,
        key: str,
        services: Services,
        name_of: Callable[[int], str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("curvePlot")
        self.key = key
        self._services = services
        self._name_of = name_of
        self.name_of_group: Callable[[int], str] = lambda number: f"group {number + 1}"
        self._lines: tuple[RunLine, ...] = ()
        self._options = CurveOptions()
        self._averages = False
        self._remark = ""
        self._picture: PanelPicture | None = None
        self._standing_out: tuple[int, ...] = ()
        self._pointed: tuple[float, int] | None = None
        self._feed = PictureFeed("Draw curves", services.bridge, self._work, self)
        self._feed.made.connect(self._on_picture)
        self._feed.settled.connect(self.drawn)
        self._build()

    def _build(self) -> None:
        theme = self._services.theme
        self.canvas = PlotCanvas(theme, self)
        self.canvas.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.canvas.overlay = self._paint_over
        self.canvas.view_moved.connect(self._feed.want)
        self.canvas.resized.connect(self._feed.want)
        self.canvas.pointed.connect(self._on_pointed)
        self.canvas.left.connect(self._unpoint)
        self.canvas.clicked.connect(self._on_clicked)
        self.canvas.reset_asked.connect(self.reset_view)
        self.title = plain(QLabel(self.key, self))
        font = self.title.font()
        font.setBold(True)
        self.title.setFont(font)
        self._note = in_role(ElidedLabel(self), "muted")
        self._readout = PlotReadout(theme, self)
        head = QHBoxLayout()
        head.setContentsMargins(8, 4, 8, 0)
        head.setSpacing(8)
        head.addWidget(self.title)
        head.addWidget(self._note, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(0)
        layout.addLayout(head)
        layout.addWidget(self.canvas, 1)
        theme.changed.connect(self.canvas.update)

    # What is shown

    @property
    def picture(self) -> PanelPicture | None:
        """What is drawn now."""
        return self._picture

    @property
    def is_zoomed(self) -> bool:
        """Whether the user chose a part; new values then move nothing."""
        return self.canvas.is_zoomed

    @property
    def pointed_key(self) -> int | None:
        """The run that the crosshair names, by its slot; of means the group, by its number."""
        return self._pointed[1] if self._pointed is not None else None

    def show_lines(self, lines: Sequence[RunLine]) -> None:
        """Draw these runs."""
        if {line.slot for line in lines}.isdisjoint(line.slot for line in self._lines):
            self.canvas.be_whole()
        self._lines = tuple(lines)
        self._feed.want()

    def set_way(self, options: CurveOptions, *, averages: bool) -> None:
        """Draw in another way; another meaning of an axis shows everything again."""
        if options == self._options and averages == self._averages:
            return
        if replace(options, smoothing=0) != replace(self._options, smoothing=0):
            self.canvas.be_whole()
            self._unpoint()
        self._options, self._averages = options, averages
        self._feed.want()

    def set_remark(self, text: str) -> None:
        """What is to be known of these curves; empty for nothing."""
        if text != self._remark:
            self._remark = text
            if self._picture is not None:
                self._describe(self._picture)

    def stand_out(self, slots: Iterable[int]) -> None:
        """Draw these runs above the others, which become faint."""
        self._standing_out = tuple(slots)[:MOST_STANDING_OUT]
        self._take_opacity()

    def reset_view(self) -> None:
        """Show everything."""
        self.canvas.be_whole(self._picture.full if self._picture is not None else None)
        self._feed.want()

    # Drawing

    def _work(self) -> Work | None:
        if not self.isVisible() or self.visibleRegion().isEmpty():
            return None  # asked again when it comes into sight
        wish = PanelWish(
            lines=self._lines,
            options=self._options,
            averages=self._averages,
            size=self.canvas.area.size(),
            ratio=self.canvas.devicePixelRatioF(),
            view=self.canvas.chosen_view,
            done=self._picture.curves if self._picture is not None else {},
        )
        return lambda context: make_panel(wish, context.check)

    def _on_picture(self, picture: PanelPicture) -> None:
        self._picture = picture
        self.canvas.show_picture(picture.looks, picture.full, picture.raster)
        self._take_opacity()
        self._describe(picture)
        self._point_again(picture)

    def _describe(self, picture: PanelPicture) -> None:
        parts = [self._remark] if self._remark else []
        if picture.full is None:
            parts.append("no values that can be drawn" if picture.hidden else "no values yet")
        elif picture.hidden:
            parts.append(f"{plural(picture.hidden, 'value')} cannot be drawn")
        if picture.outside:
            parts.append(f"{plural(picture.outside, 'curve')} beyond this view")
        problems = {getattr(line.points, "problem", "") for line in picture.wish.lines} - {""}
        parts += sorted(problems)[:1]
        if len(problems) > 1:
            parts.append(f"and {plural(len(problems) - 1, 'more problem')}")
        self._note.setText(" · ".join(parts))
        runs = plural(len(picture.curves), "run")
        self.canvas.setAccessibleName(f"Curves of {self.key}")
        self.canvas.setAccessibleDescription(" · ".join((runs, *parts)))

    def _take_opacity(self) -> None:
        known = self._picture.curves if self._picture is not None else {}
        is_one = any(slot in known for slot in self._standing_out)
        self.canvas.opacity = OTHERS_OPACITY if is_one and not self._averages else 1.0
        self.canvas.update()

    def _paint_over(self, painter: QPainter) -> None:
        picture = self._picture
        if picture is None or picture.full is None:
            return
        paint_restarts(painter, self.canvas, picture.restarts)
        if not self._averages:
            pointed = (self._pointed[1],) if self._pointed is not None else ()
            paint_above(painter, self.canvas, picture, {*self._standing_out, *pointed})
        if self._pointed is not None:
            x, slot = self._pointed
            paint_cross(painter, self.canvas, x)
            curve = picture.shown.get(slot)
            place = curve.nearest(x) if curve is not None else None
            if curve is not None and place is not None:
                at = curve.xs[place], curve.smoothed[place]
                paint_spot(painter, self.canvas, *at, self._colour_of(slot))

    # Pointing

    def _on_pointed(self, at: QPointF) -> None:
        plane, picture = self.canvas.to_plane(at), self._picture
        can_point = picture is not None and len(picture.shown) <= MOST_POINTED
        found = nearest_curves(picture, plane.x()) if picture is not None and can_point else []
        if not found:
            self._unpoint()
            return
        y_at = at.y()
        slot, x, _ = min(
            found, key=lambda point: abs(self.canvas.to_widget(point[1], point[2]).y() - y_at)
        )
        self._point_at(x, slot, found)

    def _point_at(self, x: float, slot: int, found: Sequence[tuple[int, float, float]]) -> None:
        self._pointed = (x, slot)
        rank = next(n for n, point in enumerate(found) if point[0] == slot)
        most = self._most_values()
        first = max(0, min(rank - most // 2, len(found) - most))
        shown = found[first : first + most]
        rows = [
            ReadoutRow(self._name(s), self._value_text(s, at, y), self._colour_of(s), s == slot)
            for s, at, y in shown
        ]
        self._readout.show_rows(x_text(x, self._options), rows, more=len(found) - len(shown))
        spot = self.canvas.to_widget(x, next(y for s, _, y in found if s == slot))
        self._readout.place(self.canvas.mapTo(self, QPoint(round(spot.x()), round(spot.y()))))
        self.canvas.update()

    def _point_again(self, picture: PanelPicture) -> None:
        """What is pointed at may be elsewhere now, or have another value."""
        if self._pointed is None:
            return
        x, key = self._pointed
        found = nearest_curves(picture, x)
        if any(point[0] == key for point in found):
            self._point_at(x, key, found)
        else:
            self._unpoint()

    def _most_values(self) -> int:
        """How many values are told, so that the curves of a low panel are not all behind them."""
        lines = int(self.height() * READOUT_SHARE / self.fontMetrics().lineSpacing())
        return max(FEWEST_VALUES, min(SHOWN_VALUES, lines - BESIDES_VALUES))

    def _unpoint(self) -> None:
        self._pointed = None
        self._readout.hide()
        self.canvas.update()

    def _on_clicked(self, at: QPointF) -> None:
        self._on_pointed(at)
        if self._pointed is not None:
            self._want(self._pointed[1])

    def step_pointer(self, along: int, over: int) -> None:
        """Move the crosshair to the next point of its curve, or to the next curve above it."""
        picture = self._picture
        if picture is None or not picture.shown:
            return
        x, key = self._pointed or (self.canvas.view.right, next(iter(picture.shown)))
        if key not in picture.shown:
            key = next(iter(picture.shown))
        curve = picture.shown[key]
        place = curve.nearest(x)
        if place is not None:
            x = curve.xs[max(0, min(place + along, len(curve.xs) - 1))]
        found = nearest_curves(picture, x)
        ranks = [point[0] for point in found]
        if not ranks:
            return
        rank = ranks.index(key) if key in ranks else 0
        key, x_of, y_of = found[max(0, min(rank - over, len(ranks) - 1))]
        self.canvas.reach(x_of, y_of)
        self._point_at(x, key, found)

    def _want(self, key: int) -> None:
        lines = [line.slot for line in self._lines if line.group == key]
        self.runs_wanted.emit(lines if self._averages else [key])

    def _name(self, key: int) -> str:
        return self.name_of_group(key) if self._averages else self._name_of(key)

    def _value_text(self, key: int, x: float, y: float) -> str:
        """A value, or a mean with its standard deviation."""
        text, picture = value_text(y, self._options), self._picture
        spread = deviation_at(picture, key, x) if picture is not None and self._averages else None
        return text if spread is None else f"{text} ± {spread:.2g}"

    def _colour_of(self, key: int) -> QColor:
        lines = self._lines
        return next(e.colour for e in lines if key == (e.group if self._averages else e.slot))

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What the plane leaves: from point to point, and to the run."""
        key = Qt.Key(event.key())
        if key in STEPS and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.step_pointer(*STEPS[key])
        elif key in ENTER and self._pointed is not None:
            self._want(self._pointed[1])
        else:
            super().keyPressEvent(event)

    def look(self) -> None:
        """It may have come into sight: draw what was not drawn meanwhile."""
        self._feed.want()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._feed.want()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._feed.rest()
