"""The plot of one run's scalars: curves, a crosshair that tells values, zoom and pan.

It is drawn as a panel of the page with plots is (`gui.plots.curve_panels`), each scalar in the
place of a run. What draws it needs numpy and is imported with the first curve.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace
from PySide6.QtCore import QPoint, QPointF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QHideEvent,
    QImage,
    QKeyEvent,
    QPainter,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from core.curves import Curve, CurveOptions, Points
from gui.plots.picture_feed import PictureFeed, Work
from gui.services import Services
from gui.startup.gentle_imports import GentleImports, lacking
from gui.tool_tip import plain
from gui.views.details.fact_text import FactText
from gui.views.plots.curve_words import (
    last_values,
    legend_html,
    nothing_text,
    value_text,
    x_text,
)
from gui.views.plots.plot_canvas import PlotCanvas
from gui.views.plots.plot_readout import PlotReadout, ReadoutRow

if TYPE_CHECKING:
    from gui.plots.curve_panels import PanelPicture

SHOWN_VALUES = 12
IMAGE_SCALE = 2
_LATE = ("gui.plots.curve_panels", "gui.views.plots.curve_overlay")
_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class Scalar(Struct, frozen=True):
    """A scalar to draw.

    Attributes:
        key: Its name.
        points: Its values.
        colour: Number of its colour.
    """

    key: str
    points: Points
    colour: int = 0


class CurvePlot(QWidget):
    """Curves of some scalars of one run.

    Args:
        services: Shared services.
        parent: Owner.
        compact: A glance within a page: no zoom, no legend.

    Signals:
        drawn: What was asked for is on screen.
    """

    drawn = Signal()

    def __init__(
        self, services: Services, parent: QWidget | None = None, *, compact: bool = False
    ) -> None:
        super().__init__(parent)
        self.setObjectName("overviewCurve" if compact else "curvePlot")
        self.setAccessibleName("Curves")
        self._theme = services.theme
        self._compact = compact
        self._scalars: tuple[Scalar, ...] = ()
        self._options = CurveOptions()
        self._picture: PanelPicture | None = None
        self._pointed_at: float | None = None
        self._imports = GentleImports(services.bridge, self)
        self._feed = PictureFeed("Draw curves", services.bridge, self._work, self)
        self._feed.made.connect(self._on_picture)
        self._feed.settled.connect(self.drawn)
        self._build()
        self._theme.changed.connect(self._on_theme_changed)

    def _build(self) -> None:
        self._legend = FactText(self._theme, self, name="Curves")
        self._legend.hide()
        self._message = plain(QLabel(alignment=Qt.AlignmentFlag.AlignCenter))
        self._message.setProperty("role", "muted")
        self._message.setWordWrap(True)
        self._canvas = canvas = PlotCanvas(self._theme, self, is_still=self._compact)
        canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        canvas.setFocusProxy(self)
        canvas.zooms_by_wheel = True
        canvas.overlay = self._paint_over
        canvas.view_moved.connect(self._want)
        canvas.pointed.connect(lambda at: self._point_at(canvas.to_plane(at).x()))
        canvas.left.connect(self._unpoint)
        canvas.reset_asked.connect(self.reset_view)
        self._stack = QStackedLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(4)
        layout.addWidget(self._legend)
        layout.addLayout(self._stack, 1)
        self._stack.addWidget(self._message)  # before, it would open as a window and close menus
        self._stack.addWidget(canvas)
        self._readout = PlotReadout(self._theme, self)
        if not self._compact:
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)  # a border when it has it

    @property
    def options(self) -> CurveOptions:
        """How curves are drawn."""
        return self._options

    @property
    def is_zoomed(self) -> bool:
        """Whether the user chose a part; new values then move nothing."""
        return self._canvas.is_zoomed

    @property
    def picture(self) -> PanelPicture | None:
        """What is drawn now."""
        return self._picture

    @property
    def canvas(self) -> PlotCanvas:
        """The plane with the curves."""
        return self._canvas

    @property
    def scalars(self) -> tuple[Scalar, ...]:
        """What is asked for."""
        return self._scalars

    @property
    def curves(self) -> Mapping[str, Curve]:
        """What is drawn, by name."""
        shown = self._picture.shown if self._picture is not None else {}
        return {self._scalars[number].key: curve for number, curve in shown.items()}

    def show_scalars(self, scalars: Sequence[Scalar]) -> None:
        """Draw these; a zoom stays while the same scalars only have more values."""
        if [s.key for s in scalars] != [s.key for s in self._scalars]:
            self._canvas.be_whole()
            self._picture = None
        self._scalars = tuple(scalars)
        self._want()

    def show_message(self, text: str) -> None:
        """Say why there is no curve, in place of it."""
        self._feed.rest()
        self._scalars = ()
        self._picture = None
        self._canvas.be_whole()
        self._legend.hide()
        self._unpoint()
        self._message.setText(text)
        self._stack.setCurrentWidget(self._message)

    def set_options(self, options: CurveOptions) -> None:
        """Draw in another way; another meaning of an axis shows everything again."""
        if options == self._options:
            return
        if replace(options, smoothing=0) != replace(self._options, smoothing=0):
            self._canvas.be_whole()
        self._options = options
        self._want()

    def reset_view(self) -> None:
        """Show everything."""
        self._canvas.be_whole()
        self._want()

    def image(self) -> QImage:
        """The plot as a picture, sharp at twice its size on screen."""
        self._unpoint()
        size = QSize(self.width() * IMAGE_SCALE, self.height() * IMAGE_SCALE)
        image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(IMAGE_SCALE)
        image.fill(self._theme.colour("window"))
        painter = QPainter(image)
        self.render(painter, QPoint(0, 0))
        painter.end()
        return image

    def copy_image(self) -> None:
        """Put the plot on the clipboard, as a picture."""
        QGuiApplication.clipboard().setImage(self.image())

    # Drawing

    def _want(self) -> None:
        if not self._scalars or self._imports.is_busy:
            return
        if lacking(_LATE):
            self._imports.want(_LATE, self._want)
        else:
            self._feed.want_now()

    def _work(self) -> Work | None:
        if not self._scalars or not self.isVisible() or lacking(_LATE):
            return None  # asked again when it comes into sight
        from gui.plots.curve_panels import PanelWish, RunLine, make_panel

        if self._stack.currentWidget() is self._message:
            self._canvas.resize(self._message.size())
        wish = PanelWish(
            lines=tuple(
                RunLine(number, scalar.points, self._theme.curve_colour(scalar.colour))
                for number, scalar in enumerate(self._scalars)
            ),
            options=self._options,
            averages=False,
            size=self._canvas.area.size(),
            ratio=self._canvas.devicePixelRatioF(),
            view=self._canvas.chosen_view,
            done=self._picture.curves if self._picture is not None else {},
        )
        scalars = self._scalars
        return lambda context: (scalars, make_panel(wish, context.check))

    def _on_picture(self, made: tuple[tuple[Scalar, ...], PanelPicture]) -> None:
        scalars, picture = made
        if [s.key for s in scalars] != [s.key for s in self._scalars]:
            return  # others are wanted by now
        self._picture = picture
        canvas = self._canvas
        canvas.show_picture(picture.looks, picture.full, picture.raster)
        self._show_legend(picture)
        self.setAccessibleName("Curves of " + ", ".join(scalar.key for scalar in self._scalars))
        self.setAccessibleDescription(last_values(self.curves, self._options))
        if picture.full is None:
            self._message.setText(nothing_text(picture.hidden, self._options))
        self._stack.setCurrentWidget(canvas if picture.full is not None else self._message)
        if self._pointed_at is not None:
            self._point_at(self._pointed_at)

    def _show_legend(self, picture: PanelPicture) -> None:
        colours = {scalar.key: self._theme.curve_colour(scalar.colour) for scalar in self._scalars}
        html = legend_html(colours, picture.hidden, picture.outside, self._theme)
        self._legend.show_html(html)
        self._legend.setVisible(not self._compact)

    def _paint_over(self, painter: QPainter) -> None:
        picture = self._picture
        if picture is None or picture.full is None:
            return
        from gui.views.plots.curve_overlay import paint_cross, paint_restarts, paint_spot

        muted = self._theme.colour("muted")
        starts = dict.fromkeys(x for x, _ in picture.restarts)  # all scalars began anew together
        paint_restarts(painter, self._canvas, ((x, muted) for x in starts))
        if self._pointed_at is not None:
            paint_cross(painter, self._canvas, self._pointed_at)
            for number, x, y in self._nearest():
                paint_spot(painter, self._canvas, x, y, self._colour(number))

    def _colour(self, number: int) -> QColor:
        return self._theme.curve_colour(self._scalars[number].colour)

    # Pointing

    def _nearest(self) -> list[tuple[int, float, float]]:
        """Number, x and y of the points that the crosshair means, the highest first."""
        from gui.plots.curve_panels import nearest_curves

        if self._picture is None or self._pointed_at is None:
            return []
        return nearest_curves(self._picture, self._pointed_at)

    def _point_at(self, x: float) -> None:
        self._pointed_at = x
        found = self._nearest()
        if not found:
            self._unpoint()
            return
        self._pointed_at = at = min((x_of for _, x_of, _ in found), key=lambda x_of: abs(x_of - x))
        rows = [self._row(*point, is_alone=len(found) == 1) for point in found[:SHOWN_VALUES]]
        more = max(0, len(found) - SHOWN_VALUES)
        self._readout.show_rows(x_text(at, self._options), rows, more=more)
        spot = QPointF(self._canvas.to_widget(at, 0).x(), self._canvas.area.top())
        self._readout.place(self._canvas.mapTo(self, spot.toPoint()))
        self._canvas.update()

    def _row(self, number: int, x: float, y: float, *, is_alone: bool) -> ReadoutRow:
        scalar, curve = self._scalars[number], self.curves[self._scalars[number].key]
        text = value_text(y, self._options)
        place = curve.nearest(x)
        if is_alone and curve.is_smoothed and place is not None:
            text += f" · raw {value_text(curve.raw[place], self._options)}"
        name = "" if is_alone else scalar.key
        return ReadoutRow(name, text, self._colour(number))

    def _unpoint(self) -> None:
        self._pointed_at = None
        self._readout.hide()
        self._canvas.update()

    def step_pointer(self, direction: int) -> None:
        """Move the crosshair to the next point of the first curve, or the one before."""
        curve = next(iter(self.curves.values()), None)
        if curve is None or not len(curve.xs):
            return
        last = len(curve.xs) - 1
        at = curve.nearest(self._pointed_at) if self._pointed_at is not None else None
        place = last if at is None else max(0, min(at + direction, last))
        self._canvas.reach(curve.xs[place], curve.smoothed[place])
        self._point_at(curve.xs[place])

    def _on_theme_changed(self) -> None:
        self._unpoint()
        if self._picture is not None:
            self._show_legend(self._picture)
            self._want()

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = _STEPS.get(Qt.Key(event.key()))
        if self._picture is None or self._compact:
            super().keyPressEvent(event)
        elif step is not None and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            self.step_pointer(step)
        else:
            self._canvas.keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._want()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._feed.rest()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._unpoint()
        if self._picture is not None:
            self._feed.want()
