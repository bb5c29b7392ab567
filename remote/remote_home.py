"""A Guild home on a server: where its runs are, and what can be done there."""

from __future__ import annotations

from msgspec import Struct

from core.check import Check, go_on
from remote.capabilities import Capabilities, probing
from remote.connection import Connection
from remote.errors import RemoteRefused
from remote.sftp_files import SftpFiles

DEFAULT_HOME = ".guild"
"""Where Guild looks on a server whose remote names no other: in the login directory."""


class RemoteHome(Struct, frozen=True):
    """The home of one remote over one connection.

    Attributes:
        connection: To the server.
        files: Its files.
        capabilities: What the server can.
        path: The home's directory, absolute.
    """

    connection: Connection
    files: SftpFiles
    capabilities: Capabilities
    path: str

    @property
    def name(self) -> str:
        """How the remote is called."""
        return self.connection.name

    @property
    def runs_dir(self) -> str:
        """Where runs are."""
        return f"{self.path.rstrip('/')}/runs"

    @property
    def trash_dir(self) -> str:
        """Where deleted runs are."""
        return f"{self.path.rstrip('/')}/trash/runs"

    def run_dir(self, run_id: str) -> str:
        """Where a run is."""
        return f"{self.runs_dir}/{run_id}"

    def close(self) -> None:
        """Close its file channel; the connection stays."""
        self.files.close()


class RemoteTrash(RemoteHome, frozen=True):
    """A home whose deleted runs are looked at as if they were its runs; for looking alone."""

    @property
    def runs_dir(self) -> str:
        """Where its deleted runs are."""
        return self.trash_dir

    def run_dir(self, run_id: str) -> str:
        """Where a deleted run is."""
        return f"{self.trash_dir}/{run_id}"


def trash_of(home: RemoteHome) -> RemoteTrash:
    """The trash of a home, over the same channel: closing one closes both."""
    return RemoteTrash(home.connection, home.files, home.capabilities, home.path)


def open_remote_home(
    connection: Connection, path: str = DEFAULT_HOME, *, check: Check = go_on
) -> RemoteHome:
    """Find out what the server can, and where its home is; nothing is made there.

    Args:
        connection: To the server.
        path: The home; relative to the login directory, which "~" stands for too.
        check: Called while waiting; raises to stop.

    Raises:
        RemoteError: The server offers no SFTP, or is gone.
    """
    files = SftpFiles(connection)
    known = connection.remembered(lambda: _asked(connection, files, check))
    wanted = path.removeprefix("~/") if path != "~" else "."
    whole = wanted if wanted.startswith("/") else f"{known.login}/{wanted}"
    return RemoteHome(connection, files, known.capabilities, whole.rstrip("/") or "/")


def capabilities_of(connection: Connection) -> Capabilities | None:
    """What the server can, as far as that was asked over this connection; nothing is asked."""
    known = connection.known
    return known.capabilities if isinstance(known, _Known) else None


class _Known(Struct, frozen=True):
    """What is asked once a connection.

    Attributes:
        capabilities: What the server can.
        login: The directory in which a login begins, without "/" at its end.
    """

    capabilities: Capabilities
    login: str


def _asked(connection: Connection, files: SftpFiles, check: Check) -> _Known:
    """Ask by a shell and by SFTP at the same time, as the shell takes a while.

    A connection without SFTP is of no use, and does not get any: where somebody repairs the server,
    that is for those who log in afterwards.
    """
    try:
        with probing(connection, check) as answer:
            login = files.login().rstrip("/")
            return _Known(answer(), login)
    except RemoteRefused:
        connection.close()
        raise
