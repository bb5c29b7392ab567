"""A picture, fitted into the room there is and never enlarged."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from core.svg import without_references
from gui.theme import Theme

MOST_PIXELS = 4096  # of a side; larger pictures are decoded smaller
MOST_DECODED = 64_000_000
_MARGIN = 8


def decode_image(data: bytes, kind: str, most: int = MOST_PIXELS) -> tuple[QImage, QSize]:
    """The picture and its own size; a null image when it cannot be decoded. For any thread.

    Args:
        data: The whole file.
        kind: Its format, e.g. "png".
        most: Pixels of the longer side; a larger picture is decoded smaller.
    """
    if kind == "svg":
        data = without_references(data)
    buffer = QBuffer()
    buffer.setData(QByteArray(data))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(kind.encode()))
    reader.setAutoTransform(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > most:
        limit = QSize(most, most)
        fitted = size.scaled(limit, Qt.AspectRatioMode.KeepAspectRatio)
        reader.setScaledSize(fitted.expandedTo(QSize(1, 1)))  # a line of pixels stays one
    image = reader.read()
    return image, size if size.isValid() else image.size()


def why_not_decoded(size: QSize) -> str:
    """Why a picture of this size, which may not be known, could not be decoded: the end of a line.

    Qt gives no picture that takes more memory than it allows itself, and many formats are decoded
    whole, however small they are shown.
    """
    if size.isValid() and size.width() * size.height() > MOST_DECODED:
        return f"is too large to be shown here: {size.width():,} × {size.height():,} pixels"
    return "cannot be decoded"


class ImageView(QWidget):
    """Shows one picture in the middle."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._image = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)
        theme.changed.connect(self.update)

    def show_image(self, image: QImage) -> None:
        """Show another picture."""
        self._image = image
        self.update()

    def fitted(self) -> QRect:
        """Where the picture is painted."""
        room = self.rect().adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
        size = self._image.deviceIndependentSize().toSize()
        if size.width() > room.width() or size.height() > room.height():
            size = size.scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRect(0, 0, size.width(), size.height())
        place.moveCenter(room.center())
        return place

    # Qt overrides

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self._theme.colour("code"))
        if not self._image.isNull():
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(self.fitted(), self._image)
