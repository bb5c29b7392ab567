"""Shows files and directories in the desktop's own programs."""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication

_SERVICE = "org.freedesktop.FileManager1"
_OBJECT = "/org/freedesktop/FileManager1"


def open_path(path: Path) -> bool:
    """Open a file in its program, or a directory in the file manager; False when that failed."""
    return QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))


def reveal_path(path: Path) -> bool:
    """Show `path` selected in the folder around it; False when no file manager could.

    Does not wait for the file manager: where it cannot select a file, the folder is opened.
    """
    if sys.platform.startswith("linux") and _reveal_by_bus(path):
        return True
    return open_path(path.parent)


def _reveal_by_bus(path: Path) -> bool:
    """Ask over the session bus; False when there is none."""
    from PySide6.QtDBus import (  # 10 ms that only this needs
        QDBusConnection,
        QDBusMessage,
        QDBusPendingCallWatcher,
    )

    bus = QDBusConnection.sessionBus()
    if not bus.isConnected():
        return False
    message = QDBusMessage.createMethodCall(_SERVICE, _OBJECT, _SERVICE, "ShowItems")
    message.setArguments([[QUrl.fromLocalFile(str(path)).toString()], ""])
    watcher = QDBusPendingCallWatcher(bus.asyncCall(message), QGuiApplication.instance())

    def on_finished() -> None:
        if watcher.isError():
            open_path(path.parent)
        watcher.deleteLater()

    watcher.finished.connect(on_finished)
    return True
