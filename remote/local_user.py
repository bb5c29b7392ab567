"""Whose connections they are: what of this computer and its user matters for one."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

SYSTEM_FOLDER = Path("/etc/ssh")


@dataclass(frozen=True, slots=True)
class LocalUser:
    """Who connects: what of this computer and its user matters for a connection.

    Attributes:
        name: The login name.
        home: The home directory.
        environ: The environment of the process.
        system: The folder of the system's OpenSSH configuration.
    """

    name: str
    home: Path
    environ: Mapping[str, str] = field(repr=False)
    system: Path = SYSTEM_FOLDER

    @classmethod
    def current(cls) -> LocalUser:
        """The user of this process."""
        return cls(getpass.getuser(), Path.home(), os.environ)

    @property
    def ssh_folder(self) -> Path:
        """`~/.ssh`."""
        return self.home / ".ssh"

    @property
    def ssh_configs(self) -> tuple[Path, Path]:
        """OpenSSH's configuration, the user's before the system's; they need not exist."""
        return self.ssh_folder / "config", self.system / "ssh_config"

    def expand(self, path: str) -> Path:
        """`path` with `~` for the home directory; relative ones are below it, too."""
        return self.home / path.removeprefix("~/") if path != "~" else self.home
