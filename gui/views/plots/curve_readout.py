"""What a plot says in words: the values under the crosshair, and which curve is which."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget

from core.curves import Axis, CurveOptions
from core.runs.run import MICROSECONDS
from core.text import format_duration, plural
from gui.theme import Theme
from gui.time_text import exact_time
from gui.views.plots.curve_picture import LaidOut, Picture

SHOWN_VALUES = 12
MAX_KEY = 40
DISTANCE = 10
"""Pixels between the crosshair and the readout."""


class CurveReadout(QLabel):
    """A small sheet beside the crosshair: where it is, and the value of each curve there."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.hide()

    def show_values(
        self, x: float, found: Sequence[tuple[LaidOut, int]], options: CurveOptions
    ) -> None:
        """Tell the values of these points.

        Args:
            x: Where the crosshair is, in plot coordinates.
            found: Curves and the index of their point, the highest first.
            options: How the curves were laid out.
        """
        muted = self._theme.colour("muted").name()
        rows = [f'<span style="color:{muted}">{escape(x_text(x, options))}</span>']
        rows += [self._row(each, at, is_alone=len(found) == 1) for each, at in found[:SHOWN_VALUES]]
        if len(found) > SHOWN_VALUES:
            rows.append(f'<span style="color:{muted}">and {len(found) - SHOWN_VALUES} more</span>')
        self.setStyleSheet(
            f"background: {self._theme.colour('header').name()};"
            f" color: {self._theme.colour('text').name()};"
            f" border: 1px solid {self._theme.colour('field-line').name()};"
            " border-radius: 4px; padding: 3px 6px;"
        )
        self.setText(f'<div style="white-space:nowrap">{"<br>".join(rows)}</div>')
        self.adjustSize()

    def place(self, at: QPoint, width: int) -> None:
        """Stand beside `at`, on the side that has room, and not outside of `width`."""
        left = at.x() + DISTANCE
        if left + self.width() > width:
            left = at.x() - DISTANCE - self.width()
        self.move(max(0, min(left, width - self.width())), at.y())
        self.show()
        self.raise_()

    def _row(self, each: LaidOut, at: int, *, is_alone: bool) -> str:
        muted = self._theme.colour("muted").name()
        name = "" if is_alone else f"{escape(_short(each.scalar.key))} "
        raw = ""
        if is_alone and each.curve.is_smoothed:
            text = _number(each, each.curve.raw[at])
            raw = f' <span style="color:{muted}">raw {text}</span>'
        return f"{_sign(each, self._theme)} {name}<b>{value_text(each, at)}</b>{raw}"


def legend_html(picture: Picture, theme: Theme) -> str:
    """The names of the curves in their colours, and how many values are missing."""
    parts = [f"{_sign(each, theme)}&nbsp;{_unbroken(k)}" for k, each in picture.laid_out.items()]
    if picture.hidden:
        muted = theme.colour("muted").name()
        values = plural(picture.hidden, "value")
        parts.append(f'<span style="color:{muted}">{values} cannot be drawn</span>')
    return "&emsp;".join(parts)


def last_values(picture: Picture) -> str:
    """The last value of each curve, as a screen reader says it."""
    curves = ((key, each) for key, each in picture.laid_out.items() if each.curve.pieces)
    said = [f"{key}: {value_text(each, len(each.curve.raw) - 1)}" for key, each in curves]
    return "Last values: " + ", ".join(said)


def nothing_text(picture: Picture) -> str:
    """Why a picture shows nothing."""
    if not picture.hidden:
        return "There are no values yet."
    if picture.wish.options.log_x or picture.wish.options.log_y:
        return "A logarithmic axis can show none of these values."
    return "None of these values is a number."


def x_text(x: float, options: CurveOptions) -> str:
    """What a place on the x axis means, e.g. "step 1,180"."""
    value = 10**x if options.log_x else x
    texts: dict[Axis, str] = {"step": f"step {value:,.0f}", "order": f"value {value:,.0f}"}
    if options.axis in texts:
        return texts[options.axis]
    if options.axis == "relative":
        return f"after {format_duration(value)}"
    return exact_time(int(value * MICROSECONDS))


def value_text(each: LaidOut, at: int) -> str:
    """The value of a point as it is drawn."""
    return _number(each, each.curve.smoothed[at])


def _number(each: LaidOut, y: float) -> str:
    return f"{10**y if each.options.log_y else y:.6g}"


def _sign(each: LaidOut, theme: Theme) -> str:
    colour = theme.curve_colour(each.scalar.colour).name()
    return f'<span style="color:{colour}">&#9632;</span>'


def _unbroken(key: str) -> str:
    """A key as HTML that wraps only where it does not fit into a line of its own."""
    return escape(key).replace("/", "/&#8288;").replace(" ", "&nbsp;")


def _short(key: str) -> str:
    return key if len(key) <= MAX_KEY else f"…{key[1 - MAX_KEY :]}"
