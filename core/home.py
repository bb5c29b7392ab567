"""Which Guild home is meant: the one module of core that knows of environment names.

The order is Guild 0.9's, so that both programs show the same runs in the same terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct

from core.errors import HomeError

OPEN_HINT = "Name an existing directory with -H, or open one from the window."


class Home(Struct, frozen=True):
    """A Guild home: the directory that holds runs and their trash.

    Attributes:
        path: Absolute directory; its parts need not exist yet.
    """

    path: Path

    @property
    def runs_dir(self) -> Path:
        """Where runs are."""
        return self.path / "runs"

    @property
    def trash_dir(self) -> Path:
        """Where deleted runs are."""
        return self.path / "trash" / "runs"

    @property
    def name(self) -> str:
        """How the home is called on screen: the project's name for `project/.guild`."""
        if self.path.name != ".guild":
            return self.path.name
        return self.path.parent.name or str(self.path)


def resolve_home(
    explicit: Path | None, environ: Mapping[str, str], cwd: Path, user_home: Path
) -> Home:
    """Find the home by Guild's rules; the first that applies wins.

    Args:
        explicit: What the user named with -H; None when nothing was.
        environ: Environment of the process.
        cwd: Directory from which the nearest `.guild` is looked for, upwards.
        user_home: The user's home directory.

    Raises:
        HomeError: The home that was named does not exist or is no directory.
    """
    named = explicit or (Path(environ["GUILD_HOME"]) if environ.get("GUILD_HOME") else None)
    if named is not None:
        return open_home(_expanded(named, user_home), cwd)
    prefixes = [environ[name] for name in ("CONDA_PREFIX", "VIRTUAL_ENV") if environ.get(name)]
    if environ.get("GUILD_HOME_SCHEME") in ("pre-0.9", "legacy"):
        return Home(Path(prefixes[0] if prefixes else user_home) / ".guild")
    for prefix in prefixes:
        if (Path(prefix) / ".guild").is_dir():
            return Home(Path(prefix) / ".guild")
    return Home(_nearest(cwd, user_home) or user_home / ".guild")


def open_home(path: Path, cwd: Path | None = None) -> Home:
    """The home at `path`, which must be a directory.

    Raises:
        HomeError: `path` does not exist or is no directory.
    """
    absolute = (cwd or Path.cwd()) / path
    if not absolute.exists():
        raise HomeError(f"Cannot open {path}: there is no such directory.", hint=OPEN_HINT)
    if not absolute.is_dir():
        raise HomeError(f"Cannot open {path}: it is not a directory.", hint=OPEN_HINT)
    return Home(absolute)


def find_home_in(folder: Path) -> Home | None:
    """The home that a dropped folder means: itself, its `.guild`, or the home around `runs`."""
    for candidate in (folder, folder / ".guild"):
        if (candidate / "runs").is_dir():
            return Home(candidate.absolute())
    if folder.name == "runs" and folder.is_dir() and _holds_runs(folder):
        return Home(folder.absolute().parent)
    return None


def _holds_runs(folder: Path) -> bool:
    return any((entry / ".guild" / "opref").exists() for entry in folder.iterdir())


def _expanded(path: Path, user_home: Path) -> Path:
    parts = path.parts
    return user_home.joinpath(*parts[1:]) if parts[:1] == ("~",) else path


def _nearest(cwd: Path, user_home: Path) -> Path | None:
    for directory in (cwd, *cwd.parents):
        if (directory / ".guild").is_dir():
            return directory / ".guild"
        if directory == user_home:
            return None
    return None
