"""What a directory holds, down to times and modes, for tests that say "nothing changed"."""

from __future__ import annotations

import os
import stat
from pathlib import Path


def tree(top: Path, *, times: bool = True) -> dict[str, tuple[object, ...]]:
    """Every entry below a directory: path to kind, mode, time and content.

    Args:
        top: The directory; the result is empty where there is none.
        times: Whether times of modification are part of it (those of directories never are,
            unless they hold nothing that could have moved them).
    """
    found: dict[str, tuple[object, ...]] = {}
    for directory, names, files in os.walk(top):
        for name in [*names, *files]:
            path = f"{directory}/{name}"
            at = os.lstat(path)
            when = at.st_mtime_ns if times and not stat.S_ISDIR(at.st_mode) else 0
            found[os.path.relpath(path, top)] = (
                stat.filemode(at.st_mode),
                when,
                _content(Path(path)),
            )
    return found


def _content(path: Path) -> bytes | str:
    if path.is_symlink():
        return str(path.readlink())
    return path.read_bytes() if path.is_file() else ""
