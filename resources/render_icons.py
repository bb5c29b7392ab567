"""Renders the application's icon in the sizes of the hicolor theme: `make icons`.

Why the pictures are kept with the source: installing them must not need Qt, and at 16 and 24
pixels a simpler drawing is used, which a desktop would not choose by itself.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

ICONS = Path(__file__).parent / "icons"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
SMALL = 24


def render(drawing: Path, size: int, target: Path) -> None:
    """Draw the SVG file `drawing` as a square picture of `size` pixels."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    painter = QPainter(image)
    QSvgRenderer(str(drawing)).render(painter)
    painter.end()
    if not image.save(str(target)):
        sys.exit(f"{target} cannot be written")


def main() -> None:
    """Render every size."""
    app = QGuiApplication(sys.argv)
    for size in SIZES:
        drawing = ICONS / ("app-small.svg" if size <= SMALL else "app.svg")
        render(drawing, size, ICONS / f"app-{size}.png")
    app.quit()


if __name__ == "__main__":
    main()
