"""The smallest look at a run's files that tells whether it changed since it was read.

Why these five: Guild rewrites labels, tags and comments in place, which moves no directory's time;
everything else it does creates or removes a file in `.guild` or `attrs` (seen for every command:
starts, ends, stages, marks, first comments, restarts).
Times are compared for inequality, never "newer than": copies and restores set them back. The
inode's change time is part of it because nothing can set that one.
"""

from __future__ import annotations

import os
from functools import lru_cache

IN_PLACE = ("label", "tags", "comments")

# Two writes within one tick of an older kernel's clock leave equal times: a run whose files are
# this fresh (nanoseconds) when it is read is read once more later.
FRESH = 2_000_000_000


def sign(run_dir: str, attr_names: str | None, *, is_batch: bool = False) -> tuple[int, int]:
    """A number that differs when the run's files changed, and when they last did.

    Args:
        run_dir: The run's directory.
        attr_names: Names of its attributes when it was read, one a line.
        is_batch: Whether links to trials may be added to its directory.

    Returns:
        A number of 64 bits, 0 where the run is gone; the newest modification time in
        nanoseconds since 1970.
    """
    numbers: list[int] = []
    newest = 0
    for suffix in _looks(attr_names or "", is_batch):
        try:
            stat = os.stat(run_dir + suffix)
        except OSError as e:
            if suffix == "/.guild" and isinstance(e, FileNotFoundError | NotADirectoryError):
                return _dead_link(run_dir), 0
            numbers.append(e.errno or 1)
        else:
            numbers += (stat.st_mtime_ns, stat.st_ctime_ns, stat.st_size)
            newest = max(newest, stat.st_mtime_ns)
    return hash(tuple(numbers)) or 1, newest


def _dead_link(run_dir: str) -> int:
    """A link that leads nowhere is there and stays as it is."""
    return 2 if os.path.islink(run_dir) and not os.path.exists(run_dir) else 0


@lru_cache(maxsize=4096)
def _looks(attr_names: str, is_batch: bool) -> tuple[str, ...]:  # noqa: FBT001 - cached by position
    names = set(attr_names.split("\n"))
    in_place = tuple(f"/.guild/attrs/{name}" for name in IN_PLACE if name in names)
    root = ("",) if is_batch or "steps" in names else ()
    return ("/.guild", "/.guild/attrs", *in_place, *root)
