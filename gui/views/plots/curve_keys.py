"""What the keys of the keyboard do in a plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent

if TYPE_CHECKING:
    from gui.views.plots.curve_canvas import CurveCanvas
    from gui.views.plots.curve_plot import CurvePlot

_STEPS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_ZOOMS = {Qt.Key.Key_Plus: 0.7, Qt.Key.Key_Equal: 0.7, Qt.Key.Key_Minus: 1 / 0.7}


def press_key(plot: CurvePlot, canvas: CurveCanvas, event: QKeyEvent) -> bool:
    """Step, move, zoom or show everything; False when the key means nothing here."""
    key = Qt.Key(event.key())
    if key in _STEPS and event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
        canvas.pan(0.2 * _STEPS[key])
    elif key in _STEPS:
        plot.step_pointer(_STEPS[key])
    elif key in _ZOOMS:
        canvas.zoom(_ZOOMS[key])
    elif key in (Qt.Key.Key_0, Qt.Key.Key_Home):
        plot.reset_view()
    else:
        return False
    return True
