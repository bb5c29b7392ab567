"""A second start on the same home raises the first window instead of opening another.

Why a local socket and no lock file: the socket is needed to hand over the folders anyway, and it
tells by itself whether the other program is alive. A socket that nobody answers is a leftover of
a crash and is replaced.

Why Qt's network classes are only loaded when there is somebody to talk to: that takes 10 ms of a
start, and mostly the window listens later, when it is on screen. Until then the plain socket of
`core.claim` is there: the system keeps who calls in the meantime, so that two starts at once (a
click too many on an icon) are one window, too.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, cast

from msgspec import Struct
from PySide6.QtCore import QDir, QObject, Signal, Slot

from core.claim import Claim, claim

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalServer, QLocalSocket

TIMEOUT_MS = 1_000
ANSWER_MS = 10_000
"""So long a program is waited for that took the call: it may be about to open its first window."""

MAX_BYTES = 100_000


def server_name(config_dir: Path, home: Path | None) -> str:
    """Name of the socket: the same for the same user, settings and home only."""
    parts = (_user(), str(config_dir.absolute()), str(home.absolute() if home else ""))
    digest = hashlib.md5("\0".join(parts).encode(errors="surrogateescape"), usedforsecurity=False)
    return f"rundesk-{digest.hexdigest()[:20]}"


def _user() -> str:
    """The user's name, or the number where the system knows no name, as in many containers."""
    try:
        return getpass.getuser()
    except (ImportError, KeyError, OSError):
        return str(getattr(os, "getuid", int)())


class Call(Struct, frozen=True):
    """What a further start wants of the program that is there.

    Attributes:
        folders: To open besides.
        is_choosing: The user is to be asked for a home.
    """

    folders: tuple[Path, ...] = ()
    is_choosing: bool = False


def hand_over(name: str, call: Call) -> bool:
    """Ask the program that owns `name` to come to the front; False when there is none.

    Args:
        name: From `server_name`.
        call: What it shall do then.
    """
    if not _may_be_owned(name):
        return False
    from PySide6.QtNetwork import QLocalSocket

    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(TIMEOUT_MS):
        return False
    message = {"folders": [str(folder) for folder in call.folders], "choose": call.is_choosing}
    socket.write(json.dumps(message).encode("utf-8", "surrogateescape") + b"\n")
    socket.flush()
    # Only an answer proves that the other program lives: a frozen one would accept, too.
    answered = socket.waitForReadyRead(ANSWER_MS) and bytes(socket.readAll().data()) == b"ok\n"
    socket.disconnectFromServer()
    return answered


def _may_be_owned(name: str) -> bool:
    """Whether there is something to connect to: a file, where sockets are such."""
    return os.name != "posix" or _path(name).exists()


def _path(name: str) -> Path:
    """Where Qt puts a socket of that name."""
    return Path(QDir.tempPath(), name)


def claim_name(name: str, *, is_left_over: bool = False) -> Claim | None:
    """Own `name` before there is a window; None where somebody has it, or it is too early to tell.

    Args:
        name: From `server_name`.
        is_left_over: Nobody answers there: what is left of a crash is replaced.
    """
    return claim(_path(name), is_left_over=is_left_over)


class SingleInstance(QObject):
    """Listens for further starts.

    Signals:
        called: Another start wants this window in front, and what else (a Call).
    """

    called = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._made: QLocalServer | None = None

    def listen(self, name: str) -> bool:
        """Own `name` from now on, in place of the name owned before; False if that failed."""
        server = self._server()
        if server.isListening() and server.serverName() == name:
            return True
        server.close()
        if server.listen(name):
            return True
        server.removeServer(name)  # asked before by hand_over: nobody answers there
        return server.listen(name)

    def adopt(self, claimed: Claim) -> bool:
        """Answer at the name that was claimed, in place of the one owned before."""
        server = self._server()
        server.close()
        return server.listen(claimed.take())

    def close(self) -> None:
        """Stop listening."""
        if self._made is not None:
            self._made.close()

    def _server(self) -> QLocalServer:
        if self._made is None:
            from PySide6.QtNetwork import QLocalServer

            self._made = QLocalServer(self)
            self._made.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
            self._made.newConnection.connect(self._on_connection)
        return self._made

    @Slot()
    def _on_connection(self) -> None:
        while (socket := self._server().nextPendingConnection()) is not None:
            # No closure: one that holds this object would end it while its socket ends.
            socket.readyRead.connect(self._on_ready_read)
            socket.disconnected.connect(socket.deleteLater)
            self._read(socket)

    @Slot()
    def _on_ready_read(self) -> None:
        self._read(cast("QLocalSocket", self.sender()))

    def _read(self, socket: QLocalSocket) -> None:
        if socket.bytesAvailable() > MAX_BYTES:
            socket.abort()
            return
        if not socket.canReadLine():
            return
        call = parse_call(bytes(socket.readLine().data()))
        if call is None:
            socket.abort()
            return
        socket.write(b"ok\n")
        socket.flush()
        self.called.emit(call)


def parse_call(line: bytes) -> Call | None:
    """What is asked for; None when it is not a call of ours."""
    try:
        message = json.loads(line.decode("utf-8", "surrogateescape"))
    except (ValueError, RecursionError):
        return None
    folders = message.get("folders") if isinstance(message, dict) else None
    if not isinstance(folders, list) or not all(isinstance(text, str) for text in folders):
        return None
    paths = tuple(Path(text) for text in folders if text and "\0" not in text)
    return Call(paths, is_choosing=message.get("choose") is True)
