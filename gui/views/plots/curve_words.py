"""What plots of curves say in words: places, values, and which curve is which."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from PySide6.QtGui import QColor

from core.curves import Axis, Curve, CurveOptions
from core.runs.run import MICROSECONDS
from core.text import format_duration, plural
from gui.theme import Theme
from gui.time_text import exact_time


def legend_html(colours: Mapping[str, QColor], hidden: int, outside: int, theme: Theme) -> str:
    """The names of the curves in their colours, and how much is missing.

    Args:
        colours: Of the curves, by name.
        hidden: How many values cannot be drawn.
        outside: How many curves leave the view of everything.
        theme: Colours of the words.
    """
    parts = [f"{_sign(colour)}&nbsp;{_unbroken(key)}" for key, colour in colours.items()]
    missing = [f"{plural(hidden, 'value')} cannot be drawn"] if hidden else []
    missing += [f"{plural(outside, 'curve')} beyond this view"] if outside else []
    muted = theme.colour("muted").name()
    parts += [f'<span style="color:{muted}">{text}</span>' for text in missing]
    return "&emsp;".join(parts)


def last_values(curves: Mapping[str, Curve], options: CurveOptions) -> str:
    """The last value of each curve, as a screen reader says it."""
    said = [
        f"{key}: {value_text(curve.smoothed[-1], options)}"
        for key, curve in curves.items()
        if curve.pieces
    ]
    return "Last values: " + ", ".join(said)


def nothing_text(hidden: int, options: CurveOptions) -> str:
    """Why a plot shows nothing, of which so many values are hidden."""
    if not hidden:
        return "There are no values yet."
    if options.log_x or options.log_y:
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


def value_text(y: float, options: CurveOptions) -> str:
    """The value of a point as it is drawn."""
    return f"{10**y if options.log_y else y:.6g}"


def _sign(colour: QColor) -> str:
    return f'<span style="color:{colour.name()}">&#9632;</span>'


def _unbroken(key: str) -> str:
    """A key as HTML that wraps only where it does not fit into a line of its own."""
    return escape(key).replace("/", "/&#8288;").replace(" ", "&nbsp;")
