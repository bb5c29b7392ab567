"""The part of a desktop that says whether it is light or dark, as programs ask for it on the bus.

    python -m tests.support.portal WISH

It tells every program on its session bus what the file WISH says now: "dark" or "light".
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import ClassInfo, QCoreApplication, QObject, QTimer, Slot
from PySide6.QtDBus import QDBusAbstractAdaptor, QDBusConnection, QDBusMessage, QDBusVariant

NAME = "org.freedesktop.portal.Desktop"
PATH = "/org/freedesktop/portal/desktop"
SETTINGS = "org.freedesktop.portal.Settings"
SCHEMES = {"dark": 1, "light": 2}
_LOOK_MS = 100


@ClassInfo({"D-Bus Interface": SETTINGS})
class Settings(QDBusAbstractAdaptor):
    """Answers what a program asks at its start: no preference."""

    @Slot(str, str, result=QDBusVariant)
    def Read(self, _namespace: str, _key: str) -> QDBusVariant:
        """The colour scheme, in the two wrappings of the older call."""
        return QDBusVariant(QDBusVariant(0))


class Portal(QObject):
    """Looks at a file, and tells of its word when that is another one."""

    def __init__(self, wish: Path) -> None:
        super().__init__()
        self._wish = wish
        self._said = ""
        self._settings = Settings(self)
        self._bus = QDBusConnection.sessionBus()
        if not (self._bus.registerObject(PATH, self) and self._bus.registerService(NAME)):
            sys.exit("The session bus has a portal already, or is not there.")
        self._timer = QTimer(self, interval=_LOOK_MS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        word = self._wish.read_text() if self._wish.exists() else ""
        if word not in SCHEMES or word == self._said:
            return
        self._said = word
        message = QDBusMessage.createSignal(PATH, SETTINGS, "SettingChanged")
        value = QDBusVariant(SCHEMES[word])
        message.setArguments(["org.freedesktop.appearance", "color-scheme", value])
        self._bus.send(message)


if __name__ == "__main__":
    application = QCoreApplication([])
    portal = Portal(Path(sys.argv[1]))
    sys.exit(application.exec())
