"""What interrupted pulls keep here until they are gone on with; nothing of SSH is loaded for it."""

from __future__ import annotations

import os
from collections.abc import Iterator

from core.archives.incoming import staging_bases
from core.home import Home
from core.runs.disk_size import disk_size

PREFIX = "pull-"
"""How the directory of a remote begins, below those that `staging_bases` names."""

KEPT_DAYS = 14
"""So long it is kept; the next transfer after that removes it."""


def kept_bytes(home: Home) -> int:
    """How much of runs that are not whole yet is kept."""
    return sum(disk_size(path).bytes for path in _areas(home))


def _areas(home: Home) -> Iterator[str]:
    for base in staging_bases(home):
        try:
            names = os.listdir(base)
        except OSError:
            continue
        yield from (f"{base}/{name}" for name in names if name.startswith(PREFIX))
