"""Pictures of a part of a plane, painted by a worker and moved with the view until the next one.

Why a picture reaches beyond both sides of the view: a pan has something to show meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct
from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter

from gui.plots.plot_paint import View

MARGIN = 0.25
"""How far a picture reaches beyond the view, as a share of its width."""


class Raster(Struct, frozen=True):
    """A picture of a part of the plane."""

    image: QImage
    view: View


def raster(
    view: View, size: QSizeF, ratio: float, paint: Callable[[QPainter, View, QRectF], None]
) -> Raster:
    """Paint a picture that reaches beyond both sides of a view; on a worker's thread.

    Args:
        view: What is seen.
        size: Of the area it is seen in.
        ratio: Device pixels a pixel.
        paint: Draws a view into an area.
    """
    margin = round(size.width() * MARGIN)  # whole pixels, so that the picture need not be scaled
    wide = view.widened(margin / size.width())
    area = QRectF(0, 0, size.width() + 2 * margin, size.height())
    image = QImage(
        max(1, round(area.width() * ratio)),
        max(1, round(area.height() * ratio)),
        QImage.Format.Format_ARGB32_Premultiplied,
    )
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    painter = QPainter(image)
    try:
        paint(painter, wide, area)
    finally:
        painter.end()
    return Raster(image, wide)
