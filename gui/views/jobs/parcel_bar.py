"""A packed archive that lies ready below the runs: press on it and drag it to another program."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QToolButton, QWidget

from core.text import format_bytes, plural
from gui.naming import in_role, named
from gui.run_mime import files_mime
from gui.theme import Theme
from gui.tool_tip import plain
from gui.views.drag_out import start_drag
from gui.views.elided_label import ElidedLabel

_ICON = 20


class ParcelBar(QFrame):
    """Shows one archive at a time; hidden without one.

    Args:
        theme: Colours and icons.
        parent: Owner.

    Signals:
        copied: The archive was put on the clipboard.
    """

    copied = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "parcelBar", "Packed archive")
        self._theme = theme
        self._path: Path | None = None
        self._press: QPoint | None = None
        self._sign = QLabel()
        self._name = named(plain(QLabel()), "parcelName")
        self._about = in_role(named(ElidedLabel(), "parcelAbout"), "muted")
        self._copy = named(QPushButton("&Copy"), "parcelCopy")
        self._close = named(QToolButton(), "parcelClose", "Put the archive away")
        self._close.setToolTip("Put the archive away")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(14, 7, 8, 7)
        layout.setSpacing(9)
        layout.addWidget(self._sign)
        layout.addWidget(self._name)
        layout.addWidget(self._about, 1)
        layout.addWidget(self._copy)
        layout.addWidget(self._close)
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self._copy.setCursor(Qt.CursorShape.ArrowCursor)
        self._close.setCursor(Qt.CursorShape.ArrowCursor)
        self._copy.clicked.connect(self.copy)
        self._close.clicked.connect(self.dismiss)
        theme.changed.connect(self._dress)
        self._dress()
        self.hide()

    def offer(self, path: Path, runs: int, size: int) -> None:
        """Let this archive be dragged.

        Args:
            path: The archive.
            runs: How many runs are in it.
            size: Its bytes.
        """
        self._path = path
        self._name.setText(path.name)
        what = f"{plural(runs, 'run')} · {format_bytes(size)}"
        self._about.setText(f"{what} · drag it to where it is to go")
        self.setToolTip("Press here and drag the archive to where it is to go")
        self.show()
        self._copy.setFocus(Qt.FocusReason.OtherFocusReason)

    def dismiss(self) -> None:
        """Offer nothing any more."""
        self._path = None
        self.hide()

    def copy(self) -> None:
        """Put the archive on the clipboard instead."""
        if self._path is not None:
            mime = files_mime([self._path], str(self._path), is_copied=True)
            QGuiApplication.clipboard().setMimeData(mime)
            self.copied.emit()

    def start_drag(self) -> None:
        """Let the user drag the archive until it is dropped."""
        if self._path is not None:
            mime = files_mime([self._path], str(self._path), is_copied=False)
            start_drag(self, mime, self._theme, "archive", self._path.name)

    def _dress(self) -> None:
        self._sign.setPixmap(self._theme.icon("archive", "accent").pixmap(_ICON, _ICON))
        self._close.setIcon(self._theme.icon("close", "muted"))

    # Qt overrides

    def mousePressEvent(self, event: QMouseEvent) -> None:
        is_left = event.button() == Qt.MouseButton.LeftButton
        self._press = event.position().toPoint() if is_left else None

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        way = (event.position().toPoint() - self._press).manhattanLength()
        if way >= QGuiApplication.styleHints().startDragDistance():
            self._press = None
            self.start_drag()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._press = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)
