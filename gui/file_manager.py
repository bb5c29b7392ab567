"""Shows files and directories in the desktop's own programs."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices

_SERVICE = "org.freedesktop.FileManager1"
_OBJECT = "/org/freedesktop/FileManager1"


def open_path(path: Path) -> bool:
    """Open a file in its program, or a directory in the file manager; False when that failed."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def reveal_path(path: Path) -> bool:
    """Show `path` selected in the folder around it; False when no file manager could."""
    if sys.platform.startswith("linux") and _reveal_by_bus(path):
        return True
    return open_path(path.parent)


def _reveal_by_bus(path: Path) -> bool:
    from PySide6.QtDBus import QDBusConnection, QDBusMessage  # 10 ms only this needs

    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return False
    message = QDBusMessage.createMethodCall(_SERVICE, _OBJECT, _SERVICE, "ShowItems")
    message.setArguments([[QUrl.fromLocalFile(str(path)).toString()], ""])
    reply = bus.call(message, timeout=2000)
    return reply.type() == QDBusMessage.MessageType.ReplyMessage
