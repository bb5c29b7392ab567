"""Where two pictures differ, pixel by pixel; for any thread but that of the window.

Why brightened: two renderings of the same plot differ by a few shades, which nobody sees on black.
"""

from __future__ import annotations

from msgspec import Struct
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

BRIGHTER = 4


class PictureDifference(Struct, frozen=True):
    """The difference of two pictures.

    Attributes:
        image: Bright where they differ, black where not.
        share: Part of the pixels that differ, from 0 to 1.
        is_scaled: Whether the right one was scaled to the size of the left one.
    """

    image: QImage
    share: float
    is_scaled: bool


def picture_difference(left: QImage, right: QImage) -> PictureDifference:
    """The difference of two pictures, in the size of the left one."""
    import numpy as np  # 100 ms that most windows never need

    is_scaled = left.size() != right.size()
    if is_scaled:
        right = right.scaled(
            left.size(),
            Qt.AspectRatioMode.IgnoreAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
    kind = QImage.Format.Format_RGBA8888
    arrays = []
    for image in (left, right):
        plain = image.convertToFormat(kind)
        bits = np.frombuffer(plain.constBits(), np.uint8)
        rows = bits.reshape(plain.height(), plain.bytesPerLine())[:, : plain.width() * 4]
        arrays.append(rows.reshape(plain.height(), plain.width(), 4).astype(np.int16))
    gap = np.abs(arrays[0] - arrays[1])
    differs = gap.max(axis=2)
    colours = np.minimum(np.maximum(gap[:, :, :3], gap[:, :, 3:]) * BRIGHTER, 255).astype(np.uint8)
    made = np.dstack([colours, np.full(differs.shape, 255, np.uint8)])
    height, width = differs.shape
    data = np.ascontiguousarray(made).tobytes()
    image = QImage(data, width, height, width * 4, kind).copy()
    return PictureDifference(image, float((differs > 0).mean()), is_scaled)
