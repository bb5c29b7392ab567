"""Lets a drop wait for the window below it to say that it takes what is dragged.

Why: a file manager takes nothing at the first question. It fetches the list of files then, and says
yes when it is asked once more. Qt asks when the pointer moves, and when the button is let go it
believes the last answer. So a hand that moved quickly and stopped, or a file manager that was busy,
lost the drop (pcmanfm: one of eight on an idle machine). Here it is asked again until it says yes,
and a button that is let go before counts only then, or after MOST_SECONDS: the protocol of drags
under X wants that of whoever drags. Elsewhere the desktop itself leads the drag.
"""

from __future__ import annotations

import time
from typing import cast

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QPointF, Qt, QTimer, Slot
from PySide6.QtGui import QCursor, QDrag, QGuiApplication, QMouseEvent, QWindow
from PySide6.QtWidgets import QApplication, QWidget

MOST_SECONDS = 1.0
"""How long a drop waits."""

_ASK_MS = 40
_BUTTONS = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)


class PatientDrop(QObject):
    """Watches over one drag; make it just before `QDrag.exec`, and `end` it just after.

    Args:
        drag: The drag.
        source: Where it begins.
    """

    def __init__(self, drag: QDrag, source: QWidget) -> None:
        super().__init__()
        self._app = cast("QCoreApplication", QCoreApplication.instance())
        self._window = source.window().windowHandle()
        self._is_taken = False
        self._let_go: QPoint | None = None
        self._until = 0.0
        self._timer = QTimer(self, interval=_ASK_MS)
        if self._window is not None and QGuiApplication.platformName() == "xcb":
            drag.actionChanged.connect(self._on_action_changed)
            self._timer.timeout.connect(self._ask)
            self._timer.start()
            QTimer.singleShot(0, self, self._watch)

    def end(self) -> None:
        """The drag has ended."""
        self._timer.stop()
        self._app.removeEventFilter(self)

    def _send(self, kind: QEvent.Type, at: QPoint, button: Qt.MouseButton) -> None:
        """Let Qt's drag hear of the mouse."""
        is_up = kind is QEvent.Type.MouseButtonRelease
        held = Qt.MouseButton.NoButton if is_up else Qt.MouseButton.LeftButton
        local, modifiers = self._window.mapFromGlobal(at), QGuiApplication.keyboardModifiers()
        event = QMouseEvent(
            kind, QPointF(local), QPointF(local), QPointF(at), button, held, modifiers
        )
        QCoreApplication.sendEvent(self._window, event)

    # Slots

    @Slot()
    def _watch(self) -> None:
        """See the mouse before Qt's drag does, whose own filter is there when its loop runs."""
        if self._timer.isActive():
            self._app.installEventFilter(self)

    @Slot(Qt.DropAction)
    def _on_action_changed(self, action: Qt.DropAction) -> None:
        self._is_taken = action is Qt.DropAction.CopyAction

    @Slot()
    def _ask(self) -> None:
        at = self._let_go
        if at is not None and (self._is_taken or time.monotonic() > self._until):
            self.end()
            self._send(QEvent.Type.MouseButtonRelease, at, Qt.MouseButton.LeftButton)
        elif not self._is_taken:
            place = QCursor.pos() if at is None else at
            self._send(QEvent.Type.MouseMove, place, Qt.MouseButton.NoButton)

    # Qt overrides

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(watched, QWindow):
            return False
        if self._let_go is not None:  # what the hand does now is no part of the drag
            is_hand = event.spontaneous() and event.type() is QEvent.Type.MouseMove
            return is_hand or event.type() in _BUTTONS
        if event.type() is not QEvent.Type.MouseButtonRelease or self._is_taken:
            return False
        at = QCursor.pos()
        if QApplication.widgetAt(at) is not None:  # our own windows have answered
            return False
        self._let_go, self._until = at, time.monotonic() + MOST_SECONDS
        return True
