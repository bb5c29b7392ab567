"""Plots in files, as PNG or SVG: what the window shows, and what `rundesk compare --plot` writes.

Why the same painter for both: a picture in a paper looks like the one on screen, and an SVG has
lines and words, not a picture of them. No window is needed: without an application object one is
made that draws into memory.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from math import ceil, sqrt
from pathlib import Path

from msgspec import Struct
from PySide6.QtCore import QBuffer, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgGenerator

from core.compare.series import RunSeries, SeriesCache
from core.curves import Axis, CurveOptions, offered_axes
from core.errors import Error
from core.whole_file import write_whole
from gui.plots.curve_panels import PanelWish, RunLine, make_panel, paint_panel
from gui.plots.plot_paint import AxisLook, View, lay_out_axes, paint_axes, small_font
from gui.plots.run_colours import SOLID_COLOURS, LegendEntry, RunStyle
from gui.theme import CURVES, Scheme, Theme
from gui.views.plots.plot_legend import lay_out_legend, paint_legend

SCALE = 2  # device pixels a pixel of a PNG: sharp in print
FORMS = (".png", ".svg")

_MARGIN = 12.0
_COLOURS = len(CURVES["light"])

Paint = Callable[[QPainter, View, QRectF], None]


class SheetPanel(Struct, frozen=True):
    """One plot of a sheet.

    Attributes:
        title: Above it.
        view: What of the plane is seen.
        looks: The horizontal and the vertical axis.
        paint: Draws a view into an area, as lines.
    """

    title: str
    view: View
    looks: tuple[AxisLook, AxisLook]
    paint: Paint


class Sheet(Struct, frozen=True):
    """What a file shows.

    Attributes:
        panels: The plots.
        legend: What colours mean.
        legend_title: What decides colours; empty for runs.
        size: In pixels.
        are_dots: Whether the plots draw dots and no lines.
    """

    panels: tuple[SheetPanel, ...]
    legend: tuple[LegendEntry, ...] = ()
    legend_title: str = ""
    size: tuple[int, int] = (1200, 800)
    are_dots: bool = False


class PlotRun(Struct, frozen=True):
    """A run to draw.

    Attributes:
        name: In the legend.
        path: Its directory.
        group: Runs of one group share a colour; empty for a colour of its own.
    """

    name: str
    path: Path
    group: str = ""


def write_plot(
    path: Path,
    runs: Sequence[PlotRun],
    *,
    keys: Sequence[str],
    options: CurveOptions | None = None,
    scheme: Scheme = "light",
    size: tuple[int, int] = (1200, 800),
) -> None:
    """Draw the curves of runs into a file, one panel a scalar.

    Args:
        path: Ends in .png or .svg.
        runs: The runs, in the order of their colours.
        keys: Scalars.
        options: How curves are drawn; by default over what suits the values.
        scheme: Light or dark.
        size: In pixels.

    Raises:
        Error: The file's name ends otherwise, no run has such values, or it cannot be written.
    """
    _check_form(path)
    application = QGuiApplication.instance() or _application()
    theme = Theme(scheme)
    cache = SeriesCache()
    found = [cache.read(run.path, keys) for run in runs]
    groups = dict.fromkeys(
        run.group or run.name for run, series in zip(runs, found, strict=True) if series
    )
    styles = {name: _style(number) for number, name in enumerate(groups)}
    panels = []
    for key in keys:
        lines = [
            RunLine(number, series[key], styles[name].colour(theme), styles[name].is_dashed)
            for number, (run, series) in enumerate(zip(runs, found, strict=True))
            if key in series and (name := run.group or run.name)
        ]
        panel = _curve_panel(key, lines, options)
        if panel is not None:
            panels.append(panel)
    if not panels:
        raise Error(
            f"Cannot draw {path.name}: no run has values of {', '.join(keys) or 'a scalar'}.",
            hint="Name scalars that the runs have.",
        )
    legend = tuple(LegendEntry(name, style) for name, style in styles.items())
    save_sheet(path, Sheet(tuple(panels), legend, size=size), theme)
    del application


def save_sheet(path: Path, sheet: Sheet, theme: Theme) -> None:
    """Write a sheet as PNG or SVG, by the end of the file's name.

    Raises:
        Error: The name ends otherwise, or the file cannot be written.
    """
    _check_form(path)
    is_svg = path.suffix.lower() == ".svg"
    write_whole(path, (_svg_text(sheet, theme) if is_svg else _png_bytes(sheet, theme),))


def sheet_image(sheet: Sheet, theme: Theme) -> QImage:
    """A sheet as a picture, sharp at twice its size."""
    width, height = sheet.size
    image = QImage(width * SCALE, height * SCALE, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(SCALE)
    painter = QPainter(image)
    paint_sheet(painter, sheet, theme, QGuiApplication.font())
    painter.end()
    return image


def paint_sheet(painter: QPainter, sheet: Sheet, theme: Theme, font: QFont) -> None:
    """Paint all of a sheet: its plots in even columns, and below them what colours mean."""
    width, height = sheet.size
    painter.fillRect(QRectF(0, 0, width, height), theme.colour("window"))
    painter.setFont(font)
    inner = width - 2 * _MARGIN
    metrics = QFontMetricsF(font)
    places, tall = lay_out_legend(sheet.legend_title, sheet.legend, metrics, inner)
    tall = tall if sheet.legend else 0.0
    painter.save()
    painter.translate(_MARGIN, height - tall - _MARGIN / 2)
    paint_legend(painter, sheet.legend_title, places, theme, are_dots=sheet.are_dots)
    painter.restore()
    columns = ceil(sqrt(len(sheet.panels)))
    rows = ceil(len(sheet.panels) / columns)
    wide, high = inner / columns, (height - tall - 1.5 * _MARGIN) / rows
    for number, panel in enumerate(sheet.panels):
        row, column = divmod(number, columns)
        paper = QRectF(_MARGIN + column * wide, _MARGIN + row * high, wide, high)
        _paint_one(painter, panel, paper, theme, font)


def _paint_one(
    painter: QPainter, panel: SheetPanel, paper: QRectF, theme: Theme, font: QFont
) -> None:
    bold = QFont(font)
    bold.setBold(True)
    painter.setFont(bold)
    painter.setPen(theme.colour("text"))
    metrics = QFontMetricsF(bold)
    line = metrics.height()
    title = metrics.elidedText(panel.title, Qt.TextElideMode.ElideMiddle, paper.width() - 16)
    painter.drawText(QRectF(paper.left() + 8, paper.top(), paper.width() - 16, line), 0, title)
    rest = paper.adjusted(0, line, 0, 0)
    painter.setFont(small_font(font))
    axes = lay_out_axes(rest, panel.view, panel.looks, painter.font())
    paint_axes(painter, axes, panel.view, panel.looks, theme)
    painter.save()
    painter.setClipRect(axes.area.adjusted(-1, -3, 1, 1))
    panel.paint(painter, panel.view, axes.area)
    painter.restore()


def _curve_panel(
    key: str, lines: Sequence[RunLine], options: CurveOptions | None
) -> SheetPanel | None:
    way = options or CurveOptions(axis=_axis_of([line.points for line in lines]))
    picture = make_panel(PanelWish(tuple(lines), way, False, QSizeF(1, 1), 1.0), lambda: None)  # noqa: FBT003 - a field
    if picture.full is None:
        return None

    def paint(painter: QPainter, view: View, area: QRectF) -> None:
        paint_panel(picture, painter, view, area)

    return SheetPanel(key, picture.full, picture.looks, paint)


def _axis_of(series: Sequence[object]) -> Axis:
    offered = [offered_axes(each) for each in series if isinstance(each, RunSeries)]
    return "order" if offered and all(axes[0] == "order" for axes in offered) else "step"


def _style(number: int) -> RunStyle:
    return RunStyle(number % _COLOURS, is_dashed=number % _COLOURS >= SOLID_COLOURS)


def _check_form(path: Path) -> None:
    if path.suffix.lower() not in FORMS:
        raise Error(
            f"Cannot draw {path.name}: its name ends neither in .png nor in .svg.",
            hint="Choose a name that ends in .png or .svg.",
        )


def _svg_text(sheet: Sheet, theme: Theme) -> str:
    buffer = QBuffer()
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)  # the other knows no clipping
    generator.setOutputDevice(buffer)
    generator.setResolution(round(QGuiApplication.primaryScreen().logicalDotsPerInch()))
    generator.setSize(QSize(*sheet.size))
    generator.setViewBox(QRectF(0, 0, *sheet.size))
    painter = QPainter(generator)
    paint_sheet(painter, sheet, theme, QGuiApplication.font())
    painter.end()
    return bytes(buffer.data().data()).decode("utf-8")


def _png_bytes(sheet: Sheet, theme: Theme) -> bytes:
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    sheet_image(sheet, theme).save(buffer, "PNG")  # type: ignore[call-overload]  # the stubs want bytes
    return bytes(buffer.data().data())


def _application() -> QGuiApplication:
    """An application that draws into memory: no screen is needed for a file."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    return QGuiApplication([])
