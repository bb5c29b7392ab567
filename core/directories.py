"""Where the application keeps its own files: never inside a Guild home."""

from __future__ import annotations

from pathlib import Path

import platformdirs
from msgspec import Struct


class Directories(Struct, frozen=True):
    """The application's own directories; none need exist yet.

    Attributes:
        config: Settings, saved lists, window state.
        cache: What can be deleted at any time: indexes.
        state: Log files.
    """

    config: Path
    cache: Path
    state: Path

    @classmethod
    def of_user(cls) -> Directories:
        """The platform's places for the current user."""
        dirs = platformdirs.PlatformDirs("rundesk", appauthor=False)
        return cls(dirs.user_config_path, dirs.user_cache_path, dirs.user_state_path)

    @classmethod
    def within(cls, path: Path) -> Directories:
        """All of them below one directory, apart from the user's own (tests, try-outs)."""
        return cls(path, path / "cache", path / "state")
