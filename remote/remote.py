"""A remote as Guild's configuration describes it.

Every key of Guild's type `ssh` is known; other types are shown by name, and using one is an error
that says so. Keys that Guild does not know stay in the file and mean nothing here.

What is put into a shell command on the host (`guild-home` and the like) is quoted there; what goes
into the protocol or a local command (host, user) is checked here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from remote.errors import RemoteConfigError, RemoteUnsupported
from remote.host_options import check_host, check_user

SSH = "ssh"
DEFAULT_GUILD_HOME = ".guild"
DEFAULT_CONNECT_SECONDS = 10.0
NAME = re.compile(r"(?!-)[^\s/:\\\x00-\x1f\x7f]+")

KEYS: Mapping[str, str] = {
    "host": "the host, or its alias in ~/.ssh/config",
    "port": "TCP port, where it is not 22",
    "user": "who logs in",
    "private-key": "a private key on this computer; relative to the folder of the configuration",
    "connect-timeout": "seconds to wait for the host",
    "guild-home": "Guild home there; relative to the login directory",
    "venv-path": "virtual environment there",
    "guild-env": "the same, by its older name",
    "conda-env": "Conda environment there, by its path",
    "venv-activate": "command that activates the environment there",
    "use-prerelease": "whether Guild installs its pre-releases there",
    "init": "commands that prepare the host",
    "proxy": "command that makes the connection (ProxyCommand of OpenSSH)",
    "description": "what people should know",
}
"""Keys of a remote of type `ssh`, with what each is for."""


class Remote(Struct, frozen=True):
    """A configured place with runs of its own.

    Attributes:
        name: Its key in the configuration.
        type: "ssh", or another that is not supported.
        path: The file that describes it.
        values: All its keys, those of what it extends included, as written.
    """

    name: str
    type: str
    path: Path
    values: Mapping[str, Any]

    @property
    def is_supported(self) -> bool:
        """Whether Rundesk speaks its type."""
        return self.type == SSH

    @property
    def description(self) -> str:
        """Free text on it; empty for none."""
        return self._text("description") or ""

    @property
    def host(self) -> str:
        """The host, or its alias in the OpenSSH configuration; checked."""
        host = self._text("host").rpartition("@")[2]  # ssh takes `user@host` there, too
        if not host:
            raise self._wrong("host", "is missing")
        check_host(host, str(self.path))
        return host

    @property
    def port(self) -> int | None:
        """The TCP port; None for what the OpenSSH configuration says."""
        return self._number("port", 1, 65535)

    @property
    def user(self) -> str | None:
        """Who logs in; None for what the OpenSSH configuration says. Checked."""
        user = self._text("user") or self._text("host").rpartition("@")[0]
        if user:
            check_user(user, str(self.path))
        return user or None

    @property
    def private_key(self) -> Path | None:
        """A key to try first; relative names are below the folder of the file, as in Guild."""
        text = self._text("private-key")
        # Not expanduser: of a user who is not there it raises, where Guild finds no file.
        return self.path.parent / os.path.expanduser(text) if text else None

    @property
    def connect_timeout(self) -> float | None:
        """Seconds to wait for the host; None for what the OpenSSH configuration says."""
        return self._number("connect-timeout", 1, 3600)

    @property
    def proxy(self) -> str | None:
        """A command that makes the connection; None for none."""
        return self._text("proxy") or None

    @property
    def guild_home(self) -> str:
        """Guild home on the host; relative paths start in the login directory."""
        environment = self._text("conda-env") or self._text("venv-path") or self._text("guild-env")
        named = self._text("guild-home")
        if named:
            return named
        if self._text("conda-env") and "/" not in environment:
            raise self._wrong("conda-env", "names no path, so that “guild-home” is needed")
        return f"{environment.rstrip('/')}/.guild" if environment else DEFAULT_GUILD_HOME

    def require_supported(self) -> None:
        """Make sure that it can be connected to.

        Raises:
            RemoteUnsupported: It is of another type than `ssh`.
        """
        if not self.is_supported:
            raise RemoteUnsupported(
                f"The remote {self.name} is of type “{self.type}”, which Rundesk does not speak",
                path=self.path,
                remote=self.name,
                hint="Remotes of type “ssh” can be used.",
            )

    def _text(self, key: str) -> str:
        value = self.values.get(key)
        if value is None:
            return ""
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value)
        raise self._wrong(key, "is no text")

    def _number(self, key: str, least: int, most: int) -> int | None:
        text = self._text(key)
        if not text:
            return None
        if text.isascii() and text.isdigit() and least <= int(text[:9]) <= most:
            return int(text)
        raise self._wrong(key, f"must be a whole number from {least} to {most}")

    def _wrong(self, key: str, problem: str) -> RemoteConfigError:
        return RemoteConfigError(
            f"Cannot use the remote {self.name}: “{key}” {problem}",
            path=self.path,
            remote=self.name,
            hint=f"Correct it in {self.path}, or with “rundesk remote edit {self.name}”.",
        )
