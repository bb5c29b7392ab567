"""What keys and the wheel do in a diff of texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QKeySequence, QWheelEvent

from gui.views.menu_key import ask_for_menu, is_menu_key

if TYPE_CHECKING:
    from gui.views.compare.diff_canvas import DiffCanvas

WHEEL_ROWS = 3


def press_key(canvas: DiffCanvas, event: QKeyEvent) -> bool:
    """Do what a key means; False where it means nothing here."""
    steps = {Qt.Key.Key_N: 1, Qt.Key.Key_P: -1}
    ends = {Qt.Key.Key_Home: 0, Qt.Key.Key_End: canvas.rows.count}
    plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
    if event.matches(QKeySequence.StandardKey.Copy):
        canvas.copy()
    elif event.matches(QKeySequence.StandardKey.SelectAll):
        canvas.select_side()
    elif plain and event.key() in steps:
        canvas.go_to_difference(steps[Qt.Key(event.key())])
    elif event.key() in ends:
        canvas.verticalScrollBar().setValue(ends[Qt.Key(event.key())])
    elif is_menu_key(event):
        ask_for_menu(canvas)
    else:
        return False
    return True


def turn_wheel(canvas: DiffCanvas, event: QWheelEvent, turned: int) -> int:
    """Scroll by the wheel, with Shift across.

    Args:
        canvas: What is scrolled.
        event: How far the wheel was turned.
        turned: What was left over by the last event: wheels may turn by less than a row.

    Returns:
        What is left over now.
    """
    event.accept()
    across = event.angleDelta().x()
    if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
        across = across or event.angleDelta().y()
    if across:
        bar = canvas.horizontalScrollBar()
        bar.setValue(bar.value() - across // 15)
        return turned
    turned -= event.angleDelta().y() * WHEEL_ROWS
    rows = int(turned / 120)
    canvas.verticalScrollBar().setValue(canvas.verticalScrollBar().value() + rows)
    return turned - rows * 120
