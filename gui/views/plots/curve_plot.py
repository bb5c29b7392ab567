"""The plot of one run's scalars: curves, a crosshair that tells values, zoom and pan.

Why the newest wish waits instead of cancelling the one before: while a slider moves, every wish
would be overtaken before it is drawn, and the curve would stand still until the hand rests.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from msgspec.structs import replace
from PySide6.QtCore import QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QGuiApplication,
    QHideEvent,
    QImage,
    QKeyEvent,
    QPainter,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QLabel, QStackedLayout, QVBoxLayout, QWidget

from core.curves import CurveOptions
from gui.job_bridge import Latest
from gui.services import Services
from gui.startup.gentle_imports import GentleImports, import_now
from gui.tool_tip import plain
from gui.views.details.fact_text import FactText
from gui.views.plots.curve_keys import press_key
from gui.views.plots.curve_picture import (
    Picture,
    Range,
    Scalar,
    Wish,
    make_picture,
    nearest_points,
    step_point,
)
from gui.views.plots.curve_readout import CurveReadout, last_values, legend_html, nothing_text

if TYPE_CHECKING:
    from gui.views.plots.curve_canvas import CurveCanvas

VIEW_DELAY_MS = 30
_CANVAS = "gui.views.plots.curve_canvas"  # slow to import: only with the first curve
IMAGE_SCALE = 2


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
        self._services = services
        self._compact = compact
        self._scalars: tuple[Scalar, ...] = ()
        self._options = CurveOptions()
        self._picture: Picture | None = None
        self._is_zoomed = False
        self._wants_more = False
        self._pointed_at: float | None = None
        self._canvas: CurveCanvas | None = None
        self._latest = Latest(services.bridge, "details", self)
        self._imports = GentleImports(services.bridge, self)
        self._view_timer = QTimer(self, interval=VIEW_DELAY_MS, singleShot=True)
        self._view_timer.timeout.connect(self._wish)
        self._build()
        services.theme.changed.connect(self._on_theme_changed)

    def _build(self) -> None:
        self._legend = FactText(self._services.theme, self, name="Curves")
        self._legend.hide()
        self._message = plain(QLabel(alignment=Qt.AlignmentFlag.AlignCenter))
        self._message.setProperty("role", "muted")
        self._message.setWordWrap(True)
        self._stack = QStackedLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2, 2, 2, 2)
        layout.setSpacing(4)
        layout.addWidget(self._legend)
        layout.addLayout(self._stack, 1)
        self._stack.addWidget(self._message)  # before, it would open as a window and close menus
        self._readout = CurveReadout(self._services.theme, self)
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
        return self._is_zoomed

    @property
    def picture(self) -> Picture | None:
        """What is drawn now."""
        return self._picture

    @property
    def x_range(self) -> Range | None:
        """The part of x on screen, in plot coordinates; None before the first curve."""
        return self._canvas.x_range if self._canvas is not None else None

    def show_scalars(self, scalars: Sequence[Scalar]) -> None:
        """Draw these; a zoom stays while the same scalars only have more values."""
        if [s.key for s in scalars] != [s.key for s in self._scalars]:
            self._is_zoomed = False
        self._scalars = tuple(scalars)
        self._wish()

    def show_message(self, text: str) -> None:
        """Say why there is no curve, in place of it."""
        self._latest.drop()
        self._wants_more = False
        self._scalars = ()
        self._picture = None
        self._is_zoomed = False
        self._legend.hide()
        self._unpoint()
        self._message.setText(text)
        self._stack.setCurrentWidget(self._message)

    def set_options(self, options: CurveOptions) -> None:
        """Draw in another way; another meaning of an axis shows everything again."""
        if options == self._options:
            return
        if replace(options, smoothing=0) != replace(self._options, smoothing=0):
            self._is_zoomed = False
        self._options = options
        self._wish()

    def reset_view(self) -> None:
        """Show everything."""
        self._is_zoomed = False
        self._wish()

    def image(self) -> QImage:
        """The plot as a picture, sharp at twice its size on screen."""
        self._unpoint()
        size = QSize(self.width() * IMAGE_SCALE, self.height() * IMAGE_SCALE)
        image = QImage(size, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(IMAGE_SCALE)
        image.fill(self._services.theme.colour("window"))
        painter = QPainter(image)
        self.render(painter, QPoint(0, 0))
        painter.end()
        return image

    def copy_image(self) -> None:
        """Put the plot on the clipboard, as a picture."""
        QGuiApplication.clipboard().setImage(self.image())

    def _wish(self) -> None:
        if not self._scalars or self._imports.is_busy:
            return
        if _CANVAS not in sys.modules:
            self._imports.want([_CANVAS], self._wish)
            return
        if self._latest.is_waiting:
            self._wants_more = True
            return
        canvas = self._canvas
        wish = Wish(
            scalars=self._scalars,
            options=self._options,
            columns=canvas.columns if canvas is not None else max(self.width(), 200),
            x_range=canvas.x_range if canvas is not None and self._is_zoomed else None,
            done_before=self._picture.laid_out if self._picture is not None else {},
        )
        self._latest.ask(
            "Draw curves", lambda context: make_picture(wish, context.check), self._on_picture
        )

    def _on_picture(self, picture: Picture) -> None:
        self._picture = picture
        canvas = self._ensure_canvas()
        options = picture.wish.options
        canvas.set_axes(options.axis, log_x=options.log_x, log_y=options.log_y)
        if not self._is_zoomed and picture.x_bounds and picture.y_bounds:
            canvas.set_view(picture.x_bounds, picture.y_bounds)
        canvas.draw(picture.strokes, picture.restarts)
        self._show_legend(picture)
        self._describe(picture)
        has_points = picture.x_bounds is not None
        if not has_points:
            self._message.setText(nothing_text(picture))
        self._stack.setCurrentWidget(canvas if has_points else self._message)
        if self._pointed_at is not None:
            self._on_pointed(self._pointed_at)
        if self._wants_more:
            self._wants_more = False
            self._wish()
        else:
            self.drawn.emit()

    def _ensure_canvas(self) -> CurveCanvas:
        if self._canvas is None:
            module = import_now(_CANVAS)
            canvas: CurveCanvas = module.CurveCanvas(
                self._services.theme, self, compact=self._compact
            )
            canvas.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            canvas.view_moved.connect(self._on_view_moved)
            canvas.pointed.connect(lambda x, _: self._on_pointed(x))
            canvas.left.connect(self._unpoint)
            canvas.reset_asked.connect(self.reset_view)
            self._stack.addWidget(canvas)
            self._canvas = canvas
        return self._canvas

    def _show_legend(self, picture: Picture) -> None:
        self._legend.show_html(legend_html(picture, self._services.theme))
        self._legend.setVisible(not self._compact)

    def _describe(self, picture: Picture) -> None:
        self.setAccessibleName("Curves of " + ", ".join(picture.laid_out))
        self.setAccessibleDescription(last_values(picture))

    def _on_view_moved(self) -> None:
        self._is_zoomed = True
        self._view_timer.start()

    def _on_pointed(self, x: float) -> None:
        if self._picture is None or self._canvas is None:
            return
        found = nearest_points(self._picture, x)
        if not found:
            return
        self._pointed_at = x
        points = [
            (each.curve.xs[at], each.curve.smoothed[at], each.scalar.colour) for each, at in found
        ]
        first, at = min(found, key=lambda pair: abs(pair[0].curve.xs[pair[1]] - x))
        self._canvas.mark(first.curve.xs[at], points)
        self._readout.show_values(first.curve.xs[at], found, self._picture.wish.options)
        place = self._canvas.mapTo(self, self._canvas.pixel_of(first.curve.xs[at]))
        self._readout.place(QPoint(place.x(), self._canvas.y() + 8), self.width())

    def _unpoint(self) -> None:
        self._pointed_at = None
        self._readout.hide()
        if self._canvas is not None:
            self._canvas.unmark()

    def step_pointer(self, direction: int) -> None:
        """Move the crosshair to the next point of the first curve, or the one before."""
        x = step_point(self._picture, self._pointed_at, direction) if self._picture else None
        if x is not None:
            self._on_pointed(x)

    def _on_theme_changed(self) -> None:
        if self._canvas is not None:
            self._canvas.dress()
        if self._picture is not None and self._canvas is not None:
            self._canvas.draw(self._picture.strokes, self._picture.restarts)
            self._show_legend(self._picture)
            self._unpoint()

    # Qt overrides

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._canvas is None or not press_key(self, self._canvas, event):
            super().keyPressEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._picture is not None:
            self._view_timer.start()  # the size may be another one by now

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._view_timer.stop()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._unpoint()
        if self._picture is not None:
            self._view_timer.start()
